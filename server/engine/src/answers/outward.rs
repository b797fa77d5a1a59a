//! What needs attention on the way out: open relay, destinations and name servers that do not answer, mail that waits.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use postigo_api::{Attention, AttentionCode, Error, QueueFailureKind, RelayPasswordPlace};
use postigo_store::{Spool, Trouble};

use super::overview::{mild, severe};
use crate::config::Config;
use crate::engine::Shared;
use crate::errors::{self, blocking};
use crate::flow;
use crate::queue::failure_of;

/// A destination that is away for less is no news.
const DOWN: Duration = Duration::from_secs(3_600);

/// Destinations that are named; the others show when these are well.
const NAMED: usize = 3;

/// Destinations that are looked at: those with most that waits.
const LOOKED_AT: usize = 20;

/// So many messages are more than a small server has on any good day.
const LONG: u64 = 5_000;

/// How old mail may be before it is worth a word, where senders are not warned.
const OLD: Duration = Duration::from_secs(4 * 3_600);

/// A name server that misses one question may only be slow.
const SILENT: Duration = Duration::from_secs(60);

/// What a person should know.
pub(super) async fn attention(engine: &Shared, config: &Arc<Config>) -> Result<Vec<Attention>, Error> {
    let now = Timestamp::now();
    let mut found = Vec::new();
    if let Some((setting, value)) = flow::open_relay(config) {
        found.push(severe(AttentionCode::OpenRelay, [("setting", setting.to_owned()), ("value", value)]));
    }
    if engine.secrets.relayhost_place() == RelayPasswordPlace::Locked {
        found.push(severe(AttentionCode::RelayPasswordLocked, []));
    }
    if let Some(silence) =
        engine.names.health().silence().filter(|silence| is_past(silence.since, SILENT, now))
    {
        let since = silence.since.as_microsecond().to_string();
        found.push(severe(AttentionCode::NameServerSilent, [("server", silence.server), ("since", since)]));
    }
    let warning = Duration::from_secs(config.queue.warning_seconds.into());
    let old = if warning.is_zero() { OLD } else { warning };
    let spool = engine.store.spool().clone();
    found.extend(blocking(move || waiting(&spool, old, now).map_err(|error| errors::store(&error))).await?);
    Ok(found)
}

/// What the queue says. Blocking.
fn waiting(spool: &Spool, old: Duration, now: Timestamp) -> Result<Vec<Attention>, postigo_store::Error> {
    let mut found = Vec::new();
    for of in spool.destinations(LOOKED_AT)? {
        if found.len() == NAMED {
            break;
        }
        let trouble = spool.trouble(&of.destination)?;
        // Mail to everybody else goes out: no reason to say that mail does not work.
        if let Some(trouble) = trouble.filter(|trouble| is_down(trouble, now)) {
            found.push(mild(
                AttentionCode::DestinationDown,
                [
                    ("destination", of.destination),
                    ("messages", of.recipients.waiting.to_string()),
                    ("since", trouble.since.as_microsecond().to_string()),
                ],
            ));
        }
    }
    let before = now.checked_sub(old).unwrap_or(Timestamp::MIN);
    if let Some((count, since)) = spool.older_than(before)?.filter(|_| found.is_empty()) {
        let since = since.as_microsecond().to_string();
        found.push(mild(AttentionCode::QueueOld, [("messages", count.to_string()), ("since", since)]));
    }
    let messages = spool.counts()?.messages;
    if messages >= LONG {
        found.push(mild(AttentionCode::QueueLong, [("messages", messages.to_string())]));
    }
    Ok(found)
}

/// Whether it is the destination that does not take mail, and not some recipients there.
fn is_down(trouble: &Trouble, now: Timestamp) -> bool {
    use QueueFailureKind as Kind;
    let is_away = |kind| match kind {
        Kind::NameUnresolved
        | Kind::Unreachable
        | Kind::TimedOut
        | Kind::ConnectionLost
        | Kind::TlsFailed
        | Kind::LoginRefused
        | Kind::DestinationResting => true,
        Kind::Refused | Kind::Greylisted | Kind::MailboxFull | Kind::Local => false,
    };
    is_past(trouble.since, DOWN, now) && trouble.reasons.iter().all(|reason| is_away(failure_of(reason).kind))
}

fn is_past(since: Timestamp, span: Duration, now: Timestamp) -> bool {
    since.checked_add(span).is_ok_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use postigo_store::AttemptOutcome;

    fn trouble(seconds_ago: i64, contexts: &[&str]) -> Trouble {
        let since = Timestamp::from_second(1_000_000 - seconds_ago).unwrap();
        let reason = |context: &&str| AttemptOutcome {
            at: since,
            code: None,
            enhanced: None,
            text: "x".into(),
            host: None,
            context: (*context).to_owned(),
        };
        Trouble { since, reasons: contexts.iter().map(reason).collect() }
    }

    #[test]
    fn a_destination_is_down_when_all_that_waits_says_so_for_an_hour() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let away = r#"{"kind":"unreachable","session":null,"command":null}"#;
        let full = r#"{"kind":"mailboxFull","session":null,"command":null}"#;
        for (name, trouble, expected) in [
            ("away, and resting", trouble(3_600, &[away, ""]), true),
            ("for a moment", trouble(3_599, &[away]), false),
            ("one mailbox is full", trouble(9_999, &[away, full]), false),
        ] {
            assert_eq!(is_down(&trouble, now), expected, "{name}");
        }
    }
}
