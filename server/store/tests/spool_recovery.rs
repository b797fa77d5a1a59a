//! Crashes while messages wait: what was promised waits or was delivered, and what has left does not come back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use std::fs;
use std::io::Read;
use std::path::Path;
use support::*;

/// The state after a crash now: a copy of the folder while the store is running.
fn crash(lab: &Lab) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_tree(lab.data(), copy.path());
    copy
}

fn lose_power(data: &Path) {
    fs::write(data.join("journal/running"), "another boot").unwrap();
}

fn forget_index(data: &Path) {
    for name in files(&data.join("queue")).iter().filter(|name| name.starts_with("index.db")) {
        fs::remove_file(data.join("queue").join(name)).unwrap();
    }
}

/// What waits, as `id: recipients: last line`, and how many messages ana has, after recovery and after a start that follows.
fn recovered(data: &Path) -> (Vec<String>, usize) {
    let look = || {
        let store = Store::open(options(data)).unwrap();
        let found: Vec<String> = queued(&store)
            .iter()
            .map(|id| {
                let message = store.spool().get(id).unwrap().unwrap();
                let mut text = String::new();
                let mut content = store.spool().content(&message.envelope).unwrap();
                content.read_to_string(&mut text).unwrap();
                assert_eq!(text.len() as u64, message.envelope.octets);
                assert!(
                    data.join(format!("queue/{}/{id}.eml", &id[id.len() - 1..])).is_file(),
                    "{id} has a file"
                );
                let numbers: Vec<_> =
                    message.recipients.iter().map(|one| one.id.number.to_string()).collect();
                format!("{id}: {}: {}", numbers.join(" "), text.lines().last().unwrap_or_default())
            })
            .collect();
        let mail = store.mail(store.accounts().by_login("ana").unwrap().id).unwrap();
        let inbox = mail.find(&MailboxName::inbox()).unwrap().unwrap().id;
        let mails = mail.open(inbox, Access::ReadOnly).unwrap().uids.len();
        assert_eq!(store.spool().counts().unwrap().messages, found.len() as u64);
        store.close().unwrap();
        (found, mails)
    };
    let first = look();
    assert_eq!(look(), first, "the next start changes nothing");
    first
}

#[tokio::test]
async fn what_waits_is_there_once_whatever_was_lost() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test"], "small").await;
    spool(&lab.store, "4bX2", &["zoe@b.test"], &format!("{}\nbig", "x".repeat(200_000))).await;
    let mut both = delivery(&lab.store, "4bX3", b"both").await;
    both.spool = Some(entry_for(&["zoe@b.test"]));
    both.recipients = vec![local(lab.ana)];
    lab.store.deliver(both).await.unwrap();
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("nothing", |_| {}),
        ("power", lose_power),
        ("index", forget_index),
        ("index and files", |data| {
            forget_index(data);
            fs::remove_dir_all(data.join("queue/2")).unwrap();
        }),
        ("half a file", |data| {
            fs::write(data.join("queue/2/4bX2.eml"), "Postigo-Envelope: {").unwrap();
            fs::create_dir_all(data.join("queue/1")).unwrap();
            fs::write(data.join("queue/1/4bX1.eml"), "Postigo-Envelope: {").unwrap();
        }),
    ];
    for (what, damage) in damages {
        let copy = crash(&lab);
        damage(copy.path());
        let (found, mails) = recovered(copy.path());
        assert_eq!(found, ["4bX1: 0 1: small", "4bX2: 0: big", "4bX3: 0: both"], "{what}");
        assert_eq!(mails, 1, "{what}");
    }
}

#[tokio::test]
async fn what_has_left_does_not_come_back_after_a_kill() {
    let lab = Lab::new();
    for id in ["4bX1", "4bX2", "4bX3"] {
        spool(&lab.store, id, &["zoe@b.test", "max@c.test"], "x").await;
    }
    lab.store.spool().record(vec![done("4bX1", 0), done("4bX1", 1), done("4bX2", 1)]).await.unwrap();
    lab.store.spool().act(Selection::Messages(vec!["4bX3".into()]), Action::Delete).await.unwrap();
    assert_eq!(recovered(crash(&lab).path()).0, ["4bX2: 0: x"]);
    // Its file was not removed before the kill.
    let copy = crash(&lab);
    let aside = crash(&lab);
    forget_index(aside.path());
    Store::open(options(aside.path())).unwrap().close().unwrap();
    copy_tree(&aside.path().join("queue/1"), &copy.path().join("queue/1"));
    assert_eq!(recovered(copy.path()).0, ["4bX2: 0: x"]);
}

#[tokio::test]
async fn a_local_delivery_from_the_spool_happens_once_whatever_was_lost() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["ana@lab.test", "max@c.test"], "x").await;
    spool(&lab.store, "4bX2", &["max@c.test"], "x").await;
    let mut copy = delivery(&lab.store, "4bX1", b"x").await;
    copy.recipients = vec![local(lab.ana)];
    copy.settles = vec![removes("4bX1", 0)];
    lab.store.deliver(copy).await.unwrap();
    // A report for ana about the one, and for somebody elsewhere about the other.
    let mut bounce = delivery(&lab.store, "4bX3", b"not delivered").await;
    bounce.recipients = vec![local(lab.ana)];
    bounce.spool = Some(entry_for(&["sender@d.test"]));
    bounce.settles = vec![removes("4bX2", 0)];
    lab.store.deliver(bounce).await.unwrap();
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("nothing", |_| {}),
        ("power", lose_power),
        ("index", forget_index),
        ("mails", |data| {
            fs::remove_dir_all(data.join("mail/lab.test/ana/Maildir/new")).unwrap();
            lose_power(data);
        }),
    ];
    for (what, damage) in damages {
        let copy = crash(&lab);
        damage(copy.path());
        let (found, mails) = recovered(copy.path());
        assert_eq!(
            (found, mails),
            (vec!["4bX1: 1: x".to_owned(), "4bX3: 0: not delivered".to_owned()], 2),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_lost_index_is_built_from_files_and_a_damaged_one_too() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test", "max@c.test"], "one").await;
    spool(&lab.store, "4bX2", &["zoe@b.test"], "two").await;
    let before = lab.store.spool().get("4bX1").unwrap().unwrap();
    let lab = lab.reopen();
    lab.store.close().unwrap();
    for damage in [true, false] {
        let copy = crash(&lab);
        forget_index(copy.path());
        if damage {
            fs::write(
                copy.path().join("queue/index.db"),
                "not a database, but long enough to be read as one",
            )
            .unwrap();
        }
        assert_eq!(recovered(copy.path()).0, ["4bX1: 0 1: one", "4bX2: 0: two"]);
        let store = Store::open(options(copy.path())).unwrap();
        let after = store.spool().get("4bX1").unwrap().unwrap();
        assert_eq!(after.recipients, before.recipients);
        assert_eq!(after.envelope.arrived, before.envelope.arrived);
    }
}

#[tokio::test]
async fn a_message_whose_file_somebody_removed_is_dropped_and_the_others_stay() {
    let lab = Lab::new();
    spool(&lab.store, "4bX1", &["zoe@b.test"], "one").await;
    spool(&lab.store, "4bX2", &["zoe@b.test"], "two").await;
    let lab = lab.reopen();
    let copy = crash(&lab);
    fs::remove_file(copy.path().join("queue/1/4bX1.eml")).unwrap();
    assert_eq!(recovered(copy.path()).0, ["4bX2: 0: two"]);
}
