//! Mail for another server: routed, queued, handed on, and reported when it cannot be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::Lab;
use postigo_api::{
    ConfigSet, JourneyRef, LogQuery, Outcome, QueueAct, QueueAction, QueueFailureKind, QueueQuery,
    QueueState, Service, StepKind, ZoneText,
};

const ANA: &str = "ana@lab.test";
const LUIS: &str = "luis@otro.test";

/// A second server, for ana and luis at otro.test.
async fn other() -> Lab {
    let lab = Lab::open().await;
    let setup =
        postigo_api::Setup { domain: "otro.test".into(), host: "mail.otro.test".into(), ..lab.setup() };
    lab.api.setup_apply(setup).await.unwrap();
    lab
}

async fn set(lab: &Lab, name: &str, value: &str) {
    let set = ConfigSet { name: name.into(), value: Some(value.into()), confirm_open_relay: None };
    lab.api.config_set(set).await.unwrap();
}

async fn port(lab: &Lab) -> u16 {
    lab.listener(Service::Smtp).await.port
}

/// Sends from ana, and gives the queue id.
async fn send(lab: &Lab, to: &str) -> String {
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
    let said = smtp.ask(&format!("RCPT TO:<{to}>")).await;
    assert!(said.starts_with("250"), "{said}");
    assert!(smtp.ask("DATA").await.starts_with("354"));
    let said = smtp.ask("Subject: Hola\r\n\r\n.. dos puntos\r\n.").await;
    said.rsplit(' ').next().unwrap().trim().to_owned()
}

/// Waits until something is so.
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

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_to_the_mail_host_of_its_domain_and_the_journey_tells_so() {
    let (lab, other) = (Lab::start().await, other().await);
    set(&lab, "dns_listen", "127.0.0.1:0").await;
    set(&lab, "resolver", "built-in").await;
    let text = "@ 3600 SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 127.0.0.1\n@ MX 10 mail\nmail A 127.0.0.1\n";
    let zone = ZoneText { origin: "otro.test".into(), text: format!("$TTL 3600\n{text}") };
    lab.api.zone_set(zone).await.unwrap();
    set(&lab, "transport_maps", &format!("otro.test=smtp:otro.test:{}", port(&other).await)).await;
    let queue_id = send(&lab, LUIS).await;
    arrived(&other, LUIS, 1).await;
    let journey = until(async || {
        let journey = lab.api.journey_get(JourneyRef { queue_id: queue_id.clone() }).await.ok()?;
        (journey.outcome == Outcome::Delivered).then_some(journey)
    })
    .await;
    let kinds: Vec<_> = journey.steps.iter().map(|step| step.kind).collect();
    assert!(kinds.contains(&StepKind::Resolved) && kinds.contains(&StepKind::Sent), "{kinds:?}");
    assert_eq!(journey.sessions.len(), 2, "the one that brought it and the one that took it away");
    let sent = journey.steps.iter().find(|step| step.kind == StepKind::Sent).unwrap();
    assert!(sent.params["relay"].starts_with("mail.otro.test[127.0.0.1]:"), "{sent:?}");
    let log = lab.api.log_list(LogQuery::default()).await.unwrap();
    let line = log.lines.iter().find(|line| line.text.contains("status=sent (250")).unwrap();
    assert!(
        line.text.contains(&format!("{queue_id}: to=<{LUIS}>, relay=mail.otro.test[127.0.0.1]:")),
        "{line:?}"
    );
    assert_eq!(lab.api.queue_list(QueueQuery::default()).await.unwrap().rows, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_unknown_there_comes_back_as_a_report() {
    let (lab, other) = (Lab::start().await, other().await);
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", port(&other).await)).await;
    send(&lab, "nadie@otro.test").await;
    arrived(&lab, ANA, 1).await;
    let new = lab.data().join("mail/lab.test/ana/Maildir/new");
    let file = std::fs::read_dir(new).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    for part in ["Return-Path: <>", "multipart/report", "Action: failed", "Status: 5.1.1", "nadie@otro.test"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(lab.api.queue_list(QueueQuery::default()).await.unwrap().rows, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_a_server_that_is_away_and_goes_when_it_is_back() {
    let (lab, other) = (Lab::start().await, other().await);
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", port(&other).await)).await;
    other.engine.stop().await;
    let queue_id = send(&lab, LUIS).await;
    let row = until(async || {
        let page = lab.api.queue_list(QueueQuery::default()).await.unwrap();
        page.rows.into_iter().find(|row| row.state == QueueState::Deferred)
    })
    .await;
    assert_eq!(row.queue_id, queue_id);
    let why = row.why.unwrap();
    assert_eq!(why.kind, QueueFailureKind::Unreachable, "{why:?}");
    assert!(why.text.contains("Connection refused"), "{why:?}");
    other.engine.start().await.unwrap();
    let retry = QueueAct { action: QueueAction::Retry, queue_ids: None };
    assert_eq!(lab.api.queue_act(retry).await.unwrap().messages, 1);
    arrived(&other, LUIS, 1).await;
    until(async || lab.api.queue_list(QueueQuery::default()).await.unwrap().rows.is_empty().then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_waits_and_what_waits_survives_a_restart() {
    let (lab, other) = (Lab::start().await, other().await);
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", port(&other).await)).await;
    other.engine.stop().await;
    let queue_id = send(&lab, LUIS).await;
    let hold = QueueAct { action: QueueAction::Hold, queue_ids: Some(vec![queue_id.clone()]) };
    lab.api.queue_act(hold).await.unwrap();
    other.engine.start().await.unwrap();
    lab.engine.stop().await;
    lab.engine.start().await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let page = lab.api.queue_list(QueueQuery::default()).await.unwrap();
    assert_eq!((page.rows[0].state, page.counts.held), (QueueState::Held, 1), "{page:?}");
    let release = QueueAct { action: QueueAction::Release, queue_ids: Some(vec![queue_id]) };
    lab.api.queue_act(release).await.unwrap();
    let retry = QueueAct { action: QueueAction::Retry, queue_ids: None };
    lab.api.queue_act(retry).await.unwrap();
    arrived(&other, LUIS, 1).await;
}
