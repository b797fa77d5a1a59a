//! The spool while it runs: what goes in, what comes out, in which order, and how much it costs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use std::collections::HashSet;
use std::io::Read;
use std::time::Instant;
use support::*;

fn outcome(text: &str) -> AttemptOutcome {
    AttemptOutcome {
        at: at(100),
        code: Some(450),
        enhanced: Some("4.2.0".into()),
        text: text.into(),
        host: Some("mx.b.test".into()),
        context: String::new(),
    }
}

fn deferred(queue_id: &str, number: u32, next_try: i64) -> RecipientUpdate {
    let change =
        RecipientChange::Deferred { next_try: at(next_try), priority: 2, outcome: outcome("Try later") };
    RecipientUpdate { id: recipient(queue_id, number), change }
}

fn text(spool: &Spool, queue_id: &str) -> String {
    let message = spool.get(queue_id).unwrap().unwrap();
    let mut content = spool.content(&message.envelope).unwrap();
    let mut text = String::new();
    content.read_to_string(&mut text).unwrap();
    assert_eq!(content.octets(), text.len() as u64);
    text
}

#[tokio::test]
async fn a_spooled_message_is_there_with_all_that_was_said_of_it() {
    let lab = Lab::new();
    let mut delivery = delivery(&lab.store, "4bX1", b"Subject: x\n\nhello\n").await;
    let mut entry = entry_for(&["zoe@b.test", "max@c.test"]);
    entry.parameters = SenderParameters {
        ret: Some(Ret::Headers),
        envid: Some("QQ+3D".into()),
        body: Body::EightBit,
        smtputf8: true,
        require_tls: true,
        hold_until: Some(5),
    };
    entry.recipients[1].notify = Some(Notify { success: true, failure: false, delay: true });
    entry.recipients[1].orcpt = Some("rfc822;max@old.test".into());
    entry.recipients[1].original = Some("max@old.test".into());
    entry.recipients[1].held = true;
    delivery.spool = Some(entry.clone());
    delivery.recipients = vec![local(lab.luis)];
    let mut notices = lab.store.spool().subscribe();
    let delivered = lab.store.deliver(delivery).await.unwrap();
    assert_eq!(delivered.len(), 1, "the local copy");

    let spool = lab.store.spool();
    // The other one is held.
    let due =
        DueMessage { queue_id: "4bX1".into(), priority: entry.recipients[0].priority, numbers: vec![0] };
    let due = vec![(entry.recipients[0].destination.clone(), due)];
    let hold_until = jiff::Timestamp::from_microsecond(5).ok();
    assert_eq!(notices.next().await, Some(SpoolNotice::Arrived { queue_id: "4bX1".into(), due, hold_until }));
    let message = spool.get("4bX1").unwrap().unwrap();
    assert_eq!(message.envelope.parameters, entry.parameters);
    assert_eq!(
        (&message.envelope.reverse_path, &message.envelope.context),
        (&entry.reverse_path, &entry.context)
    );
    assert_eq!((message.waiting, message.deferred, message.held, message.next_try), (1, 0, 1, Some(at(0))));
    let max = &message.recipients[1];
    assert_eq!(
        (max.notify, max.orcpt.as_deref(), max.original.as_deref(), max.state),
        (entry.recipients[1].notify, Some("rfc822;max@old.test"), Some("max@old.test"), RecipientState::Held)
    );
    assert_eq!(text(spool, "4bX1"), "Received: by mail.lab.test\r\nSubject: x\r\n\r\nhello\r\n");
    let counts = spool.counts().unwrap();
    assert_eq!((counts.messages, counts.octets), (1, message.envelope.octets));
    assert_eq!(counts.recipients, RecipientCounts { waiting: 1, deferred: 0, held: 1 });
}

