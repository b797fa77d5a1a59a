//! SMTP smuggling: whatever a client writes instead of CRLF . CRLF ends no message, and whatever a message holds, none that we send
//! ends before its end. And STARTTLS: nothing said before TLS counts after it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use postigo_tests::peer::{Fault, Peer, Stage};
use postigo_tests::{Server, until};

/// Sends octets, and gives everything that is said until the server closes or falls silent after QUIT.
fn raw(port: u16, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(octets).unwrap();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// Line ends around a dot that some server or other has taken for the end of a message.
const FORMS: [&str; 11] = [
    "\n.\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r.\r\n",
    "\r\n.\r",
    "\r\r\n.\r\r\n",
    "\r\n.\r\r\n",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\n.\r",
];

#[test]
fn no_other_end_than_the_right_one_ends_a_message() {
    for policy in ["reject", "normalize"] {
        let server = Server::start();
        server.set("smtpd_forbid_bare_newline", policy);
        for (number, form) in FORMS.iter().enumerate() {
            let smuggled = "MAIL FROM:<jefa@lab.test>\r\nRCPT TO:<ana@lab.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";
            let dialogue = format!(
                "EHLO fuera.test\r\nMAIL FROM:<eva@otro.test>\r\nRCPT TO:<luis@lab.test>\r\nDATA\r\nSubject: n{number}\r\n\r\nuno{form}{smuggled}QUIT\r\n"
            );
            let said = raw(server.smtp(), dialogue.as_bytes());
            let taken = said.matches("queued as").count();
            assert!(taken <= 1, "{policy} {form:?}: {said}");
            assert!(server.inbox_files("ana").is_empty(), "{policy} {form:?} was smuggled in: {said}");
            // NUL is no line end and no half of one; a message with it is one message.
            if policy == "reject" && !form.contains('\0') {
                assert!(taken == 0 && said.contains("\r\n5"), "{form:?}: {said}");
            }
        }
        // What was taken has the line ends of SMTP and no others, so that it goes on as one message, too.
        for file in server.inbox_files("luis") {
            let text = std::fs::read(&file).unwrap();
            let clean =
                text.split(|&octet| octet == b'\n').all(|line| line.is_empty() || line.ends_with(b"\r"));
            assert!(clean, "{}", String::from_utf8_lossy(&text));
        }
    }
}

#[test]
fn what_sendmail_is_given_never_ends_a_message_on_the_wire() {
    let server = Server::start();
    let peer = Peer::start(&["PIPELINING"]);
    server.set("relayhost", &peer.next_hop());
    server.set("smtpd_forbid_bare_newline", "normalize");
    let smuggled = "MAIL FROM:<jefa@lab.test>\nRCPT TO:<ana@otro.test>\nDATA\nSubject: smuggled\n\nx";
    for form in FORMS {
        let message = format!("Subject: a\n\nuno{form}{smuggled}{form}fin\n");
        let output = server.postigo_with_input(
            ["sendmail", "-i", "-f", "ana@lab.test", "eva@otro.test"],
            message.as_bytes(),
        );
        // A message with a NUL or a bare CR may be refused, but not silently.
        assert!(
            output.code == Some(0) || output.err.contains("did not take the message"),
            "{form:?}: {}",
            output.err
        );
    }
    server.wait_for_empty_queue();
    let messages = peer.messages();
    assert!(messages.len() >= 3, "{}", messages.len());
    for content in messages {
        let text = String::from_utf8_lossy(&content).into_owned();
        let inside = content.strip_suffix(b"\r\n.\r\n").unwrap();
        for ending in [&b"\n.\n"[..], b"\n.\r", b"\r.\r", b"\r.\n"] {
            assert!(!inside.windows(3).any(|three| three == ending), "{text:?}");
        }
        let bare = inside.iter().enumerate().any(|(at, &octet)| {
            (octet == b'\n' && (at == 0 || inside[at - 1] != b'\r'))
                || (octet == b'\r' && inside.get(at + 1).is_some_and(|&next| next != b'\n'))
        });
        assert!(!bare, "{text:?}");
        // What is not text is sent as base64 to a peer that takes 7 bits.
        assert!(text.ends_with("fin\r\n.\r\n") || text.contains("Transfer-Encoding: base64"), "{text:?}");
    }
    // One transaction for each, and no command that was in a message.
    let said = peer.sessions().concat();
    assert!(
        !String::from_utf8_lossy(&said)
            .contains("MAIL FROM:<jefa@lab.test>\r\nRCPT TO:<ana@otro.test>\r\nDATA\r\n.\r\n")
    );
}

#[test]
fn what_a_client_says_before_tls_is_forgotten() {
    let server = Server::start();
    // The whole dialogue in one packet: what follows STARTTLS came before TLS, from anybody.
    let program = r#"
import os, socket, ssl
tls = ssl.create_default_context(cafile=os.environ["CA"]); tls.check_hostname = False
for port in ("SMTP", "SUBMISSION"):
    plain = socket.create_connection(("127.0.0.1", int(os.environ[port])))
    def line(s):
        got = b""
        while not got.endswith(b"\n"): got += s.recv(1) or exit("closed after " + repr(got))
        return got
    line(plain)
    plain.sendall(b"EHLO fuera.test\r\n")
    while line(plain)[3:4] == b"-": pass
    plain.sendall(b"STARTTLS\r\nEHLO attacker.test\r\nMAIL FROM:<jefa@lab.test>\r\nRCPT TO:<luis@lab.test>\r\nDATA\r\nSubject: injected\r\n\r\nx\r\n.\r\n")
    said = line(plain)
    if not said.startswith(b"220"):
        # To refuse is as good: there is no TLS then, and nothing was done.
        assert said[:1] == b"5", said
        print("refused", port); continue
    try:
        secure = tls.wrap_socket(plain)
    except (ssl.SSLError, ConnectionError):
        print("broken", port); continue
    secure.settimeout(10)
    secure.sendall(b"NOOP\r\nQUIT\r\n")
    said = b""
    while True:
        more = secure.recv(4096)
        if not more: break
        said += more
    assert said.count(b"\r\n") == 2 and b"\r\n221" in said, said
    print("forgotten", port)
"#;
    let said = server.python(program).ok().out;
    assert_eq!(said.lines().count(), 2, "{said}");
    for user in ["ana", "luis"] {
        assert!(server.inbox_files(user).is_empty(), "{said}");
    }
}

#[test]
fn what_a_server_says_before_tls_is_no_reply_after_it() {
    let server = Server::start();
    for level in ["may", "encrypt"] {
        let peer = Peer::start(&["STARTTLS", "AUTH PLAIN"]);
        server.set("relayhost", &peer.next_hop());
        // An attacker in between appends a reply for the EHLO to come.
        peer.break_at(Stage::StartTls, Fault::Say(b"220 2.0.0 go on\r\n250-peer.test\r\n250 AUTH LOGIN\r\n"));
        server.set("smtp_tls_security_level", level);
        let recipient = format!("eva@{level}.test");
        server.sendmail("ana@lab.test", &recipient, "Subject: secreto\n\nx\n");
        let row = server.wait_for_deferred(&recipient, 1);
        let text = row["why"]["text"].as_str().unwrap();
        assert!(text.contains("text in clear after the reply to STARTTLS"), "{level}: {text}");
        let said = String::from_utf8_lossy(&peer.sessions().concat()).into_owned();
        assert!(peer.messages().is_empty() && !said.contains("MAIL"), "{level}: {said}");
    }
}

#[test]
fn tls_that_is_broken_costs_mail_only_where_tls_is_demanded() {
    let server = Server::start();
    // It offers STARTTLS and then has none: refuses, goes on in clear instead of a handshake, hangs up.
    let faults = [
        ("rehusa", Fault::Say(b"454 4.7.0 TLS not available\r\n")),
        ("basura", Fault::Say(b"220 go on\r\n")),
        ("cuelga", Fault::Close),
    ];
    server.set("smtp_starttls_timeout", "1s");
    let peers: Vec<_> = faults
        .into_iter()
        .map(|(name, fault)| {
            let peer = Peer::start(&["STARTTLS"]);
            peer.break_at(Stage::StartTls, fault);
            (name, peer)
        })
        .collect();
    let ways: Vec<_> =
        peers.iter().map(|(name, peer)| format!("{name}.test=smtp:{}", peer.next_hop())).collect();
    server.set("transport_maps", &ways.join(", "));
    server.set("smtp_tls_security_level", "encrypt");
    for (name, peer) in &peers {
        server.sendmail("ana@lab.test", &format!("eva@{name}.test"), "Subject: a\n\nb\n");
        let row = server.wait_for_deferred(&format!("eva@{name}.test"), 1);
        assert!(peer.messages().is_empty(), "{row}");
        let kind = row["why"]["kind"].as_str().unwrap();
        assert!(kind == "tlsFailed" || *name == "cuelga" && kind == "connectionLost", "{row}");
    }
    server.set("smtp_tls_security_level", "may");
    server.postigo(["queue", "flush"]).ok();
    // A host that hangs up has not said that it has no TLS: as with Postfix, that is no reason to try without.
    server.wait_for_deferred("eva@cuelga.test", 2);
    until("the mail to those without TLS", || {
        let counts: Vec<_> = peers.iter().map(|(_, peer)| peer.messages().len()).collect();
        if counts == [1, 1, 0] { Ok(()) } else { Err(format!("{counts:?}")) }
    });
    // `none` does not even ask.
    server.set("smtp_tls_security_level", "none");
    let before = peers[1].1.sessions().len();
    server.sendmail("ana@lab.test", "eva@basura.test", "Subject: a\n\nb\n");
    until("a second message", || if peers[1].1.messages().len() == 2 { Ok(()) } else { Err(server.log()) });
    let said = peers[1].1.sessions()[before..].concat();
    assert!(!String::from_utf8_lossy(&said).contains("STARTTLS"));
}
