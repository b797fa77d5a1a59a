//! Servers that are not honest, or no SMTP servers at all.

use crate::common::{Player, check};
use proptest::prelude::*;

#[test]
fn something_else_than_smtp_is_named_as_such() {
    let fault = |text: &str| {
        format!(
            "= failed Deferred 4.5.0 protocol error of mx while receiving the initial server greeting: {text}"
        )
    };
    check(&format!("S: SSH-2.0-OpenSSH\n{}", fault("a line that is no SMTP reply")));
    check(&format!("S+ 220 x\\n\n{}", fault("a reply line with a bare CR or LF")));
    check(&format!("S: 220-x\nS: 221 x\n{}", fault("a reply whose lines have different codes")));
    check(&format!("S: {}\n{}", "x".repeat(13_000), fault("a reply line that is too long")));
}

#[test]
fn an_endless_reply_ends() {
    let mut player = Player::new(&[]);
    for _ in 0..1000 {
        player.receive(b"220-and another thing\r\n");
    }
    assert_eq!(
        player.into_log(),
        [
            "= failed Deferred 4.5.0 protocol error of mx while receiving the initial server greeting: a reply with too many lines"
        ]
    );
}

/// A driver as simple as can be: delivers when it can, converts nothing, sends content at once.
fn log(words: &str, chunks: &[&[u8]]) -> Vec<String> {
    let mut player = Player::new(&words.split(' ').collect::<Vec<_>>());
    let mut seen = 0;
    for chunk in chunks {
        player.receive(chunk);
        while let Some(line) = player.log().get(seen).cloned() {
            seen += 1;
            match line.as_str() {
                "= ready" => player.event("deliver a@x.test to b@y.test,c@y.test,d@y.test 8bit"),
                "= plan" => player.event("planned"),
                "= starttls" => player.event("tls"),
                _ => {}
            }
        }
    }
    player.into_log()
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => Just(b"250 ok\r\n".to_vec()),
        1 => Just(b"220 mx\r\n".to_vec()),
        1 => Just(b"250-mx\r\n250-PIPELINING\r\n250-AUTH PLAIN CRAM-MD5\r\n250-8BITMIME\r\n250 SIZE 10000\r\n".to_vec()),
        1 => Just(b"354 go\r\n".to_vec()),
        1 => Just(b"334 PDFAeD4=\r\n".to_vec()),
        1 => Just(b"235 ok\r\n".to_vec()),
        1 => Just(b"452 4.5.3 too many\r\n".to_vec()),
        1 => Just(b"550 5.1.1 no\r\n".to_vec()),
        1 => Just(b"421 4.3.2 stop\r\n".to_vec()),
        1 => Just(b"250 ok\n".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => "[2-5][0-5][0-9][ -][ -~]{0,30}\r\n".prop_map(String::into_bytes),
    ]
}

proptest! {
    /// Invariant 4. STARTTLS is not among the pieces, because there it matters how the input is cut.
    #[test]
    fn the_cuts_of_the_input_do_not_matter(
        pieces in prop::collection::vec(piece(), 0..25),
        cuts in prop::collection::vec(1_usize..30, 0..60),
        words in prop::sample::select(&["tls", "tls user", "loopback user tls=never"][..]),
    ) {
        let input = [&b"220 mx\r\n"[..], &pieces.concat()].concat();
        let mut chunks = Vec::new();
        let mut rest = &input[..];
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            chunks.push(head);
            rest = tail;
        }
        chunks.push(rest);
        let octets: Vec<&[u8]> = input.chunks(1).collect();
        // Replies that come before their commands are the one thing that depends on the driver's pace: both are cut so
        // that each line is handled before the next event.
        prop_assert_eq!(by_lines(words, &octets), by_lines(words, &chunks));
    }

    /// Invariants 1 and 5: whatever comes, each recipient has one outcome, and none is delivered without a 2yz after
    /// content.
    #[test]
    fn each_recipient_has_one_outcome(pieces in prop::collection::vec(piece(), 0..25), words in prop::sample::select(&["tls", "tls user"][..])) {
        let input = [&b"220 mx\r\n"[..], &pieces.concat()].concat();
        let mut player = Player::new(&words.split(' ').collect::<Vec<_>>());
        let (mut seen, mut content, mut delivered) = (0, false, 0);
        let mut open = 0;
        let mut events = |player: &mut Player| {
            while let Some(line) = player.log().get(seen).cloned() {
                seen += 1;
                let words: Vec<&str> = line.split(' ').collect();
                match words[..] {
                    ["=", "ready"] => {
                        assert_eq!(open, 0);
                        open = 3;
                        player.event("deliver a@x.test to b@y.test,c@y.test,d@y.test");
                    }
                    ["=", "content"] => {
                        content = true;
                        player.event("sent");
                    }
                    ["=", _, "Delivered", ..] => {
                        assert!(content, "delivered without content");
                        open -= 1;
                        delivered += 1;
                    }
                    ["=", index, "Failed" | "Deferred", ..] if index.len() == 1 => open -= 1,
                    ["=", "delivered"] => {
                        assert_eq!(open, 0, "a recipient without outcome");
                        content = false;
                    }
                    _ => {}
                }
            }
            open
        };
        for chunk in input.split_inclusive(|&octet| octet == b'\n') {
            player.receive(chunk);
            events(&mut player);
        }
        player.event("lost");
        prop_assert_eq!(events(&mut player), 0);
    }
}

/// Cuts the chunks further at line ends.
fn by_lines(words: &str, chunks: &[&[u8]]) -> Vec<String> {
    let lines: Vec<&[u8]> =
        chunks.iter().flat_map(|chunk| chunk.split_inclusive(|&octet| octet == b'\n')).collect();
    log(words, &lines)
}
