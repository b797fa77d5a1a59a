//! The queue, in the manner of postqueue -p.

use postigo_api::{QueueFailure, QueueFailureKind, QueueMessage, QueueRow, QueueState};

use super::{moment, plain};

/// What a list came to so far.
#[derive(Debug, Default)]
pub(crate) struct Total {
    messages: u64,
    octets: u64,
}

impl Total {
    /// More rows, with the heading before the first.
    pub fn rows(&mut self, rows: &[QueueRow]) -> String {
        let mut text = String::new();
        for one in rows {
            if self.messages == 0 {
                text.push_str("-Queue ID-- --Size-- ----Arrival Time--- -Sender/Recipient-------\n");
            }
            self.messages += 1;
            self.octets = self.octets.saturating_add(one.octets);
            text.push_str(&row(one));
            text.push('\n');
        }
        text
    }

    /// The last line.
    pub fn end(&self) -> String {
        if self.messages == 0 {
            return "Mail queue is empty".to_owned();
        }
        let requests = if self.messages == 1 { "Request" } else { "Requests" };
        format!("-- {} Kbytes in {} {requests}.", self.octets.div_ceil(1024), self.messages)
    }
}

/// `*` is on its way, `!` is held.
fn row(row: &QueueRow) -> String {
    let mark = match row.state {
        QueueState::Active => '*',
        QueueState::Deferred | QueueState::Later => ' ',
        QueueState::Held => '!',
    };
    let id = format!("{}{mark}", row.queue_id);
    let mut text = format!("{id:<11} {:>8} {} {}\n", row.octets, moment(row.arrived), sender(&row.sender));
    if let Some(waits) = waits(row.why.as_ref(), row.state, row.next_try) {
        text.push_str(&format!("    ({waits})\n"));
    }
    let named = u32::try_from(row.recipients.len()).unwrap_or(u32::MAX);
    let more = row.recipient_count.saturating_sub(named);
    for recipient in &row.recipients {
        text.push_str(&format!("{:41} {}\n", "", plain(recipient)));
    }
    if more > 0 {
        text.push_str(&format!("{:41} and {more} more\n", ""));
    }
    text
}

/// Why something waits, and until when.
fn waits(why: Option<&QueueFailure>, state: QueueState, next_try: Option<i64>) -> Option<String> {
    let next = match (state, next_try) {
        (QueueState::Deferred, Some(at)) => Some(format!("next try {}", moment(at))),
        (QueueState::Later, Some(at)) => Some(format!("to be sent on {}", moment(at))),
        _ => None,
    };
    match (why.map(failure), next) {
        (Some(why), Some(next)) => Some(format!("{why}; {next}")),
        (why, next) => why.or(next),
    }
}

/// Why a try did not work, in one line.
fn failure(failure: &QueueFailure) -> String {
    let kind = match failure.kind {
        QueueFailureKind::Refused => "refused for now",
        QueueFailureKind::Greylisted => "greylisted: the server lets those wait whom it does not know yet",
        QueueFailureKind::MailboxFull => "the mailbox is full",
        QueueFailureKind::NameUnresolved => "the name was not resolved",
        QueueFailureKind::Unreachable => "the server did not take the connection",
        QueueFailureKind::TimedOut => "no answer in time",
        QueueFailureKind::ConnectionLost => "the server hung up",
        QueueFailureKind::TlsFailed => "TLS is demanded and did not come about",
        QueueFailureKind::LoginRefused => "user name and password were not taken",
        QueueFailureKind::DestinationResting => "not tried, for the destination failed moments ago",
        QueueFailureKind::Local => "a fault on this computer",
    };
    let mut text = kind.to_owned();
    if let Some(host) = &failure.host {
        text.push_str(&format!("; {host}"));
    }
    if !failure.text.is_empty() {
        text.push_str(&format!(": {}", failure.text));
    }
    if let Some(command) = &failure.command {
        text.push_str(&format!(" (in reply to {command} command)"));
    }
    plain(&text)
}

/// A message with all that is known of it.
pub(crate) fn message(message: &QueueMessage) -> String {
    let row = &message.row;
    let mut text = format!(
        "{}  {}  {} octets\n  sender:  {}\n  arrived: {}\n  returns: {}\n",
        row.queue_id,
        state(row.state),
        row.octets,
        sender(&row.sender),
        moment(row.arrived),
        moment(message.expires)
    );
    for recipient in &message.recipients {
        let original = recipient.original.as_ref().filter(|original| **original != recipient.address);
        let original = original.map(|o| format!(" (written as {})", plain(o))).unwrap_or_default();
        text.push_str(&format!(
            "  {}. {}{original}\n     {} for {}, tries: {}\n",
            recipient.number,
            plain(&recipient.address),
            state(recipient.state),
            plain(&recipient.destination),
            recipient.attempts
        ));
        if let Some(waits) = waits(recipient.why.as_ref(), recipient.state, recipient.next_try) {
            text.push_str(&format!("     {waits}\n"));
        }
        for tried in &recipient.tries {
            let session = tried.session.map(|id| format!(" (postigo session {id})")).unwrap_or_default();
            text.push_str(&format!("     tried {}: {}{session}\n", moment(tried.at), failure(tried)));
        }
    }
    text.push('\n');
    for line in message.header.lines() {
        text.push_str(&format!("  {}\n", plain(&line.replace('\t', " "))));
    }
    text
}

