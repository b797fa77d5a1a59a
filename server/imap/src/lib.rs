//! IMAP sessions: commands in, responses and questions out.
//!
//! Does: cut the octets of a client into commands, read them, decide which may come when, number messages, write
//! responses, say which octets of which message go to the client.
//! Does not: read sockets, keep time, shake hands, check passwords, open files, store anything.
//! Follows: RFC 3501 (IMAP4rev1), RFC 2177 (IDLE), RFC 2342 (NAMESPACE), RFC 2971 (ID), RFC 3348 (CHILDREN), RFC 3691
//! (UNSELECT), RFC 4315 (UIDPLUS), RFC 4959 (SASL-IR), RFC 5530 (response codes), RFC 6154 (SPECIAL-USE), RFC 6851
//! (MOVE), RFC 7888 (LITERAL+).
//! Departs: a line may end in LF alone; INTERNALDATE is in UTC; a set of sequence numbers may be `1:*` in an empty mailbox;
//! HEADER.FIELDS and SEARCH read the first 256 KiB of a header and SEARCH the first 2 MiB of a part.
//!
//! How a driver works with it: [`Session::start`], then in a loop carry out the outputs; give an answer to
//! [`Session::answer`] when asked; else [`Session::read`] with the input buffer; if that says there is nothing to do, wait for
//! octets of the peer, for a change of the selected mailbox ([`Session::mailbox_changed`]), for [`Session::patience`]
//! ([`Session::timeout`]) or for the end of the server ([`Session::shutdown`]).
//!
//! Invariants:
//! 1. One tagged response per command, in order, also when pipelined.
//! 2. Nothing learned before STARTTLS survives it.
//! 3. An EXPUNGE response is never sent while FETCH, STORE or SEARCH is in progress, nor between commands but in IDLE.
//! 4. A synchronizing literal is refused before the client sends it; an appended message is never held in memory.
//! 5. Memory depends on the limits and on the number of messages in the selected mailbox, not on their size.

mod command;
mod config;
mod encode;
mod error;
mod flags;
mod frame;
pub mod limits;
mod list;
mod mutf7;
mod number;
mod response;
mod search;
mod secret;
mod session;
mod tracker;

pub use config::{Config, Connection};
pub use error::BadCommand;
pub use flags::{Flags, SystemFlag};
pub use limits::Limits;
pub use mutf7::{decode_mailbox, encode_mailbox};
pub use number::{ModSeq, SeqNum, Uid, UidRange, UidValidity};
pub use response::{Bye, Condition, Status};
pub use search::{SearchContent, SearchFacts, SearchProgram};
pub use secret::secret_of_command;
pub use session::{
    Answer, Appended, Changes, FlagAction, MailboxEntry, MailboxStatus, Message, MessageState, Method, Note,
    Opened, Output, Question, Refusal, Session, Transferred, Vanished, Wanted,
};
