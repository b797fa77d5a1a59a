//! What the overview says needs attention. A closed listener is in `lifecycle.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{Lab, event};
use postigo_api::{Attention, AttentionCode, Event, Service, SessionResult, Setup};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

async fn attention(lab: &Lab, code: AttentionCode) -> Option<Attention> {
    let overview = lab.api.overview(Default::default()).await.unwrap();
    overview.attention.into_iter().find(|a| a.code == code)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_for_postmaster() {
    let lab = Lab::start().await;
    let missing = attention(&lab, AttentionCode::NoPostmaster).await.expect("nobody was named");
    assert_eq!(missing.params["domain"], "lab.test");
    lab.api.setup_apply(Setup { postmaster: Some("luis".into()), ..lab.setup() }).await.unwrap();
    assert_eq!(attention(&lab, AttentionCode::NoPostmaster).await, None);
    assert!(lab.smtp().await.send("postmaster@lab.test").await.starts_with("250"));
    assert_eq!(lab.inbox("luis@lab.test").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_passwords_from_one_place() {
    let lab = Lab::start().await;
    for times in 1..=3 {
        assert_eq!(attention(&lab, AttentionCode::WrongPasswords).await, None, "before number {times}");
        let (reply, _) = lab.imap().await.command("LOGIN ana@lab.test \"not the password\"").await;
        assert!(reply.starts_with("t NO"), "{reply}");
    }
    let told = attention(&lab, AttentionCode::WrongPasswords).await.expect("three are worth a word");
    assert_eq!((told.params["times"].as_str(), told.params["client"].as_str()), ("3", "127.0.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_know_our_authority() {
    let lab = Lab::start().await;
    let mut events = lab.engine.events();
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let port = lab.listener(Service::Imaps).await.port;
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = "mail.lab.test".try_into().unwrap();
    assert!(TlsConnector::from(Arc::new(config)).connect(name, stream).await.is_err());
    let session = event(&mut events, |e| match e {
        Event::Sessions { sessions } => {
            sessions.iter().find(|s| s.result == SessionResult::NotTrusted).map(|s| s.id)
        }
        _ => None,
    })
    .await;
    let told = attention(&lab, AttentionCode::ClientDistrusts).await.expect("it is told");
    assert_eq!(told.params["session"], session.to_string());
    assert_eq!(told.params["times"], "1");
}
