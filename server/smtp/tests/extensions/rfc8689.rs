//! REQUIRETLS.

use crate::after_hello;
use crate::common::check;

/// §2: offered under TLS only, and good under TLS only.
#[test]
fn requiretls_is_for_encrypted_connections() {
    after_hello(
        "",
        "
C: MAIL FROM:<a@x.test> REQUIRETLS
S: 530 5.7.0 REQUIRETLS needs TLS, issue a STARTTLS command first
",
    );
    check(
        "
! tls no-auth
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
S: 250-REQUIRETLS
S: 250 LIMITS MAILMAX=100000 RCPTMAX=1000
C: MAIL FROM:<a@x.test> REQUIRETLS
? sender <a@x.test> requiretls -> accept
S: 250 2.1.0 Ok
C: RSET
S: 250 2.0.0 Ok
C: MAIL FROM:<a@x.test> REQUIRETLS=1
S: 501 5.5.4 Bad or repeated parameter
",
    );
}
