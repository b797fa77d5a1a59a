//! SMTP client session: reply lines and messages in, commands and outcomes out.
//!
//! Does: the greeting, EHLO and HELO, STARTTLS, AUTH, transactions with pipelining, one outcome for each recipient, RSET,
//! QUIT, several messages on one connection; the content's way to lines, chunks and 7 bits.
//! Does not: resolve names, connect, do TLS, judge certificates, keep time, read files, decide when to try again.
//! Follows: RFC 5321 (§3.2 EHLO, §4.2 replies, §4.5.2 transparency, §4.5.3.2 times), RFC 1870 (SIZE), RFC 2034
//! (enhanced codes), RFC 2920 (PIPELINING), RFC 3030 (CHUNKING, BINARYMIME), RFC 3207 (STARTTLS), RFC 3461 (DSN), RFC 4954
//! (AUTH), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 8689 (REQUIRETLS), RFC 9422 (LIMITS).
//! Departs: content lines longer than 1000 octets are sent as they are, because to break them breaks signatures; BDAT is
//! used only for what DATA cannot carry, in one chunk.
//!
//! Invariants:
//! 1. Each recipient of a message gets exactly one outcome, and `Delivered` only by a 2yz after the whole content.
//! 2. Nothing said before TLS counts after it, and nothing may follow the reply to STARTTLS.
//! 3. No password is sent in clear but over loopback, and a server that does not prove in SCRAM that it knows the password
//!    gets no mail.
//! 4. The same octets give the same output, however they are cut into reads.
//! 5. No input from the server panics, and memory does not grow with what it sends.
//!
//! # The driver
//! The driver connects (with [`TlsUse::Implicit`] it does the handshake at once), calls [`Session::start`], and repeats:
//! 1. carry out the outputs in order ([`Output`] says how); what they answer with goes to [`Session::handle`];
//! 2. while [`Session::wants_line`], take a line off its buffer with [`LineDecoder::next`](crate::LineDecoder::next) and
//!    give it to [`Session::handle`], and carry out what comes of it;
//! 3. when the buffer holds no complete line, send what is unsent and read, for no longer than [`Session::patience`].
//!
//! While it sends content, it also reads: a server may refuse content before its end. If sending fails, it gives all lines
//! that can still be read before `Input::Lost`, because they may hold the reason.

mod capabilities;
mod command;
mod config;
pub mod content;
mod io;
pub mod limits;
mod outcome;
mod reply_reader;
mod session;
mod transaction;

pub use crate::config::Established;
pub use capabilities::Capabilities;
pub use command::Command;
pub use config::{Config, Connection, Times, TlsUse};
pub use content::{
    ContentFacts, ContentForm, ContentScanner, Conversion, ConversionPlanner, Converter, DataEncoder,
    Unconvertible,
};
pub use io::{End, Input, Note, Output};
pub use outcome::{Cause, Outcome, Stage, Status};
pub use reply_reader::ReplyFault;
pub use session::Session;
pub use transaction::{Transaction, TransactionRecipient};
