//! `trace.db`: its schema, and how it is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Result};

/// Written into the file; a file with another number is put aside, for a trace is no mail.
const VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    session INTEGER,
    queue_id TEXT,
    landmark INTEGER NOT NULL,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX entries_of_message ON entries (queue_id) WHERE queue_id IS NOT NULL;
CREATE INDEX entries_of_session ON entries (session) WHERE session IS NOT NULL;
CREATE INDEX landmarks ON entries (id) WHERE landmark = 1;
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    opened INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    service TEXT NOT NULL,
    session TEXT NOT NULL,
    transcript BLOB NOT NULL,
    truncated INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_refused ON sessions (id) WHERE refused = 1;
CREATE TABLE counters (
    quarter INTEGER NOT NULL,
    what INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (quarter, what)
) STRICT, WITHOUT ROWID;
";

/// Opens the file for the writer, makes it when it is not there, and puts it aside when it cannot be read.
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    match prepare(path) {
        Ok(db) => Ok(db),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the trace cannot be read; a new one is begun");
            let aside = path.with_extension("db.unreadable");
            let _ = std::fs::rename(path, aside);
            for suffix in ["db-wal", "db-shm"] {
                let _ = std::fs::remove_file(path.with_extension(suffix));
            }
            prepare(path)
        }
    }
}

fn prepare(path: &Path) -> Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_secs(5))?;
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        db.pragma_update(None, "auto_vacuum", "incremental")?;
    }
    db.pragma_update(None, "journal_mode", "wal")?;
    // A trace may be lost with the power; it must not cost syncs that mail needs.
    db.pragma_update(None, "synchronous", "off")?;
    match version {
        0 => {
            db.execute_batch(SCHEMA)?;
            db.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {}
        _ => return Err(rusqlite::Error::InvalidQuery),
    }
    Ok(db)
}

/// Opens the file for questions.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(Duration::from_secs(5))?;
    Ok(db)
}
