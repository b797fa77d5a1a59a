//! The tables of `DATA/queue/index.db`.

use crate::Result;
use crate::database::Schema;
use rusqlite::Connection;

const VERSION: i64 = 3;

/// What the index has to be.
pub(super) const SCHEMA: Schema = Schema { name: "queue/index.db", version: VERSION, cache: 4096, create };

/// Stands for "never" in `next_try`, so that it sorts last.
pub(super) const NEVER: i64 = i64::MAX;

/// Times are microseconds since 1970. A recipient's `state` is 0 while it waits and 1 while it is held.
///
/// `lanes` sums up the recipients of a destination and priority, so that finding what is due costs by what is found and
/// not by what waits, and counting costs by destinations; triggers keep it true whatever statement changes recipients.
/// `journal_at` is where the record with the content begins in the journal's segment, while there is no file.
/// A waiting recipient is deferred once there is a reason why it waits: its own last try, or that of its destination.
/// `tries` are a recipient's last tries, by number.
/// `hold_until` is when the sender releases a message, unless a person did before (since version 3).
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
    VALUES (new.destination, new.priority, new.state = 0, new.state = 0 AND new.last IS NOT NULL, new.state = 1,
        iif(new.state = 0, new.next_try, 9223372036854775807))
    ON CONFLICT DO UPDATE SET waiting = waiting + excluded.waiting, deferred = deferred + excluded.deferred,
        held = held + excluded.held, next_try = min(next_try, excluded.next_try);
";
const OUT_OF_LANE: &str = "
    UPDATE lanes SET waiting = waiting - (old.state = 0),
        deferred = deferred - (old.state = 0 AND old.last IS NOT NULL), held = held - (old.state = 1),
        next_try = iif(old.state = 0 AND old.next_try <= next_try, coalesce((
            SELECT r.next_try FROM recipients r
            WHERE r.state = 0 AND r.destination = old.destination AND r.priority = old.priority
            ORDER BY r.next_try LIMIT 1), 9223372036854775807), next_try)
    WHERE destination = old.destination AND priority = old.priority;
    DELETE FROM lanes
    WHERE destination = old.destination AND priority = old.priority AND waiting = 0 AND held = 0;
";

/// The last tries of each recipient (since version 2).
const TRIES: &str = "
CREATE TABLE tries (
    message INTEGER NOT NULL,
    number INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (message, number, attempt)
) STRICT, WITHOUT ROWID;
";

/// Version 1 counted those as deferred that had been tried themselves.
const FROM_VERSION_1: &str = "
DROP TRIGGER recipient_in;
DROP TRIGGER recipient_out;
DROP TRIGGER recipient_changed;
UPDATE lanes SET deferred = (
    SELECT count(*) FROM recipients r WHERE r.destination = lanes.destination AND r.priority = lanes.priority
        AND r.state = 0 AND r.last IS NOT NULL);
UPDATE messages SET deferred = (
    SELECT count(*) FROM recipients r WHERE r.message = messages.id AND r.state = 0 AND r.last IS NOT NULL);
";

/// When senders release what they hold back (since version 3): few messages are in the index, so it costs the others nothing.
const HOLD_UNTIL: &str = "
ALTER TABLE messages ADD COLUMN hold_until INTEGER;
UPDATE messages SET hold_until = parameters ->> '$.hold_until';
CREATE INDEX messages_hold_until ON messages (hold_until) WHERE hold_until IS NOT NULL;
";

fn create(connection: &Connection) -> Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let before: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if before < 2 {
        transaction.execute_batch(if before == 0 { TABLES } else { FROM_VERSION_1 })?;
        transaction.execute_batch(TRIES)?;
        transaction.execute_batch(&triggers())?;
    }
    transaction.execute_batch(HOLD_UNTIL)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

fn triggers() -> String {
    let changes = "destination, priority, state, attempts, next_try, last";
    let forget = "DELETE FROM tries WHERE message = old.message AND number = old.number;";
    format!(
        "CREATE TRIGGER recipient_in AFTER INSERT ON recipients BEGIN {INTO_LANE} END;
         CREATE TRIGGER recipient_out AFTER DELETE ON recipients BEGIN {OUT_OF_LANE} {forget} END;
         CREATE TRIGGER recipient_changed AFTER UPDATE OF {changes} ON recipients BEGIN {INTO_LANE} {OUT_OF_LANE} END;"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of an earlier version: what senders hold back there is known afterwards.
    #[test]
    fn version_2_becomes_version_3() {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch(TABLES).expect("tables");
        connection.execute_batch(TRIES).expect("tries");
        connection.execute_batch(&triggers()).expect("triggers");
        let insert =
            "INSERT INTO messages (queue_id, generation, arrived, octets, reverse_path, parameters, context,
                          waiting, deferred, held, next_try) VALUES (?1, 0, 0, 0, '', ?2, '', 1, 0, 0, 0)";
        for (id, parameters) in [("4bX1", r#"{"hold_until":7}"#), ("4bX2", r#"{"hold_until":null}"#)] {
            connection.execute(insert, [id, parameters]).expect("a message");
        }
        connection.pragma_update(None, "user_version", 2).expect("a version");
        create(&connection).expect("brought up to date");
        let sql = "SELECT hold_until FROM messages ORDER BY queue_id";
        let mut statement = connection.prepare(sql).expect("a statement");
        let found = statement.query_map([], |row| row.get::<_, Option<i64>>(0)).expect("rows");
        assert_eq!(found.map(|row| row.expect("a row")).collect::<Vec<_>>(), [Some(7), None]);
        let version: i64 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
        assert_eq!(version, VERSION);
    }
}
