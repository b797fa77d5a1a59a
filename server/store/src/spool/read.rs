//! Reading the index: on connections of their own, so that neither schedulers nor viewers wait for writers.

use super::claims::ClaimState;
use super::entry::SenderParameters;
use super::schema::NEVER;
use super::table::notify_of;
use super::types::{
    AttemptOutcome, Condition, Counts, CursorKey, DestinationCounts, Due, DueQuery, ListCursor, ListQuery,
    Order, Page, QueuedEnvelope, QueuedMessage, QueuedRecipient, RecipientCounts, RecipientId,
    RecipientState, Trouble,
};
use crate::database::{signed, unsigned};
use crate::{Code, Error, Result};
use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, Type, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

/// A list with a filter looks at no more messages than this, so that its time is bounded; the next page goes on.
const LOOKED_AT: usize = 10_000;

const MESSAGE: &str =
    "m.id, m.queue_id, m.arrived, m.octets, m.journal_at, m.reverse_path, m.parameters, m.context,
    m.waiting, m.deferred, m.held, m.next_try, m.generation, m.hold_until";
const RECIPIENT: &str =
    "r.number, r.address, r.original, r.notify, r.orcpt, r.destination, r.priority, r.state,
    r.attempts, r.next_try, r.expires, r.first_failure, r.last, r.warned";
const RECIPIENT_AT: usize = 14;

/// Claims recipients that are due: lane by lane in the order of their times, the most urgent priority first.
pub(super) fn claim_due(
    connection: &Connection,
    query: &DueQuery<'_>,
    claims: &mut ClaimState,
) -> Result<Vec<Due>> {
    let mut claimed = Vec::new();
    let mut of_destination = std::collections::HashMap::<String, usize>::new();
    let now = query.now.as_microsecond();
    let mut priority = Some(*query.priorities.start());
    while let Some(at_least) = priority {
        let Some(found) =
            next_priority(connection, at_least)?.filter(|found| query.priorities.contains(found))
        else {
            break;
        };
        let sql = "SELECT destination FROM lanes WHERE priority = ?1 AND next_try <= ?2 ORDER BY next_try";
        let mut statement = connection.prepare_cached(sql)?;
        let mut lanes = statement.query(params![found, now])?;
        while let Some(row) = lanes.next()? {
            let destination: String = row.get(0)?;
            if claimed.len() >= query.limit {
                return Ok(claimed);
            }
            if query.exclude.contains(&destination) {
                continue;
            }
            let taken = of_destination.entry(destination.clone()).or_default();
            let limit = query.per_destination.saturating_sub(*taken).min(query.limit - claimed.len());
            let before = claimed.len();
            claim_lane(connection, &destination, found, now, limit, claims, &mut claimed)?;
            *taken += claimed.len() - before;
        }
        priority = found.checked_add(1);
    }
    Ok(claimed)
}

fn next_priority(connection: &Connection, at_least: u8) -> Result<Option<u8>> {
    let mut statement = connection.prepare_cached("SELECT min(priority) FROM lanes WHERE priority >= ?1")?;
    Ok(statement.query_row([at_least], |row| row.get(0))?)
}

fn claim_lane(
    connection: &Connection,
    destination: &str,
    priority: u8,
    now: i64,
    limit: usize,
    claims: &mut ClaimState,
    claimed: &mut Vec<Due>,
) -> Result<()> {
    if limit == 0 {
        return Ok(());
    }
    // Which first, from the index alone; then the rows of those that are taken.
    let sql = "SELECT r.message, r.number, m.queue_id FROM recipients r JOIN messages m ON m.id = r.message
               WHERE r.state = 0 AND r.destination = ?1 AND r.priority = ?2 AND r.next_try <= ?3
               ORDER BY r.next_try, r.message, r.number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![destination, priority, now])?;
    let end = claimed.len() + limit;
    while claimed.len() < end
        && let Some(row) = rows.next()?
    {
        let id = RecipientId { queue_id: row.get(2)?, number: row.get(1)? };
        if claims.arriving.contains(&id.queue_id) || claims.claimed.contains(&id) {
            continue;
        }
        let sql = format!(
            "SELECT {MESSAGE}, {RECIPIENT} FROM messages m JOIN recipients r ON r.message = m.id
             WHERE m.id = ?1 AND r.number = ?2"
        );
        let due =
            connection.prepare_cached(&sql)?.query_row(params![row.get::<_, i64>(0)?, id.number], |row| {
                let recipient = recipient(row, RECIPIENT_AT, &id.queue_id)?;
                Ok(Due {
                    recipient: QueuedRecipient { is_claimed: true, ..recipient },
                    envelope: envelope(row)?,
                })
            })?;
        claims.claimed.insert(id);
        claimed.push(due);
    }
    Ok(())
}

/// The earliest time after `now` at which something becomes due.
pub(super) fn next_due(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let sql = "SELECT min(next_try) FROM lanes WHERE next_try > ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let next: Option<i64> = statement.query_row([now.as_microsecond()], |row| row.get(0))?;
    Ok(next.and_then(unless_never))
}

