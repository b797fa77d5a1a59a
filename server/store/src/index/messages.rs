//! Rows of `messages`, `vanished` and `parts`.

use super::{Index, MailboxRow};
use crate::database::{signed, unsigned};
use crate::maildir::Place;
use crate::{Flags, MailboxId, ModSeq, Query, Result, Uid, UidRange};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageRow {
    pub(crate) uid: Uid,
    pub(crate) base: String,
    pub(crate) place: Place,
    pub(crate) flags: Flags,
    /// Bit n is keyword n of the mailbox.
    pub(crate) keywords: u64,
    pub(crate) mod_seq: ModSeq,
    pub(crate) octets: u64,
    /// Seconds since 1970.
    pub(crate) internal_date: i64,
}

const COLUMNS: &str = "uid, base, in_new, info, flags, keywords, mod_seq, octets, internal_date";

impl MessageRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            uid: row.get(0)?,
            base: row.get(1)?,
            place: Place { in_new: row.get(2)?, info: row.get(3)? },
            flags: Flags::from_bits(row.get(4)?),
            keywords: row.get::<_, i64>(5)?.cast_unsigned(),
            mod_seq: row.get(6)?,
            octets: unsigned(row.get(7)?),
            internal_date: row.get(8)?,
        })
    }
}

impl Index {
    /// Messages of a range, ascending, at most `limit`.
    pub(crate) fn messages(
        &self,
        mailbox: MailboxId,
        range: UidRange,
        limit: usize,
    ) -> Result<Vec<MessageRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM messages WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3 ORDER BY uid LIMIT ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![mailbox, range.first, range.last, limit], MessageRow::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn uids(&self, mailbox: MailboxId) -> Result<Vec<Uid>> {
        let mut statement =
            self.connection.prepare_cached("SELECT uid FROM messages WHERE mailbox = ?1 ORDER BY uid")?;
        let rows = statement.query_map([mailbox], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Messages in `new`, ascending.
    pub(crate) fn recent(&self, mailbox: MailboxId) -> Result<Vec<MessageRow>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE mailbox = ?1 AND in_new = 1 ORDER BY uid");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([mailbox], MessageRow::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Messages that changed after a mod-sequence, ascending.
    pub(crate) fn changed_since(&self, mailbox: MailboxId, since: ModSeq) -> Result<Vec<MessageRow>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE mailbox = ?1 AND mod_seq > ?2 ORDER BY uid");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![mailbox, since], MessageRow::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// UIDs that vanished after a mod-sequence, ascending.
    pub(crate) fn vanished_since(&self, mailbox: MailboxId, since: ModSeq) -> Result<Vec<Uid>> {
        let sql = "SELECT uid FROM vanished WHERE mailbox = ?1 AND mod_seq > ?2 ORDER BY uid";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![mailbox, since], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The lowest UID without `\Seen`.
    pub(crate) fn first_unseen(&self, mailbox: MailboxId) -> Result<Option<Uid>> {
        let sql = "SELECT uid FROM messages WHERE mailbox = ?1 AND flags & ?2 = 0 ORDER BY uid LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![mailbox, Flags::SEEN.bits()], |row| row.get(0)).optional()?)
    }

    /// The message with a file base, and its mailbox.
    pub(crate) fn message_by_base(&self, base: &str) -> Result<Option<(MailboxId, MessageRow)>> {
        let sql = format!("SELECT {COLUMNS}, mailbox FROM messages WHERE base = ?1 LIMIT 1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([base], |row| Ok((row.get(9)?, MessageRow::read(row)?))).optional()?)
    }

    /// True if a message with this base was here and is gone.
    pub(crate) fn has_vanished(&self, base: &str) -> Result<bool> {
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM vanished WHERE base = ?1 LIMIT 1")?;
        Ok(statement.exists([base])?)
    }

    pub(crate) fn insert_message(&self, mailbox: MailboxId, message: &MessageRow) -> Result<()> {
        self.connection
            .prepare_cached(&format!(
                "INSERT INTO messages (mailbox, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            ))?
            .execute(params![
                mailbox,
                message.uid,
                message.base,
                message.place.in_new,
                message.place.info,
                message.flags.bits(),
                message.keywords.cast_signed(),
                message.mod_seq,
                signed(message.octets),
                message.internal_date,
            ])?;
        Ok(())
    }

    /// Writes place, flags, keywords and mod-sequence.
    pub(crate) fn update_message(&self, mailbox: MailboxId, message: &MessageRow) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE messages SET in_new = ?3, info = ?4, flags = ?5, keywords = ?6, mod_seq = ?7
                 WHERE mailbox = ?1 AND uid = ?2",
            )?
            .execute(params![
                mailbox,
                message.uid,
                message.place.in_new,
                message.place.info,
                message.flags.bits(),
                message.keywords.cast_signed(),
                message.mod_seq,
            ])?;
        Ok(())
    }

    /// Removes a message and remembers that it was here.
    pub(crate) fn remove_message(
        &self,
        mailbox: &MailboxRow,
        message: &MessageRow,
        mod_seq: ModSeq,
    ) -> Result<()> {
        let now = jiff::Timestamp::now().as_second();
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO vanished (mailbox, uid, mod_seq, base, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![mailbox.id, message.uid, mod_seq, message.base, now])?;
        for sql in [
            "DELETE FROM messages WHERE mailbox = ?1 AND uid = ?2",
            "DELETE FROM parts WHERE mailbox = ?1 AND uid = ?2",
        ] {
            self.connection.prepare_cached(sql)?.execute(params![mailbox.id, message.uid])?;
        }
        Ok(())
    }

    pub(crate) fn parts(&self, mailbox: MailboxId, uid: Uid) -> Result<Option<Vec<u8>>> {
        let mut statement =
            self.connection.prepare_cached("SELECT parts FROM parts WHERE mailbox = ?1 AND uid = ?2")?;
        Ok(statement.query_row(params![mailbox, uid], |row| row.get(0)).optional()?)
    }

    /// Keeps parts, unless the message is gone by now.
    pub(crate) fn set_parts(&self, mailbox: MailboxId, uid: Uid, parts: &[u8]) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO parts (mailbox, uid, parts)
                 SELECT mailbox, uid, ?3 FROM messages WHERE mailbox = ?1 AND uid = ?2",
            )?
            .execute(params![mailbox, uid, parts])?;
        Ok(())
    }

    /// UIDs that match a query, ascending. The keywords are numbers of this mailbox.
    pub(crate) fn search(
        &self,
        mailbox: MailboxId,
        query: &Query,
        with: u64,
        without: u64,
    ) -> Result<Vec<Uid>> {
        let mut sql = "SELECT uid FROM messages WHERE mailbox = ? AND flags & ? = ? AND flags & ? = 0
             AND keywords & ? = ? AND keywords & ? = 0"
            .to_owned();
        let (set, clear) = (i64::from(query.with.bits()), i64::from(query.without.bits()));
        let (with, without) = (with.cast_signed(), without.cast_signed());
        let mut values: Vec<i64> = vec![mailbox.0, set, set, clear, with, with, without];
        for (condition, value) in [
            (" AND internal_date >= ?", query.since.map(|date| date.as_second())),
            (" AND internal_date < ?", query.before.map(|date| date.as_second())),
            (" AND octets > ?", query.larger.map(signed)),
            (" AND octets < ?", query.smaller.map(signed)),
            (" AND mod_seq >= ?", query.mod_seq.map(|mod_seq| mod_seq.0)),
        ] {
            if let Some(value) = value {
                sql.push_str(condition);
                values.push(value);
            }
        }
        sql.push_str(" ORDER BY uid");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement
            .query_map(params_from_iter(values.into_iter().map(Value::Integer)), |row| row.get(0))?;
        let is_asked_for = |uid: &Uid| {
            query.uids.is_empty() || query.uids.iter().any(|range| (range.first..=range.last).contains(uid))
        };
        let uids: Vec<Uid> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(uids.into_iter().filter(is_asked_for).collect())
    }
}
