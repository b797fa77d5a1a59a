//! What name servers answer, and what the queue, the log and the journey say of it: each failure in words of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use postigo_tests::{Server, Setup, loopback, names};

#[test]
fn each_failure_has_words_of_its_own() {
    let server = Server::start();
    server.set("resolver", &names::failing().to_string());
    let send =
        |label: &str| server.sendmail("ana@lab.test", &format!("eva@{label}.test"), "Subject: a\n\nb\n");
    // What becomes of it, what the log says, what the journey says of the question.
    let cases = [
        ("nadie", "bounced", "name=nadie.test: Host not found", "noDomain"),
        ("nada", "bounced", "name=nada.test: Host found but no data record of requested type", "noData"),
        ("falla", "deferred", "the name server failed (SERVFAIL), try again", "serverFailure"),
        ("calla", "deferred", "the name servers did not answer in time, try again", "timedOut"),
        ("corta", "deferred", "the answer was cut and could not be had over TCP, try again", "truncated"),
        ("ajeno", "deferred", "the name server refused, try again", "refused"),
    ];
    for (label, ..) in cases {
        send(label);
    }
    for (label, status, words, outcome) in cases {
        let recipient = format!("eva@{label}.test");
        let line = server.wait_for_log(&[&format!("to=<{recipient}>"), "status="]);
        assert!(line.contains(&format!("status={status} (")) && line.contains(words), "{line}");
        if status == "deferred" {
            let row = server.wait_for_deferred(&recipient, 1);
            assert!(row["why"]["text"].as_str().unwrap().contains(words), "{row}");
            assert_eq!(row["why"]["kind"], "nameUnresolved", "{row}");
        }
        let queue_id = line.split(": ").nth(1).unwrap();
        let journey = server.json(&["journey", queue_id]).to_string();
        assert!(journey.contains(&format!("\"{outcome}\"")), "{label}: {journey}");
    }
    let reports = server.wait_for("ana", 2).concat();
    assert!(reports.contains("nadie.test") && reports.contains("nada.test"), "{reports}");
}

#[test]
fn a_second_name_server_answers_when_the_first_is_silent() {
    // Two servers, each with its zones; the mail of one goes where the other's name server says.
    let there = Server::start_with(&Setup {
        domain: "otro.test",
        users: &["eva"],
        address: Some(loopback::address()),
    });
    let address = there.address().to_string();
    there.serve_names(&[("otro.test", "@", "MX", "10 mail"), ("otro.test", "mail", "A", &address)]);
    let here = Server::start();
    here.set("resolver", &format!("127.0.0.1:9, {address}:53"));
    here.sendmail("ana@lab.test", "eva@otro.test", "Subject: a\n\nb\n");
    there.wait_for("eva", 1);
    let line = here.wait_for_log(&["to=<eva@otro.test>", "status=sent"]);
    let journey = here.json(&["journey", line.split(": ").nth(1).unwrap()]).to_string();
    assert!(journey.contains(&format!("{address}:53")), "{journey}");
}

#[test]
fn a_null_mx_and_a_host_that_is_ourselves_are_explained() {
    let server = Server::start_with(&Setup { address: Some(loopback::address()), ..Setup::default() });
    let address = server.address().to_string();
    server.serve_names(&[
        ("nunca.test", "@", "MX", "0 ."),
        ("circulo.test", "@", "MX", "10 mail"),
        ("circulo.test", "mail", "A", &address),
    ]);
    for domain in ["nunca", "circulo"] {
        server.sendmail("ana@lab.test", &format!("eva@{domain}.test"), "Subject: a\n\nb\n");
    }
    server.wait_for_log(&[
        "to=<eva@nunca.test>",
        "dsn=5.1.10, status=bounced (Domain nunca.test does not accept mail (nullMX))",
    ]);
    server.wait_for_log(&[
        "to=<eva@circulo.test>",
        "dsn=5.4.6, status=bounced (mail for circulo.test loops back to myself)",
    ]);
    server.wait_for("ana", 2);
}