#[tokio::test]
async fn a_message_that_stays_gets_a_file_and_one_that_has_left_does_not() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test"], "Subject: x\n\nhello\n").await;
    spool(&lab.store, "4bX2", &["zoe@b.test"], "gone").await;
    let early = lab.store.spool().get("4bX1").unwrap().unwrap().envelope;
    lab.store.spool().record(vec![done("4bX2", 0)]).await.unwrap();
    assert!(!lab.data().join("queue/1").exists(), "both are in the journal alone");
    let lab = lab.reopen();
    assert_eq!(files(&lab.data().join("queue")), ["1", "index.db", "index.db-shm", "index.db-wal"]);
    let file = std::fs::read_to_string(lab.data().join("queue/1/4bX1.eml")).unwrap();
    assert!(file.starts_with("Postigo-Envelope: {") && file.ends_with("\r\nhello\r\n"), "{file}");
    let whole = "Received: by mail.lab.test\r\nSubject: x\r\n\r\nhello\r\n";
    assert_eq!(text(lab.store.spool(), "4bX1"), whole);
    let mut from_file = String::new();
    lab.store.spool().content(&early).unwrap().read_to_string(&mut from_file).unwrap();
    assert_eq!(from_file, whole, "also for whoever knew it before it had a file");
    lab.store.spool().record(vec![done("4bX1", 0)]).await.unwrap();
    assert!(files(&lab.data().join("queue/1")).is_empty());
    assert_eq!(lab.store.spool().content(&early).unwrap_err().code(), Code::MessageGone);
}

#[tokio::test]
async fn segments_are_used_again_while_messages_wait() {
    let lab = Lab::new();
    let body = "x".repeat(20_000);
    for number in 0..60 {
        spool(&lab.store, &format!("4bX{number:02}"), &["zoe@b.test"], &format!("{body}{number}")).await;
        if number % 3 == 0 {
            lab.store.spool().record(vec![done(&format!("4bX{number:02}"), 0)]).await.unwrap();
        }
    }
    assert_eq!(queued(&lab.store).len(), 40);
    for number in (0..60).filter(|number| number % 3 != 0) {
        assert!(text(lab.store.spool(), &format!("4bX{number:02}")).ends_with(&format!("x{number}")));
    }
    let kept = queued(&lab.store);
    let lab = lab.reopen();
    assert_eq!(queued(&lab.store), kept);
    let mut on_disk = 0;
    for shard in files(&lab.data().join("queue")).iter().filter(|name| name.len() == 1) {
        on_disk += files(&lab.data().join("queue").join(shard)).len();
    }
    assert_eq!(on_disk, 40, "every message has its file, and nothing else has");
}

#[tokio::test]
async fn a_big_message_is_spooled_from_its_file() {
    let lab = Lab::new();
    let big = "0123456789abcde\n".repeat(20_000);
    spool(&lab.store, "4bX1", &["zoe@b.test"], &big).await;
    assert!(text(lab.store.spool(), "4bX1").ends_with(&big.replace('\n', "\r\n")));
}

#[tokio::test]
async fn what_cannot_be_spooled_is_refused_as_a_whole() {
    let lab = Lab::new();
    for (queue_id, addresses) in [("a/b", &["zoe@b.test"][..]), ("4bX1", &[])] {
        let mut delivery = delivery(&lab.store, queue_id, b"x").await;
        delivery.spool = Some(entry_for(addresses));
        delivery.recipients = vec![local(lab.ana)];
        assert_eq!(lab.store.deliver(delivery).await.unwrap_err().code(), Code::BadMessage);
    }
    spool(&lab.store, "4bX1", &["zoe@b.test"], "first").await;
    let mut again = delivery(&lab.store, "4bX1", b"second").await;
    again.spool = Some(entry_for(&["max@c.test"]));
    again.recipients = vec![local(lab.ana)];
    assert_eq!(lab.store.deliver(again).await.unwrap_err().code(), Code::QueueIdTaken);
    assert!(lab.uids(lab.inbox()).is_empty());
    assert!(text(lab.store.spool(), "4bX1").ends_with("first"));
    let lab = lab.open_again();
    assert!(lab.uids(lab.inbox()).is_empty(), "recovery does not bring it back");
    assert!(text(lab.store.spool(), "4bX1").ends_with("first"));
}

#[tokio::test]
async fn a_message_whose_local_copy_fails_does_not_wait_in_the_spool_either() {
    let lab = Lab::new();
    lab.store.accounts().delete(lab.luis, FateOfMail::Remove).unwrap();
    let mut delivery = delivery(&lab.store, "4bX1", b"x").await;
    delivery.spool = Some(entry_for(&["zoe@b.test"]));
    delivery.recipients = vec![local(lab.ana), local(lab.luis)];
    assert_eq!(lab.store.deliver(delivery).await.unwrap_err().code(), Code::AccountUnknown);
    assert!(queued(&lab.store).is_empty() && lab.uids(lab.inbox()).is_empty());
    let lab = lab.open_again();
    assert!(queued(&lab.store).is_empty(), "recovery does not bring it back");
    spool(&lab.store, "4bX1", &["zoe@b.test"], "x").await;
    assert_eq!(claim(lab.store.spool(), at(0), 10), ["4bX1/0"], "the id is free");
}