/// `1 message`, `2 messages`.
pub(crate) fn messages(count: u64) -> String {
    format!("{count} message{}", if count == 1 { "" } else { "s" })
}

fn state(state: QueueState) -> &'static str {
    match state {
        QueueState::Active => "active",
        QueueState::Deferred => "deferred",
        QueueState::Later => "later",
        QueueState::Held => "held",
    }
}

/// As Postfix names the empty reverse-path in lists.
fn sender(reverse_path: &str) -> String {
    if reverse_path.is_empty() { "MAILER-DAEMON".to_owned() } else { plain(reverse_path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postigo_api::QueueRecipient;

    fn refused() -> QueueFailure {
        QueueFailure {
            kind: QueueFailureKind::Refused,
            at: 0,
            host: Some("mx.otro.test[127.0.0.2]:25".into()),
            text: "450 4.2.0 Come back\u{1b}[2J".into(),
            command: Some("RCPT TO".into()),
            session: Some(7),
        }
    }

    fn waiting() -> QueueRow {
        QueueRow {
            queue_id: "1vBcD01234".into(),
            sender: "ana@lab.test".into(),
            recipients: vec!["luis@otro.test".into()],
            recipient_count: 3,
            octets: 1500,
            arrived: 0,
            state: QueueState::Deferred,
            attempts: 2,
            next_try: Some(60_000_000),
            why: Some(refused()),
        }
    }

    #[test]
    fn a_waiting_message_is_listed_with_reason_and_next_try() {
        let mut total = Total::default();
        let text = total.rows(&[waiting()]);
        let expected = format!(
            "-Queue ID-- --Size-- ----Arrival Time--- -Sender/Recipient-------\n\
             1vBcD01234      1500 {} ana@lab.test\n    \
             (refused for now; mx.otro.test[127.0.0.2]:25: 450 4.2.0 Come back?[2J (in reply to RCPT TO command); \
             next try {})\n{:41} luis@otro.test\n{:41} and 2 more\n\n",
            moment(0),
            moment(60_000_000),
            "",
            ""
        );
        assert_eq!(text, expected);
        assert_eq!(total.end(), "-- 2 Kbytes in 1 Request.");
        assert!(!total.rows(&[waiting()]).contains("Queue ID"), "one heading is enough");
        assert_eq!(total.end(), "-- 3 Kbytes in 2 Requests.");
        assert_eq!(Total::default().end(), "Mail queue is empty");
    }

    #[test]
    fn what_is_sent_later_says_when() {
        let later = row(&QueueRow { state: QueueState::Later, why: None, ..waiting() });
        assert!(later.contains(&format!("    (to be sent on {})\n", moment(60_000_000))), "{later}");
    }

    #[test]
    fn marks_are_those_of_postfix_and_a_held_message_has_no_next_try() {
        let held = row(&QueueRow { state: QueueState::Held, sender: String::new(), ..waiting() });
        assert!(held.starts_with("1vBcD01234! "), "{held}");
        assert!(held.contains(" MAILER-DAEMON\n") && !held.contains("next try"), "{held}");
        let active = row(&QueueRow { state: QueueState::Active, why: None, ..waiting() });
        assert!(active.starts_with("1vBcD01234* ") && !active.contains('('), "{active}");
    }

    #[test]
    fn a_message_is_shown_with_each_recipient() {
        let recipient = QueueRecipient {
            number: 0,
            address: "luis@otro.test".into(),
            original: Some("luis@lab.test".into()),
            destination: "[127.0.0.1]:3525".into(),
            state: QueueState::Deferred,
            attempts: 2,
            next_try: Some(60_000_000),
            why: Some(refused()),
            tries: vec![refused()],
        };
        let header = "Subject: Hola\r\n\tagain\u{7}\r\n".into();
        let text = message(&QueueMessage { row: waiting(), recipients: vec![recipient], expires: 0, header });
        for part in [
            "1vBcD01234  deferred  1500 octets\n",
            "  0. luis@otro.test (written as luis@lab.test)\n",
            "     deferred for [127.0.0.1]:3525, tries: 2\n",
            "(in reply to RCPT TO command) (postigo session 7)\n",
            "\n  Subject: Hola\n   again?\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }
}
