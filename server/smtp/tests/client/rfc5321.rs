//! RFC 5321.

use crate::common::{Player, after_ehlo, check};
use std::time::Duration;

/// §3.1: a server that takes no mail says so in its greeting.
#[test]
fn section_3_1_a_greeting_may_refuse() {
    check(
        "
S: 554 5.7.1 You are blocked
C: QUIT
= failed Deferred 4.7.1 host mx refused to talk to me: 554 5.7.1 You are blocked
",
    );
    check("S: 421 4.3.2 busy\n= failed Deferred 4.3.2 host mx refused to talk to me: 421 4.3.2 busy");
    check(
        "S: 354 what\n= failed Deferred 4.5.0 protocol error of mx while receiving the initial server greeting: a reply code that does not fit the command",
    );
}

/// §3.2: HELO where EHLO is not known.
#[test]
fn section_3_2_an_old_server_gets_helo() {
    check(
        "
S: 220 old.test
C: EHLO client.test
S: 500 5.5.1 what?
* helo after 500 5.5.1 what?
C: HELO client.test
S: 250 old.test
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 250 ok
C: DATA
S: 354 go
= content
> sent
S: 250 2.0.0 queued
= 0 Delivered 2.0.0 250 2.0.0 queued
= delivered
= ready
> end
C: QUIT
S: 221 bye
= close
",
    );
}

/// §3.2: but not where TLS or a log-in is due, and not for a refusal that passes.
#[test]
fn section_3_2_helo_only_where_it_is_right() {
    for setting in ["tls=required", "user"] {
        check(&format!(
            "! {setting}\nS: 220 old.test\nC: EHLO client.test\nS: 502 no\nC: QUIT\n\
             = failed Failed 5.0.0 host mx refused to talk to me: 502 no"
        ));
    }
    check(
        "S: 220 x\nC: EHLO client.test\nS: 450 4.7.1 later\nC: QUIT\n\
         = failed Deferred 4.7.1 host mx refused to talk to me: 450 4.7.1 later",
    );
}

/// §3.3: one by one, and each recipient has its own outcome.
#[test]
fn section_3_3_each_recipient_has_its_own_outcome() {
    after_ehlo(
        "",
        "",
        "
= ready
> deliver <> to b@y.test,c@y.test,postmaster,d@y.test
C: MAIL FROM:<>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 550 5.1.1 <b@y.test>: User unknown
= 0 Failed 5.1.1 host mx said: 550 5.1.1 <b@y.test>: User unknown (in reply to RCPT TO command)
C: RCPT TO:<c@y.test>
S: 251 will forward
C: RCPT TO:<Postmaster>
S: 450 greylisted
= 2 Deferred 4.0.0 host mx said: 450 greylisted (in reply to RCPT TO command)
C: RCPT TO:<d@y.test>
S: 250 ok
C: DATA
S: 354 go
= content
> sent
S: 250 ok
= 1 Delivered 2.0.0 250 ok
= 3 Delivered 2.0.0 250 ok
= delivered
= ready
",
    );
}

#[test]
fn section_3_3_a_refused_sender_is_the_outcome_of_all() {
    after_ehlo(
        "",
        "",
        "
= ready
> deliver a@x.test to b@y.test,c@y.test
C: MAIL FROM:<a@x.test>
S: 553 5.1.8 no such domain
= 0 Failed 5.1.8 host mx said: 553 5.1.8 no such domain (in reply to MAIL FROM command)
= 1 Failed 5.1.8 host mx said: 553 5.1.8 no such domain (in reply to MAIL FROM command)
= delivered
= ready
",
    );
}

/// §3.3: without recipients there is no DATA; RSET leaves the transaction.
#[test]
fn section_3_3_without_recipients_there_is_no_data() {
    after_ehlo(
        "",
        "",
        "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 550 no
= 0 Failed 5.0.0 host mx said: 550 no (in reply to RCPT TO command)
C: RSET
S: 250 ok
= delivered
= ready
",
    );
}

#[test]
fn section_3_3_data_and_content_may_be_refused() {
    let start = "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 250 ok
C: DATA
";
    let data_refused = "
S: 451 4.3.0 later
= 0 Deferred 4.3.0 host mx said: 451 4.3.0 later (in reply to DATA command)
C: RSET
S: 250 ok
= delivered
= ready
";
    after_ehlo("", "", &format!("{start}{data_refused}"));
    let content_refused = "
S: 354 go
= content
> sent
S: 554 5.7.1 spam
= 0 Failed 5.7.1 host mx said: 554 5.7.1 spam (in reply to end of DATA command)
= delivered
= ready
";
    after_ehlo("", "", &format!("{start}{content_refused}"));
}

