//! The command line of mail flow: settings, routes, queue, aliases, forwards, zones, relay host.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use postigo_tests::server::{PASSWORD, Setup, postigo};
use postigo_tests::{Server, run};

/// The same must hold when a server runs, and when the command opens the folder itself.
fn running_and_stopped(check: impl Fn(&Server)) {
    check(&Server::start());
    check(&Server::set_up(&Setup::default()));
}

/// A command that is to fail with this exit code; what it said.
#[track_caller]
fn refused(server: &Server, arguments: &[&str], code: i32) -> String {
    let output = server.postigo(arguments);
    assert_eq!(output.code, Some(code), "{arguments:?}\n{}\n{}", output.out, output.err);
    output.out + &output.err
}

/// What a command printed.
#[track_caller]
fn said(server: &Server, arguments: &[&str]) -> String {
    server.postigo(arguments).ok().out
}

/// A port of loopback at which nobody listens, neither by TCP nor by UDP.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[test]
fn settings_have_their_postfix_names() {
    running_and_stopped(|server| {
        assert_eq!(said(server, &["config", "get", "message_size_limit"]), "26214400\n");
        let set = said(server, &["config", "set", "relayhost", "[127.0.0.1]:3525"]);
        assert_eq!(set, "relayhost = [127.0.0.1]:3525\n");
        said(server, &["config", "set", "relay_domains", "inner.test, school.test"]);
        said(server, &["config", "set", "transport_maps", "inner.test=smtp:[127.0.0.1]:2125"]);
        assert_eq!(said(server, &["config", "get", "relayhost"]), "[127.0.0.1]:3525\n");
        let file = std::fs::read_to_string(server.data().join("postigo.toml")).unwrap();
        assert!(file.contains("relayhost = \"[127.0.0.1]:3525\""), "{file}");

        let all = said(server, &["config", "show"]);
        assert!(all.contains("\nrelayhost = [127.0.0.1]:3525\n") && all.contains("\nresolver =\n"), "{all}");
        let postfix = said(server, &["config", "show", "--postfix"]);
        assert!(postfix.contains("\nrelay_domains = inner.test, school.test\n"), "{postfix}");
        assert!(!postfix.contains("resolver"), "{postfix}");
        let json = server.json(&["config", "show"]);
        let entry = json.as_array().unwrap().iter().find(|entry| entry["name"] == "relayhost").unwrap();
        assert_eq!((&entry["value"], &entry["default"]), (&"[127.0.0.1]:3525".into(), &"".into()));

        assert_eq!(said(server, &["config", "unset", "relayhost"]), "relayhost =\n");
        assert_eq!(said(server, &["config", "get", "relayhost"]), "\n");
        refused(server, &["config", "get", "nonsense"], 78);
        refused(server, &["config", "set", "nonsense", "1"], 78);
        refused(server, &["config", "set", "message_size_limit", "much"], 78);
        refused(server, &["config", "set", "relayhost", "[127.0.0.1"], 78);
        assert_eq!(said(server, &["config", "get", "message_size_limit"]), "26214400\n");
    });
}

#[test]
fn an_open_relay_needs_the_host_name() {
    running_and_stopped(|server| {
        let before = said(server, &["config", "get", "mynetworks"]);
        let told = refused(server, &["config", "set", "mynetworks", "0.0.0.0/0"], 77);
        assert!(told.contains("--confirm-open-relay mail.lab.test"), "{told}");
        let wrong = ["config", "set", "mynetworks", "0.0.0.0/0", "--confirm-open-relay", "yes"];
        refused(server, &wrong, 77);
        assert_eq!(said(server, &["config", "get", "mynetworks"]), before);
        let typed = ["config", "set", "mynetworks", "0.0.0.0/0", "--confirm-open-relay", "mail.lab.test"];
        assert_eq!(said(server, &typed), "mynetworks = 0.0.0.0/0\n");
        said(server, &["config", "unset", "mynetworks"]);
        assert_eq!(said(server, &["config", "get", "mynetworks"]), before);
    });
}

