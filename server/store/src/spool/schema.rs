//! The tables of `DATA/queue/index.db`.

use crate::{Code, Error, Result};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

const VERSION: i64 = 1;

/// Stands for "never" in `next_try`, so that it sorts last.
pub(super) const NEVER: i64 = i64::MAX;

/// Times are microseconds since 1970. A recipient's `state` is 0 while it waits and 1 while it is held.
///
/// `lanes` sums up the recipients of a destination and priority, so that finding what is due costs by what is found and
/// not by what waits, and counting costs by destinations; triggers keep it true whatever statement changes recipients.
/// `journal_at` is where the record with the content begins in the journal's segment, while there is no file.
/// `finished` remembers messages that are gone and of which a journal record may be left, by the record's segment.
const TABLES: &str = "
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    queue_id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    journal_at INTEGER,
    reverse_path TEXT NOT NULL,
    parameters TEXT NOT NULL,
    context TEXT NOT NULL,
    waiting INTEGER NOT NULL,
    deferred INTEGER NOT NULL,
    held INTEGER NOT NULL,
    next_try INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_journal ON messages (generation) WHERE journal_at IS NOT NULL;
CREATE INDEX messages_arrived ON messages (arrived, queue_id);
CREATE INDEX messages_next_try ON messages (next_try, queue_id);
CREATE INDEX messages_octets ON messages (octets, queue_id);
CREATE INDEX messages_reverse_path ON messages (reverse_path, queue_id);
CREATE TABLE recipients (
    message INTEGER NOT NULL,
    number INTEGER NOT NULL,
    address TEXT NOT NULL,
    original TEXT,
    notify INTEGER,
    orcpt TEXT,
    destination TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    first_failure INTEGER,
    last TEXT,
    warned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_due ON recipients (destination, priority, next_try, message, number) WHERE state = 0;
CREATE TABLE lanes (
    destination TEXT NOT NULL,
    priority INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    deferred INTEGER NOT NULL,
    held INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    PRIMARY KEY (destination, priority)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_due ON lanes (priority, next_try);
CREATE INDEX lanes_next_try ON lanes (next_try);
CREATE TABLE totals (messages INTEGER NOT NULL, octets INTEGER NOT NULL) STRICT;
INSERT INTO totals (messages, octets) VALUES (0, 0);
CREATE TABLE finished (
    generation INTEGER NOT NULL,
    queue_id TEXT NOT NULL,
    PRIMARY KEY (generation, queue_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_in AFTER INSERT ON messages BEGIN
    UPDATE totals SET messages = messages + 1, octets = octets + new.octets;
END;
CREATE TRIGGER message_out AFTER DELETE ON messages BEGIN
    UPDATE totals SET messages = messages - 1, octets = octets - old.octets;
END;
";

/// The two halves of the triggers on recipients; an update is first the one, then the other.
const INTO_LANE: &str = "
    INSERT INTO lanes (destination, priority, waiting, deferred, held, next_try)
    VALUES (new.destination, new.priority, new.state = 0, new.state = 0 AND new.attempts > 0, new.state = 1,
        iif(new.state = 0, new.next_try, 9223372036854775807))
    ON CONFLICT DO UPDATE SET waiting = waiting + excluded.waiting, deferred = deferred + excluded.deferred,
        held = held + excluded.held, next_try = min(next_try, excluded.next_try);
";
const OUT_OF_LANE: &str = "
    UPDATE lanes SET waiting = waiting - (old.state = 0),
        deferred = deferred - (old.state = 0 AND old.attempts > 0), held = held - (old.state = 1),
        next_try = iif(old.state = 0 AND old.next_try <= next_try, coalesce((
            SELECT r.next_try FROM recipients r
            WHERE r.state = 0 AND r.destination = old.destination AND r.priority = old.priority
            ORDER BY r.next_try LIMIT 1), 9223372036854775807), next_try)
    WHERE destination = old.destination AND priority = old.priority;
    DELETE FROM lanes
    WHERE destination = old.destination AND priority = old.priority AND waiting = 0 AND held = 0;
";

/// Opens the index and creates its tables if it is new; true in the second place then. `check` has SQLite look for damage.
///
/// As with the accounts' indexes, a commit does not sync: what power loss takes is in the journal, or is tried once more.
/// Checkpoints of the write-ahead log sync, so they are made apart (see [`super::wal`]).
pub(super) fn open(path: &Path, check: bool) -> Result<(Connection, bool)> {
    let connection = connect(path, 4096)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => create(&connection)?,
        VERSION => {}
        _ => return Err(Error::about(Code::TooNew, "queue/index.db")),
    }
    if check {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(Error::because(Code::Corrupt, verdict));
        }
    }
    Ok((connection, version == 0))
}

/// One more connection to an index that is open; `cache` in KiB.
pub(super) fn connect(path: &Path, cache: i64) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -cache)?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn create(connection: &Connection) -> Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    let changes = "destination, priority, state, attempts, next_try";
    transaction.execute_batch(&format!(
        "CREATE TRIGGER recipient_in AFTER INSERT ON recipients BEGIN {INTO_LANE} END;
         CREATE TRIGGER recipient_out AFTER DELETE ON recipients BEGIN {OUT_OF_LANE} END;
         CREATE TRIGGER recipient_changed AFTER UPDATE OF {changes} ON recipients BEGIN {INTO_LANE} {OUT_OF_LANE} END;"
    ))?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}
