//! RFC 3207: STARTTLS.

use crate::common::{after_ehlo, check};

/// §4.2: what was said before counts for nothing after it.
#[test]
fn section_4_2_the_client_forgets_what_it_learned() {
    after_ehlo(
        "",
        "STARTTLS,PIPELINING,SIZE 1,CHUNKING",
        "
C: STARTTLS
S: 220 go
= starttls
> tls
* TLSv1.3
C: EHLO client.test
S: 250 mx.test
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
",
    );
}

/// §6: octets that came before the handshake are not taken for the server's words under TLS.
#[test]
fn section_6_injected_replies_end_the_session() {
    let fault =
        "protocol error of mx while performing the TLS handshake: text in clear after the reply to STARTTLS";
    for injected in ["220 go\\r\\n250-evil.test\\r\\n250 AUTH PLAIN\\r\\n", "220 go\\r\\n2"] {
        after_ehlo("", "STARTTLS", &format!("C: STARTTLS\nS+ {injected}\n= failed Deferred 4.5.0 {fault}"));
    }
}

#[test]
fn tls_that_is_required_and_not_offered_ends_the_session() {
    after_ehlo(
        "tls=required",
        "",
        "C: QUIT\n= failed Deferred 4.7.4 TLS is required, but was not offered by host mx",
    );
    after_ehlo("tls=never", "STARTTLS", "= ready");
}

#[test]
fn a_refused_starttls_matters_only_if_tls_is_required() {
    after_ehlo("", "STARTTLS", "C: STARTTLS\nS: 454 4.7.0 no\n* tls refused: 454 4.7.0 no\n= ready");
    after_ehlo(
        "tls=required",
        "STARTTLS",
        "C: STARTTLS\nS: 554 5.7.0 no\nC: QUIT\n\
         = failed Deferred 4.7.0 TLS is required, but host mx refused to start TLS: 554 5.7.0 no",
    );
}

#[test]
fn a_failed_handshake_is_tried_again_in_clear_if_that_is_allowed() {
    let start = "C: STARTTLS\nS: 220 go\n= starttls\n> tls-failed\n* tls failed: certificate expired\n";
    after_ehlo(
        "",
        "STARTTLS",
        &format!("{start}= retry in clear: cannot start TLS with mx: certificate expired"),
    );
    after_ehlo(
        "tls=required",
        "STARTTLS",
        &format!("{start}= failed Deferred 4.7.5 cannot start TLS with mx: certificate expired"),
    );
}

/// RFC 8314 §3: STARTTLS within TLS makes no sense; without the handshake, nothing is said.
#[test]
fn implicit_tls_needs_no_starttls() {
    after_ehlo("tls=implicit tls", "STARTTLS", "= ready");
    check(
        "! tls=implicit\nS: 220 x\nC: QUIT\n= failed Deferred 4.7.4 TLS is required, but was not offered by host mx",
    );
}
