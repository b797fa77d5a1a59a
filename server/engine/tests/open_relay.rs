//! Nineteen ways in which strangers ask a server to pass mail on, each tried by a peer that nothing gives a right to; and
//! what it takes to open the server to them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::Lab;
use postigo_api::{AttentionCode, Code, ConfigSet, Error};

/// How the server is reached: its address and its names.
const IP: &str = "[127.0.0.1]";

/// Sender and recipient of each form; `ext.test` is somewhere else, `mail.lab.test` is here.
const FORMS: [(&str, &str, &str); 19] = [
    ("the null sender", "<>", "<u@ext.test>"),
    ("a stranger to a stranger", "<a@ext.test>", "<u@ext.test>"),
    ("our host as the sender's", "<a@mail.lab.test>", "<u@ext.test>"),
    ("our address as the sender's", "<a@[127.0.0.1]>", "<u@ext.test>"),
    ("percent, our address", "<a@[127.0.0.1]>", "<u%ext.test@[127.0.0.1]>"),
    ("percent, our name", "<a@[127.0.0.1]>", "<u%ext.test@mail.lab.test>"),
    ("all of it quoted", "<a@[127.0.0.1]>", "<\"u@ext.test\">"),
    ("percent, quoted", "<a@[127.0.0.1]>", "<\"u%ext.test\">"),
    ("two at signs, our address", "<a@[127.0.0.1]>", "<u@ext.test@[127.0.0.1]>"),
    ("quoted, our address", "<a@[127.0.0.1]>", "<\"u@ext.test\"@[127.0.0.1]>"),
    ("two at signs, our name", "<a@[127.0.0.1]>", "<u@ext.test@mail.lab.test>"),
    ("source route over our address", "<a@[127.0.0.1]>", "<@[127.0.0.1]:u@ext.test>"),
    ("source route over our name", "<a@[127.0.0.1]>", "<@mail.lab.test:u@ext.test>"),
    ("exclamation mark", "<a@[127.0.0.1]>", "<ext.test!u>"),
    ("exclamation mark, our address", "<a@[127.0.0.1]>", "<ext.test!u@[127.0.0.1]>"),
    ("exclamation mark, our name", "<a@[127.0.0.1]>", "<ext.test!u@mail.lab.test>"),
    ("localhost as the sender's", "<a@localhost>", "<u@ext.test>"),
    ("a sender without a domain", "<a>", "<u@ext.test>"),
    ("a sender of ours, forged", "<ana@lab.test>", "<u@ext.test>"),
];

/// What a form came to.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    Refused,
    /// A refusal for now proves nothing.
    CouldNotCheck(String),
    Accepted,
}

/// Asks as far as RCPT, in a session of its own, so that no limit on errors answers for the policy.
async fn judge(lab: &Lab, sender: &str, recipient: &str) -> Judged {
    let mut smtp = lab.smtp().await;
    let mut said = smtp.ask(&format!("MAIL FROM:{sender}")).await;
    if said.starts_with("250") {
        said = smtp.ask(&format!("RCPT TO:{recipient}")).await;
        assert!(smtp.ask("RSET").await.starts_with("250"));
    }
    match said.as_bytes().first() {
        Some(b'5') => Judged::Refused,
        Some(b'2') => Judged::Accepted,
        _ => Judged::CouldNotCheck(said),
    }
}

async fn set(lab: &Lab, name: &str, value: Option<&str>, confirm: Option<&str>) -> Result<(), Error> {
    let (value, confirm_open_relay) = (value.map(str::to_owned), confirm.map(str::to_owned));
    lab.api.config_set(ConfigSet { name: name.into(), value, confirm_open_relay }).await.map(drop)
}

/// What the overview says in red: the setting at fault.
async fn flagged(lab: &Lab) -> Option<String> {
    let overview = lab.api.overview(Default::default()).await.unwrap();
    let open = overview.attention.into_iter().find(|found| found.code == AttentionCode::OpenRelay)?;
    assert!(open.severe);
    Some(open.params["setting"].clone())
}