#[tokio::test]
async fn what_is_claimed_is_not_given_twice() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test"], "x").await;
    let queue = lab.store.spool();
    assert!(claim(queue, at(-1), 10).is_empty(), "not before its time");
    assert_eq!(claim(queue, at(0), 10), ["4bX1/0", "4bX1/1"]);
    assert!(claim(queue, at(0), 10).is_empty());
    assert_eq!(queue.counts().unwrap().claimed, 2);
    assert!(queue.get("4bX1").unwrap().unwrap().recipients[0].is_claimed);
    queue.release(&[recipient("4bX1", 1)]);
    assert_eq!(claim(queue, at(0), 10), ["4bX1/1"]);

    queue.record(vec![done("4bX1", 0), deferred("4bX1", 1, 300)]).await.unwrap();
    assert!(claim(queue, at(299), 10).is_empty());
    assert_eq!(queue.next_due(at(0)).unwrap(), Some(at(300)));
    assert_eq!(queue.next_due(at(300)).unwrap(), None);
    let message = queue.get("4bX1").unwrap().unwrap();
    assert_eq!((message.waiting, message.deferred, message.next_try), (1, 1, Some(at(300))));
    let max = &message.recipients[0];
    assert_eq!((max.attempts, max.first_failure, max.priority), (1, Some(at(100)), 2));
    assert_eq!(max.last, Some(outcome("Try later")));
    assert_eq!(claim(queue, at(300), 10), ["4bX1/1"]);
    let lab = lab.reopen();
    assert_eq!(claim(lab.store.spool(), at(300), 10), ["4bX1/1"], "a restart ends all claims");
}

#[tokio::test]
async fn a_message_goes_with_its_last_recipient() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test"], "x").await;
    let (queue, mut notices) = (lab.store.spool(), lab.store.spool().subscribe());
    queue.record(vec![done("4bX1", 0)]).await.unwrap();
    assert_eq!(notices.next().await, Some(SpoolNotice::Changed { queue_id: "4bX1".into() }));
    queue.record(vec![done("4bX1", 1), done("4bX1", 1), done("9zz", 0)]).await.unwrap();
    assert_eq!(notices.next().await, Some(SpoolNotice::Finished { queue_id: "4bX1".into() }));
    assert!(queue.get("4bX1").unwrap().is_none());
    assert_eq!(queue.counts().unwrap(), Counts::default());
    assert!(queue.destinations(10).unwrap().is_empty());
}

#[tokio::test]
async fn a_delivery_settles_recipients_or_fails() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "ana@lab.test"], "x").await;
    let queue = lab.store.spool();
    claim(queue, at(0), 10);
    // The local copy of a recipient that waited, and a report that goes elsewhere.
    let mut copy = delivery(&lab.store, "4bX1", b"x").await;
    copy.recipients = vec![local(lab.ana)];
    copy.settles = vec![removes("4bX1", 1)];
    lab.store.deliver(copy).await.unwrap();
    assert_eq!(lab.uids(lab.inbox()).len(), 1);
    assert_eq!(queue.counts().unwrap().claimed, 1, "the claim ended with it");
    let mut warning = delivery(&lab.store, "4bX2", b"still waiting").await;
    warning.spool = Some(entry_for(&["sender@d.test"]));
    warning.settles = vec![Settle { id: recipient("4bX1", 0), effect: SettleEffect::Warned }];
    lab.store.deliver(warning).await.unwrap();
    assert!(queue.get("4bX1").unwrap().unwrap().recipients[0].is_warned);
    let mut bounce = delivery(&lab.store, "4bX3", b"not delivered").await;
    bounce.spool = Some(entry_for(&["sender@d.test"]));
    bounce.settles = vec![removes("4bX1", 0)];
    lab.store.deliver(bounce).await.unwrap();
    assert_eq!(queued(&lab.store), ["4bX2", "4bX3"]);
    // Once more: what it is about is gone.
    for settles in [vec![removes("4bX1", 0)], vec![removes("4bX2", 0), removes("4bX1", 0)]] {
        let mut late = delivery(&lab.store, "4bX4", b"not delivered").await;
        late.spool = Some(entry_for(&["sender@d.test"]));
        late.recipients = vec![local(lab.ana)];
        late.settles = settles;
        assert_eq!(lab.store.deliver(late).await.unwrap_err().code(), Code::NotQueued);
    }
    for again in [false, true] {
        assert_eq!(queued(&lab.store), ["4bX2", "4bX3"], "{again}");
        assert_eq!(lab.uids(lab.inbox()).len(), 1, "{again}");
        if again {
            break;
        }
        let copy = tempfile::tempdir().unwrap();
        copy_tree(lab.data(), copy.path());
        let store = Store::open(options(copy.path())).unwrap();
        assert_eq!(queued(&store), ["4bX2", "4bX3"], "after a crash");
        let uids = store.mail(lab.ana).unwrap().open(lab.inbox(), Access::ReadOnly).unwrap().uids;
        assert_eq!(uids.len(), 1, "after a crash");
    }
}

