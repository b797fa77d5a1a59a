//! Limits.

use crate::{after_hello, common::check, in_content, in_transaction};
use postigo_smtp::limits::{COMMAND_LINE_OCTETS, LINE_OCTETS};

/// §4.5.3.1.4: 512 octets at least.
#[test]
fn a_command_line_has_a_limit_beyond_512() {
    let noop = |octets: usize| format!("NOOP {}", "x".repeat(octets - 7));
    after_hello(
        "",
        &format!(
            "C: {}\nS: 250 2.0.0 Ok\nC: {}\nS: 250 2.0.0 Ok\nC: {}\nS: 500 5.5.2 Line too long\n\
             C: {}\nS: 500 5.5.2 Line too long\nC: NOOP\nS: 250 2.0.0 Ok\n",
            noop(512),
            noop(COMMAND_LINE_OCTETS),
            noop(COMMAND_LINE_OCTETS + 1),
            noop(LINE_OCTETS + 5000),
        ),
    );
}

/// RFC 4954 §4: a line of an AUTH exchange may have 12288 octets.
#[test]
fn a_line_of_auth_has_its_own_limit() {
    let base64 = |octets: usize| "AAAA".repeat(octets / 4);
    after_hello(
        "loopback logins=9",
        &format!(
            "C: AUTH PLAIN {}\nS: 501 5.5.2 The response does not fit the mechanism\n\
             C: AUTH PLAIN\nS: 334 \nC: {}\nS: 501 5.5.2 The response does not fit the mechanism\n\
             C: AUTH PLAIN\nS: 334 \nC: {}\nS: 500 5.5.6 Authentication exchange line is too long\n",
            base64(12_000),
            base64(12_284),
            base64(12_288),
        ),
    );
}

/// §4.5.3.1.1 to §4.5.3.1.3.
#[test]
fn an_address_that_is_too_long_is_refused() {
    after_hello(
        "",
        &format!("C: MAIL FROM:<{}@x.test>\nS: 501 5.1.7 The sender address is too long\n", "a".repeat(65)),
    );
}

/// §4.5.3.1.8 and §4.5.3.1.10: those accepted so far get the message.
#[test]
fn recipients_beyond_the_limit_wait_for_the_next_message() {
    in_transaction(
        "recipients=1",
        r"
C: RCPT TO:<eva@lab.test>
S: 452 4.5.3 Too many recipients, send the others in another message
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

/// §4.5.3.1.7 and RFC 1870 §6.3.
#[test]
fn content_beyond_the_size_is_read_and_refused() {
    in_content(
        "size=10",
        r"
C: 1234567890
C: .
= discard
S: 552 5.3.4 The message is larger than the limit of 10 octets
C: NOOP
S: 250 2.0.0 Ok
",
    );
}

/// §4.5.3.1.6: 1000 octets at least.
#[test]
fn a_text_line_has_a_limit_beyond_1000() {
    let line = "x".repeat(1001);
    in_content(
        "size=5000 line=1002",
        &format!("C: {line}x\nC: .\n= discard\nS: 554 5.6.0 The message has a line that is too long\n"),
    );
    in_content(
        "size=5000",
        &format!(
            "C: {line}\nC: .\n= content {line}\\r\\n\n? deliver 1003 -> queued 4Q\nS: 250 2.0.0 Ok: queued as 4Q\n"
        ),
    );
}

#[test]
fn bad_commands_have_a_limit_that_a_message_resets() {
    in_transaction(
        "bad=2",
        r"
C: X
S: 500 5.5.1 Command not recognized
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
C: X
S: 500 5.5.1 Command not recognized
C: X
S: 421 4.7.0 Too many errors, closing the connection
= close
",
    );
}

#[test]
fn idle_commands_have_a_limit() {
    check(
        "
! idle=2
S: 220 mail.lab.test ESMTP Postigo
C: NOOP
S: 250 2.0.0 Ok
C: RSET
S: 250 2.0.0 Ok
C: NOOP
S: 421 4.7.0 Too many commands without a message, closing the connection
= close
",
    );
}

#[test]
fn refused_recipients_have_a_limit() {
    in_transaction(
        "refused=2",
        "
C: RCPT TO:<a@lab.test>
? recipient <a@lab.test> -> refuse user_unknown
S: 550 5.1.1 <a@lab.test>: Recipient address rejected: User unknown
C: RCPT TO:<b@lab.test>
? recipient <b@lab.test> -> refuse user_unknown
S: 421 4.7.0 Too many refused recipients, closing the connection
= close
",
    );
}

#[test]
fn messages_of_a_session_have_a_limit() {
    in_content(
        "transactions=1",
        r"
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
C: MAIL FROM:<>
S: 421 4.7.0 Too many messages in one connection, open another
= close
",
    );
}
