//! Settings apply while the server runs, and those that cannot be change nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::wire::Wire;
use common::{Base, Lab};
use postigo_api::{Code, Nothing, PortPlan, Service, Settings, SettingsPatch};
use tokio::net::TcpStream;

async fn set(lab: &Lab, patch: SettingsPatch) -> Result<Settings, Code> {
    lab.api.settings_set(patch).await.map_err(|e| e.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_size_applies_to_the_next_session() {
    let lab = Lab::start().await;
    set(&lab, SettingsPatch { message_size_limit: Some(70_000), ..Default::default() }).await.unwrap();
    let mut smtp = lab.smtp().await;
    let reply = smtp.ask("MAIL FROM:<eva@elsewhere.test> SIZE=70001").await;
    assert!(reply.starts_with("552 5.3.4"), "{reply}");
    let reply = smtp.ask("MAIL FROM:<eva@elsewhere.test> SIZE=70000").await;
    assert!(reply.starts_with("250"), "{reply}");
    let text = std::fs::read_to_string(lab.data().join("postigo.toml")).unwrap();
    assert!(text.contains("message_size_limit = 70000"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ports_open_and_the_old_ones_close_while_a_session_goes_on() {
    let lab = Lab::start().await;
    let mut smtp = lab.smtp().await;
    let (old, new) = (lab.base.port, Base::take());
    set(&lab, SettingsPatch { ports: Some(new.plan()), ..Default::default() }).await.unwrap();

    assert!(TcpStream::connect(("127.0.0.1", old + 25)).await.is_err());
    let listener = lab.listener(Service::Smtp).await;
    assert_eq!((listener.port, listener.open), (new.port + 25, true));
    assert!(Wire::smtp(new.port + 25).await.send("ana@lab.test").await.starts_with("250"));
    assert!(smtp.send("ana@lab.test").await.starts_with("250"));
    assert_eq!(lab.inbox("ana@lab.test").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_on_the_same_ports_works_with_sessions_open() {
    let lab = Lab::start().await;
    let mut smtp = lab.smtp().await;
    set(&lab, SettingsPatch { listen: Some("0.0.0.0".into()), ..Default::default() }).await.unwrap();
    let status = lab.status().await;
    assert!(status.listeners.iter().all(|l| l.open), "{status:?}");
    assert_eq!(status.listen, "0.0.0.0");
    assert!(smtp.send("ana@lab.test").await.starts_with("250"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_value_changes_nothing_whether_the_server_runs_or_not() {
    let lab = Lab::start().await;
    let path = lab.data().join("postigo.toml");
    let none = lab.data().join("none.pem").display().to_string();
    for running in [true, false] {
        if !running {
            lab.engine.stop().await;
        }
        let before =
            (lab.api.settings_get(Nothing {}).await.unwrap(), std::fs::read_to_string(&path).unwrap());
        let mut smtp = if running { Some(lab.smtp().await) } else { None };
        let certificate = SettingsPatch {
            certificate_path: Some(none.clone()),
            key_path: Some(none.clone()),
            ..Default::default()
        };
        let cases = [
            (SettingsPatch { message_size_limit: Some(1), ..Default::default() }, Code::SettingInvalid),
            (
                SettingsPatch { ports: Some(PortPlan::Base(65_000)), ..Default::default() },
                Code::SettingInvalid,
            ),
            (SettingsPatch { listen: Some("192.0.2.1".into()), ..Default::default() }, Code::AddressNotHere),
            (SettingsPatch { listen: Some("nowhere".into()), ..Default::default() }, Code::SettingInvalid),
            (SettingsPatch { domains: Some(vec![]), ..Default::default() }, Code::SettingInvalid),
            (SettingsPatch { host: Some("a b".into()), ..Default::default() }, Code::DomainInvalid),
            (certificate, Code::CertificateInvalid),
        ];
        for (patch, code) in cases {
            assert_eq!(set(&lab, patch.clone()).await.err(), Some(code), "running: {running}, {patch:?}");
            let after = lab.api.settings_get(Nothing {}).await.unwrap();
            assert_eq!(
                (after, std::fs::read_to_string(&path).unwrap()),
                before,
                "running: {running}, {patch:?}"
            );
        }
        if let Some(smtp) = &mut smtp {
            assert!(smtp.send("ana@lab.test").await.starts_with("250"));
            assert!(lab.status().await.listeners.iter().all(|l| l.open));
        }
    }
    lab.engine.start().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_cannot_be_written_does_not_stay_applied() {
    let lab = Lab::start().await;
    let path = lab.data().join("postigo.toml");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let before = lab.api.settings_get(Nothing {}).await.unwrap();
    let patch = SettingsPatch { message_size_limit: Some(70_000), ..Default::default() };
    assert_eq!(set(&lab, patch).await.err(), Some(Code::DataUnusable));
    assert_eq!(lab.api.settings_get(Nothing {}).await.unwrap(), before);
    let reply = lab.smtp().await.ask("MAIL FROM:<eva@elsewhere.test> SIZE=70001").await;
    assert!(reply.starts_with("250"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_fault_is_not_taken() {
    let lab = Lab::start().await;
    let path = lab.data().join("postigo.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    let base = format!("ports = {}", lab.base.port);
    assert!(good.contains(&base), "{good}");
    for fault in [good.replace(&base, "ports = 65000"), good.replace(&base, "ports = \"some\"")] {
        std::fs::write(&path, fault).unwrap();
        assert!(lab.engine.reload().await.is_err());
        assert!(lab.smtp().await.send("ana@lab.test").await.starts_with("250"));
    }
    std::fs::write(&path, good.replace("smtpd_recipient_limit = 1000", "smtpd_recipient_limit = 150"))
        .unwrap();
    lab.engine.reload().await.unwrap();
    assert_eq!(lab.api.settings_get(Nothing {}).await.unwrap().current.recipient_limit, 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_two_faces_at_once_both_count() {
    let lab = Lab::start().await;
    for n in 1..=5 {
        let (recipients, days) = tokio::join!(
            set(&lab, SettingsPatch { recipient_limit: Some(100 + n), ..Default::default() }),
            set(&lab, SettingsPatch { trace_days: Some(10 + n), ..Default::default() }),
        );
        assert!(recipients.is_ok() && days.is_ok());
        let now = lab.api.settings_get(Nothing {}).await.unwrap().current;
        assert_eq!((now.recipient_limit, now.trace_days), (100 + n, 10 + n));
    }
}
