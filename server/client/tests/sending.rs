//! Sending through smtp-sink, filing in a real Dovecot.

mod common;

use common::authority::Authority;
use common::dovecot::Dovecot;
use common::sink::Sink;
use common::{ANA, HOST, Ports, account, client, endpoint, message, page};
use postigo_api::{Code, Compose, ComposeKind, Draft, MessageRef, Outgoing, Security};
use postigo_client::Client;

const MIXED: &[u8] = include_bytes!("messages/mixed.eml");

struct Lab {
    dovecot: Dovecot,
    sink: Sink,
    client: Client,
    ports: Ports,
    authority: Authority,
}

/// The sink listens on the fourth port; submission is set to the port and security given.
async fn lab(port: u16, security: Security, options: &[&str]) -> Lab {
    let ports = Ports::take();
    let authority = Authority::for_name(HOST);
    let dovecot = Dovecot::start(&ports, &authority, "");
    let sink = Sink::start(ports.nth(3), options);
    authority.wrap(ports.nth(4), ports.nth(3)).await;
    authority.offer_starttls(ports.nth(5), ports.nth(3)).await;
    let imap = endpoint(ports.nth(2), Security::Tls);
    let submission = endpoint(ports.nth(port), security);
    let (client, _) = client(account(imap, submission, vec![authority.root.clone()]));
    Lab { dovecot, sink, client, ports, authority }
}

fn outgoing(draft: Draft) -> Outgoing {
    Outgoing { account: ANA.to_owned(), draft, send_at: None }
}

fn draft() -> Draft {
    Draft {
        to: vec!["Luis <luis@lab.test>".into()],
        cc: vec!["eva@lab.test".into()],
        bcc: vec!["secreta@lab.test".into()],
        subject: "Mañana".into(),
        text: "Hola\n.\n..dos\n".into(),
        ..Draft::default()
    }
}

async fn reaches_the_server_and_is_filed(port: u16, security: Security) {
    let lab = lab(port, security, &[]).await;
    let sent = lab.client.send(outgoing(draft())).await.expect("sent");
    assert!(sent.reply.starts_with("250 2.0.0 "), "{}", sent.reply);
    assert!(sent.message_id.ends_with("@lab.test"));
    assert_eq!(sent.queue_id, None);
    let dump = lab.sink.dump();
    for expected in [
        "X-Mail-Args: <ana@lab.test>",
        "X-Rcpt-Args: <luis@lab.test>",
        "X-Rcpt-Args: <eva@lab.test>",
        "X-Rcpt-Args: <secreta@lab.test>",
        "From: =?utf-8?",
        &format!("Message-ID: <{}>", sent.message_id),
        "User-Agent: Postigo/",
    ] {
        assert!(dump.contains(expected), "{expected} is not in\n{dump}");
    }
    assert!(!dump.contains("Bcc:"), "{dump}");
    let name = std::process::Command::new("uname").arg("-n").output().expect("uname").stdout;
    let hello = format!("X-Helo-Args: {}", String::from_utf8_lossy(&name));
    assert!(dump.contains(&hello), "{hello} is not in\n{dump}");
    let filed = page(&lab.client, "Sent").await;
    assert_eq!(filed.total, 1);
    assert!(filed.messages[0].flags.seen);
    let copy = lab.client.message(message("Sent", filed.messages[0].uid)).await.expect("the copy");
    assert_eq!(copy.text, "Hola\n.\n..dos\n");
    assert_eq!(copy.bcc[0].address, "secreta@lab.test");
    assert_eq!(copy.message_id.as_deref(), Some(sent.message_id.as_str()));
}

#[tokio::test]
async fn a_message_reaches_a_server_on_this_machine_and_is_filed_under_sent() {
    reaches_the_server_and_is_filed(3, Security::None).await;
}

#[tokio::test]
async fn a_message_reaches_the_server_over_tls_and_is_filed_under_sent() {
    reaches_the_server_and_is_filed(4, Security::Tls).await;
}

