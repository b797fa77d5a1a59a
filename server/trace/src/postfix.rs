//! Entries as log lines, in the format of Postfix.

use jiff::{Timestamp, tz::TimeZone};
use postigo_api::{Level, LogLine, Service};

use crate::event::{Delivery, Entry, Event, QueueDeed, Queued, Refusal, ReportKind, Sent, SentStatus};

/// An entry makes at most so many lines; line ids are entry ids times this.
pub(crate) const LINES_PER_ENTRY: i64 = 4;

/// The lines of an entry, oldest first.
pub fn lines(entry: &Entry) -> Vec<LogLine> {
    let said = say(&entry.event);
    let queue_id = entry.queue_id.as_deref();
    said.into_iter()
        .enumerate()
        .map(|(n, (service, level, text))| LogLine {
            #[expect(clippy::cast_possible_wrap, reason = "n is below LINES_PER_ENTRY")]
            id: entry.id * LINES_PER_ENTRY + n as i64,
            at: entry.at,
            level,
            service: service.to_owned(),
            pid: number(entry.session),
            queue_id: entry.queue_id.clone(),
            session: entry.session,
            text: printable(match queue_id {
                Some(id) => format!("{id}: {text}"),
                None => text,
            }),
        })
        .collect()
}

/// As Postfix does, a question mark for each control character: some of a line is what a peer said, and a user name with a
/// line end in it must not look like a line of ours.
fn printable(text: String) -> String {
    if text.contains(char::is_control) { text.replace(char::is_control, "?") } else { text }
}

/// A line as it stands in the file, local time first.
pub fn dated_line(line: &LogLine, host: &str) -> String {
    format!("{} {}", syslog_date(line.at.div_euclid(1_000_000), &TimeZone::system()), line.whole(host))
}

