//! Other servers that refuse, hang up or fall silent at each point of a session: nothing is lost, and the queue says why.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::Lab;
use common::faulty::{At, Does, Manners, Peer};
use postigo_api::{
    Code, ConfigSet, NewSuppression, Nothing, QueueAct, QueueAction, QueueFailureKind as Kind, QueueQuery,
    QueueRef, QueueRow, QueueState, RelayPassword, RelayPasswordPlace, RelayTest, RouteDestination,
    RouteQuestion, SuppressionQuery, SuppressionReason, SuppressionRef,
};

const ANA: &str = "ana@lab.test";

async fn set(lab: &Lab, name: &str, value: &str) {
    let set = ConfigSet { name: name.into(), value: Some(value.into()), confirm_open_relay: None };
    lab.api.config_set(set).await.unwrap();
}

/// Sends from ana to several, and gives the queue id.
async fn send(lab: &Lab, to: &[&str]) -> String {
    let mut smtp = lab.smtp().await;
    smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
    for to in to {
        let said = smtp.ask(&format!("RCPT TO:<{to}>")).await;
        assert!(said.starts_with("250"), "{said}");
    }
    assert!(smtp.ask("DATA").await.starts_with("354"));
    let said = smtp.ask("Subject: Hola\r\n\r\nHola.\r\n.").await;
    said.rsplit(' ').next().unwrap().trim().to_owned()
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < common::PATIENCE, "it does not come: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn rows(lab: &Lab) -> Vec<QueueRow> {
    lab.api.queue_list(QueueQuery::default()).await.unwrap().rows
}

async fn row(lab: &Lab, queue_id: &str) -> Option<QueueRow> {
    rows(lab).await.into_iter().find(|row| row.queue_id == queue_id)
}

async fn deferred(lab: &Lab, queue_id: &str) -> QueueRow {
    until(queue_id, async || row(lab, queue_id).await.filter(|row| row.state == QueueState::Deferred)).await
}

