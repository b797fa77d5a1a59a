//! swaks with its usual options: what a teacher types to see whether a server works.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::process::Command;

use postigo_tests::server::PASSWORD;
use postigo_tests::{Output, Server, run};

fn swaks(port: u16, arguments: &[&str]) -> Output {
    run(Command::new("swaks")
        .args(["--server", "127.0.0.1", "--port", &port.to_string(), "--from", "eva@otro.test"])
        .args(arguments))
}

#[test]
fn what_is_sent_arrives_whichever_way_it_is_sent() {
    let server = Server::start();
    let attachment = server.scratch().join("nota.txt");
    std::fs::write(&attachment, "una nota adjunta\n").unwrap();
    let attached = format!("@{}", attachment.display());
    let ways: [&[&str]; 8] = [
        &["--helo", "fuera.test"],
        &["--protocol", "SMTP"],
        &["--pipeline"],
        &["--tls"],
        &["--tls-optional"],
        &["--body", ".\n..\nfin\n", "--header", "Subject: puntos"],
        &["--attach-type", "text/plain", "--attach", &attached],
        &["--add-header", "X-Uno: dos", "--from", "<>"],
    ];
    for (number, way) in ways.iter().enumerate() {
        swaks(server.smtp(), &[&["--to", "luis@lab.test"], *way].concat()).ok();
        server.wait_for("luis", number + 1);
    }
    let messages = server.wait_for("luis", ways.len());
    let has = |parts: &[&str]| {
        assert!(
            messages.iter().any(|text| parts.iter().all(|part| text.contains(part))),
            "{parts:?}: {messages:?}"
        );
    };
    has(&["Received: from fuera.test"]);
    has(&["Subject: puntos", "\r\n.\r\n..\r\nfin\r\n"]);
    has(&["multipart/mixed", "dW5hIG5vdGEgYWRqdW50YQ"]);
    has(&["Return-Path: <>", "X-Uno: dos"]);
    has(&["with ESMTPS"]);
    has(&["with SMTP id"]);

    // Several at once, one of whom is unknown: the others get theirs.
    let said = swaks(server.smtp(), &["--to", "ana@lab.test,nadie@lab.test,luis@lab.test"]).out;
    assert!(said.contains("<** 550 5.1.1 <nadie@lab.test>") && said.contains("queued as"), "{said}");
    server.wait_for("ana", 1);
    server.wait_for("luis", ways.len() + 1);
}

#[test]
fn who_leaves_before_the_end_leaves_nothing() {
    let server = Server::start();
    for leave in ["--quit-after", "--drop-after", "--drop-after-send"] {
        for stage in ["CONNECT", "EHLO", "MAIL", "RCPT"] {
            if (leave, stage) == ("--drop-after-send", "CONNECT") {
                continue;
            }
            swaks(server.smtp(), &["--to", "luis@lab.test", leave, stage]);
        }
    }
    swaks(server.smtp(), &["--to", "luis@lab.test", "--drop-after", "DATA"]);
    swaks(server.smtp(), &["--to", "ana@lab.test"]).ok();
    server.wait_for("ana", 1);
    assert!(server.inbox_files("luis").is_empty());
}

#[test]
fn logging_in_works_as_offered_and_its_failures_say_why() {
    let server = Server::start();
    let auth = |port: u16, arguments: &[&str]| {
        let envelope = ["--from", "ana@lab.test", "--to", "luis@lab.test", "--auth-user", "ana@lab.test"];
        swaks(port, &[&envelope[..], arguments].concat())
    };
    let right = ["--auth-password", PASSWORD];
    auth(server.submission(), &[&["--tls", "--auth", "LOGIN"][..], &right].concat()).ok();
    auth(server.submissions(), &[&["--tlsc", "--auth", "PLAIN"][..], &right].concat()).ok();
    server.wait_for("luis", 2);
    let wrong = auth(server.submission(), &["--tls", "--auth", "PLAIN", "--auth-password", "otra-clave"]);
    // 28: swaks could not authenticate.
    assert!(wrong.code == Some(28) && wrong.out.contains("535 5.7.8"), "{}", wrong.out);
    // A password that the server must be able to read is kept for nobody unless that is wanted.
    let reversible = auth(server.submission(), &[&["--tls", "--auth", "CRAM-MD5"][..], &right].concat());
    assert_eq!(reversible.code, Some(28), "{}", reversible.out);
    let without = swaks(server.submission(), &["--tls", "--from", "ana@lab.test", "--to", "luis@lab.test"]);
    assert!(without.out.contains("530 5.7.0"), "{}", without.out);
    server.wait_for("luis", 2);
}
