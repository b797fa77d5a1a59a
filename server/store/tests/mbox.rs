//! An account's INBOX as an mbox: what happens on one side happens on the other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(unix)]

mod support;

use postigo_store::*;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use support::*;

const FROM: &str = "From eva@otro.test Tue Nov 24 20:00:00 2026";

/// A lab whose ana has an mbox, and a runtime to deliver in.
struct Boxed {
    lab: Lab,
    runtime: tokio::runtime::Runtime,
}

impl Boxed {
    fn new() -> Self {
        let lab = Lab::new();
        lab.store.set_storage(lab.ana, Storage::Mbox).unwrap();
        Self { lab, runtime: tokio::runtime::Runtime::new().unwrap() }
    }

    fn deliver(&self, text: &str) -> Uid {
        self.runtime.block_on(self.lab.deliver(text))
    }

    fn path(&self) -> PathBuf {
        self.lab.store.mbox(self.lab.ana).unwrap()
    }

    fn sync(&self) {
        self.lab.store.sync_mbox(self.lab.ana).unwrap();
    }

    /// The file, after both sides were compared.
    fn file(&self) -> String {
        self.sync();
        fs::read_to_string(self.path()).unwrap()
    }

    /// What another program does to the file, under its lock.
    fn edit(&self, edit: impl Fn(&str) -> String) {
        self.sync();
        self.locked(|| {
            let text = fs::read_to_string(self.path()).unwrap();
            fs::write(self.path(), edit(&text)).unwrap();
        });
        self.sync();
    }

    /// Does something while another program has the file.
    fn locked(&self, work: impl FnOnce()) {
        let dot = self.path().with_file_name("mbox.lock");
        wait("the lock", || fs::File::create_new(&dot).is_ok());
        work();
        fs::remove_file(dot).unwrap();
    }

    fn flags(&self) -> Vec<Flags> {
        let states = self.lab.mail().states(self.lab.inbox(), &[UidRange::ALL], 99).unwrap();
        states.into_iter().map(|state| state.flags).collect()
    }

    fn uids(&self) -> Vec<u32> {
        self.lab.uids(self.lab.inbox())
    }
}

