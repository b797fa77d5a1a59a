//! Engines as a whole: several at once, opened, set up, started, stopped, and started again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::wire::Wire;
use common::{Base, Lab, PATIENCE, event, user};
use postigo_api::{Code, Event, Phase, PortReason, Service, SettingsPatch, Setup};
use postigo_engine::Engine;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn two_engines_know_nothing_of_each_other() {
    let (one, two) = (Lab::start().await, Lab::start().await);
    let reply = one.smtp().await.send("ana@lab.test").await;
    assert!(reply.starts_with("250"), "{reply}");
    assert_eq!((one.inbox("ana@lab.test").await, two.inbox("ana@lab.test").await), (1, 0));

    one.engine.stop().await;
    assert_eq!((one.status().await.phase, two.status().await.phase), (Phase::Stopped, Phase::Running));
    let reply = two.smtp().await.send("luis@lab.test").await;
    assert!(reply.starts_with("250"), "{reply}");
    assert_eq!(two.inbox("luis@lab.test").await, 1);
}

#[tokio::test]
async fn who_comes_second_is_told_who_has_the_folder() {
    let lab = Lab::open().await;
    let error = Engine::open(lab.data()).await.err().expect("the folder is locked");
    assert_eq!(error.code, Code::DataLocked);
    assert_eq!(error.params.get("pid"), Some(&std::process::id().to_string()), "{error:?}");
    assert!(error.params.contains_key("path"), "{error:?}");

    let Lab { engine, api, folder, .. } = lab;
    drop(api);
    engine.close().await;
    Engine::open(folder.path()).await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_engine_does_not_start_again() {
    let lab = Lab::start().await;
    lab.engine.clone().close().await;
    assert_eq!(lab.engine.start().await.map_err(|e| e.code), Err(Code::NotRunning));
    assert_eq!(lab.status().await.phase, Phase::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_up_twice_destroys_nothing_and_adds_who_is_missing() {
    let lab = Lab::start().await;
    lab.smtp().await.send("ana@lab.test").await;
    let mut eva = user("ana");
    eva.password = "otra cosa distinta".into();
    let again = Setup {
        domain: "casa.test".into(),
        host: "mail.casa.test".into(),
        users: vec![user("eva")],
        ..lab.setup()
    };
    let status = lab.api.setup_apply(again).await.unwrap();
    assert_eq!(status.domains, ["casa.test", "lab.test"]);
    // The same people once more, ana with another password: hers stays.
    lab.api
        .setup_apply(Setup { users: vec![eva, user("luis"), user("pablo")], ..lab.setup() })
        .await
        .unwrap();

    let accounts = lab.api.account_list(Default::default()).await.unwrap();
    let addresses: Vec<_> = accounts.iter().map(|a| a.address.as_str()).collect();
    assert_eq!(addresses, ["eva@casa.test", "ana@lab.test", "luis@lab.test", "pablo@lab.test"]);
    let login = lab.imap().await.login("ana@lab.test").await;
    assert!(login.starts_with("t OK"), "{login}");
    assert_eq!(lab.inbox("ana@lab.test").await, 1);
    for address in ["ana@lab.test", "eva@casa.test"] {
        let reply = lab.smtp().await.send(address).await;
        assert!(reply.starts_with("250"), "{address}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_that_cannot_be_writes_nothing() {
    let lab = Lab::open().await;
    let cases = [
        (Setup { users: vec![user("ana"), user("not a name")], ..lab.setup() }, Code::AccountNameInvalid),
        (Setup { postmaster: Some("nobody".into()), ..lab.setup() }, Code::AccountUnknown),
        (Setup { ports: postigo_api::PortPlan::Base(65_000), ..lab.setup() }, Code::SettingInvalid),
        (Setup { listen: "192.0.2.1".into(), ..lab.setup() }, Code::AddressNotHere),
    ];
    for (setup, code) in cases {
        assert_eq!(lab.api.setup_apply(setup).await.map_err(|e| e.code).err(), Some(code));
        assert_eq!(lab.status().await.phase, Phase::NotSetUp, "{code:?}");
        assert!(!lab.data().join("postigo.toml").exists(), "{code:?}");
        assert!(lab.api.account_list(Default::default()).await.unwrap().is_empty(), "{code:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_says_goodbye_and_starting_takes_the_same_ports() {
    let lab = Lab::start().await;
    let (mut smtp, mut imap) = (lab.smtp().await, lab.imap().await);
    imap.login("ana").await;
    // This one never begins its handshake. It must not hold the stop up.
    let _mute = TcpStream::connect(("127.0.0.1", lab.listener(Service::Imaps).await.port)).await.unwrap();
    let before = lab.status().await;

    timeout(Duration::from_secs(5), lab.engine.stop()).await.expect("idle sessions end at once");
    let ((said, _), (bye, _)) = (smtp.end().await, imap.end().await);
    assert!(said.starts_with("421 4.3.2"), "{said}");
    assert!(bye.starts_with("* BYE"), "{bye}");
    let stopped = lab.status().await;
    assert_eq!((stopped.phase, stopped.listeners.len()), (Phase::Stopped, 0));
    for listener in &before.listeners {
        assert!(TcpStream::connect(("127.0.0.1", listener.port)).await.is_err(), "{listener:?}");
    }

    lab.engine.start().await.unwrap();
    let ports = |status: &postigo_api::ServerStatus| -> Vec<_> {
        status.listeners.iter().map(|l| (l.port, l.open)).collect()
    };
    assert_eq!(ports(&lab.status().await), ports(&before));
    assert!(lab.smtp().await.send("ana@lab.test").await.starts_with("250"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_under_way_may_finish_while_the_server_stops() {
    let lab = Lab::start().await;
    let mut smtp = lab.smtp().await;
    for (command, code) in
        [("MAIL FROM:<eva@elsewhere.test>", "250"), ("RCPT TO:<ana@lab.test>", "250"), ("DATA", "354")]
    {
        let reply = smtp.ask(command).await;
        assert!(reply.starts_with(code), "{reply}");
    }
    smtp.say("Subject: a medias\r\n\r\nprimera").await;
    let engine = lab.engine.clone();
    let stop = tokio::spawn(async move { engine.stop().await });
    let begun = async {
        while lab.status().await.phase == Phase::Running {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, begun).await.expect("the stop begins");
    let reply = smtp.ask("segunda\r\n.").await;
    assert!(reply.starts_with("250 2.0.0"), "{reply}");
    let (bye, _) = smtp.end().await;
    assert!(bye.starts_with("421"), "{bye}");
    timeout(PATIENCE, stop).await.expect("the stop ends").unwrap();
    lab.engine.start().await.unwrap();
    assert_eq!(lab.inbox("ana@lab.test").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_in_time_is_cut_off() {
    let lab = Lab::start().await;
    let grace = SettingsPatch { stop_grace_seconds: Some(1), ..Default::default() };
    lab.api.settings_set(grace).await.unwrap();
    let mut smtp = lab.smtp().await;
    for command in ["MAIL FROM:<eva@elsewhere.test>", "RCPT TO:<ana@lab.test>", "DATA"] {
        smtp.ask(command).await;
    }
    smtp.say("Subject: sin fin").await;
    timeout(Duration::from_secs(5), lab.engine.stop()).await.expect("the grace period is a second");
    smtp.end().await;
    lab.engine.start().await.unwrap();
    assert_eq!(lab.inbox("ana@lab.test").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_somebody_else_does_not_keep_the_others_from_working() {
    let lab = Lab::open().await;
    let held = lab.base.port + 587;
    let foreign = TcpListener::bind(("127.0.0.1", held)).await.unwrap();
    lab.api.setup_apply(lab.setup()).await.unwrap();
    let submission = lab.listener(Service::Submission).await;
    assert!(!submission.open);
    let error = submission.error.as_ref().expect("it says why");
    assert_eq!((error.code, error.params.get("port")), (Code::PortTaken, Some(&held.to_string())));
    assert!(matches!(submission.reason, PortReason::Held { port, .. } if port == held), "{submission:?}");
    let overview = lab.api.overview(Default::default()).await.unwrap();
    let closed = overview.attention.iter().find(|a| a.code == postigo_api::AttentionCode::ListenerClosed);
    assert_eq!(closed.expect("it needs attention").params["service"], "submission");

    assert!(lab.smtp().await.send("ana@lab.test").await.starts_with("250"));
    // The client takes the other port.
    assert_eq!(lab.inbox("ana@lab.test").await, 1);

    drop(foreign);
    lab.engine.stop().await;
    lab.engine.start().await.unwrap();
    assert!(lab.listener(Service::Submission).await.open);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_what_happens_and_begins_again_after_its_last_listener() {
    let lab = Lab::open().await;
    for round in 0..2 {
        let mut events = lab.engine.events();
        // Each looks for its own kind of event: they may come in one batch.
        let (mut sessions, mut log, mut accounts) =
            (lab.engine.events(), lab.engine.events(), lab.engine.events());
        lab.api.setup_apply(lab.setup()).await.unwrap();
        event(&mut events, |e| match e {
            Event::Status { status } if status.phase == Phase::Running => Some(()),
            _ => None,
        })
        .await;
        lab.smtp().await.send("ana@lab.test").await;
        event(&mut sessions, |e| match e {
            Event::Sessions { sessions } => sessions.iter().find(|s| s.did.messages == 1).map(|_| ()),
            _ => None,
        })
        .await;
        event(&mut log, |e| match e {
            Event::Log { lines, .. } => lines.iter().find(|l| l.text.contains("status=sent")).map(|_| ()),
            _ => None,
        })
        .await;
        event(&mut accounts, |e| matches!(e, Event::Accounts).then_some(())).await;
        drop((events, sessions, log, accounts));
        lab.engine.stop().await;
        assert_eq!(lab.status().await.phase, Phase::Stopped, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postmaster_gets_mail_without_an_alias() {
    let lab = Lab::start().await;
    for address in ["Postmaster", "postmaster@lab.test", "POSTMASTER@localhost"] {
        let reply = lab.smtp().await.send(address).await;
        assert!(reply.starts_with("250"), "{address}: {reply}");
    }
    assert_eq!(lab.inbox("ana@lab.test").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_just_ended_can_be_looked_at() {
    let lab = Lab::start().await;
    for _ in 0..20 {
        let mut smtp = lab.smtp().await;
        let open = lab.api.session_list(Default::default()).await.unwrap();
        let id = open.sessions[0].id;
        smtp.ask("QUIT").await;
        smtp.end().await;
        let detail = lab.api.session_get(postigo_api::SessionRef { id, from_line: 0 }).await;
        assert_eq!(detail.map(|d| d.session.id), Ok(id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bases_of_tests_do_not_meet() {
    let (one, two) = (Base::take(), Base::take());
    assert_ne!(one.port, two.port);
    let lab = Lab::start().await;
    assert!(Wire::connect(lab.base.port + 25).await.line().await.starts_with("220"));
}

#[tokio::test]
async fn the_password_beside_someone_who_has_an_account_is_not_looked_at() {
    let lab = Lab::start().await;
    let unusable = |name: &str| postigo_api::SetupUser { password: "\u{7}".into(), ..user(name) };
    let newcomer = Setup { users: vec![unusable("eva")], ..lab.setup() };
    lab.api.setup_apply(newcomer).await.unwrap_err();
    let known = Setup { users: vec![unusable("ana")], ..lab.setup() };
    lab.api.setup_apply(known).await.unwrap();
}

#[tokio::test]
async fn our_ports_are_tried_at_an_address_beside_ours() {
    let lab = Lab::start().await;
    let smtp = lab.base.port + 25;
    let held = |choices: Vec<postigo_api::PortChoice>| {
        let of_smtp = choices.into_iter().find(|choice| choice.port == smtp).unwrap();
        matches!(of_smtp.reason, postigo_api::PortReason::Held { .. })
    };
    let wish = |listen: &str| postigo_api::PortWish { listen: listen.into(), ports: lab.base.plan() };
    let _other = std::net::TcpListener::bind(("127.0.0.2", smtp)).unwrap();
    assert!(held(lab.api.setup_ports(wish("127.0.0.2")).await.unwrap()));
    assert!(!held(lab.api.setup_ports(wish("127.0.0.3")).await.unwrap()));
    assert!(!held(lab.api.setup_ports(wish("127.0.0.1")).await.unwrap()));
}
