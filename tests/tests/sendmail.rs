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
