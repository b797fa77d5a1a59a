//! A full disk: what does not fit is refused for now, what was answered 250 is there, and mail flows again when there is room.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use postigo_tests::{Server, run};

/// Set where the small disk is mounted already.
const MOUNTED: &str = "POSTIGO_TEST_SMALL_DISK";

/// The disk of the server. A fresh data folder takes about a tenth of it.
const DISK: &str = "24m";

/// Sends messages to luis, numbered from `FIRST`, until `REFUSED` of them were refused or `COUNT` were sent, and prints what
/// was answered to each. Every third is too large for memory and goes the other way to disk.
const SEND: &str = r#"
import os, smtplib
first, count, stop = (int(os.environ[name]) for name in ("FIRST", "COUNT", "REFUSED"))
server = smtplib.SMTP("127.0.0.1", int(os.environ["SMTP"]), timeout=20)
server.ehlo("otro.test")
refused = 0
for number in range(first, first + count):
    lines = 6000 if number % 3 == 0 else 60
    text = f"Subject: n{number}\r\n\r\n" + "relleno relleno relleno relleno relleno relleno relleno\r\n" * lines
    try:
        server.sendmail("eva@otro.test", ["luis@lab.test"], text)
        print(number, 250)
    except smtplib.SMTPResponseException as error:
        refused += 1
        print(number, error.smtp_code, error.smtp_error.decode())
    if refused == stop:
        break
server.quit()
"#;

/// The test runs itself again where a small disk is mounted and nobody else sees it: the mount ends with the process.
#[test]
fn a_full_disk_refuses_mail_for_now_and_loses_none() {
    if std::env::var_os(MOUNTED).is_some() {
        return the_disk_fills_and_empties();
    }
    let folder = tempfile::Builder::new().prefix("postigo-small-disk-").tempdir().unwrap();
    let mut unshare = Command::new("unshare");
    unshare.arg("--mount");
    // Root may mount; anybody else may in a user namespace of their own.
    if run(Command::new("id").arg("-u")).ok().out.trim() != "0" {
        unshare.args(["--user", "--map-root-user"]);
    }
    let mount = format!(
        "mount -t tmpfs -o size={DISK} none \"$TMPDIR\" || {{ echo 'a tmpfs cannot be mounted here' >&2; exit 1; }}; exec \"$@\""
    );
    run(unshare
        .args(["sh", "-c", &mount, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "a_full_disk_refuses_mail_for_now_and_loses_none", "--nocapture"])
        .env("TMPDIR", folder.path())
        .env(MOUNTED, "1"))
    .ok();
}

fn the_disk_fills_and_empties() {
    let mut server = Server::start();
    let mut mail = Mail { luis: server.maildir("luis"), answered: Vec::new() };
    let full = Ballast::all_but(server.scratch(), 3 << 20);
    let refused = mail.send(&server, 400, 12);
    assert_eq!(refused, 12, "the disk did not become full");
    assert!(mail.answered.len() > 5, "only {} messages fitted", mail.answered.len());
    mail.is_all_there(&server);

    // Not one octet is left now, and a message needs some.
    let fuller = Ballast::all_but(server.scratch(), 0);
    assert_eq!(mail.send(&server, 6, 6), 6);
    mail.is_all_there(&server);
    assert_eq!(server.json(&["status"])["phase"], "running");

    full.remove();
    fuller.remove();
    assert_eq!(mail.send(&server, 6, 1), 0, "mail does not flow again");
    mail.is_all_there(&server);

    // What was refused must not come back from the journal, and what was answered must not come twice.
    server.kill();
    server.serve();
    assert_eq!(mail.send(&server, 3, 1), 0);
    mail.is_all_there(&server);

    // Large contents are kept until the journal needs them no more.
    assert!(server.stop());
    assert_eq!(files(&server.data().join("incoming")), Vec::<PathBuf>::new());
}

/// Luis's mail: what was answered, and what is there.
struct Mail {
    luis: PathBuf,
    /// For each message sent, in order, whether it was answered 250.
    answered: Vec<bool>,
}

impl Mail {
    /// Sends at most `count` messages, fewer when `stop` were refused. How many were refused, each of them with 452 4.3.1.
    #[track_caller]
    fn send(&mut self, server: &Server, count: u32, stop: u32) -> u32 {
        let mut refused = 0;
        let mut python = Command::new("python3");
        python
            .args(["-c", SEND])
            .env("SMTP", server.smtp().to_string())
            .env("FIRST", self.answered.len().to_string());
        python.env("COUNT", count.to_string()).env("REFUSED", stop.to_string());
        for line in run(&mut python).ok().out.lines() {
            let (number, reply) = line.split_once(' ').unwrap();
            assert_eq!(number, self.answered.len().to_string());
            let taken = reply == "250";
            assert!(taken || reply.starts_with("452 4.3.1 "), "{line}");
            self.answered.push(taken);
            refused += u32::from(!taken);
        }
        refused
    }

    /// Every message answered 250 is there once and whole, and no other is.
    #[track_caller]
    fn is_all_there(&self, server: &Server) {
        let mut found = BTreeMap::<usize, u32>::new();
        for file in server.inbox_files("luis") {
            let text = std::fs::read_to_string(&file).unwrap();
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: n"));
            let number = subject.unwrap_or_else(|| panic!("{file:?} is no whole message")).parse().unwrap();
            let lines = if number % 3 == 0 { 6000 } else { 60 };
            assert_eq!(text.matches("relleno relleno\r\n").count(), lines, "{file:?} is cut off");
            *found.entry(number).or_default() += 1;
        }
        let expected: BTreeMap<usize, u32> = self
            .answered
            .iter()
            .enumerate()
            .filter(|(_, taken)| **taken)
            .map(|(number, _)| (number, 1))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(files(&self.luis.join("tmp")), Vec::<PathBuf>::new());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
}

/// A file that takes the room.
struct Ballast(PathBuf);

impl Ballast {
    /// Leaves so many octets free.
    fn all_but(folder: &Path, octets: u64) -> Self {
        let path = folder.join(format!("ballast-{octets}"));
        let mut file = std::fs::File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(octets)).unwrap();
        Self(path)
    }

    fn remove(self) {
        std::fs::remove_file(self.0).unwrap();
    }
}
