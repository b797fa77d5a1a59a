//! Case 2 and 3 on the internet: Postigo and a real Postfix find each other by MX, each sends and each receives.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::process::Command;

use postigo_tests::{PostfixSetup, postigo_and_postfix, run};

const FROM_ANA: &str = "From: Ana <ana@lab.test>\nTo: eva@otro.test\nSubject: Hola, Eva\nMessage-ID: <1@lab.test>\n\nQue tal\n.\n..\nfin\n";

#[test]
fn ana_writes_to_eva_and_the_journey_tells_every_step() {
    let (postigo, postfix) = postigo_and_postfix(&PostfixSetup::default());
    postigo.sendmail("ana@lab.test", "eva@otro.test", FROM_ANA);
    let messages = postfix.wait_for("eva", 1);
    let message = &messages[0];
    assert!(
        message.contains("Return-Path: <ana@lab.test>") && message.ends_with("Que tal\n.\n..\nfin\n"),
        "{message}"
    );
    assert!(message.contains("Received: from mail.lab.test"), "{message}");
    postigo.wait_for_empty_queue();

    let line = postigo.wait_for_log(&["to=<eva@otro.test>", "status=sent"]);
    let relay = format!("relay=mail.otro.test[{}]:25", postfix.address());
    assert!(line.contains(&relay) && line.contains("dsn=2.0.0") && line.contains("queued as "), "{line}");
    let queue_id = line.split(": ").nth(1).unwrap().to_owned();
    let journey = postigo.json(&["journey", &queue_id]);
    let kinds: Vec<_> =
        journey["steps"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"resolved") && kinds.contains(&"sent"), "{kinds:?}");
    let session = journey["sessions"].as_array().unwrap().last().unwrap().to_string();
    assert!(session.contains("mail.otro.test"), "{session}");
    // Postfix tells the same story about the same message.
    let theirs = line.split("queued as ").nth(1).unwrap().trim_end_matches(')').to_owned();
    postfix.wait_for_log(&[&theirs, "message-id=<1@lab.test>"]);
    postfix.wait_for_log(&[&theirs, "status=sent (delivered to maildir)"]);
}

#[test]
fn what_postfix_refuses_comes_back_to_ana_in_its_words() {
    let (postigo, postfix) = postigo_and_postfix(&PostfixSetup {
        main_cf: "message_size_limit = 40000",
        ..PostfixSetup::default()
    });
    postigo.sendmail("ana@lab.test", "nadie@otro.test", FROM_ANA);
    let report = postigo.wait_for("ana", 1).remove(0);
    for part in [
        "Return-Path: <>",
        "multipart/report",
        "Action: failed",
        "Status: 5.1.1",
        "User unknown in virtual mailbox table",
    ] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let large = format!("Subject: grande\n\n{}", "relleno relleno relleno\n".repeat(4_000));
    postigo.sendmail("luis@lab.test", "eva@otro.test", &large);
    let report = postigo.wait_for("luis", 1).remove(0);
    assert!(
        report.contains("size") && report.contains("40000") && report.contains("Status: 5.3.4"),
        "{report}"
    );
    assert_eq!(postfix.count("eva"), 0);
    postigo.wait_for_empty_queue();
}

#[test]
fn eva_writes_to_luis_and_postfix_brings_it() {
    let (postigo, postfix) = postigo_and_postfix(&PostfixSetup::default());
    postfix.sendmail(
        "eva@otro.test",
        "luis@lab.test",
        "Subject: Hola, Luis\nMessage-ID: <2@otro.test>\n\n.\nDesde Postfix\n",
    );
    let message = postigo.wait_for("luis", 1).remove(0);
    assert!(
        message.starts_with("Return-Path: <eva@otro.test>\r\n")
            && message.ends_with("\r\n\r\n.\r\nDesde Postfix\r\n"),
        "{message}"
    );

    let line = postfix.wait_for_log(&["to=<luis@lab.test>", "status=sent (250 2.0.0 Ok: queued as "]);
    let queue_id = line.split("queued as ").nth(1).unwrap().trim_end_matches(')').to_owned();
    let journey = postigo.json(&["journey", &queue_id]);
    assert_eq!(journey["outcome"], "delivered", "{journey}");
    postigo.wait_for_log(&[&queue_id, "message-id=<2@otro.test>"]);
    postigo.wait_for_log(&[&queue_id, "from=<eva@otro.test>"]);
}

