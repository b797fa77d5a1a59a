//! Commands and their parameters.

use crate::{after_hello, in_transaction};

#[test]
fn commands_that_nobody_needs_are_answered() {
    after_hello(
        "",
        "
C: VRFY luis
S: 252 2.0.0 Cannot verify the address, but will accept mail for it if it exists
C: EXPN staff
S: 502 5.5.1 EXPN is not supported
C: HELP
S: 214-2.0.0 Commands: EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY ETRN HELP QUIT
S: 214 2.0.0 See RFC 5321
C: NOOP
S: 250 2.0.0 Ok
C: XYZZY
S: 500 5.5.1 Command not recognized
C: RSET now
S: 501 5.5.4 This command takes no argument
C: EHLO
S: 501 5.5.4 Syntax: EHLO name, one word of printable ASCII
",
    );
}

/// §4.1.1.2 and §4.1.1.11, RFC 1870 §6.1.
#[test]
fn mail_refuses_bad_paths_and_parameters() {
    after_hello(
        "",
        r"
C: MAIL FROM <a@x.test>
S: 501 5.5.4 Syntax: MAIL FROM:<address>
C: MAIL FROM:<a@x.test
S: 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<ana>
S: 501 5.1.7 The sender address has no domain, write <user@domain>
C: MAIL FROM:<jos\xc3\xa9@x.test>
S: 550 5.6.7 The sender address is not ASCII, and MAIL did not say SMTPUTF8
C: MAIL FROM:<a@x.test> XYZZY=1
S: 555 5.5.4 Parameter not supported
C: MAIL FROM:<a@x.test> BODY=9BIT
S: 501 5.5.4 Bad or repeated parameter
C: MAIL FROM:<a@x.test> SIZE=1001
S: 552 5.3.4 The message is larger than the limit of 1000 octets
C: MAIL FROM:<a@x.test> SIZE=1000 AUTH=<>
?  sender <a@x.test> size 1000 auth <> -> accept
S: 250 2.1.0 Ok
",
    );
}

/// §4.1.1.3, with the source routes of appendix C.
#[test]
fn rcpt_takes_postmaster_and_source_routes_and_no_unknown_parameters() {
    in_transaction(
        "",
        "
C: RCPT TO:<postMASTER>
? recipient <Postmaster> -> accept
S: 250 2.1.5 Ok
C: RCPT TO:<@hop.test,@hop2.test:luis@lab.test>
? recipient <luis@lab.test> -> accept
S: 250 2.1.5 Ok
C: RCPT TO:<luis>
S: 501 5.1.3 The recipient address has no domain, write <user@domain>
C: RCPT TO:<>
S: 501 5.1.3 Bad recipient address syntax
C: RCPT TO:<luis@lab.test> SIZE=1
S: 555 5.5.4 Parameter not supported
",
    );
}

/// §4.1.1.4 and RFC 2920 §3.1: DATA without a recipient does not begin the content.
#[test]
fn data_needs_a_recipient() {
    after_hello(
        "",
        "
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C: RCPT TO:<nobody@lab.test>
? recipient <nobody@lab.test> -> refuse mailbox_disabled
S: 550 5.2.1 <nobody@lab.test>: Recipient address rejected: Mailbox disabled
C: DATA
S: 554 5.5.1 No valid recipients
C: RCPT TO:<luis@lab.test>
? recipient <luis@lab.test> -> accept
S: 250 2.1.5 Ok
",
    );
}

#[test]
fn what_cannot_be_found_out_is_refused_for_now() {
    in_transaction(
        "",
        r"
C: RCPT TO:<eva@lab.test>
? recipient <eva@lab.test> -> unavailable
S: 451 4.3.0 Cannot do this now, try again later
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
C: .
= content
? deliver 0 -> refuse storage_full
S: 452 4.3.1 Not enough storage, try again later
C: MAIL FROM:<>
? sender <> -> unavailable
S: 451 4.3.0 Cannot do this now, try again later
C: MAIL FROM:<>
? sender <> -> refuse null_sender
S: 553 5.7.1 <>: Sender address rejected: give your own address
",
    );
}

/// A browser that a web page has turned on this port.
#[test]
fn http_is_hung_up_on() {
    after_hello(
        "",
        r"
C: POST / HTTP/1.1\r\nMAIL FROM:<a@x.test>
S: 554 5.5.1 This is a mail server, not a web server
= close
",
    );
}
