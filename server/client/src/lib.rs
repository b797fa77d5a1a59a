//! The built-in mail client: IMAP and submission as any client speaks them.
//!
//! Does: folders, lists, messages, HTML made safe, flags, moves, drafts, sending, watching for new mail, for accounts of this
//! server and of any other; keep the accounts of other servers.
//! Does not: know this server's accounts or their passwords (the engine's [`Directory`] does), decide where mail goes, show
//! anything.
//! Follows: RFC 3501 (IMAP), RFC 2177 (IDLE), RFC 4315 (UIDPLUS), RFC 5819 (LIST-STATUS), RFC 6154 (SPECIAL-USE), RFC 6851
//! (MOVE), RFC 4865 (FUTURERELEASE), RFC 7888 (LITERAL+), RFC 2971 (ID), RFC 6409 (submission), RFC 8314 (encryption), RFC 5322 and MIME.
//! Departs: from RFC 3501 by taking more than its grammar allows, since servers send more.
//!
//! Invariants:
//! 1. A password goes over the wire only encrypted, or to this machine.
//! 2. Certificates are checked for the host's name on every encrypted connection; there is no way around it.
//! 3. No command is sent twice: a broken connection is replaced before a command, never after it.
//! 4. Whatever a server or a message holds, reading it ends: sizes, depths and times have limits.
//! 5. A message that the server has taken is reported as sent, whatever happens afterwards.
//! 6. HTML that leaves this crate holds nothing that runs, submits, or loads from the network unasked.

mod cache;
mod changes;
mod client;
mod compose;
mod config;
mod externals;
mod failure;
mod fetched;
mod filename;
mod folders;
mod html;
mod imap;
mod later;
mod message;
mod outgoing;
mod part;
mod preview;
mod recipients;
mod roles;
mod rows;
mod send;
mod submission;
mod watch;

pub use client::Client;
pub use config::{AccountConfig, Changed, Directory, Secret};
pub use externals::Externals;
pub use recipients::addresses_of;
