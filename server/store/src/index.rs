//! `index.db`: what the files do not say about themselves (UIDs, mod-sequences), and what would be slow to read from them.
//!
//! A thin layer over SQL without any rule of its own; the rules are in [`crate::mail`]. Several calls become one
//! transaction by holding the guard of [`Index::transaction`]; dropping it without `commit` undoes them.

mod mailboxes;
mod messages;
mod schema;

use crate::{Code, Error, Result};
pub(crate) use mailboxes::MailboxRow;
pub(crate) use messages::MessageRow;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::fs;
use std::path::{Path, PathBuf};

/// After power loss the numbers given last may not have reached the disk. This many are skipped, more than can be given
/// between two checkpoints, so that none is given twice. 32 bits last for 4,000 power losses.
const LOST_NUMBERS: i64 = 1_000_000;

/// Expunged UIDs are remembered this long (RFC 7162 §3.2.7 leaves it to us).
const VANISHED_DAYS: i64 = 30;

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Connection,
    path: PathBuf,
}

/// How an index was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It was there.
    Known,
    /// It is new, or the old one was damaged and is set aside: read the folders.
    New,
}

impl Index {
    /// Opens `index.db`. `check` has SQLite look for damage; `power_losses` is how often the data folder has lost power.
    pub(crate) fn open(path: &Path, check: bool, power_losses: i64) -> Result<(Self, Condition)> {
        let (connection, is_new) = match schema::open(path, check) {
            Err(error) if error.code() == Code::Corrupt => {
                set_aside(path)?;
                tracing::error!(path = %path.display(), cause = ?error, "a mail index was damaged and is built anew");
                schema::open(path, false)?
            }
            other => other?,
        };
        let index = Self { connection, path: path.to_owned() };
        if is_new {
            index.set_meta("power_losses", power_losses)?;
        } else {
            index.skip_lost_numbers(power_losses)?;
            index.forget_old_vanished()?;
        }
        Ok((index, if is_new { Condition::New } else { Condition::Known }))
    }

    /// Begins to write at once: a transaction that first reads could not wait for another program's write.
    pub(crate) fn transaction(&self) -> Result<Transaction<'_>> {
        Ok(Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?)
    }

    /// Files that hold committed rows, for systems where each file is synced on its own.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "Linux syncs the file system as a whole"))]
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        [self.path.clone(), with_suffix(&self.path, "-wal")]
    }

    /// Moves the write-ahead log into the database when it has grown, so that it stays small. Syncs.
    pub(crate) fn checkpoint(&self, above_octets: u64) -> Result<()> {
        let wal = fs::metadata(with_suffix(&self.path, "-wal")).map_or(0, |meta| meta.len());
        if wal > above_octets {
            // The answer only says how far a checkpoint came; the next one goes on.
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    fn meta(&self, key: &str) -> Result<i64> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        let mut rows = statement.query([key])?;
        Ok(rows.next()?.map_or(Ok(0), |row| row.get(0))?)
    }

    fn set_meta(&self, key: &str, value: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
            )?
            .execute(params![key, value])?;
        Ok(())
    }

    fn skip_lost_numbers(&self, power_losses: i64) -> Result<()> {
        if self.meta("power_losses")? == power_losses {
            return Ok(());
        }
        let transaction = self.transaction()?;
        self.connection.execute(
            "UPDATE mailboxes SET uid_next = min(uid_next + ?1, 4294967295), highest_mod_seq = highest_mod_seq + ?1,
                 new_modified = 0, cur_modified = 0",
            [LOST_NUMBERS],
        )?;
        self.set_meta("power_losses", power_losses)?;
        transaction.commit()?;
        Ok(())
    }

    fn forget_old_vanished(&self) -> Result<()> {
        let before = jiff::Timestamp::now().as_second() - VANISHED_DAYS * 24 * 60 * 60;
        let transaction = self.transaction()?;
        self.connection.execute(
            "UPDATE mailboxes SET vanished_floor = max(vanished_floor, coalesce(
                 (SELECT max(mod_seq) FROM vanished WHERE mailbox = mailboxes.id AND at < ?1), 0))",
            [before],
        )?;
        self.connection.execute("DELETE FROM vanished WHERE at < ?1", [before])?;
        transaction.commit()?;
        Ok(())
    }
}

/// Removes an index with its side files.
pub(crate) fn remove(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Renames a damaged index, for whoever wants to look at it; its side files are of no use without it.
pub(crate) fn set_aside(path: &Path) -> Result<()> {
    fs::rename(path, with_suffix(path, &format!(".damaged-{}", jiff::Timestamp::now().as_second())))?;
    remove(path)
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// SQLite's integers are signed; no size or count of ours comes near the limit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Counts and sizes are never negative in an index that is not damaged.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn out_of_numbers(what: &str) -> Error {
    Error::because(Code::Corrupt, format!("{what} is used up"))
}
