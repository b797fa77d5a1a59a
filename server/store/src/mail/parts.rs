//! Envelope and structure: read from the file once, kept in the index.

use super::{AccountMail, MessageParts};
use crate::{Code, MailboxId, Result, Uid, UidRange};
use postigo_message::{ParsedMessage, Scanner};
use std::fs::File;
use std::io::{self, Read};

impl AccountMail {
    /// Envelope and structure of the messages in these ranges, ascending, at most `limit`; the next batch begins after the last
    /// UID returned. Of a message whose file is gone nothing is returned.
    ///
    /// The first time a message is asked for, its file is read; that happens outside the account's lock, so that a big
    /// mailbox opened by a client does not hold up deliveries.
    pub fn parts(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageParts>> {
        let known = self.with(|inner| {
            let rows = inner.rows(mailbox, uids, limit)?;
            rows.iter()
                .map(|row| Ok((row.uid, inner.index.parts(mailbox, row.uid)?)))
                .collect::<Result<Vec<_>>>()
        })?;
        let mut found = Vec::with_capacity(known.len());
        let mut fresh = Vec::new();
        for (uid, cached) in known {
            // A cache that an older version wrote in another form is like none.
            if let Some(parsed) = cached.and_then(|bytes| ParsedMessage::from_cache(&bytes).ok()) {
                found.push(parts(uid, parsed));
                continue;
            }
            let Some(parsed) = self.read_parts(mailbox, uid)? else { continue };
            fresh.push((uid, parsed.to_cache()));
            found.push(parts(uid, parsed));
        }
        if !fresh.is_empty() {
            self.with(|inner| {
                let transaction = inner.index.transaction()?;
                fresh.iter().try_for_each(|(uid, bytes)| inner.index.set_parts(mailbox, *uid, bytes))?;
                Ok(transaction.commit()?)
            })?;
        }
        Ok(found)
    }

    fn read_parts(&self, mailbox: MailboxId, uid: Uid) -> Result<Option<ParsedMessage>> {
        match self.file(mailbox, uid) {
            Ok(file) => Ok(Some(scan(file)?)),
            Err(error) if error.code() == Code::MessageGone => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn parts(uid: Uid, parsed: ParsedMessage) -> MessageParts {
    MessageParts { uid, envelope: parsed.envelope, structure: parsed.structure }
}

fn scan(mut file: File) -> io::Result<ParsedMessage> {
    let (mut scanner, mut buffer) = (Scanner::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(scanner.finish()),
            read => scanner.feed(&buffer[..read]),
        }
    }
}
