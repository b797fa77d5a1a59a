//! The same commands and responses, read by another implementation.

use crate::common::*;
use imap_codec::decode::{CommandDecodeError, Decoder, ResponseDecodeError};
use imap_codec::{CommandCodec, GreetingCodec, ResponseCodec};

const MESSAGES: [&str; 3] = [
    "From: =?utf-8?q?Jos=C3=A9?= <j@lab.test>, b@x (Comment)\r\nTo: Team: a@x, \"B \\\" C\" <b@y>;\r\nCc: root\r\nSubject: a\\b \"c\"\r\nIn-Reply-To: <0@x>\r\n\r\nhi\r\n",
    "Subject: \u{e9}\r\nContent-Type: multipart/mixed; boundary=\"b b\"\r\n\r\n--b b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\na\r\n--c\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--c--\r\n--b b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"x y.eml\"\r\n\r\nSubject: in\r\n\r\nbody\r\n--b b\r\nContent-Type: application/pdf; name*=utf-8''a%20b\r\nContent-ID: <1@x>\r\nContent-Language: es, en\r\nContent-Location: x\r\nContent-MD5: abc\r\nContent-Description: \u{e9}\r\n\r\nPDF\r\n--b b--\r\n",
    "",
];

/// Commands that are read, and what is wrong with those that are not.
const COMMANDS: &[&str] = &[
    "NOOP",
    "CAPABILITY",
    "LOGIN ana secret",
    "LOGIN \"a\\\"b\" {3+}\r\nabc",
    "LOGIN ana",
    "LOGIN ana secret more",
    "AUTHENTICATE PLAIN",
    "SELECT INBOX",
    "SELECT \"inbox\"",
    "SELECT",
    "SELECT (x)",
    "SELECT a]b",
    "EXAMINE Sent",
    "CREATE {3+}\r\nNew",
    "RENAME Sent Sent2",
    "RENAME Sent",
    "LIST \"\" *",
    "LIST \"\" \"%\"",
    "LIST a%b *]",
    "LIST *",
    "LSUB \"\" x*",
    "STATUS Sent (MESSAGES UIDNEXT UNSEEN RECENT UIDVALIDITY)",
    "STATUS Sent ()",
    "STATUS Sent MESSAGES",
    "CHECK",
    "CLOSE",
    "UNSELECT",
    "EXPUNGE",
    "UID EXPUNGE 1:*",
    "UID EXPUNGE",
    "FETCH 1 ALL",
    "FETCH 1 FULL",
    "FETCH 1 (FAST)",
    "FETCH 1 FAST",
    "FETCH 1,2:3,* (FLAGS UID)",
    "FETCH 0 FLAGS",
    "FETCH 1: FLAGS",
    "FETCH 1 ()",
    "FETCH 1 (FLAGS  UID)",
    "FETCH 1 BODY",
    "FETCH 1 BODY[]",
    "FETCH 1 BODY[]<0.10>",
    "FETCH 1 BODY[]<0.0>",
    "FETCH 1 BODY[]<10>",
    "FETCH 1 BODY.PEEK[1.2.HEADER]",
    "FETCH 1 BODY.PEEK[1.MIME]",
    "FETCH 1 BODY.PEEK[MIME]",
    "FETCH 1 BODY.PEEK[0]",
    "FETCH 1 BODY.PEEK[1.]",
    "FETCH 1 BODY.PEEK[.1]",
    "FETCH 1 BODY.PEEK[1 ]",
    "FETCH 1 BODY[HEADER.FIELDS (From \"To\")]",
    "FETCH 1 BODY[HEADER.FIELDS ()]",
    "FETCH 1 BODY[1.HEADER.FIELDS.NOT (From)]",
    "FETCH 1 (RFC822 RFC822.SIZE RFC822.HEADER RFC822.TEXT INTERNALDATE BODYSTRUCTURE ENVELOPE)",
    "FETCH 1 XYZZY",
    "UID FETCH 1:* FLAGS",
    "STORE 1 FLAGS (\\Seen $x)",
    "STORE 1 +FLAGS.SILENT \\Seen \\Deleted",
    "STORE 1 -FLAGS ()",
    "STORE 1 FLAGS",
    "STORE 1 FLAGS (\\Seen",
    "UID STORE 1 FLAGS (\\Answered)",
    "COPY 1 Sent",
    "COPY 1",
    "MOVE 1 Sent",
    "UID COPY 1:2 \"Sent\"",
    "UID MOVE 1 Sent",
    "SEARCH ALL",
    "SEARCH",
    "SEARCH CHARSET UTF-8 ALL",
    "SEARCH 1:2 UID 3 (SEEN OR DELETED NOT NEW)",
    "SEARCH ()",
    "SEARCH (SEEN",
    "SEARCH OR SEEN",
    "SEARCH NOT",
    "SEARCH BEFORE 1-Feb-2026 SENTON \"11-Dec-2026\"",
    "SEARCH BEFORE 1-Foo-2026",
    "SEARCH HEADER X-A \"b c\" LARGER 3",
    "SEARCH LARGER x",
    "SEARCH FROM ana SUBJECT {1+}\r\nx BODY y TEXT z BCC b CC c TO d",
    "SEARCH KEYWORD $x UNKEYWORD y",
    "SEARCH XYZZY",
    "UID SEARCH UNSEEN",
    "IDLE",
    "LOGOUT",
    "XYZZY",
];