#[test]
fn what_postigo_refuses_goes_back_to_eva_and_never_into_a_mailbox() {
    let (postigo, postfix) = postigo_and_postfix(&PostfixSetup {
        // Postfix would take and send what is far too large for us, and for others whatever it is told.
        main_cf: "message_size_limit = 0\nmailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n",
        ..PostfixSetup::default()
    });
    postigo.set("message_size_limit", "100000");
    postfix.sendmail("eva@otro.test", "nadie@lab.test", "Subject: a\n\nb\n");
    let report = postfix.wait_for("eva", 1).remove(0);
    assert!(report.contains("550 5.1.1 <nadie@lab.test>"), "{report}");
    let large = format!("Subject: grande\n\n{}", "relleno relleno relleno\n".repeat(10_000));
    postfix.sendmail("max@otro.test", "luis@lab.test", &large);
    let report = postfix.wait_for("max", 1).remove(0);
    assert!(report.contains("size limit 100000"), "{report}");
    for user in ["ana", "luis"] {
        assert!(postigo.inbox_files(user).is_empty());
    }
}

#[test]
fn a_forger_relays_nothing_whatever_sender_it_writes() {
    let (postigo, postfix) = postigo_and_postfix(&PostfixSetup::default());
    // Somebody on Postfix's host says to be ana, and sends to the outside through us.
    for (from, to) in [
        ("ana@lab.test", "victima@gran-correo.test"),
        ("", "victima@gran-correo.test"),
        ("eva@otro.test", "eva@otro.test"),
    ] {
        let said = run(Command::new("swaks")
            .args([
                "--server",
                &postigo.address().to_string(),
                "--local-interface",
                &postfix.address().to_string(),
            ])
            .args(["--from", if from.is_empty() { "<>" } else { from }, "--to", to]));
        assert!(said.out.contains("<** 554 5.7.1"), "{from} to {to}: {}", said.out);
    }
    assert_eq!(postigo.json(&["queue", "list"])["rows"], serde_json::json!([]));
    // To our own people it may write under any name: SPF and DMARC are there to judge that.
    let log = postigo.log();
    assert_eq!(log.matches("Relay access denied").count(), 3, "{log}");
}

/// What a log says of the message with this Message-ID: for each line the program and the names of its fields.
fn story(log: &str, message_id: &str) -> Vec<String> {
    let line = log.lines().find(|line| line.contains(&format!("message-id={message_id}"))).unwrap();
    let queue_id =
        line.rsplit_once(": message-id=").and_then(|(before, _)| before.rsplit_once(' ')).unwrap().1;
    let of_message = log.lines().filter_map(|line| line.split_once(&format!(": {queue_id}: ")));
    of_message
        .map(|(before, told)| {
            let program = before.rsplit_once('/').unwrap().1.split('[').next().unwrap();
            let fields = told.split(", ").map(|field| field.split('=').next().unwrap());
            let status = told.split_once("status=").map_or("", |(_, status)| status);
            format!("{program}: {} {status}", fields.collect::<Vec<_>>().join(","))
        })
        .collect()
}

#[test]
fn a_local_message_leaves_the_same_log_as_in_postfix() {
    let (postigo, postfix) = postigo_and_postfix(&PostfixSetup::default());
    for (server, to) in [(postigo.address(), "luis@lab.test"), (postfix.address(), "eva@otro.test")] {
        run(Command::new("swaks")
            .args(["--server", &server.to_string(), "--from", "juan@fuera.test", "--to", to])
            .args(["--header", "Message-Id: <caso1@fuera.test>"]))
        .ok();
    }
    postfix.wait_for_log(&["removed"]);
    postigo.wait_for_log(&["removed"]);
    let ours = story(&postigo.log(), "<caso1@fuera.test>");
    assert_eq!(ours, story(&postfix.log(), "<caso1@fuera.test>"));
    assert!(ours.len() >= 4, "{ours:?}");
}
