//! Writing the index: single statements, which the spool's thread joins into transactions.

use super::entry::{Notify, SpoolEntry};
use super::schema::{NEVER, SCHEMA};
use super::types::{Action, AttemptOutcome, EditRecipient, RecipientId};
use crate::database::{self, signed};
use crate::{Code, Error, Result};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// Tries of one recipient that are kept.
const KEPT_TRIES: u32 = 10;

/// The writing connection of an index.
#[derive(Debug)]
pub(super) struct Table {
    connection: Connection,
    path: PathBuf,
}

/// A message that is new to the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewMessage<'a> {
    pub(super) queue_id: &'a str,
    /// Of the segment that holds its record; 0 if none does.
    pub(super) generation: u64,
    pub(super) arrived: Timestamp,
    pub(super) octets: u64,
    /// Where that record begins, if the content is there and not in a file.
    pub(super) journal_at: Option<u64>,
    pub(super) entry: &'a SpoolEntry,
}

/// A message after its recipients changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Summary {
    /// Some are left.
    Left(String),
    /// None is left, and the message is out of the index.
    Finished(String),
}

impl Table {
    /// Opens the index; true in the second place if it is new, or was damaged and is set aside: read the files then.
    pub(super) fn open(path: &Path, check: bool) -> Result<(Self, bool)> {
        let (connection, is_new) = database::open(path, &SCHEMA, check)?;
        Ok((Self { connection, path: path.to_owned() }, is_new))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Files that hold committed rows, for systems where each file is synced on its own.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn files(&self) -> [PathBuf; 2] {
        [self.path.clone(), database::with_suffix(&self.path, "-wal")]
    }

    /// Begins to write at once, as in [`crate::index::Index::transaction`].
    pub(super) fn transaction(&self) -> Result<Transaction<'_>> {
        Ok(Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?)
    }