/// §3.8: 421 at any point ends the session, and what was not confirmed is deferred.
#[test]
fn section_3_8_the_server_may_close_at_any_point() {
    let steps: [(&str, &str); 4] = [
        ("C: MAIL FROM:<a@x.test>\n", "MAIL FROM"),
        ("S: 250 ok\nC: RCPT TO:<b@y.test>\n", "RCPT TO"),
        ("S: 250 ok\nC: DATA\n", "DATA"),
        ("S: 354 go\n= content\n> sent\n", "end of DATA"),
    ];
    let mut dialogue = "= ready\n> deliver a@x.test to b@y.test\n".to_owned();
    for (step, command) in steps {
        dialogue.push_str(step);
        let outcome =
            format!("Deferred 4.3.2 host mx said: 421 4.3.2 stopping (in reply to {command} command)");
        let end = format!("S: 421 4.3.2 stopping\n= 0 {outcome}\n= delivered\n= failed {outcome}\n");
        after_ehlo("", "", &format!("{dialogue}{end}"));
    }
}

/// After the final dot, a message without a reply is sent again: at least once, never less.
#[test]
fn section_4_5_3_2_6_no_reply_to_the_content_is_no_delivery() {
    let start = "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 250 ok
C: DATA
S: 354 go
= content
> sent
";
    let doubt = "while sending end of data -- message may be sent more than once";
    for (event, text) in [
        ("lost", format!("Deferred 4.4.2 lost connection with mx {doubt}")),
        ("timeout", format!("Deferred 4.4.2 conversation with mx timed out {doubt}")),
    ] {
        after_ehlo("", "", &format!("{start}> {event}\n= 0 {text}\n= delivered\n= failed {text}\n"));
    }
    // A code that means nothing here is no yes.
    let fault =
        format!("Deferred 4.5.0 protocol error of mx {doubt}: a reply code that does not fit the command");
    after_ehlo("", "", &format!("{start}S: 354 more\n= 0 {fault}\n= delivered\n= failed {fault}\n"));
}

/// A message whose file cannot be read must not end as if it were complete.
#[test]
fn content_that_cannot_be_read_is_not_ended() {
    let text = "Deferred 4.3.0 delivery to mx was interrupted on this side";
    after_ehlo(
        "",
        "",
        &format!(
            "= ready\n> deliver a@x.test to b@y.test\nC: MAIL FROM:<a@x.test>\nS: 250 ok\nC: RCPT TO:<b@y.test>\n\
             S: 250 ok\nC: DATA\nS: 354 go\n= content\n> unreadable\n= stop\n= 0 {text}\n= delivered\n= failed {text}\n"
        ),
    );
}

#[test]
fn content_may_be_refused_before_its_end() {
    let text = "Failed 5.7.1 host mx said: 554 5.7.1 virus (in reply to message content command)";
    after_ehlo(
        "",
        "",
        &format!(
            "= ready\n> deliver a@x.test to b@y.test\nC: MAIL FROM:<a@x.test>\nS: 250 ok\nC: RCPT TO:<b@y.test>\n\
             S: 250 ok\nC: DATA\nS: 354 go\n= content\nS: 554 5.7.1 virus\n= stop\n= 0 {text}\n= delivered\n= failed {text}\n"
        ),
    );
}

/// §4.5.3.1.10: the recipients beyond the server's limit get the next transaction, at once.
#[test]
fn section_4_5_3_1_10_too_many_recipients_are_split() {
    after_ehlo(
        "",
        "PIPELINING",
        "
= ready
> deliver a@x.test to b@y.test,c@y.test,d@y.test
C: MAIL FROM:<a@x.test>
C: RCPT TO:<b@y.test>
C: RCPT TO:<c@y.test>
C: RCPT TO:<d@y.test>
C: DATA
S: 250 ok
S: 250 ok
S: 452 4.5.3 Too many recipients
S: 452 4.2.2 mailbox full
= 2 Deferred 4.2.2 host mx said: 452 4.2.2 mailbox full (in reply to RCPT TO command)
S: 354 go
= content
> sent
S: 250 2.0.0 queued
= 0 Delivered 2.0.0 250 2.0.0 queued
C: MAIL FROM:<a@x.test>
C: RCPT TO:<c@y.test>
C: DATA
S: 250 ok
S: 250 ok
S: 354 go
= content
> sent
S: 250 2.0.0 queued
= 1 Delivered 2.0.0 250 2.0.0 queued
= delivered
= ready
",
    );
}

