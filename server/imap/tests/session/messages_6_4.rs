//! RFC 3501 §6.4 (selected state), RFC 4315 (UIDPLUS), RFC 6851 (MOVE).

use crate::common::*;
use postigo_imap::limits;

const MULTIPART: &str = "From: Ana <ana@lab.test>\r\nTo: luis@lab.test\r\nSubject: =?utf-8?q?Papeler=C3=ADa?=\r\nDate: Tue, 24 Nov 2026 12:00:00 +0100\r\nMessage-ID: <1@lab.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhola\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nTo: x@y.test\r\n\r\ninner\r\n--b--\r\n";

#[test]
fn fetch_items() {
    check_with(
        &mut selected(&[MULTIPART]),
        r#"
        C: a FETCH 1 (FLAGS UID RFC822.SIZE INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Recent) UID 1 RFC822.SIZE 326 INTERNALDATE "24-Nov-2026 12:00:00 +0000")
        S: a OK Fetched
        C: b FETCH 1 ENVELOPE
        S: * 1 FETCH (ENVELOPE ("Tue, 24 Nov 2026 12:00:00 +0100" "=?utf-8?q?Papeler=C3=ADa?=" (("Ana" NIL "ana" "lab.test")) (("Ana" NIL "ana" "lab.test")) (("Ana" NIL "ana" "lab.test")) ((NIL NIL "luis" "lab.test")) NIL NIL NIL "<1@lab.test>"))
        S: b OK Fetched
        C: c FETCH 1 BODY
        S: * 1 FETCH (BODY (("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 4 0)("message" "rfc822" NIL NIL NIL "7bit" 34 (NIL "in" NIL NIL NIL ((NIL NIL "x" "y.test")) NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0) 3) "mixed"))
        S: c OK Fetched
        C: d FETCH 1 BODYSTRUCTURE
        S: * 1 FETCH (BODYSTRUCTURE (("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 4 0 NIL NIL NIL NIL)("message" "rfc822" NIL NIL NIL "7bit" 34 (NIL "in" NIL NIL NIL ((NIL NIL "x" "y.test")) NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL) 3 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL))
        S: d OK Fetched
        C: e UID FETCH 1:* FAST
        S: * 1 FETCH (UID 1 FLAGS (\Recent) INTERNALDATE "24-Nov-2026 12:00:00 +0000" RFC822.SIZE 326)
        S: e OK Fetched
        "#,
    );
}

#[test]
fn fetch_sections_and_partials() {
    check_with(
        &mut selected(&[MULTIPART]),
        r#"
        C: a FETCH 1 (BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2.TEXT]<1.3> BODY.PEEK[9])
        S: * 1 FETCH (BODY[1] {4}
        S: hola BODY[1.MIME] {43}
        S: Content-Type: text/plain; charset=utf-8
        S:
        S:  BODY[2.TEXT]<1> {3}
        S: nne BODY[9] NIL)
        S: a OK Fetched
        C: b FETCH 1 (BODY.PEEK[HEADER.FIELDS (subject "To")] BODY.PEEK[2.HEADER.FIELDS.NOT (to)])
        S: * 1 FETCH (BODY[HEADER.FIELDS (subject To)] {58}
        S: To: luis@lab.test
        S: Subject: =?utf-8?q?Papeler=C3=ADa?=
        S:
        S:  BODY[2.HEADER.FIELDS.NOT (to)] {15}
        S: Subject: in
        S:
        S: )
        S: b OK Fetched
        C: c FETCH 1 BODY.PEEK[]<322.100>
        S: * 1 FETCH (BODY[]<322> {4}
        S: --
        S: )
        S: c OK Fetched
        C: d FETCH 1 BODY.PEEK[]<999.1>
        S: * 1 FETCH (BODY[]<999> {0}
        S: )
        S: d OK Fetched
        C: e FETCH 1 BODY[MIME]
        S: e BAD The section is not understood
        C: f FETCH 1 BODY[1.]
        S: f BAD The section is not understood
        C: g FETCH 1 BODY[]<0.0>
        S: g BAD The arguments are not understood
        "#,
    );
}

#[test]
fn reading_sets_seen_and_tells_it() {
    check_with(
        &mut selected(&["Subject: a\r\n\r\nhi"]),
        r#"
        C: a FETCH 1 RFC822.HEADER
        S: * 1 FETCH (RFC822.HEADER {14}
        S: Subject: a
        S:
        S: )
        S: a OK Fetched
        C: b FETCH 1 RFC822.TEXT
        S: * 1 FETCH (RFC822.TEXT {2}
        S: hi FLAGS (\Seen \Recent))
        S: b OK Fetched
        C: c FETCH 1 (FLAGS RFC822)
        S: * 1 FETCH (FLAGS (\Seen \Recent) RFC822 {16}
        S: Subject: a
        S:
        S: hi)
        S: c OK Fetched
        C: d NOOP
        S: d OK Done
        C: e EXAMINE INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
        S: * OK [PERMANENTFLAGS ()] No flag can be changed
        S: * 1 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY 77] UIDs are valid
        S: * OK [UIDNEXT 2] The next UID
        S: e OK [READ-ONLY] Open for reading
        C: f STORE 1 -FLAGS (\Seen)
        S: f NO [CANNOT] The mailbox is open for reading only; use SELECT
        C: g EXPUNGE
        S: g NO [CANNOT] The mailbox is open for reading only; use SELECT
        C: h CLOSE
        S: h OK Closed
        "#,
    );
}

#[test]
fn files_with_bare_line_feeds_are_served_with_crlf() {
    check_with(
        &mut selected(&["Subject: a\n\nhi\n"]),
        r#"
        C: a FETCH 1 (RFC822.SIZE BODY.PEEK[])
        S: * 1 FETCH (RFC822.SIZE 18 BODY[] {18}
        S: Subject: a
        S:
        S: hi
        S: )
        S: a OK Fetched
        "#,
    );
}

#[test]
fn store_changes_flags_and_tells_the_result() {
    check_with(
        &mut selected(&["a: 1\r\n\r\n", "a: 2\r\n\r\n", "a: 3\r\n\r\n"]),
        r#"
        C: a STORE 1:2 +FLAGS (\Deleted $New)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work $New)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work $New \*)] Flags that are kept
        S: * 1 FETCH (FLAGS (\Deleted $New \Recent))
        S: * 2 FETCH (FLAGS (\Deleted $New \Recent))
        S: a OK Stored
        C: b UID STORE 2 -FLAGS \Deleted $New
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: b OK Stored
        C: c STORE 3 FLAGS.SILENT (\Seen)
        S: c OK Stored
        C: d NOOP
        S: d OK Done
        C: e STORE 4 FLAGS ()
        S: e BAD There are not so many messages
        C: f UID STORE 99 FLAGS (\Seen)
        S: f OK Stored
        C: g STORE 3 FLAGS ()
        S: * 3 FETCH (FLAGS (\Recent))
        S: g OK Stored
        C: h STORE 1 FLAGS (\Recent)
        S: h BAD That flag cannot be set
        "#,
    );
}

