//! Thunderbird, the client that most people have: it checks the certificate, reads, hears of new mail, and sends.
//!
//! The window is the real one, on the screen of these tests. The parts are in the folder of this file's name.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "thunderbird/marionette.rs"]
mod marionette;
#[path = "thunderbird/program.rs"]
mod program;

use std::time::{Duration, Instant};

use postigo_tests::Server;

use crate::program::Thunderbird;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn ana_reads_hears_and_sends() {
    let server = Server::start();
    deliver(&server, "Un puente", "El puente está abierto.");
    let mut thunderbird = Thunderbird::start(&server);

    thunderbird.run("connect()");
    thunderbird.until("openInbox()");
    thunderbird.until("select('Un puente')");
    thunderbird.until("text().includes('El puente está abierto.')");
    thunderbird.picture("read");
    wait("the file is marked as seen", || inbox(&server, "ana").any(|name| name.ends_with(":2,S")));

    // Nothing asks for new mail: it appears because the server says so.
    wait("Thunderbird waits in IDLE", || said(&server, "imaps", " IDLE"));
    deliver(&server, "Otra cosa", "Y la puerta también.");
    thunderbird.until("subjects().includes('Otra cosa')");
    assert!(said(&server, "imaps", "S: * 2 EXISTS"));

    thunderbird.run("write('luis@lab.test', 'Desde Thunderbird', '¿Qué tal, Luis?')");
    thunderbird.until("send()");
    thunderbird.until("writing() === null");
    let sent = server.inbox_files("luis");
    assert_eq!(sent.len(), 1);
    for message in [&sent[0], &only_file(&server)] {
        let message = std::fs::read_to_string(message).unwrap();
        assert!(message.contains("\r\nSubject: Desde Thunderbird\r\n"), "{message}");
        assert!(message.contains("¿Qué tal, Luis?"), "{message}");
    }
    thunderbird.quit();

    // Both connections were encrypted and ana's; no command was one the server does not know.
    let sessions = sessions(&server, &["imaps", "submission"]);
    assert!(sessions.iter().all(|s| s["tls"].is_object() && s["user"] == "ana@lab.test"), "{sessions:?}");
    assert!(!said(&server, "imaps", " BAD "));
}

fn deliver(server: &Server, subject: &str, text: &str) {
    let message = format!(
        "From: Eva <eva@otro.test>\nTo: ana@lab.test\nSubject: {subject}\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    );
    server.postigo_with_input(["sendmail", "-f", "eva@otro.test", "ana@lab.test"], message.as_bytes()).ok();
}

fn inbox(server: &Server, user: &str) -> impl Iterator<Item = String> {
    server.inbox_files(user).into_iter().map(|path| path.to_string_lossy().into_owned())
}

/// The copy in the folder that the server says is for sent mail.
fn only_file(server: &Server) -> std::path::PathBuf {
    let files = std::fs::read_dir(server.maildir("ana").join(".Sent/cur")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

fn sessions(server: &Server, services: &[&str]) -> Vec<serde_json::Value> {
    let all = server.json(&["session"])["sessions"].take();
    let all = all.as_array().unwrap().iter();
    let found: Vec<_> =
        all.filter(|session| services.iter().any(|s| session["service"] == *s)).cloned().collect();
    assert!(services.iter().all(|s| found.iter().any(|session| session["service"] == *s)), "{found:?}");
    found
}

/// Whether a line of a session with this service contains or ends with it. A capability of that name does not count.
fn said(server: &Server, service: &str, what: &str) -> bool {
    sessions(server, &[service]).iter().any(|session| {
        let transcript = server.postigo(["session", &session["id"].to_string()]).ok().out;
        transcript.lines().any(|line| line.contains(what) && !line.contains("CAPABILITY"))
    })
}

#[track_caller]
fn wait(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < until, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