/// `Nov 24 10:41:07` (RFC 3164 §4.1.2).
pub(crate) fn syslog_date(second: i64, zone: &TimeZone) -> String {
    Timestamp::from_second(second)
        .map(|t| t.to_zoned_datetime(zone.clone()).strftime("%b %e %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// Session numbers as they would fit a process id, 0 for the server itself.
fn number(session: Option<i64>) -> u32 {
    session.map_or(0, |id| u32::try_from(id.rem_euclid(4_000_000)).unwrap_or(0))
}

type Said = (&'static str, Level, String);

fn say(event: &Event) -> Vec<Said> {
    use Level::{Error, Info, Warning};
    match event {
        Event::Connected { service, client } => {
            vec![(daemon(*service), Info, format!("connect from {client}"))]
        }
        Event::Disconnected { service, client, counts } => {
            vec![(daemon(*service), Info, format!("disconnect from {client} {counts}"))]
        }
        Event::TlsStarted { service, client, version, cipher } => {
            let how = match service {
                Service::Outgoing => "Untrusted TLS connection established to",
                _ => "Anonymous TLS connection established from",
            };
            let text = format!("{how} {client}: {version} with cipher {cipher}");
            vec![(daemon(*service), Info, text)]
        }
        Event::TlsFailed { service, client, reason } => {
            vec![(
                daemon(*service),
                Warning,
                format!("warning: TLS handshake failed from {client}: {reason}"),
            )]
        }
        Event::LoggedIn { client, mechanism, user, tls, .. } => {
            let tls = if *tls { ", TLS" } else { "" };
            vec![(
                "imap",
                Info,
                format!("Login: user=<{user}>, method={mechanism}, rip={}{tls}", address(client)),
            )]
        }
        Event::LoginFailed { service, client, mechanism, user } => vec![(
            daemon(*service),
            Warning,
            format!(
                "warning: {client}: SASL {mechanism} authentication failed: wrong name or password, sasl_username={user}"
            ),
        )],
        Event::Refused(refusal) => vec![("smtpd", Level::Refused, refused("reject", refusal))],
        Event::Warned(refusal) => vec![("smtpd", Warning, refused("reject_warning", refusal))],
        Event::Queued(queued) => say_queued(queued),
        Event::Delivered(delivery) => vec![say_delivered(delivery)],
        Event::Sent(sent) => vec![say_sent(sent)],
        // Postfix does not tell of these; the journey does.
        Event::Lookup(_) => Vec::new(),
        Event::Reported { kind, report } => {
            let kind = match kind {
                ReportKind::Failure => "non-delivery",
                ReportKind::Delay => "delay",
                ReportKind::Success => "delivery status",
            };
            vec![("bounce", Info, format!("sender {kind} notification: {report}"))]
        }
        Event::Expired { reverse_path } => {
            vec![("qmgr", Warning, format!("from=<{reverse_path}>, status=expired, returned to sender"))]
        }
        Event::Queue(deed) => {
            let text = match deed {
                QueueDeed::Held => "placed on hold",
                QueueDeed::Released => "released from hold",
                QueueDeed::Retried => "requeued",
                QueueDeed::Deleted => "removed",
            };
            vec![("postsuper", Info, text.into())]
        }
        Event::Removed => vec![("qmgr", Info, "removed".into())],
        Event::Started { version } => vec![("master", Info, format!("daemon started -- version {version}"))],
        Event::Stopped => vec![("master", Info, "terminating".into())],
        Event::Reloaded => vec![("master", Info, "reload configuration".into())],
        Event::ListenerOpened { service, address } => {
            vec![("master", Info, format!("{} listening on {address}", service.name()))]
        }
        Event::ListenerFailed { service, address, reason } => {
            let text = format!("error: {} cannot listen on {address}: {reason}", service.name());
            vec![("master", Error, text)]
        }
        Event::Recovered { messages } => {
            vec![(
                "master",
                Warning,
                format!("warning: {messages} messages taken from the journal after a crash"),
            )]
        }
        Event::AccountChanged { address, change } => {
            vec![("master", Info, format!("account {address}: {change}"))]
        }
        Event::LeftOut { entries } => {
            vec![("master", Warning, format!("warning: {entries} entries left out here: too many at once"))]
        }
        Event::Fault { service, text } => {
            vec![(service.map_or("master", daemon), Error, format!("error: {text}"))]
        }
    }
}

fn say_queued(queued: &Queued) -> Vec<Said> {
    let sasl = queued.sasl.as_ref().map_or(String::new(), |(mechanism, user)| {
        format!(", sasl_method={mechanism}, sasl_username={user}")
    });
    let message_id = queued.message_id.as_deref().unwrap_or_default();
    // A report of ours has no client.
    let client = (!queued.client.is_empty())
        .then(|| (daemon(queued.service), Level::Info, format!("client={}{sasl}", queued.client)));
    let rest = [
        ("cleanup", Level::Info, format!("message-id=<{message_id}>")),
        (
            "qmgr",
            Level::Info,
            format!(
                "from=<{}>, size={}, nrcpt={} (queue active)",
                queued.reverse_path, queued.octets, queued.recipient_count
            ),
        ),
    ];
    client.into_iter().chain(rest).collect()
}

fn say_delivered(delivery: &Delivery) -> Said {
    let total: f64 = delivery.delays.iter().sum();
    let delays: Vec<String> = delivery.delays.iter().map(|d| seconds(*d)).collect();
    let (dsn, status, level) = match delivery.failure.as_deref() {
        None => ("2.0.0", "sent (delivered to maildir)".to_owned(), Level::Info),
        Some(text) => (
            text.split_once(' ').map_or("5.0.0", |(code, _)| code),
            format!("bounced ({text})"),
            Level::Error,
        ),
    };
    let text = format!(
        "to=<{}>, relay=virtual, delay={}, delays={}, dsn={dsn}, status={status}",
        delivery.recipient,
        seconds(total),
        delays.join("/")
    );
    ("virtual", level, text)
}

fn say_sent(sent: &Sent) -> Said {
    let total: f64 = sent.delays.iter().sum();
    let delays: Vec<String> = sent.delays.iter().map(|d| seconds(*d)).collect();
    let original = sent.original.as_ref().map_or(String::new(), |original| format!(", orig_to=<{original}>"));
    let level = match sent.status {
        SentStatus::Sent => Level::Info,
        SentStatus::Deferred => Level::Warning,
        SentStatus::Bounced => Level::Error,
    };
    let text = format!(
        "to=<{}>{original}, relay={}, delay={}, delays={}, dsn={}, status={} ({})",
        sent.recipient,
        sent.relay,
        seconds(total),
        delays.join("/"),
        sent.dsn,
        sent.status.name(),
        sent.text
    );
    ("smtp", level, text)
}

fn refused(what: &str, refusal: &Refusal) -> String {
    let mut text =
        format!("NOQUEUE: {what}: {} from {}: {};", refusal.stage.name(), refusal.client, refusal.reply);
    if let Some(path) = &refusal.reverse_path {
        text.push_str(&format!(" from=<{path}>"));
    }
    if let Some(recipient) = &refusal.recipient {
        text.push_str(&format!(" to=<{recipient}>"));
    }
    text.push_str(&format!(" proto={}", refusal.protocol));
    if let Some(name) = &refusal.client_name {
        text.push_str(&format!(" helo=<{name}>"));
    }
    text
}

/// Two significant digits, as Postfix's `delay_logging_resolution_limit` gives: `0.05`, `12`, `0`.
fn seconds(value: f64) -> String {
    match value {
        v if v < 0.000_001 => "0".into(),
        v if v < 0.1 => trim(format!("{v:.4}")),
        v if v < 10.0 => trim(format!("{v:.2}")),
        v => format!("{v:.0}"),
    }
}

fn trim(text: String) -> String {
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() { "0".into() } else { text.into() }
}

fn address(client: &str) -> &str {
    client.split_once('[').map_or(client, |(_, rest)| rest.trim_end_matches(']'))
}

/// The program that would write the line on a server with Postfix and Dovecot.
pub(crate) const fn daemon(service: Service) -> &'static str {
    match service {
        Service::Smtp | Service::Submission | Service::Submissions => "smtpd",
        Service::Imap | Service::Imaps => "imap",
        Service::Outgoing => "smtp",
        Service::Local => "pickup",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(queue_id: Option<&str>, event: Event) -> Vec<String> {
        let entry = Entry { id: 7, at: 0, session: Some(48), queue_id: queue_id.map(Into::into), event };
        lines(&entry).iter().map(|line| line.whole("mail")).collect()
    }

    #[test]
    fn what_a_peer_says_cannot_make_a_line_of_its_own() {
        let failed = Event::LoginFailed {
            service: Service::Imap,
            client: "unknown[192.0.2.1]".into(),
            mechanism: "LOGIN".into(),
            user: "x\r\nNov 24 10:00:00 mail postigo/smtpd[1]: \u{1b}[2Jforged".into(),
        };
        let lines = text(None, failed);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].ends_with("sasl_username=x??Nov 24 10:00:00 mail postigo/smtpd[1]: ?[2Jforged"),
            "{lines:?}"
        );
    }

    #[test]
    fn an_accepted_message_makes_the_three_lines_of_postfix() {
        let queued = Queued {
            client: "localhost[127.0.0.1]".into(),
            service: Service::Submission,
            sasl: Some(("PLAIN".into(), "ana@lab.test".into())),
            message_id: Some("5b1c.31@lab.test".into()),
            subject: None,
            reverse_path: "ana@lab.test".into(),
            recipients: vec!["luis@lab.test".into()],
            recipient_count: 1,
            octets: 87204,
            reply: "250 2.0.0 Ok: queued as 4gFq2R0zXJ".into(),
        };
        assert_eq!(
            text(Some("4gFq2R0zXJ"), Event::Queued(Box::new(queued))),
            [
                "mail postigo/smtpd[48]: 4gFq2R0zXJ: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=ana@lab.test",
                "mail postigo/cleanup[48]: 4gFq2R0zXJ: message-id=<5b1c.31@lab.test>",
                "mail postigo/qmgr[48]: 4gFq2R0zXJ: from=<ana@lab.test>, size=87204, nrcpt=1 (queue active)",
            ]
        );
    }

    #[test]
    fn a_delivery_line_has_relay_delays_dsn_and_status() {
        let delivery = Delivery {
            recipient: "luis@lab.test".into(),
            delays: [0.04, 0.0, 0.0, 0.01],
            failure: None,
            mailbox: "INBOX".into(),
            uid: 3,
            path: String::new(),
        };
        assert_eq!(
            text(Some("4gFq2R0zXJ"), Event::Delivered(Box::new(delivery))),
            [
                "mail postigo/virtual[48]: 4gFq2R0zXJ: to=<luis@lab.test>, relay=virtual, delay=0.05, delays=0.04/0/0/0.01, dsn=2.0.0, status=sent (delivered to maildir)"
            ]
        );
    }

    #[test]
    fn a_try_reads_as_smtp_writes_it() {
        let sent = Sent {
            recipient: "marta@gran-correo.test".into(),
            original: Some("todos@lab.test".into()),
            relay: "mx1.gran-correo.test[127.0.0.20]:25".into(),
            delays: [0.1, 0.02, 0.3, 1.2],
            status: SentStatus::Deferred,
            dsn: "4.7.1".into(),
            text: "host mx1.gran-correo.test[127.0.0.20] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)".into(),
        };
        assert_eq!(
            text(Some("4gFq2R0zXJ"), Event::Sent(Box::new(sent))),
            [
                "mail postigo/smtp[48]: 4gFq2R0zXJ: to=<marta@gran-correo.test>, orig_to=<todos@lab.test>, relay=mx1.gran-correo.test[127.0.0.20]:25, delay=1.62, delays=0.1/0.02/0.3/1.2, dsn=4.7.1, status=deferred (host mx1.gran-correo.test[127.0.0.20] said: 450 4.7.1 Greylisted (in reply to RCPT TO command))"
            ]
        );
    }

    #[test]
    fn a_refusal_reads_as_smtpd_writes_it() {
        let refusal = Refusal {
            stage: crate::Stage::Rcpt,
            client: "unknown[127.0.0.66]".into(),
            reply: "554 5.7.1 <victima@gran-correo.test>: Relay access denied".into(),
            reverse_path: Some("rey@correo-basura.test".into()),
            recipient: Some("victima@gran-correo.test".into()),
            protocol: "ESMTP".into(),
            client_name: Some("lab.test".into()),
        };
        assert_eq!(
            text(None, Event::Refused(refusal)),
            [
                "mail postigo/smtpd[48]: NOQUEUE: reject: RCPT from unknown[127.0.0.66]: 554 5.7.1 <victima@gran-correo.test>: Relay access denied; from=<rey@correo-basura.test> to=<victima@gran-correo.test> proto=ESMTP helo=<lab.test>"
            ]
        );
    }

    #[test]
    fn seconds_have_the_digits_postfix_gives_them() {
        let cases = [
            (0.0, "0"),
            (0.000_04, "0"),
            (0.0004, "0.0004"),
            (0.05, "0.05"),
            (0.31, "0.31"),
            (989.2, "989"),
            (1.0, "1"),
        ];
        for (value, expected) in cases {
            assert_eq!(seconds(value), expected, "{value}");
        }
    }
}