#[tokio::test]
async fn a_local_copy_that_fails_leaves_the_recipient_waiting() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["luis@lab.test"], "x").await;
    lab.store.accounts().delete(lab.luis, FateOfMail::Remove).unwrap();
    let mut copy = delivery(&lab.store, "4bX1", b"x").await;
    copy.recipients = vec![local(lab.luis)];
    copy.settles = vec![removes("4bX1", 0)];
    assert_eq!(lab.store.deliver(copy).await.unwrap_err().code(), Code::AccountUnknown);
    assert_eq!(queued(&lab.store), ["4bX1"]);
    let lab = lab.open_again();
    assert_eq!(queued(&lab.store), ["4bX1"]);
}

#[tokio::test]
async fn the_most_urgent_come_first_and_no_destination_takes_all() {
    let lab = Lab::new();
    let mut bulk = delivery(&lab.store, "4bX1", b"x").await;
    let addresses: Vec<String> = (0..50).map(|number| format!("r{number}@bulk.test")).collect();
    let mut entry = entry_for(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
    entry.recipients.iter_mut().for_each(|recipient| recipient.priority = 7);
    bulk.spool = Some(entry);
    lab.store.deliver(bulk).await.unwrap();
    spool(&lab.store, "4bX2", &["zoe@b.test", "max@c.test"], "x").await;
    let queue = lab.store.spool();
    let due = |priorities, exclude: &[&str]| {
        let exclude: HashSet<String> = exclude.iter().map(|name| (*name).to_owned()).collect();
        let query = DueQuery { now: at(0), limit: 10, per_destination: 3, priorities, exclude: &exclude };
        let due = queue.claim_due(&query).unwrap();
        let ids: Vec<_> = due.iter().map(|due| due.recipient.id.clone()).collect();
        queue.release(&ids);
        ids.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(due(0..=255, &[]), ["4bX2/0", "4bX2/1", "4bX1/0", "4bX1/1", "4bX1/2"]);
    assert_eq!(due(0..=255, &["b.test", "bulk.test"]), ["4bX2/1"]);
    assert_eq!(due(2..=255, &[]), ["4bX1/0", "4bX1/1", "4bX1/2"]);
    assert!(due(8..=255, &[]).is_empty() && due(0..=0, &[]).is_empty());
}

#[tokio::test]
async fn people_hold_release_retry_expire_delete_and_edit() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test"], "x").await;
    spool(&lab.store, "4bX2", &["eva@c.test"], "x").await;
    let queue = lab.store.spool();
    queue.record(vec![deferred("4bX1", 0, 300), deferred("4bX1", 1, 400)]).await.unwrap();
    let messages = |ids: &[&str]| Selection::Messages(ids.iter().map(|id| (*id).to_owned()).collect());
    let held = Selection::Matching(Filter { condition: Some(Condition::Held), ..Filter::default() });

    let acted = queue.act(messages(&["4bX1", "9zz"]), Action::Hold).await.unwrap();
    assert_eq!(acted, Acted { found: 1, messages: 1, recipients: 2 });
    let acted = queue.act(messages(&["4bX1"]), Action::Hold).await.unwrap();
    assert_eq!(acted, Acted { found: 1, messages: 0, recipients: 0 }, "they are held already");
    assert_eq!(queue.get("4bX1").unwrap().unwrap().next_try, None);
    assert_eq!(claim(queue, at(1000), 10), ["4bX2/0"]);
    let zoe = Selection::Recipients(vec![recipient("4bX1", 0)]);
    assert_eq!(queue.act(zoe.clone(), Action::Release).await.unwrap().recipients, 1);
    assert_eq!(
        queue.act(Selection::Matching(Filter::default()), Action::RetryNow(at(50))).await.unwrap().recipients,
        1
    );
    assert_eq!(claim(queue, at(50), 10), ["4bX1/0"]);
    assert_eq!(queue.act(held.clone(), Action::Release).await.unwrap().recipients, 1);
    assert_eq!(queue.act(messages(&["4bX1"]), Action::Expire(at(60))).await.unwrap().recipients, 2);
    let message = queue.get("4bX1").unwrap().unwrap();
    assert!(message.recipients.iter().all(|recipient| recipient.expires == at(60)));
    assert_eq!(claim(queue, at(60), 10), ["4bX1/1"]);

    let edit = EditRecipient { address: "max@d.test".into(), destination: "d.test".into(), next_try: at(70) };
    queue.edit_recipient(recipient("4bX1", 1), edit.clone()).await.unwrap();
    let max = queue.get("4bX1").unwrap().unwrap().recipients.remove(1);
    assert_eq!(
        (max.address.as_str(), max.original.as_deref(), max.next_try),
        ("max@d.test", Some("max@c.test"), at(70))
    );
    let error = queue.edit_recipient(recipient("4bX2", 1), edit).await.unwrap_err();
    assert_eq!(error.code(), Code::NotQueued);
    assert_eq!(queue.act(zoe, Action::Delete).await.unwrap().recipients, 1);
    assert_eq!(
        queue.act(Selection::Matching(Filter::default()), Action::Delete).await.unwrap().recipients,
        2
    );
    assert_eq!(queue.counts().unwrap().messages, 0);
}

/// RFC 4865: to try everything again is not to send what its sender holds back; to say so of a message is.
#[tokio::test]
async fn what_its_sender_holds_back_waits_for_its_time_or_for_a_person() {
    let lab = Lab::new();
    let queue = lab.store.spool();
    for (id, until) in [("4bX1", 500), ("4bX2", 900)] {
        let mut delivery = delivery(&lab.store, id, b"x").await;
        delivery.received_at = at(0);
        let mut entry = entry_for(&["zoe@b.test", "max@c.test"]);
        entry.parameters.hold_until = Some(at(until).as_microsecond());
        entry.recipients.iter_mut().for_each(|recipient| recipient.next_try = at(until));
        delivery.spool = Some(entry);
        lab.store.deliver(delivery).await.unwrap();
    }
    assert_eq!(queue.next_release(at(100)).unwrap(), Some(at(500)));
    assert_eq!(queue.next_release(at(500)).unwrap(), Some(at(900)));
    assert_eq!((queue.later(at(100)).unwrap(), queue.later(at(500)).unwrap()), (4, 2));
    let all = Selection::Matching(Filter::default());
    assert_eq!(queue.act(all.clone(), Action::RetryNow(at(100))).await.unwrap().recipients, 0);
    assert!(claim(queue, at(499), 10).is_empty());

    let second = Selection::Messages(vec!["4bX2".into()]);
    queue.act(second.clone(), Action::Hold).await.unwrap();
    queue.act(second.clone(), Action::Release).await.unwrap();
    assert_eq!(queue.get("4bX2").unwrap().unwrap().next_try, Some(at(900)), "a hold is not a release");
    queue.act(second.clone(), Action::Hold).await.unwrap();
    assert_eq!(queue.act(second, Action::SendNow(at(100))).await.unwrap().recipients, 2);
    assert_eq!(claim(queue, at(100), 10), ["4bX2/0", "4bX2/1"]);
    assert_eq!(queue.get("4bX2").unwrap().unwrap().envelope.parameters.hold_until, None);
    assert_eq!(queue.next_release(at(500)).unwrap(), None);

    // Long in the queue is what has waited for long since its time came.
    let old = |time| queue.older_than(at(time)).unwrap().map(|(count, _)| count);
    assert_eq!((old(500), old(501)), (Some(1), Some(2)));
    assert_eq!(queue.act(all, Action::RetryNow(at(500))).await.unwrap().recipients, 0, "it is due");
    assert_eq!(claim(queue, at(500), 10), ["4bX1/0", "4bX1/1"]);
}

#[tokio::test]
async fn what_was_not_tried_for_its_destination_failed_waits_with_that_reason() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test"], "x").await;
    spool(&lab.store, "4bX2", &["max@b.test"], "x").await;
    let queue = lab.store.spool();
    queue.record(vec![deferred("4bX1", 0, 100)]).await.unwrap();
    assert_eq!(queue.postpone("b.test", at(300), &outcome("the host rests")).await.unwrap(), 2);
    let reason = |id: &str| queue.get(id).unwrap().unwrap().recipients[0].last.clone().unwrap().text;
    assert_ne!(reason("4bX1"), "the host rests", "it was tried itself");
    assert_eq!(reason("4bX2"), "the host rests");
    assert_eq!(queue.get("4bX2").unwrap().unwrap().recipients[0].attempts, 0);
    let RecipientCounts { waiting, deferred, .. } = queue.counts().unwrap().recipients;
    assert_eq!((waiting, deferred), (2, 2));
    let trouble = queue.trouble("b.test").unwrap().unwrap();
    assert_eq!(trouble.reasons.len(), 2);
    assert_eq!(queue.trouble("c.test").unwrap(), None);
    assert_eq!(queue.older_than(jiff::Timestamp::MAX).unwrap().unwrap().0, 2);
}

