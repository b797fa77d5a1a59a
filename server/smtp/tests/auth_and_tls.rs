//! The rules of RFC 4954 (AUTH) and RFC 3207 (STARTTLS) that the transcripts of whole dialogues do not show.

mod common;

use common::{Answers, Player, check, settings};

/// Plays a dialogue that begins after the greeting and `HELO x`.
fn after_hello(settings: &str, dialogue: &str) {
    check(&format!(
        "! {settings}\nS: 220 mail.lab.test ESMTP Postigo\nC: HELO x\nS: 250 mail.lab.test\n{dialogue}"
    ));
}

/// RFC 4954 §4: a mechanism that sends the password is not accepted in clear, SCRAM is.
#[test]
fn passwords_in_clear_are_for_loopback_only() {
    after_hello(
        "",
        "
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
S: 538 5.7.11 Encryption required for this authentication mechanism
C: AUTH SCRAM-SHA-256
S: 334 
C: *
S: 501 5.7.0 Authentication cancelled
",
    );
    after_hello(
        "loopback",
        "C: AUTH PLAIN AGFuYQBzZWNyZXQ=\n? password ana -> correct\nS: 235 2.7.0 Authentication successful\n",
    );
}

#[test]
fn mechanisms_that_are_not_offered_are_refused() {
    after_hello("plain-only tls", "C: AUTH LOGIN\nS: 504 5.5.4 Authentication mechanism not supported\n");
    after_hello("tls", "C: AUTH CRAM-MD5\nS: 504 5.5.4 Authentication mechanism not supported\n");
    after_hello("no-auth tls", "C: AUTH PLAIN\nS: 503 5.5.1 Authentication is not offered here\n");
}

#[test]
fn a_server_without_mechanisms_or_certificate_offers_neither() {
    check(
        "
! no-auth no-tls
S: 220 mail.lab.test ESMTP Postigo
C: EHLO x
S: 250-mail.lab.test
S: 250-PIPELINING
S: 250-SIZE 1000
S: 250-ENHANCEDSTATUSCODES
S: 250-8BITMIME
S: 250-DSN
S: 250-SMTPUTF8
S: 250-CHUNKING
S: 250-BINARYMIME
S: 250-ETRN
S: 250 LIMITS MAILMAX=100000 RCPTMAX=1000
C: STARTTLS
S: 502 5.5.1 TLS is not available here
",
    );
}

/// RFC 4954 §4: `=` is an empty initial response, and `*` cancels.
#[test]
fn empty_and_cancelled_responses() {
    after_hello(
        "tls logins=9",
        "
C: AUTH PLAIN =
S: 501 5.5.2 The response does not fit the mechanism
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: *
S: 501 5.7.0 Authentication cancelled
C: AUTH PLAIN
S: 334 
C: not base64
S: 501 5.5.2 The response is not valid base64
C: NOOP
S: 250 2.0.0 Ok
",
    );
}

#[test]
fn identities_and_channel_binding_are_refused_with_their_reason() {
    after_hello(
        "tls logins=9",
        "
# ana, acting as root
C: AUTH PLAIN cm9vdABhbmEAc2VjcmV0
S: 535 5.7.8 Authentication failed: acting as another user is not allowed
# p=tls-exporter,,n=ana,r=abc
C: AUTH SCRAM-SHA-256 cD10bHMtZXhwb3J0ZXIsLG49YW5hLHI9YWJj
S: 504 5.5.4 This channel binding is not supported
",
    );
}

/// RFC 5802 §6: -PLUS where there is TLS to bind to; who says `y` there was deceived.
#[test]
fn channel_binding_is_offered_under_tls() {
    let hello = |settings: &str, auth: &str, rest: &str| {
        check(&format!(
            "! every-auth {settings}\nS: 220 mail.lab.test ESMTP Postigo\nC: EHLO x\nS: 250-mail.lab.test\n\
             S: 250-PIPELINING\nS: 250-SIZE 1000\n{auth}\nS: 250-ENHANCEDSTATUSCODES\nS: 250-8BITMIME\n\
             S: 250-DSN\nS: 250-SMTPUTF8\nS: 250-CHUNKING\nS: 250-BINARYMIME\nS: 250-ETRN\n{rest}"
        ));
    };
    let limits = "S: 250 LIMITS MAILMAX=100000 RCPTMAX=1000\n";
    hello(
        "no-tls loopback",
        "S: 250-AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5",
        &format!(
            "{limits}
C: AUTH SCRAM-SHA-256-PLUS
S: 538 5.7.11 Encryption required for this authentication mechanism
# y,,n=ana,r=abc
C: AUTH SCRAM-SHA-256 eSwsbj1hbmEscj1hYmM=
? verifier ana -> unavailable
S: 454 4.7.0 Authentication is not possible now, try again later
"
        ),
    );
    hello(
        "tls logins=9",
        "S: 250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5",
        &format!(
            "S: 250-REQUIRETLS\n{limits}
# y,,n=ana,r=abc
C: AUTH SCRAM-SHA-256 eSwsbj1hbmEscj1hYmM=
S: 535 5.7.8 Authentication failed: channel binding is offered here, and you did not see it
# p=tls-unique,,n=ana,r=abc
C: AUTH SCRAM-SHA-1-PLUS cD10bHMtdW5pcXVlLCxuPWFuYSxyPWFiYw==
S: 504 5.5.4 This channel binding is not supported
# p=tls-exporter,,n=ana,r=abc
C: AUTH SCRAM-SHA-1-PLUS cD10bHMtZXhwb3J0ZXIsLG49YW5hLHI9YWJj
? verifier ana -> unavailable
S: 454 4.7.0 Authentication is not possible now, try again later
"
        ),
    );
}

