//! Whatever comes, in whatever pieces: the answer is the same and nothing breaks.

use crate::common::*;
use proptest::prelude::*;

const MESSAGE: &str =
    "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n";

/// Pieces of commands, so that interesting states are reached.
fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    let piece = prop::sample::select(vec![
        "a NOOP\r\n",
        "a LOGIN ana secret\r\n",
        "a LOGIN {3}\r\nana {6+}\r\nsecret\r\n",
        "a AUTHENTICATE PLAIN\r\n",
        "a AUTHENTICATE SCRAM-SHA-256 biwsbj1hbmEscj1hYmM=\r\n",
        "AGFuYQBzZWNyZXQ=\r\n",
        "*\r\n",
        "a SELECT INBOX\r\n",
        "a EXAMINE INBOX\r\n",
        "a LIST \"\" *\r\n",
        "a STATUS Sent (MESSAGES)\r\n",
        "a FETCH 1:* (FLAGS BODY[] BODY.PEEK[1.MIME] ENVELOPE BODYSTRUCTURE)\r\n",
        "a UID FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]<2.5>\r\n",
        "a STORE 1 +FLAGS (\\Deleted x)\r\n",
        "a SEARCH OR BODY one NOT SUBJECT {1}\r\nx\r\n",
        "a COPY 1 Sent\r\n",
        "a UID MOVE 1 Sent\r\n",
        "a EXPUNGE\r\n",
        "a APPEND INBOX (\\Seen) {5}\r\nhello\r\n",
        "a APPEND INBOX {5+}\r\nhello {3+}\r\nabc\r\n",
        "a APPEND Nowhere {5+}\r\nhello\r\n",
        "a APPEND INBOX {2000+}\r\n",
        "a IDLE\r\n",
        "DONE\r\n",
        "a CLOSE\r\n",
        "a UNSELECT\r\n",
        "a STARTTLS\r\n",
        "a LOGOUT\r\n",
        "{99+}\r\n",
        "\r\n",
        "\n",
        " ",
        "\"",
        "a",
        "(",
        "\u{e9}\0",
    ]);
    prop::collection::vec(piece, 0..12)
}

/// What is sent when the input comes in pieces of this size.
fn sent(input: &[u8], size: usize) -> (Vec<u8>, bool, Vec<String>) {
    let mut player = logged_in_or_not(input.len().is_multiple_of(2));
    player.model.deliver(MESSAGE.as_bytes());
    for chunk in input.chunks(size.max(1)) {
        if !player.closed {
            player.feed(chunk);
        }
    }
    (player.sent, player.closed, player.heard)
}

fn logged_in_or_not(is_in: bool) -> Player {
    if is_in { logged_in() } else { Player::new(config(), connection(true)) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_chunking_gives_the_same(pieces in pieces(), size in 1_usize..9) {
        // STARTTLS throws away what came with it, and that depends on how it came.
        let input: String = pieces.into_iter().filter(|piece| !piece.contains("STARTTLS")).collect();
        prop_assert_eq!(sent(input.as_bytes(), size), sent(input.as_bytes(), usize::MAX));
    }

    #[test]
    fn pieces_of_commands_in_any_order_never_panic(pieces in pieces()) {
        sent(pieces.concat().as_bytes(), 7);
    }

    #[test]
    fn arbitrary_octets_never_panic(input in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..50) {
        sent(&input, size);
    }

    #[test]
    fn arbitrary_arguments_never_panic(
        command in prop::sample::select(vec![
            "FETCH 1 ", "FETCH 1 BODY[", "SEARCH ", "STORE 1 ", "APPEND ", "LIST ", "STATUS ", "ID ", "UID ", "LOGIN ",
        ]),
        input in "[ -~]{0,40}",
    ) {
        let mut player = selected(&[MESSAGE]);
        player.feed(format!("a {command}{input}\r\nb NOOP\r\n").as_bytes());
        prop_assert_eq!(player.closed, player.session.is_closed());
    }
}