/// The earliest time after `now` at which a sender releases a message.
pub(super) fn next_release(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let sql = "SELECT min(hold_until) FROM messages WHERE hold_until > ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let next: Option<i64> = statement.query_row([now.as_microsecond()], |row| row.get(0))?;
    Ok(next.map(time))
}

/// A message with its recipients, at most `limit` of them.
pub(super) fn get(connection: &Connection, queue_id: &str, limit: usize) -> Result<Option<QueuedMessage>> {
    let sql = format!("SELECT {MESSAGE} FROM messages m WHERE m.queue_id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([queue_id], |row| Ok((row.get(0)?, message(row)?))).optional()?;
    let Some((id, mut message)) = found else { return Ok(None) };
    message.recipients = recipients(connection, id, queue_id, limit)?;
    Ok(Some(message))
}

/// A page of a list.
pub(super) fn list(connection: &Connection, query: &ListQuery) -> Result<Page> {
    let key = match query.order {
        Order::Arrived => "arrived",
        Order::NextTry => "next_try",
        Order::Octets => "octets",
        Order::ReversePath => "reverse_path",
    };
    let (order, beyond) = if query.descending { ("DESC", "<") } else { ("ASC", ">") };
    let after = match query.after {
        Some(_) => format!("WHERE (m.{key}, m.queue_id) {beyond} (?1, ?2)"),
        None => String::new(),
    };
    let sql = format!(
        "SELECT {MESSAGE}, m.{key} FROM messages m {after} ORDER BY m.{key} {order}, m.queue_id {order}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = match &query.after {
        Some(cursor) => statement.query(params![cursor.key, cursor.queue_id])?,
        None => statement.query([])?,
    };
    let (limit, text) = (query.limit.max(1), query.filter.text.to_lowercase());
    let mut page = Page::default();
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        looked_at += 1;
        let mut found = message(row)?;
        if matches(connection, id, &found, query, &text)? {
            found.recipients = recipients(connection, id, &found.envelope.queue_id, query.recipients)?;
            page.messages.push(found);
        }
        if page.messages.len() == limit || looked_at == LOOKED_AT {
            let key = match row.get::<_, Value>(RECIPIENT_AT)? {
                Value::Text(text) => CursorKey::Text(text),
                Value::Integer(number) => CursorKey::Number(number),
                _ => return Err(Error::because(Code::Corrupt, "a key of another type")),
            };
            page.next = Some(ListCursor { key, queue_id: row.get(1)? });
            break;
        }
    }
    Ok(page)
}

