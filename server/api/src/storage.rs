//! Where the mail of an account lies for other programs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Error;

/// A format of mailboxes on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum MailFormat {
    /// A folder, one file for each message.
    Maildir,
    /// One file for all messages of INBOX.
    Mbox,
}

/// Where the mail of an account lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// What other programs find.
    pub format: MailFormat,
    /// The user of the system whose file or folder it is; none when it lies in the data folder.
    pub system_user: Option<String>,
    /// The Maildir or the mbox.
    pub path: String,
    /// Why the mbox is not what INBOX is at present; its mail waits in the store.
    pub trouble: Option<Error>,
}

/// Where mail is to lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StorageWish {
    /// None: for a system user what `home_mailbox` says, else Maildir.
    pub format: Option<MailFormat>,
    /// A user of the system: the mbox is then in `mail_spool_directory`, the Maildir is `home_mailbox` in their home.
    pub system_user: Option<String>,
}

/// The people of this computer, for choosing one whose mail is to lie where other programs look for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SystemUsers {
    /// Those the computer itself knows, by name. Those of a directory service can be named and are not listed.
    pub users: Vec<SystemUser>,
    /// Why the server cannot write files of others.
    pub refusal: Option<Error>,
    /// Where an mbox would be: `mail_spool_directory`.
    pub mail_spool_directory: String,
    /// The Maildir in a home: `home_mailbox`, or Postfix's customary `Maildir/` when that is empty.
    pub home_mailbox: String,
    /// What is taken when nobody chooses.
    pub default_format: MailFormat,
}

/// A user of the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SystemUser {
    /// `luis`.
    pub name: String,
    /// As the system knows it; may be empty.
    pub full_name: String,
    /// Its home.
    pub home: String,
    /// The account whose mail it is already.
    pub account: Option<String>,
}