#[tokio::test]
async fn a_message_reaches_the_server_over_starttls_and_is_filed_under_sent() {
    reaches_the_server_and_is_filed(5, Security::Starttls).await;
}

#[tokio::test]
async fn an_answer_carries_the_thread_and_marks_the_original() {
    let lab = lab(3, Security::None, &[]).await;
    lab.dovecot.deliver("1", MIXED);
    let about = message("INBOX", page(&lab.client, "INBOX").await.messages[0].uid);
    let kind = ComposeKind::Reply(about.clone());
    let asked = Compose { account: ANA.to_owned(), kind, attribution: Some("Ana escribió:".into()) };
    let mut reply = lab.client.compose(asked).await.expect("a draft");
    assert_eq!(reply.subject, "Re: Informe de mañana");
    reply.to = vec!["luis@lab.test".into()];
    lab.client.send(outgoing(reply)).await.expect("sent");
    let dump = lab.sink.dump();
    assert!(dump.contains("In-Reply-To: <mixed.1@lab.test>"), "{dump}");
    assert!(dump.contains("References: <root@lab.test> <parent@lab.test>"), "{dump}");
    let row = &page(&lab.client, "INBOX").await.messages[0];
    assert!(row.flags.answered && !row.flags.forwarded);

    let kind = ComposeKind::Forward(about);
    let asked = Compose { account: ANA.to_owned(), kind, attribution: None };
    let mut forward = lab.client.compose(asked).await.expect("a draft");
    assert_eq!(forward.attachments.len(), 2);
    forward.to = vec!["luis@lab.test".into()];
    lab.client.send(outgoing(forward)).await.expect("sent");
    assert!(page(&lab.client, "INBOX").await.messages[0].flags.forwarded);
    assert!(page(&lab.client, "Sent").await.messages[0].has_attachment);
}