#[test]
fn expunge_close_and_uid_expunge() {
    check_with(
        &mut selected(&["a: 1\r\n\r\n", "a: 2\r\n\r\n", "a: 3\r\n\r\n", "a: 4\r\n\r\n"]),
        r#"
        C: a STORE 1:3 FLAGS.SILENT (\Deleted)
        S: a OK Stored
        C: b UID EXPUNGE 2,9
        S: * 2 EXPUNGE
        S: b OK Expunged
        C: c UID EXPUNGE 9
        S: c OK Nothing to expunge
        C: d EXPUNGE
        S: * 2 EXPUNGE
        S: * 1 EXPUNGE
        S: d OK Expunged
        C: e NOOP
        S: e OK Done
        C: f STORE 1 FLAGS.SILENT (\Deleted)
        S: f OK Stored
        C: g CLOSE
        S: g OK Closed
        C: h STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: h OK Counted
        "#,
    );
}

#[test]
fn copy_and_move() {
    check_with(
        &mut selected(&["a: 1\r\n\r\n", "a: 2\r\n\r\n", "a: 3\r\n\r\n"]),
        r#"
        C: a COPY 2:3 Sent
        S: a OK [COPYUID 77 2:3 1:2] Copied
        C: b UID MOVE 1,3 Sent
        S: * OK [COPYUID 77 1,3 3:4] Where they are now
        S: * 3 EXPUNGE
        S: * 1 EXPUNGE
        S: b OK Moved
        C: c COPY 1 Nowhere
        S: c NO [TRYCREATE] There is no such mailbox; create it first
        C: d UID COPY 99 Sent
        S: d OK No messages
        C: e COPY 1 INBOX
        S: * 2 EXISTS
        S: * 2 RECENT
        S: e OK [COPYUID 77 2 4] Copied
        "#,
    );
}

