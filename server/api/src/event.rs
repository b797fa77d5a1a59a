//! What the engine says by itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::*;

/// An event. Faces carry them in batches. Events may be left out when there are too many: whoever needs everything asks.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Event {
    /// The server started, stopped, or a listener changed.
    Status {
        /// As it is now.
        status: Box<ServerStatus>,
    },
    /// Lines were logged, oldest first.
    Log {
        /// At most 500 at a time.
        lines: Vec<LogLine>,
        /// How many were left out before these.
        skipped: u32,
    },
    /// Sessions began, ended, or learned something.
    Sessions {
        /// Each as it is now.
        sessions: Vec<Session>,
    },
    /// Accounts were added, changed or deleted, or their counts changed.
    Accounts,
    /// A folder that the built-in client watches has changed.
    Mail {
        /// Which account, see [`MailAccount::id`].
        account: String,
        /// Its name on the server.
        folder: String,
        /// How many messages came in since the last event, 0 when only flags or counts changed.
        arrived: u32,
    },
    /// Messages came into the queue, left it, or were tried.
    Queue {
        /// As it is now.
        counts: QueueCounts,
    },
    /// A setting, an alias, a forward or a zone was changed, here or by another face.
    Settings,
}
