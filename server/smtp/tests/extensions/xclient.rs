//! XCLIENT, as Postfix's XCLIENT_README has it.

use crate::common::check;
use crate::{after_hello, in_transaction};

#[test]
fn who_is_not_authorised_cannot_speak_for_others() {
    after_hello("", "C: XCLIENT ADDR=192.0.2.1\nS: 550 5.7.0 Insufficient authorization\n");
}

/// The session begins anew, with what the proxy says instead of what was said before.
#[test]
fn a_proxy_speaks_for_its_client() {
    check(
        "
! xclient no-tls no-auth
S: 220 mail.lab.test ESMTP Postigo
C: EHLO proxy
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
S: 250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT
S: 250 LIMITS MAILMAX=100000 RCPTMAX=1000
C: XCLIENT ADDR=192.0.2.1 NAME=[UNAVAILABLE]
? xclient Some(Is(192.0.2.1)) None -> accept
S: 220 mail.lab.test ESMTP Postigo
C: MAIL FROM:<a@x.test>
S: 503 5.5.1 Send EHLO or HELO first
C: XCLIENT HELO=spike.test PROTO=ESMTP LOGIN=ana
? xclient None Some(Is(\"ana\")) -> accept
S: 220 mail.lab.test ESMTP Postigo
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C: RSET
S: 250 2.0.0 Ok
C: XCLIENT LOGIN=nobody
? xclient None Some(Is(\"nobody\")) -> refuse no_account
S: 550 5.7.0 There is no account of this LOGIN
C: XCLIENT ADDR=x
S: 501 5.5.4 Syntax: XCLIENT attribute=value...
",
    );
}

#[test]
fn it_is_no_part_of_a_transaction() {
    in_transaction("xclient", "", "", "C: XCLIENT PORT=1\nS: 503 5.5.1 Not within a mail transaction\n");
}

/// RFC 3207 §4.2: what a proxy said in clear counts no more under TLS.
#[test]
fn starttls_forgets_what_the_proxy_said() {
    after_hello(
        "xclient",
        "
C: XCLIENT HELO=spike.test LOGIN=ana
? xclient None Some(Is(\"ana\")) -> accept
S: 220 mail.lab.test ESMTP Postigo
C: STARTTLS
S: 220 2.0.0 Ready to start TLS
= starttls
> tls
C: MAIL FROM:<a@x.test>
S: 503 5.5.1 Send EHLO or HELO first
",
    );
}
