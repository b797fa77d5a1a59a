//! Figures that must be quick to read: counted when written, in quarters of an hour.
//!
//! A quarter, because local midnight is a whole quarter of UTC in every time zone there is.

use std::collections::BTreeMap;

use postigo_api::{Micros, Service};
use rusqlite::{Connection, Result, params};

use crate::event::{Entry, Event};

const QUARTER: Micros = 900 * 1_000_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    Accepted = 1,
    Delivered = 2,
    Submitted = 3,
    Refused = 4,
    LeftOut = 5,
}

/// Figures since some moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Messages accepted, however they came.
    pub accepted: u32,
    /// Copies put into mailboxes.
    pub delivered: u32,
    /// Messages accepted from authenticated users.
    pub submitted: u32,
    /// Refusals: recipients, senders, logins, handshakes.
    pub refused: u32,
    /// Entries left out.
    pub left_out: u32,
}

/// Counts of one batch, to be added in its transaction.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<(i64, Count), i64>);

impl Tally {
    pub fn add(&mut self, entry: &Entry) {
        let quarter = entry.at.div_euclid(QUARTER);
        let mut add = |count, n| *self.0.entry((quarter, count)).or_default() += n;
        match &entry.event {
            Event::Queued(queued) => {
                add(Count::Accepted, 1);
                if queued.sasl.is_some() && queued.service != Service::Smtp {
                    add(Count::Submitted, 1);
                }
            }
            Event::Delivered(delivery) if delivery.failure.is_none() => add(Count::Delivered, 1),
            Event::Refused(_) | Event::LoginFailed { .. } | Event::TlsFailed { .. } => add(Count::Refused, 1),
            Event::LeftOut { entries } => add(Count::LeftOut, i64::try_from(*entries).unwrap_or(i64::MAX)),
            _ => {}
        }
    }

    pub fn write(self, db: &Connection) -> Result<()> {
        let mut add = db.prepare_cached(
            "INSERT INTO counters (quarter, what, n) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((quarter, count), n) in self.0 {
            add.execute(params![quarter, count as i64, n])?;
        }
        Ok(())
    }
}

/// The figures since `since`, which is rounded down to a quarter of an hour.
pub(crate) fn figures(db: &Connection, since: Micros) -> Result<Figures> {
    let mut figures = Figures::default();
    let mut query =
        db.prepare_cached("SELECT what, sum(n) FROM counters WHERE quarter >= ?1 GROUP BY what")?;
    let mut rows = query.query([since.div_euclid(QUARTER)])?;
    while let Some(row) = rows.next()? {
        let n = row.get::<_, i64>(1)?.try_into().unwrap_or(u32::MAX);
        match row.get::<_, i64>(0)? {
            1 => figures.accepted = n,
            2 => figures.delivered = n,
            3 => figures.submitted = n,
            4 => figures.refused = n,
            5 => figures.left_out = n,
            _ => {}
        }
    }
    Ok(figures)
}

/// Messages accepted in each of the 24 hours that end with `now`, oldest first.
pub(crate) fn hourly(db: &Connection, now: Micros) -> Result<Vec<u32>> {
    let end = now.div_euclid(QUARTER) + 1;
    let start = end - 24 * 4;
    let mut hours = vec![0_u32; 24];
    let mut query = db.prepare_cached(
        "SELECT quarter, n FROM counters WHERE what = 1 AND quarter >= ?1 AND quarter < ?2",
    )?;
    let mut rows = query.query([start, end])?;
    while let Some(row) = rows.next()? {
        let hour = usize::try_from((row.get::<_, i64>(0)? - start) / 4).unwrap_or(0).min(23);
        hours[hour] = hours[hour].saturating_add(row.get::<_, i64>(1)?.try_into().unwrap_or(u32::MAX));
    }
    Ok(hours)
}
