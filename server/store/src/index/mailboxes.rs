//! Rows of `mailboxes` and `keywords`.

use super::{Index, MessageRow, out_of_numbers};
use crate::database::{signed, unsigned};
use crate::{
    Code, Error, Flags, MailboxId, MailboxName, MailboxStatus, ModSeq, Result, SpecialUse, Uid, UidValidity,
};
use rusqlite::{OptionalExtension, Row, params};
use std::collections::BTreeMap;

/// A mailbox. Its numbers are changed here and written back by [`Index::save_mailbox`].
#[derive(Clone, Debug)]
pub(crate) struct MailboxRow {
    pub(crate) id: MailboxId,
    pub(crate) name: MailboxName,
    pub(crate) special_use: Option<SpecialUse>,
    pub(crate) status: MailboxStatus,
    /// Vanished UIDs up to this mod-sequence are forgotten.
    pub(crate) vanished_floor: ModSeq,
    /// Modification times of `new` and `cur` when they were last read; 0 if they may have changed since.
    pub(crate) modified: [i64; 2],
}

const COLUMNS: &str =
    "id, name, special_use, uid_validity, uid_next, highest_mod_seq, messages, recent, unseen, deleted,
    octets, vanished_floor, new_modified, cur_modified";

impl MailboxRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let name: String = row.get(1)?;
        let name = MailboxName::parse(&name).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(error))
        })?;
        let special_use: Option<String> = row.get(2)?;
        Ok(Self {
            id: row.get(0)?,
            name,
            special_use: special_use.and_then(|name| SpecialUse::of_default_name(&name)),
            status: MailboxStatus {
                uid_validity: row.get(3)?,
                uid_next: row.get(4)?,
                highest_mod_seq: row.get(5)?,
                messages: unsigned(row.get(6)?),
                recent: unsigned(row.get(7)?),
                unseen: unsigned(row.get(8)?),
                deleted: unsigned(row.get(9)?),
                octets: unsigned(row.get(10)?),
            },
            vanished_floor: row.get(11)?,
            modified: [row.get(12)?, row.get(13)?],
        })
    }

    /// Takes the next UID.
    pub(crate) fn take_uid(&mut self) -> Result<Uid> {
        let uid = self.status.uid_next;
        self.status.uid_next =
            uid.0.checked_add(1).map(Uid).ok_or_else(|| out_of_numbers("the UID space"))?;
        Ok(uid)
    }

    /// Takes the next mod-sequence, for one change of any number of messages.
    pub(crate) fn take_mod_seq(&mut self) -> ModSeq {
        self.status.highest_mod_seq = ModSeq(self.status.highest_mod_seq.0 + 1);
        self.status.highest_mod_seq
    }

    pub(crate) fn count_in(&mut self, message: &MessageRow) {
        let status = &mut self.status;
        status.messages += 1;
        status.octets += message.octets;
        status.recent += u64::from(message.place.in_new);
        status.unseen += u64::from(!message.flags.contains(Flags::SEEN));
        status.deleted += u64::from(message.flags.contains(Flags::DELETED));
    }

    pub(crate) fn count_out(&mut self, message: &MessageRow) {
        let status = &mut self.status;
        let less = |count: &mut u64, by: u64| *count = count.saturating_sub(by);
        less(&mut status.messages, 1);
        less(&mut status.octets, message.octets);
        less(&mut status.recent, u64::from(message.place.in_new));
        less(&mut status.unseen, u64::from(!message.flags.contains(Flags::SEEN)));
        less(&mut status.deleted, u64::from(message.flags.contains(Flags::DELETED)));
    }
}

impl Index {
    /// All mailboxes, INBOX first, then by name.
    pub(crate) fn mailboxes(&self) -> Result<Vec<MailboxRow>> {
        let sql = format!("SELECT {COLUMNS} FROM mailboxes ORDER BY name <> 'INBOX', name");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], MailboxRow::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn mailbox(&self, id: MailboxId) -> Result<MailboxRow> {
        let sql = format!("SELECT {COLUMNS} FROM mailboxes WHERE id = ?1");
        let row = self.connection.prepare_cached(&sql)?.query_row([id], MailboxRow::read).optional()?;
        row.ok_or_else(|| Error::new(Code::MailboxUnknown))
    }

    pub(crate) fn mailbox_by_name(&self, name: &MailboxName) -> Result<Option<MailboxRow>> {
        let sql = format!("SELECT {COLUMNS} FROM mailboxes WHERE name = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([name.as_str()], MailboxRow::read).optional()?)
    }

    /// Adds a mailbox with a UIDVALIDITY that no mailbox of this account had before (RFC 3501 §2.3.1.1): the time, as
    /// the RFC advises, or one more than the last.
    pub(crate) fn insert_mailbox(
        &self,
        name: &MailboxName,
        special_use: Option<SpecialUse>,
    ) -> Result<MailboxRow> {
        let now = jiff::Timestamp::now().as_second();
        let number = now.max(self.meta("last_uid_validity")? + 1);
        let uid_validity =
            u32::try_from(number).map(UidValidity).map_err(|_| out_of_numbers("UIDVALIDITY"))?;
        self.set_meta("last_uid_validity", number)?;
        self.connection
            .prepare_cached("INSERT INTO mailboxes (name, special_use, uid_validity) VALUES (?1, ?2, ?3)")?
            .execute(params![name.as_str(), special_use.map(SpecialUse::default_name), uid_validity])?;
        self.mailbox(MailboxId(self.connection.last_insert_rowid()))
    }

    pub(crate) fn save_mailbox(&self, row: &MailboxRow) -> Result<()> {
        let status = &row.status;
        self.connection
            .prepare_cached(
                "UPDATE mailboxes SET name = ?2, uid_next = ?3, highest_mod_seq = ?4, messages = ?5, recent = ?6, unseen = ?7,
                     deleted = ?8, octets = ?9, new_modified = ?10, cur_modified = ?11 WHERE id = ?1",
            )?
            .execute(params![
                row.id,
                row.name.as_str(),
                status.uid_next,
                status.highest_mod_seq,
                signed(status.messages),
                signed(status.recent),
                signed(status.unseen),
                signed(status.deleted),
                signed(status.octets),
                row.modified[0],
                row.modified[1],
            ])?;
        Ok(())
    }

    /// Removes a mailbox; its messages are remembered as vanished.
    pub(crate) fn remove_mailbox(&self, row: &MailboxRow) -> Result<()> {
        let now = jiff::Timestamp::now().as_second();
        let mod_seq = row.status.highest_mod_seq.0 + 1;
        self.connection.execute(
            "INSERT OR REPLACE INTO vanished (mailbox, uid, mod_seq, base, at)
             SELECT mailbox, uid, ?2, base, ?3 FROM messages WHERE mailbox = ?1",
            params![row.id, mod_seq, now],
        )?;
        for table in ["messages", "parts", "keywords"] {
            self.connection.execute(&format!("DELETE FROM {table} WHERE mailbox = ?1"), [row.id])?;
        }
        self.connection.execute("DELETE FROM mailboxes WHERE id = ?1", [row.id])?;
        Ok(())
    }

    /// The keywords of a mailbox by number.
    pub(crate) fn keywords(&self, mailbox: MailboxId) -> Result<BTreeMap<u32, String>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT number, name FROM keywords WHERE mailbox = ?1 ORDER BY number")?;
        let rows = statement.query_map([mailbox], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn set_keyword(&self, mailbox: MailboxId, number: u32, name: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO keywords (mailbox, number, name) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET name = ?3",
            )?
            .execute(params![mailbox, number, name])?;
        Ok(())
    }
}
