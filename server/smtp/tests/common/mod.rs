//! Plays dialogues against a session: the only place in the tests that knows its API.
//!
//! A transcript is one line for each thing that happens:
//! ```text
//! ! submission loopback       settings, see `settings`; the default is the MTA service, TLS available, a remote peer
//! C: EHLO client.test         the client sends a line; `\r`, `\n`, `\t`, `\\` and `\x00` stand for octets
//! C+ EHLO                     the same without CRLF
//! S: 250 mail.lab.test        the server sends a line
//! ?  sender <a@b> -> accept   the session asks, and this is the answer
//! >  tls                      an event: tls, timeout, shutdown
//! =  close                    another output: close, starttls, discard, content <octets>
//! *  quit                     a note; only with the setting `notes`
//! # a comment
//! ```
//! The test runs the inputs and compares all that happened, in order, with the transcript.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod player;
mod settings;

pub use player::{Answers, Player};
pub use settings::settings;

use std::collections::VecDeque;

/// Runs a transcript.
pub fn check(transcript: &str) {
    let expected: Vec<String> = transcript.lines().filter_map(normalised).collect();
    let (settings_lines, rest): (Vec<_>, Vec<_>) = expected.iter().partition(|line| line.starts_with("! "));
    let words = settings_lines.iter().flat_map(|line| line[2..].split_whitespace());
    let (config, connection, notes) = settings(words);
    let answers: VecDeque<String> = rest.iter().filter_map(|line| answer_of(line)).collect();
    let mut player = Player::new(config, connection, Answers::Script(answers), notes);
    for line in &rest {
        player.play(line);
    }
    let actual: Vec<String> = player.into_log().iter().filter_map(|line| normalised(line)).collect();
    let expected: Vec<&str> = rest.iter().map(|line| line.as_str()).collect();
    let first_difference = expected.iter().zip(&actual).take_while(|(one, other)| *one == other).count();
    assert!(
        actual == expected,
        "at line {first_difference}:\n  expected {:?}\n  happened {:?}\nAll that happened:\n{}\n",
        expected.get(first_difference),
        actual.get(first_difference),
        actual.join("\n"),
    );
}

/// Kind, one space, text. Blank lines and comments are dropped.
fn normalised(line: &str) -> Option<String> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (kind, text) = if line.starts_with("C:") || line.starts_with("C+") || line.starts_with("S:") {
        line.split_at(2)
    } else {
        line.split_at(1)
    };
    // A reply or command may begin with spaces of its own; the first one belongs to the format.
    let text = if kind.len() == 2 { text.strip_prefix(' ').unwrap_or(text) } else { text.trim_start() };
    Some(format!("{kind} {text}"))
}

fn answer_of(line: &str) -> Option<String> {
    let question = line.strip_prefix("? ")?;
    Some(question.split_once(" -> ").unwrap_or_else(|| panic!("no answer in {line}")).1.to_owned())
}

/// `\r`, `\n`, `\t`, `\\` and `\x00` to octets.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let [octet, after @ ..] = rest {
        rest = after;
        if *octet != b'\\' {
            octets.push(*octet);
            continue;
        }
        let (octet, after) = match rest {
            [b'r', after @ ..] => (b'\r', after),
            [b'n', after @ ..] => (b'\n', after),
            [b't', after @ ..] => (b'\t', after),
            [b'\\', after @ ..] => (b'\\', after),
            [b'x', high, low, after @ ..] => {
                let digits = [*high, *low];
                (u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap(), after)
            }
            _ => panic!("bad escape in {text}"),
        };
        octets.push(octet);
        rest = after;
    }
    octets
}
