//! Case 1 of the course as it is written there: users of one machine write to each other with `mail`, and read with `mail`, with no option.
//! Needs root, for it makes users and acts for them; whoever is not root is told so.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use postigo_tests::poll::until;
use postigo_tests::server::{PASSWORD, Setup, postigo};
use postigo_tests::{Output, Server, run, run_with_input};

/// A user of the system, for the time of a test.
struct Person {
    name: String,
    uid: u32,
    home: PathBuf,
}

impl Person {
    fn add(name: &str) -> Self {
        let name = format!("pg{name}{}", std::process::id());
        run(Command::new("useradd").args(["-m", "-s", "/bin/sh", &name])).ok();
        let home = PathBuf::from(format!("/home/{name}"));
        let uid = fs::metadata(&home).unwrap().uid();
        Self { name, uid, home }
    }

    /// What this person types on a terminal, after logging in.
    fn types(&self, command: &str, input: &str) -> Output {
        run_with_input(Command::new("su").args(["-", &self.name, "-c", command]), input.as_bytes())
    }

    fn spool(&self) -> PathBuf {
        Path::new("/var/mail").join(&self.name)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // With the home and the mail; it says so if there was no mail.
        let _ = Command::new("userdel").args(["-r", "-f", &self.name]).output();
    }
}

/// One test at a time: the system locks its list of users against a second change.
static TURN: Mutex<()> = Mutex::new(());

struct Lab {
    server: Server,
    ana: Person,
    luis: Person,
    /// What everybody may read.
    public: tempfile::TempDir,
    /// Given back last, when the users are gone.
    _turn: MutexGuard<'static, ()>,
}

/// `None` for whoever is not root.
fn lab() -> Option<Lab> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: users of the system. This needs root.");
        return None;
    }
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let public = tempfile::Builder::new().prefix("postigo-public-").tempdir().unwrap();
    fs::set_permissions(public.path(), PermissionsExt::from_mode(0o755)).unwrap();
    // A package installs this as /usr/sbin/sendmail; here `mail` is told by the settings of each person.
    fs::copy(postigo(), public.path().join("sendmail")).unwrap();
    let mut server = Server::set_up(&Setup::default());
    server.tell_everybody(public.path());
    server.serve();
    let lab = Lab { server, ana: Person::add("ana"), luis: Person::add("luis"), public, _turn: turn };
    for person in [&lab.ana, &lab.luis] {
        let settings = format!("set sendmail={}\n", lab.public.path().join("sendmail").display());
        fs::write(person.home.join(".mailrc"), settings).unwrap();
        let environment = format!("export POSTIGO_RUN_DIR={}\n", lab.public.path().display());
        fs::write(person.home.join(".profile"), environment).unwrap();
    }
    Some(lab)
}

impl Lab {
    fn add(&self, person: &Person, format: &str) {
        let arguments = ["user", "add", &person.name, "--system", format, "--password-stdin"];
        self.server.postigo_with_input(arguments, format!("{PASSWORD}\n").as_bytes()).ok();
    }

    fn account(&self, person: &Person) -> serde_json::Value {
        let accounts = self.server.json(&["user", "list"]);
        accounts.as_array().unwrap().iter().find(|one| one["user"] == person.name.as_str()).unwrap().clone()
    }

    fn wait_for_messages(&self, person: &Person, count: u64) {
        until(&format!("{count} messages of {}", person.name), || {
            let account = self.account(person);
            if account["messages"] == count { Ok(()) } else { Err(account.to_string()) }
        });
    }
}

#[test]
fn mail_on_a_terminal_sends_and_reads_with_no_option() {
    let Some(lab) = lab() else { return };
    let (ana, luis) = (&lab.ana, &lab.luis);
    lab.add(ana, "--mbox");
    lab.add(luis, "--mbox");
    ana.types(&format!("mail -s Hola {}@localhost", luis.name), "¿Vienes a la puerta?\nFrom aquí se ve.\n")
        .ok();
    until("the message in /var/mail", || {
        let text = fs::read_to_string(luis.spool()).unwrap_or_default();
        if text.contains("\nSubject: Hola\n") && text.contains("\n>From aquí") { Ok(()) } else { Err(text) }
    });
    let meta = fs::metadata(luis.spool()).unwrap();
    assert_eq!((meta.uid(), meta.mode() & 0o7777), (luis.uid, 0o660));
    assert_eq!(meta.gid(), fs::metadata("/var/mail").unwrap().gid(), "the group of the folder: mail");

    let read = luis.types("mail", "print 1\nquit\n").out;
    assert!(read.contains("Hola") && read.contains("¿Vienes a la puerta?"), "{read}");
    // What was read is in ~/mbox now, as the course says, and so it is not in INBOX any more.
    assert!(fs::read_to_string(luis.home.join("mbox")).unwrap().contains("Subject: Hola"));
    lab.wait_for_messages(luis, 0);
    assert!(!PathBuf::from(format!("{}.lock", luis.spool().display())).exists());

    // Answers go back, and what a client marks over IMAP is marked for `mail`.
    luis.types(&format!("mail -s Ya {}", ana.name), "Voy.\n").ok();
    lab.wait_for_messages(ana, 1);
    until("the answer in ana's file", || {
        let text = fs::read_to_string(ana.spool()).unwrap_or_default();
        if text.contains("Subject: Ya") { Ok(()) } else { Err(text) }
    });
    let listed = ana.types("mail", "x\n").out;
    assert!(listed.contains(&luis.name) && listed.contains("Ya"), "{listed}");
}

