//! The order of commands.

use crate::{after_hello, common::check, in_transaction};

#[test]
fn mail_needs_hello_and_some_commands_do_not() {
    check(
        "
S: 220 mail.lab.test ESMTP Postigo
C: NOOP
S: 250 2.0.0 Ok
C: RSET
S: 250 2.0.0 Ok
C: MAIL FROM:<a@x.test>
S: 503 5.5.1 Send EHLO or HELO first
C: RCPT TO:<luis@lab.test>
S: 503 5.5.1 Send MAIL first
C: QUIT
S: 221 2.0.0 Bye
= close
",
    );
}

#[test]
fn a_second_mail_is_refused_and_leaves_the_first() {
    in_transaction(
        "",
        r"
C: MAIL FROM:<b@x.test>
S: 503 5.5.1 MAIL was given already, send RSET to begin anew
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

#[test]
fn rset_and_hello_end_the_transaction() {
    in_transaction(
        "",
        "
C: RSET
S: 250 2.0.0 Ok
C: DATA
S: 503 5.5.1 Send MAIL first
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C: HELO again
S: 250 mail.lab.test
C: RCPT TO:<luis@lab.test>
S: 503 5.5.1 Send MAIL first
",
    );
}

/// Also RFC 4954 §4.
#[test]
fn noop_and_a_refused_auth_leave_the_transaction() {
    in_transaction(
        "loopback",
        r"
C: NOOP
S: 250 2.0.0 Ok
C: AUTH PLAIN AGFuYQBzZWNyZXQ=
S: 503 5.5.1 Not within a mail transaction
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
C: DATA
S: 503 5.5.1 Send MAIL first
",
    );
}

#[test]
fn a_refused_sender_begins_no_transaction() {
    after_hello(
        "",
        "
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> refuse sender_not_owned
S: 553 5.7.1 <a@x.test>: Sender address rejected: not owned by user ana@lab.test
C: RCPT TO:<luis@lab.test>
S: 503 5.5.1 Send MAIL first
",
    );
}

/// Not the RFC's, but the place where `smtpd_data_restrictions` are asked; RFC 2920 §3.1: DATA must be the last of a group.
#[test]
fn content_may_be_refused_before_it_comes() {
    in_transaction(
        "asks-data",
        r"
C+ DATA\r\nNOOP\r\n
? data, not waited for -> refuse improper_pipelining
S: 503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining
S: 250 2.0.0 Ok
C+ BDAT 1 LAST\r\nx
? data -> refuse storage_full
S: 452 4.3.1 Not enough storage, try again later
C: DATA
? data -> accept
S: 354 End data with <CR><LF>.<CR><LF>
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}