/// The one report in ana's mailbox, as text.
async fn report(lab: &Lab, messages: u32) -> String {
    until("a report", async || (lab.inbox(ANA).await == messages).then_some(())).await;
    let new = lab.data().join("mail/lab.test/ana/Maildir/new");
    let mut files: Vec<_> = std::fs::read_dir(new).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap());
    std::fs::read_to_string(files.last().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_server_does_at_whatever_point_the_message_waits_and_the_queue_says_why() {
    let lab = Lab::start().await;
    let busy = |code: &'static str| Does::Says(code);
    let cases = [
        ("connect-lost", At::Connect, Does::HangsUp, Kind::ConnectionLost),
        ("connect-busy", At::Connect, busy("421 4.3.2 Too busy"), Kind::Refused),
        ("connect-never", At::Connect, busy("554 5.3.2 Not from you"), Kind::Refused),
        ("ehlo-lost", At::Ehlo, Does::HangsUp, Kind::ConnectionLost),
        ("ehlo-busy", At::Ehlo, busy("421 4.3.2 Too busy"), Kind::Refused),
        ("mail-lost", At::Mail, Does::HangsUp, Kind::ConnectionLost),
        ("mail-busy", At::Mail, busy("451 4.3.0 Later"), Kind::Refused),
        ("rcpt-lost", At::Rcpt, Does::HangsUp, Kind::ConnectionLost),
        ("rcpt-grey", At::Rcpt, busy("450 4.7.1 Greylisted, come back"), Kind::Greylisted),
        ("rcpt-full", At::Rcpt, busy("452 4.2.2 Mailbox full"), Kind::MailboxFull),
        ("data-lost", At::Data, Does::HangsUp, Kind::ConnectionLost),
        ("data-busy", At::Data, busy("451 4.3.0 Later"), Kind::Refused),
        ("dot-lost", At::Dot, Does::HangsUp, Kind::ConnectionLost),
        ("dot-busy", At::Dot, busy("452 4.3.1 Disk full"), Kind::Refused),
    ];
    let mut peers = Vec::new();
    for (name, at, does, _) in cases {
        peers.push((name, Peer::faulty(at, does).await));
    }
    let lines: Vec<_> =
        peers.iter().map(|(n, peer)| format!("{n}.test=smtp:[127.0.0.1]:{}", peer.port)).collect();
    set(&lab, "transport_maps", &lines.join(", ")).await;
    for (name, _, _, kind) in cases {
        let queue_id = send(&lab, &[&format!("eva@{name}.test")]).await;
        let row = deferred(&lab, &queue_id).await;
        let why = row.why.unwrap();
        assert_eq!((why.kind, row.attempts), (kind, 1), "{name}: {why:?}");
        assert!(why.host.unwrap().starts_with("127.0.0.1[127.0.0.1]:"), "{name}");
        let message = lab.api.queue_get(QueueRef { queue_id: queue_id.clone() }).await.unwrap();
        assert_eq!(message.recipients[0].tries.len(), 1, "{name}");
        assert!(
            message.recipients[0].tries[0].session.is_some(),
            "{name}: {:?}",
            message.recipients[0].tries
        );
    }
    assert_eq!(rows(&lab).await.len(), cases.len(), "nothing is lost");
    assert_eq!(lab.inbox(ANA).await, 0, "nothing came back");
    // The servers mend their ways; each message arrives, and once.
    drop(peers);
    let polite = Peer::polite().await;
    set(&lab, "transport_maps", "").await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", polite.port)).await;
    lab.api.queue_act(QueueAct { action: QueueAction::Retry, queue_ids: None }).await.unwrap();
    until("an empty queue", async || rows(&lab).await.is_empty().then_some(())).await;
    assert_eq!(polite.taken(), cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_good_at_any_point_comes_back() {
    let lab = Lab::start().await;
    let cases = [
        ("mail", At::Mail, "550 5.7.1 Not you", "5.7.1"),
        ("rcpt", At::Rcpt, "550 5.7.1 Not to her", "5.7.1"),
        ("data", At::Data, "554 5.6.0 Not this", "5.6.0"),
        ("dot", At::Dot, "554 5.7.1 Spam", "5.7.1"),
    ];
    for (n, (name, at, reply, status)) in (1..).zip(cases) {
        let peer = Peer::faulty(at, Does::Says(reply)).await;
        set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
        send(&lab, &[&format!("eva@{name}.test")]).await;
        let report = report(&lab, n).await;
        for part in [format!("Status: {status}"), format!("eva@{name}.test"), reply[4..].to_owned()] {
            assert!(report.contains(&part), "{name}: {part}: {report}");
        }
    }
    assert_eq!(rows(&lab).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_recipients_each_has_its_own_fate() {
    let lab = Lab::start().await;
    let manners = Manners { refuses: Some(("nadie", "550 5.1.1 No such user")), ..Manners::default() };
    let peer = Peer::with(manners).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    send(&lab, &["eva@far.test", "nadie@far.test", "max@far.test"]).await;
    let report = report(&lab, 1).await;
    assert!(report.contains("nadie@far.test") && !report.contains("eva@far.test"), "{report}");
    until("an empty queue", async || rows(&lab).await.is_empty().then_some(())).await;
    let taken = peer.seen.lock().unwrap().taken.clone();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].0, ["RCPT TO:<eva@far.test>", "RCPT TO:<max@far.test>"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_does_not_keep_us_from_stopping_and_nothing_is_lost() {
    let lab = Lab::start().await;
    set(&lab, "stop_grace", "1s").await;
    let silent = Peer::faulty(At::Dot, Does::IsSilent).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", silent.port)).await;
    let queue_id = send(&lab, &["eva@far.test"]).await;
    until("a connection", async || {
        silent.seen.lock().unwrap().commands.contains(&"DATA".to_owned()).then_some(())
    })
    .await;
    assert_eq!(row(&lab, &queue_id).await.unwrap().state, QueueState::Active);
    let begun = Instant::now();
    lab.engine.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(row(&lab, &queue_id).await.is_some());
    let polite = Peer::polite().await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", polite.port)).await;
    lab.engine.start().await.unwrap();
    until("the message", async || (polite.taken() == 1).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_one_server_share_connections_and_keep_to_its_limit() {
    let lab = Lab::start().await;
    set(&lab, "default_destination_concurrency_limit", "3").await;
    let peer = Peer::with(Manners { pause_ms: 20, ..Manners::default() }).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    for n in 0..30 {
        send(&lab, &[&format!("u{n}@far.test")]).await;
    }
    until("all of them", async || (peer.taken() == 30).then_some(())).await;
    assert!(peer.seen.lock().unwrap().most <= 3, "{:?}", peer.seen.lock().unwrap().most);
    assert!(peer.connections() < 15, "{} connections for 30 messages", peer.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_delivery_has_no_more_recipients_than_the_setting_says() {
    let lab = Lab::start().await;
    let peer = Peer::polite().await;
    set(&lab, "smtp_destination_recipient_limit", "2").await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    send(&lab, &["a@far.test", "b@far.test", "c@far.test"]).await;
    until("both parts", async || (peer.taken() == 2).then_some(())).await;
    let most = peer.seen.lock().unwrap().taken.iter().map(|(to, _)| to.len()).max();
    assert_eq!(most, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_does_not_keep_a_letter_waiting() {
    let lab = Lab::start().await;
    set(&lab, "default_destination_concurrency_limit", "1").await;
    set(&lab, "smtp_destination_recipient_limit", "1").await;
    let peer = Peer::with(Manners { pause_ms: 20, ..Manners::default() }).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    let many: Vec<String> = (0..100).map(|n| format!("m{n}@far.test")).collect();
    send(&lab, &many.iter().map(String::as_str).collect::<Vec<_>>()).await;
    until("the mailing to begin", async || (peer.taken() > 2).then_some(())).await;
    let before = peer.taken();
    send(&lab, &["solo@far.test"]).await;
    let place = until("the letter", async || {
        let seen = peer.seen.lock().unwrap();
        seen.taken.iter().position(|(to, _)| to[0].contains("solo"))
    })
    .await;
    assert!(place < before + 15, "{before} had gone, and the letter was number {place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_tried_for_its_destination_rests_waits_with_that_reason() {
    let lab = Lab::start().await;
    set(&lab, "relayhost", "[127.0.0.1]:9").await;
    let first = send(&lab, &["eva@far.test"]).await;
    assert_eq!(deferred(&lab, &first).await.why.unwrap().kind, Kind::Unreachable);
    let second = send(&lab, &["eva@far.test"]).await;
    let row = deferred(&lab, &second).await;
    let why = row.why.unwrap();
    assert_eq!((why.kind, row.attempts), (Kind::DestinationResting, 0), "{why:?}");
    assert!(why.text.contains("delivery temporarily suspended: connect to 127.0.0.1"), "{why:?}");
    let counts = lab.api.queue_list(QueueQuery::default()).await.unwrap().counts;
    assert_eq!((counts.active, counts.deferred), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_tells_what_it_changed_and_what_is_not_there() {
    let lab = Lab::start().await;
    set(&lab, "relayhost", "[127.0.0.1]:9").await;
    let id = send(&lab, &["eva@far.test"]).await;
    deferred(&lab, &id).await;
    let act = |action, ids: &[&str]| QueueAct {
        action,
        queue_ids: Some(ids.iter().map(ToString::to_string).collect()),
    };
    let hold = act(QueueAction::Hold, &[&id, "4bNobody"]);
    assert_eq!(lab.api.queue_act(hold.clone()).await.unwrap().messages, 1);
    assert_eq!(lab.api.queue_act(hold).await.unwrap().messages, 0, "it is held already");
    let error = lab.api.queue_act(act(QueueAction::Delete, &["4bNobody"])).await.unwrap_err();
    assert_eq!((error.code, error.params["queueId"].as_str()), (Code::QueueUnknown, "4bNobody"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_tries_a_relay_host_and_asks_whom_it_is_told_to() {
    let (lab, peer) = (Lab::start().await, Peer::polite().await);
    lab.engine.stop().await;
    let test = |host: String| RelayTest { relayhost: host, user: String::new(), password: None };
    let tried = lab.api.relay_test(test(format!("[127.0.0.1]:{}", peer.port))).await.unwrap();
    assert!(tried.works, "{tried:?}");
    assert_eq!(peer.connections(), 1);
    // Nobody answers there: the settings of a stopped server count.
    set(&lab, "resolver", "127.0.0.1:9").await;
    let tried = lab.api.relay_test(test("relay.test:25".into())).await.unwrap();
    assert!(!tried.works, "{tried:?}");
    let answer = lab.api.dns_query(postigo_api::DnsQuestion { name: "relay.test".into(), kind: "MX".into() });
    let answer = answer.await.unwrap();
    assert_eq!(answer.outcome, postigo_api::DnsOutcome::Unreachable, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_does_not_exist_is_refused_the_next_time_until_it_is_taken_off_the_list() {
    let lab = Lab::start().await;
    let manners = Manners { refuses: Some(("nadie", "550 5.1.1 No such user here")), ..Manners::default() };
    let peer = Peer::with(manners).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    send(&lab, &["Nadie@far.test"]).await;
    report(&lab, 1).await;
    let list = async || lab.api.suppression_list(SuppressionQuery::default()).await.unwrap();
    let page = list().await;
    let [entry] = page.entries.as_slice() else { panic!("{page:?}") };
    assert_eq!((entry.address.as_str(), entry.reason), ("nadie@far.test", SuppressionReason::Bounced));
    assert!(entry.reply.contains("550 5.1.1 No such user here") && entry.until.is_some(), "{entry:?}");

    let rcpt = async || {
        let mut smtp = lab.smtp().await;
        smtp.ask(&format!("MAIL FROM:<{ANA}>")).await;
        smtp.ask("RCPT TO:<nadie@far.test>").await
    };
    let said = rcpt().await;
    assert!(said.starts_with("550 5.1.1") && said.contains("No such user here"), "{said}");
    let question = RouteQuestion {
        recipient: "nadie@far.test".into(),
        sender: ANA.into(),
        client: "127.0.0.1".into(),
        user: None,
    };
    let explained = lab.api.route_explain(question.clone()).await.unwrap();
    assert!(
        !explained.accepted && explained.steps.iter().any(|step| step.code == "bounced"),
        "{explained:?}"
    );

    lab.api.suppression_remove(SuppressionRef { address: "NADIE@far.test".into() }).await.unwrap();
    assert!(rcpt().await.starts_with("250"));
    let gone = lab.api.suppression_remove(SuppressionRef { address: "nadie@far.test".into() }).await;
    assert_eq!(gone.unwrap_err().code, Code::SuppressionUnknown);

    let new = NewSuppression { address: "nadie@far.test".into(), note: "he asked for it".into() };
    lab.api.suppression_add(new).await.unwrap();
    let said = rcpt().await;
    assert!(said.starts_with("550 5.7.1"), "{said}");
    assert_eq!(list().await.total, 1);
    // Nothing is noted by itself where that is switched off.
    set(&lab, "suppression_time", "0s").await;
    send(&lab, &["nadie2@far.test"]).await;
    report(&lab, 2).await;
    assert_eq!(list().await.total, 1);
    // JSON has the names of the faces.
    let destination = RouteDestination::Remote {
        recipient: "a@b.test".into(),
        sender: String::new(),
        next_hop: "[relay.test]".into(),
        setting: None,
    };
    assert!(serde_json::to_string(&destination).unwrap().contains("\"nextHop\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_say_where_the_password_of_the_relay_host_is() {
    let lab = Lab::start().await;
    let place = async || lab.api.settings_get(Nothing {}).await.unwrap().relay_password;
    assert_eq!(place().await, RelayPasswordPlace::None);
    lab.api.relay_password(RelayPassword { password: "secreto".into() }).await.unwrap();
    assert_eq!(place().await, RelayPasswordPlace::File);
    lab.api.relay_password(RelayPassword { password: String::new() }).await.unwrap();
    assert_eq!(place().await, RelayPasswordPlace::None);
}
