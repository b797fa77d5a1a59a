//! Indexes in SQLite: what is lost of them with the power is in the journal, and what is lost altogether is built anew.

use crate::{Code, Error, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What an index has to be.
pub(crate) struct Schema {
    /// What errors call it.
    pub name: &'static str,
    /// Of its tables.
    pub version: i64,
    /// KiB of pages in memory.
    pub cache: i64,
    /// Makes the tables, or brings those of an older version up to date, and notes their version.
    pub create: fn(&Connection) -> Result<()>,
}

/// Opens an index; true in the second place if it is new, or was damaged and is set aside. `check` has SQLite look for damage.
pub(crate) fn open(path: &Path, schema: &Schema, check: bool) -> Result<(Connection, bool)> {
    match open_if_sound(path, schema, check) {
        Err(error) if error.code() == Code::Corrupt => {
            set_aside(path)?;
            tracing::error!(path = %path.display(), cause = ?error, "an index was damaged and is built anew");
            open_if_sound(path, schema, false)
        }
        other => other,
    }
}

fn open_if_sound(path: &Path, schema: &Schema, check: bool) -> Result<(Connection, bool)> {
    let connection = connect(path, schema.cache)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => (schema.create)(&connection)?,
        known if known == schema.version => {}
        older if older < schema.version => (schema.create)(&connection)?,
        _ => return Err(Error::about(Code::TooNew, schema.name)),
    }
    if check {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(Error::because(Code::Corrupt, verdict));
        }
    }
    Ok((connection, version == 0))
}

/// A connection to an index, also one more to an open one; `cache` in KiB.
///
/// `synchronous = NORMAL` in WAL mode does not sync on commit and cannot be corrupted by power loss; what is lost then is
/// replayed from the journal or found again in the folders. Checkpoints of the WAL would sync, so they are made apart, out
/// of the way of deliveries, and none happens when the connection closes.
pub(crate) fn connect(path: &Path, cache: i64) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -cache)?;
    connection.set_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
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
fn set_aside(path: &Path) -> Result<()> {
    fs::rename(path, with_suffix(path, &format!(".damaged-{}", jiff::Timestamp::now().as_second())))?;
    remove(path)
}

/// A side file of an index.
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
