//! The service extensions over real sockets: what a client asks for reaches the mailbox, the next server, or the report.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::Lab;
use common::peer::Peer;
use common::wire::Wire;
use jiff::Timestamp;
use postigo_api::{
    Alias, Code, ConfigSet, Draft, Outgoing, QueueAct, QueueAction, QueueEdit, QueueQuery, QueueState,
    Service,
};

const ANA: &str = "ana@lab.test";
const LUIS: &str = "luis@lab.test";

async fn set(lab: &Lab, name: &str, value: &str) {
    let set = ConfigSet { name: name.into(), value: Some(value.into()), confirm_open_relay: None };
    lab.api.config_set(set).await.unwrap();
}

async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < common::PATIENCE, "it does not come");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn arrived(lab: &Lab, account: &str, messages: u32) {
    until(async || (lab.inbox(account).await == messages).then_some(())).await;
}

/// The texts of the new messages of an account.
fn texts(lab: &Lab, account: &str) -> Vec<Vec<u8>> {
    let (user, domain) = account.split_once('@').unwrap();
    let folder = lab.data().join(format!("mail/{domain}/{user}/Maildir/new"));
    std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn text(lab: &Lab, account: &str) -> String {
    let texts = texts(lab, account);
    assert_eq!(texts.len(), 1);
    String::from_utf8(texts[0].clone()).unwrap()
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

/// RFC 3461 §5.2.3: who asks to be told of success is, in the terms it gave.
#[tokio::test(flavor = "multi_thread")]
async fn success_in_a_mailbox_is_reported_to_who_asks() {
    let lab = Lab::start().await;
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}> RET=HDRS ENVID=n+2B1")).await;
    let said =
        smtp.ask(&format!("RCPT TO:<{LUIS}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Luis+2Bx@otro.test")).await;
    assert!(said.starts_with("250"), "{said}");
    smtp.ask("DATA").await;
    let said = smtp.ask("Message-ID: <1@lab.test>\r\n\r\ncuerpo secreto\r\n.").await;
    assert!(said.starts_with("250"), "{said}");
    arrived(&lab, LUIS, 1).await;
    arrived(&lab, ANA, 1).await;
    let report = text(&lab, ANA);
    holds(
        &report,
        &[
            "Return-Path: <>",
            "Original-Envelope-Id: n+1",
            "Original-Recipient: rfc822; Luis+x@otro.test",
            "Final-Recipient: rfc822; luis@lab.test",
            "Action: delivered",
            "Status: 2.0.0",
            "In-Reply-To: <1@lab.test>",
        ],
    );
    assert!(!report.contains("cuerpo secreto"), "only the header is returned: {report}");
}

/// RFC 3461 §5.2.7.3: an alias with several members is told of as such.
#[tokio::test(flavor = "multi_thread")]
async fn an_alias_of_several_is_reported_as_expanded() {
    let lab = Lab::start().await;
    let alias = Alias { name: "todos@lab.test".into(), targets: vec![ANA.into(), LUIS.into()] };
    lab.api.alias_set(alias).await.unwrap();
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
    smtp.ask("RCPT TO:<todos@lab.test> NOTIFY=SUCCESS").await;
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: x\r\n\r\nx\r\n.").await.starts_with("250"));
    arrived(&lab, LUIS, 1).await;
    arrived(&lab, ANA, 2).await;
    let texts: Vec<_> = texts(&lab, ANA).into_iter().map(|text| String::from_utf8(text).unwrap()).collect();
    let report = texts.iter().find(|text| text.contains("Action: expanded")).expect("a report");
    assert!(!report.contains("Action: delivered"), "{report}");
}

/// RFC 3461 §4.1: NEVER means never.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_want_reports_gets_none() {
    let lab = Lab::start().await;
    let peer = Peer::start(&["DSN"], &["550 5.1.1 no such user"]).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}> RET=FULL ENVID=x+2By")).await;
    smtp.ask("RCPT TO:<nadie@otro.test> NOTIFY=NEVER ORCPT=rfc822;n@otro.test").await;
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: x\r\n\r\nx\r\n.").await.starts_with("250"));
    until(async || lab.api.queue_list(QueueQuery::default()).await.unwrap().rows.is_empty().then_some(()))
        .await;
    let heard = peer.heard();
    holds(
        &heard,
        &[
            &format!("MAIL FROM:<{ANA}> RET=FULL ENVID=x+2By\n"),
            "RCPT TO:<nadie@otro.test> NOTIFY=NEVER ORCPT=rfc822;n@otro.test\n",
        ],
    );
    assert_eq!(lab.inbox(ANA).await, 0);
}

