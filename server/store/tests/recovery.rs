//! Crashes: what was promised is there exactly once, whatever the journal's end looks like.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use std::fs;
use std::path::{Path, PathBuf};
use support::*;

/// A data folder as a crash leaves it: copied while the store is running.
async fn crashed_with(texts: &[&str]) -> (Lab, tempfile::TempDir) {
    let lab = Lab::new();
    for text in texts {
        lab.deliver(text).await;
    }
    let copy = tempfile::tempdir().unwrap();
    copy_tree(lab.data(), copy.path());
    (lab, copy)
}

fn forget_files(data: &Path) {
    for folder in ["new", "cur"] {
        for path in message_files(data, folder) {
            fs::remove_file(path).unwrap();
        }
    }
}

fn forget_index(data: &Path) {
    let user = data.join("mail/lab.test/ana");
    for name in files(&user).iter().filter(|name| name.starts_with("index.db")) {
        fs::remove_file(user.join(name)).unwrap();
    }
}

/// Another boot: what was not synced may be missing.
fn lose_power(data: &Path) {
    fs::write(data.join("journal/running"), "another boot").unwrap();
}

fn message_files(data: &Path, folder: &str) -> Vec<PathBuf> {
    let folder = data.join("mail/lab.test/ana/Maildir").join(folder);
    files(&folder).iter().map(|name| folder.join(name)).collect()
}

/// Opens the store and returns the last lines of ana's messages, sorted.
fn texts_after_recovery(data: &Path) -> Vec<String> {
    let store = Store::open(options(data)).unwrap();
    let ana = store.accounts().by_login("ana@lab.test").unwrap().id;
    let mail = store.mail(ana).unwrap();
    let inbox = mail.find(&MailboxName::inbox()).unwrap().unwrap().id;
    let mut texts = Vec::new();
    for uid in mail.open(inbox, Access::ReadOnly).unwrap().uids {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut mail.file(inbox, uid).unwrap(), &mut text).unwrap();
        texts.push(text.lines().last().unwrap_or_default().to_owned());
    }
    let mut on_disk = message_files(data, "new").len() + message_files(data, "cur").len();
    on_disk -= texts.len();
    assert_eq!(on_disk, 0, "files without a row");
    store.close().unwrap();
    texts.sort();
    texts
}

#[tokio::test]
async fn nothing_is_doubled_when_everything_had_reached_the_disk() {
    for lost in [false, true] {
        let (_lab, copy) = crashed_with(&["one", "two"]).await;
        if lost {
            lose_power(copy.path());
        }
        assert_eq!(texts_after_recovery(copy.path()), ["one", "two"]);
        assert_eq!(texts_after_recovery(copy.path()), ["one", "two"], "and not at the next start");
    }
}

#[tokio::test]
async fn lost_files_and_a_lost_index_come_back_from_the_journal() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("files", |data| {
            forget_files(data);
            lose_power(data);
        }),
        ("index", forget_index),
        ("both", |data| {
            forget_files(data);
            forget_index(data);
        }),
        ("half files", |data| {
            for path in message_files(data, "new") {
                fs::write(path, "Return-Pa").unwrap();
            }
            lose_power(data);
        }),
    ];
    for (what, damage) in damages {
        let (_lab, copy) = crashed_with(&["one", "two", "three"]).await;
        damage(copy.path());
        assert_eq!(texts_after_recovery(copy.path()), ["one", "three", "two"], "{what}");
    }
}

#[tokio::test]
async fn a_recovery_that_is_interrupted_after_power_loss_is_done_again_in_full() {
    let (_lab, copy) = crashed_with(&["one"]).await;
    let file = message_files(copy.path(), "new").remove(0);
    forget_files(copy.path());
    lose_power(copy.path());
    // The recovery fails half-way: something is where it wants to write.
    let obstacle = copy.path().join("mail/lab.test/ana/Maildir/tmp").join(file.file_name().unwrap());
    fs::create_dir(&obstacle).unwrap();
    assert!(Store::open(options(copy.path())).is_err());
    fs::remove_dir(obstacle).unwrap();
    assert_eq!(texts_after_recovery(copy.path()), ["one"]);
}

#[tokio::test]
async fn a_big_message_comes_back_from_its_file() {
    let big = format!("{}\nbig", "x".repeat(200_000));
    let (_lab, copy) = crashed_with(&[&big, "small"]).await;
    forget_files(copy.path());
    forget_index(copy.path());
    assert_eq!(texts_after_recovery(copy.path()), ["big", "small"]);
    assert!(files(&copy.path().join("incoming")).is_empty());
}

