//! What whoever schedules asks: which destinations have something due, and what is due there.

use super::{Spool, lock};
use super::types::RecipientId;
use crate::{Result, index::signed};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Recipients of a message are numbered below this (RFC 5321 §4.5.3.1.8 asks for 100 at least; configurations stop at 50,000).
const NUMBERS: i64 = 1 << 20;

/// A destination for which something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDestination {
    /// Its key.
    pub destination: String,
    /// Whether some of it has been tried before.
    pub was_tried: bool,
}

/// What one message has for a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// The message.
    pub queue_id: String,
    /// Its recipients that are due there.
    pub recipients: Vec<RecipientKey>,
}

/// A recipient in one number, unique among all that are in the spool at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecipientKey(pub i64);

impl RecipientKey {
    /// Its number within the message.
    pub fn number(self) -> u32 {
        u32::try_from(self.0.rem_euclid(NUMBERS)).unwrap_or(0)
    }
}

impl Spool {
    /// Destinations with something due, by key, only those behind `after`. Blocking.
    pub fn due_destinations(
        &self,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DueDestination>> {
        let connection = lock(&self.inner.scheduling);
        let sql = "SELECT destination, sum(deferred) > 0 FROM lanes WHERE next_try <= ?1 AND destination > ?2
                   GROUP BY destination ORDER BY destination LIMIT ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let after = after.unwrap_or_default();
        let found = statement.query_map(params![now.as_microsecond(), after, signed(limit as u64)], |row| {
            Ok(DueDestination { destination: row.get(0)?, was_tried: row.get(1)? })
        })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// What is due at a destination with a priority, the longest waiting first; at most `limit` recipients. Blocking.
    pub fn due_at(
        &self,
        destination: &str,
        priority: u8,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMessage>> {
        let connection = lock(&self.inner.scheduling);
        let sql = "SELECT r.message, r.number, m.queue_id FROM recipients r JOIN messages m ON m.id = r.message
                   WHERE r.state = 0 AND r.destination = ?1 AND r.priority = ?2 AND r.next_try <= ?3
                   ORDER BY r.next_try, r.message, r.number LIMIT ?4";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows =
            statement.query(params![destination, priority, now.as_microsecond(), signed(limit as u64)])?;
        let arriving = self.inner.shared.claims.lock().arriving.clone();
        let mut found = Vec::<DueMessage>::new();
        while let Some(row) = rows.next()? {
            let queue_id: String = row.get(2)?;
            if arriving.contains(&queue_id) {
                continue;
            }
            let key = key(row.get(0)?, row.get(1)?);
            match found.last_mut().filter(|last| last.queue_id == queue_id) {
                Some(last) => last.recipients.push(key),
                None => found.push(DueMessage { queue_id, recipients: vec![key] }),
            }
        }
        Ok(found)
    }

    /// What a message that has just come has due, by destination. Blocking.
    pub fn due_of(&self, queue_id: &str, now: Timestamp) -> Result<Vec<(String, DueMessage)>> {
        let connection = lock(&self.inner.scheduling);
        due_of(&connection, queue_id, now)
    }

    /// Marks recipients as being delivered, for whoever looks; [`Spool::record`], a delivery that settles them, or
    /// [`Spool::release`] ends it. In memory.
    pub fn claim(&self, ids: &[RecipientId]) {
        self.inner.shared.claims.lock().claimed.extend(ids.iter().cloned());
    }
}

fn due_of(connection: &Connection, queue_id: &str, now: Timestamp) -> Result<Vec<(String, DueMessage)>> {
    let sql = "SELECT r.destination, r.message, r.number FROM messages m JOIN recipients r ON r.message = m.id
               WHERE m.queue_id = ?1 AND r.state = 0 AND r.next_try <= ?2 ORDER BY r.destination, r.number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![queue_id, now.as_microsecond()])?;
    let mut found = Vec::<(String, DueMessage)>::new();
    while let Some(row) = rows.next()? {
        let destination: String = row.get(0)?;
        let key = key(row.get(1)?, row.get(2)?);
        match found.last_mut().filter(|(last, _)| *last == destination) {
            Some((_, message)) => message.recipients.push(key),
            None => {
                let message = DueMessage { queue_id: queue_id.to_owned(), recipients: vec![key] };
                found.push((destination, message));
            }
        }
    }
    Ok(found)
}

const fn key(message: i64, number: u32) -> RecipientKey {
    RecipientKey(message * NUMBERS + number as i64)
}
