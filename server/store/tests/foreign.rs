//! Other programs in the same Maildir.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use std::fs;
use std::path::Path;
use support::*;

async fn next_change(changes: &mut Subscription) -> Change {
    match tokio::time::timeout(PATIENCE, changes.next()).await.expect("no change came") {
        Some(Notice::Change(change)) => change,
        other => panic!("{other:?}"),
    }
}

fn put(folder: &Path, name: &str, text: &str) {
    let temporary = folder.join("tmp").join(name.replace(':', "_"));
    fs::write(&temporary, text).unwrap();
    let part = if name.contains(":2,") { "cur" } else { "new" };
    fs::rename(temporary, folder.join(part).join(name)).unwrap();
}

#[tokio::test]
async fn files_that_appear_change_and_go_are_noticed_when_the_mailbox_is_opened() {
    let lab = Lab::new();
    let inbox = lab.inbox();
    let own = lab.deliver("own").await;
    put(&lab.maildir(), "1600000000.R1.mutt", "Subject: a\n\nb\n");
    put(&lab.maildir(), "1600000001.R2.mutt:2,FSa", "x\r\n");
    assert_eq!(lab.uids(inbox), [1, 2, 3]);
    let infos = lab.mail().infos(inbox, &[UidRange::ALL], 9).unwrap();
    assert_eq!(infos[1].octets, 17, "three line ends count twice");
    assert_eq!(infos[2].state.flags, Flags::FLAGGED | Flags::SEEN);
    assert!(infos[2].state.keywords.is_empty(), "a letter without a name is not shown");

    let cur = lab.maildir().join("cur");
    fs::rename(cur.join("1600000001.R2.mutt:2,FSa"), cur.join("1600000001.R2.mutt:2,T")).unwrap();
    fs::remove_file(lab.maildir().join("new/1600000000.R1.mutt")).unwrap();
    let since = infos[2].state.mod_seq;
    let status = lab.mail().status(inbox).unwrap();
    assert_eq!((status.messages, status.deleted, status.unseen), (2, 1, 2));
    let changes = lab.mail().changes_since(inbox, since).unwrap();
    assert_eq!(changes.changed.iter().map(|state| state.uid.get()).collect::<Vec<_>>(), [3]);
    assert_eq!(changes.vanished.iter().map(|uid| uid.get()).collect::<Vec<_>>(), [2]);
    assert_eq!(lab.text(inbox, own).lines().last(), Some("own"));
}

#[tokio::test]
async fn a_renamed_file_is_found_before_anyone_looked_at_the_folder() {
    let lab = Lab::new();
    let (inbox, uid) = (lab.inbox(), lab.deliver("x").await);
    let name = files(&lab.maildir().join("new")).remove(0);
    fs::rename(lab.maildir().join("new").join(&name), lab.maildir().join("cur").join(format!("{name}:2,P")))
        .unwrap();
    assert_eq!(lab.text(inbox, uid).lines().last(), Some("x"));
    lab.set(inbox, uid, Flags::SEEN, &[]);
    assert!(files(&lab.maildir().join("cur"))[0].ends_with(":2,PS"), "letters of others are kept");
}

#[tokio::test]
async fn folders_that_other_programs_make_and_remove_are_mailboxes_and_are_not() {
    let lab = Lab::new();
    let folder = lab.maildir().join(".Lists.Espa&APE-a");
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    put(&folder, "1.a.b", "x");
    let mailbox = lab.mailbox("Lists.España");
    assert_eq!(lab.uids(mailbox), [1]);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(lab.mail().status(mailbox).unwrap_err().code(), Code::MailboxUnknown);
    assert!(lab.mail().find(&name_of("Lists.España")).unwrap().is_none());
}

#[tokio::test]
async fn a_subscriber_hears_of_own_and_foreign_changes() {
    let lab = Lab::new();
    let inbox = lab.inbox();
    let (mut changes, mut all) = (lab.store.subscribe(lab.ana), lab.store.subscribe_all());
    let uid = lab.deliver("x").await;
    let change = next_change(&mut changes).await;
    assert_eq!((change.account, change.mailbox, &change.kind), (lab.ana, inbox, &ChangeKind::Added { uid }));
    assert_eq!(next_change(&mut all).await, change);

    put(&lab.maildir(), "1600000000.R1.mutt", "x");
    assert_eq!(next_change(&mut changes).await.kind, ChangeKind::Added { uid: Uid::new(2).unwrap() });
    let new = lab.maildir().join("new/1600000000.R1.mutt");
    fs::rename(new, lab.maildir().join("cur/1600000000.R1.mutt:2,S")).unwrap();
    assert_eq!(next_change(&mut changes).await.kind, ChangeKind::Flags);
    fs::remove_file(lab.maildir().join("cur/1600000000.R1.mutt:2,S")).unwrap();
    assert_eq!(next_change(&mut changes).await.kind, ChangeKind::Vanished);

    let folder = lab.maildir().join(".New");
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    // The folder may have been looked at before it was complete; the next change of the Maildir shows it.
    fs::create_dir(lab.maildir().join(".Incomplete")).unwrap();
    assert_eq!(next_change(&mut changes).await.kind, ChangeKind::Mailbox);

    lab.store.close().unwrap();
    assert_eq!(changes.next().await, None);
}

#[tokio::test]
async fn a_slow_subscriber_is_told_that_it_missed_changes() {
    let lab = Lab::new();
    let mut changes = lab.store.subscribe(lab.ana);
    let uid = lab.deliver("x").await;
    for round in 0..100 {
        lab.set(lab.inbox(), uid, if round % 2 == 0 { Flags::SEEN } else { Flags::NONE }, &[]);
    }
    assert_eq!(changes.next().await, Some(Notice::Missed));
    assert!(matches!(changes.next().await, Some(Notice::Change(_))));
}

#[tokio::test]
async fn a_lost_or_damaged_index_is_built_anew() {
    for damage in ["lost", "damaged", "damaged while open"] {
        let lab = Lab::new();
        lab.deliver("one").await;
        lab.append("Sent", "two", Flags::SEEN, &["Work"]).await.unwrap();
        let before = lab.mail().status(lab.inbox()).unwrap().uid_validity;
        let index = lab.data().join("mail/lab.test/ana/index.db");
        let lab = if damage == "damaged while open" {
            lab
        } else {
            lab.store.close().unwrap();
            match damage {
                "lost" => fs::remove_file(&index).unwrap(),
                _ => fs::write(&index, vec![b'x'; 40_000]).unwrap(),
            }
            lab.open_again()
        };
        if damage == "damaged while open" {
            lab.mail().rebuild().unwrap();
        }
        assert_eq!((lab.uids(lab.inbox()), lab.uids(lab.mailbox("Sent"))), (vec![1], vec![1]), "{damage}");
        let state = lab.mail().states(lab.mailbox("Sent"), &[UidRange::ALL], 9).unwrap().remove(0);
        assert_eq!((state.flags, state.keywords), (Flags::SEEN, vec!["Work".to_owned()]));
        assert!(lab.mail().status(lab.inbox()).unwrap().uid_validity >= before, "{damage}");
        let aside = files(&lab.data().join("mail/lab.test/ana"))
            .iter()
            .filter(|name| name.contains("damaged"))
            .count();
        assert_eq!(aside, usize::from(damage == "damaged"));
    }
}