#[tokio::test]
async fn what_was_expunged_or_moved_before_the_crash_does_not_come_back() {
    let lab = Lab::new();
    let (inbox, gone) = (lab.inbox(), lab.deliver("gone").await);
    let moved = lab.deliver("moved").await;
    lab.deliver("kept").await;
    lab.set(inbox, gone, Flags::DELETED, &[]);
    lab.mail().expunge(inbox, &[UidRange::ALL]).unwrap();
    lab.mail().create(&name_of("Old"), None).unwrap();
    lab.mail().move_to(inbox, &[moved.into()], lab.mailbox("Old")).unwrap();
    lab.mail().delete(&name_of("Old")).unwrap();
    for lost in [false, true] {
        let copy = tempfile::tempdir().unwrap();
        copy_tree(lab.data(), copy.path());
        if lost {
            lose_power(copy.path());
        }
        assert_eq!(texts_after_recovery(copy.path()), ["kept"]);
    }
}

#[tokio::test]
async fn what_another_program_removed_before_a_kill_does_not_come_back() {
    let (_lab, copy) = crashed_with(&["one"]).await;
    forget_files(copy.path());
    assert!(texts_after_recovery(copy.path()).is_empty());
}

#[tokio::test]
async fn a_uid_that_power_loss_took_is_not_given_again() {
    let (lab, copy) = crashed_with(&["one", "two"]).await;
    let uid_next = lab.mail().status(lab.inbox()).unwrap().uid_next;
    lose_power(copy.path());
    texts_after_recovery(copy.path());
    let store = Store::open(options(copy.path())).unwrap();
    let delivered = deliver(&store, &[lab.ana], b"three").await.unwrap();
    assert!(delivered[0].uid.get() > uid_next.get() + 1000, "{:?}", delivered[0].uid);
}

#[tokio::test]
async fn a_record_that_is_cut_ends_the_journal_and_harms_nothing_before_it() {
    let (_lab, copy) = crashed_with(&["first", "second"]).await;
    forget_files(copy.path());
    forget_index(copy.path());
    let segment = copy.path().join("journal/0.log");
    let whole = fs::read(&segment).unwrap();
    let length_of = |at: usize| 20 + u32::from_le_bytes(whole[at + 12..at + 16].try_into().unwrap()) as usize;
    let second = 4096 + length_of(4096);
    let end = second + length_of(second);
    // The record itself is tested at every octet where it is decoded; here each part of it is cut once.
    let cuts = (second..second + 28).step_by(4).chain((second + 28..end).step_by(53)).chain([end - 1, end]);
    for cut in cuts {
        let case = tempfile::tempdir().unwrap();
        copy_tree(copy.path(), case.path());
        let mut bytes = whole.clone();
        // What was there before is zeros or an old record; either way not the rest of this one.
        bytes[cut..].fill(if cut % 2 == 0 { 0 } else { 0xA5 });
        fs::write(case.path().join("journal/0.log"), bytes).unwrap();
        let expected: &[&str] = if cut == end { &["first", "second"] } else { &["first"] };
        assert_eq!(texts_after_recovery(case.path()), expected, "cut at {cut} of {second}..{end}");
    }
}

#[tokio::test]
async fn doubled_and_stale_records_are_harmless() {
    let (_lab, copy) = crashed_with(&["first", "second"]).await;
    forget_files(copy.path());
    forget_index(copy.path());
    let segment = copy.path().join("journal/0.log");
    let mut bytes = fs::read(&segment).unwrap();
    let length = 20 + u32::from_le_bytes(bytes[4096 + 12..4096 + 16].try_into().unwrap()) as usize;
    let second = 4096 + length;
    let second_length = 20 + u32::from_le_bytes(bytes[second + 12..second + 16].try_into().unwrap()) as usize;
    let end = second + second_length;
    let first = bytes[4096..second].to_vec();
    // The first record once more, and after it one of another generation.
    bytes[end..end + length].copy_from_slice(&first);
    let mut stale = first;
    stale[4] ^= 1;
    bytes[end + length..end + 2 * length].copy_from_slice(&stale);
    fs::write(&segment, bytes).unwrap();
    assert_eq!(texts_after_recovery(copy.path()), ["first", "second"]);
}

#[tokio::test]
async fn segments_are_used_again_and_no_message_is_lost_on_the_way() {
    let lab = Lab::new();
    let text = "x".repeat(20_000);
    for _ in 0..100 {
        lab.deliver(&text).await;
    }
    let segments = files(&lab.data().join("journal")).iter().filter(|name| name.ends_with(".log")).count();
    assert!(
        segments <= options(lab.data()).max_segments,
        "2 MB went through segments of 256 KiB: {segments}"
    );
    let (inbox, lab) = (lab.inbox(), lab.reopen());
    assert_eq!(lab.uids(inbox).len(), 100);
}
