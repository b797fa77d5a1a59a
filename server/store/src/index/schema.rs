//! The tables of `index.db`.

use crate::Result;
use crate::database::Schema;
use rusqlite::Connection;

const VERSION: i64 = 1;

/// What an index has to be.
pub(super) const SCHEMA: Schema = Schema { name: "index.db", version: VERSION, cache: 256, create };

/// `messages_base` finds a message by its file; `messages_mod_seq` answers "what changed since".
/// `vanished` has no foreign key: it outlives its mailbox, so that recovery does not bring back what was expunged.
const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT;
CREATE TABLE mailboxes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    special_use TEXT,
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL DEFAULT 1,
    highest_mod_seq INTEGER NOT NULL DEFAULT 1,
    vanished_floor INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    recent INTEGER NOT NULL DEFAULT 0,
    unseen INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    new_modified INTEGER NOT NULL DEFAULT 0,
    cur_modified INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE messages (
    mailbox INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    base TEXT NOT NULL,
    in_new INTEGER NOT NULL,
    info TEXT,
    flags INTEGER NOT NULL,
    keywords INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    internal_date INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_base ON messages (base);
CREATE INDEX messages_mod_seq ON messages (mailbox, mod_seq);
CREATE INDEX messages_new ON messages (mailbox, uid) WHERE in_new = 1;
CREATE TABLE vanished (
    mailbox INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    base TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX vanished_base ON vanished (base);
CREATE INDEX vanished_mod_seq ON vanished (mailbox, mod_seq);
CREATE TABLE keywords (
    mailbox INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE parts (
    mailbox INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    parts BLOB NOT NULL,
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
";

fn create(connection: &Connection) -> Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(TABLES)?;
    // Ids of a rebuilt index must not be those of the lost one: a session may still hold them.
    let first_id = jiff::Timestamp::now().as_millisecond();
    transaction.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('mailboxes', ?1)", [first_id])?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}
