//! Addresses elsewhere to which nothing is sent.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Micros;

/// Which entries. What is not named lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SuppressionQuery {
    /// Only those with this in their address.
    pub text: Option<String>,
    /// Only those behind this address, see [`SuppressionPage::next`].
    pub after: Option<String>,
    /// How many; 200 at most.
    pub limit: Option<u32>,
}

/// Entries by address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionPage {
    /// Entries.
    pub entries: Vec<Suppression>,
    /// How many there are in all, whatever was asked for.
    pub total: u64,
    /// What to ask for the entries after these; none when these are the last.
    pub next: Option<String>,
}

/// An address to which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// It, in lower case.
    pub address: String,
    /// How it came here.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Micros,
    /// Until when; none: until somebody takes it away.
    pub until: Option<Micros>,
    /// What the other server said of it, or a person's note.
    pub reply: String,
    /// The message that came back, for its journey.
    pub queue_id: Option<String>,
}

/// How an address came onto the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SuppressionReason {
    /// Its server said that there is no such address.
    Bounced,
    /// A person wants it so.
    Manual,
}

/// Puts an address on the list, until somebody takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSuppression {
    /// It.
    pub address: String,
    /// Why; may be empty.
    pub note: String,
}

/// Names an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuppressionRef {
    /// Its address.
    pub address: String,
}