#[test]
fn a_route_is_explained_and_its_exit_code_is_the_verdict() {
    running_and_stopped(|server| {
        let local = said(server, &["route", "luis"]);
        assert!(local.starts_with("Accepted: 250 "), "{local}");
        assert!(local.contains("-> the mailbox of luis@lab.test\n"), "{local}");
        let unknown = refused(server, &["route", "nadie@lab.test"], 3);
        assert!(unknown.starts_with("Refused: 550 5.1.1 "), "{unknown}");
        assert!(
            unknown.contains("There is no account or alias nadie@lab.test. [local_recipient_maps]"),
            "{unknown}"
        );

        let stranger = refused(server, &["route", "eva@otro.test", "--client", "192.0.2.7"], 3);
        assert!(
            stranger.contains("554 5.7.1 ") && stranger.contains("[smtpd_relay_restrictions]"),
            "{stranger}"
        );
        let with_user = said(server, &["route", "eva@otro.test", "--client", "192.0.2.7", "--user", "ana"]);
        assert!(with_user.contains("has logged in as ana@lab.test"), "{with_user}");
        assert!(with_user.contains("(the domain's MX)"), "{with_user}");

        said(server, &["config", "set", "relayhost", "[127.0.0.1]:3525"]);
        let relayed = server.json(&["route", "eva@otro.test", "--from", "ana@lab.test"]);
        let way = &relayed["destinations"][0];
        assert_eq!((&way["kind"], &way["setting"]), (&"remote".into(), &"relayhost".into()), "{relayed}");
        assert_eq!(way["nextHop"], "[127.0.0.1]:3525");
        let no_json = refused(server, &["route", "nadie@lab.test", "--json"], 3);
        assert!(no_json.contains("\"accepted\": false"), "{no_json}");

        refused(server, &["route", "two words@lab.test"], 65);
        refused(server, &["route", "luis", "--user", "nadie"], 67);
        refused(server, &["route", "luis", "--client", "here"], 64);
    });
}

#[test]
fn aliases_come_go_and_never_lead_to_themselves() {
    running_and_stopped(|server| {
        assert_eq!(said(server, &["alias", "set", "ventas", "ana", "luis"]), "ventas: ana, luis\n");
        let route = said(server, &["route", "ventas"]);
        assert!(route.contains("mailbox of ana@") && route.contains("mailbox of luis@"), "{route}");
        let listed = said(server, &["alias", "list"]);
        assert!(listed.lines().any(|line| line == "ventas: ana, luis"), "{listed}");

        said(server, &["alias", "set", "uno", "dos"]);
        let told = refused(server, &["alias", "set", "dos", "uno"], 65);
        assert!(told.contains("dos → uno → dos"), "{told}");
        refused(server, &["alias", "set", "malo", "|/bin/sh"], 65);

        let file = server.scratch().join("aliases");
        std::fs::write(&file, "# /etc/aliases\ninfo: ana,\n  luis\nmalo: /dev/null\nraiz: ana\n").unwrap();
        let told = refused(server, &["alias", "import", file.to_str().unwrap()], 65);
        assert!(told.contains("2 taken: info, raiz") && told.contains("Not taken: malo"), "{told}");
        let input = server.postigo_with_input(["alias", "import", "-", "--json"], b"tres: ana\n").ok().out;
        assert!(input.contains("\"tres\""), "{input}");
        refused(server, &["alias", "import", "/nonexistent"], 74);
        let json = server.json(&["alias", "list"]);
        let info = json.as_array().unwrap().iter().find(|alias| alias["name"] == "info").unwrap();
        assert_eq!(info["targets"], serde_json::json!(["ana", "luis"]));

        said(server, &["alias", "del", "ventas"]);
        refused(server, &["alias", "del", "ventas"], 67);
        refused(server, &["route", "ventas"], 3);
    });
}

#[test]
fn the_mail_of_an_account_goes_on_until_it_does_not() {
    running_and_stopped(|server| {
        said(server, &["forward", "set", "ana", "ana@otro.test", "--keep-copy"]);
        let json = server.json(&["forward", "list"]);
        let expected = serde_json::json!(
            [{"account": "ana@lab.test", "targets": ["ana@otro.test"], "keepCopy": true}]
        );
        assert_eq!(json, expected);
        assert_eq!(said(server, &["forward", "list"]), "ana@lab.test -> ana@otro.test (a copy stays)\n");
        let route = said(server, &["route", "ana", "--from", "eva@tres.test"]);
        assert!(route.contains("-> the mailbox of ana@lab.test\n"), "{route}");
        assert!(route.contains("-> ana@otro.test, by "), "{route}");
        refused(server, &["forward", "set", "ana", ","], 65);
        refused(server, &["forward", "set", "nadie", "ana@otro.test"], 67);
        said(server, &["forward", "off", "ana"]);
        assert_eq!(said(server, &["forward", "list"]), "");
    });
}

