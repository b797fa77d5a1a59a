//! The branches of the wizard: what is judged, what would be written, and that mail then goes the way that was chosen.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::Lab;
use postigo_api::{
    Code, ConfigEntry, Draft, JourneyRef, Mode, Nothing, Outgoing, Port25Question, Port25State, RelayTry,
    RelayedDomain, Role, Service, Setup, SetupCheck, SetupField, SetupFlow, StepKind, TlsLevel,
};

const ANA: &str = "ana@lab.test";

async fn smtp_port(lab: &Lab) -> u16 {
    lab.listener(Service::Smtp).await.port
}

/// A second server, for ana and luis at otro.test.
async fn other() -> Lab {
    let lab = Lab::open().await;
    let setup = Setup { domain: "otro.test".into(), host: "mail.otro.test".into(), ..lab.setup() };
    lab.api.setup_apply(setup).await.unwrap();
    lab
}

fn client(relayhost: &str) -> SetupFlow {
    SetupFlow { role: Role::Client, relayhost: relayhost.into(), ..SetupFlow::default() }
}

fn classroom(lab: &Lab, flow: SetupFlow) -> Setup {
    Setup { mode: Mode::Classroom, flow: Some(flow), ..lab.setup() }
}

async fn setting(lab: &Lab, name: &str) -> String {
    let entries: Vec<ConfigEntry> = lab.api.config_list(Nothing {}).await.unwrap();
    entries.into_iter().find(|entry| entry.name == name).unwrap().value
}

/// Ana writes over the submission port, and the queue id is given.
async fn write(lab: &Lab, to: &str) -> String {
    let draft =
        Draft { to: vec![to.into()], subject: "Hola".into(), text: "Hola".into(), ..Draft::default() };
    let sent = lab.api.mail_send(Outgoing { account: ANA.into(), draft, send_at: None }).await.unwrap();
    sent.queue_id.unwrap()
}

