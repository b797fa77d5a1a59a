//! Every number of this crate, with its reason.

use std::time::Duration;

/// Octets of a command with its literals before the client has logged in: the longest is AUTHENTICATE with an initial
/// response of [`postigo_sasl::MAX_MESSAGE_OCTETS`] in base64.
pub const EARLY_COMMAND_OCTETS: usize = 16 << 10;

/// Octets of a command with its literals, APPEND's message not counted. RFC 7162 §4 advises clients to stay below 8192;
/// sets of UIDs are longer in practice.
pub const COMMAND_OCTETS: usize = 64 << 10;

/// Literals of a refused APPEND that are read and thrown away, in octets. One that is announced larger ends the connection
/// (RFC 7888 §4).
pub const DISCARDED_OCTETS: u64 = 1 << 30;

/// Octets of a tag. RFC 3501 has no limit, programs use fewer than ten.
pub const TAG_OCTETS: usize = 64;

/// Items of one FETCH: each may be the whole message.
pub const FETCH_ITEMS: usize = 64;

/// Search keys within each other.
pub const SEARCH_DEPTH: usize = 32;

/// Octets of one part that SEARCH BODY and TEXT look through.
pub const SEARCHED_PART_OCTETS: u64 = 2 << 20;

/// Octets of a header block that HEADER.FIELDS and SEARCH look through.
pub const HEADER_OCTETS: u64 = 256 << 10;

/// Messages asked for at a time, when only flags, date and size are wanted.
pub const BATCH: usize = 500;

/// Messages asked for at a time, with envelope and structure.
pub const PARSED_BATCH: usize = 100;

/// Messages asked for at a time, with their header blocks: up to 256 KiB each.
pub const HEADER_BATCH: usize = 20;

/// Keywords of one message or command.
pub const KEYWORDS: usize = 64;

/// Octets of a keyword.
pub const KEYWORD_OCTETS: usize = 128;

/// Octets of a mailbox name on the wire.
pub const MAILBOX_OCTETS: usize = 1024;

/// Pairs of an ID command (RFC 2971 §3.3) and octets of each text that are noted.
pub const ID_PAIRS: usize = 30;
/// See [`ID_PAIRS`].
pub const ID_OCTETS: usize = 256;

/// Limits that a server may want to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of an appended message as sent.
    pub append_octets: u64,
    /// Failed log-ins after which the connection is closed.
    pub authentication_failures: u32,
    /// Bad commands in a row after which the connection is closed.
    pub bad_commands: u32,
    /// Silence before log-in.
    pub early_time: Duration,
    /// Silence after log-in. RFC 3501 §5.4 demands 30 minutes at least.
    pub command_time: Duration,
    /// Silence in the middle of an appended message.
    pub content_time: Duration,
    /// The whole TLS handshake.
    pub handshake_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            append_octets: 50 << 20,
            authentication_failures: 5,
            bad_commands: 20,
            early_time: Duration::from_secs(120),
            command_time: Duration::from_secs(31 * 60),
            content_time: Duration::from_secs(300),
            handshake_time: Duration::from_secs(20),
        }
    }
}
