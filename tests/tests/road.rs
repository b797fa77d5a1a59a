//! The straight road: a message goes in by SMTP, lies in a Maildir, comes out by IMAP, and the log tells of it.

use std::process::Command;

use postigo_tests::server::PASSWORD;
use postigo_tests::{Server, run};

#[test]
fn ana_writes_to_luis_and_luis_reads_it() {
    let server = Server::start();
    let program = r#"
import smtplib, imaplib, ssl, os
tls = ssl.create_default_context(cafile=os.environ["CA"])
tls.check_hostname = False
smtp = smtplib.SMTP("127.0.0.1", int(os.environ["SUBMISSION"]))
smtp.starttls(context=tls)
smtp.login("ana@lab.test", os.environ["PASSWORD"])
smtp.sendmail("ana@lab.test", ["luis@lab.test"], "Subject: Hola\r\nMessage-ID: <1@lab.test>\r\n\r\nQué tal\r\n".encode())
smtp.quit()
imap = imaplib.IMAP4_SSL("127.0.0.1", int(os.environ["IMAPS"]), ssl_context=tls)
imap.login("luis", os.environ["PASSWORD"])
print(imap.select("INBOX"))
print(imap.search(None, "SUBJECT", "Hola"))
print(imap.fetch("1", "(FLAGS BODY.PEEK[])"))
imap.logout()
"#;
    let read = server.python(program).ok();
    assert!(read.out.contains("('OK', [b'1'])"), "{}", read.out);
    assert!(read.out.contains("Subject: Hola"), "{}", read.out);
    assert_eq!(server.inbox_files("luis").len(), 1);

    let log = server.postigo(["log"]).ok().out;
    for part in [
        "client=localhost[127.0.0.1], sasl_method=",
        "message-id=<1@lab.test>",
        "status=sent (delivered to maildir)",
    ] {
        assert!(log.contains(part), "{part} is not in\n{log}");
    }
    assert!(!log.contains(PASSWORD));
}

#[test]
fn swaks_hands_in_with_every_mechanism_and_port() {
    let server = Server::start();
    for (port, how) in [(server.submission(), "--tls"), (server.submissions(), "--tls-on-connect")] {
        for mechanism in ["PLAIN", "LOGIN"] {
            run(Command::new("swaks")
                .args(["--server", "127.0.0.1", "--port", &port.to_string(), how])
                .args(["--auth", mechanism, "--auth-user", "ana@lab.test", "--auth-password", PASSWORD])
                .args(["--from", "ana@lab.test", "--to", "luis@lab.test"]))
            .ok();
        }
    }
    assert_eq!(server.inbox_files("luis").len(), 4);
}

#[test]
fn strangers_reach_our_people_and_nobody_else() {
    let server = Server::start();
    let swaks = |to: &str| {
        run(Command::new("swaks")
            .args(["--server", "127.0.0.1", "--port", &server.smtp().to_string()])
            .args(["--from", "eva@otro.test", "--to", to]))
    };
    swaks("luis@lab.test").ok();
    let unknown = swaks("nadie@lab.test");
    assert!(unknown.out.contains("550 5.1.1"), "{}", unknown.out);
    // This computer is trusted by default; now everybody is a stranger.
    server.postigo(["config", "set", "mynetworks", ""]).ok();
    let relay = swaks("victima@gran-correo.test");
    assert!(relay.out.contains("554 5.7.1"), "{}", relay.out);
    let sessions = server.json(&["session", "--refused"]);
    assert_eq!(sessions["refused"], 2);
}
