//! Lines end in CRLF, and CR and LF come in no other way.

use crate::{after_hello, in_content};

#[test]
fn a_command_that_ends_in_bare_lf_is_refused() {
    after_hello(
        "",
        r"
C+ NOOP\n
S: 500 5.5.2 Bare <CR> or <LF> received, lines must end in <CR><LF>
C+ NO\rOP\r\n
S: 500 5.5.2 Bare <CR> or <LF> received, lines must end in <CR><LF>
C: NOOP
S: 250 2.0.0 Ok
",
    );
}

#[test]
fn bare_lf_in_content_is_refused_and_the_connection_closed() {
    in_content(
        "",
        r"
C: a\n.\nMAIL FROM:<evil@x.test>
C: .\r\nQUIT
=  discard
S: 550 5.5.2 The message has a bare <CR> or <LF>, lines must end in <CR><LF>
=  close
",
    );
}

#[test]
fn bare_newlines_in_content_are_normalised_if_so_set() {
    in_content(
        "normalise",
        r"
C: a\n.\nMAIL FROM:<evil@x.test>\rb
C: .
=  content a\r\n.\r\nMAIL FROM:<evil@x.test> b\r\n
?  deliver 33 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

#[test]
fn a_bare_newline_in_an_auth_response_ends_the_exchange() {
    after_hello(
        "loopback",
        r"
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C+ YW5h\n
S: 500 5.5.2 Bare <CR> or <LF> received, lines must end in <CR><LF>
C: YW5h
S: 500 5.5.1 Command not recognized
",
    );
}