/// RFC 3461 §5.2.2: where the next server knows no DSN, we tell that we handed the message on.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_dsn_makes_us_report_that_it_was_relayed() {
    let lab = Lab::start().await;
    for (extensions, reports) in [(&["DSN"][..], 0), (&[][..], 1)] {
        let peer = Peer::start(extensions, &[]).await;
        set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
        let mut smtp = lab.smtp().await;
        smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
        smtp.ask("RCPT TO:<eva@otro.test> NOTIFY=SUCCESS").await;
        smtp.ask("DATA").await;
        assert!(smtp.ask("Subject: x\r\n\r\nx\r\n.").await.starts_with("250"));
        until(async || {
            lab.api.queue_list(QueueQuery::default()).await.unwrap().rows.is_empty().then_some(())
        })
        .await;
        arrived(&lab, ANA, reports).await;
    }
    holds(&text(&lab, ANA), &["Action: relayed", "Final-Recipient: rfc822; eva@otro.test"]);
}

/// RFC 6531: addresses in any script, here and on the way; domains are the same in both their forms.
#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_any_script_work_where_they_can() {
    let lab = Lab::start().await;
    let alias = Alias { name: "jose\u{301}@lab.test".replace("e\u{301}", "é"), targets: vec![ANA.into()] };
    lab.api.alias_set(alias).await.unwrap();
    let mut smtp = lab.smtp().await;
    let said = smtp.ask("MAIL FROM:<maría@español.test>").await;
    assert!(said.starts_with("550 5.6.7"), "{said}");
    let said = smtp.ask("MAIL FROM:<maría@español.test> SMTPUTF8").await;
    assert!(said.starts_with("250"), "{said}");
    let said = smtp.ask("RCPT TO:<josé@lab.test>").await;
    assert!(said.starts_with("250"), "{said}");
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: ¿qué?\r\n\r\nx\r\n.").await.starts_with("250"));
    arrived(&lab, ANA, 1).await;
    holds(
        &text(&lab, ANA),
        &["Return-Path: <maría@español.test>", "with UTF8SMTP id", "for <josé@lab.test>"],
    );
}

/// RFC 6531 §3.5: what the next server cannot take comes back with 5.6.7; a domain goes as A-labels.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_smtputf8_gets_what_can_be_written_in_ascii() {
    let lab = Lab::start().await;
    let peer = Peer::start(&["8BITMIME"], &[]).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}> SMTPUTF8")).await;
    for to in ["eva@español.test", "evaña@otro.test"] {
        let said = smtp.ask(&format!("RCPT TO:<{to}>")).await;
        assert!(said.starts_with("250"), "{said}");
    }
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: x\r\n\r\nx\r\n.").await.starts_with("250"));
    arrived(&lab, ANA, 1).await;
    holds(
        &text(&lab, ANA),
        &["Action: failed", "Status: 5.6.7", r"Final-Recipient: utf-8; eva\x{F1}a@otro.test"],
    );
    until(async || peer.heard().contains("RCPT TO:<eva@xn--espaol-zwa.test>").then_some(())).await;
}

/// RFC 3030: chunks make one message, and a refused one does not become commands.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_in_chunks() {
    let lab = Lab::start().await;
    let mut smtp = lab.smtp().await;
    smtp.say("BDAT 8\r\nQUIT\r\n").await;
    let said = smtp.reply().await;
    assert!(said.starts_with("503"), "{said}");
    smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
    smtp.ask(&format!("RCPT TO:<{LUIS}>")).await;
    let first = "x".repeat(60_000);
    let said = smtp.ask(&format!("BDAT {}\r\nSubject: a\r\n\r\n{first}", 14 + first.len() + 2)).await;
    assert!(said.starts_with("250 2.0.0 60016 octets"), "{said}");
    let said = smtp.ask("BDAT 6 LAST\r\n.\r\n.").await;
    assert!(said.starts_with("250 2.0.0 Ok: queued as"), "{said}");
    arrived(&lab, LUIS, 1).await;
    let text = text(&lab, LUIS);
    assert!(text.ends_with(&format!("Subject: a\r\n\r\n{first}\r\n.\r\n.\r\n")));
    assert!(smtp.ask("QUIT").await.starts_with("221"));
}

