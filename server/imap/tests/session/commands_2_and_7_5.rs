//! RFC 3501 §2.2 (commands) and §7.5 (continuation), RFC 7888 (LITERAL+).

use crate::common::*;

#[test]
fn what_is_no_command_gets_bad() {
    let mut player = Player::new(config(), connection(true));
    player.sent.clear();
    check_with(
        &mut player,
        r#"
        C: a XYZZY
        S: a BAD Unknown command
        C: a
        S: a BAD An argument is missing
        C:
        S: * BAD The command has no usable tag
        C: (a NOOP
        S: * BAD The command has no usable tag
        C: a NOOP now
        S: a BAD There is something after the last argument
        C: a LOGIN ana
        S: a BAD An argument is missing
        C: a LOGIN "ana
        S: a BAD The arguments are not understood
        C: a UID NOOP
        S: a BAD Unknown command
        "#,
    );
}

#[test]
fn too_many_bad_commands_end_the_connection() {
    let mut player = logged_in();
    player.feed(&b"a XYZZY\r\n".repeat(30));
    assert!(player.closed);
    let lines = player.sent_lines();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[20], "S: * BYE Too many bad commands");
}

#[test]
fn literals_are_asked_for_unless_the_client_does_not_wait() {
    check_with(
        &mut logged_in(),
        r#"
        C: a STATUS {5}
        S: + Go ahead
        C: INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: a OK Counted
        C: b STATUS {5+}
        C: INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: b OK Counted
        "#,
    );
}

#[test]
fn a_literal_that_is_too_long_is_refused_before_it_is_sent() {
    check_with(
        &mut logged_in(),
        r#"
        C: a STATUS {99999999}
        S: a BAD [TOOBIG] The argument is longer than this server reads
        C: b NOOP
        S: b OK Done
        "#,
    );
}

#[test]
fn a_literal_that_nobody_waits_for_is_read_and_forgotten() {
    let mut player = logged_in();
    player.feed(b"a STATUS {100000+}\r\n");
    player.feed(&b"b NOOP\r\n".repeat(12_500));
    player.feed(b" (MESSAGES)\r\nc NOOP\r\n");
    assert_eq!(
        player.sent_lines(),
        ["S: a BAD [TOOBIG] The argument is longer than this server reads", "S: c OK Done"]
    );
}

#[test]
fn before_log_in_nobody_can_make_the_server_read_for_long() {
    let mut player = Player::new(config(), connection(true));
    player.sent.clear();
    player.feed(b"a LOGIN {100000+}\r\n");
    assert_eq!(player.sent_lines(), ["S: * BYE That is longer than this server reads"]);
    assert!(player.closed);

    let mut player = Player::new(config(), connection(true));
    player.feed(&[b'a'; 20_000]);
    assert!(player.closed);
}

#[test]
fn commands_can_be_pipelined() {
    let mut player = logged_in();
    player.feed(b"a NOOP\r\nb STATUS INBOX (UIDNEXT)\r\nc NOOP\n");
    assert_eq!(
        player.sent_lines(),
        ["S: a OK Done", "S: * STATUS INBOX (UIDNEXT 1)", "S: b OK Counted", "S: c OK Done"]
    );
}