async fn until(mut look: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !look().await {
        assert!(begun.elapsed() < common::PATIENCE, "it does not come");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sends_everything_to_its_relay_host() {
    let (lab, relay) = (Lab::open().await, other().await);
    let host = format!("[127.0.0.1]:{}", smtp_port(&relay).await);
    let wanted = SetupFlow { networks: vec!["192.168.7.0/24".into()], ..client(&host) };
    let status = lab.api.setup_apply(classroom(&lab, wanted.clone())).await.unwrap();
    assert_eq!((status.mode, status.role), (Mode::Classroom, Role::Client));
    assert_eq!(setting(&lab, "relayhost").await, host);
    assert_eq!(setting(&lab, "mynetworks").await, "127.0.0.0/8, ::1, 192.168.7.0/24");
    let queue_id = write(&lab, "luis@otro.test").await;
    until(async || relay.inbox("luis@otro.test").await == 1).await;
    until(async || {
        let journey = lab.api.journey_get(JourneyRef { queue_id: queue_id.clone() }).await.unwrap();
        journey.steps.iter().any(|step| step.kind == StepKind::Sent)
    })
    .await;
    // The wizard that is run again starts from this.
    assert_eq!(lab.api.setup_facts(Nothing {}).await.unwrap().flow, wanted);
    lab.engine.close().await;
    relay.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_passes_mail_on_to_the_server_behind_it_and_to_nobody_else() {
    let (edge, inner) = (Lab::open().await, other().await);
    let next_hop = format!("[127.0.0.1]:{}", smtp_port(&inner).await);
    let flow = SetupFlow {
        role: Role::Edge,
        relay_domains: vec![RelayedDomain { domain: "otro.test".into(), next_hop: next_hop.clone() }],
        relay_recipients: vec!["luis@otro.test".into()],
        ..SetupFlow::default()
    };
    edge.api.setup_apply(classroom(&edge, flow)).await.unwrap();
    assert_eq!(setting(&edge, "relay_domains").await, "otro.test");
    assert_eq!(setting(&edge, "transport_maps").await, format!("otro.test=smtp:{next_hop}"));
    write(&edge, "luis@otro.test").await;
    until(async || inner.inbox("luis@otro.test").await == 1).await;
    let mut smtp = edge.smtp().await;
    smtp.ask("MAIL FROM:<quien@fuera.test>").await;
    let said = smtp.ask("RCPT TO:<nadie@otro.test>").await;
    assert!(said.starts_with("550"), "{said}");
    assert!(smtp.ask("RCPT TO:<luis@otro.test>").await.starts_with("250"));
    edge.engine.close().await;
    inner.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_asks_refuses_whom_the_server_behind_does_not_know() {
    let (edge, inner) = (Lab::open().await, other().await);
    let next_hop = format!("[127.0.0.1]:{}", smtp_port(&inner).await);
    let flow = SetupFlow {
        role: Role::Edge,
        relay_domains: vec![RelayedDomain { domain: "otro.test".into(), next_hop }],
        call_ahead: true,
        ..SetupFlow::default()
    };
    edge.api.setup_apply(classroom(&edge, flow)).await.unwrap();
    // This computer is trusted, and so asked nothing; a stranger is not.
    let set = postigo_api::ConfigSet {
        name: "mynetworks".into(),
        value: Some("192.0.2.0/24".into()),
        confirm_open_relay: None,
    };
    edge.api.config_set(set).await.unwrap();
    let mut smtp = edge.smtp().await;
    smtp.ask("MAIL FROM:<quien@fuera.test>").await;
    let said = smtp.ask("RCPT TO:<nadie@otro.test>").await;
    assert!(said.starts_with("550"), "{said}");
    let said = smtp.ask("RCPT TO:<luis@otro.test>").await;
    assert!(said.starts_with("250"), "{said}");
    edge.engine.close().await;
    inner.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_judged_while_they_are_typed_and_refused_when_they_are_applied() {
    let lab = Lab::open().await;
    let check = |flow: SetupFlow| SetupCheck {
        domain: "lab.test".into(),
        host: "mail.lab.test".into(),
        listen: "192.0.2.1".into(),
        ports: lab.base.plan(),
        flow: Some(flow),
    };
    let open = SetupFlow { networks: vec!["0.0.0.0/0".into()], ..client("[127.0.0.1]:3525") };
    let verdict = lab.api.setup_check(check(open.clone())).await.unwrap();
    let faults: Vec<_> = verdict.flow.iter().map(|fault| (fault.field, fault.error.code)).collect();
    assert_eq!(faults, [(SetupField::Listen, Code::AddressNotHere), (SetupField::Networks, Code::OpenRelay)]);
    for (flow, code) in [
        (open, Code::OpenRelay),
        (client(""), Code::RelayhostMissing),
        (client(&format!("[127.0.0.1]:{}", lab.base.port + 25)), Code::NextHopOurselves),
    ] {
        let refused = lab.api.setup_apply(classroom(&lab, flow)).await.unwrap_err();
        assert_eq!(refused.code, code);
    }
    // Nothing of it was written.
    assert!(!lab.data().join("postigo.toml").exists());
    assert!(lab.api.account_list(Nothing {}).await.unwrap().is_empty());
    lab.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_shows_what_would_be_written_and_writes_nothing() {
    let lab = Lab::start().await;
    let plan = lab.api.setup_plan(classroom(&lab, client("[smtp.school.test]:587"))).await.unwrap();
    let of = |name: &str| plan.settings.iter().find(|setting| setting.name == name).unwrap();
    assert_eq!(
        (of("relayhost").value.as_str(), of("relayhost").old.as_deref()),
        ("[smtp.school.test]:587", Some(""))
    );
    assert_eq!((of("mode").value.as_str(), of("mode").postfix), ("classroom", false));
    assert_eq!(of("role").value, "client");
    assert_eq!(setting(&lab, "relayhost").await, "");
    lab.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_host_is_tried_before_anything_is_set() {
    let (lab, relay) = (Lab::open().await, other().await);
    let question = |port: u16| RelayTry {
        host: "mail.lab.test".into(),
        relayhost: format!("[127.0.0.1]:{port}"),
        user: String::new(),
        password: None,
        tls: TlsLevel::Encrypt,
    };
    let tried = lab.api.setup_relay(question(smtp_port(&relay).await)).await.unwrap();
    assert!(tried.works && tried.session.is_some(), "{}", tried.text);
    // The port that is held for this test takes connections and says nothing; that of SMTP is nobody's yet.
    let tried = lab.api.setup_relay(question(lab.base.port + 25)).await.unwrap();
    assert!(!tried.works && tried.text.contains("refused"), "{}", tried.text);
    relay.engine.close().await;
    lab.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_the_relay_host_is_kept_apart_and_only_with_the_rest() {
    let lab = Lab::open().await;
    let flow = |relayhost: &str, password: Option<&str>| SetupFlow {
        relay_user: "lab".into(),
        relay_password: password.map(str::to_owned),
        outbound_tls: TlsLevel::Encrypt,
        ..client(relayhost)
    };
    let missing =
        lab.api.setup_apply(classroom(&lab, flow("[smtp.school.test]:587", None))).await.unwrap_err();
    assert_eq!(missing.code, Code::RelayPasswordMissing);
    lab.api.setup_apply(classroom(&lab, flow("[smtp.school.test]:587", Some("secreto")))).await.unwrap();
    let facts = lab.api.setup_facts(Nothing {}).await.unwrap();
    assert!(facts.relay_password_kept && facts.flow.relay_password.is_none());
    // Who does not type it again keeps it.
    lab.api.setup_apply(classroom(&lab, flow("[otro.school.test]:587", None))).await.unwrap();
    let text = std::fs::read_to_string(lab.data().join("postigo.toml")).unwrap();
    assert!(text.contains("relayhost = \"[otro.school.test]:587\"") && !text.contains("secreto"), "{text}");
    lab.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_asked_port_25_is_not_said_to_be_closed() {
    let lab = Lab::start().await;
    // A name server that knows nothing of the internet, as on a machine without one.
    for (name, value) in [("dns_listen", "127.0.0.1:0"), ("resolver", "built-in")] {
        let set =
            postigo_api::ConfigSet { name: name.into(), value: Some(value.into()), confirm_open_relay: None };
        lab.api.config_set(set).await.unwrap();
    }
    let question = |domain: &str| Port25Question { domain: domain.into() };
    let found = lab.api.setup_port25(question("gran-correo.example")).await.unwrap();
    assert_eq!((found.state, found.called), (Port25State::NoNames, None), "{}", found.text);
    let text = "@ 3600 SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 127.0.0.1\n@ MX 10 mail\nmail A 127.0.0.1\n";
    let zone = postigo_api::ZoneText { origin: "otro.test".into(), text: format!("$TTL 3600\n{text}") };
    lab.api.zone_set(zone).await.unwrap();
    let found = lab.api.setup_port25(question("otro.test")).await.unwrap();
    assert_eq!(found.state, Port25State::Inside, "{}", found.text);
    assert_eq!(lab.api.setup_port25(question("otro")).await.unwrap_err().code, Code::DomainInvalid);
    lab.engine.close().await;
}
