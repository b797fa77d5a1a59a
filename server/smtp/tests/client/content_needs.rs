//! What a message needs of the server, and what happens where the server does not offer it.

use crate::common::after_ehlo;

/// RFC 6152 §2 and §3.
#[test]
fn eight_bit_content_is_announced_or_converted() {
    after_ehlo(
        "",
        "8BITMIME",
        "= ready\n> deliver a@x.test to b@y.test 8bit\nC: MAIL FROM:<a@x.test> BODY=8BITMIME",
    );
    let plan = "= ready\n> deliver a@x.test to b@y.test 8bit\n= plan\n";
    after_ehlo(
        "",
        "SIZE",
        &format!(
            "{plan}> planned\nC: MAIL FROM:<a@x.test> SIZE=150\nS: 250 ok\nC: RCPT TO:<b@y.test>\nS: 250 ok\n\
             C: DATA\nS: 354 go\n= content converted\n> sent\nS: 250 ok\n= 0 Delivered 2.0.0 250 ok\n= delivered\n= ready"
        ),
    );
    after_ehlo(
        "",
        "",
        &format!(
            "{plan}> unplannable\n= 0 Failed 5.6.3 host mx does not accept 8-bit content, and it cannot be converted: \
             a signed or encrypted part is 8-bit\n= delivered\n= ready"
        ),
    );
    after_ehlo(
        "",
        "SIZE 120",
        &format!(
            "{plan}> planned\n= 0 Failed 5.3.4 message size exceeds size limit 120 of server mx\n= delivered\n= ready"
        ),
    );
}

/// RFC 3030 §3: what DATA cannot carry goes by BDAT, once the recipients are known.
#[test]
fn binary_content_goes_in_a_chunk() {
    after_ehlo(
        "",
        "PIPELINING,CHUNKING,BINARYMIME,8BITMIME",
        "
= ready
> deliver a@x.test to b@y.test,c@y.test binary
C: MAIL FROM:<a@x.test> BODY=BINARYMIME
C: RCPT TO:<b@y.test>
C: RCPT TO:<c@y.test>
S: 250 ok
S: 250 ok
S: 550 no
= 1 Failed 5.0.0 host mx said: 550 no (in reply to RCPT TO command)
C: BDAT 100 LAST
= content chunk 100
> sent
S: 250 ok
= 0 Delivered 2.0.0 250 ok
= delivered
= ready
",
    );
    after_ehlo(
        "",
        "CHUNKING,8BITMIME",
        "= ready\n> deliver a@x.test to b@y.test binary 8bit\n= plan\n> unplannable\nC: MAIL FROM:<a@x.test> BODY=8BITMIME",
    );
}

/// RFC 6531 §3.1 and §3.5.
#[test]
fn internationalised_mail_needs_smtputf8() {
    after_ehlo(
        "",
        "SMTPUTF8,8BITMIME",
        "= ready\n> deliver josé@x.test to ana@español.test\nC: MAIL FROM:<josé@x.test> SMTPUTF8\nS: 250 ok\n\
         C: RCPT TO:<ana@español.test>",
    );
    after_ehlo(
        "",
        "SMTPUTF8,8BITMIME",
        "= ready\n> deliver a@x.test to b@y.test utf8\nC: MAIL FROM:<a@x.test> BODY=8BITMIME SMTPUTF8",
    );
    let refused = "Failed 5.6.7 SMTPUTF8 is required, but was not offered by host mx\n";
    for message in ["josé@x.test to b@y.test", "a@x.test to b@y.test utf8"] {
        after_ehlo(
            "",
            "8BITMIME",
            &format!("= ready\n> deliver {message}\n= 0 {refused}= delivered\n= ready"),
        );
    }
}

/// RFC 6531 §3.2: a domain has an ASCII form, a local part has none; others are not held up.
#[test]
fn only_recipients_without_an_ascii_form_are_refused() {
    after_ehlo(
        "",
        "",
        "
= ready
> deliver a@español.test to josé@y.test,ana@español.test
= 0 Failed 5.6.7 SMTPUTF8 is required, but was not offered by host mx
C: MAIL FROM:<a@xn--espaol-zwa.test>
S: 250 ok
C: RCPT TO:<ana@xn--espaol-zwa.test>
",
    );
}

/// RFC 8689 §4.2.1.
#[test]
fn requiretls_is_passed_on_or_the_message_is_not() {
    after_ehlo(
        "tls",
        "REQUIRETLS",
        "= ready\n> deliver a@x.test to b@y.test requiretls\nC: MAIL FROM:<a@x.test> REQUIRETLS",
    );
    let refused =
        "= 0 Failed 5.7.30 REQUIRETLS is required, but was not offered by host mx\n= delivered\n= ready";
    after_ehlo("tls", "", &format!("= ready\n> deliver a@x.test to b@y.test requiretls\n{refused}"));
    after_ehlo("", "REQUIRETLS", &format!("= ready\n> deliver a@x.test to b@y.test requiretls\n{refused}"));
}
