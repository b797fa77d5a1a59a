//! Dovecot on the same Maildir: it finds what Postigo wrote, and Postigo finds what it changed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use postigo_tests::{Server, run};

/// Dovecot's IMAP of one user, spoken to through a pipe: no port, no password.
struct Dovecot {
    child: Child,
    commands: ChildStdin,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    number: u32,
}

impl Dovecot {
    /// Opens luis's Maildir. Its own indexes lie elsewhere, so that it can only know what the Maildir says.
    fn open(server: &Server) -> Self {
        let home = server.scratch().join("dovecot");
        let settings = home.join("dovecot.conf");
        std::fs::create_dir_all(&home).unwrap();
        let (home, maildir) = (home.display(), server.maildir("luis"));
        let id = |what: &str| run(Command::new("id").arg(what)).ok().out.trim().to_owned();
        // Dovecot does not serve root; where root runs this, it is somebody else in a namespace of its own.
        let root = id("-u") == "0";
        let (user, uid, gid) = (id("-un"), id("-u"), id("-g"));
        let (uid, gid) = if root { ("1000".to_owned(), "1000".to_owned()) } else { (uid, gid) };
        let mut imap = if root {
            let mut unshare = Command::new("unshare");
            unshare.args(["--user", "--map-user=1000", "--map-group=1000"]).arg(imap_program());
            unshare
        } else {
            Command::new(imap_program())
        };
        std::fs::write(
            &settings,
            format!(
                "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {home}/run\nstate_dir = {home}/state\n\
                 log_path = {home}/log\nssl = no\nmail_home = {home}/home\nfirst_valid_uid = 0\nfirst_valid_gid = 0\n\
                 mail_location = maildir:{}:INDEX={home}/index\ndefault_internal_user = {user}\n\
                 default_login_user = {user}\nmail_uid = {uid}\nmail_gid = {gid}\nnamespace inbox {{\n  inbox = yes\n  separator = .\n}}\n",
                maildir.display()
            ),
        )
        .unwrap();
        let mut child = imap
            .args(["-c"])
            .arg(&settings)
            .env("USER", &user)
            .env("HOME", server.scratch().join("dovecot/home"))
            .env("CONFIG_FILE", &settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("Dovecot's imap cannot be started: {error}"));
        let commands = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = lines.next().unwrap().unwrap();
        assert!(greeting.starts_with("* PREAUTH"), "{greeting}");
        Self { child, commands, lines, number: 0 }
    }