/// Where not even one is taken, waiting is all there is.
#[test]
fn section_4_5_3_1_10_a_server_that_takes_none_is_not_asked_again() {
    after_ehlo(
        "",
        "",
        "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 452 4.5.3 Too many recipients
= 0 Deferred 4.5.3 host mx said: 452 4.5.3 Too many recipients (in reply to RCPT TO command)
C: RSET
S: 250 ok
= delivered
= ready
",
    );
}

/// RFC 9422 §4: what the server announces is kept to.
#[test]
fn rfc_9422_announced_limits_are_kept() {
    after_ehlo(
        "",
        "LIMITS RCPTMAX=2 MAILMAX=1",
        "
= ready
> deliver a@x.test to b@y.test,c@y.test,d@y.test
* left 1
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 250 ok
C: RCPT TO:<c@y.test>
S: 250 ok
C: DATA
S: 354 go
= content
> sent
S: 250 ok
= 0 Delivered 2.0.0 250 ok
= 1 Delivered 2.0.0 250 ok
= 2 Deferred 4.4.2 the connection with mx ended before this recipient's turn
= delivered
C: QUIT
S: 221 bye
= close
",
    );
}

/// A connection that was kept and closed meanwhile is no reason to wait.
#[test]
fn a_stale_connection_is_no_failure_of_the_recipient() {
    let first = "
= ready
> deliver a@x.test to b@y.test
C: MAIL FROM:<a@x.test>
S: 250 ok
C: RCPT TO:<b@y.test>
S: 250 ok
C: DATA
S: 354 go
= content
> sent
S: 250 ok
= 0 Delivered 2.0.0 250 ok
= delivered
= ready
";
    let second = "
> deliver a@x.test to c@y.test
C: MAIL FROM:<a@x.test>
> lost
= 0 Deferred 4.4.2 the connection with mx ended before this recipient's turn
= delivered
= failed Deferred 4.4.2 lost connection with mx while sending MAIL FROM
";
    after_ehlo("", "", &format!("{first}{second}"));
    after_ehlo("", "", &format!("{first}S: 421 4.4.2 idle\n* unasked: 421 4.4.2 idle\n= close"));
    after_ehlo("", "", &format!("{first}> lost\n= close"));
    after_ehlo("", "", &format!("{first}> end\nC: QUIT\n> timeout\n= close"));
}

/// RFC 1870 §6.1 and RFC 3461 §4.
#[test]
fn mail_and_rcpt_say_what_the_server_understands() {
    after_ehlo(
        "",
        "SIZE 1000,DSN",
        "
= ready
> deliver a@x.test to b+c@y.test dsn
C: MAIL FROM:<a@x.test> SIZE=100 RET=HDRS ENVID=id+2B1
S: 250 ok
C: RCPT TO:<b+c@y.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bc@y.test
> lost
= 0 Deferred 4.4.2 lost connection with mx while sending RCPT TO
= delivered
= failed Deferred 4.4.2 lost connection with mx while sending RCPT TO
",
    );
    after_ehlo(
        "",
        "SIZE 99",
        "
= ready
> deliver a@x.test to b@y.test dsn
= 0 Failed 5.3.4 message size exceeds size limit 99 of server mx
= delivered
= ready
",
    );
}

/// §4.5.3.2.
#[test]
fn section_4_5_3_2_each_wait_has_its_time() {
    let mut player = Player::new(&[]);
    let expect = |player: &mut Player, line: &str, seconds: Option<u64>| {
        player.play(line);
        assert_eq!(player.session().patience(), seconds.map(Duration::from_secs), "after {line}");
    };
    let steps: [(&str, Option<u64>); 11] = [
        ("C: nothing yet", Some(300)),
        ("S: 220 x", Some(300)),
        ("S: 250 x", None),
        ("> deliver a@x.test to b@y.test,c@y.test", Some(300)),
        ("S: 250 ok", Some(300)),
        ("S: 250 ok", Some(300)),
        ("S: 550 no", Some(120)),
        ("S: 354 go", Some(180)),
        ("> sent", Some(600)),
        ("S: 250 ok", None),
        ("> end", Some(2)),
    ];
    for (line, seconds) in steps {
        expect(&mut player, line, seconds);
    }
}
