//! A message to deliver: its envelope, and what is known of its content.

use super::content::ContentFacts;
use crate::address::{Recipient, ReversePath};
use crate::dsn::{Notify, OriginalRecipient, Returned};

/// One message for recipients at this server.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Where bounces go.
    pub reverse_path: ReversePath,
    /// For whom; outcomes name them by their place here. Any number: the session makes as many transactions of SMTP of
    /// them as the server wants.
    pub recipients: Vec<TransactionRecipient>,
    /// What [`ContentScanner`](super::ContentScanner) found.
    pub content: ContentFacts,
    /// Whether the message came with SMTPUTF8, so that header fields outside of ASCII are to be taken for UTF-8 and not
    /// for an old mistake (RFC 6531 §3.6).
    pub smtp_utf8: bool,
    /// REQUIRETLS (RFC 8689 §4.2.1): rather not at all than in clear.
    pub require_tls: bool,
    /// `RET=`
    pub returned: Option<Returned>,
    /// `ENVID=`, not encoded.
    pub envelope_id: Option<String>,
}

/// A recipient.
#[derive(Debug, Clone)]
pub struct TransactionRecipient {
    /// Whom.
    pub recipient: Recipient,
    /// `NOTIFY=`
    pub notify: Option<Notify>,
    /// `ORCPT=`
    pub original: Option<OriginalRecipient>,
}

impl From<Recipient> for TransactionRecipient {
    /// A recipient about whom nothing is asked.
    fn from(recipient: Recipient) -> Self {
        Self { recipient, notify: None, original: None }
    }
}
