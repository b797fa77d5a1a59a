//! Mailboxes and messages as IMAP uses them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use std::fs;
use support::*;

fn ids(uids: &[Uid]) -> Vec<u32> {
    uids.iter().map(|uid| uid.get()).collect()
}

fn names(lab: &Lab) -> Vec<String> {
    lab.mail().list().unwrap().iter().map(|mailbox| mailbox.name.to_string()).collect()
}

#[tokio::test]
async fn an_account_starts_with_its_special_mailboxes_subscribed() {
    let lab = Lab::new();
    assert_eq!(names(&lab), ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"]);
    for mailbox in lab.mail().list().unwrap() {
        assert!(mailbox.subscribed, "{}", mailbox.name);
        let expected = SpecialUse::ALL
            .into_iter()
            .find(|special_use| special_use.default_name() == mailbox.name.as_str());
        assert_eq!(mailbox.special_use, expected);
    }
    assert_eq!(lab.mail().subscriptions().unwrap().len(), 6);
    for folder in ["", ".Sent", ".Junk"] {
        for part in ["tmp", "new", "cur"] {
            assert!(lab.maildir().join(folder).join(part).is_dir());
        }
    }
}

#[tokio::test]
async fn flags_and_keywords_go_to_the_file_name_and_come_back_after_a_rebuild() {
    let lab = Lab::new();
    let uid = lab.deliver("x").await;
    let rows: &[(Flags, &[&str], &str)] = &[
        (Flags::SEEN, &[], ":2,S"),
        (Flags::SEEN | Flags::FLAGGED, &["$Junk"], ":2,FSa"),
        (Flags::NONE, &["Work", "$Junk"], ":2,ab"),
        (Flags::DELETED | Flags::ANSWERED | Flags::DRAFT, &[], ":2,DRT"),
        (Flags::NONE, &["work"], ":2,b"),
    ];
    for (flags, keywords, suffix) in rows {
        let outcome = lab.set(lab.inbox(), uid, *flags, keywords);
        assert_eq!(outcome.states[0].flags, *flags);
        let name = files(&lab.maildir().join("cur")).remove(0);
        assert!(name.ends_with(suffix), "{name} {suffix}");
        assert_eq!(lab.mail().states(lab.inbox(), &[uid.into()], 1).unwrap(), outcome.states);
    }
    let keywords = fs::read_to_string(lab.maildir().join("dovecot-keywords")).unwrap();
    assert_eq!(keywords, "0 $Junk\n1 Work\n");
    lab.mail().rebuild().unwrap();
    let state = lab.mail().states(lab.inbox(), &[UidRange::ALL], 9).unwrap().remove(0);
    assert_eq!((state.flags, state.keywords), (Flags::NONE, vec!["Work".to_owned()]));
}

#[tokio::test]
async fn add_remove_and_conditional_changes_do_what_rfc_7162_says() {
    let lab = Lab::new();
    let (inbox, first, second) = (lab.inbox(), lab.deliver("1").await, lab.deliver("2").await);
    let change =
        |action, flags, since| FlagChange { action, flags, keywords: vec![], unless_changed_since: since };
    let seen =
        lab.mail().set_flags(inbox, &[first.into()], &change(FlagAction::Add, Flags::SEEN, None)).unwrap();
    let before = ModSeq::new(seen.states[0].mod_seq.get().unsigned_abs() - 1);
    let outcome = lab
        .mail()
        .set_flags(inbox, &[UidRange::ALL], &change(FlagAction::Add, Flags::FLAGGED, before))
        .unwrap();
    assert_eq!((ids(&outcome.modified), outcome.states.len()), (vec![first.get()], 1));
    assert_eq!(outcome.states[0].uid, second);
    let same = lab
        .mail()
        .set_flags(inbox, &[second.into()], &change(FlagAction::Add, Flags::FLAGGED, None))
        .unwrap();
    assert_eq!(same.states, outcome.states, "no new mod-sequence for no change");
    let removed = lab
        .mail()
        .set_flags(inbox, &[UidRange::ALL], &change(FlagAction::Remove, Flags::SEEN, None))
        .unwrap();
    assert_eq!(removed.states[0].flags, Flags::NONE);
    assert_eq!(removed.states[1].flags, Flags::FLAGGED);
    assert_eq!(lab.mail().status(inbox).unwrap().unseen, 2);
}

#[tokio::test]
async fn the_65th_keyword_and_a_malformed_one_are_refused() {
    let lab = Lab::new();
    let (inbox, uid) = (lab.inbox(), lab.deliver("x").await);
    let set = |keywords: Vec<String>| {
        let change =
            FlagChange { action: FlagAction::Add, flags: Flags::NONE, keywords, unless_changed_since: None };
        lab.mail().set_flags(inbox, &[uid.into()], &change)
    };
    let all: Vec<String> = (0..64).map(|number| format!("k{number}")).collect();
    assert_eq!(set(all.clone()).unwrap().states[0].keywords, all);
    assert_eq!(set(vec!["k64".into()]).unwrap_err().code(), Code::TooManyKeywords);
    assert_eq!(set(vec!["a b".into()]).unwrap_err().code(), Code::BadKeyword);
    let query = Query { keyword: Some("K63".into()), ..Query::default() };
    assert_eq!(lab.mail().search(inbox, &query).unwrap(), [uid]);
}

#[tokio::test]
async fn recent_messages_are_claimed_once() {
    let lab = Lab::new();
    let uid = lab.deliver("x").await;
    let inbox = lab.inbox();
    assert_eq!(lab.mail().open(inbox, Access::ReadOnly).unwrap().recent, [uid]);
    let opened = lab.mail().open(inbox, Access::ReadWrite).unwrap();
    assert_eq!((opened.recent, opened.status.recent, opened.first_unseen), (vec![uid], 1, Some(uid)));
    assert!(lab.mail().open(inbox, Access::ReadWrite).unwrap().recent.is_empty());
    assert!(files(&lab.maildir().join("new")).is_empty());
    let next = lab.deliver("y").await;
    assert_eq!(lab.mail().claim_recent(inbox).unwrap(), [next]);
    assert_eq!(lab.text(inbox, next).lines().last(), Some("y"));
}

#[tokio::test]
async fn copies_share_the_file_and_moves_leave_nothing_behind() {
    let lab = Lab::new();
    let (inbox, trash) = (lab.inbox(), lab.mailbox("Trash"));
    let (first, second) = (lab.deliver("one").await, lab.deliver("two").await);
    lab.set(inbox, first, Flags::SEEN, &["Work"]);
    let copied = lab.mail().copy(inbox, &[UidRange::ALL], trash).unwrap();
    assert_eq!(
        copied.uids.iter().map(|(old, new)| (old.get(), new.get())).collect::<Vec<_>>(),
        [(1, 1), (2, 2)]
    );
    let state = lab.mail().states(trash, &[UidRange::ALL], 9).unwrap().remove(0);
    assert_eq!((state.flags, state.keywords), (Flags::SEEN, vec!["Work".to_owned()]));
    let moved = lab.mail().move_to(inbox, &[first.into()], trash).unwrap();
    assert_eq!(moved.uids[0].1.get(), 3);
    assert_eq!((lab.uids(inbox), lab.uids(trash)), (vec![second.get()], vec![1, 2, 3]));
    assert_eq!(lab.text(trash, moved.uids[0].1).lines().last(), Some("one"));
    let within = lab.mail().move_to(trash, &[Uid::MIN.into()], trash).unwrap();
    assert_eq!(within.uids[0].1.get(), 4, "RFC 6851 §3.3");
    assert_eq!(lab.uids(trash), [2, 3, 4]);
    assert_eq!(lab.mail().status(trash).unwrap().messages, 3);
    assert_eq!(files(&lab.maildir().join(".Trash/cur")).len(), 3);
}

#[tokio::test]
async fn expunge_removes_only_what_is_deleted_and_remembers_it() {
    let lab = Lab::new();
    let inbox = lab.inbox();
    for text in ["1", "2", "3"] {
        lab.deliver(text).await;
    }
    let since = lab.mail().status(inbox).unwrap().highest_mod_seq;
    for uid in [1, 3] {
        lab.set(inbox, Uid::new(uid).unwrap(), Flags::DELETED, &[]);
    }
    let only_first = UidRange { first: Uid::MIN, last: Uid::new(2).unwrap() };
    assert_eq!(ids(&lab.mail().expunge(inbox, &[only_first]).unwrap()), [1]);
    assert_eq!(ids(&lab.mail().expunge(inbox, &[UidRange::ALL]).unwrap()), [3]);
    let changes = lab.mail().changes_since(inbox, since).unwrap();
    assert_eq!((ids(&changes.vanished), changes.changed.len(), changes.complete), (vec![1, 3], 0, true));
    assert_eq!(lab.deliver("4").await.get(), 4, "a UID is not used again");
    let all = lab.mail().changes_since(inbox, ModSeq::ZERO).unwrap();
    assert_eq!(all.changed.iter().map(|state| state.uid.get()).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(lab.mail().file(inbox, Uid::MIN).unwrap_err().code(), Code::MessageGone);
}

#[tokio::test]
async fn a_rename_takes_children_subscriptions_and_uids_along() {
    let lab = Lab::new();
    let mail = lab.mail();
    for name in ["Work", "Work.Año", "Workshop"] {
        mail.create(&name_of(name), None).unwrap();
        mail.subscribe(&name_of(name), true).unwrap();
    }
    lab.append("Work.Año", "x", Flags::NONE, &[]).await.unwrap();
    let (id, status) = (lab.mailbox("Work.Año"), mail.status(lab.mailbox("Work.Año")).unwrap());
    mail.rename(&name_of("Work"), &name_of("Old.Job")).unwrap();
    assert_eq!(lab.mailbox("Old.Job.Año"), id);
    assert_eq!(mail.status(id).unwrap(), status);
    let subscribed = mail.subscriptions().unwrap();
    assert!(subscribed.contains(&name_of("Old.Job.Año")) && subscribed.contains(&name_of("Workshop")));
    assert!(!subscribed.contains(&name_of("Work")) && mail.find(&name_of("Work")).unwrap().is_none());
    assert!(lab.maildir().join(".Old.Job.A&APE-o/cur").is_dir());
    for (from, to, code) in [
        ("Nowhere", "X", Code::MailboxUnknown),
        ("Old.Job", "Sent", Code::MailboxExists),
        ("Old.Job", "Old.Job.Below", Code::BadMailboxName),
        ("Sent", "INBOX", Code::MailboxExists),
    ] {
        assert_eq!(mail.rename(&name_of(from), &name_of(to)).unwrap_err().code(), code, "{from} {to}");
    }
}

#[tokio::test]
async fn renaming_inbox_moves_its_messages() {
    let lab = Lab::new();
    lab.deliver("x").await;
    lab.mail().rename(&MailboxName::inbox(), &name_of("Old mail")).unwrap();
    assert_eq!((lab.uids(lab.inbox()).len(), lab.uids(lab.mailbox("Old mail"))), (0, vec![1]));
}

#[tokio::test]
async fn deleting_a_mailbox_leaves_its_children_and_a_new_one_has_a_new_uid_validity() {
    let lab = Lab::new();
    let mail = lab.mail();
    for name in ["A", "A.B"] {
        mail.create(&name_of(name), None).unwrap();
    }
    lab.append("A", "x", Flags::NONE, &[]).await.unwrap();
    let (id, before) = (lab.mailbox("A"), mail.status(lab.mailbox("A")).unwrap().uid_validity);
    mail.delete(&name_of("A")).unwrap();
    assert_eq!(mail.status(id).unwrap_err().code(), Code::MailboxUnknown);
    assert!(names(&lab).contains(&"A.B".to_owned()) && !lab.maildir().join(".A").exists());
    let created = mail.create(&name_of("A"), None).unwrap();
    assert!(mail.status(created.id).unwrap().uid_validity > before);
    assert_eq!(mail.create(&name_of("A"), None).unwrap_err().code(), Code::MailboxExists);
    assert_eq!(mail.delete(&MailboxName::inbox()).unwrap_err().code(), Code::MailboxProtected);
    assert_eq!(mail.delete(&name_of("Nowhere")).unwrap_err().code(), Code::MailboxUnknown);
}

#[tokio::test]
async fn a_search_combines_its_conditions() {
    let lab = Lab::new();
    let inbox = lab.inbox();
    for text in ["a", "bb", &"c".repeat(1000)] {
        lab.deliver(text).await;
    }
    lab.set(inbox, Uid::new(2).unwrap(), Flags::SEEN, &["Work"]);
    let search = |query: Query| ids(&lab.mail().search(inbox, &query).unwrap());
    let all = Query::default;
    assert_eq!(search(all()), [1, 2, 3]);
    assert_eq!(search(Query { with: Flags::SEEN, ..all() }), [2]);
    assert_eq!(search(Query { without: Flags::SEEN, larger: Some(500), ..all() }), [3]);
    assert_eq!(search(Query { keyword: Some("work".into()), ..all() }), [2]);
    assert_eq!(search(Query { without_keyword: Some("Work".into()), ..all() }), [1, 3]);
    assert_eq!(search(Query { keyword: Some("none".into()), ..all() }), [0; 0]);
    assert_eq!(search(Query { since: Some(jiff::Timestamp::MAX), ..all() }), [0; 0]);
    let from_two = UidRange { first: Uid::new(2).unwrap(), last: Uid::MAX };
    assert_eq!(search(Query { uids: vec![from_two], smaller: Some(500), ..all() }), [2]);
}

#[tokio::test]
async fn deliveries_and_expunges_at_the_same_time_lose_and_double_nothing() {
    let lab = Lab::new();
    let (inbox, mail) = (lab.inbox(), lab.mail());
    let deliveries: Vec<_> = (0..4)
        .map(|_| {
            let (store, ana) = (lab.store.clone(), lab.ana);
            tokio::spawn(async move {
                for _ in 0..50 {
                    deliver(&store, &[ana], b"x").await.unwrap();
                }
            })
        })
        .collect();
    let expunger = tokio::task::spawn_blocking(move || {
        let change = FlagChange {
            action: FlagAction::Add,
            flags: Flags::DELETED,
            keywords: vec![],
            unless_changed_since: None,
        };
        let mut removed = Vec::new();
        while removed.len() < 100 {
            mail.set_flags(inbox, &[UidRange::ALL], &change).unwrap();
            removed.extend(mail.expunge(inbox, &[UidRange::ALL]).unwrap());
        }
        removed
    });
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    let mut seen = ids(&expunger.await.unwrap());
    seen.extend(lab.uids(inbox));
    seen.sort_unstable();
    assert_eq!(seen, (1..=200).collect::<Vec<_>>());
}

#[tokio::test]
async fn envelope_and_structure_are_read_once_and_kept() {
    let lab = Lab::new();
    let inbox = lab.inbox();
    let first = lab.deliver("Subject: one\r\nContent-Type: text/html\r\n\r\n<p>hello\r\n").await;
    lab.deliver("Subject: two\n\nhello\n").await;
    let parts = lab.mail().parts(inbox, &[UidRange::ALL], 9).unwrap();
    let shown = |parts: &[MessageParts]| parts.iter().map(|part| format!("{part:?}")).collect::<Vec<_>>();
    assert_eq!(parts.len(), 2);
    assert!(shown(&parts)[0].contains("one") && shown(&parts)[1].contains("two"));
    // From the index now: the file may say something else.
    let path = lab.maildir().join("new").join(files(&lab.maildir().join("new")).remove(0));
    fs::write(path, "Subject: changed\r\n\r\n").unwrap();
    assert_eq!(shown(&lab.mail().parts(inbox, &[first.into()], 9).unwrap()), shown(&parts)[..1]);
    assert!(lab.mail().parts(inbox, &[UidRange::ALL], 1).unwrap().len() == 1);
}
