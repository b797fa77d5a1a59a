//! FUTURERELEASE.

use crate::after_hello;
use crate::common::check;

/// §3 and §4: what is announced is what holds.
#[test]
fn messages_are_held_back_up_to_the_maximum() {
    check(
        "
! submission loopback no-tls hold=3600
S: 220 mail.lab.test ESMTP Postigo
C: EHLO x
S: 250-mail.lab.test
S: 250-PIPELINING
S: 250-SIZE 1000
S: 250-AUTH SCRAM-SHA-256 PLAIN LOGIN
S: 250-ENHANCEDSTATUSCODES
S: 250-8BITMIME
S: 250-DSN
S: 250-SMTPUTF8
S: 250-CHUNKING
S: 250-BINARYMIME
S: 250-FUTURERELEASE 3600 2026-11-24T21:00:00Z
S: 250 LIMITS MAILMAX=100000 RCPTMAX=1000
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
? password ana -> correct
S: 235 2.7.0 Authentication successful
C: MAIL FROM:<ana@lab.test> HOLDFOR=3600
? sender <ana@lab.test> For(3600) -> accept
S: 250 2.1.0 Ok
C: RSET
S: 250 2.0.0 Ok
C: MAIL FROM:<ana@lab.test> HOLDUNTIL=2026-11-24T21:00:00Z
? sender <ana@lab.test> Until(2026-11-24T21:00:00Z) -> accept
S: 250 2.1.0 Ok
C: RSET
S: 250 2.0.0 Ok
C: MAIL FROM:<ana@lab.test> HOLDFOR=3601
S: 501 5.5.4 The message cannot be held for so long
C: MAIL FROM:<ana@lab.test> HOLDUNTIL=2026-11-24T21:00:01Z
S: 501 5.5.4 The message cannot be held for so long
",
    );
}

#[test]
fn values_outside_of_the_grammar_are_refused() {
    for parameter in [
        "HOLDFOR=0",
        "HOLDFOR=",
        "HOLDFOR=-1",
        "HOLDFOR=1234567890",
        "HOLDFOR=1 HOLDUNTIL=2026-11-24T20:30:00Z",
        "HOLDUNTIL=tomorrow",
        "HOLDUNTIL=2026-11-24",
        "HOLDUNTIL=2026-11-24T20:30:00+01:00",
        "HOLDUNTIL=2026-13-24T20:30:00Z",
    ] {
        let dialogue =
            format!("C: MAIL FROM:<a@x.test> {parameter}\nS: 501 5.5.4 Bad or repeated parameter\n");
        after_hello("submission loopback hold=3600", &dialogue);
    }
}

/// §5: it is for submission.
#[test]
fn other_servers_cannot_hold_messages_back_here() {
    after_hello("hold=3600", "C: MAIL FROM:<a@x.test> HOLDFOR=1\nS: 555 5.5.4 Parameter not supported\n");
}