fn matches(
    connection: &Connection,
    id: i64,
    message: &QueuedMessage,
    query: &ListQuery,
    text: &str,
) -> Result<bool> {
    let is_in_condition = match query.filter.condition {
        None => true,
        Some(Condition::Waiting) => message.waiting > 0,
        Some(Condition::Deferred) => message.deferred > 0,
        Some(Condition::Held) => message.held > 0,
    };
    if !is_in_condition {
        return Ok(false);
    }
    if let Some(destination) = &query.filter.destination {
        let sql = "SELECT 1 FROM recipients WHERE message = ?1 AND destination = ?2 LIMIT 1";
        if !connection.prepare_cached(sql)?.exists(params![id, destination])? {
            return Ok(false);
        }
    }
    let has = |value: &str| value.to_lowercase().contains(text);
    if text.is_empty() || has(&message.envelope.queue_id) || has(&message.envelope.reverse_path) {
        return Ok(true);
    }
    let mut statement = connection.prepare_cached("SELECT address FROM recipients WHERE message = ?1")?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        if row.get_ref(0)?.as_str().is_ok_and(has) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last tries of a message's recipients.
pub(super) fn tries(connection: &Connection, queue_id: &str) -> Result<Vec<(u32, AttemptOutcome)>> {
    let sql = "SELECT t.number, t.outcome FROM messages m JOIN tries t ON t.message = m.id
               WHERE m.queue_id = ?1 ORDER BY t.number, t.attempt";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([queue_id], |row| Ok((row.get(0)?, json(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Looks at some of the recipients of a destination, not at all of them: there may be a hundred thousand.
pub(super) fn trouble(connection: &Connection, destination: &str) -> Result<Option<Trouble>> {
    let sql = "SELECT first_failure, last FROM recipients
               WHERE state = 0 AND destination = ?1 AND last IS NOT NULL LIMIT 100";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([destination])?;
    let mut since: Option<i64> = None;
    let mut reasons = Vec::new();
    while let Some(row) = rows.next()? {
        let first: Option<i64> = row.get(0)?;
        since = since.into_iter().chain(first).min();
        reasons.push(json(row, 1)?);
    }
    Ok(since.map(|since| Trouble { since: time(since), reasons }))
}

/// How many messages that wait arrived, and were released by their senders, before a time, and when the first arrived.
pub(super) fn older_than(connection: &Connection, before: Timestamp) -> Result<Option<(u64, Timestamp)>> {
    let sql = "SELECT count(*), min(arrived) FROM messages
               WHERE arrived < ?1 AND waiting > 0 AND (hold_until IS NULL OR hold_until < ?1)";
    let mut statement = connection.prepare_cached(sql)?;
    let (count, first): (i64, Option<i64>) =
        statement.query_row([before.as_microsecond()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.map(|first| (unsigned(count), time(first))))
}

/// Messages whose content is in this segment only, at most `limit`: their rows and ids, and where their records begin.
pub(super) fn unfiled(
    connection: &Connection,
    generation: u64,
    limit: usize,
) -> Result<Vec<(i64, String, u64)>> {
    let sql = "SELECT id, queue_id, journal_at FROM messages
               WHERE generation = ?1 AND journal_at IS NOT NULL LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![signed(generation), signed(limit as u64)], |row| {
        Ok((row.get(0)?, row.get(1)?, unsigned(row.get(2)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many recipients wait for nothing but the time at which their sender releases them.
pub(super) fn later(connection: &Connection, now: Timestamp) -> Result<u64> {
    let sql =
        "SELECT coalesce(sum(waiting - deferred), 0) FROM messages WHERE hold_until > ?1 AND next_try > ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([now.as_microsecond()], |row| row.get(0).map(unsigned))?)
}

/// What there is in all; claims are not the index's to count.
pub(super) fn counts(connection: &Connection) -> Result<Counts> {
    let sql = "SELECT t.messages, t.octets, coalesce(sum(l.waiting), 0), coalesce(sum(l.deferred), 0),
                   coalesce(sum(l.held), 0) FROM totals t LEFT JOIN lanes l";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| {
        Ok(Counts {
            messages: unsigned(row.get(0)?),
            octets: unsigned(row.get(1)?),
            recipients: recipient_counts(row, 2)?,
            claimed: 0,
        })
    })?)
}

/// What waits for each destination, the most first.
pub(super) fn destinations(connection: &Connection, limit: usize) -> Result<Vec<DestinationCounts>> {
    let sql = "SELECT destination, sum(waiting), sum(deferred), sum(held), min(next_try) FROM lanes
               GROUP BY destination ORDER BY sum(waiting) + sum(held) DESC, destination LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([signed(limit as u64)], |row| {
        Ok(DestinationCounts {
            destination: row.get(0)?,
            recipients: recipient_counts(row, 1)?,
            next_try: unless_never(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn recipient_counts(row: &Row<'_>, at: usize) -> rusqlite::Result<RecipientCounts> {
    Ok(RecipientCounts {
        waiting: unsigned(row.get(at)?),
        deferred: unsigned(row.get(at + 1)?),
        held: unsigned(row.get(at + 2)?),
    })
}

fn recipients(
    connection: &Connection,
    message: i64,
    queue_id: &str,
    limit: usize,
) -> Result<Vec<QueuedRecipient>> {
    let sql = format!("SELECT {RECIPIENT} FROM recipients r WHERE r.message = ?1 ORDER BY r.number LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows =
        statement.query_map(params![message, signed(limit as u64)], |row| recipient(row, 0, queue_id))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn message(row: &Row<'_>) -> rusqlite::Result<QueuedMessage> {
    Ok(QueuedMessage {
        envelope: envelope(row)?,
        waiting: row.get(8)?,
        deferred: row.get(9)?,
        held: row.get(10)?,
        next_try: unless_never(row.get(11)?),
        recipients: Vec::new(),
    })
}

fn envelope(row: &Row<'_>) -> rusqlite::Result<QueuedEnvelope> {
    Ok(QueuedEnvelope {
        queue_id: row.get(1)?,
        arrived: time(row.get(2)?),
        octets: unsigned(row.get(3)?),
        journal_at: match row.get::<_, Option<i64>>(4)? {
            Some(at) => Some((unsigned(row.get(12)?), unsigned(at))),
            None => None,
        },
        reverse_path: row.get(5)?,
        parameters: SenderParameters { hold_until: row.get(13)?, ..json(row, 6)? },
        context: row.get(7)?,
    })
}

fn recipient(row: &Row<'_>, at: usize, queue_id: &str) -> rusqlite::Result<QueuedRecipient> {
    let last: Option<AttemptOutcome> = match row.get_ref(at + 12)? {
        ValueRef::Null => None,
        _ => Some(json(row, at + 12)?),
    };
    Ok(QueuedRecipient {
        id: RecipientId { queue_id: queue_id.to_owned(), number: row.get(at)? },
        address: row.get(at + 1)?,
        original: row.get(at + 2)?,
        notify: row.get::<_, Option<i64>>(at + 3)?.map(notify_of),
        orcpt: row.get(at + 4)?,
        destination: row.get(at + 5)?,
        priority: row.get(at + 6)?,
        state: if row.get(at + 7)? { RecipientState::Held } else { RecipientState::Waiting },
        is_claimed: false,
        attempts: row.get(at + 8)?,
        next_try: time(row.get(at + 9)?),
        expires: time(row.get(at + 10)?),
        first_failure: row.get::<_, Option<i64>>(at + 11)?.map(time),
        last,
        is_warned: row.get(at + 13)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(at)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

fn unless_never(micros: i64) -> Option<Timestamp> {
    (micros != NEVER).then(|| time(micros))
}

impl ToSql for CursorKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Number(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}