/// RFC 3030 §3: binary content stays as it is, and where it cannot be handed on so, it is encoded.
#[tokio::test(flavor = "multi_thread")]
async fn binary_content_is_kept_and_encoded_for_who_cannot_take_it() {
    let lab = Lab::start().await;
    let peer = Peer::start(&["8BITMIME"], &[]).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}> BODY=BINARYMIME")).await;
    smtp.ask(&format!("RCPT TO:<{LUIS}>")).await;
    smtp.ask("RCPT TO:<eva@otro.test>").await;
    let header = "MIME-Version: 1.0\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    let content = format!("{header}\0\n\r\n\r");
    let said = smtp.ask(&format!("BDAT {} LAST\r\n{content}NOOP", content.len())).await;
    assert!(said.starts_with("250 2.0.0 Ok: queued as"), "{said}");
    assert!(smtp.reply().await.starts_with("250"), "NOOP");
    arrived(&lab, LUIS, 1).await;
    assert!(texts(&lab, LUIS)[0].ends_with(b"binary\r\n\r\n\0\n\r\n\r"));
    until(async || peer.heard().contains("\n.\n").then_some(())).await;
    holds(&peer.heard(), &["Content-Transfer-Encoding: base64", "\nAAoNCg0=\n"]);
}

/// RFC 3207 §4.2 and §5: what was said in clear is forgotten, and what came with STARTTLS is not obeyed.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_pipelined_with_starttls_counts() {
    let lab = Lab::start().await;
    for injected in ["MAIL FROM:<eva@x.test> RET=FULL", "BDAT 4 LAST\r\nabcd", "NOOP"] {
        let mut smtp = lab.smtp().await;
        smtp.say(&format!("STARTTLS\r\n{injected}")).await;
        let (last, _) = smtp.end().await;
        assert!(last.starts_with("554 5.5.0"), "{injected}: {last}");
    }
    assert!(lab.listener(Service::Smtp).await.open);
}

/// RFC 4865: what is submitted for later waits in the queue, for mailboxes here, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_for_later_waits() {
    let lab = Lab::start().await;
    let mut smtp = Wire::smtp(lab.listener(Service::Submission).await.port).await;
    let said = smtp.ask(&format!("AUTH PLAIN {}", plain("ana"))).await;
    assert!(said.starts_with("235"), "{said}");
    let said = smtp.ask(&format!("MAIL FROM:<{ANA}> HOLDFOR=999999999")).await;
    assert!(said.starts_with("501"), "{said}");
    smtp.ask(&format!("MAIL FROM:<{ANA}> HOLDFOR=3600")).await;
    smtp.ask(&format!("RCPT TO:<{LUIS}> NOTIFY=SUCCESS")).await;
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: luego\r\n\r\nx\r\n.").await.starts_with("250"));
    let rows = lab.api.queue_list(QueueQuery::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].state, QueueState::Later);
    let counts = lab.api.queue_list(QueueQuery::default()).await.unwrap().counts;
    assert_eq!((counts.active, counts.later), (0, 1));
    // Neither a server that asks for its mail gets it now, nor does who tries everything again.
    assert!(lab.smtp().await.ask("ETRN lab.test").await.starts_with("250"));
    let act = |action, ids: Option<&str>| QueueAct { action, queue_ids: ids.map(|id| vec![id.to_owned()]) };
    let id = rows[0].queue_id.as_str();
    for retry in [act(QueueAction::Retry, None), act(QueueAction::Retry, Some(id))] {
        assert_eq!(lab.api.queue_act(retry).await.unwrap().messages, 0);
    }
    let error = lab.api.queue_act(act(QueueAction::SendNow, None)).await.unwrap_err();
    assert_eq!(error.code, Code::BadRequest);
    // A hold that is undone is no release, and another address none either.
    lab.api.queue_act(act(QueueAction::Hold, Some(id))).await.unwrap();
    lab.api.queue_act(act(QueueAction::Release, Some(id))).await.unwrap();
    let edit = QueueEdit { queue_id: id.to_owned(), number: 0, address: LUIS.into() };
    let edited = lab.api.queue_edit(edit).await.unwrap();
    assert_eq!((edited.row.state, edited.recipients[0].state), (QueueState::Later, QueueState::Later));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((lab.inbox(LUIS).await, lab.inbox(ANA).await), (0, 0));
    // Who says so of this message may send it.
    lab.api.queue_act(act(QueueAction::SendNow, Some(id))).await.unwrap();
    arrived(&lab, LUIS, 1).await;
    arrived(&lab, ANA, 1).await;
    holds(&text(&lab, LUIS), &["Delivered-To: luis@lab.test", "with ESMTPA id", "Subject: luego"]);
    holds(&text(&lab, ANA), &["Action: delivered", "Final-Recipient: rfc822; luis@lab.test"]);
    until(async || lab.api.queue_list(QueueQuery::default()).await.unwrap().rows.is_empty().then_some(()))
        .await;
}

