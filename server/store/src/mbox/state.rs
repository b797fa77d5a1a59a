//! `mbox.db`: what the mbox and INBOX had in common when they were last compared. Losing it loses no mail: what is in either is then in both.

use super::format::Digest;
use crate::database::{self, Schema};
use crate::{Flags, Result, Uid, UidValidity};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::Path;

const SCHEMA: Schema = Schema { name: "mbox.db", version: 1, cache: 128, create };

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT;
CREATE TABLE messages (uid INTEGER PRIMARY KEY, digest BLOB NOT NULL, flags INTEGER NOT NULL) STRICT;
";

fn create(connection: &Connection) -> Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", SCHEMA.version)?;
    transaction.commit()?;
    Ok(())
}

/// The database. What it says is on disk before anything follows from it.
pub(super) struct State {
    connection: Connection,
}

/// A message that is in both, as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) digest: Digest,
    pub(super) flags: Flags,
}

/// What tells whether somebody has changed the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp([i64; 6]);

/// A file that is being written anew from an octet on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rewrite {
    /// Up to here the file stays as it is.
    pub(super) from: u64,
    /// Its length before.
    pub(super) old_length: u64,
    /// So many octets of the side file are what follows.
    pub(super) side_length: u64,
}

const STAMP: [&str; 6] = ["device", "inode", "length", "modified_s", "modified_ns", "changed"];
const REWRITE: [&str; 3] = ["rewrite_from", "rewrite_old", "rewrite_side"];

impl Stamp {
    pub(super) fn of(meta: &Metadata) -> Self {
        let length = database::signed(meta.len());
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let changed = meta.ctime().wrapping_mul(1_000_000_000).wrapping_add(meta.ctime_nsec());
            Self([
                meta.dev().cast_signed(),
                meta.ino().cast_signed(),
                length,
                meta.mtime(),
                meta.mtime_nsec(),
                changed,
            ])
        }
        #[cfg(not(unix))]
        {
            let modified = meta.modified().ok().and_then(|time| jiff::Timestamp::try_from(time).ok());
            Self([0, 0, length, modified.map_or(0, |time| time.as_microsecond()), 0, 0])
        }
    }
}

impl State {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let (connection, _) = database::open(path, &SCHEMA, true)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
        Ok(Self { connection })
    }

    pub(super) fn transaction(&self) -> Result<Transaction<'_>> {
        Ok(Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?)
    }

    pub(super) fn get(&self, uid: Uid) -> Result<Option<Known>> {
        let mut statement =
            self.connection.prepare_cached("SELECT digest, flags FROM messages WHERE uid = ?1")?;
        Ok(statement.query_row([uid], |row| known(row, 0)).optional()?)
    }

    pub(super) fn all(&self) -> Result<BTreeMap<Uid, Known>> {
        let mut statement = self.connection.prepare_cached("SELECT uid, digest, flags FROM messages")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, known(row, 1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn put(&self, uid: Uid, known: Known) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO messages (uid, digest, flags) VALUES (?1, ?2, ?3)")?
            .execute(params![uid, known.digest, known.flags.bits()])?;
        Ok(())
    }

    pub(super) fn remove(&self, uid: Uid) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM messages WHERE uid = ?1")?.execute([uid])?;
        Ok(())
    }

    /// Forgets all messages.
    pub(super) fn forget(&self) -> Result<()> {
        self.connection.execute("DELETE FROM messages", [])?;
        self.set("length", -1)
    }

    pub(super) fn uid_validity(&self) -> Result<i64> {
        self.meta("uid_validity").map(|value| value.unwrap_or(0))
    }

    pub(super) fn set_uid_validity(&self, value: UidValidity) -> Result<()> {
        self.set("uid_validity", i64::from(value.get()))
    }

    pub(super) fn stamp(&self) -> Result<Stamp> {
        let mut stamp = Stamp::default();
        for (value, key) in stamp.0.iter_mut().zip(STAMP) {
            *value = self.meta(key)?.unwrap_or(-1);
        }
        Ok(stamp)
    }

    pub(super) fn set_stamp(&self, stamp: Stamp) -> Result<()> {
        STAMP.iter().zip(stamp.0).try_for_each(|(key, value)| self.set(key, value))
    }

    pub(super) fn rewrite(&self) -> Result<Option<Rewrite>> {
        let [from, old, side] = REWRITE;
        let Some(from) = self.meta(from)? else { return Ok(None) };
        Ok(Some(Rewrite {
            from: database::unsigned(from),
            old_length: database::unsigned(self.meta(old)?.unwrap_or(0)),
            side_length: database::unsigned(self.meta(side)?.unwrap_or(0)),
        }))
    }

    pub(super) fn set_rewrite(&self, rewrite: Option<Rewrite>) -> Result<()> {
        let transaction = self.transaction()?;
        match rewrite {
            Some(Rewrite { from, old_length, side_length }) => {
                for (key, value) in REWRITE.iter().zip([from, old_length, side_length]) {
                    self.set(key, database::signed(value))?;
                }
            }
            None => {
                for key in REWRITE {
                    self.connection.execute("DELETE FROM meta WHERE key = ?1", [key])?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn meta(&self, key: &str) -> Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    fn set(&self, key: &str, value: i64) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
            )?
            .execute(params![key, value])?;
        Ok(())
    }
}

fn known(row: &Row<'_>, first: usize) -> rusqlite::Result<Known> {
    Ok(Known { digest: row.get(first)?, flags: Flags::from_bits(row.get(first + 1)?) })
}