#[tokio::test]
async fn the_last_ten_tries_of_a_recipient_are_kept_and_go_with_it() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test"], "x").await;
    let queue = lab.store.spool();
    for n in 0..12 {
        let (id, outcome) = (recipient("4bX1", 1), outcome(&format!("try {n}")));
        let change = RecipientChange::Deferred { next_try: at(300), priority: 0, outcome };
        queue.record(vec![RecipientUpdate { id, change }]).await.unwrap();
    }
    let tries = queue.tries("4bX1").unwrap();
    let texts: Vec<_> = tries.iter().map(|(number, outcome)| (*number, outcome.text.as_str())).collect();
    assert_eq!((texts.len(), texts[0], texts[9]), (10, (1, "try 2"), (1, "try 11")));
    queue.record(vec![done("4bX1", 1)]).await.unwrap();
    assert_eq!(queue.tries("4bX1").unwrap(), []);
}

#[tokio::test]
async fn counts_follow_every_change() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test", "eva@c.test"], "x").await;
    let queue = lab.store.spool();
    queue.record(vec![deferred("4bX1", 1, 300)]).await.unwrap();
    let summary = |what: &str, expected: &[(&str, u64, u64, u64, Option<i64>)]| {
        let found = queue.destinations(10).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                let RecipientCounts { waiting, deferred, held } = one.recipients;
                (one.destination.as_str(), waiting, deferred, held, one.next_try)
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, waiting, deferred, held, next)| (*name, *waiting, *deferred, *held, next.map(at)))
            .collect();
        assert_eq!(found, expected, "{what}");
    };
    summary("deferred", &[("c.test", 2, 1, 0, Some(0)), ("b.test", 1, 0, 0, Some(0))]);
    assert_eq!(queue.postpone("c.test", at(200), &outcome("No route")).await.unwrap(), 1);
    summary("postponed", &[("c.test", 2, 2, 0, Some(200)), ("b.test", 1, 0, 0, Some(0))]);
    let move_to = RecipientChange::Moved { destination: "b.test".into(), priority: 1 };
    queue.record(vec![RecipientUpdate { id: recipient("4bX1", 2), change: move_to }]).await.unwrap();
    summary("moved", &[("b.test", 2, 0, 0, Some(0)), ("c.test", 1, 1, 0, Some(300))]);
    queue.act(Selection::Recipients(vec![recipient("4bX1", 0)]), Action::Hold).await.unwrap();
    summary("held", &[("b.test", 1, 0, 1, Some(200)), ("c.test", 1, 1, 0, Some(300))]);
    queue.record(vec![done("4bX1", 2)]).await.unwrap();
    summary("done", &[("b.test", 0, 0, 1, None), ("c.test", 1, 1, 0, Some(300))]);
}