/// A server that does not trust this computer, so that the peer is a stranger.
async fn lab() -> Lab {
    let lab = Lab::start().await;
    set(&lab, "mynetworks", Some("192.0.2.0/24"), None).await.unwrap();
    lab
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_in_each_of_the_nineteen_forms() {
    let lab = lab().await;
    assert_eq!(flagged(&lab).await, None);
    for (form, sender, recipient) in FORMS {
        assert_eq!(judge(&lab, sender, recipient).await, Judged::Refused, "{form}: {sender} {recipient}");
    }
    // It is the policy that refuses, not the server that is broken.
    for to in ["<ana@lab.test>", "<postmaster>"] {
        assert_eq!(judge(&lab, "<a@ext.test>", to).await, Judged::Accepted, "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trusting_everybody_needs_the_host_name_typed_and_stays_red() {
    let lab = lab().await;
    for wrong in [None, Some("yes"), Some("lab.test")] {
        let error = set(&lab, "mynetworks", Some("0.0.0.0/0"), wrong).await.unwrap_err();
        assert_eq!((error.code, error.params["setting"].as_str()), (Code::OpenRelay, "mynetworks"));
    }
    assert_eq!(judge(&lab, "<a@ext.test>", "<u@ext.test>").await, Judged::Refused);
    set(&lab, "mynetworks", Some("0.0.0.0/0"), Some("mail.lab.test")).await.unwrap();
    assert_eq!(flagged(&lab).await.as_deref(), Some("mynetworks"));
    let mut open = 0;
    for (form, sender, recipient) in FORMS {
        // What asks us to read a route in a local part stays a name here that nobody has.
        let is_plain = recipient.ends_with("u@ext.test>") && sender.contains(['@', '>']) && sender != "<a>";
        let expected = if is_plain { Judged::Accepted } else { Judged::Refused };
        open += usize::from(is_plain);
        assert_eq!(judge(&lab, sender, recipient).await, expected, "{form}: {sender} {recipient}");
    }
    assert_eq!(open, 8, "the forms that name a stranger plainly, {IP} in a source route or not");
    set(&lab, "mynetworks", None, None).await.unwrap();
    assert_eq!(flagged(&lab).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_hold_nobody_up_are_an_open_relay_too() {
    const LIST: &str = "smtpd_relay_restrictions";
    let lab = lab().await;
    for open in ["permit_mynetworks, permit_sasl_authenticated", "", "permit", "reject_rbl_client bl.test"] {
        let error = set(&lab, LIST, Some(open), None).await.unwrap_err();
        assert_eq!((error.code, error.params["setting"].as_str()), (Code::OpenRelay, LIST), "{open}");
    }
    // In Postfix's older place it is as good.
    set(&lab, "smtpd_recipient_restrictions", Some("reject_unauth_destination"), None).await.unwrap();
    set(&lab, LIST, Some("permit_mynetworks"), None).await.unwrap();
    assert_eq!(judge(&lab, "<a@ext.test>", "<u@ext.test>").await, Judged::Refused);
    assert_eq!(flagged(&lab).await, None);
    let error = set(&lab, "smtpd_recipient_restrictions", None, None).await.unwrap_err();
    assert_eq!(error.code, Code::OpenRelay);
    set(&lab, "smtpd_recipient_restrictions", None, Some("mail.lab.test")).await.unwrap();
    assert_eq!(flagged(&lab).await.as_deref(), Some(LIST));
    assert_eq!(judge(&lab, "<a@ext.test>", "<u@ext.test>").await, Judged::Accepted);
    set(&lab, LIST, None, None).await.unwrap();
    assert_eq!(flagged(&lab).await, None);
    assert_eq!(judge(&lab, "<a@ext.test>", "<u@ext.test>").await, Judged::Refused);
}
