//! What an instance of the store may be told.

use std::path::PathBuf;
use std::time::Duration;

/// Settings of one store. The numbers are limits with reasons; tests make them small.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The data folder (DESIGN.md, "Data folder"). It is created if it is missing.
    pub data: PathBuf,
    /// Our host name, part of Maildir file names.
    pub host_name: String,
    /// A journal segment is closed and checkpointed above this many octets. Bigger segments mean fewer checkpoints and a
    /// longer recovery.
    pub segment_octets: u64,
    /// At most this many segments wait for their checkpoint before deliveries have to wait.
    pub max_segments: usize,
    /// A segment with messages is checkpointed after this time even if it is not full.
    pub checkpoint_interval: Duration,
    /// Content above this many octets goes to a file in `DATA/incoming` while it is received.
    pub memory_octets: usize,
    /// Indexes (SQLite connections) kept open at the same time, beyond those in use.
    pub open_accounts: usize,
    /// Folders watched for foreign changes at the same time; accounts beyond it are checked when they are opened or polled.
    pub watched_folders: usize,
}

impl StoreOptions {
    /// Defaults for a data folder.
    pub fn new(data: impl Into<PathBuf>, host_name: impl Into<String>) -> Self {
        Self {
            data: data.into(),
            host_name: host_name.into(),
            segment_octets: 64 * 1024 * 1024,
            max_segments: 4,
            checkpoint_interval: Duration::from_secs(5),
            memory_octets: 64 * 1024,
            open_accounts: 96,
            watched_folders: 1024,
        }
    }
}
