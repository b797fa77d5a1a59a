//! What whoever schedules asks: which destinations have something due, and what is due there.

use super::claims::ClaimState;
use super::types::{DueDestination, DueMessage, RecipientId};
use super::{Spool, lock};
use crate::Result;
use crate::database::signed;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::ops::RangeInclusive;

impl Spool {
    /// Destinations with something due, by key, only those behind `after`. Blocking.
    pub fn due_destinations(
        &self,
        now: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DueDestination>> {
        let connection = lock(&self.inner.scheduling);
        let sql = "SELECT destination, sum(deferred) > 0 FROM lanes WHERE destination > ?2
                   GROUP BY destination HAVING min(next_try) <= ?1 ORDER BY destination LIMIT ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let after = after.unwrap_or_default();
        let found = statement
            .query_map(params![now.as_microsecond(), after, signed(limit as u64)], |row| {
                Ok(DueDestination { destination: row.get(0)?, was_tried: row.get(1)? })
            })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// Claims what is due at a destination, by priority, the longest waiting first; at most `limit` recipients. Claims end
    /// as those of [`Spool::claim_due`] do. Blocking.
    pub fn claim_at(
        &self,
        destination: &str,
        priorities: RangeInclusive<u8>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMessage>> {
        let connection = lock(&self.inner.scheduling);
        let sql = "SELECT priority FROM lanes WHERE destination = ?1 AND priority BETWEEN ?2 AND ?3 AND next_try <= ?4
                   ORDER BY priority";
        let mut statement = connection.prepare_cached(sql)?;
        let bounds = params![destination, priorities.start(), priorities.end(), now.as_microsecond()];
        let lanes = statement.query_map(bounds, |row| row.get(0))?.collect::<rusqlite::Result<Vec<u8>>>()?;
        let mut claims = self.inner.shared.claims.lock();
        let (mut found, mut left) = (Vec::new(), limit);
        for priority in lanes {
            left = claim_lane(&connection, destination, priority, now, left, &mut claims, &mut found)?;
        }
        Ok(found)
    }

    /// Claims recipients by name, whoever has them; claims end as those of [`Spool::claim_due`] do. In memory.
    pub fn claim(&self, ids: &[RecipientId]) {
        self.inner.shared.claims.lock().claimed.extend(ids.iter().cloned());
    }
}

/// Claims at most `limit` recipients of a lane; gives what is left of the limit.
fn claim_lane(
    connection: &Connection,
    destination: &str,
    priority: u8,
    now: Timestamp,
    mut limit: usize,
    claims: &mut ClaimState,
    found: &mut Vec<DueMessage>,
) -> Result<usize> {
    let sql = "SELECT r.number, m.queue_id FROM recipients r JOIN messages m ON m.id = r.message
               WHERE r.state = 0 AND r.destination = ?1 AND r.priority = ?2 AND r.next_try <= ?3
               ORDER BY r.next_try, r.message, r.number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![destination, priority, now.as_microsecond()])?;
    while limit > 0
        && let Some(row) = rows.next()?
    {
        let id = RecipientId { queue_id: row.get(1)?, number: row.get(0)? };
        if claims.arriving.contains(&id.queue_id) || claims.claimed.contains(&id) {
            continue;
        }
        limit -= 1;
        match found.last_mut().filter(|last| last.queue_id == id.queue_id && last.priority == priority) {
            Some(last) => last.numbers.push(id.number),
            None => {
                let (queue_id, numbers) = (id.queue_id.clone(), vec![id.number]);
                found.push(DueMessage { queue_id, priority, numbers });
            }
        }
        claims.claimed.insert(id);
    }
    Ok(limit)
}
