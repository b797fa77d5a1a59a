//! RFC 3501 §5.2 and §7.4.1 (what may be told when), RFC 2177 (IDLE), RFC 2180.

use crate::common::*;

const THREE: [&str; 3] = ["a: 1\r\n\r\n", "a: 2\r\n\r\n", "a: 3\r\n\r\n"];

#[test]
fn changes_are_told_at_the_end_of_commands() {
    check_with(
        &mut selected(&THREE),
        r#"
        ! flag 2
        ! expunge 1
        ! deliver a: 4\r\n\r\n
        C: a STATUS Sent (MESSAGES)
        S: * STATUS Sent (MESSAGES 0)
        S: * 1 EXPUNGE
        S: * 1 FETCH (FLAGS (\Flagged \Recent))
        S: * 3 EXISTS
        S: * 3 RECENT
        S: a OK Counted
        C: b NOOP
        S: b OK Done
        "#,
    );
}

#[test]
fn noop_asks_even_without_a_notice() {
    check_with(
        &mut selected(&THREE),
        r#"
        ! quietly expunge 2
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE
        S: a OK That is all
        C: b NOOP
        S: * 2 EXPUNGE
        S: b OK Done
        "#,
    );
}

#[test]
fn no_expunge_during_fetch_store_and_search() {
    check_with(
        &mut selected(&THREE),
        r#"
        ! expunge 1
        C: a FETCH 1:3 UID
        S: * 2 FETCH (UID 2)
        S: * 3 FETCH (UID 3)
        S: a OK [EXPUNGEISSUED] Some of the messages are gone
        C: b STORE 1:2 FLAGS (\Seen)
        S: * 2 FETCH (FLAGS (\Seen \Recent))
        S: b OK [EXPUNGEISSUED] Stored, where they still are
        ! deliver a: 4\r\n\r\n
        C: c SEARCH UNSEEN
        S: * SEARCH 3
        S: * 4 EXISTS
        S: * 4 RECENT
        S: c OK Searched
        C: d UID SEARCH UNSEEN
        S: * SEARCH 3 4
        S: * 1 EXPUNGE
        S: d OK Searched
        "#,
    );
}

#[test]
fn idle_tells_at_once_and_ends_with_done() {
    check_with(
        &mut selected(&THREE),
        r#"
        C: a IDLE
        S: + Idling
        ! deliver a: 4\r\n\r\n
        S: * 4 EXISTS
        S: * 4 RECENT
        ! expunge 2
        S: * 2 EXPUNGE
        ! flag 3
        S: * 2 FETCH (FLAGS (\Flagged \Recent))
        C: done
        S: a OK Idled
        C: b IDLE
        S: + Idling
        C: c NOOP
        S: b BAD DONE was expected
        C: d NOOP
        S: d OK Done
        "#,
    );
}

#[test]
fn idle_without_a_mailbox_only_waits() {
    check_with(&mut logged_in(), "C: a IDLE\nS: + Idling\n! shutdown\nS: * BYE The server is stopping");
}

#[test]
fn a_mailbox_that_is_deleted_ends_the_session() {
    let mut player = selected(&THREE);
    player.feed(b"a DELETE INBOX\r\nb NOOP\r\n");
    assert_eq!(player.sent_lines(), ["S: a OK Deleted", "S: * BYE The selected mailbox is gone"]);
    assert!(player.closed);
}

#[test]
fn own_changes_are_not_told_twice() {
    check_with(
        &mut selected(&THREE),
        r#"
        C: a STORE 1 +FLAGS.SILENT (\Seen)
        S: a OK Stored
        ! flag 2
        C: b NOOP
        S: * 2 FETCH (FLAGS (\Flagged \Recent))
        S: b OK Done
        "#,
    );
}
