//! The restriction lists over the wire, with a name server; next hops that are asked about recipients; limits on clients.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::Lab;
use postigo_api::{
    Code, ConfigSet, LogQuery, RouteQuestion, Said, Service, SessionQuery, SessionRef, ZoneText,
};

async fn set(lab: &Lab, name: &str, value: &str) {
    let set = ConfigSet { name: name.into(), value: Some(value.into()), confirm_open_relay: None };
    lab.api.config_set(set).await.unwrap();
}

/// A server that does not trust this computer, with a name server of its own.
async fn lab() -> Lab {
    let lab = Lab::start().await;
    set(&lab, "mynetworks", "192.0.2.0/24").await;
    set(&lab, "dns_listen", "127.0.0.1:0").await;
    set(&lab, "resolver", "built-in").await;
    lab
}

async fn zone(lab: &Lab, origin: &str, records: &str) {
    let soa = "$TTL 60\n@ SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 127.0.0.1\n";
    let zone = ZoneText { origin: origin.into(), text: format!("{soa}{records}\n") };
    lab.api.zone_set(zone).await.unwrap();
}

/// The reply to RCPT.
async fn rcpt(lab: &Lab, from: &str, to: &str) -> String {
    let mut smtp = lab.smtp().await;
    let said = smtp.ask(&format!("MAIL FROM:<{from}>")).await;
    assert!(said.starts_with("250"), "{said}");
    let said = smtp.ask(&format!("RCPT TO:<{to}>")).await;
    smtp.ask("QUIT").await;
    said
}