    /// The row of a message.
    pub(super) fn message(&self, queue_id: &str) -> Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM messages WHERE queue_id = ?1")?;
        Ok(statement.query_row([queue_id], |row| row.get(0)).optional()?)
    }

    /// The row of the message, if this recipient is left.
    pub(super) fn message_of(&self, id: &RecipientId) -> Result<Option<i64>> {
        let sql = "SELECT r.message FROM messages m JOIN recipients r ON r.message = m.id
                   WHERE m.queue_id = ?1 AND r.number = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![id.queue_id, id.number], |row| row.get(0)).optional()?)
    }

    pub(super) fn insert(&self, new: &NewMessage<'_>) -> Result<()> {
        let recipients = &new.entry.recipients;
        let held = recipients.iter().filter(|recipient| recipient.held).count();
        let next_try =
            recipients.iter().filter(|recipient| !recipient.held).map(|recipient| recipient.next_try);
        self.connection
            .prepare_cached(
                "INSERT INTO messages (queue_id, generation, arrived, octets, journal_at, reverse_path, parameters,
                     context, waiting, deferred, held, next_try, hold_until)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12)",
            )?
            .execute(params![
                new.queue_id,
                signed(new.generation),
                new.arrived.as_microsecond(),
                signed(new.octets),
                new.journal_at.map(signed),
                new.entry.reverse_path,
                to_json(&new.entry.parameters)?,
                new.entry.context,
                signed((recipients.len() - held) as u64),
                signed(held as u64),
                next_try.min().map_or(NEVER, Timestamp::as_microsecond),
                new.entry.parameters.hold_until,
            ])?;
        let message = self.connection.last_insert_rowid();
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO recipients (message, number, address, original, notify, orcpt, destination, priority, state,
                 next_try, expires)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        for (number, recipient) in recipients.iter().enumerate() {
            statement.execute(params![
                message,
                signed(number as u64),
                recipient.address,
                recipient.original,
                recipient.notify.map(notify_bits),
                recipient.orcpt,
                recipient.destination,
                recipient.priority,
                recipient.held,
                recipient.next_try.as_microsecond(),
                recipient.expires.as_microsecond(),
            ])?;
        }
        Ok(())
    }

    pub(super) fn remove_recipient(&self, message: i64, number: u32) -> Result<()> {
        let sql = "DELETE FROM recipients WHERE message = ?1 AND number = ?2";
        self.connection.prepare_cached(sql)?.execute(params![message, number])?;
        Ok(())
    }

    pub(super) fn set_warned(&self, message: i64, number: u32) -> Result<()> {
        let sql = "UPDATE recipients SET warned = 1 WHERE message = ?1 AND number = ?2";
        self.connection.prepare_cached(sql)?.execute(params![message, number])?;
        Ok(())
    }

    pub(super) fn defer(
        &self,
        message: i64,
        number: u32,
        next_try: Timestamp,
        priority: u8,
        outcome: &AttemptOutcome,
    ) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE recipients SET attempts = attempts + 1, next_try = ?3, priority = ?4, last = ?5,
                     first_failure = coalesce(first_failure, ?6)
                 WHERE message = ?1 AND number = ?2",
            )?
            .execute(params![
                message,
                number,
                next_try.as_microsecond(),
                priority,
                to_json(outcome)?,
                outcome.at.as_microsecond(),
            ])?;
        self.note_try(message, number)
    }

    /// Keeps the last try among the last ones.
    fn note_try(&self, message: i64, number: u32) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO tries (message, number, attempt, outcome)
                   SELECT message, number, attempts, last FROM recipients WHERE message = ?1 AND number = ?2";
        self.connection.prepare_cached(sql)?.execute(params![message, number])?;
        let sql = "DELETE FROM tries WHERE message = ?1 AND number = ?2 AND attempt <= (
                       SELECT attempts FROM recipients WHERE message = ?1 AND number = ?2) - ?3";
        self.connection.prepare_cached(sql)?.execute(params![message, number, KEPT_TRIES])?;
        Ok(())
    }

    pub(super) fn set_destination(
        &self,
        message: i64,
        number: u32,
        destination: &str,
        priority: u8,
    ) -> Result<()> {
        // That the old destination rests is no reason to wait for the new one.
        let sql =
            "UPDATE recipients SET destination = ?3, priority = ?4, last = iif(attempts = 0, NULL, last)
                   WHERE message = ?1 AND number = ?2";
        self.connection.prepare_cached(sql)?.execute(params![message, number, destination, priority])?;
        Ok(())
    }

    pub(super) fn edit(&self, message: i64, number: u32, edit: &EditRecipient) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE recipients SET address = ?3, destination = ?4, next_try = ?5, original = coalesce(original, address)
                 WHERE message = ?1 AND number = ?2",
            )?
            .execute(params![
                message,
                number,
                edit.address,
                edit.destination,
                edit.next_try.as_microsecond()
            ])?;
        Ok(())
    }

    /// Does to a message's recipients, or to one of them, what a person wants; says how many it was done to.
    pub(super) fn act(&self, message: i64, number: Option<u32>, action: Action) -> Result<usize> {
        const WHICH: &str = "WHERE message = ?1 AND (?2 IS NULL OR number = ?2)";
        let micros = |time: Timestamp| time.as_microsecond();
        let run = |what: &str, condition: &str, time: Option<i64>| -> Result<usize> {
            let mut statement = self.connection.prepare_cached(&format!("{what} {WHICH} {condition}"))?;
            Ok(match time {
                Some(time) => statement.execute(params![message, number, time])?,
                None => statement.execute(params![message, number])?,
            })
        };
        match action {
            Action::Hold => run("UPDATE recipients SET state = 1", "AND state = 0", None),
            Action::Release => run("UPDATE recipients SET state = 0", "AND state = 1", None),
            Action::RetryNow(now) => run(
                "UPDATE recipients SET next_try = ?3",
                "AND state = 0 AND next_try > ?3
                 AND NOT EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND hold_until > ?3)",
                Some(micros(now)),
            ),
            Action::SendNow(now) => {
                let sql = "UPDATE messages SET hold_until = NULL WHERE id = ?1";
                self.connection.prepare_cached(sql)?.execute([message])?;
                run(
                    "UPDATE recipients SET state = 0, next_try = min(next_try, ?3)",
                    "AND (state = 1 OR next_try > ?3)",
                    Some(micros(now)),
                )
            }
            Action::Expire(now) => run(
                "UPDATE recipients SET state = 0, expires = min(expires, ?3), next_try = min(next_try, ?3)",
                "",
                Some(micros(now)),
            ),
            Action::Delete => run("DELETE FROM recipients", "", None),
        }
    }

    /// Moves the next try of a destination's waiting recipients to `until`, at most `limit` of them, and says of which
    /// messages they are. What was tried itself keeps its own reason for waiting.
    pub(super) fn postpone(
        &self,
        destination: &str,
        until: Timestamp,
        outcome: &AttemptOutcome,
        limit: usize,
    ) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE recipients SET next_try = ?2, last = iif(attempts = 0, ?3, last)
             WHERE state = 0 AND (message, number) IN (
                 SELECT message, number FROM recipients
                 WHERE state = 0 AND destination = ?1 AND next_try < ?2 LIMIT ?4)
             RETURNING message",
        )?;
        let limit = signed(limit as u64);
        let rows = statement
            .query_map(params![destination, until.as_microsecond(), to_json(outcome)?, limit], |row| {
                row.get(0)
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Brings a message's row up to date with its recipients, and takes it out if none is left.
    pub(super) fn summarize(&self, message: i64) -> Result<Option<Summary>> {
        let sql =
            "SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 0 AND last IS NOT NULL),
                       count(*) FILTER (WHERE state = 1), coalesce(min(next_try) FILTER (WHERE state = 0), ?2)
                   FROM recipients WHERE message = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (waiting, deferred, held, next_try): (i64, i64, i64, i64) = statement
            .query_row(params![message, NEVER], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        if waiting + held == 0 {
            return Ok(self.finish(message)?.map(Summary::Finished));
        }
        let sql = "UPDATE messages SET waiting = ?2, deferred = ?3, held = ?4, next_try = ?5 WHERE id = ?1 RETURNING queue_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let queue_id = statement
            .query_row(params![message, waiting, deferred, held, next_try], |row| row.get(0))
            .optional()?;
        Ok(queue_id.map(Summary::Left))
    }

    /// Takes a message out, and remembers that it was there for as long as its journal record is.
    pub(super) fn finish(&self, message: i64) -> Result<Option<String>> {
        self.connection.prepare_cached("DELETE FROM recipients WHERE message = ?1")?.execute([message])?;
        let sql = "DELETE FROM messages WHERE id = ?1 RETURNING queue_id, generation";
        let mut statement = self.connection.prepare_cached(sql)?;
        let gone: Option<(String, i64)> =
            statement.query_row([message], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((queue_id, generation)) = gone else { return Ok(None) };
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO finished (generation, queue_id) VALUES (?1, ?2)")?
            .execute(params![generation, queue_id])?;
        Ok(Some(queue_id))
    }

    pub(super) fn finished(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("SELECT queue_id FROM finished")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets the finished messages of all segments but these.
    pub(super) fn forget_finished(&self, except: impl Fn(u64) -> bool) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT DISTINCT generation FROM finished")?;
        let generations: Vec<i64> =
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for generation in generations {
            if !u64::try_from(generation).is_ok_and(&except) {
                let sql = "DELETE FROM finished WHERE generation = ?1";
                self.connection.prepare_cached(sql)?.execute([generation])?;
            }
        }
        Ok(())
    }

    /// Notes that a message has its file now. False if the message is gone.
    pub(super) fn set_filed(&self, message: i64) -> Result<bool> {
        let sql = "UPDATE messages SET journal_at = NULL WHERE id = ?1";
        Ok(self.connection.prepare_cached(sql)?.execute([message])? > 0)
    }

    /// Messages after a row, at most `limit`.
    pub(super) fn messages_after(&self, row: i64, limit: usize) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT id, queue_id FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = signed(limit as u64);
        let rows = statement.query_map(params![row, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::because(Code::Io, error))
}

fn notify_bits(notify: Notify) -> i64 {
    i64::from(notify.success) | i64::from(notify.failure) << 1 | i64::from(notify.delay) << 2
}

pub(super) fn notify_of(bits: i64) -> Notify {
    Notify { success: bits & 1 != 0, failure: bits & 2 != 0, delay: bits & 4 != 0 }
}