#[test]
fn a_maildir_at_home_belongs_to_its_user_and_leads_nowhere_else() {
    let Some(lab) = lab() else { return };
    let (ana, luis) = (&lab.ana, &lab.luis);
    lab.add(ana, "--mbox");
    lab.server.set("home_mailbox", "Maildir/");
    let arguments = ["user", "add", &luis.name, "--system", "--password-stdin"];
    lab.server.postigo_with_input(arguments, format!("{PASSWORD}\n").as_bytes()).ok();
    let maildir = luis.home.join("Maildir");
    assert_eq!(lab.account(luis)["storage"]["path"], maildir.to_str().unwrap());
    ana.types(&format!("mail -s Hola {}", luis.name), "uno\n").ok();
    lab.wait_for_messages(luis, 1);
    let mine =
        |path: &Path| assert_eq!(fs::symlink_metadata(path).unwrap().uid(), luis.uid, "{}", path.display());
    let new = maildir.join("new");
    let file = fs::read_dir(&new).unwrap().next().unwrap().unwrap().path();
    [&maildir, &new, &file].into_iter().for_each(|path| mine(path));
    // mutt and others of this user can do with it what they like; but nobody gets what the user could not read.
    symlink("/etc/shadow", new.join("1700000000.M1P1.trick")).unwrap();
    run(Command::new("mkfifo").arg(new.join("1700000000.M2P1.trick"))).ok();
    fs::remove_file(&file).unwrap();
    lab.wait_for_messages(luis, 0);
    // A folder that leads to somebody else's takes no mail, and the sender keeps it.
    fs::rename(&maildir, luis.home.join("away")).unwrap();
    fs::create_dir(lab.public.path().join("roots")).unwrap();
    symlink(lab.public.path().join("roots"), &maildir).unwrap();
    let refused = ana.types(&format!("mail -s Dos {}", luis.name), "dos\n");
    assert_eq!(fs::read_dir(lab.public.path().join("roots")).unwrap().count(), 0, "{}", refused.out);
    fs::remove_file(&maildir).unwrap();
    fs::rename(luis.home.join("away"), &maildir).unwrap();

    // Back to a folder of the server, to the spool, and all mail comes along.
    ana.types(&format!("mail -s Tres {}", luis.name), "tres\n").ok();
    lab.wait_for_messages(luis, 1);
    lab.server.postigo(["user", "set", &luis.name, "--maildir"]).ok();
    lab.wait_for_messages(luis, 1);
    assert_eq!(lab.server.inbox_files(&luis.name).len(), 1);
    lab.server.postigo(["user", "set", &luis.name, "--system", "--mbox"]).ok();
    until("the message in the spool", || {
        let text = fs::read_to_string(luis.spool()).unwrap_or_default();
        if text.contains("Subject: Tres") { Ok(()) } else { Err(text) }
    });
}

#[test]
fn a_user_that_is_not_there_is_said_to_be_unknown() {
    let Some(lab) = lab() else { return };
    let arguments = ["user", "add", "nadie", "--system=nosuchuser", "--password-stdin"];
    let refused = lab.server.postigo_with_input(arguments, format!("{PASSWORD}\n").as_bytes());
    assert_eq!(refused.code, Some(67));
    lab.add(&lab.ana, "--mbox");
    let arguments =
        ["user", "add", "otra", &format!("--system={}", lab.ana.name), "--mbox", "--password-stdin"];
    let taken = lab.server.postigo_with_input(arguments, format!("{PASSWORD}\n").as_bytes());
    assert_eq!(taken.code, Some(2), "the file is somebody's already");
}

#[test]
fn a_user_of_the_system_is_known_without_a_password_and_sends_everywhere() {
    let Some(lab) = lab() else { return };
    let ana = &lab.ana;
    lab.server.set("mynetworks", "192.0.2.0/24");
    // Nobody is there; the message waits.
    lab.server.set("relayhost", "[127.0.0.1]:9");
    let socket = lab.public.path().join("sendmail.sock");
    assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o7777, 0o666);
    ana.types("mail -s Hola eva@otro.test", "¿Vienes a la puerta?\n").ok();
    let who = format!("local user {} (uid {})", ana.name, ana.uid);
    let sessions = lab.server.json(&["session"]);
    let sessions = sessions["sessions"].as_array().or(sessions.as_array()).unwrap();
    let session = sessions.iter().find(|session| session["service"] == "local").unwrap();
    assert_eq!(session["peer"], who);
    let log = lab.server.postigo(["log"]).ok().out;
    assert!(log.contains(&format!("client={who}")), "{log}");
    assert!(log.contains(&format!("from=<{}@lab.test>", ana.name)), "{log}");

    lab.server.set("authorized_submit_users", &format!("!{}, static:anyone", ana.name));
    let sendmail = lab.public.path().join("sendmail").display().to_string();
    let refused = ana.types(&format!("{sendmail} eva@otro.test"), "Subject: a\n\nb\n");
    assert_eq!(refused.code, Some(69), "{}", refused.err);
    assert!(refused.err.contains("is not allowed to submit mail"), "{}", refused.err);
    lab.luis.types(&format!("{sendmail} eva@otro.test"), "Subject: a\n\nb\n").ok();
}
