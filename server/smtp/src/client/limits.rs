//! Every number of the client session that no operator needs to change.

/// Lines of one reply: 256. EHLO replies have up to some 30.
pub const REPLY_LINES: usize = 256;

/// Octets of a reply's text that are kept: 4096, without codes. RFC 5321 §4.5.3.1.5 gives a line 512; what is beyond the
/// limit is read and dropped. An endless line is bounded by [`LINE_OCTETS`](crate::limits::LINE_OCTETS).
pub const REPLY_TEXT_OCTETS: usize = 4096;

/// Octets of pipelined commands without a reply: 8 KiB. They and their replies fit in the buffers of any TCP, so that a
/// driver that writes before it reads never waits for a server that does the same (RFC 2920 §3.1).
pub const PIPELINE_OCTETS: usize = 8192;

/// The longest line of AUTH with an initial response, in octets: that of any command (RFC 5321 §4.5.3.1.4). A longer
/// response waits for its challenge.
pub const AUTH_LINE_OCTETS: usize = 512;

/// The longest header of a MIME part that down-conversion rewrites, in octets: what the structure of a message is read
/// from.
pub const HEADER_OCTETS: usize = postigo_message::limits::HEADER_OCTETS;