#[tokio::test]
async fn lists_have_orders_filters_and_pages() {
    let lab = Lab::new();
    for (number, (address, size)) in
        [("zoe@b.test", 30), ("max@c.test", 10), ("eva@b.test", 20)].into_iter().enumerate()
    {
        spool(&lab.store, &format!("4bX{number}"), &[address], &"x".repeat(size)).await;
    }
    let queue = lab.store.spool();
    queue.record(vec![deferred("4bX0", 0, 300)]).await.unwrap();
    let list = |order, descending, filter: Filter| {
        let mut query = ListQuery { filter, order, descending, limit: 1, recipients: 5, after: None };
        let mut ids = Vec::new();
        loop {
            let page = queue.list(&query).unwrap();
            ids.extend(page.messages.into_iter().map(|message| message.envelope.queue_id));
            query.after = match page.next {
                Some(next) => Some(serde_json::from_str(&serde_json::to_string(&next).unwrap()).unwrap()),
                None => return ids,
            };
        }
    };
    let all = Filter::default;
    assert_eq!(list(Order::Arrived, false, all()), ["4bX0", "4bX1", "4bX2"]);
    assert_eq!(list(Order::Arrived, true, all()), ["4bX2", "4bX1", "4bX0"]);
    assert_eq!(list(Order::Octets, false, all()), ["4bX1", "4bX2", "4bX0"]);
    assert_eq!(list(Order::NextTry, true, all()), ["4bX0", "4bX2", "4bX1"]);
    assert_eq!(list(Order::ReversePath, false, all()), ["4bX0", "4bX1", "4bX2"]);
    let text = |text: &str| Filter { text: text.into(), ..Filter::default() };
    assert_eq!(list(Order::Arrived, false, text("@B.TEST")), ["4bX0", "4bX2"]);
    assert_eq!(list(Order::Arrived, false, text("4bx1")), ["4bX1"]);
    assert_eq!(list(Order::Arrived, false, text("ana@")).len(), 3);
    let deferred = Filter { condition: Some(Condition::Deferred), ..Filter::default() };
    assert_eq!(list(Order::Arrived, false, deferred), ["4bX0"]);
    let to_c = Filter { destination: Some("c.test".into()), ..Filter::default() };
    assert_eq!(list(Order::Arrived, false, to_c), ["4bX1"]);
}

