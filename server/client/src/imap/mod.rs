//! IMAP from the client's side (RFC 3501): a small transport of our own.
//!
//! Why not a crate: async-imap 0.12 buffers up to 512 MiB of one response, writes passwords to the log at trace level,
//! unwraps what a server may leave out, gives neither APPENDUID nor LIST-STATUS, and cannot send the literals that a search in
//! UTF-8 needs. imap-proto 0.17, which it stands on, recurses into nested structures without a limit, does not take 8-bit text
//! in quoted strings, and leaves their backslashes in. What is needed here is the framing, one tree of values, and the few
//! responses a mail client reads.

pub(crate) mod command;
pub(crate) mod connection;
pub(crate) mod envelope;
pub(crate) mod idle;
pub(crate) mod pool;
pub(crate) mod response;
pub(crate) mod stream;
pub(crate) mod structure;
pub(crate) mod utf7;
pub(crate) mod value;
