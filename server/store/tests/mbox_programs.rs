//! Programs that read and write mbox files, over ours. What is not installed has nothing to say, loudly.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use postigo_store::*;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use support::*;

/// A lab whose ana has an mbox with two messages.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.store.set_storage(lab.ana, Storage::Mbox).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for subject in ["one", "two"] {
        runtime.block_on(lab.deliver(&format!("Subject: {subject}\r\nFrom: Eva <eva@otro.test>\r\nDate: Tue, 24 Nov 2026 20:00:00 +0000\r\n\r\nFrom here on\r\n")));
    }
    lab.store.sync_mbox(lab.ana).unwrap();
    lab
}

fn is_missing(program: &str) -> bool {
    let missing = Command::new(program).arg("--version").stdin(Stdio::null()).output().is_err();
    if missing {
        eprintln!("{program} is not installed: nothing compared");
    }
    missing
}

fn run(command: &mut Command, input: &str) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn states(lab: &Lab) -> Vec<(u32, Flags)> {
    lab.store.sync_mbox(lab.ana).unwrap();
    let states = lab.mail().states(lab.inbox(), &[UidRange::ALL], 99).unwrap();
    states.into_iter().map(|state| (state.uid.get(), state.flags)).collect()
}

#[test]
fn mailx_lists_reads_and_deletes() {
    if is_missing("bsd-mailx") {
        return;
    }
    let lab = lab();
    let path = lab.store.mbox(lab.ana).unwrap();
    let mail = |input: &str| {
        run(
            Command::new("bsd-mailx").arg("-f").arg(&path).env("MAILRC", "/dev/null").env("HOME", lab.data()),
            input,
        )
    };
    let said = mail("x\n");
    assert!(said.contains("2 messages 2 new") && said.contains("one") && said.contains("two"), "{said}");
    let said = mail("print 1\ndelete 2\nquit\n");
    assert!(said.contains(">From here on"), "{said}");
    assert_eq!(states(&lab), [(1, Flags::SEEN)]);
}

#[test]
fn mutt_sees_our_flags_and_we_see_what_it_deletes() {
    if is_missing("mutt") {
        return;
    }
    let lab = lab();
    lab.set(lab.inbox(), Uid::new(1).unwrap(), Flags::SEEN | Flags::FLAGGED, &[]);
    lab.store.sync_mbox(lab.ana).unwrap();
    let path = lab.store.mbox(lab.ana).unwrap();
    let settings = lab.data().join("muttrc");
    fs::write(&settings, "set quit=yes\nset delete=yes\nset move=no\nset mark_old=no\n").unwrap();
    // Deletes what is not flagged: so it saw the flag that we wrote.
    let keys = "push <tag-pattern>~F<enter><delete-pattern>!~F<enter><sync-mailbox><quit>";
    let script = format!("mutt -n -F {} -f {} -e '{keys}'", settings.display(), path.display());
    let mut command = Command::new("script");
    run(command.args(["-qec", &script, "/dev/null"]).env("TERM", "xterm").env("HOME", lab.data()), "");
    assert_eq!(states(&lab), [(1, Flags::SEEN | Flags::FLAGGED)]);
}

#[test]
fn dovecot_shows_the_same_and_we_see_what_it_changes() {
    if is_missing("doveadm") {
        return;
    }
    let lab = lab();
    lab.set(lab.inbox(), Uid::new(2).unwrap(), Flags::SEEN | Flags::FLAGGED, &[]);
    lab.store.sync_mbox(lab.ana).unwrap();
    let mbox = lab.store.mbox(lab.ana).unwrap();
    let home = lab.data().join("dovecot");
    fs::create_dir_all(home.join("folders")).unwrap();
    let configuration = home.join("dovecot.conf");
    // Dovecot does not serve root: with root, a user who can do everything there is not needed to compare what is read.
    let owner = owner(&lab, &mbox, &home);
    let text = format!(
        "mail_location = mbox:{0}/folders:INBOX={1}\nfirst_valid_uid = 0\nfirst_valid_gid = 0\nssl = no\nlog_path = /dev/stderr\n\
         mail_log_prefix =\nbase_dir = {0}/run\nmail_uid = {owner}\nmail_gid = {owner}\nmbox_write_locks = dotlock fcntl\n",
        home.display(),
        mbox.display(),
    );
    fs::write(&configuration, text).unwrap();
    let doveadm = |arguments: &[&str]| {
        run(
            Command::new("doveadm")
                .arg("-c")
                .arg(&configuration)
                .args(arguments)
                .env("HOME", &home)
                .env("USER", "ana"),
            "",
        )
    };
    let listed = doveadm(&["-f", "flow", "fetch", "flags hdr.subject body", "mailbox", "INBOX"]);
    assert!(listed.contains("one") && listed.contains("two"), "{listed}");
    let second = listed.lines().find(|line| line.contains("two")).unwrap_or_default();
    assert!(second.contains("\\Flagged") && second.contains("\\Seen"), "{listed}");
    doveadm(&["flags", "add", "\\Answered", "mailbox", "INBOX", "header", "subject", "one"]);
    doveadm(&["expunge", "mailbox", "INBOX", "header", "subject", "two"]);
    give(&mbox, 0);
    assert_eq!(states(&lab), [(1, Flags::ANSWERED)]);
}

/// Lends the file to whom Dovecot may serve.
fn owner(lab: &Lab, mbox: &Path, home: &Path) -> u32 {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    const NOBODY: u32 = 65534;
    let own = fs::metadata(lab.data()).unwrap().uid();
    if own != 0 {
        return own;
    }
    for above in mbox.parent().unwrap().ancestors().take_while(|path| path.starts_with(lab.data())) {
        fs::set_permissions(above, PermissionsExt::from_mode(0o777)).unwrap();
    }
    give(mbox, NOBODY);
    give(home, NOBODY);
    give(&home.join("folders"), NOBODY);
    NOBODY
}

/// Whoever is not root owns everything anyway.
fn give(path: &Path, owner: u32) {
    let _ = std::os::unix::fs::chown(path, Some(owner), Some(owner));
}
