//! Plays dialogues against a client session: the only place in these tests that knows its API.
//!
//! A transcript is one line for each thing that happens:
//! ```text
//! ! tls=required user          settings, see `settings`
//! S: 220 mx.test               the server sends a line
//! S+ 220                       the same without CRLF
//! C: EHLO client.test          the client sends a line, as it is masked
//! >  deliver a@x.test to b@y.test,c@y.test 8bit     an event: deliver, tls, tls-failed, sent, unreadable, planned,
//!                              unplannable, timeout, lost, end
//! =  ready                     another output
//! # a comment
//! ```
//! The test runs the inputs and compares all that happened, in order, with the transcript.

mod player;
mod settings;

pub use player::{Player, output_text};
pub use settings::{settings, tls, transaction};

/// Runs a transcript.
pub fn check(transcript: &str) {
    let lines: Vec<String> = transcript.lines().filter_map(normalised).collect();
    let (words, expected): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.starts_with("! "));
    let words: Vec<&str> = words.iter().flat_map(|line| line[2..].split_whitespace()).collect();
    let mut player = Player::new(&words);
    for line in &expected {
        player.play(line);
    }
    let actual: Vec<String> = player.into_log().iter().filter_map(|line| normalised(line)).collect();
    let same = expected.iter().zip(&actual).take_while(|(one, other)| **one == *other).count();
    assert!(
        expected.iter().copied().eq(&actual),
        "at line {same}:\n  expected {:?}\n  happened {:?}\nAll that happened:\n{}\n",
        expected.get(same),
        actual.get(same),
        actual.join("\n"),
    );
}

/// Plays a dialogue that begins after EHLO, with these words of EHLO.
pub fn after_ehlo(settings: &str, offered: &str, dialogue: &str) {
    let words: Vec<&str> = offered.split(',').filter(|word| !word.is_empty()).collect();
    let mut lines = vec!["mx.test".to_owned()];
    lines.extend(words.iter().map(|word| (*word).to_owned()));
    let last = lines.len() - 1;
    let reply: String = lines
        .iter()
        .enumerate()
        .map(|(at, line)| format!("S: 250{}{line}\n", if at == last { ' ' } else { '-' }))
        .collect();
    check(&format!("! {settings}\nS: 220 mx.test ESMTP\nC: EHLO client.test\n{reply}{dialogue}"));
}

/// Kind, one space, text. Blank lines and comments are dropped.
fn normalised(line: &str) -> Option<String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (kind, text) = if line.starts_with("C:") || line.starts_with("S:") || line.starts_with("S+") {
        line.split_at(2)
    } else {
        line.split_at(1)
    };
    Some(format!("{kind} {}", text.trim_start()))
}
