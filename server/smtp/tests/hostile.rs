//! Input that no honest client sends.

mod common;

use common::{Answers, Player, settings};
use postigo_smtp::command::Command;
use postigo_smtp::{Address, BadAddress};
use proptest::prelude::*;

/// What happens when the client sends these chunks.
fn log(words: &str, chunks: &[&[u8]]) -> Vec<String> {
    let (config, connection, _) = settings(words.split_whitespace());
    let mut player = Player::new(config, connection, Answers::Yes, false);
    chunks.iter().for_each(|chunk| player.receive(chunk));
    player.into_log()
}

/// Pieces of dialogues, good and bad. STARTTLS is not among them, because there it matters how the input is cut.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"EHLO x\r\n".to_vec()),
        Just(b"MAIL FROM:<a@x.test>\r\n".to_vec()),
        Just(b"RCPT TO:<b@lab.test>\r\n".to_vec()),
        Just(b"DATA\r\n".to_vec()),
        Just(b"hola\r\n..\r\n.\r\n".to_vec()),
        Just(b".\r\n".to_vec()),
        Just(b"BDAT 7\r\nhola\r\n\r".to_vec()),
        Just(b"BDAT 5 LAST\r\n\n.\r\n.".to_vec()),
        Just(b"BDAT 0 LAST\r\n".to_vec()),
        Just(b"BDAT 30\r\n".to_vec()),
        Just(b"MAIL FROM:<a@x.test> BODY=BINARYMIME\r\nRCPT TO:<b@lab.test> NOTIFY=DELAY\r\n".to_vec()),
        Just(b"\r\n.\n".to_vec()),
        Just(b"AUTH LOGIN\r\nYW5h\r\nc2VjcmV0\r\n".to_vec()),
        Just(b"AUTH SCRAM-SHA-256 biwsbj1hbmEscj1hYmM=\r\n".to_vec()),
        Just(b"RSET\r\n".to_vec()),
        Just(b"NOOP\n".to_vec()),
        Just(vec![b'x'; 13_000]),
        prop::collection::vec(any::<u8>(), 0..40),
        "[A-Z]{4} (FROM|TO):<?[ -~]{0,30}>?( [A-Z]+=[ -~]{0,5})?\r\n".prop_map(String::into_bytes),
    ]
}

proptest! {
    /// Invariant 5 of the crate.
    #[test]
    fn the_cuts_of_the_input_do_not_matter(
        pieces in prop::collection::vec(piece(), 0..20),
        cuts in prop::collection::vec(1_usize..30, 0..60),
        words in prop::sample::select(&["", "loopback normalise", "tls size=8", "submission loopback"][..]),
    ) {
        let input = pieces.concat();
        let mut chunks = Vec::new();
        let mut rest = &input[..];
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            chunks.push(head);
            rest = tail;
        }
        chunks.push(rest);
        prop_assert_eq!(log(words, &[&input]), log(words, &chunks));
    }

    /// Invariants 1 and 6: no panic, and only well-formed replies.
    #[test]
    fn noise_gets_well_formed_replies(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20)) {
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        for line in log("", &chunks) {
            if let Some(reply) = line.strip_prefix("S: ") {
                let octets = reply.as_bytes();
                prop_assert!(octets.iter().all(|octet| matches!(octet, b' '..=b'~')), "{reply}");
                prop_assert!(octets[..3].iter().all(u8::is_ascii_digit) && matches!(octets[3], b' ' | b'-'), "{reply}");
            }
        }
    }

    /// Invariant 1, counted: as many replies as lines, until the session closes.
    #[test]
    fn each_line_has_one_reply(lines in prop::collection::vec("(NOOP|VRFY|RSET|[a-z ]{0,9})\r\n", 0..15)) {
        let input = lines.concat();
        let replies = log("", &[input.as_bytes()]).iter().filter(|line| line.starts_with("S: ")).count();
        prop_assert_eq!(replies, lines.len() + 1);
    }

    /// What is read is written so that it is read as the same, and never longer than its limits.
    #[test]
    fn addresses_are_read_back_from_what_is_written(
        text in prop_oneof!["[a.\"\\\\@ >~]{0,8}@[a.\\[\\]:6_-]{0,8}", "\"([ -~]|\\\\[ -~]){0,70}\"@a\\.test", "[a-z.]{1,70}@[a-z.]{1,260}"],
    ) {
        match Address::parse(text.as_bytes()) {
            Ok(address) => {
                prop_assert_eq!(Address::parse(address.to_string().as_bytes()), Ok(address));
            }
            Err(bad) => prop_assert!(bad != BadAddress::NonAscii, "{text}"),
        }
    }

    #[test]
    fn commands_are_read_without_panic(
        line in prop_oneof![
            "(MAIL FROM|RCPT TO|AUTH|EHLO|BDAT):?[ ]{0,2}<?[ -~]{0,20}>?( (SIZE|BODY|AUTH|ENVID|ORCPT|NOTIFY|RET|X)=?[ -~]{0,12}){0,3}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..60),
        ],
    ) {
        let _ = Command::parse(&line);
    }
}
