//! Envelope and structure: read from the file once, kept in the index.

use super::{AccountMail, MessageParts};
use crate::{MailboxId, Result, UidRange};

impl AccountMail {
    /// Envelope and structure of the messages in these ranges, ascending, at most `limit`. Messages whose file is gone are left out.
    pub fn parts(&self, mailbox: MailboxId, uids: &[UidRange], limit: usize) -> Result<Vec<MessageParts>> {
        let _ = (mailbox, uids, limit);
        todo!()
    }
}