/// Whether the other implementation reads the command. Literals are in the text already.
fn is_read_by_codec(command: &str) -> bool {
    match CommandCodec::default().decode(command.as_bytes()) {
        Ok((rest, _)) => rest.is_empty(),
        Err(CommandDecodeError::Failed) => false,
        Err(other) => panic!("{command}: {other:?}"),
    }
}

#[test]
fn commands_are_read_where_the_other_reads_them() {
    let mut different = Vec::new();
    for command in COMMANDS {
        let line = format!("a {command}\r\n");
        let mut player = selected(&MESSAGES);
        if command.starts_with("LOGIN") || command.starts_with("AUTHENTICATE") {
            player = Player::new(config(), connection(true));
        }
        player.sent.clear();
        player.feed(line.as_bytes());
        let is_read = !String::from_utf8_lossy(&player.sent).contains("a BAD");
        if is_read != is_read_by_codec(&line) {
            different.push((*command, is_read));
        }
    }
    // The other one takes empty lists, which RFC 3501 §9 does not have (`status-att` and `fetch-att` come at least once).
    assert_eq!(different, [("STATUS Sent ()", false), ("FETCH 1 ()", false)]);
}

/// Reads all of a session's responses with the other implementation.
fn assert_readable(mut octets: &[u8]) -> usize {
    let mut count = 0;
    while !octets.is_empty() {
        match ResponseCodec::default().decode(octets) {
            Ok((rest, _)) => octets = rest,
            Err(ResponseDecodeError::Failed | ResponseDecodeError::Incomplete) => {
                let line = String::from_utf8_lossy(&octets[..octets.len().min(400)]).into_owned();
                panic!("not readable: {line}");
            }
            Err(other) => panic!("{other:?}"),
        }
        count += 1;
    }
    count
}

#[test]
fn responses_are_read_by_the_other() {
    let mut player = Player::new(config(), connection(true));
    let greeting = std::mem::take(&mut player.sent);
    assert!(GreetingCodec::default().decode(&greeting).unwrap().0.is_empty());
    MESSAGES.iter().for_each(|message| player.model.deliver(message.as_bytes()));
    for command in [
        "a CAPABILITY",
        "a LOGIN ana wrong",
        "a LOGIN ana secret",
        "a LIST \"\" *",
        "a LSUB \"\" *",
        "a STATUS INBOX (MESSAGES UIDNEXT)",
        "a SELECT INBOX",
        "a FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE)",
        "a FETCH 1:* (BODY[] BODY[1] BODY[2.MIME] BODY[HEADER] BODY[1.1]<0.3> RFC822 RFC822.TEXT)",
        "a FETCH 1:* BODY.PEEK[HEADER.FIELDS (Subject To)]",
        "a FETCH 2 BODY.PEEK[2.HEADER.FIELDS.NOT (To)]",
        "a STORE 1:2 +FLAGS (\\Deleted $New)",
        "a SEARCH ALL",
        "a SEARCH BODY nothing",
        "a COPY 1:2 Sent",
        "a MOVE 3 Sent",
        "a EXPUNGE",
        "a SEARCH CHARSET KOI8-R ALL",
        "a APPEND Sent {2+}\r\nab",
        "a XYZZY",
        "a LOGOUT",
    ] {
        player.feed(format!("{command}\r\n").as_bytes());
        let sent = std::mem::take(&mut player.sent);
        assert!(assert_readable(&sent) > 0, "{command}");
    }
}
