//! The built-in client on the server's own accounts: sent, arrived, and how it travelled.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Lab, event};
use postigo_api::{
    AccountUpdate, ConfigSet, Draft, Event, FolderRef, JourneyRef, MessageQuery, MessageRef, Outcome,
    Outgoing, Route, RouteQuery, StepKind,
};

const ANA: &str = "ana@lab.test";
const LUIS: &str = "luis@lab.test";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_arrives_is_announced_and_tells_how_it_travelled() {
    let lab = Lab::start().await;
    let mut events = lab.engine.events();
    lab.api.mail_watch(FolderRef { account: LUIS.into(), folder: "INBOX".into() }).await.unwrap();
    let mail = |e: &Event| match e {
        Event::Mail { account, folder, arrived } if account == LUIS && folder == "INBOX" => Some(*arrived),
        _ => None,
    };
    assert_eq!(event(&mut events, mail).await, 0, "the watch has begun");

    let draft = Draft {
        to: vec!["Luis <luis@lab.test>".into()],
        subject: "¿Nos vemos?".into(),
        text: "Hola, Luis.".into(),
        ..Draft::default()
    };
    let sent = lab.api.mail_send(Outgoing { account: ANA.into(), draft, send_at: None }).await.unwrap();
    event(&mut events, |e| mail(e).filter(|arrived| *arrived == 1)).await;

    let query = MessageQuery {
        account: LUIS.into(),
        folder: "INBOX".into(),
        text: None,
        unseen: false,
        flagged: false,
        offset: 0,
        limit: 0,
    };
    let page = lab.api.mail_list(query).await.unwrap();
    assert_eq!((page.total, page.unseen), (1, 1));
    assert_eq!(page.messages[0].subject, "¿Nos vemos?");

    let queue_id = sent.queue_id.expect("the server is this one");
    let journey = lab.api.journey_get(JourneyRef { queue_id: queue_id.clone() }).await.unwrap();
    assert_eq!(journey.outcome, Outcome::Delivered);
    assert_eq!(journey.message_id.as_deref(), Some(sent.message_id.as_str()));
    let delivered = journey.steps.iter().find(|s| s.kind == StepKind::Delivered).expect("it was delivered");
    assert_eq!(delivered.params["recipient"], LUIS);
    let path = lab.data().join(&delivered.params["path"]);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(text.contains("Hola, Luis."), "{text}");

    let message = MessageRef { account: LUIS.into(), folder: "INBOX".into(), uid: page.messages[0].uid };
    assert_eq!(lab.api.mail_journey(message).await.unwrap().queue_id, queue_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_are_what_the_smtp_session_would_say() {
    let lab = Lab::start().await;
    let off = AccountUpdate { address: LUIS.into(), display_name: None, enabled: Some(false), storage: None };
    lab.api.account_update(off).await.unwrap();
    // A stranger, although it is this computer.
    let nobody =
        ConfigSet { name: "mynetworks".into(), value: Some(String::new()), confirm_open_relay: None };
    lab.api.config_set(nobody).await.unwrap();
    let cases = [
        ("Ana <ana@lab.test>", Route::Mailbox { account: ANA.into() }, "250"),
        ("ANA@localhost", Route::Mailbox { account: ANA.into() }, "250"),
        ("postmaster@lab.test", Route::Mailbox { account: ANA.into() }, "250"),
        ("nadie@lab.test", Route::UnknownUser, "550 5.1.1"),
        ("luis@lab.test", Route::Disabled, "550 5.2.1"),
        ("eva@example.org", Route::OtherServer { domain: "example.org".into(), through: None }, "554 5.7.1"),
        ("not an address", Route::Invalid, "501"),
    ];
    let typed: Vec<String> = cases.iter().map(|(typed, ..)| (*typed).to_owned()).collect();
    let answers = lab.api.mail_route(RouteQuery { account: ANA.into(), addresses: typed }).await.unwrap();
    assert_eq!(answers.len(), cases.len());
    let mut smtp = lab.smtp().await;
    smtp.ask("MAIL FROM:<eva@elsewhere.test>").await;
    for (answer, (typed, route, reply)) in answers.iter().zip(cases) {
        assert_eq!((answer.typed.as_str(), &answer.route), (typed, &route));
        let said = smtp.ask(&format!("RCPT TO:<{}>", answer.address.as_deref().unwrap_or(typed))).await;
        assert!(said.starts_with(reply), "{typed}: {said}");
    }
}