    /// Every line of the answer to a command that succeeds.
    #[track_caller]
    fn ask(&mut self, command: &str) -> String {
        self.number += 1;
        let tag = format!("t{} ", self.number);
        write!(self.commands, "{tag}{command}\r\n").unwrap();
        let mut answer = String::new();
        loop {
            let line = self.lines.next().unwrap_or_else(|| panic!("Dovecot ended: {answer}")).unwrap();
            answer.push_str(&line);
            answer.push('\n');
            if let Some(status) = line.strip_prefix(&tag) {
                assert!(status.starts_with("OK"), "{command}: {answer}");
                return answer;
            }
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = self.commands.write_all(b"bye LOGOUT\r\n");
        let _ = self.child.wait();
    }
}

fn imap_program() -> PathBuf {
    ["/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("Dovecot is not installed"))
}

/// Says this as luis to Postigo.
#[track_caller]
fn postigo(server: &Server, program: &str) {
    let common = include_str!("imap_clients/common.py");
    server.python(&format!("{common}\nimap = imaps()\n{program}\nimap.logout()\n")).ok();
}

const WRITTEN: &str = r#"
append(imap, b"Subject: uno\r\n\r\nprimero\r\n", r"(\Seen \Flagged)")
append(imap, b"Subject: dos\r\n\r\nsegundo\r\n", r"(\Answered $Forwarded Trabajo)")
deliver("tres")
ok(imap.create("Proyecto"))
ok(imap.create("A&APE-o.Enero"))
ok(imap.subscribe("Proyecto"))
append(imap, b"Subject: plan\r\n\r\nx\r\n", r"(\Draft)", "Proyecto")
ok(imap.select("INBOX"))
"#;

#[track_caller]
fn has(answer: &str, parts: &[&str]) {
    for part in parts {
        assert!(answer.contains(part), "{part} is not in\n{answer}");
    }
}

fn dovecot_finds_everything(server: &Server) {
    let mut dovecot = Dovecot::open(server);
    has(&dovecot.ask("LIST \"\" *"), &["INBOX", "Proyecto", "A&APE-o.Enero", "Trash"]);
    has(&dovecot.ask("LSUB \"\" *"), &["Proyecto"]);
    has(&dovecot.ask("SELECT INBOX"), &["* 3 EXISTS"]);
    let found = |dovecot: &mut Dovecot, key: &str| {
        let answer = dovecot.ask(&format!("SEARCH {key}"));
        let line = answer.lines().find_map(|line| line.strip_prefix("* SEARCH")).unwrap().trim().to_owned();
        line.split_whitespace().count()
    };
    for (key, count) in [
        ("SUBJECT uno SEEN FLAGGED UNANSWERED", 1),
        ("SUBJECT dos ANSWERED UNSEEN KEYWORD $Forwarded KEYWORD Trabajo", 1),
        ("SUBJECT tres UNSEEN UNFLAGGED UNANSWERED", 1),
        ("BODY segundo", 1),
        ("KEYWORD Trabajo", 1),
    ] {
        assert_eq!(found(&mut dovecot, key), count, "{key}");
    }
    has(&dovecot.ask("FETCH 1:3 (RFC822.SIZE BODY.PEEK[])"), &["primero", "segundo", "Subject: tres"]);
    has(&dovecot.ask("SELECT Proyecto"), &["* 1 EXISTS"]);
    assert_eq!(found(&mut dovecot, "DRAFT SUBJECT plan"), 1);
}

fn dovecot_changes_things(server: &Server) {
    let mut dovecot = Dovecot::open(server);
    dovecot.ask("SELECT INBOX");
    dovecot.ask("STORE 1:3 +FLAGS (\\Seen)");
    dovecot.ask("STORE 1:3 -FLAGS (\\Flagged)");
    let answer = dovecot.ask("SEARCH SUBJECT tres");
    let tres = answer.lines().find_map(|line| line.strip_prefix("* SEARCH ")).unwrap().to_owned();
    dovecot.ask(&format!("COPY {tres} Proyecto"));
    dovecot.ask(&format!("STORE {tres} +FLAGS (\\Deleted)"));
    dovecot.ask("EXPUNGE");
    dovecot.ask("CREATE Nueva");
    dovecot.ask("SUBSCRIBE Nueva");
}

const CHANGED: &str = r#"
assert ok(imap.select("INBOX")) == [b"2"]
assert ok(imap.search(None, "SEEN", "UNFLAGGED")) == [b"1 2"]
assert ok(imap.search(None, "KEYWORD", "Trabajo")) == [b"2"]
assert ok(imap.search(None, "SUBJECT", "tres")) == [b""]
assert ok(imap.select("Proyecto")) == [b"2"]
assert ok(imap.search(None, "SUBJECT", "tres")) == [b"2"]
assert any(b"Nueva" in line for line in ok(imap.list()))
assert any(b"Nueva" in line for line in ok(imap.lsub()))
assert any(b"Proyecto" in line for line in ok(imap.lsub()))
"#;

#[test]
fn a_maildir_goes_to_dovecot_and_comes_back() {
    let mut server = Server::start();
    postigo(&server, WRITTEN);
    server.stop();
    dovecot_finds_everything(&server);
    dovecot_changes_things(&server);
    server.serve();
    postigo(&server, CHANGED);
}

#[test]
fn both_serve_one_maildir_at_the_same_time() {
    let server = Server::start();
    postigo(&server, WRITTEN);
    dovecot_finds_everything(&server);
    dovecot_changes_things(&server);
    postigo(&server, CHANGED);
}
