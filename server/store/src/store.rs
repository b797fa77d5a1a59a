//! The store as a whole: open, deliver, close.

use crate::{
    AccountId, AccountMail, Accounts, Append, Appended, Delivered, Delivery, Incoming, Result, StoreOptions,
    Subscription,
};
use std::path::Path;
use std::sync::Arc;

/// A mail store over one data folder. Cheap to clone (an `Arc` inside).
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Opens the store, creates what is missing, and recovers what the last run left in the journal. Blocking.
    ///
    /// Takes no lock: whoever owns the folder holds a [`crate::DataLock`].
    pub fn open(options: StoreOptions) -> Result<Self> {
        let _ = options;
        todo!()
    }

    /// The accounts of this data folder.
    pub fn accounts(&self) -> &Accounts {
        todo!()
    }

    /// The mail of one account. Blocking; cheap if its index is already open.
    pub fn mail(&self, account: AccountId) -> Result<Arc<AccountMail>> {
        let _ = account;
        todo!()
    }

    /// Where the mail of an account lies: `DATA/mail/DOMAIN/USER/Maildir`. In memory.
    pub fn maildir(&self, account: AccountId) -> Option<std::path::PathBuf> {
        let _ = account;
        todo!()
    }

    /// Starts to collect the content of a message.
    pub fn incoming(&self) -> Incoming {
        todo!()
    }

    /// Delivers to the INBOX of each recipient. Returns when the message is durable and visible for all of them, in the
    /// order of the recipients; on an error it is there for none.
    ///
    /// Not cancel-safe in one way: if the future is dropped, the message may be delivered all the same.
    ///
    /// Errors: [`crate::Code::StoreFull`], [`crate::Code::Io`], [`crate::Code::Closed`] (temporary);
    /// [`crate::Code::AccountUnknown`] if a recipient was deleted meanwhile; [`crate::Code::BadMessage`].
    pub async fn deliver(&self, delivery: Delivery) -> Result<Vec<Delivered>> {
        let _ = delivery;
        todo!()
    }

    /// Appends to a mailbox; durable and visible when it returns. Cancelling as for [`Store::deliver`].
    ///
    /// Errors: as [`Store::deliver`], and [`crate::Code::MailboxUnknown`].
    pub async fn append(&self, account: AccountId, append: Append) -> Result<Appended> {
        let _ = (account, append);
        todo!()
    }

    /// The changes of one account, from now on. While a subscription lives, the account's folders are watched for changes
    /// by other programs.
    pub fn subscribe(&self, account: AccountId) -> Subscription {
        let _ = account;
        todo!()
    }

    /// The changes of all accounts made through this store, from now on (for live views). It watches no folder.
    pub fn subscribe_all(&self) -> Subscription {
        todo!()
    }

    /// Stops taking deliveries, finishes those under way, and makes everything durable. Blocking. Idempotent.
    pub fn close(&self) -> Result<()> {
        todo!()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        todo!()
    }
}
