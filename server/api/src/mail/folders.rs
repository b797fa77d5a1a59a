//! Accounts of the client and their folders.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An account the client can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MailAccount {
    /// Its key: the address for accounts of this server, `external:N` for others.
    pub id: String,
    /// The address it sends from.
    pub address: String,
    /// For people to read.
    pub display_name: String,
    /// Whether it is an account of this server.
    pub local: bool,
    /// Where it reads its mail, `host:port`.
    pub imap: String,
    /// Where it hands in its mail, `host:port`.
    pub submission: String,
}

/// Names an account of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MailAccountRef {
    /// See [`MailAccount::id`].
    pub account: String,
}

/// An account of another server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExternalAccount {
    /// The address it sends from.
    pub address: String,
    /// For people to read.
    pub display_name: String,
    /// Login name, often the address.
    pub user: String,
    /// Kept in a file that only this user can read.
    pub password: String,
    /// Where to read.
    pub imap: Endpoint,
    /// Where to hand in.
    pub submission: Endpoint,
}

impl std::fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalAccount").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A server to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its name; the certificate must be for it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is encrypted.
    pub security: Security,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS; without it nothing is sent.
    Starttls,
    /// None. Only for servers on this machine.
    None,
}

/// A folder on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// Its whole name on the server, decoded.
    pub name: String,
    /// The last part of it.
    pub label: String,
    /// How deep it lies, 0 at the top.
    pub depth: u32,
    /// What it is for (RFC 6154), INBOX included.
    pub role: Option<FolderRole>,
    /// Whether it can hold messages.
    pub selectable: bool,
    /// Messages in it.
    pub messages: u32,
    /// Unseen ones.
    pub unseen: u32,
}

/// What a folder is for (RFC 6154 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FolderRole {
    /// Where mail arrives.
    Inbox,
    /// `\Drafts`.
    Drafts,
    /// `\Sent`.
    Sent,
    /// `\Archive`.
    Archive,
    /// `\Junk`.
    Junk,
    /// `\Trash`.
    Trash,
}

/// Names a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FolderRef {
    /// See [`MailAccount::id`].
    pub account: String,
    /// See [`Folder::name`].
    pub folder: String,
}

/// A new name for a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FolderRename {
    /// See [`MailAccount::id`].
    pub account: String,
    /// See [`Folder::name`].
    pub folder: String,
    /// The whole new name.
    pub to: String,
}
