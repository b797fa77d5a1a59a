//! Programs on this computer hand in mail over a socket that tells whose they are, and no network has to be trusted for that.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Instant;

use common::Lab;
use common::peer::Peer;
use common::wire::Wire;
use postigo_api::{Code, ConfigSet, JourneyRef, LogQuery, Service, Session, SessionQuery, StepKind};
use postigo_engine::SOCKET;

async fn set(lab: &Lab, name: &str, value: &str) {
    let set = ConfigSet { name: name.into(), value: Some(value.into()), confirm_open_relay: None };
    lab.api.config_set(set).await.unwrap();
}

fn socket(lab: &Lab) -> PathBuf {
    lab.data().join("run").join(SOCKET)
}

/// Greeted; with all that the reply to EHLO offers.
async fn hello(lab: &Lab) -> (Wire, String) {
    let mut wire = Wire::local(&socket(lab)).await;
    let greeting = wire.line().await;
    assert!(greeting.starts_with("220 "), "{greeting}");
    wire.say("EHLO mail.lab.test").await;
    let mut offered = String::new();
    loop {
        let line = wire.line().await;
        offered.push_str(&format!("{line}\n"));
        if line.starts_with("250 ") {
            return (wire, offered);
        }
    }
}

/// Sends to eva@otro.test; the last reply.
async fn send(wire: &mut Wire) -> String {
    wire.ask("MAIL FROM:<ana@lab.test>").await;
    let said = wire.ask("RCPT TO:<eva@otro.test>").await;
    if !said.starts_with("250") {
        return said;
    }
    wire.ask("DATA").await;
    wire.ask("Subject: hola\r\n\r\nhola\r\n.").await
}

async fn sessions(lab: &Lab) -> Vec<Session> {
    let query = SessionQuery { services: vec![Service::Local], ..SessionQuery::default() };
    lab.api.session_list(query).await.unwrap().sessions
}

fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_user_may_send_everywhere_although_no_network_is_trusted() {
    let lab = Lab::start().await;
    let peer = Peer::start(&[], &[]).await;
    set(&lab, "relayhost", &format!("[127.0.0.1]:{}", peer.port)).await;
    set(&lab, "mynetworks", "192.0.2.0/24").await;
    let said = send(&mut lab.smtp().await).await;
    assert!(said.starts_with("554 5.7.1 <eva@otro.test>"), "over the network: {said}");

    let (mut wire, offered) = hello(&lab).await;
    assert!(!offered.contains("STARTTLS") && !offered.contains("AUTH"), "{offered}");
    let said = send(&mut wire).await;
    let queue_id =
        said.strip_prefix("250 2.0.0 Ok: queued as ").unwrap_or_else(|| panic!("{said}")).to_owned();
    wire.ask("QUIT").await;
    let begun = Instant::now();
    while !peer.heard().contains("\nSubject: hola\n") {
        assert!(begun.elapsed() < common::PATIENCE, "it does not come: {}", peer.heard());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let heard = peer.heard();
    let (before, after) = heard.split_once("Received: from mail.lab.test (local user ").expect("a Received");
    assert!(!before.contains("Received:"), "{heard}");
    let (name, rest) = after.split_once(", uid ").unwrap();
    assert!(rest.starts_with(&format!("{})\n\tby mail.lab.test (Postigo) with ESMTP id", uid())), "{heard}");

    let session = sessions(&lab).await.remove(0);
    let user = session.local_user.clone().unwrap();
    assert_eq!((user.name.as_str(), user.uid), (name, uid()));
    assert_eq!(session.peer, format!("local user {name} (uid {})", uid()));
    let journey = lab.api.journey_get(JourneyRef { queue_id: queue_id.clone() }).await.unwrap();
    let came = &journey.steps[0];
    assert_eq!(came.kind, StepKind::Submitted);
    assert_eq!((came.params["localUser"].as_str(), came.params["uid"].as_str()), (name, &*uid().to_string()));
    let log = lab.api.log_list(LogQuery::default()).await.unwrap().lines;
    let line = log.iter().find(|line| line.text.starts_with(&format!("{queue_id}: client="))).unwrap();
    assert_eq!(line.service, "pickup");
    assert_eq!(line.text, format!("{queue_id}: client=local user {name} (uid {})", uid()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_user_cannot_speak_for_others() {
    let lab = Lab::start().await;
    set(&lab, "smtpd_authorized_xclient_hosts", "127.0.0.0/8").await;
    let (mut wire, offered) = hello(&lab).await;
    assert!(!offered.contains("XCLIENT"), "{offered}");
    let said = wire.ask("XCLIENT ADDR=192.0.2.1 LOGIN=luis@lab.test").await;
    assert!(said.starts_with('5'), "{said}");
    assert_eq!(sessions(&lab).await[0].local_user.as_ref().map(|user| user.uid), Some(uid()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_authorised_is_turned_away_and_the_log_says_so() {
    let lab = Lab::start().await;
    set(&lab, "authorized_submit_users", "postigo-nobody-of-this-name").await;
    let mut wire = Wire::local(&socket(&lab)).await;
    let greeting = wire.line().await;
    let (user, rest) = greeting
        .strip_prefix("554 5.7.1 User ")
        .unwrap_or_else(|| panic!("{greeting}"))
        .split_once('(')
        .unwrap();
    assert_eq!(rest, format!("{}) is not allowed to submit mail", uid()));
    assert_eq!(wire.line().await, "", "closed");
    let log = lab.api.log_list(LogQuery::default()).await.unwrap().lines;
    assert!(
        log.iter().any(
            |line| line.text.contains("reject: CONNECT from local user") && line.text.contains(&greeting)
        ),
        "{log:?}"
    );
    set(&lab, "authorized_submit_users", user).await;
    hello(&lab).await;
    let set = ConfigSet {
        name: "authorized_submit_users".into(),
        value: Some("hash:/etc/users".into()),
        confirm_open_relay: None,
    };
    assert_eq!(lab.api.config_set(set).await.unwrap_err().code, Code::SettingInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_those_of_any_client() {
    let lab = Lab::start().await;
    set(&lab, "smtpd_client_event_limit_exceptions", "192.0.2.0/24").await;
    set(&lab, "smtpd_client_message_rate_limit", "1").await;
    set(&lab, "smtpd_client_recipient_rate_limit", "1").await;
    set(&lab, "message_size_limit", "65536").await;
    let (mut wire, _) = hello(&lab).await;
    let said = wire.ask("MAIL FROM:<ana@lab.test> SIZE=65537").await;
    assert!(said.starts_with("552 5.3.4"), "{said}");
    assert!(wire.ask("MAIL FROM:<ana@lab.test>").await.starts_with("250"));
    assert!(wire.ask("RCPT TO:<luis@lab.test>").await.starts_with("250"));
    let said = wire.ask("RCPT TO:<ana@lab.test>").await;
    assert!(said.starts_with("450 4.7.1 Error: too many recipients from local user "), "{said}");
    wire.ask("RSET").await;
    let said = wire.ask("MAIL FROM:<ana@lab.test>").await;
    assert!(said.starts_with("450 4.7.1 Error: too much mail from local user "), "{said}");
    let (mut other, _) = hello(&lab).await;
    assert!(
        other.ask("MAIL FROM:<ana@lab.test>").await.starts_with("450"),
        "counted by user, not by session"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_was_left_is_replaced_and_goes_with_the_server() {
    let lab = Lab::open().await;
    let run = lab.data().join("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::set_permissions(&run, PermissionsExt::from_mode(0o700)).unwrap();
    drop(UnixListener::bind(socket(&lab)).unwrap());
    let public = tempfile::tempdir().unwrap();
    let folder = public.path().join("postigo");
    lab.engine.serve_all_local_users(&folder);
    lab.api.setup_apply(lab.setup()).await.unwrap();
    hello(&lab).await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&socket(&lab)), 0o600);
    assert_eq!((mode(&folder), mode(&folder.join(SOCKET))), (0o755, 0o666));
    assert!(Wire::local(&folder.join(SOCKET)).await.line().await.starts_with("220 "));
    lab.engine.stop().await;
    assert!(!socket(&lab).exists() && !folder.join(SOCKET).exists());
    lab.engine.start().await.unwrap();
    hello(&lab).await;
}
