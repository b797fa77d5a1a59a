//! INBOX as an mbox, too: one file for programs that know nothing else, such as `mail` on a terminal.
//!
//! Does: keeps an account's mbox equal to its INBOX, in both directions: what is delivered is appended, what another program appends is
//! taken in, what is deleted or marked on one side is on the other. Locks as Debian's policy has it, and never waits for a lock: the account
//! is tried again, and mail stays in the store meanwhile.
//! Does not: serve mail from the file. The truth is the Maildir, with its journal, numbers and change feed; so a message answered with 250
//! is delivered exactly once whatever happens to the file, and IMAP is as fast as for any other account. The price is that it lies
//! on disk twice.
//! Follows: mboxrd quoting, `Status` and `X-Status` as mutt, Dovecot and mailx read them; Debian policy §11.6 (locks).
//! Departs: keywords stay in the store; a file that disappears is made anew, and not taken for "all messages deleted".
//!
//! A message is told from others by what it is (a digest), not by a number in its header, which any sender could write; see [`format::Digest`].
//!
//! Invariants:
//! 1. The file is read and written with both locks only, by one thread, through one handle.
//! 2. A message is only taken for deleted in the file if it was there before, on disk, and INBOX's removal from the file likewise.
//! 3. After `kill -9` at any instant each message of INBOX is in the file once, and nothing else of ours is.
//! 4. No message is held in memory.

mod compare;
mod export;
mod format;
mod lines;
mod lock;
mod mirror;
mod mirrors;
mod rewrite;
mod scan;
mod state;

pub(crate) use lock::check_spool;
pub use mirrors::MboxTrouble;
pub(crate) use mirrors::Mirrors;