/// The median of a few measurements, in seconds.
fn time(mut what: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..21)
        .map(|_| {
            let begun = Instant::now();
            what();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[10]
}

/// Times of due, list and counts with so many recipients, ten of each message, a tenth as many dead destinations, and one
/// that is alive.
async fn times_with(recipients: usize) -> [f64; 3] {
    let folder = tempfile::tempdir().unwrap();
    let store = &Store::open(StoreOptions::new(folder.path(), "lab.test")).unwrap();
    let messages = recipients / 10;
    let mut spooled: Vec<_> = (0..messages)
        .map(|number| async move {
            let mut delivery = delivery(store, &format!("4b{number:07}"), b"x").await;
            let destination = |one| format!("r@dead{}.test", (number * 10 + one) % messages);
            let addresses: Vec<String> = (0..10).map(destination).collect();
            let mut entry = entry_for(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
            entry.recipients.iter_mut().for_each(|recipient| recipient.next_try = at(100_000));
            delivery.spool = Some(entry);
            store.deliver(delivery).await.unwrap();
        })
        .collect();
    while !spooled.is_empty() {
        let rest = spooled.split_off(spooled.len().min(400));
        futures::future::join_all(spooled).await;
        spooled = rest;
    }
    let queue = store.spool();
    spool(store, "4bLIVE", &["zoe@live.test"], "x").await;
    let due = time(|| {
        assert_eq!(claim(queue, at(0), 10), ["4bLIVE/0"]);
        queue.release(&[recipient("4bLIVE", 0)]);
    });
    let list = time(|| {
        let query = ListQuery { order: Order::Octets, limit: 50, recipients: 5, ..ListQuery::default() };
        assert_eq!(queue.list(&query).unwrap().messages.len(), 50);
    });
    let counts = time(|| assert_eq!(queue.counts().unwrap().recipients.waiting, recipients as u64 + 1));
    [due, list, counts]
}

#[tokio::test]
async fn what_is_due_costs_no_more_with_a_hundred_times_as_many_recipients() {
    let (few, many) = (times_with(1_000).await, times_with(100_000).await);
    println!("due, list, counts: {few:?} with 1,000, {many:?} with 100,000");
    // Reading everything would take a hundred times as long. Counting costs by destinations, of which there are as many more.
    assert!(many[0] < few[0] * 10.0, "due: {few:?} {many:?}");
    assert!(many[1] < few[1] * 10.0, "list: {few:?} {many:?}");
    assert!(many[2] < 0.1, "counts: {few:?} {many:?}");
}
