//! Every number of this crate, with its reason.

use std::time::Duration;

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries and sessions older than this go.
    pub keep: Duration,
    /// When `trace.db` is larger than this, the oldest tenth goes.
    pub octets: u64,
    /// What is kept of one session's transcript; about a thousand lines.
    pub transcript_octets: usize,
    /// The log file is rotated at this size,
    pub log_octets: u64,
    /// and so many old ones are kept.
    pub log_files: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            keep: Duration::from_secs(30 * 86_400),
            octets: 512 << 20,
            transcript_octets: 48 << 10,
            log_octets: 10 << 20,
            log_files: 5,
        }
    }
}

/// Entries that may wait for the writer: some seconds of full load, about 10 MiB.
pub(crate) const WAITING: usize = 32_768;

/// How long the writer gathers before it writes: short for a live view, long for a transaction.
pub(crate) const GATHER: Duration = Duration::from_millis(20);

/// Entries in one transaction.
pub(crate) const BATCH: usize = 4_096;

/// A transcript line is cut here: longer than any sensible command, and a line of a search answer can be megabytes.
pub(crate) const LINE_OCTETS: usize = 2_000;

/// Entries looked at for one page of a filtered log before it is answered with what was found.
pub(crate) const SCAN: usize = 200_000;
