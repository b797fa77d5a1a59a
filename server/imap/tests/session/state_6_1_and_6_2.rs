//! RFC 3501 §6.1 (any state) and §6.2 (not authenticated), RFC 4959, RFC 2971.

use crate::common::*;
use postigo_imap::*;
use postigo_sasl::{Failure, Mechanism};

#[test]
fn a_session_from_loopback() {
    check_with(
        &mut Player::new(config(), connection(true)),
        r#"
        S: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN] mail.lab.test Postigo is ready
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN
        S: a OK That is all
        C: b noop
        S: b OK Done
        C: c SELECT INBOX
        S: c BAD This command is not possible now; log in or select a mailbox first
        C: d LOGIN "ana" "secret"
        S: d OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE] Logged in
        C: e LOGIN ana secret
        S: e BAD You are logged in already
        C: f CLOSE
        S: f BAD This command is not possible now; log in or select a mailbox first
        C: g ID ("name" "Thunderbird" "version" NIL)
        S: * ID ("name" "Postigo" "version" "0.1.0")
        S: g OK Pleased to meet you
        C: h ID NIL
        S: * ID ("name" "Postigo" "version" "0.1.0")
        S: h OK Pleased to meet you
        C: i LOGOUT
        S: * BYE Goodbye
        S: i OK Logged out
        "#,
    );
}

#[test]
fn passwords_are_not_taken_where_they_could_be_overheard() {
    let mut player = Player::new(config(), connection(false));
    check_with(
        &mut player,
        r#"
        S: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID STARTTLS LOGINDISABLED AUTH=SCRAM-SHA-256] mail.lab.test Postigo is ready
        C: a LOGIN ana secret
        S: a NO [PRIVACYREQUIRED] Passwords are taken only under TLS; use STARTTLS first
        C: b AUTHENTICATE PLAIN AGFuYQBzZWNyZXQ=
        S: b NO [PRIVACYREQUIRED] Passwords are taken only under TLS; use STARTTLS first
        C: c STARTTLS
        S: c OK Begin TLS now
        C: d CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=SCRAM-SHA-256 AUTH=PLAIN
        S: d OK That is all
        C: e STARTTLS
        S: e BAD TLS is established already
        C: f LOGIN ana secret
        S: f OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE] Logged in
        "#,
    );
    assert!(player.notes.contains(&Note::Authenticated { user: "ana".into(), method: Method::Login }));
}

#[test]
fn what_is_pipelined_after_starttls_is_thrown_away() {
    let mut player = Player::new(config(), connection(false));
    player.sent.clear();
    player.feed(b"a STARTTLS\r\nb NOOP\r\n");
    assert_eq!(player.sent_lines(), ["S: a OK Begin TLS now"]);
    player.feed(b"c NOOP\r\n");
    assert_eq!(player.sent_lines(), ["S: c OK Done"]);
}

#[test]
fn authenticate_plain_with_and_without_an_initial_response() {
    let mut player = Player::new(config(), connection(true));
    player.sent.clear();
    check_with(
        &mut player,
        r#"
        C: a AUTHENTICATE PLAIN
        S: +
        C: *
        S: a BAD Authentication cancelled
        C: b AUTHENTICATE PLAIN
        S: +
        C: !!!
        S: b BAD That is not base64
        C: c AUTHENTICATE PLAIN AGFuYQB3cm9uZw==
        S: c NO [AUTHENTICATIONFAILED] Wrong user name or password
        C: d AUTHENTICATE PLAIN =
        S: d BAD The arguments are not understood
        C: e AUTHENTICATE GSSAPI
        S: e NO [CANNOT] That mechanism is not offered
        C: f authenticate plain AGFuYQBzZWNyZXQ=
        S: f OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE] Logged in
        "#,
    );
    let failed = Note::AuthenticationFailed {
        user: Some("ana".into()),
        method: Method::Sasl(Mechanism::Plain),
        failure: Some(Failure::Credentials),
    };
    assert!(player.notes.contains(&failed));
}

/// The proof and the server's signature were computed independently.
#[test]
fn scram_lets_in_who_knows_the_password() {
    let mut player = Player::new(config(), connection(false));
    player.sent.clear();
    check_with(
        &mut player,
        r#"
        C: a AUTHENTICATE SCRAM-SHA-256 biwsbj1hbmEscj1hYmM=
        S: + cj1hYmN5VHRlSFJKVjgrOHE1dENwSHpzbzJiN1cscz1Cd2NIQndjSEJ3Y0hCd2NIQndjSEJ3PT0saT0xNTAwMA==
        C: Yz1iaXdzLHI9YWJjeVR0ZUhSSlY4KzhxNXRDcEh6c28yYjdXLHA9UXdDZmJPMTJGODEyRFJ0anlRU3ZHb2F4cFc0TnVnRFJqRWdmRGk1SjdWMD0=
        S: + dj1EU1BZbVZzdm1qR21MT1JSOElSMEgrK2lmSFFmQk54ajJwRmhRWW9WV25VPQ==
        C:
        S: a OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE] Logged in
        "#,
    );
    assert_eq!(player.session.user(), Some("ana"));
}

#[test]
fn scram_for_an_unknown_user_goes_on_to_the_end() {
    let mut player = Player::new(config(), connection(false));
    player.sent.clear();
    player.feed(b"a AUTHENTICATE SCRAM-SHA-256\r\n");
    assert_eq!(player.sent_lines(), ["S: +"]);
    // n,,n=eva,r=abc
    player.feed(b"biwsbj1ldmEscj1hYmM=\r\n");
    let sent = player.sent_lines();
    assert!(sent[0].starts_with("S: + "), "{sent:?}");
    player.feed(b"*\r\n");
    assert_eq!(player.sent_lines(), ["S: a BAD Authentication cancelled"]);
    assert_eq!(player.heard, ["a AUTHENTICATE SCRAM-SHA-256", "***", "*"]);
}

#[test]
fn after_too_many_failures_the_connection_ends() {
    let mut player = Player::new(config(), connection(true));
    player.sent.clear();
    for _ in 0..4 {
        player.feed(b"a LOGIN ana wrong\r\n");
    }
    player.sent.clear();
    player.feed(b"a LOGIN ana wrong\r\n");
    assert_eq!(
        player.sent_lines(),
        ["S: a NO [AUTHENTICATIONFAILED] Wrong user name or password", "S: * BYE Too many failed log-ins"]
    );
    assert!(player.closed);
}

#[test]
fn passwords_are_not_in_the_transcript() {
    let mut player = Player::new(config(), connection(true));
    player.feed(b"a LOGIN {3}\r\n");
    player.feed(b"ana {5}\r\n");
    player.feed(b"wrong\r\n");
    player.feed(b"b AUTHENTICATE PLAIN\r\nAGFuYQB3cm9uZw==\r\n");
    player.feed(b"c LOGIN ana secret\r\nd NOOP\r\n");
    assert_eq!(
        player.heard,
        ["a LOGIN {3}", "ana ***", "***", "b AUTHENTICATE PLAIN", "***", "c LOGIN ana ***", "d NOOP"]
    );
}

#[test]
fn the_end_of_the_server_and_silence_are_announced() {
    check_with(&mut logged_in(), "C~ a NO\n! shutdown\nS: * BYE The server is stopping");
    check_with(
        &mut logged_in(),
        "! account changed\nS: * BYE Your account was closed or changed: log in again",
    );
    check_with(&mut logged_in(), "! timeout\nS: * BYE Idle for too long");
}
