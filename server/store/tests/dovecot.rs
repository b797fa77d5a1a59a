//! Dovecot over the same Maildir sees what we see. Where Dovecot is not installed there is nothing to compare with.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use postigo_store::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use support::*;

/// Dovecot does not serve root. Where root runs the test, the Maildir is given to another user, and root still reads it.
fn lend(lab: &Lab) -> u32 {
    const NOBODY: u32 = 65534;
    let own = std::fs::metadata(lab.data()).unwrap().uid();
    if own != 0 {
        return own;
    }
    let home = lab.maildir().parent().unwrap().to_owned();
    for above in home.ancestors().take_while(|path| path.starts_with(lab.data())) {
        std::fs::set_permissions(above, PermissionsExt::from_mode(0o755)).unwrap();
    }
    give(&home, NOBODY);
    NOBODY
}

fn give(path: &Path, owner: u32) {
    std::os::unix::fs::chown(path, Some(owner), Some(owner)).unwrap();
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path(), owner));
    }
}

/// Runs doveadm on a Maildir as the user who runs the test.
fn doveadm(lab: &Lab, arguments: &[&str]) -> String {
    let maildir = lab.maildir();
    let home = maildir.parent().unwrap();
    let owner = lend(lab);
    let configuration = home.join("dovecot.conf");
    let text = format!(
        "mail_location = maildir:{}\nfirst_valid_uid = 0\nfirst_valid_gid = 0\nssl = no\nlog_path = /dev/stderr\n\
         mail_log_prefix =\nbase_dir = {}\nmail_uid = {}\nmail_gid = {}\n",
        maildir.display(),
        home.join("run").display(),
        owner,
        owner,
    );
    std::fs::write(&configuration, text).unwrap();
    let output = Command::new("doveadm")
        .arg("-c")
        .arg(&configuration)
        .args(arguments)
        .env("HOME", home)
        .env("USER", "ana")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn dovecot_shows_the_same_mailboxes_flags_and_keywords_and_we_see_what_it_changes() {
    if Command::new("doveadm").arg("--version").output().is_err() {
        eprintln!("doveadm is not installed: nothing compared");
        return;
    }
    let lab = Lab::new();
    let (inbox, uid) = (lab.inbox(), lab.deliver("Subject: hello\r\n\r\nbody\r\n").await);
    lab.set(inbox, uid, Flags::SEEN | Flags::FLAGGED, &["$Label1", "Work"]);
    lab.mail().create(&name_of("Papelería.2024"), None).unwrap();
    lab.mail().subscribe(&name_of("Papelería.2024"), true).unwrap();
    lab.append("Papelería.2024", "Subject: old\r\n\r\n", Flags::ANSWERED, &[]).await.unwrap();

    let sorted = |text: String| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let ours: Vec<_> = lab.mail().subscriptions().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(sorted(doveadm(&lab, &["mailbox", "list", "-s", "-8"])), ours);
    let listed = doveadm(&lab, &["mailbox", "list", "-8"]);
    assert!(ours.iter().all(|name| listed.lines().any(|line| line == name)), "{listed}");
    let flags = doveadm(&lab, &["-f", "flow", "fetch", "flags", "mailbox", "INBOX"]);
    for flag in ["\\Flagged", "\\Seen", "$Label1", "Work"] {
        assert!(flags.contains(flag), "{flag} in {flags}");
    }
    let old = doveadm(&lab, &["-f", "flow", "fetch", "flags hdr.subject", "mailbox", "Papelería.2024"]);
    assert!(old.contains("\\Answered") && old.contains("old"), "{old}");

    doveadm(&lab, &["flags", "replace", "\\Answered $Label1 New", "mailbox", "INBOX", "all"]);
    let opened = lab.mail().open(inbox, Access::ReadOnly).unwrap();
    assert_eq!((opened.uids, opened.status.unseen), (vec![uid], 1));
    let state = lab.mail().states(inbox, &[uid.into()], 1).unwrap().remove(0);
    assert_eq!(
        (state.flags, state.keywords),
        (Flags::ANSWERED, vec!["$Label1".to_owned(), "New".to_owned()])
    );
}
