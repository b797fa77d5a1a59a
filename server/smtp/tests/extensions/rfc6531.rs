//! SMTPUTF8.

use crate::after_hello;

/// §3.4 and §3.5: with the parameter, local parts and domains may hold any character, and ORCPT, too (RFC 6533 §3).
#[test]
fn addresses_outside_of_ascii_need_the_parameter() {
    after_hello(
        "",
        r"
C: MAIL FROM:<jos\xc3\xa9@espa\xc3\xb1ol.test>
S: 550 5.6.7 The sender address is not ASCII, and MAIL did not say SMTPUTF8
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C: RCPT TO:<jos\xc3\xa9@lab.test>
S: 553 5.6.7 The recipient address is not ASCII, and MAIL did not say SMTPUTF8
C: RCPT TO:<ana@espa\xc3\xb1ol.test>
S: 553 5.6.7 The recipient address is not ASCII, and MAIL did not say SMTPUTF8
C: RSET
S: 250 2.0.0 Ok
C: MAIL FROM:<jos\xc3\xa9@espa\xc3\xb1ol.test> SMTPUTF8
? sender <josé@español.test> utf8 -> accept
S: 250 2.1.0 Ok
C: RCPT TO:<\xe6\xbc\xa2@lab.test> ORCPT=utf-8;\x5cx{6F22}@lab.test
? recipient <漢@lab.test> -> accept
S: 250 2.1.5 Ok
C: RCPT TO:<nobody\xc3\xb1@lab.test>
? recipient <nobodyñ@lab.test> -> refuse user_unknown
S: 550 5.1.1 <nobody??@lab.test>: Recipient address rejected: User unknown
C: RCPT TO:<jos\xe9@lab.test>
S: 501 5.1.3 Bad recipient address syntax
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
= original <漢@lab.test> utf-8 漢@lab.test
",
    );
}

#[test]
fn the_parameter_has_no_value_and_comes_once() {
    for parameter in ["SMTPUTF8=1", "SMTPUTF8=", "SMTPUTF8 smtputf8"] {
        after_hello(
            "",
            &format!("C: MAIL FROM:<a@x.test> {parameter}\nS: 501 5.5.4 Bad or repeated parameter\n"),
        );
    }
}