/// What the transcripts say that was found out, by setting.
async fn found(lab: &Lab, service: Service) -> Vec<(String, String)> {
    let query = SessionQuery { services: vec![service], ..SessionQuery::default() };
    let page = lab.api.session_list(query).await.unwrap();
    let mut found = Vec::new();
    for session in page.sessions {
        let detail = lab.api.session_get(SessionRef { id: session.id, from_line: 0 }).await.unwrap();
        found.extend(detail.lines.into_iter().filter_map(|line| match line.said {
            Said::Found { setting, text } => Some((setting.unwrap_or_default(), text)),
            _ => None,
        }));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_on_a_dns_list_is_refused_and_the_session_shows_the_question() {
    let lab = lab().await;
    zone(&lab, "bl.test", "1.0.0.127 A 127.0.0.2\n1.0.0.127 TXT \"open proxy\"").await;
    set(&lab, "smtpd_client_restrictions", "permit_mynetworks, reject_rbl_client bl.test").await;
    let refused = "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.test; open proxy";
    assert_eq!(rcpt(&lab, "eva@b.test", "ana@lab.test").await, refused);
    let told = found(&lab, Service::Smtp).await;
    let has = |setting: &str, text: &str| told.iter().any(|(s, t)| s == setting && t.contains(text));
    assert!(has("", "DNS 1.0.0.127.bl.test A: 127.0.0.2"), "{told:?}");
    assert!(has("smtpd_client_restrictions", "reject_rbl_client bl.test refuses"), "{told:?}");

    // The same code says so without anybody sending.
    let question = |client: &str| RouteQuestion {
        recipient: "ana@lab.test".into(),
        sender: "eva@b.test".into(),
        client: client.into(),
        user: None,
    };
    let answer = lab.api.route_explain(question("127.0.0.1")).await.unwrap();
    assert_eq!((answer.accepted, answer.reply.as_str()), (false, refused));
    let step = answer.steps.last().unwrap();
    assert_eq!(
        (step.code.as_str(), step.setting.as_deref()),
        ("listRefuses", Some("smtpd_client_restrictions"))
    );
    assert_eq!(step.params["entry"], "reject_rbl_client bl.test");
    let answer = lab.api.route_explain(question("192.0.2.7")).await.unwrap();
    assert!(answer.accepted, "{answer:?}");

    // Another list may say no; this one only warns now, in the log as well.
    set(&lab, "smtpd_client_restrictions", "warn_if_reject reject_rbl_client bl.test").await;
    assert!(rcpt(&lab, "eva@b.test", "ana@lab.test").await.starts_with("250"));
    let log = lab.api.log_list(LogQuery::default()).await.unwrap();
    let warned =
        |text: &str| text.starts_with("NOQUEUE: reject_warning: RCPT from") && text.contains("bl.test");
    assert!(log.lines.iter().any(|line| warned(&line.text)), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_are_judged_by_name_server_table_and_login() {
    let lab = lab().await;
    zone(&lab, "b.test", "@ MX 10 mail\nmail A 127.0.0.1").await;
    zone(&lab, "null.test", "@ MX 0 .").await;
    set(
        &lab,
        "smtpd_sender_restrictions",
        "check_sender_access inline:{ { spam@b.test = 550 5.7.9 We know you } }, reject_unknown_sender_domain, reject_unauthenticated_sender_login_mismatch",
    )
    .await;
    for (sender, reply) in [
        ("eva@b.test", "250 2.1.5 Ok"),
        ("", "250 2.1.5 Ok"),
        ("spam@b.test", "550 5.7.9 <spam@b.test>: Sender address rejected: We know you"),
        ("eva@x.b.test", "450 4.1.8 <eva@x.b.test>: Sender address rejected: Domain not found"),
        (
            "eva@null.test",
            "550 5.7.27 <eva@null.test>: Sender address rejected: Domain null.test does not accept mail (nullMX)",
        ),
    ] {
        assert_eq!(rcpt(&lab, sender, "ana@lab.test").await, reply, "{sender}");
    }
    set(&lab, "smtpd_sender_restrictions", "reject_sender_login_mismatch").await;
    let reply = "553 5.7.1 <luis@lab.test>: Sender address rejected: not logged in";
    assert_eq!(rcpt(&lab, "luis@lab.test", "ana@lab.test").await, reply);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_a_fault_is_refused_with_its_place_and_the_old_one_stays() {
    let lab = lab().await;
    let bad = ConfigSet {
        name: "smtpd_recipient_restrictions".into(),
        value: Some("reject_non_fqdn_sender, permit_tls_all_clientcerts".into()),
        confirm_open_relay: None,
    };
    let error = lab.api.config_set(bad).await.unwrap_err();
    assert_eq!(error.code, Code::SettingInvalid);
    assert_eq!(error.params["setting"], "smtpd_recipient_restrictions");
    let detail = "at character 25: permit_tls_all_clientcerts is not supported: clients are not asked for certificates";
    assert_eq!(error.params["detail"], detail);
    assert!(rcpt(&lab, "eva@b", "ana@lab.test").await.starts_with("250"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_is_judged_before_it_is_kept() {
    let lab = lab().await;
    set(&lab, "smtpd_end_of_data_restrictions", "check_sender_access inline:{ eva@elsewhere.test=REJECT }")
        .await;
    let said = lab.smtp().await.send("ana@lab.test").await;
    assert!(said.starts_with("554 5.7.1 <eva@elsewhere.test>: Sender address rejected"), "{said}");
    assert_eq!(lab.inbox("ana@lab.test").await, 0);
}

/// A server for ana and luis at otro.test, behind the first one.
async fn inner(lab: &Lab) -> Lab {
    let inner = Lab::open().await;
    let setup =
        postigo_api::Setup { domain: "otro.test".into(), host: "mail.otro.test".into(), ..inner.setup() };
    inner.api.setup_apply(setup).await.unwrap();
    let port = inner.listener(Service::Smtp).await.port;
    set(lab, "relay_domains", "otro.test").await;
    set(lab, "transport_maps", &format!("otro.test=smtp:[127.0.0.1]:{port}")).await;
    inner
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_hop_of_a_relay_domain_is_asked_once_about_each_recipient_and_gets_no_content() {
    let lab = lab().await;
    let inner = inner(&lab).await;
    assert!(
        rcpt(&lab, "eva@b.test", "nadie@otro.test").await.starts_with("250"),
        "nobody asks unless a list wants it"
    );
    set(&lab, "smtpd_recipient_restrictions", "reject_unverified_recipient").await;
    assert_eq!(rcpt(&lab, "eva@b.test", "luis@otro.test").await, "250 2.1.5 Ok");
    let refused = rcpt(&lab, "eva@b.test", "nadie@otro.test").await;
    let beginning = "550 5.1.1 <nadie@otro.test>: Recipient address rejected: undeliverable address: host 127.0.0.1[127.0.0.1] said: 550 5.1.1";
    assert!(refused.starts_with(beginning), "{refused}");
    assert!(
        rcpt(&lab, "eva@b.test", "ana@lab.test").await.starts_with("250"),
        "our own people are not asked about"
    );
    let told = found(&lab, Service::Smtp).await;
    let has = |text: &str| told.iter().any(|(s, t)| s == "reject_unverified_recipient" && t.contains(text));
    assert!(has("about luis@otro.test: takes it (session "), "{told:?}");

    // It was asked twice, each time without content; and what it said is remembered when it is away.
    let page = inner.api.session_list(SessionQuery::default()).await.unwrap();
    assert_eq!(page.sessions.len(), 2, "{page:?}");
    for session in &page.sessions {
        let detail = inner.api.session_get(SessionRef { id: session.id, from_line: 0 }).await.unwrap();
        let said: Vec<_> = detail
            .lines
            .iter()
            .filter_map(|line| match &line.said {
                Said::Client { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert!(
            said.contains(&"MAIL FROM:<>") || said.iter().any(|s| s.starts_with("MAIL FROM:<> ")),
            "{said:?}"
        );
        assert!(said.iter().all(|line| !line.starts_with("DATA") && !line.starts_with("BDAT")), "{said:?}");
    }
    inner.engine.stop().await;
    assert_eq!(rcpt(&lab, "eva@b.test", "luis@otro.test").await, "250 2.1.5 Ok");
    let unknown = rcpt(&lab, "eva@b.test", "ana@otro.test").await;
    assert!(
        unknown.starts_with(
            "450 4.1.1 <ana@otro.test>: Recipient address rejected: unverified address: connect to"
        ),
        "{unknown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_has_limits_unless_it_is_exempt() {
    let lab = lab().await;
    set(&lab, "smtpd_client_message_rate_limit", "2").await;
    set(&lab, "smtpd_client_recipient_rate_limit", "3").await;
    set(&lab, "smtpd_client_auth_rate_limit", "1").await;
    let mut smtp = lab.smtp().await;
    for _ in 0..2 {
        assert!(smtp.ask("MAIL FROM:<eva@b.test>").await.starts_with("250"));
        smtp.ask("RSET").await;
    }
    let said = smtp.ask("MAIL FROM:<eva@b.test>").await;
    assert_eq!(said, "450 4.7.1 Error: too much mail from localhost[127.0.0.1]");
    set(&lab, "smtpd_client_message_rate_limit", "0").await;
    let mut smtp = lab.smtp().await;
    assert!(smtp.ask("MAIL FROM:<eva@b.test>").await.starts_with("250"));
    for _ in 0..3 {
        assert!(smtp.ask("RCPT TO:<ana@lab.test>").await.starts_with("250"));
    }
    let said = smtp.ask("RCPT TO:<ana@lab.test>").await;
    assert_eq!(said, "450 4.7.1 Error: too many recipients from localhost[127.0.0.1]");
    let mut smtp = lab.smtp().await;
    // ana@lab.test with a wrong password.
    let wrong = "AUTH PLAIN AGFuYUBsYWIudGVzdABub3BlLW5vcGU=";
    assert!(smtp.ask(wrong).await.starts_with("535"));
    assert_eq!(smtp.ask(wrong).await, "450 4.7.1 Error: too many AUTH commands from localhost[127.0.0.1]");

    set(&lab, "smtpd_client_connection_rate_limit", "2").await;
    let port = lab.listener(Service::Smtp).await.port;
    let mut greetings = Vec::new();
    for _ in 0..3 {
        greetings.push(common::wire::Wire::connect(port).await.line().await);
    }
    assert!(greetings[..2].iter().all(|line| line.starts_with("220")), "{greetings:?}");
    assert_eq!(greetings[2], "421 4.7.0 Error: too many connections from [127.0.0.1]");
    set(&lab, "smtpd_client_event_limit_exceptions", "127.0.0.0/8").await;
    assert!(common::wire::Wire::connect(port).await.line().await.starts_with("220"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_errors_waits_and_is_then_cut_off() {
    let lab = lab().await;
    set(&lab, "smtpd_soft_error_limit", "3").await;
    set(&lab, "smtpd_hard_error_limit", "5").await;
    let mut smtp = lab.smtp().await;
    let began = Instant::now();
    for _ in 0..2 {
        assert!(smtp.ask("XYZZY").await.starts_with("500"));
    }
    assert!(began.elapsed() < Duration::from_millis(900), "the first errors cost nothing");
    assert!(smtp.ask("XYZZY").await.starts_with("500"));
    assert!(smtp.ask("XYZZY").await.starts_with("500"));
    assert!(began.elapsed() > Duration::from_millis(1_900), "the next ones a second each");
    assert!(smtp.ask("XYZZY").await.starts_with("421 4.7.0"));
    assert_eq!(smtp.line().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_now_and_then_keeps_no_session_open() {
    let lab = lab().await;
    set(&lab, "smtpd_timeout", "10s").await;
    let mut smtp = lab.smtp().await;
    let began = Instant::now();
    for _ in 0..4 {
        smtp.write(b"N").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let (last, _) = smtp.end().await;
    assert!(last.starts_with("421 4.4.2"), "{last}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}