#[test]
fn search_keys() {
    let first = "From: Ana <ana@lab.test>\r\nSubject: =?utf-8?q?Papeler=C3=ADa?=\r\nDate: Mon, 2 Feb 2026 23:00:00 -0800\r\n\r\nhola\r\n";
    let second = "From: luis@lab.test\r\nDate: Sun, 1 Mar 2026 00:00:00 +0000\r\nContent-Transfer-Encoding: base64\r\n\r\nYWRpw7Nz\r\n";
    let mut player = selected(&[first, second, "\r\n"]);
    player.feed(b"x STORE 2 FLAGS.SILENT (\\Seen $Work)\r\n");
    player.sent.clear();
    for (key, expected) in [
        ("ALL", "1 2 3"),
        ("2:*", "2 3"),
        ("UID 1,3,99", "1 3"),
        ("SEEN", "2"),
        ("UNSEEN", "1 3"),
        ("NEW", "1 3"),
        ("OLD", ""),
        ("RECENT", "1 2 3"),
        ("KEYWORD $work", "2"),
        ("UNKEYWORD $Work", "1 3"),
        ("UNKEYWORD nothing", "1 2 3"),
        ("LARGER 2", "1 2"),
        ("SMALLER 3", "3"),
        ("ON 24-Nov-2026", "1 2 3"),
        ("BEFORE 24-Nov-2026", ""),
        ("SINCE 24-Nov-2026", "1 2 3"),
        ("SENTON 2-Feb-2026", "1"),
        ("SENTBEFORE \"1-Mar-2026\"", "1"),
        ("SENTSINCE 1-Mar-2026", "2"),
        ("NOT SENTON 2-Feb-2026", "2 3"),
        ("FROM ANA", "1"),
        ("SUBJECT {9+}\r\npapeler\u{ed}", "1"),
        ("CHARSET utf-8 SUBJECT {9+}\r\npapeler\u{ed}", "1"),
        ("HEADER Subject \"\"", "1"),
        ("BODY hola", "1"),
        ("BODY {6+}\r\nadi\u{f3}s", "2"),
        ("TEXT luis", "2"),
        ("BODY luis", ""),
        ("OR FROM ana SEEN", "1 2"),
        ("(FROM ana SEEN)", ""),
        ("NOT (FROM ana) UNSEEN", "3"),
        ("1 NOT BODY hola", ""),
    ] {
        player.feed(format!("a SEARCH {key}\r\n").as_bytes());
        let expected = format!("S: * SEARCH {expected}");
        assert_eq!(player.sent_lines(), [expected.trim_end(), "S: a OK Searched"], "{key}");
    }
    check_with(
        &mut player,
        r#"
        C: a UID SEARCH 3
        S: * SEARCH 3
        S: a OK Searched
        C: b SEARCH CHARSET KOI8-R SUBJECT x
        S: b NO [BADCHARSET (US-ASCII UTF-8)] That charset is not supported
        C: c SEARCH
        S: c BAD An argument is missing
        C: d SEARCH 4
        S: d BAD There are not so many messages
        C: e SEARCH ON 31-Feb-2026
        S: e BAD The date is not understood
        "#,
    );
}

#[test]
fn searches_are_not_nested_without_end() {
    let mut player = selected(&[]);
    player.feed(format!("a SEARCH {}SEEN\r\n", "NOT ".repeat(1000)).as_bytes());
    assert_eq!(player.sent_lines(), ["S: a BAD The search is nested too deeply"]);
    player.feed(format!("a SEARCH {}\r\n", "(".repeat(1000)).as_bytes());
    assert_eq!(player.sent_lines(), ["S: a BAD The search is nested too deeply"]);
}

#[test]
fn a_big_mailbox_is_fetched_in_batches() {
    let messages = vec!["a: 1\r\n\r\n"; 1201];
    let mut player = selected(&messages);
    player.feed(b"a FETCH 1:* (FLAGS UID)\r\n");
    let lines = player.sent_lines();
    assert_eq!(lines.len(), 1202);
    assert_eq!(lines[1200], "S: * 1201 FETCH (FLAGS (\\Recent) UID 1201)");
    assert_eq!(player.largest_batch, limits::BATCH);
    player.feed(b"b UID STORE 1:* +FLAGS.SILENT (\\Seen)\r\nc SEARCH UNSEEN\r\n");
    assert_eq!(player.sent_lines(), ["S: b OK Stored", "S: * SEARCH", "S: c OK Searched"]);
}
