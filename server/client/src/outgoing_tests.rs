//! Messages are built, parsed by another library, and compared with what was asked for.

use super::*;
use crate::Secret;
use crate::fetched::parse;
use crate::message::{file, text};
use postigo_api::{Endpoint, File, Security};

fn config() -> AccountConfig {
    let endpoint = Endpoint { host: "mail.lab.test".into(), port: 1, security: Security::Tls };
    AccountConfig {
        id: "ana@lab.test".into(),
        address: "ana@lab.test".into(),
        display_name: "Ana Pérez".into(),
        user: "ana@lab.test".into(),
        password: Secret::new(String::new()),
        imap: endpoint.clone(),
        submission: endpoint,
        connect: None,
        roots: Vec::new(),
    }
}

fn draft() -> Draft {
    Draft {
        to: vec!["Luis <luis@lab.test>".into()],
        bcc: vec!["José <jose@lab.test>".into()],
        subject: "Mañana a las 5".into(),
        text: format!("Hola:\n\n.\nFrom here\nUna línea larga {}\n", "ñ".repeat(600)),
        ..Draft::default()
    }
}

fn built(draft: &Draft, thread: &Thread) -> Built {
    build(&config(), draft, &Recipients::of(draft).expect("recipients"), thread).expect("a message")
}

#[test]
fn what_was_written_is_what_is_read() {
    let draft = draft();
    let built = built(&draft, &Thread::default());
    let parsed = parse(&built.raw);
    let root = parsed.root();
    assert_eq!(root.subject(), Some("Mañana a las 5"));
    assert_eq!(text(root), draft.text);
    let from = root.from().and_then(|list| list.first());
    assert_eq!(from.and_then(|one| one.name()), Some("Ana Pérez"));
    assert_eq!(root.message_id(), Some(built.message_id.as_str()));
    assert!(built.message_id.ends_with("@lab.test"));
    assert!(root.date().is_some());
    assert!(root.headers().get("User-Agent").is_some());
}

#[test]
fn lines_are_short_ascii_and_end_with_crlf() {
    let raw = built(&draft(), &Thread::default()).own_copy();
    assert!(raw.is_ascii());
    for line in raw.split_inclusive(|octet| *octet == b'\n') {
        assert!(line.ends_with(b"\r\n") && line.len() <= 1000, "{}", String::from_utf8_lossy(line));
    }
}

#[test]
fn blind_copies_are_only_in_ones_own_copy() {
    let built = built(&draft(), &Thread::default());
    assert!(!String::from_utf8_lossy(&built.raw).contains("jose@lab.test"));
    let own = built.own_copy();
    let parsed = parse(&own);
    let bcc = parsed.root().bcc().and_then(|list| list.first());
    assert_eq!(bcc.and_then(|one| one.address()), Some("jose@lab.test"));
    assert_eq!(parsed.root().subject(), Some("Mañana a las 5"));
}

#[test]
fn nothing_typed_begins_a_field() {
    let mut draft = draft();
    draft.subject = "x\r\nBcc: eva@lab.test\r\n\r\nbody".into();
    draft.to = vec!["\"Luis\r\nX-Evil: 1\" <luis@lab.test>".into()];
    let raw = built(&draft, &Thread::default()).raw;
    let parsed = parse(&raw);
    assert!(parsed.root().bcc().is_none());
    assert!(parsed.root().headers().get("X-Evil").is_none());
    assert_eq!(text(parsed.root()), draft.text);
}

#[test]
fn answers_carry_the_chain_and_keep_its_first_and_last() {
    let ids: String = (0..30).map(|n| format!(" <{n}@lab.test>\r\n")).collect();
    let raw = format!("Message-ID: <parent@lab.test>\r\nReferences:{ids}\r\n");
    let thread = Thread::after(parse(raw.as_bytes()).root());
    assert_eq!(thread.in_reply_to.as_deref(), Some("parent@lab.test"));
    assert_eq!(thread.references.len(), REFERENCES_LIMIT);
    assert_eq!(thread.references.first().map(String::as_str), Some("0@lab.test"));
    assert_eq!(thread.references.last().map(String::as_str), Some("parent@lab.test"));
    let raw = built(&draft(), &thread).raw;
    let parsed = parse(&raw);
    let read: Vec<_> = parsed.root().references().expect("references").iter().map(str::to_owned).collect();
    assert_eq!(read, thread.references);
}

#[test]
fn attachments_come_out_as_they_went_in() {
    let mut draft = draft();
    let octets: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    draft.attachments = vec![
        File {
            name: "../año \"1\".pdf".into(),
            media_type: "application/pdf".into(),
            base64: STANDARD.encode(&octets),
        },
        File {
            name: "m.eml".into(),
            media_type: "message/rfc822".into(),
            base64: STANDARD.encode("Subject: x\n\ny\n"),
        },
    ];
    let raw = built(&draft, &Thread::default()).raw;
    let parsed = parse(&raw);
    let first = file(parsed.root(), "2").expect("part 2");
    assert_eq!((first.name.as_str(), first.media_type.as_str()), ("año 1.pdf", "application/pdf"));
    assert_eq!(STANDARD.decode(first.base64).expect("base64"), octets);
    assert_eq!(file(parsed.root(), "3").expect("part 3").media_type, "application/octet-stream");
    draft.attachments[0].base64 = "***".into();
    let refused = build(&config(), &draft, &Recipients::default(), &Thread::default());
    assert_eq!(refused.expect_err("not base64").code, postigo_api::Code::BadRequest);
}

#[test]
fn a_draft_keeps_what_is_unfinished() {
    let mut draft = draft();
    draft.to = vec!["Luis".into(), "señor@".into()];
    draft.answers = Some(MessageRef { account: "ana@lab.test".into(), folder: "Año".into(), uid: 7 });
    let built = build_draft(&config(), &draft).expect("a draft");
    let parsed = parse(&built.raw);
    let to = parsed.root().headers().get("To").expect("To");
    let typed = to.parse_as(mail_parser::HeaderForm::Text);
    assert_eq!(typed.value().as_text(), Some("Luis, señor@"));
    assert_eq!(relation(parsed.root(), ANSWERS), draft.answers);
    assert_eq!(relation(parsed.root(), FORWARDS), None);
    assert!(parsed.root().bcc().is_some());
}

#[test]
fn a_message_above_the_limit_is_refused() {
    let mut draft = draft();
    draft.text = "x".repeat(41 * 1024 * 1024);
    let refused = build(&config(), &draft, &Recipients::default(), &Thread::default());
    assert_eq!(refused.expect_err("too large").code, postigo_api::Code::MailTooLarge);
}
