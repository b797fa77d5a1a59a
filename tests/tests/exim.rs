//! A second opinion: Exim finds Postigo by MX and takes its mail, and says what it thinks of both.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use postigo_tests::{Exim, EximSetup, Server, Setup, loopback};

fn both() -> (Server, Exim) {
    let (ours, theirs) = (loopback::address(), loopback::address());
    let postigo = Server::start_with(&Setup { address: Some(ours), ..Setup::default() });
    postigo.serve_names(&[
        ("lab.test", "@", "MX", "10 mail"),
        ("lab.test", "mail", "A", &ours.to_string()),
        ("tres.test", "@", "MX", "10 mail"),
        ("tres.test", "mail", "A", &theirs.to_string()),
    ]);
    postigo.set("smtp_bind_address", &ours.to_string());
    let exim = Exim::start(&EximSetup {
        domain: "tres.test",
        users: &["marta", "pepe"],
        name_server: ours.into(),
        address: Some(theirs),
    });
    (postigo, exim)
}

#[test]
fn mail_goes_to_exim_and_what_it_refuses_comes_back() {
    let (postigo, exim) = both();
    let message = "Subject: Hola\nMessage-ID: <1@lab.test>\n\n.\n..\nfin ñ\n";
    postigo.sendmail("ana@lab.test", "marta@tres.test", message);
    let arrived = exim.wait_for("marta", 1).remove(0);
    assert!(arrived.ends_with("\n\n.\n..\nfin ñ\n"), "{arrived}");
    assert!(
        arrived.contains("Received: from [") || arrived.contains("Received: from mail.lab.test"),
        "{arrived}"
    );
    postigo.wait_for_log(&["to=<marta@tres.test>", "relay=mail.tres.test[", "status=sent (250 OK id="]);
    postigo.sendmail("ana@lab.test", "nadie@tres.test", message);
    let report = postigo.wait_for("ana", 1).remove(0);
    assert!(report.contains("Action: failed") && report.contains("Unrouteable address"), "{report}");
    assert!(exim.log().contains("<= ana@lab.test"), "{}", exim.log());
}

#[test]
fn mail_comes_from_exim_and_what_we_refuse_goes_back() {
    let (postigo, exim) = both();
    let message = "Subject: Hola\nMessage-ID: <2@tres.test>\n\n.\nDesde Exim\n";
    exim.sendmail("marta@tres.test", "luis@lab.test", message);
    let arrived = postigo.wait_for("luis", 1).remove(0);
    assert!(arrived.ends_with("\r\n\r\n.\r\nDesde Exim\r\n"), "{arrived}");
    assert!(arrived.starts_with("Return-Path: <marta@tres.test>"), "{arrived}");
    exim.sendmail("pepe@tres.test", "nadie@lab.test", message);
    let report = exim.wait_for("pepe", 1).remove(0);
    assert!(report.contains("550 5.1.1 <nadie@lab.test>"), "{report}");
}
