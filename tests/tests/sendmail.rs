//! `mail luis@localhost` on a terminal: bsd-mailx and other programs hand in through the sendmail command.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::os::unix::fs::symlink;
use std::process::Command;

use postigo_tests::server::postigo;
use postigo_tests::{Server, run_with_input};

/// A link named `sendmail`, as a package would install it.
fn sendmail(server: &Server) -> std::path::PathBuf {
    let link = server.scratch().join("sendmail");
    symlink(postigo(), &link).unwrap();
    link
}

#[test]
fn mail_of_bsd_mailx_reaches_luis() {
    let server = Server::start();
    let settings = server.scratch().join("mailrc");
    std::fs::write(&settings, format!("set sendmail={}\n", sendmail(&server).display())).unwrap();
    run_with_input(
        Command::new("bsd-mailx")
            .args(["-s", "Hola, Luis", "luis@localhost"])
            .env("MAILRC", &settings)
            .env("POSTIGO_DATA", server.data())
            .env("LOGNAME", "ana")
            .env("USER", "ana"),
        "¿Vienes a la puerta?\n".as_bytes(),
    )
    .ok();
    let files = server.inbox_files("luis");
    assert_eq!(files.len(), 1);
    let message = std::fs::read_to_string(&files[0]).unwrap();
    assert!(message.contains("\r\nSubject: Hola, Luis\r\n"), "{message}");
    assert!(message.contains("¿Vienes a la puerta?"), "{message}");
    assert!(message.starts_with("Return-Path: <ana@lab.test>\r\n"), "{message}");
}

#[test]
fn recipients_come_from_the_header_and_bcc_stays_blind() {
    let server = Server::start();
    let message =
        b"From: Eva <eva@otro.test>\nTo: ana@lab.test\nBcc: luis@lab.test\nSubject: a\n\n.\nafter the dot\n";
    server.postigo_with_input(["sendmail", "-t", "-i", "-f", "eva@otro.test"], message).ok();
    for user in ["ana", "luis"] {
        let files = server.inbox_files(user);
        assert_eq!(files.len(), 1, "{user}");
        let text = std::fs::read_to_string(&files[0]).unwrap();
        assert!(!text.contains("Bcc"), "{text}");
        assert!(text.contains("after the dot"), "{text}");
    }
}

#[test]
fn the_content_arrives_line_for_line() {
    let server = Server::start();
    // Also without a last line end; nothing is added to what has one.
    for (body, arrived) in [("uno\n.\n..dos\n\n", "\r\nuno\r\n.\r\n..dos\r\n\r\n"), ("tres", "\r\ntres\r\n")]
    {
        let message = format!("Subject: a\n\n{body}");
        server.postigo_with_input(["sendmail", "-i", "luis"], message.as_bytes()).ok();
        let file = server.inbox_files("luis").remove(0);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.ends_with(&format!("\r\nSubject: a\r\n{arrived}")), "{text:?}");
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn exit_codes_tell_what_to_do() {
    let mut server = Server::start();
    let send =
        |server: &Server, to: &str| server.postigo_with_input(["sendmail", to], b"Subject: a\n\nb\n").code;
    assert_eq!(send(&server, "luis@lab.test"), Some(0));
    assert_eq!(send(&server, "nadie@lab.test"), Some(69));
    assert_eq!(send(&server, "not an address"), Some(65));
    assert_eq!(server.postigo_with_input(["sendmail"], b"x").code, Some(64), "no recipients");
    server.stop();
    assert_eq!(send(&server, "luis@lab.test"), Some(75), "the caller keeps the message");
}

#[test]
fn bs_speaks_smtp_on_standard_input() {
    let server = Server::start();
    let dialogue = b"EHLO here.test\r\nMAIL FROM:<eva@otro.test>\r\nRCPT TO:<luis@lab.test>\r\nDATA\r\nSubject: bs\r\n\r\nx\r\n.\r\nQUIT\r\n";
    let said = server.postigo_with_input(["sendmail", "-bs"], dialogue).ok().out;
    assert!(said.starts_with("220 mail.lab.test ESMTP Postigo"), "{said}");
    assert!(said.contains("250 2.0.0 Ok: queued as "), "{said}");
    assert_eq!(server.inbox_files("luis").len(), 1);
}

#[test]
fn the_machine_s_own_programs_may_send_although_no_network_is_trusted() {
    let server = Server::start();
    server.set("mynetworks", "192.0.2.0/24");
    // Nobody is there; the message waits.
    server.set("relayhost", "[127.0.0.1]:9");
    let send = || server.postigo_with_input(["sendmail", "eva@otro.test"], b"Subject: a\n\nb\n").code;
    assert_eq!(send(), Some(0), "over the socket");
    let sessions = server.json(&["session"]);
    let found = |session: &&serde_json::Value| session["service"] == "local";
    let session =
        sessions["sessions"].as_array().or(sessions.as_array()).unwrap().iter().find(found).unwrap();
    let uid = rustix::process::geteuid().as_raw();
    assert_eq!(session["localUser"]["uid"], uid);
    let log = server.postigo(["log"]).ok().out;
    assert!(log.contains("/pickup[") && log.contains(&format!("(uid {uid})")), "{log}");

    let dialogue = b"EHLO here.test\r\nXCLIENT ADDR=192.0.2.1\r\nMAIL FROM:<ana@lab.test>\r\nRCPT TO:<eva@otro.test>\r\nQUIT\r\n";
    let said = server.postigo_with_input(["sendmail", "-bs"], dialogue).ok().out;
    assert!(said.contains("\n250 2.1.5 Ok\r\n") && !said.contains("STARTTLS"), "{said}");

    server.set("authorized_submit_users", "");
    let refused = server.postigo_with_input(["sendmail", "eva@otro.test"], b"Subject: a\n\nb\n");
    assert_eq!(refused.code, Some(69), "{}", refused.err);
    assert!(refused.err.contains("is not allowed to submit mail"), "{}", refused.err);

    // Without the socket there is the way over the network, on which this computer is a stranger now.
    std::fs::remove_file(server.data().join("run/sendmail.sock")).unwrap();
    assert_eq!(send(), Some(69));
    assert_eq!(server.postigo_with_input(["sendmail", "luis"], b"Subject: a\n\nb\n").code, Some(0));
}

#[test]
fn a_server_that_was_killed_leaves_a_socket_that_hinders_nobody() {
    let mut server = Server::start();
    server.kill();
    let socket = server.data().join("run/sendmail.sock");
    assert!(socket.exists());
    let send = |server: &Server| server.postigo_with_input(["sendmail", "luis"], b"Subject: a\n\nb\n").code;
    assert_eq!(send(&server), Some(75), "the caller keeps the message");
    server.serve();
    assert_eq!(send(&server), Some(0));
    server.stop();
    assert!(!socket.exists());
}
