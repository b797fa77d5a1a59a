//! IMAP as the clients speak that people have: Python's imaplib, curl, mbsync, mutt and openssl.
//!
//! The programs for imaplib are in the folder of this file's name.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use postigo_tests::server::PASSWORD;
use postigo_tests::{Output, Server, run, run_with_input};

/// Runs a program for imaplib against a server of its own.
#[track_caller]
fn imaplib(program: &str) {
    let server = Server::start();
    speak(&server, program);
}

#[track_caller]
fn speak(server: &Server, program: &str) {
    let common = include_str!("imap_clients/common.py");
    let maildir = server.maildir("luis");
    server.python(&format!("{common}\nMAILDIR = {maildir:?}\n{program}")).ok();
}

#[test]
fn imaplib_signs_in_in_every_way() {
    imaplib(include_str!("imap_clients/signing_in.py"));
}

#[test]
fn imaplib_works_with_mailboxes() {
    imaplib(include_str!("imap_clients/mailboxes.py"));
}

#[test]
fn imaplib_works_with_messages() {
    imaplib(include_str!("imap_clients/messages.py"));
}

#[test]
fn sessions_see_what_others_do() {
    imaplib(include_str!("imap_clients/sessions.py"));
}

#[test]
fn changes_by_other_programs_are_seen() {
    imaplib(include_str!("imap_clients/foreign.py"));
}

#[test]
fn twenty_mebibytes_go_in_and_come_out() {
    imaplib(include_str!("imap_clients/large.py"));
}

#[test]
fn openssl_upgrades_the_connection() {
    let server = Server::start();
    let address = format!("127.0.0.1:{}", server.imap());
    let said = run_with_input(
        Command::new("openssl")
            .args(["s_client", "-starttls", "imap", "-crlf", "-quiet", "-ign_eof", "-verify_return_error"])
            .args(["-verify_hostname", "mail.lab.test", "-connect", &address, "-CAfile"])
            .arg(server.authority()),
        b"a CAPABILITY\nb LOGOUT\n",
    )
    .ok()
    .out;
    assert!(said.contains("AUTH=PLAIN") && said.contains("* BYE") && said.contains("b OK"), "{said}");
}

/// Runs curl on a URL of imaps://mail.lab.test.
#[track_caller]
fn curl(server: &Server, path: &str, arguments: &[&str]) -> Output {
    let port = server.imaps();
    run(Command::new("curl")
        .args(["--silent", "--show-error", "--resolve", &format!("mail.lab.test:{port}:127.0.0.1")])
        .arg("--cacert")
        .arg(server.authority())
        .args(["--user", &format!("luis@lab.test:{PASSWORD}")])
        .args(arguments)
        .arg(format!("imaps://mail.lab.test:{port}/{path}")))
    .ok()
}

#[test]
fn curl_uploads_lists_searches_and_fetches() {
    let server = Server::start();
    let message = "Subject: con curl\r\nFrom: eva@otro.test\r\n\r\nEl puente est\u{e1} abierto\r\n";
    let file = server.scratch().join("message.eml");
    std::fs::write(&file, message).unwrap();
    curl(&server, "INBOX", &["--upload-file", file.to_str().unwrap()]);
    let listed = curl(&server, "", &[]).out;
    assert!(listed.contains("INBOX") && listed.contains("\\Trash"), "{listed}");
    assert!(curl(&server, "INBOX?SUBJECT%20curl", &[]).out.contains("* SEARCH 1\r\n"));
    assert_eq!(curl(&server, "INBOX;UID=1", &[]).out, message);
    assert_eq!(curl(&server, "INBOX;UID=1;SECTION=TEXT", &[]).out, "El puente está abierto\r\n");
}

/// Runs mbsync over every folder, with a local Maildir beside the data folder.
#[track_caller]
fn mbsync(server: &Server) {
    let local = server.scratch().join("local");
    let settings = server.scratch().join("mbsyncrc");
    std::fs::create_dir_all(&local).unwrap();
    let (local, authority, port) = (local.display(), server.authority(), server.imaps());
    let authority = authority.display();
    let text = format!(
        "IMAPStore far\nTunnel \"openssl s_client -quiet -verify_quiet -verify_return_error -CAfile {authority} \
         -connect 127.0.0.1:{port}\"\nUser luis\nPass {PASSWORD}\nAuthMechs LOGIN\n\n\
         MaildirStore near\nPath {local}/\nInbox {local}/INBOX\nSubFolders Verbatim\n\n\
         Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSync All\n\
         SyncState {local}/state-\nCopyArrivalDate yes\n"
    );
    std::fs::write(&settings, text).unwrap();
    run(Command::new("mbsync").arg("-c").arg(&settings).arg("all")).ok();
}

/// What is before the comma and the colon in the names of a local folder's files, with the flags; sorted by subject.
fn local(folder: &Path) -> BTreeSet<(String, String)> {
    ["new", "cur"]
        .iter()
        .flat_map(|part| std::fs::read_dir(folder.join(part)).unwrap())
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let subject =
                text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().trim().to_owned();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (subject, name.split_once(":2,").map_or("", |(_, flags)| flags).to_owned())
        })
        .collect()
}

