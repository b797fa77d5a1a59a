//! One message, fetched whole: from the server or from memory.

use std::sync::Arc;

use mail_parser::{Message as Parsed, MessageParser};
use postigo_api::{Error, MessageRef, MessageRow};

use crate::Client;
use crate::cache::Key;
use crate::failure::{message_gone, too_large};
use crate::imap::command::Command;
use crate::imap::connection::Connection;
use crate::imap::response::{Data, Fetch};
use crate::imap::value::Value;
use crate::rows::{ROW_ITEMS, row};

/// Octets of a message that is opened. Larger ones can only be read as source.
pub(crate) const MESSAGE_LIMIT: u64 = 40 * 1024 * 1024;
/// What the server adds around a message.
const FRAME: u64 = 1024 * 1024;

/// A message with what the list says of it.
pub(crate) struct Fetched {
    pub row: MessageRow,
    pub raw: Arc<Vec<u8>>,
}

impl Client {
    /// The message with its row as it is now.
    pub(crate) async fn fetched(&self, message: &MessageRef) -> Result<Fetched, Error> {
        let mut lease = self.open(&message.account, &message.folder, false).await?;
        let fetch = fetch_one(&mut lease, message.uid, ROW_ITEMS).await?;
        let (row, _) = row(&fetch).ok_or_else(|| message_gone(message.uid))?;
        let raw = self.raw_on(&mut lease, message, Some(row.octets)).await?;
        Ok(Fetched { row, raw })
    }

    /// The message as it came over the wire.
    pub(crate) async fn raw(&self, message: &MessageRef) -> Result<Arc<Vec<u8>>, Error> {
        let mut lease = self.open(&message.account, &message.folder, false).await?;
        self.raw_on(&mut lease, message, None).await
    }

    async fn raw_on(
        &self,
        connection: &mut Connection,
        message: &MessageRef,
        octets: Option<u64>,
    ) -> Result<Arc<Vec<u8>>, Error> {
        let key = self.key(connection, message).await?;
        let kept = self.cached().get(&key);
        if let Some(raw) = kept {
            return Ok(raw);
        }
        let octets = match octets {
            Some(octets) => octets,
            None => size(connection, message.uid).await?,
        };
        if octets > MESSAGE_LIMIT {
            return Err(too_large(octets, MESSAGE_LIMIT));
        }
        let command = Command::new(format!("UID FETCH {} (UID BODY.PEEK[])", message.uid));
        let reply = connection.run_within(command, MESSAGE_LIMIT + FRAME).await?.ok()?;
        let mut fetch = only(reply.data, message.uid)?;
        let raw = fetch.take_octets("BODY[]").ok_or_else(|| message_gone(message.uid))?;
        let raw = Arc::new(raw);
        self.cached().put(key, Arc::clone(&raw));
        Ok(raw)
    }

    /// What the message is kept under.
    pub(crate) async fn key(&self, connection: &mut Connection, message: &MessageRef) -> Result<Key, Error> {
        let selected = connection.select(&message.folder, false).await?;
        Ok(Key {
            account: message.account.clone(),
            folder: message.folder.clone(),
            uid_validity: selected.uid_validity,
            uid: message.uid,
        })
    }
}

/// The size of a message, without its content.
pub(crate) async fn size(connection: &mut Connection, uid: u32) -> Result<u64, Error> {
    let fetch = fetch_one(connection, uid, "UID RFC822.SIZE").await?;
    fetch.item("RFC822.SIZE").and_then(Value::number).ok_or_else(|| message_gone(uid))
}

/// Items of one message.
///
/// # Errors
/// `mail.message_gone` if it is not there.
pub(crate) async fn fetch_one(connection: &mut Connection, uid: u32, items: &str) -> Result<Fetch, Error> {
    let reply = connection.run(Command::new(format!("UID FETCH {uid} ({items})"))).await?.ok()?;
    only(reply.data, uid)
}

fn only(data: Vec<Data>, uid: u32) -> Result<Fetch, Error> {
    let mut found = data.into_iter().filter_map(|data| match data {
        Data::Fetch(fetch) => Some(fetch),
        _ => None,
    });
    // Other clients' flag changes come in between, also for this message: the answer is what has more than flags.
    found
        .find(|fetch| {
            fetch.uid() == Some(uid)
                && ["RFC822.SIZE", "BODY[]", "ENVELOPE"].iter().any(|item| fetch.item(item).is_some())
        })
        .ok_or_else(|| message_gone(uid))
}

/// Parses a message; an empty one has no header and no text.
pub(crate) fn parse(raw: &[u8]) -> Parsed<'_> {
    MessageParser::new().parse(raw).unwrap_or_default()
}