#[tokio::test]
async fn a_refused_recipient_is_named_and_nothing_is_filed() {
    let lab = lab(3, Security::None, &["-f", "RCPT", "-B", "550 5.1.1 No such mailbox"]).await;
    let error = lab.client.send(outgoing(draft())).await.expect_err("refused");
    assert_eq!(error.code, Code::MailRefused);
    assert_eq!(error.params.get("reply").map(String::as_str), Some("550 5.1.1 No such mailbox"));
    assert_eq!(error.params.get("address").map(String::as_str), Some("luis@lab.test"));
    assert_eq!(
        lab.client.list(common::query("Sent")).await.expect_err("no Sent").code,
        Code::MailFolderUnknown
    );
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_before_anyone_is_asked() {
    let lab = lab(7, Security::None, &[]).await;
    let nobody = Draft { text: "x".into(), ..Draft::default() };
    assert_eq!(lab.client.send(outgoing(nobody)).await.expect_err("nobody").code, Code::MailNoRecipients);
    let invalid = Draft { to: vec!["josé@lab.test".into()], ..draft() };
    assert_eq!(lab.client.send(outgoing(invalid)).await.expect_err("invalid").code, Code::MailAddressInvalid);
    let error = lab.client.send(outgoing(draft())).await.expect_err("nothing listens");
    assert_eq!(error.code, Code::MailUnreachable);
    assert_eq!(error.params["port"], lab.ports.nth(7).to_string());
}

/// RFC 4865: what cannot be sent later is not sent at once instead. smtp-sink does not offer it.
#[tokio::test]
async fn a_server_that_cannot_send_later_gets_nothing() {
    let lab = lab(3, Security::None, &[]).await;
    for (send_at, code) in [
        ("2099-01-01T08:00:00+01:00", Code::MailLaterUnsupported),
        ("2001-01-01T08:00:00Z", Code::MailLaterPast),
        ("mañana", Code::BadRequest),
    ] {
        let later = Outgoing { send_at: Some(send_at.into()), ..outgoing(draft()) };
        assert_eq!(lab.client.send(later).await.expect_err(send_at).code, code);
    }
    assert_eq!(lab.sink.dump(), "");
    let nothing = lab.client.list(common::query("Sent")).await.expect_err("no Sent");
    assert_eq!(nothing.code, Code::MailFolderUnknown);
}

#[tokio::test]
async fn a_message_that_was_taken_counts_as_sent_though_it_cannot_be_filed() {
    let lab = lab(3, Security::None, &[]).await;
    let submission = endpoint(lab.ports.nth(3), Security::None);
    let nowhere = endpoint(lab.ports.nth(7), Security::None);
    let (client, _) = client(account(nowhere, submission, vec![lab.authority.root.clone()]));
    client.send(outgoing(draft())).await.expect("sent");
    assert!(lab.sink.dump().contains("X-Rcpt-Args: <luis@lab.test>"));
}

#[tokio::test]
async fn a_draft_is_saved_again_resumed_and_gone_once_sent() {
    let lab = lab(3, Security::None, &[]).await;
    lab.dovecot.deliver("1", MIXED);
    let original = message("INBOX", page(&lab.client, "INBOX").await.messages[0].uid);
    let mut unfinished = draft();
    unfinished.to = vec!["Lui".into()];
    unfinished.answers = Some(original.clone());
    let first = lab.client.draft_save(outgoing(unfinished.clone())).await.expect("saved").saved_as;
    assert_eq!(first.folder, "Drafts");
    unfinished.saved_as = Some(first.clone());
    unfinished.to = vec!["Luis <luis@lab.test>".into()];
    let second = lab.client.draft_save(outgoing(unfinished.clone())).await.expect("saved").saved_as;
    assert_ne!(first, second);
    let drafts = page(&lab.client, "Drafts").await;
    assert_eq!(drafts.messages.iter().map(|row| row.uid).collect::<Vec<_>>(), [second.uid]);
    assert!(drafts.messages[0].flags.draft && drafts.messages[0].flags.seen);

    let asked =
        Compose { account: ANA.to_owned(), kind: ComposeKind::Draft(second.clone()), attribution: None };
    let resumed = lab.client.compose(asked).await.expect("a draft");
    assert_eq!(resumed.to, ["Luis <luis@lab.test>"]);
    assert_eq!(resumed.bcc, ["secreta@lab.test"]);
    assert_eq!(resumed.subject, "Mañana");
    assert_eq!(resumed.text, "Hola\n.\n..dos");
    assert_eq!(resumed.answers, Some(original));
    assert_eq!(resumed.saved_as, Some(second));

    lab.client.send(outgoing(resumed)).await.expect("sent");
    assert_eq!(page(&lab.client, "Drafts").await.total, 0);
    assert!(!lab.sink.dump().contains("X-Postigo-Answers"));
    assert!(page(&lab.client, "INBOX").await.messages[0].flags.answered);
}

#[tokio::test]
async fn only_drafts_are_removed_whatever_the_caller_says() {
    let lab = lab(3, Security::None, &[]).await;
    lab.dovecot.deliver("1", MIXED);
    let uid = page(&lab.client, "INBOX").await.messages[0].uid;
    let elsewhere = Some(MessageRef { account: ANA.to_owned(), folder: "INBOX".into(), uid });
    lab.client.send(outgoing(Draft { saved_as: elsewhere, ..draft() })).await.expect("sent");
    assert_eq!(page(&lab.client, "INBOX").await.total, 1);
}

/// The engine answers each command in a task of its own.
#[tokio::test]
async fn commands_can_run_in_tasks_of_their_own() {
    let lab = lab(3, Security::None, &[]).await;
    let client = lab.client.clone();
    let task = tokio::spawn(async move {
        client.send(outgoing(draft())).await?;
        let saved = client.draft_save(outgoing(draft())).await?.saved_as;
        let kind = ComposeKind::Draft(saved.clone());
        client.compose(Compose { account: ANA.to_owned(), kind, attribution: None }).await?;
        client.message(saved).await
    });
    assert_eq!(task.await.expect("a task").expect("a message").text, "Hola\n.\n..dos\n");
}
