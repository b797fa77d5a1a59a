//! LIMITS.

use crate::common::check;

/// §4: what is said is what holds. Larger limits than the grammar can write (§3.3) are said as its largest.
#[test]
fn the_limits_are_those_of_the_session() {
    let hello = |settings: &str, mail_max: &str, rcpt_max: &str, rest: &str| {
        check(&format!(
            "! no-auth no-tls {settings}\nS: 220 mail.lab.test ESMTP Postigo\nC: EHLO x\nS: 250-mail.lab.test\n\
             S: 250-PIPELINING\nS: 250-SIZE 1000\nS: 250-ENHANCEDSTATUSCODES\nS: 250-8BITMIME\nS: 250-DSN\n\
             S: 250-SMTPUTF8\nS: 250-CHUNKING\nS: 250-BINARYMIME\nS: 250-ETRN\n\
             S: 250 LIMITS MAILMAX={mail_max} RCPTMAX={rcpt_max}\n{rest}"
        ));
    };
    hello("transactions=1234567 recipients=9999999", "999999", "999999", "");
    hello(
        "transactions=1 recipients=1",
        "1",
        "1",
        "
C: MAIL FROM:<a@x.test>
? sender <a@x.test> -> accept
S: 250 2.1.0 Ok
C: RCPT TO:<luis@lab.test>
? recipient <luis@lab.test> -> accept
S: 250 2.1.5 Ok
C: RCPT TO:<ana@lab.test>
S: 452 4.5.3 Too many recipients, send the others in another message
C: BDAT 0 LAST
= content
? deliver 0 -> queued 4Q
S: 250 2.0.0 Ok: queued as 4Q
C: MAIL FROM:<a@x.test>
S: 421 4.7.0 Too many messages in one connection, open another
= close
",
    );
}