/// RFC 4865: it goes when its time comes, and not when the queue is looked through every five minutes; to a mailbox here as
/// to another server, and though everything was tried again meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_client_is_sent_at_its_time_and_not_before() {
    let lab = Lab::start().await;
    let peer = Peer::start(&[], &[]).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    let draft =
        Draft { to: vec![LUIS.into(), "eva@otro.test".into()], subject: "luego".into(), ..Draft::default() };
    let time = Timestamp::from_second(Timestamp::now().as_second() + 3).unwrap();
    let outgoing = Outgoing { account: ANA.into(), draft, send_at: Some(time.to_string()) };
    let sent = lab.api.mail_send(outgoing.clone()).await.unwrap();
    assert_eq!(sent.send_at, Some(time.to_string()));
    let row = lab.api.queue_list(QueueQuery::default()).await.unwrap().rows.remove(0);
    assert_eq!(Some(row.queue_id), sent.queue_id);
    assert_eq!((row.state, row.next_try), (QueueState::Later, Some(time.as_microsecond())));
    lab.api.queue_act(QueueAct { action: QueueAction::Retry, queue_ids: None }).await.unwrap();

    let (mut here, mut there) = (None, None);
    while here.is_none() || there.is_none() {
        let is_here = lab.inbox(LUIS).await > 0;
        let is_there = peer.heard().contains("RCPT TO:<eva@otro.test>");
        let now = Timestamp::now();
        here = here.or(is_here.then_some(now));
        there = there.or(is_there.then_some(now));
        assert!(now.duration_since(time).as_secs() < 20, "it does not come: {here:?} {there:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(here >= Some(time) && there >= Some(time), "{here:?} {there:?} before {time}");

    let error = lab.api.mail_send(outgoing).await.unwrap_err();
    assert_eq!(error.code, Code::MailLaterPast);
}

/// RFC 1985: a server that was away asks for its mail.
#[tokio::test(flavor = "multi_thread")]
async fn etrn_runs_the_queue_for_a_domain() {
    let lab = Lab::start().await;
    let peer = Peer::start(&[], &["451 4.7.1 not now"]).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
    smtp.ask("RCPT TO:<eva@inner.test>").await;
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: x\r\n\r\nx\r\n.").await.starts_with("250"));
    until(async || peer.heard().contains("RCPT TO:<eva@inner.test>").then_some(())).await;
    peer.refuse_nobody();
    until(async || {
        let rows = lab.api.queue_list(QueueQuery::default()).await.unwrap().rows;
        rows.first().is_some_and(|row| row.state == QueueState::Deferred).then_some(())
    })
    .await;
    assert!(smtp.ask("ETRN other.test").await.starts_with("250"));
    assert!(smtp.ask("ETRN inner.test").await.starts_with("250"));
    until(async || lab.api.queue_list(QueueQuery::default()).await.unwrap().rows.is_empty().then_some(()))
        .await;
    set(&lab, "mynetworks", "10.0.0.0/8").await;
    let said = lab.smtp().await.ask("ETRN inner.test").await;
    assert!(said.starts_with("459"), "{said}");
}

/// Postfix's XCLIENT: only for who is in the list, and then the client is who the proxy says.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_speaks_for_its_client() {
    let lab = Lab::start().await;
    let said = lab.smtp().await.ask("XCLIENT ADDR=192.0.2.9").await;
    assert!(said.starts_with("550"), "{said}");
    set(&lab, "smtpd_authorized_xclient_hosts", "127.0.0.1").await;
    let mut smtp = lab.smtp().await;
    let said = smtp.ask("XCLIENT ADDR=192.0.2.9 NAME=spike.test HELO=spike.test PROTO=ESMTP").await;
    assert!(said.starts_with("220"), "{said}");
    smtp.ask("MAIL FROM:<eva@otro.test>").await;
    let said = smtp.ask("RCPT TO:<x@elsewhere.test>").await;
    assert!(said.starts_with("554"), "the address is not one of mynetworks: {said}");
    smtp.ask(&format!("RCPT TO:<{LUIS}>")).await;
    smtp.ask("DATA").await;
    assert!(smtp.ask("Subject: x\r\n\r\nx\r\n.").await.starts_with("250"));
    arrived(&lab, LUIS, 1).await;
    holds(&text(&lab, LUIS), &["Received: from spike.test (spike.test [192.0.2.9])", "with ESMTP id"]);
    assert!(smtp.ask("XCLIENT LOGIN=nadie").await.starts_with("550"));
    assert!(smtp.ask("XCLIENT LOGIN=ana HELO=x").await.starts_with("220"));
    smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
    let said = smtp.ask("RCPT TO:<x@elsewhere.test>").await;
    assert!(said.starts_with("250"), "{said}");
}

fn plain(user: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(format!("\0{user}\0{}", common::PASSWORD))
}
