//! SMTP server session: command lines in, replies and questions out. [`client`] is the other end.
//!
//! Does: the grammar of addresses, commands and replies; lines and content out of a byte stream; command order,
//! pipelining, limits, authentication, the hand-over to TLS; the texts of Received and Return-Path.
//! Does not: read sockets, keep time, do TLS, look up DNS or accounts, decide policy, store messages.
//! Follows: RFC 5321 (§2.3.8 line ends, §4.1 commands, §4.1.4 order, §4.2 replies, §4.4 trace, §4.5.3 limits), RFC 1870
//! (SIZE), RFC 1985 (ETRN), RFC 2034 and RFC 3463 (enhanced codes), RFC 2920 (PIPELINING), RFC 3030 (CHUNKING, BINARYMIME), RFC 3207
//! (STARTTLS), RFC 3461 (DSN), RFC 3848 (protocol names), RFC 4865 (FUTURERELEASE), RFC 4954 (AUTH), RFC 6152 (8BITMIME), RFC 6409 (submission),
//! RFC 6531 (SMTPUTF8), RFC 8314 (implicit TLS), RFC 8689 (REQUIRETLS), RFC 9422 (LIMITS).
//! Departs: VRFY always answers 252 and EXPN 502; a path may lack its angle brackets and follow the colon after spaces; a
//! domain may hold an underscore; enhanced codes are sent after HELO too; content lines may be longer than 1000 octets
//! (see [`Limits`]).
//!
//! Invariants:
//! 1. One reply per command, in order, also when pipelined.
//! 2. Nothing learned before STARTTLS survives it, and nothing sent in clear counts after it.
//! 3. 250 after content means that the driver confirmed it is on disk.
//! 4. Content of DATA ends at CRLF.CRLF and at nothing else, that of BDAT after its octets; bare CR and LF never reach the driver as line ends.
//! 5. The same octets give the same output, however they are cut into reads.
//! 6. No input from the peer panics, and memory does not grow with what it sends: a line and an envelope have limits,
//!    content is handed on in borrowed slices.
//!
//! # The driver
//! The driver owns one buffer of unread octets and repeats: while [`Session::wants_line`], take a line off the buffer with
//! [`LineDecoder::next`] and give it to [`Session::handle`]; carry out the outputs in order; when the buffer holds no
//! complete line, flush the collected replies and read. [`Output`] says what each output asks of it.

pub mod address;
pub mod client;
pub mod command;
mod config;
pub mod dsn;
mod error;
mod extension;
pub mod frame;
pub mod limits;
mod received;
pub mod reply;
mod session;

pub use address::{Address, Domain, Recipient, ReversePath};
pub use command::{Body, Claimed, ClientName, Hold, MailParameters, Node, RcptParameters, Xclient};
pub use config::{Config, Connection, Established, Service, Tls};
pub use error::{BadAddress, BadCommand};
pub use extension::Extension;
pub use frame::{BareNewlines, Content, ContentDecoder, ContentEnd, ContentFault, Line, LineDecoder};
pub use limits::Limits;
pub use received::{Protocol, Received, return_path};
pub use reply::{EnhancedCode, Judged, Reply};
pub use session::{
    Answer, Envelope, EnvelopeRecipient, Input, Note, Output, Question, Sender, Session, Stage,
};
