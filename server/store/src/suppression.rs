//! Addresses elsewhere to which nothing is sent: those that a server said do not exist, and those that a person named.
//!
//! They lie in `DATA/suppression.db`. A damaged one is set aside, and the list begins anew: what belongs on it comes back.

use crate::Result;
use crate::database::{self, Schema, signed};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const SCHEMA: Schema = Schema { name: "suppression.db", version: 1, cache: 256, create };

/// Times are microseconds since 1970; `until` is null for ever.
const TABLES: &str = "
CREATE TABLE suppressed (
    address TEXT PRIMARY KEY,
    reason INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    reply TEXT NOT NULL,
    queue_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressed_since ON suppressed (since);
PRAGMA user_version = 1;
";

fn create(connection: &Connection) -> Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    Ok(transaction.commit()?)
}

/// An address to which nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// It, in lower case.
    pub address: String,
    /// How it came here.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None`: until somebody takes it away.
    pub until: Option<Timestamp>,
    /// What the other server said of it, or a person's note.
    pub reply: String,
    /// The message that came back.
    pub queue_id: Option<String>,
}

/// How an address came onto the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionReason {
    /// A server said that there is no such address.
    Bounced,
    /// A person wants it so.
    Manual,
}

/// The list. Cheap to clone. All calls block for well under a millisecond.
#[derive(Clone, Debug)]
pub struct Suppressions {
    connection: Arc<Mutex<Connection>>,
}

impl Suppressions {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (connection, _) = database::open(path, &SCHEMA, true)?;
        // A few rows a day: no thread of its own is needed to move them out of the write-ahead log, and a person's entry
        // is worth a sync.
        connection.pragma_update(None, "wal_autocheckpoint", 100)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// The entry of an address, if it counts now. Compared without case.
    pub fn get(&self, address: &str, now: Timestamp) -> Result<Option<Suppressed>> {
        let sql = "SELECT address, reason, since, until, reply, queue_id FROM suppressed
                   WHERE address = ?1 AND (until IS NULL OR until > ?2)";
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![address.to_lowercase(), now.as_microsecond()], entry).optional()?)
    }

    /// Adds an address, or replaces its entry. What a person added is not replaced by what a server said.
    pub fn add(&self, new: &Suppressed) -> Result<()> {
        let sql = "INSERT INTO suppressed (address, reason, since, until, reply, queue_id)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT DO UPDATE SET reason = excluded.reason, since = excluded.since, until = excluded.until,
                       reply = excluded.reply, queue_id = excluded.queue_id
                   WHERE reason = 0 OR excluded.reason = 1";
        self.lock().prepare_cached(sql)?.execute(params![
            new.address.to_lowercase(),
            match new.reason {
                SuppressionReason::Bounced => 0,
                SuppressionReason::Manual => 1,
            },
            new.since.as_microsecond(),
            new.until.map(Timestamp::as_microsecond),
            new.reply,
            new.queue_id,
        ])?;
        Ok(())
    }

    /// Takes an address away; false if it was not there.
    pub fn remove(&self, address: &str) -> Result<bool> {
        let sql = "DELETE FROM suppressed WHERE address = ?1";
        Ok(self.lock().prepare_cached(sql)?.execute([address.to_lowercase()])? > 0)
    }

    /// Entries that count now, by address: those behind `after` with `text` in them, at most `limit`. Forgets those whose
    /// time is over.
    pub fn list(
        &self,
        text: &str,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Suppressed>> {
        let connection = self.lock();
        let over = "DELETE FROM suppressed WHERE until <= ?1";
        connection.prepare_cached(over)?.execute([now.as_microsecond()])?;
        let sql = "SELECT address, reason, since, until, reply, queue_id FROM suppressed
                   WHERE address > ?1 AND instr(address, ?2) > 0 ORDER BY address LIMIT ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let wanted = params![after.unwrap_or_default(), text.to_lowercase(), signed(limit as u64)];
        let rows = statement.query_map(wanted, entry)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many entries count now.
    pub fn count(&self, now: Timestamp) -> Result<u64> {
        let sql = "SELECT count(*) FROM suppressed WHERE until IS NULL OR until > ?1";
        let count = self.lock().prepare_cached(sql)?.query_row([now.as_microsecond()], |row| row.get(0))?;
        Ok(database::unsigned(count))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Suppressed> {
    Ok(Suppressed {
        address: row.get(0)?,
        reason: if row.get(1)? { SuppressionReason::Manual } else { SuppressionReason::Bounced },
        since: time(row.get(2)?),
        until: row.get::<_, Option<i64>>(3)?.map(time),
        reply: row.get(4)?,
        queue_id: row.get(5)?,
    })
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(address: &str, reason: SuppressionReason, until: Option<i64>) -> Suppressed {
        let (since, until) = (at(10), until.map(at));
        Suppressed {
            address: address.into(),
            reason,
            since,
            until,
            reply: "550 5.1.1".into(),
            queue_id: None,
        }
    }

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_microsecond(micros).unwrap()
    }

    #[test]
    fn an_entry_counts_in_any_case_until_its_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let list = Suppressions::open(&folder.path().join("suppression.db")).unwrap();
        list.add(&entry("Eva@Far.test", SuppressionReason::Bounced, Some(100))).unwrap();
        assert_eq!(list.get("EVA@far.TEST", at(99)).unwrap().unwrap().address, "eva@far.test");
        assert_eq!(list.get("eva@far.test", at(100)).unwrap(), None);
        assert_eq!((list.count(at(99)).unwrap(), list.count(at(100)).unwrap()), (1, 0));
        assert_eq!(list.list("", None, 10, at(100)).unwrap(), []);
        assert!(!list.remove("eva@far.test").unwrap(), "it was forgotten");
    }

    #[test]
    fn what_a_person_added_stays_and_pages_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suppression.db");
        let list = Suppressions::open(&path).unwrap();
        list.add(&entry("b@far.test", SuppressionReason::Bounced, Some(100))).unwrap();
        list.add(&entry("b@far.test", SuppressionReason::Manual, None)).unwrap();
        list.add(&entry("b@far.test", SuppressionReason::Bounced, Some(100))).unwrap();
        list.add(&entry("a@far.test", SuppressionReason::Manual, None)).unwrap();
        list.add(&entry("c@near.test", SuppressionReason::Manual, None)).unwrap();
        drop(list);
        let list = Suppressions::open(&path).unwrap();
        assert_eq!(list.get("b@far.test", at(200)).unwrap().unwrap().reason, SuppressionReason::Manual);
        let names = |text: &str, after: Option<&str>, limit| {
            let found = list.list(text, after, limit, at(0)).unwrap();
            found.into_iter().map(|one| one.address).collect::<Vec<_>>()
        };
        assert_eq!(names("", None, 2), ["a@far.test", "b@far.test"]);
        assert_eq!(names("", Some("b@far.test"), 2), ["c@near.test"]);
        assert_eq!(names("FAR", None, 9), ["a@far.test", "b@far.test"]);
        assert!(list.remove("A@far.test").unwrap());
        assert_eq!(list.count(at(0)).unwrap(), 2);
    }
}