#[test]
fn zones_are_edited_record_by_record_and_travel_as_files() {
    running_and_stopped(|server| {
        said(server, &["zone", "add", "lab.test", "mail", "A", "192.0.2.7"]);
        said(server, &["zone", "add", "lab.test", "@", "MX", "10", "mail", "--ttl", "60"]);
        said(server, &["zone", "add", "lab.test", "_dmarc", "TXT", "v=DMARC1; p=none"]);
        let shown = said(server, &["zone", "show", "lab.test"]);
        assert!(shown.contains("\"v=DMARC1; p=none\""), "{shown}");
        let json = server.json(&["zone", "show", "lab.test"]);
        let mx = json["records"].as_array().unwrap().iter().find(|record| record["kind"] == "MX").unwrap();
        assert_eq!((&mx["name"], &mx["ttl"]), (&"@".into(), &60.into()), "{json}");
        assert_eq!(server.json(&["zone", "list"])[0]["origin"], "lab.test");
        assert!(said(server, &["zone", "list"]).starts_with("lab.test "));

        let file = server.scratch().join("lab.zone");
        std::fs::write(&file, said(server, &["zone", "export", "lab.test"])).unwrap();
        said(server, &["zone", "del", "lab.test"]);
        refused(server, &["zone", "show", "lab.test"], 67);
        refused(server, &["zone", "del", "lab.test"], 67);
        said(server, &["zone", "import", file.to_str().unwrap()]);
        let again = server.json(&["zone", "show", "lab.test"]);
        assert_eq!(again["records"], json["records"]);

        said(server, &["zone", "del", "lab.test", "mail", "A", "192.0.2.7"]);
        refused(server, &["zone", "del", "lab.test", "mail", "A", "192.0.2.7"], 67);
        refused(server, &["zone", "add", "lab.test", "mail", "A", "not-an-address"], 65);
        refused(server, &["zone", "del", "lab.test", "mail"], 64);
        let anonymous = server.postigo_with_input(["zone", "import", "-"], b"@ A 192.0.2.1\n");
        assert_eq!(anonymous.code, Some(65), "{}", anonymous.err);
    });
}

#[test]
fn the_name_server_answers_at_once_what_was_typed() {
    let server = Server::start();
    let listen = format!("127.0.0.1:{}", free_port());
    said(&server, &["config", "set", "dns_listen", &listen]);
    said(&server, &["config", "set", "resolver", "built-in"]);
    said(&server, &["zone", "add", "otro.test", "mail", "A", "192.0.2.7"]);
    said(&server, &["zone", "add", "2.0.192.in-addr.arpa", "7", "PTR", "mail.otro.test."]);

    let found = said(&server, &["dns", "mail.otro.test"]);
    assert!(found.contains("192.0.2.7") && found.contains(&format!("said by {listen} in ")), "{found}");
    let name = said(&server, &["dns", "192.0.2.7"]);
    assert!(name.contains("mail.otro.test"), "{name}");
    assert!(refused(&server, &["dns", "nada.otro.test"], 3).contains("NXDOMAIN"));
    assert!(refused(&server, &["dns", "mail.otro.test", "MX"], 3).contains("NODATA"));
    let json = refused(&server, &["dns", "nada2.otro.test", "a", "--json"], 3);
    assert!(json.contains("\"outcome\": \"noDomain\""), "{json}");

    // Another server that runs asks the first by its address.
    let asking = Server::start();
    said(&asking, &["config", "set", "resolver", &listen]);
    let found = said(&asking, &["dns", "mail.otro.test"]);
    assert!(found.contains(&format!("said by {listen} in ")), "{found}");

    said(&server, &["zone", "del", "otro.test"]);
    refused(&server, &["dns", "mail.otro.test"], 3);
}