#[test]
fn mbsync_keeps_both_sides_equal() {
    let server = Server::start();
    speak(
        &server,
        r#"
imap = imaps()
for n in range(3):
    append(imap, f"Subject: m{n}\r\n\r\nx\r\n".encode())
ok(imap.create("Proyecto"))
append(imap, b"Subject: plan\r\n\r\nx\r\n", r"(\Flagged)", "Proyecto")
"#,
    );
    mbsync(&server);
    let inbox = server.scratch().join("local/INBOX");
    let pairs = |pairs: &[(&str, &str)]| -> BTreeSet<_> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    assert_eq!(local(&inbox), pairs(&[("m0", ""), ("m1", ""), ("m2", "")]));
    assert_eq!(local(&server.scratch().join("local/Proyecto")), pairs(&[("plan", "F")]));

    // Near: m0 is seen, m1 is deleted, one is new, in a folder that is new. Far: m2 is answered, the plan goes.
    for part in ["new", "cur"] {
        for entry in std::fs::read_dir(inbox.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().split(":2,").next().unwrap().to_owned();
            if text.contains("Subject: m0") {
                std::fs::rename(&path, inbox.join("cur").join(format!("{name}:2,S"))).unwrap();
            } else if text.contains("Subject: m1") {
                std::fs::rename(&path, inbox.join("cur").join(format!("{name}:2,T"))).unwrap();
            }
        }
    }
    let fresh = server.scratch().join("local/Cerca");
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(fresh.join(part)).unwrap();
    }
    std::fs::write(fresh.join("cur/1.1.here:2,S"), "Subject: de cerca\n\nx\n").unwrap();
    speak(
        &server,
        r#"
imap = imaps()
ok(imap.select("INBOX"))
ok(imap.store(ok(imap.search(None, "SUBJECT", "m2"))[0], "+FLAGS", r"\Answered"))
ok(imap.select("Proyecto"))
ok(imap.store("1", "+FLAGS", r"\Deleted"))
ok(imap.expunge())
"#,
    );
    mbsync(&server);
    assert_eq!(local(&inbox), pairs(&[("m0", "S"), ("m2", "R")]));
    assert_eq!(local(&server.scratch().join("local/Proyecto")), pairs(&[]));
    speak(
        &server,
        r#"
imap = imaps()
assert ok(imap.select("INBOX")) == [b"2"]
assert ok(imap.search(None, "SEEN", "SUBJECT", "m0")) == [b"1"]
assert ok(imap.search(None, "SUBJECT", "m1")) == [b""]
assert ok(imap.select("Cerca")) == [b"1"]
assert ok(imap.search(None, "SEEN", "SUBJECT", "cerca")) == [b"1"]
assert ok(imap.select("Proyecto")) == [b"0"]
"#,
    );
}

#[test]
fn mutt_reads_and_writes() {
    let server = Server::start();
    let home = server.scratch().join("mutt");
    // Without this folder mutt begins with a question.
    std::fs::create_dir_all(home.join("Mail")).unwrap();
    let authority = server.authority();
    let settings = format!(
        "set certificate_file={}\nset ssl_verify_host=no\nset imap_pass=\"{PASSWORD}\"\n\
         set smtp_pass=\"{PASSWORD}\"\nset smtp_url=\"smtps://ana@127.0.0.1:{}\"\nset from=ana@lab.test\n\
         set smtp_authenticators=plain\nset record=\"\"\nset copy=no\nset use_envelope_from\nset envelope_from_address=ana@lab.test\nunset wait_key\nset charset=utf-8\nset pipe_decode\n",
        authority.display(),
        server.submissions(),
    );
    let file = home.join("muttrc");
    std::fs::write(&file, settings).unwrap();
    let mutt = || {
        let mut mutt = Command::new("mutt");
        mutt.args(["-n", "-F"]).arg(&file).env("HOME", &home).env("TERM", "xterm");
        mutt
    };
    run_with_input(mutt().args(["-s", "Hola desde mutt", "luis@lab.test"]), "¿Qué tal?\n".as_bytes()).ok();
    assert_eq!(server.inbox_files("luis").len(), 1);

    // It opens the mailbox, pipes its only message into a file and ends. It draws on a terminal, which Python gives it.
    let copy = home.join("copy");
    let keys = format!("push '<pipe-message>cat >{}<enter><exit>'", copy.display());
    let url = format!("imaps://luis@127.0.0.1:{}/INBOX", server.imaps());
    let terminal = "import pty, sys; pty.spawn(sys.argv[1:])";
    let screen = run(Command::new("python3")
        .args(["-c", terminal, "timeout", "--foreground", "30", "mutt", "-n", "-F"])
        .arg(&file)
        .args(["-e", &keys, "-f", &url])
        .env("HOME", &home)
        .env("TERM", "xterm"))
    .ok()
    .out;
    let copied = std::fs::read_to_string(&copy).unwrap_or_else(|error| panic!("{error}: {screen}"));
    assert!(copied.contains("Subject: Hola desde mutt") && copied.contains("¿Qué tal?"), "{copied}");
}
