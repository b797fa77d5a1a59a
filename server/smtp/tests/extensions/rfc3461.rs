//! DSN.

use crate::after_hello;

/// §4: what MAIL and RCPT ask for comes to the driver with the content.
#[test]
fn what_the_sender_asks_for_is_in_the_envelope() {
    after_hello(
        "",
        "
C: MAIL FROM:<a@x.test> RET=hdrs ENVID=QQ+2B+20314159
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C: RCPT TO:<luis@lab.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Luis+2Bx@lab.test
? recipient <luis@lab.test> -> accept
S: 250 2.1.5 Ok
C: RCPT TO:<eva@lab.test> notify=never
? recipient <eva@lab.test> -> accept
S: 250 2.1.5 Ok
C: RCPT TO:<ana@lab.test>
? recipient <ana@lab.test> -> accept
S: 250 2.1.5 Ok
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
= returned HDRS
= envelope id QQ+ 314159
= notify <luis@lab.test> SUCCESS,DELAY
= original <luis@lab.test> rfc822 Luis+x@lab.test
= notify <eva@lab.test> NEVER
C: .
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
",
    );
}

/// §4.1 to §4.4: each parameter once, each within its grammar.
#[test]
fn parameters_outside_of_their_grammar_are_refused() {
    for parameter in [
        "RET=ALL",
        "RET",
        "RET=FULL RET=HDRS",
        "ENVID=",
        "ENVID=a+",
        "ENVID=a+0D",
        "ENVID=+C3+B1",
        &format!("ENVID={}", "x".repeat(101)),
    ] {
        after_hello(
            "",
            &format!("C: MAIL FROM:<a@x.test> {parameter}\nS: 501 5.5.4 Bad or repeated parameter\n"),
        );
    }
    for parameter in [
        "NOTIFY=NEVER,SUCCESS",
        "NOTIFY=",
        "NOTIFY",
        "NOTIFY=SUCCESS NOTIFY=DELAY",
        "ORCPT=luis@lab.test",
        "ORCPT=rfc822;",
        "ORCPT=rfc822;a+0D+0ARSET",
        &format!("ORCPT=rfc822;{}", "x".repeat(500)),
    ] {
        let dialogue = format!(
            "C: MAIL FROM:<a@x.test>\n? sender <a@x.test> -> accept\nS: 250 2.1.0 Ok\n\
             C: RCPT TO:<luis@lab.test> {parameter}\nS: 501 5.5.4 Bad or repeated parameter\n"
        );
        after_hello("", &dialogue);
    }
}
