//! Case 2 in the classroom: all mail for others goes through a real Postfix that wants TLS and a password.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use postigo_tests::server::PASSWORD;
use postigo_tests::{Output, Postfix, PostfixSetup, Server, Setup, loopback};

/// The relay host of the school. It takes submission, and knows where tres.test is.
fn relay_host(main_cf: &str) -> Postfix {
    Postfix::start(&PostfixSetup { submission: true, main_cf, ..PostfixSetup::default() })
}

fn password(server: &Server, typed: &str) {
    server.postigo_with_input(["relay", "password", "--password-stdin"], typed.as_bytes()).ok();
}

fn test(server: &Server, relay_host: &str) -> Output {
    server.postigo(["relay", "test", relay_host, "--user", "eva"])
}

const MESSAGE: &str = "Subject: Hola\nMessage-ID: <1@lab.test>\n\nA través del relay\n";

#[test]
fn mail_goes_on_to_the_internet_with_tls_and_password() {
    // A third server is what lies behind the relay host.
    let beyond = Server::start_with(&Setup {
        domain: "tres.test",
        users: &["marta"],
        address: Some(loopback::address()),
    });
    let relay =
        relay_host(&format!("transport_maps = inline:{{ tres.test=smtp:[{}]:25 }}", beyond.address()));
    let postigo = Server::start();
    for port in [587, 465] {
        postigo.set("relayhost", &format!("[{}]:{port}", relay.address()));
        postigo.set("smtp_tls_security_level", "encrypt");
        postigo.set("relayhost_user", "eva");
        password(&postigo, PASSWORD);
        let tested = test(&postigo, &format!("[{}]:{port}", relay.address())).ok().out;
        assert!(tested.contains("It works: ") && tested.contains("TLS"), "{tested}");
        assert!(!tested.contains(PASSWORD), "{tested}");
        postigo.sendmail("ana@lab.test", "marta@tres.test", MESSAGE);
        postigo.wait_for_log(&[
            "to=<marta@tres.test>",
            &format!("[{}]:{port}", relay.address()),
            "status=sent (250 2.0.0",
        ]);
    }
    for message in beyond.wait_for("marta", 2) {
        // Each of the three says how it got the message.
        let (first, rest) = message.split_once("by mail.otro.test (Postfix)").unwrap();
        assert!(first.contains("by mail.tres.test (Postigo)"), "{message}");
        assert!(rest.contains("by mail.lab.test (Postigo)"), "{message}");
        assert!(message.ends_with("A través del relay\r\n"), "{message}");
    }
    relay.wait_for_log(&["sasl_method=PLAIN", "sasl_username=eva"]);
    relay.wait_for_log(&["TLS connection established from", "TLSv1.3"]);
    postigo.wait_for_empty_queue();
    let log = postigo.log() + &relay.log();
    assert!(!log.contains(PASSWORD));
}

#[test]
fn a_wrong_password_keeps_the_mail_until_it_is_right() {
    let (relay, postigo) = (relay_host(""), Server::start());
    postigo.set("relayhost", &format!("[{}]:587", relay.address()));
    postigo.set("smtp_tls_security_level", "encrypt");
    postigo.set("relayhost_user", "eva");
    password(&postigo, "otra-clave-muy-larga");
    let tested = test(&postigo, &format!("[{}]:587", relay.address()));
    assert_eq!(tested.code, Some(3), "{}{}", tested.out, tested.err);
    assert!(tested.out.contains("535 5.7.8"), "{}", tested.out);

    postigo.sendmail("ana@lab.test", "max@otro.test", MESSAGE);
    let row = postigo.wait_for_deferred("max@otro.test", 1);
    assert_eq!(row["why"]["kind"], "loginRefused", "{row}");
    assert!(row["why"]["text"].as_str().unwrap().contains("535"), "{row}");
    postigo.wait_for_log(&[
        "to=<max@otro.test>",
        "status=deferred (SASL authentication failed; server ",
        "535 5.7.8",
    ]);
    assert_eq!(relay.count("max"), 0);

    password(&postigo, PASSWORD);
    postigo.postigo(["queue", "flush"]).ok();
    relay.wait_for("max", 1);
    postigo.wait_for_empty_queue();
}

#[test]
fn without_a_password_the_relay_host_refuses_and_the_sender_hears_why() {
    let (relay, postigo) = (relay_host(""), Server::start());
    postigo.set("relayhost", &format!("[{}]:587", relay.address()));
    postigo.sendmail("ana@lab.test", "max@otro.test", MESSAGE);
    let report = postigo.wait_for("ana", 1).remove(0);
    assert!(report.contains("Status: 5.7.1") && report.contains("Access denied"), "{report}");
    assert_eq!(relay.count("max"), 0);
}

#[test]
fn encrypt_keeps_mail_back_from_a_host_without_tls_and_may_does_not() {
    let relay = Postfix::start(&PostfixSetup::default());
    let postigo = Server::start();
    postigo.set("relayhost", &format!("[{}]", relay.address()));
    postigo.set("smtp_tls_security_level", "encrypt");
    postigo.sendmail("ana@lab.test", "max@otro.test", MESSAGE);
    let row = postigo.wait_for_deferred("max@otro.test", 1);
    assert_eq!(row["why"]["kind"], "tlsFailed", "{row}");
    postigo.wait_for_log(&["dsn=4.7.4", "TLS is required, but was not offered by host"]);
    assert_eq!(relay.count("max"), 0);
    postigo.set("smtp_tls_security_level", "may");
    postigo.postigo(["queue", "flush"]).ok();
    let message = relay.wait_for("max", 1).remove(0);
    assert!(!message.contains("TLSv1"), "{message}");
}

#[test]
fn may_encrypts_without_trusting_and_none_does_not_encrypt() {
    // The relay host's certificate is signed by itself.
    let relay = Postfix::start(&PostfixSetup {
        submission: true,
        main_cf: "smtpd_tls_received_header = yes",
        ..PostfixSetup::default()
    });
    let postigo = Server::start();
    postigo.set("relayhost", &format!("[{}]", relay.address()));
    for (level, encrypted) in [("may", true), ("encrypt", true), ("none", false)] {
        postigo.set("smtp_tls_security_level", level);
        postigo.sendmail("ana@lab.test", "max@otro.test", MESSAGE);
        let message = relay.wait_for("max", 1).remove(0);
        assert_eq!(message.contains("using TLSv1.3 with cipher"), encrypted, "{level}: {message}");
        std::fs::remove_dir_all(relay.path("mail/max")).unwrap();
    }
}
