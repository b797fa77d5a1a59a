//! Delivery and append: what is there afterwards, and what is not after a failure.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use support::*;

#[tokio::test]
async fn a_delivered_message_lies_in_new_with_its_fields_in_order() {
    let lab = Lab::new();
    let delivered =
        lab.try_deliver(&[lab.ana, lab.luis, lab.ana], b"Subject: x\r\n\r\nhello\n").await.unwrap();
    assert_eq!(delivered.len(), 2, "an account named twice gets it once");
    for (delivered, account) in delivered.iter().zip([lab.ana, lab.luis]) {
        let expected = format!(
            "Return-Path: <>\r\nDelivered-To: {account}\r\nReceived: by mail.lab.test\r\nSubject: x\r\n\r\nhello\n"
        );
        assert_eq!(std::fs::read_to_string(&delivered.path).unwrap(), expected);
        assert_eq!(delivered.octets, expected.len() as u64 + 1, "the bare LF is served as CRLF");
        assert_eq!(delivered.account, account);
        assert!(delivered.path.starts_with(lab.store.maildir(account).unwrap().join("new")));
        let name = delivered.path.file_name().unwrap().to_str().unwrap();
        assert!(
            name.ends_with(&format!("mail.lab.test,S={},W={}", expected.len(), expected.len() + 1)),
            "{name}"
        );
    }
    assert!(files(&lab.maildir().join("tmp")).is_empty());
    let status = lab.mail().status(lab.inbox()).unwrap();
    assert_eq!((status.messages, status.recent, status.unseen), (1, 1, 1));
    assert_eq!(status.octets, delivered[0].octets);
}

#[tokio::test]
async fn a_big_message_goes_through_a_file_that_is_gone_after_the_checkpoint() {
    let lab = Lab::new();
    let text = "0123456789abcde\n".repeat(100_000);
    let uid = lab.deliver(&text).await;
    assert!(lab.text(lab.inbox(), uid).ends_with(&text));
    assert_eq!(files(&lab.data().join("incoming")).len(), 1, "kept until the checkpoint");
    lab.store.close().unwrap();
    assert!(files(&lab.data().join("incoming")).is_empty());
}

#[tokio::test]
async fn concurrent_deliveries_get_distinct_ascending_uids() {
    let lab = Lab::new();
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (store, ana) = (lab.store.clone(), lab.ana);
            tokio::spawn(async move {
                deliver(&store, &[ana], format!("{number}").as_bytes()).await.unwrap()[0].uid.get()
            })
        })
        .collect();
    let mut uids = Vec::new();
    for task in tasks {
        uids.push(task.await.unwrap());
    }
    uids.sort_unstable();
    assert_eq!(uids, (1..=200).collect::<Vec<_>>());
    assert_eq!(lab.uids(lab.inbox()), uids);
    let info = lab.mail().infos(lab.inbox(), &[UidRange::ALL], 3).unwrap();
    assert_eq!(info.len(), 3);
    assert!(info.iter().all(|info| info.octets > 0 && info.state.flags.is_empty()));
}

#[tokio::test]
async fn a_delivery_that_fails_for_one_recipient_is_there_for_none() {
    let lab = Lab::new();
    lab.store.accounts().delete(lab.luis, FateOfMail::Remove).unwrap();
    let error = lab.try_deliver(&[lab.ana, lab.luis], b"x").await.unwrap_err();
    assert_eq!(error.code(), Code::AccountUnknown);
    assert!(lab.uids(lab.inbox()).is_empty());
    assert!(files(&lab.maildir().join("new")).is_empty());
    let (inbox, lab) = (lab.inbox(), lab.open_again());
    assert!(lab.uids(inbox).is_empty(), "recovery does not bring it back");
}

#[tokio::test]
async fn what_cannot_be_a_delivery_is_refused() {
    let lab = Lab::new();
    assert_eq!(lab.try_deliver(&[], b"x").await.unwrap_err().code(), Code::BadMessage);
    assert_eq!(lab.try_deliver(&[lab.ana], b"").await.unwrap_err().code(), Code::BadMessage);
    assert_eq!(lab.append("Nowhere", "x", Flags::NONE, &[]).await.unwrap_err().code(), Code::MailboxUnknown);
    lab.store.close().unwrap();
    let error = lab.try_deliver(&[lab.ana], b"x").await.unwrap_err();
    assert_eq!((error.code(), error.is_temporary()), (Code::Closed, true));
}

#[tokio::test]
async fn an_appended_message_keeps_flags_keywords_and_date_also_without_the_index() {
    let lab = Lab::new();
    let appended = lab
        .append("Sent", "x\r\n", Flags::SEEN | Flags::DRAFT, &["$Forwarded", "bad keyword"])
        .await
        .unwrap();
    let check = |lab: &Lab| {
        let info = lab.mail().infos(lab.mailbox("Sent"), &[UidRange::ALL], 10).unwrap().remove(0);
        assert_eq!(info.state.flags, Flags::SEEN | Flags::DRAFT);
        assert_eq!(info.state.keywords, ["$Forwarded"]);
        assert_eq!((info.octets, info.internal_date.as_second()), (3, 1_000_000_000));
    };
    assert_eq!(appended.mailbox, lab.mailbox("Sent"));
    check(&lab);
    let name = files(&lab.maildir().join(".Sent/cur")).remove(0);
    assert!(name.ends_with(":2,DSa"), "{name}");
    lab.mail().rebuild().unwrap();
    check(&lab);
    assert_ne!(appended.mailbox, lab.mailbox("Sent"));
}
