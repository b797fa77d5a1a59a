//! The server closes the connection after QUIT, or with 421.

use crate::{after_hello, in_content, in_transaction};

#[test]
fn silence_ends_in_421() {
    after_hello(
        "",
        "
> timeout
S: 421 4.4.2 Nothing heard for too long, closing the connection
= close
",
    );
}

#[test]
fn silence_within_content_throws_the_content_away() {
    in_content(
        "",
        "
C: half a mess
> timeout
= discard
S: 421 4.4.2 Nothing heard for too long, closing the connection
= close
",
    );
}

#[test]
fn a_silent_handshake_ends_without_a_reply() {
    after_hello(
        "",
        "
C: STARTTLS
S: 220 2.0.0 Ready to start TLS
= starttls
> timeout
= close
",
    );
}

#[test]
fn a_stopping_server_says_so_when_nothing_is_under_way() {
    in_transaction(
        "",
        "
> shutdown
S: 421 4.3.2 The server is stopping, try again later
= close
",
    );
}

#[test]
fn a_stopping_server_first_answers_the_message_that_is_under_way() {
    in_content(
        "",
        r"
C: half a
> shutdown
C: message
C: .
= content half a\r\nmessage\r\n
? deliver 17 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
S: 421 4.3.2 The server is stopping, try again later
= close
",
    );
}

#[test]
fn a_client_whose_account_changed_has_to_log_in_again() {
    after_hello(
        "",
        "
> account changed
S: 421 4.7.0 Your account was closed or changed, log in again
= close
",
    );
}

#[test]
fn a_driver_may_end_the_session_by_answering_421() {
    after_hello(
        "",
        "
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> refuse shutting_down
S: 421 4.3.2 The server is stopping, try again later
= close
",
    );
}
