//! RFC 2920: pipelining.

use crate::common::{Player, after_ehlo};

/// §3.1
#[test]
fn section_3_1_replies_are_told_apart_by_their_order() {
    after_ehlo(
        "",
        "PIPELINING",
        "
= ready
> deliver a@x.test to b@y.test,c@y.test
C: MAIL FROM:<a@x.test>
C: RCPT TO:<b@y.test>
C: RCPT TO:<c@y.test>
C: DATA
S+ 250 ok\\r\\n550 5.1.1 no\\r\\n250 ok\\r\\n354 go\\r\\n
= 0 Failed 5.1.1 host mx said: 550 5.1.1 no (in reply to RCPT TO command)
= content
> sent
S: 250 ok
= 1 Delivered 2.0.0 250 ok
= delivered
= ready
",
    );
}

/// §3.1: a server that answers 354 without recipients wants a lone dot.
#[test]
fn section_3_1_a_354_without_recipients_is_answered_by_a_dot() {
    let start = "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
C: RCPT TO:<b@y.test>
C: DATA
S: 250 ok
S: 550 no
= 0 Failed 5.0.0 host mx said: 550 no (in reply to RCPT TO command)
";
    for reply in ["554 no valid recipients", "250 ok"] {
        after_ehlo("", "PIPELINING", &format!("{start}S: 354 go\nC: .\nS: {reply}\n= delivered\n= ready"));
    }
    after_ehlo(
        "",
        "PIPELINING",
        &format!("{start}S: 554 no valid recipients\nC: RSET\nS: 250 ok\n= delivered\n= ready"),
    );
}

/// The replies after a refused MAIL are read, and are nobody's outcome.
#[test]
fn section_3_1_a_refused_mail_makes_the_rest_void() {
    let refused = "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
C: RCPT TO:<b@y.test>
C: DATA
S: 451 4.1.8 later
= 0 Deferred 4.1.8 host mx said: 451 4.1.8 later (in reply to MAIL FROM command)
S: 503 no MAIL
";
    after_ehlo("", "PIPELINING", &format!("{refused}S: 503 no RCPT\n= delivered\n= ready"));
    after_ehlo("", "PIPELINING", &format!("{refused}S: 354 go\nC: .\nS: 554 nothing\n= delivered\n= ready"));
}

/// §3.1: no more is sent ahead than fits in the buffers of TCP.
#[test]
fn section_3_1_the_batch_is_bounded() {
    let recipients: Vec<String> = (0..1000).map(|number| format!("recipient{number}@y.test")).collect();
    let mut player = Player::new(&[]);
    player.receive(b"220 x\r\n250-x\r\n250 PIPELINING\r\n");
    player.event(&format!("deliver a@x.test to {}", recipients.join(",")));
    let sent = |log: &[String]| {
        log.iter().filter(|line| line.starts_with("C: RCPT")).map(|line| line.len() - 1).sum::<usize>()
    };
    // 250 for MAIL and for each RCPT but the last, one by one; what is unanswered stays within the limit.
    let mut answered = 0;
    for index in 0..=999 {
        player.receive(b"250 ok\r\n");
        if index > 0 {
            answered += format!("RCPT TO:<{}>\r\n", recipients[index - 1]).len();
        }
        let log_sent = sent(player.log());
        assert!(log_sent - answered < 8192 + 64, "{log_sent} sent, {answered} answered");
    }
    assert!(player.log().iter().any(|line| line == "C: DATA"));
}
