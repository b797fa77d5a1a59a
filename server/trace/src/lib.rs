//! What happened: events, the transcript of every session, and the log in the line format of Postfix.
//!
//! Does: take events and transcript lines from the drivers, write them to `trace.db` and to a rotated log file, hand them to
//! live views, answer questions about them, tell the journey of a message.
//! Does not: decide anything, delay anything. Losing its file loses no mail.
//! Follows: the log lines of Postfix 3.7 (`smtpd`, `cleanup`, `qmgr`, `virtual`) and of Dovecot 2.3 (`imap-login`).
//! Departs: the number in brackets is the session, not a process id, so that the lines of one conversation share it.
//!
//! Invariants:
//! 1. [`Event`] is the only source of what is logged: a log line is a function of an entry, also years later.
//! 2. Nothing here blocks mail: the way to the writer is bounded, and what finds it full is counted and left out.
//! 3. Secrets are masked before they get here; nothing here could unmask them.
//! 4. Memory per session is bounded by [`Limits::transcript_octets`].

mod counters;
mod database;
mod event;
mod journey;
mod limits;
mod logfile;
mod postfix;
mod queries;
mod queue_id;
mod session;
mod trace;
mod transcript;
mod writer;

pub use counters::Figures;
pub use event::{
    Delivery, Entry, Event, NameLookup, QueueDeed, Queued, Refusal, ReportKind, Sent, SentStatus, Stage,
};
pub use limits::Limits;
pub use postfix::{dated_line, lines};
pub use queue_id::QueueIds;
pub use session::{Ending, SessionTrace};
pub use trace::{Batch, Error, Trace};
