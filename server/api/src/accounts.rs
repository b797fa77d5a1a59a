//! The people of this server.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Micros, Service, Session, Storage, StorageWish};

/// An account in one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// `ana@lab.test`; also its key.
    pub address: String,
    /// `ana`.
    pub user: String,
    /// `lab.test`.
    pub domain: String,
    /// For people to read.
    pub display_name: String,
    /// Whether it may log in and receive.
    pub enabled: bool,
    /// When it was made.
    pub created: Micros,
    /// Messages in all folders.
    pub messages: u32,
    /// Unseen messages in INBOX.
    pub unseen: u32,
    /// Octets in all folders.
    pub octets: u64,
    /// The last successful login.
    pub last_login: Option<LastLogin>,
    /// Other addresses that are delivered here.
    pub aliases: Vec<String>,
    /// Where its mail lies for other programs.
    pub storage: Storage,
}

/// The last time somebody proved to be this person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LastLogin {
    /// When.
    pub at: Micros,
    /// Over which service.
    pub service: Service,
    /// How the client called itself, or its address.
    pub client: String,
}

/// Names an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountRef {
    /// `ana@lab.test`, or the bare name where it is unambiguous.
    pub address: String,
}

/// An account with what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountDetail {
    /// The line of the list.
    pub account: Account,
    /// The Maildir on disk.
    pub path: String,
    /// Files in INBOX's `new`, not yet seen by any client.
    pub new: u32,
    /// Files in INBOX's `cur`.
    pub cur: u32,
    /// Files in INBOX's `tmp`, half written.
    pub tmp: u32,
    /// Folders with their counts.
    pub mailboxes: Vec<MailboxCount>,
    /// Its open sessions.
    pub sessions: Vec<Session>,
}

/// A folder of an account on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MailboxCount {
    /// As IMAP names it.
    pub name: String,
    /// What it is for.
    pub role: Option<crate::FolderRole>,
    /// Messages in it.
    pub messages: u32,
    /// Unseen ones.
    pub unseen: u32,
    /// Octets in it.
    pub octets: u64,
}

/// A new account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    /// `ana@lab.test`, or the bare name for the main domain.
    pub address: String,
    /// For people to read; the user name when empty.
    pub display_name: String,
    /// In clear on its way to the verifier; never stored.
    pub password: String,
    /// Where its mail is to lie; none: a Maildir in the data folder.
    #[serde(default)]
    pub storage: Option<StorageWish>,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A change to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountUpdate {
    /// Which account.
    pub address: String,
    /// A new display name.
    pub display_name: Option<String>,
    /// Whether it may log in and receive.
    pub enabled: Option<bool>,
    /// Lets its mail lie elsewhere; what is there moves along.
    #[serde(default)]
    pub storage: Option<StorageWish>,
}

/// A new password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountPassword {
    /// Which account.
    pub address: String,
    /// In clear on its way to the verifier; never stored.
    pub password: String,
}

impl std::fmt::Debug for AccountPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountPassword").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The end of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountDelete {
    /// Which account.
    pub address: String,
    /// What becomes of its mail.
    pub mail: MailFate,
}

/// What becomes of the mail of a deleted account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum MailFate {
    /// The folder stays on disk under another name.
    Keep,
    /// The folder is deleted.
    Remove,
}

/// Where the mail of a deleted account is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountDeleted {
    /// The folder, when it was kept.
    pub path: Option<String>,
}
