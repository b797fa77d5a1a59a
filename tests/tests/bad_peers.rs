//! Servers that hang, hang up, refuse, or say nonsense: nothing is lost, the queue says what happened, and when they are well
//! again the mail goes there, once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use postigo_tests::peer::{Fault, Peer, Stage};
use postigo_tests::sink::Sink;
use postigo_tests::{Server, until};

/// Too large for the buffers of two sockets, so that a peer that does not read is noticed.
const LARGE: usize = 16 << 20;

/// A server whose mail for each of these domains goes to its peer, and that waits a second for each reply.
fn impatient(ways: &[(String, String)]) -> Server {
    let server = Server::start();
    for setting in ["helo", "starttls", "mail", "rcpt", "data_init", "data_xfer", "data_done"] {
        server.set(&format!("smtp_{setting}_timeout"), "1s");
    }
    let ways: Vec<_> = ways.iter().map(|(domain, next_hop)| format!("{domain}=smtp:{next_hop}")).collect();
    server.set("transport_maps", &ways.join(", "));
    server
}

fn send(server: &Server, domain: &str, octets: usize) {
    let filler = "relleno relleno relleno relleno relleno relleno relleno relleno\n".repeat(octets / 64);
    server.sendmail("ana@lab.test", &format!("eva@{domain}"), &format!("Subject: {domain}\n\n{filler}fin\n"));
}

#[test]
fn a_peer_that_hangs_or_hangs_up_at_any_stage_gets_the_mail_once_it_is_well() {
    let stages = [
        (Stage::Greeting, "receiving the initial server greeting"),
        (Stage::Hello, "performing the EHLO handshake"),
        (Stage::Mail, "sending MAIL FROM"),
        (Stage::Rcpt, "sending RCPT TO"),
        (Stage::Data, "receiving the DATA reply"),
        (Stage::Content, "sending message body"),
        (Stage::EndOfContent, "sending end of data -- message may be sent more than once"),
    ];
    let faults = [
        (Fault::Hang, "timed out", "timedOut"),
        (Fault::Reset, "lost connection", "connectionLost"),
        (Fault::Close, "lost connection", "connectionLost"),
    ];
    let mut cases = Vec::new();
    for (at, stage) in stages {
        for (fault, what, kind) in &faults {
            let peer = Peer::start(&["PIPELINING"]);
            peer.break_at(at, fault.clone());
            let domain = format!("{at:?}-{fault:?}.test").to_lowercase();
            cases.push((domain, peer, at, stage, *what, *kind));
        }
    }
    let ways: Vec<_> = cases.iter().map(|case| (case.0.clone(), case.1.next_hop())).collect();
    let server = impatient(&ways);
    for (domain, _, at, ..) in &cases {
        send(&server, domain, if *at == Stage::Content { LARGE } else { 1_000 });
    }
    for (domain, _, at, stage, what, kind) in &cases {
        let row = server.wait_for_deferred(&format!("eva@{domain}"), 1);
        let text = row["why"]["text"].as_str().unwrap().to_owned();
        // A reset that comes fast enough is none of a connection, but of the attempt to make one.
        if *at == Stage::Greeting && text.starts_with("connect to ") {
            assert!(text.ends_with("Connection reset by peer"), "{domain}: {text}");
            continue;
        }
        assert!(text.contains(what) && text.contains(stage), "{domain}: {text}");
        assert_eq!(row["why"]["kind"], *kind, "{domain}: {row}");
        server.wait_for_log(&[&format!("to=<eva@{domain}>"), "status=deferred (", what, stage]);
    }
    for (_, peer, ..) in &cases {
        assert!(peer.messages().is_empty());
        peer.heal();
    }
    server.postigo(["queue", "flush"]).ok();
    server.wait_for_empty_queue();
    for (domain, peer, ..) in &cases {
        let messages = peer.messages();
        assert_eq!(messages.len(), 1, "{domain}");
        let text = String::from_utf8_lossy(&messages[0]).into_owned();
        assert!(
            text.contains(&format!("Subject: {domain}\r\n")) && text.ends_with("\r\nfin\r\n.\r\n"),
            "{domain}"
        );
    }
    assert!(server.inbox_files("ana").is_empty(), "no report: nothing is late yet");
}

#[test]
fn smtp_sink_refuses_or_leaves_at_every_command() {
    let commands = ["CONNECT", "EHLO,HELO", "MAIL", "RCPT", "DATA", "."];
    // Option, what becomes of the mail, what the sink says.
    let options = [
        ("-f", "bounced", "500 5.3.0"),
        ("-r", "deferred", "450 4.3.0"),
        ("-Q", "deferred", "421"),
        ("-q", "deferred", "lost connection with"),
    ];
    let mut cases = Vec::new();
    for (option, status, words) in options {
        for (number, command) in commands.iter().enumerate() {
            let sink = Sink::start(&[option, command, "-h", "sink.test"]);
            let domain = format!("caso{}{number}.test", option.trim_start_matches('-').replace('Q', "k"));
            // As Postfix: a host that greets with 5yz may be one of several, or be misconfigured for the moment.
            let status = if *command == "CONNECT" { "deferred" } else { status };
            cases.push((domain, sink, status, words, *command));
        }
    }
    let ways: Vec<_> = cases.iter().map(|case| (case.0.clone(), case.1.next_hop())).collect();
    let server = impatient(&ways);
    for (domain, ..) in &cases {
        send(&server, domain, 1_000);
    }
    for (domain, _, status, words, command) in &cases {
        let line = server.wait_for_log(&[&format!("to=<eva@{domain}>"), "status="]);
        assert!(line.contains(&format!("status={status} (")) && line.contains(words), "{command}: {line}");
    }
    let bounced = cases.iter().filter(|case| case.2 == "bounced").count();
    assert_eq!(server.wait_for("ana", bounced).len(), 5);
    // Well again, at the same ports.
    let ports: Vec<_> = cases.iter().filter(|case| case.2 == "deferred").map(|case| case.1.port()).collect();
    drop(cases);
    let _sinks: Vec<_> = ports.iter().map(|&port| Sink::start_at(port, &[])).collect();
    until("the rest to be taken", || {
        server.postigo(["queue", "flush"]).ok();
        let rows = server.json(&["queue", "list"])["rows"].as_array().unwrap().len();
        if rows == 0 { Ok(()) } else { Err(rows.to_string()) }
    });
    let sent = server.log().matches("status=sent (250 2.0.0 Ok)").count();
    assert_eq!(sent, ports.len());
}
