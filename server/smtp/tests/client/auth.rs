//! AUTH (RFC 4954).

use crate::common::after_ehlo;

#[test]
fn the_safest_mechanism_is_taken_and_nothing_secret_is_shown() {
    after_ehlo(
        "user tls",
        "AUTH LOGIN PLAIN CRAM-MD5",
        "
C: AUTH CRAM-MD5
S: 334 PDFAeD4=
C: •••••••
S: 235 2.7.0 ok
* ana by CRAM-MD5
= ready
",
    );
    after_ehlo("user tls", "AUTH LOGIN PLAIN", "C: AUTH PLAIN •••••••\nS: 235 ok\n* ana by PLAIN\n= ready");
    after_ehlo(
        "user tls",
        "AUTH LOGIN",
        "
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: •••••••
S: 334 UGFzc3dvcmQ6
C: •••••••
S: 235 ok
* ana by LOGIN
= ready
",
    );
    after_ehlo("user bound", "AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "C: AUTH SCRAM-SHA-256-PLUS •••••••");
    after_ehlo("user tls", "AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "C: AUTH SCRAM-SHA-256 •••••••");
}

/// Invariant 3.
#[test]
fn a_password_is_not_sent_in_clear_but_over_loopback() {
    after_ehlo(
        "user",
        "AUTH PLAIN LOGIN",
        "C: QUIT\n= failed Deferred 4.7.0 SASL authentication failed; server mx offers no usable mechanism",
    );
    after_ehlo("user loopback", "AUTH PLAIN", "C: AUTH PLAIN •••••••\nS: 235 ok\n* ana by PLAIN\n= ready");
    after_ehlo(
        "user tls",
        "",
        "C: QUIT\n= failed Deferred 4.7.0 SASL authentication failed: server mx does not offer it",
    );
}

#[test]
fn a_wrong_password_is_said_to_be_one() {
    after_ehlo(
        "user tls",
        "AUTH PLAIN LOGIN",
        "
C: AUTH PLAIN •••••••
S: 535 5.7.8 bad credentials
C: QUIT
= failed Deferred 4.7.8 SASL authentication failed; server mx said: 535 5.7.8 bad credentials
",
    );
}

#[test]
fn a_mechanism_that_is_refused_gives_way_to_the_next() {
    after_ehlo(
        "user tls",
        "AUTH PLAIN LOGIN",
        "
C: AUTH PLAIN •••••••
S: 504 5.5.4 not that one
* not by PLAIN: 504 5.5.4 not that one
C: AUTH LOGIN
S: 534 5.7.9 too weak
C: QUIT
= failed Deferred 4.7.9 SASL authentication failed; server mx said: 534 5.7.9 too weak
",
    );
    after_ehlo(
        "user tls",
        "AUTH PLAIN",
        "
C: AUTH PLAIN •••••••
S: 454 4.7.0 later
C: QUIT
= failed Deferred 4.7.0 SASL authentication failed; server mx said: 454 4.7.0 later
",
    );
}

/// RFC 4954 §4: a response that does not fit in the line waits for its challenge.
#[test]
fn a_long_response_waits_for_the_challenge() {
    after_ehlo(
        "long-password tls",
        "AUTH PLAIN",
        "C: AUTH PLAIN\nS: 334\nC: •••••••\nS: 235 ok\n* ana by PLAIN\n= ready",
    );
    let failed = "= failed Deferred 4.7.0 SASL authentication failed; server mx: malformed SASL message from the server";
    after_ehlo("long-password tls", "AUTH PLAIN", &format!("C: AUTH PLAIN\nS: 235 ok\nC: QUIT\n{failed}"));
}

/// Invariant 3: the server's 235 is not enough.
#[test]
fn a_server_that_proves_nothing_gets_no_mail() {
    let failed = "= failed Deferred 4.7.0 SASL authentication failed; server mx: the server did not prove that it knows the password";
    let start = "C: AUTH SCRAM-SHA-256 •••••••\n";
    after_ehlo("user tls", "AUTH SCRAM-SHA-256", &format!("{start}S: 235 welcome\nC: QUIT\n{failed}"));
}

#[test]
fn a_challenge_that_makes_no_sense_is_cancelled() {
    let failed = "= failed Deferred 4.7.0 SASL authentication failed; server mx: malformed SASL message from the server";
    for challenge in ["not base64", "cj14", ""] {
        after_ehlo(
            "user tls",
            "AUTH SCRAM-SHA-256",
            &format!("C: AUTH SCRAM-SHA-256 •••••••\nS: 334 {challenge}\nC: *\nC: QUIT\n{failed}"),
        );
    }
}