/// Hands in a message for somebody elsewhere, and waits until its first try has failed.
#[track_caller]
fn leave_waiting(server: &Server, recipient: &str) -> String {
    let message = format!("To: {recipient}\nSubject: Hola\n\nHola.\n");
    server.postigo_with_input(["sendmail", "-f", "ana@lab.test", recipient], message.as_bytes()).ok();
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let page = server.json(&["queue", "list", "--state", "deferred", "--text", recipient]);
        if let Some(id) = page["rows"][0]["queueId"].as_str() {
            return id.to_owned();
        }
        assert!(Instant::now() < until, "{recipient} was never deferred: {page}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_queue_is_listed_held_tried_and_thrown_away() {
    let mut server = Server::start();
    assert_eq!(said(&server, &["queue", "list"]), "Mail queue is empty\n");
    // Each has a destination of its own: one that has just failed is not tried again for the next message.
    let ways = ["uno", "dos", "tres", "cuatro"]
        .map(|domain| format!("{domain}.test=smtp:[127.0.0.1]:{}", free_port()));
    said(&server, &["config", "set", "transport_maps", &ways.join(", ")]);
    let one = leave_waiting(&server, "eva@uno.test");
    let two = leave_waiting(&server, "eva@dos.test");
    queue_commands(&server, &one, &two);

    let three = leave_waiting(&server, "eva@tres.test");
    let four = leave_waiting(&server, "eva@cuatro.test");
    assert!(server.stop());
    queue_commands(&server, &three, &four);
}

/// Every command of the queue with two messages that wait; none is left.
#[track_caller]
fn queue_commands(server: &Server, one: &str, two: &str) {
    let listed = said(server, &["queue", "list"]);
    assert!(listed.starts_with("-Queue ID-"), "{listed}");
    for part in [one, two, " ana@lab.test\n", "did not take the connection", "next try ", " in 2 Requests.\n"]
    {
        assert!(listed.contains(part), "{part:?} in {listed}");
    }
    let shown = said(server, &["queue", "show", one]);
    assert!(shown.contains("deferred for [127.0.0.1]:") && shown.contains("Subject: Hola"), "{shown}");
    assert_eq!(server.json(&["queue", "show", two])["row"]["queueId"], two);

    let held = || {
        let page = server.json(&["queue", "list", "--state", "held"]);
        page["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["queueId"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(said(server, &["queue", "hold", one]), "1 message held.\n");
    assert_eq!(held(), [one]);
    assert!(said(server, &["queue", "list"]).contains(&format!("{one}!")));
    said(server, &["queue", "hold", "all"]);
    assert_eq!(held().len(), 2);
    said(server, &["queue", "release", one, two]);
    assert_eq!(held(), [""; 0]);
    said(server, &["queue", "retry", one]);
    said(server, &["queue", "flush"]);

    refused(server, &["queue", "show", "0000000000"], 67);
    refused(server, &["queue", "delete", one, "all"], 67);
    refused(server, &["queue", "delete"], 64);
    assert_eq!(said(server, &["queue", "delete", one]), "1 message deleted.\n");
    refused(server, &["queue", "show", one], 67);
    said(server, &["queue", "delete", "all"]);
    assert_eq!(said(server, &["queue", "list"]), "Mail queue is empty\n");
}

#[test]
fn a_relay_host_is_tried_without_a_message() {
    let relay = Server::start();
    let host = format!("[127.0.0.1]:{}", relay.submission());
    let test = ["relay", "test", &host, "--user", "ana"];
    let typed = [&test[..], &["--password-stdin"]].concat();
    let mut server = Server::start();
    let works = server.postigo_with_input(&typed, format!("{PASSWORD}\n").as_bytes()).ok().out;
    assert!(works.contains("It works: ") && works.contains("EHLO"), "{works}");
    assert!(!works.contains(PASSWORD), "{works}");
    let wrong = server.postigo_with_input(&typed, b"otra-clave-muy-larga\n");
    assert_eq!(wrong.code, Some(3), "{}\n{}", wrong.out, wrong.err);
    let nobody = format!("[127.0.0.1]:{}", free_port());
    assert!(refused(&server, &["relay", "test", &nobody], 3).contains("It does not work: "));

    let password = ["relay", "password", "--password-stdin"];
    let kept = server.postigo_with_input(password, format!("{PASSWORD}\n").as_bytes()).ok().out;
    // In a keyring, where the system has one.
    assert!(kept.starts_with("The password of the relay host is kept in "), "{kept}");
    assert_eq!(server.json(&test)["works"], true);
    let forgotten = server.postigo_with_input(password, b"\n").ok().out;
    assert_eq!(forgotten, "No password of the relay host is kept.\n");

    // No server has to run for it, and the password can be kept before.
    assert!(server.stop());
    server.postigo_with_input(password, format!("{PASSWORD}\n").as_bytes()).ok();
    assert_eq!(server.json(&test)["works"], true);
    server.serve();
    assert_eq!(server.json(&test)["works"], true);
    assert!(relay.inbox_files("ana").is_empty());
}

#[test]
fn links_are_the_programs_whose_names_they_bear() {
    running_and_stopped(|server| {
        let called = |name: &str| {
            let link = server.scratch().join(name);
            std::os::unix::fs::symlink(std::path::absolute(postigo()).unwrap(), &link).unwrap();
            run(Command::new(link).env("POSTIGO_DATA", server.data())).ok().out
        };
        assert_eq!(called("mailq"), "Mail queue is empty\n");
        assert!(called("newaliases").contains("Aliases apply at once"));
    });
}
