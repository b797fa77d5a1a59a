//! Case 3 in the classroom, both ways: an edge takes mail from outside and passes it on to the server inside that has the
//! mailboxes. And case 5: whoever logs in may send to the internet from anywhere.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::net::Ipv4Addr;
use std::process::Command;

use postigo_tests::server::PASSWORD;
use postigo_tests::{Output, PostfixSetup, loopback, postigo_and_postfix, run};

/// Somebody from outside writes from this address.
fn swaks(from: Ipv4Addr, server: Ipv4Addr, arguments: &[&str]) -> Output {
    run(Command::new("swaks")
        .args(["--server", &server.to_string(), "--local-interface", &from.to_string()])
        .args(["--helo", "fuera.test"])
        .args(arguments))
}

#[test]
fn postfix_at_the_edge_finds_postigo_inside_by_its_internal_mx() {
    let (inner, edge) =
        postigo_and_postfix(&PostfixSetup { main_cf: "relay_domains = lab.test", ..PostfixSetup::default() });
    let outside = loopback::address();
    let from_outside = |to: &str| swaks(outside, edge.address(), &["--from", "juan@fuera.test", "--to", to]);
    from_outside("luis@lab.test").ok();
    let message = inner.wait_for("luis", 1).remove(0);
    assert!(
        message.contains("by mail.lab.test (Postigo)") && message.contains("by mail.otro.test (Postfix)"),
        "{message}"
    );
    assert!(message.starts_with("Return-Path: <juan@fuera.test>"), "{message}");
    // What is neither its own nor relayed is refused.
    assert!(from_outside("nadie@tres.test").out.contains("4.7.1 <nadie@tres.test>: Relay access denied"));

    // With call-ahead, the edge asks us who exists, and refuses at RCPT whom we do not know.
    edge.set("smtpd_recipient_restrictions = reject_unauth_destination, reject_unverified_recipient");
    edge.set("unverified_recipient_reject_code = 550");
    let refused = from_outside("nadie@lab.test").out;
    assert!(refused.contains("550 5.1.1 <nadie@lab.test>"), "{refused}");
    from_outside("ana@lab.test").ok();
    inner.wait_for("ana", 1);

    // Out again through the edge, which trusts the server inside.
    inner.set("relayhost", &format!("[{}]", edge.address()));
    edge.set(&format!("mynetworks = {}", inner.address()));
    inner.sendmail("ana@lab.test", "eva@otro.test", "Subject: Hola\n\nDesde dentro\n");
    edge.wait_for("eva", 1);
}

#[test]
fn the_edge_keeps_mail_while_the_server_inside_is_away() {
    let (mut inner, edge) = postigo_and_postfix(&PostfixSetup {
        main_cf: "relay_domains = lab.test\nminimal_backoff_time = 1s\nqueue_run_delay = 1s\n",
        ..PostfixSetup::default()
    });
    edge.set(&format!("transport_maps = inline:{{ lab.test=smtp:[{}] }}", inner.address()));
    assert!(inner.stop());
    swaks(loopback::address(), edge.address(), &["--from", "juan@fuera.test", "--to", "luis@lab.test"]).ok();
    edge.wait_for_log(&["to=<luis@lab.test>", "status=deferred", "Connection refused"]);
    inner.serve();
    edge.flush();
    inner.wait_for("luis", 1);
}

#[test]
fn postigo_at_the_edge_passes_on_to_postfix_inside() {
    let (edge, inner) = postigo_and_postfix(&PostfixSetup::default());
    let outside = loopback::address();
    let from_outside = |to: &str| swaks(outside, edge.address(), &["--from", "juan@fuera.test", "--to", to]);
    // Nobody is relayed to before it is said so.
    assert!(from_outside("eva@otro.test").out.contains("554 5.7.1"));
    edge.set("relay_domains", "otro.test");

    // By the internal MX of the name server that it asks.
    from_outside("eva@otro.test").ok();
    let message = inner.wait_for("eva", 1).remove(0);
    assert!(message.contains("by mail.lab.test (Postigo)"), "{message}");
    edge.wait_for_log(&["to=<eva@otro.test>", "relay=mail.otro.test[", "status=sent"]);

    // By transport, and only to those on the list.
    edge.set("transport_maps", &format!("otro.test=smtp:[{}]:25", inner.address()));
    edge.set("relay_recipient_maps", "max@otro.test, eva@otro.test");
    from_outside("max@otro.test").ok();
    inner.wait_for("max", 1);
    let refused = from_outside("nadie@otro.test").out;
    assert!(refused.contains("<** 550 5.1.1 <nadie@otro.test>"), "{refused}");

    // Without a list, whom the inner server does not know comes back to the sender, and to nobody if there is none.
    edge.set("relay_recipient_maps", "");
    swaks(outside, edge.address(), &["--from", "ana@lab.test", "--to", "nadie@otro.test"]).ok();
    let report = edge.wait_for("ana", 1).remove(0);
    assert!(report.contains("Status: 5.1.1"), "{report}");
    swaks(outside, edge.address(), &["--from", "<>", "--to", "nadie@otro.test"]).ok();
    edge.wait_for_empty_queue();
    assert_eq!((inner.count("eva"), inner.count("max"), edge.inbox_files("ana").len()), (1, 1, 1));
}