fn wait(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn subjects(file: &str) -> Vec<&str> {
    file.lines().filter_map(|line| line.strip_prefix("Subject: ")).collect()
}

#[test]
fn what_is_delivered_is_appended_quoted_and_with_a_from_line() {
    let boxed = Boxed::new();
    boxed.deliver("Subject: one\r\nStatus: RO\r\nContent-Length: 3\r\n\r\nFrom here on\r\n>From there\r\n");
    boxed.deliver("Subject: two\r\n\r\nlast\r\n");
    let file = boxed.file();
    assert!(file.starts_with("From MAILER-DAEMON "), "{file}");
    assert!(file.contains("Subject: one\n\n>From here on\n>>From there\n\nFrom MAILER-DAEMON "), "{file}");
    assert!(file.ends_with("Subject: two\n\nlast\n\n") && !file.contains('\r'), "{file}");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(boxed.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn it_follows_by_itself_in_both_directions() {
    let boxed = Boxed::new();
    boxed.deliver("Subject: one\r\n\r\nx\r\n");
    wait("the message came into the file", || {
        fs::read_to_string(boxed.path()).is_ok_and(|file| file.contains("Subject: one"))
    });
    boxed.locked(|| {
        let mut file = fs::File::options().append(true).open(boxed.path()).unwrap();
        write!(file, "{FROM}\nSubject: two\n\ny\n\n").unwrap();
    });
    wait("the appended message came into INBOX", || boxed.uids().len() == 2);
}

#[test]
fn what_others_append_delete_and_mark_is_so_in_inbox() {
    let boxed = Boxed::new();
    boxed.deliver("Subject: one\r\n\r\nFrom x\r\n");
    boxed.deliver("Subject: two\r\n\r\nx\r\n");
    boxed.edit(|file| format!("{file}{FROM}\nSubject: three\nStatus: RO\n\n>From y\n\n"));
    assert_eq!((boxed.uids(), boxed.flags()), (vec![1, 2, 3], vec![Flags::NONE, Flags::NONE, Flags::SEEN]));
    assert_eq!(boxed.lab.text(boxed.lab.inbox(), Uid::new(3).unwrap()), "Subject: three\r\n\r\nFrom y\r\n");
    // Marked as read, as mailx does, and the first one is gone.
    boxed.edit(|file| {
        let second = file.match_indices("From MAILER").nth(1).unwrap().0;
        file[second..].replace("Subject: two\n", "Subject: two\nStatus: RO\nX-Status: A\n")
    });
    assert_eq!((boxed.uids(), boxed.flags()), (vec![2, 3], vec![Flags::SEEN | Flags::ANSWERED, Flags::SEEN]));
    boxed.edit(|_| String::new());
    assert_eq!(boxed.uids(), [0_u32; 0]);
}

#[test]
fn what_clients_mark_and_remove_is_so_in_the_file() {
    let boxed = Boxed::new();
    for subject in ["one", "two", "three"] {
        boxed.deliver(&format!("Subject: {subject}\r\n\r\nx\r\n"));
    }
    let (lab, inbox) = (&boxed.lab, boxed.lab.inbox());
    boxed.sync();
    lab.set(inbox, Uid::new(2).unwrap(), Flags::SEEN | Flags::FLAGGED, &[]);
    let file = boxed.file();
    assert!(file.contains("Subject: two\nStatus: RO\nX-Status: F\n\nx\n\n"), "{file}");
    lab.set(inbox, Uid::new(1).unwrap(), Flags::DELETED, &[]);
    lab.mail().expunge(inbox, &[UidRange::ALL]).unwrap();
    assert_eq!(subjects(&boxed.file()), ["two", "three"]);
    lab.set(inbox, Uid::new(2).unwrap(), Flags::NONE, &[]);
    assert!(boxed.file().contains("Subject: two\nStatus: O\n\nx\n\n"), "read once, and no longer");
    assert_eq!(boxed.uids(), [2, 3], "none of this came back as a change of others");
}

#[test]
fn both_sides_may_change_at_once() {
    let boxed = Boxed::new();
    for subject in ["one", "two", "three"] {
        boxed.deliver(&format!("Subject: {subject}\r\n\r\nx\r\n"));
    }
    boxed.sync();
    let inbox = boxed.lab.inbox();
    boxed.locked(|| {
        let file = fs::read_to_string(boxed.path()).unwrap();
        let third = file.rfind("From MAILER").unwrap();
        let changed = file[..third].replace("Subject: one\n", "Subject: one\nX-Status: F\n");
        boxed.lab.set(inbox, Uid::new(1).unwrap(), Flags::SEEN, &[]);
        boxed.lab.set(inbox, Uid::new(2).unwrap(), Flags::DELETED, &[]);
        boxed.lab.mail().expunge(inbox, &[UidRange::ALL]).unwrap();
        boxed.deliver("Subject: four\r\n\r\nx\r\n");
        fs::write(boxed.path(), format!("{changed}{FROM}\nSubject: five\n\nx\n\n")).unwrap();
    });
    let file = boxed.file();
    let mut left = subjects(&file);
    left.sort_unstable();
    assert_eq!(left, ["five", "four", "one"], "{file}");
    assert_eq!(boxed.flags()[0], Flags::SEEN | Flags::FLAGGED);
    assert_eq!(boxed.uids().len(), 3);
    assert!(file.contains("Subject: one\nStatus: RO\nX-Status: F\n"), "{file}");
}

#[test]
fn an_edited_message_is_a_new_one_and_a_number_in_a_header_means_nothing() {
    let boxed = Boxed::new();
    boxed.deliver("Subject: one\r\n\r\nx\r\n");
    boxed.edit(|file| {
        format!("X{FROM}").replace('X', "")
            + "\nX-UID: 1\nSubject: forged\n\nx\n\n"
            + &file.replace("Subject: one", "X-UID: 7\nSubject: one")
    });
    assert_eq!(boxed.uids(), [1, 2], "the forged one is another one");
    boxed.edit(|file| file.replace("Subject: one", "Subject: edited"));
    assert_eq!(boxed.uids(), [2, 3]);
}

#[test]
fn a_file_that_disappears_is_made_anew_and_deletes_nothing() {
    let boxed = Boxed::new();
    for subject in ["one", "two"] {
        boxed.deliver(&format!("Subject: {subject}\r\n\r\nx\r\n"));
    }
    boxed.sync();
    boxed.locked(|| fs::remove_file(boxed.path()).unwrap());
    assert_eq!(subjects(&boxed.file()), ["one", "two"]);
    assert_eq!(boxed.uids(), [1, 2]);
    boxed.locked(|| fs::write(boxed.path(), "no mailbox at all\n").unwrap());
    assert_eq!(boxed.lab.store.sync_mbox(boxed.lab.ana).unwrap_err().code(), Code::NotMbox);
    assert_eq!(boxed.lab.store.mbox_troubles()[0].code, Code::NotMbox);
    assert_eq!(boxed.uids(), [1, 2]);
    assert_eq!(fs::read_to_string(boxed.path()).unwrap(), "no mailbox at all\n");
}

#[test]
fn mail_waits_in_the_store_while_another_program_has_the_lock() {
    let boxed = Boxed::new();
    boxed.deliver("Subject: one\r\n\r\nx\r\n");
    boxed.sync();
    let dot = boxed.path().with_file_name("mbox.lock");
    fs::write(&dot, std::os::unix::process::parent_id().to_string()).unwrap();
    boxed.deliver("Subject: two\r\n\r\nx\r\n");
    assert_eq!(boxed.lab.store.sync_mbox(boxed.lab.ana).unwrap_err().code(), Code::MailboxLocked);
    assert_eq!(boxed.uids(), [1, 2], "delivered all the same");
    assert_eq!(subjects(&fs::read_to_string(boxed.path()).unwrap()), ["one"]);
    fs::remove_file(&dot).unwrap();
    wait("the file follows when the lock is gone", || {
        subjects(&fs::read_to_string(boxed.path()).unwrap()) == ["one", "two"]
    });
    // The other lock: of another process, since those of our own do not count against us.
    let mut flock = std::process::Command::new("perl")
        .args(["-MFcntl=:flock,F_SETLK,F_WRLCK,SEEK_SET", "-e"])
        .arg("open F, '+<', $ARGV[0]; my $l = pack('s s l! l! i', F_WRLCK, SEEK_SET, 0, 0, 0); fcntl(F, F_SETLK, $l) or die $!; $| = 1; print qq{locked\n}; <STDIN>")
        .arg(boxed.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(flock.stdout.as_mut().unwrap()), &mut said)
        .unwrap();
    assert_eq!(said, "locked\n");
    boxed.deliver("Subject: three\r\n\r\nx\r\n");
    assert_eq!(boxed.lab.store.sync_mbox(boxed.lab.ana).unwrap_err().code(), Code::MailboxLocked);
    drop(flock.stdin.take());
    flock.wait().unwrap();
    wait("the file follows when the lock is gone", || {
        subjects(&fs::read_to_string(boxed.path()).unwrap()) == ["one", "two", "three"]
    });
}

#[test]
fn a_lost_index_and_a_lost_state_lose_and_double_nothing() {
    for lost in ["index.db", "mbox.db"] {
        let boxed = Boxed::new();
        for subject in ["one", "two"] {
            boxed.deliver(&format!("Subject: {subject}\r\n\r\nFrom x\r\n"));
        }
        boxed.edit(|file| format!("{file}{FROM}\nSubject: three\n\nFrom\r\n\r\n\n"));
        let Boxed { lab, runtime } = boxed;
        lab.store.close().unwrap();
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(lab.data().join(format!("mail/lab.test/ana/{lost}{suffix}")));
        }
        let boxed = Boxed { lab: lab.open_again(), runtime };
        assert_eq!(subjects(&boxed.file()), ["one", "two", "three"], "{lost}");
        assert_eq!(boxed.uids(), [1, 2, 3], "{lost}");
    }
}

#[test]
fn an_account_goes_from_maildir_to_mbox_and_back_with_all_its_mail() {
    let boxed = Boxed::new();
    boxed.deliver("Subject: one\r\n\r\nx\r\n");
    boxed.sync();
    let (lab, path) = (&boxed.lab, boxed.path());
    boxed.locked(|| {
        let mut file = fs::File::options().append(true).open(&path).unwrap();
        write!(file, "{FROM}\nSubject: two\n\ny\n").unwrap();
    });
    lab.store.set_storage(lab.ana, Storage::Maildir).unwrap();
    assert_eq!(boxed.uids(), [1, 2]);
    assert!(!path.exists() && lab.store.mbox(lab.ana).is_none());
    boxed.deliver("Subject: three\r\n\r\nx\r\n");
    lab.store.set_storage(lab.ana, Storage::Mbox).unwrap();
    assert_eq!(subjects(&boxed.file()), ["one", "two", "three"]);
    assert_eq!(boxed.uids(), [1, 2, 3]);
    let lab = boxed.lab.reopen();
    assert_eq!(lab.store.accounts().get(lab.ana).unwrap().storage, Storage::Mbox);
}

#[test]
fn a_big_message_passes_through_a_small_memory() {
    let boxed = Boxed::new();
    let line = "x".repeat(70_000);
    boxed.deliver(&format!("Subject: big\r\n\r\n{}\r\n", vec![line; 40].join("\r\n")));
    boxed.edit(|file| format!("{file}{}", file.replace("Subject: big", "Subject: bigger")));
    assert_eq!(boxed.uids(), [1, 2]);
    let (one, two) = (
        boxed.lab.text(boxed.lab.inbox(), Uid::new(1).unwrap()),
        boxed.lab.text(boxed.lab.inbox(), Uid::new(2).unwrap()),
    );
    assert_eq!(one.replace("Subject: big", "Subject: bigger"), two);
}
