//! `state.db`: accounts and aliases on disk.

use super::address::Domain;
use super::book::Book;
use super::{Account, AccountChange, Alias, Forward, LastLogin, NewAccount, Storage};
use crate::{AccountId, Code, Error, Result};
use jiff::Timestamp;
use postigo_sasl::Verifier;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::time::Duration;

const VERSION: i64 = 3;

const TABLES: &str = "
CREATE TABLE store_meta (key TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT;
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    local_part TEXT NOT NULL COLLATE NOCASE,
    domain TEXT NOT NULL,
    display_name TEXT NOT NULL,
    argon2 TEXT NOT NULL,
    scram TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    created INTEGER NOT NULL,
    login_at INTEGER,
    login_protocol TEXT,
    login_peer TEXT,
    UNIQUE (domain, local_part)
) STRICT;
";

/// Aliases and forwards, since version 2; targets one a line.
const REDIRECTS: &str = "
CREATE TABLE redirects (name TEXT PRIMARY KEY NOT NULL COLLATE NOCASE, targets TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE forwards (
    account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    targets TEXT NOT NULL,
    keep_copy INTEGER NOT NULL
) STRICT;
";

/// Version 1 had aliases for accounts only.
const FROM_1: &str = "
INSERT INTO redirects (name, targets)
    SELECT aliases.local_part || '@' || aliases.domain, accounts.local_part || '@' || accounts.domain
    FROM aliases JOIN accounts ON accounts.id = aliases.account;
DROP TABLE aliases;
";

/// Where mail lies, since version 3.
const STORAGE: &str = "
ALTER TABLE accounts ADD COLUMN storage TEXT NOT NULL DEFAULT 'maildir';
ALTER TABLE accounts ADD COLUMN storage_user TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN storage_path TEXT NOT NULL DEFAULT '';
";

const COLUMNS: &str = "id, local_part, domain, display_name, argon2, scram, enabled, created, login_at, login_protocol, login_peer, storage, storage_user, storage_path";

/// The database. Changes are rare and synced.
#[derive(Debug)]
pub(crate) struct Table {
    connection: Connection,
}

impl Table {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -256)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            0 => {
                let transaction = connection.unchecked_transaction()?;
                transaction.execute_batch(TABLES)?;
                transaction.execute_batch(REDIRECTS)?;
                transaction.execute_batch(STORAGE)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
                transaction.commit()?;
            }
            1 => {
                let transaction = connection.unchecked_transaction()?;
                transaction.execute_batch(REDIRECTS)?;
                transaction.execute_batch(FROM_1)?;
                transaction.execute_batch(STORAGE)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
                transaction.commit()?;
            }
            2 => {
                let transaction = connection.unchecked_transaction()?;
                transaction.execute_batch(STORAGE)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
                transaction.commit()?;
            }
            VERSION => {}
            _ => return Err(Error::about(Code::TooNew, "state.db")),
        }
        restrict(path)?;
        Ok(Self { connection })
    }

    /// How often the data folder lost power; one more if `lost`.
    pub(crate) fn power_losses(&self, lost: bool) -> Result<i64> {
        let sql = "INSERT INTO store_meta (key, value) VALUES ('power_losses', ?1)
                   ON CONFLICT DO UPDATE SET value = value + ?1 RETURNING value";
        Ok(self.connection.query_row(sql, [i64::from(lost)], |row| row.get(0))?)
    }

    pub(super) fn read(&self) -> Result<Book> {
        let mut statement =
            self.connection.prepare(&format!("SELECT {COLUMNS} FROM accounts ORDER BY id"))?;
        let accounts = statement.query_map([], account)?.collect::<rusqlite::Result<_>>()?;
        let mut statement = self.connection.prepare("SELECT name, targets FROM redirects ORDER BY name")?;
        let aliases = statement.query_map([], |row| {
            Ok(Alias { name: row.get(0)?, targets: lines(&row.get::<_, String>(1)?) })
        })?;
        let aliases = aliases.collect::<rusqlite::Result<_>>()?;
        let mut statement =
            self.connection.prepare("SELECT account, targets, keep_copy FROM forwards ORDER BY account")?;
        let forwards = statement.query_map([], |row| {
            let targets = lines(&row.get::<_, String>(1)?);
            Ok(Forward { account: row.get(0)?, targets, keep_copy: row.get(2)? })
        })?;
        Ok(Book::new(accounts, aliases, forwards.collect::<rusqlite::Result<_>>()?))
    }

    pub(super) fn get(&self, id: AccountId) -> Result<Option<Account>> {
        let sql = format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1");
        Ok(self.connection.query_row(&sql, [id], account).optional()?)
    }

    pub(super) fn insert(&self, new: &NewAccount, domain: &Domain) -> Result<AccountId> {
        let (kind, user, path) = new.storage.columns();
        self.connection.execute(
            "INSERT INTO accounts (local_part, domain, display_name, argon2, scram, created, storage, storage_user, storage_path)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                new.local_part,
                domain.as_str(),
                new.display_name,
                new.verifier.argon2_column(),
                new.verifier.scram_column().as_str(),
                Timestamp::now().as_second(),
                kind,
                user,
                path,
            ],
        )?;
        Ok(AccountId(self.connection.last_insert_rowid()))
    }

    pub(super) fn change(&self, id: AccountId, change: &AccountChange) -> Result<()> {
        self.update(
            "UPDATE accounts SET display_name = coalesce(?2, display_name), enabled = coalesce(?3, enabled) WHERE id = ?1",
            params![id, change.display_name, change.enabled],
        )
    }

    pub(super) fn set_storage(&self, id: AccountId, storage: &Storage) -> Result<()> {
        let (kind, user, path) = storage.columns();
        self.update(
            "UPDATE accounts SET storage = ?2, storage_user = ?3, storage_path = ?4 WHERE id = ?1",
            params![id, kind, user, path],
        )
    }

    pub(super) fn set_password(&self, id: AccountId, verifier: &Verifier) -> Result<()> {
        self.update(
            "UPDATE accounts SET argon2 = ?2, scram = ?3 WHERE id = ?1",
            params![id, verifier.argon2_column(), verifier.scram_column().as_str()],
        )
    }

    /// Not synced: a login is worth no wait, and loses nothing when it is forgotten.
    pub(super) fn record_login(&self, id: AccountId, login: &LastLogin) -> Result<()> {
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let updated = self.update(
            "UPDATE accounts SET login_at = ?2, login_protocol = ?3, login_peer = ?4 WHERE id = ?1",
            params![id, login.at.as_second(), login.protocol, login.peer],
        );
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        updated
    }

    pub(super) fn delete(&self, id: AccountId) -> Result<()> {
        self.update("DELETE FROM accounts WHERE id = ?1", params![id])
    }

    /// Makes or replaces an alias; without targets it is removed. Whether there was one.
    pub(super) fn set_alias(&self, name: &str, targets: &[String]) -> Result<bool> {
        let changed = match targets {
            [] => self.connection.execute("DELETE FROM redirects WHERE name = ?1", [name])?,
            _ => self.connection.execute(
                "INSERT OR REPLACE INTO redirects (name, targets) VALUES (?1, ?2)",
                params![name, targets.join("\n")],
            )?,
        };
        Ok(changed > 0)
    }

    /// Makes or replaces what an account does with its mail; without targets it keeps it.
    pub(super) fn set_forward(&self, forward: &Forward) -> Result<()> {
        if forward.targets.is_empty() {
            self.connection.execute("DELETE FROM forwards WHERE account = ?1", [forward.account])?;
            return Ok(());
        }
        self.connection.execute(
            "INSERT OR REPLACE INTO forwards (account, targets, keep_copy) VALUES (?1, ?2, ?3)",
            params![forward.account, forward.targets.join("\n"), forward.keep_copy],
        )?;
        Ok(())
    }

    /// Runs a statement that is about one account.
    fn update(&self, sql: &str, params: impl rusqlite::Params) -> Result<()> {
        match self.connection.execute(sql, params)? {
            0 => Err(Error::new(Code::AccountUnknown)),
            _ => Ok(()),
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let (argon2, scram): (String, String) = (row.get(4)?, row.get(5)?);
    let verifier = Verifier::from_columns(&argon2, &scram).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error))
    })?;
    let (kind, user, path): (String, String, String) = (row.get(11)?, row.get(12)?, row.get(13)?);
    let storage = Storage::from_columns(&kind, &user, &path).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            11,
            rusqlite::types::Type::Text,
            format!("storage {kind}").into(),
        )
    })?;
    let time = |seconds: i64| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let login_at: Option<i64> = row.get(8)?;
    let last_login = match login_at {
        Some(at) => Some(LastLogin { at: time(at), protocol: row.get(9)?, peer: row.get(10)? }),
        None => None,
    };
    Ok(Account {
        id: row.get(0)?,
        local_part: row.get(1)?,
        domain: row.get(2)?,
        display_name: row.get(3)?,
        enabled: row.get(6)?,
        created: time(row.get(7)?),
        last_login,
        verifier,
        storage,
    })
}

/// The file holds password verifiers. SQLite gives its side files the same mode.
#[cfg(unix)]
fn restrict(path: &Path) -> Result<()> {
    Ok(std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?)
}

/// The data folder's own access list holds for all files in it.
#[cfg(not(unix))]
fn restrict(_: &Path) -> Result<()> {
    Ok(())
}