#[test]
fn postigo_at_the_edge_asks_postfix_inside_who_exists() {
    let (edge, inner) = postigo_and_postfix(&PostfixSetup::default());
    let outside = loopback::address();
    let from_outside =
        |to: &str| swaks(outside, edge.address(), &["--from", "juan@fuera.test", "--to", to]).out;
    edge.set("relay_domains", "otro.test");
    edge.set("transport_maps", &format!("otro.test=smtp:[{}]:25", inner.address()));
    let ask = "permit_mynetworks, permit_sasl_authenticated, reject_unverified_recipient";
    edge.set("smtpd_recipient_restrictions", ask);
    let refused = from_outside("nadie@otro.test");
    assert!(
        refused.contains("<** 550 5.1.1 <nadie@otro.test>")
            || refused.contains("<** 450 4.1.1 <nadie@otro.test>"),
        "{refused}"
    );
    let taken = from_outside("eva@otro.test");
    assert!(taken.contains("queued as"), "{taken}");
    inner.wait_for("eva", 1);
    inner.wait_for_log(&["NOQUEUE: reject: RCPT", "<nadie@otro.test>", "User unknown"]);
    // Nobody can be asked for: not now, says the edge, and the sender tries again.
    inner.stop();
    let unknown = from_outside("max@otro.test");
    assert!(unknown.contains("<** 45"), "{unknown}");
}

#[test]
fn whoever_logs_in_sends_to_the_internet_from_anywhere() {
    let (postigo, postfix) =
        postigo_and_postfix(&PostfixSetup { submission: true, ..PostfixSetup::default() });
    let cafe = loopback::address();
    let login = |user: &str, how: &'static [&'static str]| {
        let mut arguments =
            vec!["--auth-user".to_owned(), user.to_owned(), "--auth-password".into(), PASSWORD.into()];
        arguments.extend(how.iter().map(|word| (*word).to_owned()));
        arguments
    };
    let starttls: &[&str] = &["--port", "587", "--tls", "--auth", "PLAIN"];
    let implicit: &[&str] = &["--port", "465", "--tls-on-connect", "--auth", "LOGIN"];
    for how in [starttls, implicit] {
        let mut arguments = login("ana@lab.test", how);
        arguments.extend(["--from", "ana@lab.test", "--to", "eva@otro.test"].map(ToOwned::to_owned));
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        swaks(cafe, postigo.address(), &arguments).ok();
        let mut arguments = login("eva", how);
        arguments.extend(["--from", "eva@otro.test", "--to", "luis@lab.test"].map(ToOwned::to_owned));
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        swaks(cafe, postfix.address(), &arguments).ok();
    }
    postfix.wait_for("eva", 2);
    postigo.wait_for("luis", 2);
    // Without logging in there is no submission, and no relay.
    let envelope = ["--from", "ana@lab.test", "--to", "eva@otro.test"];
    let said = swaks(cafe, postigo.address(), &[&["--port", "587", "--tls"], &envelope[..]].concat()).out;
    assert!(said.contains("530 5.7.0"), "{said}");
    assert!(swaks(cafe, postigo.address(), &envelope).out.contains("554 5.7.1"));

    // An open relay: anybody sends anywhere, and only until it is closed again.
    let open = ["config", "set", "mynetworks", "0.0.0.0/0", "--confirm-open-relay", "mail.lab.test"];
    postigo.postigo(open).ok();
    swaks(cafe, postigo.address(), &envelope).ok();
    postfix.wait_for("eva", 3);
    postigo.set("mynetworks", "127.0.0.1");
    assert!(swaks(cafe, postigo.address(), &envelope).out.contains("554 5.7.1"));
}
