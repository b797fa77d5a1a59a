//! Aliases, forwards, and what would happen to a message.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A name that stands for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alias {
    /// `name` (in every domain of this server, `alias_maps`), `name@domain` (`virtual_alias_maps`), or `@domain`: everybody
    /// else there (catch-all).
    pub name: String,
    /// Names and addresses that get its mail.
    pub targets: Vec<String>,
}

/// Names an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AliasRef {
    /// See [`Alias::name`].
    pub name: String,
}

/// Aliases of a file, as `/etc/aliases` has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AliasImport {
    /// The text of the file.
    pub text: String,
}

/// What was taken of a file with aliases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AliasImported {
    /// Names that are there now.
    pub taken: Vec<String>,
    /// Lines that could not be taken, with the reason.
    pub refused: Vec<String>,
}

/// Where an account's mail goes besides, or instead of, its mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Forward {
    /// The account.
    pub account: String,
    /// Addresses; none: the mail stays.
    pub targets: Vec<String>,
    /// Whether the mailbox gets it, too.
    pub keep_copy: bool,
}

/// "What would happen to a message?"
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteQuestion {
    /// To whom.
    pub recipient: String,
    /// From whom; empty: `<>`.
    pub sender: String,
    /// The address of the client, e.g. `192.0.2.7`.
    pub client: String,
    /// The account it has logged in as; none: it has not.
    pub user: Option<String>,
}

/// The answer, by the code that decides in earnest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RouteExplanation {
    /// Whether it would be accepted.
    pub accepted: bool,
    /// The reply to RCPT.
    pub reply: String,
    /// What was asked in turn, and what it came to.
    pub steps: Vec<RouteStep>,
    /// Where the message would go.
    pub destinations: Vec<RouteDestination>,
}

/// A step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RouteStep {
    /// Which words.
    pub code: String,
    /// What the words need.
    pub params: BTreeMap<String, String>,
    /// The setting that decided, by its Postfix name.
    pub setting: Option<String>,
}

/// Where a message would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RouteDestination {
    /// Into a mailbox here.
    Mailbox {
        /// The account.
        account: String,
    },
    /// To another server.
    Remote {
        /// The recipient there.
        recipient: String,
        /// The sender there: another one when a forward rewrote it (SRS).
        sender: String,
        /// `[host]:port`, or a domain whose MX is asked for.
        next_hop: String,
        /// The setting that chose it: `relayhost`, `transport_maps`, `sender_dependent_relayhost_maps`; none: the domain's MX.
        setting: Option<String>,
    },
    /// Nowhere: it would come back.
    Error {
        /// Why.
        text: String,
    },
    /// Nowhere, and nobody is told (`discard:`).
    Discard,
}

/// Tries a relay host: connects, encrypts and logs in, and sends nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelayTest {
    /// `[host]:port`.
    pub relayhost: String,
    /// The user name; empty: none.
    pub user: String,
    /// Its password; none: the one that is kept.
    pub password: Option<String>,
}

impl std::fmt::Debug for RelayTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayTest").field("relayhost", &self.relayhost).finish_non_exhaustive()
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelayTested {
    /// Whether mail could be handed in there.
    pub works: bool,
    /// What the server said last, or what went wrong.
    pub text: String,
    /// The session, with its transcript; none when there was no connection.
    pub session: Option<i64>,
}

/// The password of the relay host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelayPassword {
    /// It; empty: forget it.
    pub password: String,
}

impl std::fmt::Debug for RelayPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayPassword").finish_non_exhaustive()
    }
}

/// Where the password of the relay host is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RelayPasswordPlace {
    /// None is kept.
    #[default]
    None,
    /// In the keyring of the system.
    Keyring,
    /// In a file of the data folder that its owner alone can read.
    File,
    /// In a keyring that cannot be opened now: this process belongs to another user or session, or the keyring is locked.
    Locked,
}

/// A setting by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConfigEntry {
    /// Its name: Postfix's where Postfix has it.
    pub name: String,
    /// Its value as text, in Postfix's manner.
    pub value: String,
    /// The value it would have if nobody had changed it.
    pub default: String,
    /// Whether the name is Postfix's.
    pub postfix: bool,
    /// The line that says the same in main.cf; none when Postfix has no such setting.
    pub main_cf: Option<String>,
}

/// Changes a setting by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigSet {
    /// Its name.
    pub name: String,
    /// Its new value as text; none: the default.
    pub value: Option<String>,
    /// See [`crate::SettingsPatch::confirm_open_relay`].
    pub confirm_open_relay: Option<String>,
}
