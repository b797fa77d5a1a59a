//! Submission as clients do it (msmtp, curl, smtplib; swaks is in `road`), and what must be refused.
//!
//! The programs for Python are in the folder of this file's name.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::process::Command;

use postigo_tests::server::PASSWORD;
use postigo_tests::{Server, Setup, run, run_with_input};

const MESSAGE: &str = "Subject: Hola\r\n\r\n¿Qué tal?\r\n";

#[test]
fn msmtp_signs_in_with_every_mechanism_it_shares_with_us() {
    let server = Server::start();
    let authority = server.authority();
    for mechanism in ["plain", "login", "scram-sha-256"] {
        for (port, starttls) in [(server.submission(), "on"), (server.submissions(), "off")] {
            run_with_input(
                Command::new("msmtp")
                    .args(["--file=/dev/null", "--host=127.0.0.1", &format!("--port={port}"), "--tls=on"])
                    .arg(format!("--tls-starttls={starttls}"))
                    .arg(format!("--tls-trust-file={}", authority.display()))
                    .args(["--tls-host-override=mail.lab.test", &format!("--auth={mechanism}")])
                    .args(["--user=ana@lab.test", &format!("--passwordeval=echo {PASSWORD}")])
                    .args(["--from=ana@lab.test", "luis@lab.test"]),
                MESSAGE.as_bytes(),
            )
            .ok();
        }
    }
    assert_eq!(server.inbox_files("luis").len(), 6);
    let log = server.postigo(["log"]).ok().out;
    assert!(log.contains("sasl_method=SCRAM-SHA-256"), "{log}");
}

#[test]
fn curl_hands_in_and_checks_the_certificate() {
    let server = Server::start();
    let file = server.scratch().join("message.eml");
    std::fs::write(&file, MESSAGE).unwrap();
    for (scheme, port, how) in
        [("smtp", server.submission(), "--ssl-reqd"), ("smtps", server.submissions(), "--silent")]
    {
        for mechanism in ["PLAIN", "LOGIN"] {
            run(Command::new("curl")
                .args(["--silent", "--show-error", how])
                .args(["--resolve", &format!("mail.lab.test:{port}:127.0.0.1"), "--cacert"])
                .arg(server.authority())
                .args(["--user", &format!("ana@lab.test:{PASSWORD}")])
                .args(["--login-options", &format!("AUTH={mechanism}")])
                .args(["--mail-from", "ana@lab.test", "--mail-rcpt", "luis@lab.test", "--upload-file"])
                .arg(&file)
                .arg(format!("{scheme}://mail.lab.test:{port}/here.test")))
            .ok();
        }
    }
    let files = server.inbox_files("luis");
    assert_eq!(files.len(), 4);
    for file in files {
        assert!(std::fs::read_to_string(file).unwrap().ends_with(MESSAGE));
    }
}

#[test]
fn a_scram_client_and_the_server_prove_themselves() {
    let server = Server::start();
    server.python(include_str!("submission/scram.py")).ok();
    assert_eq!(server.inbox_files("luis").len(), 1);
}

#[test]
fn refusals_say_why() {
    let server = Server::start();
    // A stranger, although it is this computer.
    server.postigo(["config", "set", "mynetworks", ""]).ok();
    server.python(include_str!("submission/refusals.py")).ok();
    assert_eq!(server.inbox_files("luis").len(), 1, "only what was sent last");
}

#[test]
fn eight_bits_and_a_hundred_recipients_arrive() {
    let people: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
    let mut users = vec!["ana", "luis"];
    users.extend(people.iter().map(String::as_str));
    let server = Server::start_with(&Setup { users: &users, ..Setup::default() });
    server.python(include_str!("submission/content.py")).ok();
    let files = server.inbox_files("luis");
    let eight: Vec<u8> = (1..=255).filter(|octet| !matches!(octet, 10 | 13)).collect();
    let expected = [b"Subject: ocho\r\n\r\n.punto\r\n..\r\n", eight.as_slice(), b"\r\n"].concat();
    assert!(std::fs::read(&files[0]).unwrap().ends_with(&expected));
    let mut texts = BTreeSet::new();
    for person in &people {
        let files = server.inbox_files(person);
        assert_eq!(files.len(), 1, "{person}");
        texts.insert(std::fs::read_to_string(&files[0]).unwrap());
    }
    assert!(texts.iter().all(|text| text.ends_with("Subject: a todos\r\n\r\nx\r\n")));
}

#[test]
fn smuggling_and_injection_fail() {
    let server = Server::start();
    server.python(include_str!("submission/raw.py")).ok();
    let files = server.inbox_files("luis");
    assert_eq!(files.len(), 1);
    assert!(std::fs::read_to_string(&files[0]).unwrap().contains("\r\nMAIL FROM:<admin@lab.test>\r\n"));
}
