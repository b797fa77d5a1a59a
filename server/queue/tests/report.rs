//! Reports as their readers see them: a mail parser, Python's email package, the sender.

use jiff::Timestamp;
use mail_parser::MessageParser;
use postigo_queue::report::{Action, Built, Original, RETURNED_OCTETS, Reply, Report, Reported};
use postigo_smtp::dsn::{Notify, OriginalRecipient, Returned};
use postigo_smtp::{Address, EnhancedCode, ReversePath};
use std::io::Write as _;
use std::process::{Command, Stdio};

const MESSAGE: &[u8] = b"From: ana@lab.test\r\nMessage-ID: <1@lab.test>\r\nSubject: hola\r\n\r\nHola\r\n";

fn address(text: &str) -> Address {
    Address::parse(text.as_bytes()).expect("an address")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn failed(to: &str) -> Reported {
    Reported {
        recipient: address(to),
        original: Some(OriginalRecipient {
            address_type: "rfc822".into(),
            address: "luis+x@far.test".into(),
        }),
        action: Action::Failed,
        status: EnhancedCode(5, 1, 1),
        reply: Some(Reply {
            host: "mx.far.test".into(),
            text: "550 5.1.1 <luis@far.test>: no such\nuser \u{f1}\r\nBcc: x".into(),
        }),
        cause: None,
        last_attempt: Some(at("2026-11-24T12:00:00Z")),
        notify: None,
    }
}

fn build(
    from: &str,
    returned: Option<Returned>,
    message: &[u8],
    octets: usize,
    reported: &[Reported],
) -> Option<Built> {
    let reverse_path = if from.is_empty() { ReversePath::Null } else { ReversePath::Address(address(from)) };
    let original = Original {
        reverse_path: &reverse_path,
        queue_id: "4fK2m1",
        envelope_id: Some("QQ314159"),
        returned,
        arrived: at("2026-11-24T11:59:58Z"),
        octets: octets as u64,
        beginning: message,
    };
    let date = at("2026-11-24T12:00:01Z");
    Report { host: "mail.lab.test", message_id: "r1.2@mail.lab.test", date, original }.build(reported)
}

fn text(reported: &[Reported]) -> String {
    let built = build("ana@lab.test", None, MESSAGE, MESSAGE.len(), reported).expect("a report");
    String::from_utf8(built.content).expect("ASCII")
}

/// Structure, defects and delivery-status fields as Python sees them.
fn python(report: &[u8]) -> String {
    let script = r#"
import sys, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
print(m.get_content_type(), m.get_param('report-type'), m['to'], m['auto-submitted'], m['in-reply-to'])
for part in m.walk():
    print(part.get_content_type(), [type(d).__name__ for d in part.defects])
    if part.get_content_type() == 'message/delivery-status':
        for block in part.get_payload():
            for name, value in block.items(): print(' ', name + ':', ' '.join(str(value).split()))
"#;
    let child =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("python3 is installed");
    child.stdin.take().expect("a pipe").write_all(report).expect("python reads");
    let output = child.wait_with_output().expect("python ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn python_reads_a_failure_report_without_defects() {
    assert_eq!(
        python(text(&[failed("luis@far.test")]).as_bytes()),
        "multipart/report delivery-status ana@lab.test auto-replied <1@lab.test>
multipart/report []
text/plain []
message/delivery-status []
  Original-Envelope-Id: QQ314159
  Reporting-MTA: dns; mail.lab.test
  X-Postigo-Queue-ID: 4fK2m1
  Arrival-Date: Tue, 24 Nov 2026 11:59:58 +0000
  Original-Recipient: rfc822; luis+x@far.test
  Final-Recipient: rfc822; luis@far.test
  Action: failed
  Status: 5.1.1
  Remote-MTA: dns; mx.far.test
  Diagnostic-Code: smtp; 550 5.1.1 <luis@far.test>: no such user ? Bcc: x
  Last-Attempt-Date: Tue, 24 Nov 2026 12:00:00 +0000
text/plain []
text/plain []
message/rfc822 []
text/plain []
"
    );
}

#[test]
fn the_text_says_what_happened_and_what_to_do_in_both_languages() {
    let report = text(&[failed("luis@far.test")]);
    assert!(report.is_ascii());
    assert!(report.lines().all(|line| line.len() <= 998));
    let parsed = MessageParser::new().parse(report.as_bytes()).expect("a message");
    let body = parsed.body_text(0).expect("a text");
    for words in [
        "no se ha podido entregar a:",
        "Esa dirección no existe en el servidor de destino.",
        "Respondió mx.far.test: 550 5.1.1 <luis@far.test>: no such user ?",
        "Qué puede hacer: Compruebe",
        "could not be delivered to:",
        "That address does not exist at its server.",
        "What you can do: Check",
        "queue id 4fK2m1",
    ] {
        assert!(body.contains(words), "{words} in\n{body}");
    }
    assert_eq!(parsed.subject(), Some("Correo no entregado / Undelivered mail"));
}

#[test]
fn there_is_no_report_about_a_report() {
    assert_eq!(build("", None, MESSAGE, MESSAGE.len(), &[failed("luis@far.test")]), None);
}

/// RFC 3461 §4.1 and §5.2.
#[test]
fn notify_decides_who_is_told_of_what() {
    let notify = |success, failure, delay| Some(Notify { success, failure, delay });
    let delayed = Action::Delayed { until: at("2026-11-29T12:00:00Z") };
    for (name, action, notify, is_told) in [
        ("not given", Action::Failed, None, true),
        ("not given", delayed, None, true),
        ("not given", Action::Relayed, None, false),
        ("NEVER", Action::Failed, notify(false, false, false), false),
        ("SUCCESS", Action::Failed, notify(true, false, false), false),
        ("SUCCESS", Action::Delivered, notify(true, false, false), true),
        ("SUCCESS", Action::Relayed, notify(true, false, false), true),
        ("SUCCESS", Action::Expanded, notify(true, false, false), true),
        ("FAILURE", delayed, notify(false, true, false), false),
        ("DELAY", delayed, notify(false, false, true), true),
        ("DELAY", Action::Failed, notify(false, false, true), false),
    ] {
        let reported = Reported { action, notify, ..failed("luis@far.test") };
        let built = build("ana@lab.test", None, MESSAGE, MESSAGE.len(), &[reported]);
        assert_eq!(built.is_some(), is_told, "{name} {action:?}");
    }
    let one = Reported { notify: notify(false, false, false), ..failed("quiet@far.test") };
    let report = text(&[one, failed("luis@far.test")]);
    assert!(report.contains("luis@far.test") && !report.contains("quiet@far.test"));
}

#[test]
fn a_delay_says_until_when_and_a_success_that_it_arrived() {
    let until = at("2026-11-29T12:00:00Z");
    let delayed = Reported {
        action: Action::Delayed { until },
        status: EnhancedCode(4, 4, 1),
        reply: None,
        cause: Some("connection to mx.far.test timed out".into()),
        ..failed("luis@far.test")
    };
    let report = python(text(std::slice::from_ref(&delayed)).as_bytes());
    for line in [
        "Action: delayed",
        "Will-Retry-Until: Sun, 29 Nov 2026 12:00:00 +0000",
        "Diagnostic-Code: X-Postigo; connection to mx.far.test timed out",
    ] {
        assert!(report.contains(line), "{line} in {report}");
    }
    assert!(report.contains("text/rfc822-headers") && !report.contains("message/rfc822"));

    let notify = Some(Notify { success: true, ..Notify::default() });
    let done = Reported {
        action: Action::Delivered,
        status: EnhancedCode(2, 0, 0),
        notify,
        ..failed("luis@far.test")
    };
    let report = text(&[done]);
    assert!(report.contains("Subject: Correo entregado / Delivered mail"), "{report}");
    assert!(report.contains("It is in the mailbox."));
}

#[test]
fn what_is_returned_is_bounded_and_as_ret_asks() {
    let body = "x".repeat(70) + "\r\n";
    let long = [MESSAGE, body.repeat(2_000).as_bytes()].concat();
    let report = |returned, message: &[u8], octets| {
        let reported = [failed("luis@far.test")];
        let built = build("ana@lab.test", returned, message, octets, &reported).expect("a report");
        String::from_utf8(built.content).expect("ASCII")
    };
    assert!(report(Some(Returned::Full), MESSAGE, MESSAGE.len()).contains("\r\n\r\nHola\r\n"));
    let headers = report(Some(Returned::Headers), MESSAGE, MESSAGE.len());
    assert!(headers.contains("Subject: hola") && !headers.contains("Hola\r\n"));
    for (message, octets) in
        [(&long[..], long.len()), (&long[..RETURNED_OCTETS], long.len()), (MESSAGE, MESSAGE.len() + 1)]
    {
        let report = report(Some(Returned::Full), message, octets);
        assert!(report.contains("text/rfc822-headers") && report.len() < 10_000, "{}", report.len());
    }
    // A header that never ends is cut off.
    let endless = "X-Field: x\r\n".repeat(100_000);
    assert!(report(None, endless.as_bytes(), endless.len()).len() < 2 * RETURNED_OCTETS);
}

#[test]
fn many_recipients_are_all_in_the_part_for_programs() {
    let many: Vec<_> = (0..500).map(|n| failed(&format!("u{n}@far.test"))).collect();
    let report = text(&many);
    assert_eq!(report.matches("Final-Recipient:").count(), 500);
    assert!(report.contains("and 480 more"));
}

#[test]
fn a_hostile_message_id_is_not_taken_over() {
    for bad in ["<a@b> <c@d>", "a@b", "<a>", "<a b@c>", "<\u{f1}@x>"] {
        let message = format!("Message-ID: {bad}\r\n\r\n");
        let built =
            build("ana@lab.test", None, message.as_bytes(), message.len(), &[failed("luis@far.test")]);
        let report = String::from_utf8(built.expect("a report").content).expect("ASCII");
        assert!(!report.contains("In-Reply-To"), "{bad}");
    }
}