#[test]
fn a_store_that_does_not_answer_is_not_the_clients_fault() {
    after_hello(
        "tls logins=1",
        "
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
? password ana -> unavailable
S: 454 4.7.0 Authentication is not possible now, try again later
# n,,n=ana,r=abc
C: AUTH SCRAM-SHA-256 biwsbj1hbmEscj1hYmM=
? verifier ana -> unavailable
S: 454 4.7.0 Authentication is not possible now, try again later
",
    );
}

#[test]
fn failed_log_ins_have_a_limit() {
    after_hello(
        "tls logins=2",
        "
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
? password ana -> wrong
S: 535 5.7.8 Authentication failed: wrong user name or password
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
? password ana -> wrong
S: 421 4.7.0 Too many failed authentications, closing the connection
= close
",
    );
}

/// RFC 3207 §5, and CVE-2011-0411: commands put after STARTTLS in clear must not be obeyed under TLS.
#[test]
fn nothing_may_follow_starttls() {
    after_hello(
        "",
        r"
C: STARTTLS\r\nRSET
S: 554 5.5.0 Nothing may follow STARTTLS before the handshake
= close
",
    );
}

/// RFC 3207 §4.2: the log-in and the name from before are forgotten.
#[test]
fn nothing_learned_before_tls_survives() {
    after_hello(
        "submission loopback",
        "
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
? password ana -> correct
S: 235 2.7.0 Authentication successful
C: STARTTLS
S: 220 2.0.0 Ready to start TLS
= starttls
> tls
C: MAIL FROM:<ana@lab.test>
S: 503 5.5.1 Send EHLO or HELO first
C: HELO x
S: 250 mail.lab.test
C: MAIL FROM:<ana@lab.test>
S: 530 5.7.0 Authentication required
",
    );
}

#[test]
fn the_protocol_name_follows_what_was_agreed() {
    let protocol = |words: &str, lines: &[&str]| {
        let (config, connection, _) = settings(words.split_whitespace());
        let mut player = Player::new(config, connection, Answers::Yes, false);
        lines.iter().for_each(|line| player.receive(format!("{line}\r\n").as_bytes()));
        player.session().protocol().to_string()
    };
    assert_eq!(protocol("", &["HELO x"]), "SMTP");
    assert_eq!(protocol("", &["EHLO x"]), "ESMTP");
    assert_eq!(protocol("tls", &["EHLO x"]), "ESMTPS");
    assert_eq!(protocol("loopback", &["EHLO x", "AUTH PLAIN AGFuYQBzZWNyZXQ="]), "ESMTPA");
    assert_eq!(protocol("tls", &["EHLO x", "AUTH PLAIN AGFuYQBzZWNyZXQ="]), "ESMTPSA");
}

#[test]
fn transcripts_hide_what_was_sent_to_log_in() {
    let (config, connection, _) = settings(["tls"].into_iter());
    let mut player = Player::new(config, connection, Answers::Yes, false);
    let shown = |player: &Player, line: &str| {
        String::from_utf8(player.session().masked(line.as_bytes()).into()).unwrap()
    };
    assert_eq!(shown(&player, "EHLO x"), "EHLO x");
    assert_eq!(shown(&player, "auth plain AGFuYQBzZWNyZXQ="), "auth plain •••••••");
    assert_eq!(shown(&player, "AUTH  PLAIN  AGFuYQBzZWNyZXQ= x"), "AUTH PLAIN •••••••");
    assert_eq!(shown(&player, "AUTH LOGIN"), "AUTH LOGIN");
    player.receive(b"EHLO x\r\nAUTH LOGIN\r\n");
    assert_eq!(shown(&player, "c2VjcmV0"), "•••••••");
    assert_eq!(shown(&player, "*"), "*");
}
