//! Accounts, mailboxes, Maildir, index, spool and change feed: where mail lies and how it gets there safely.
//!
//! Does: keeps accounts and their password verifiers, stores messages as Maildir files that other programs can read,
//! numbers them (UID, UIDVALIDITY, MODSEQ) in one SQLite index per account, makes concurrent deliveries durable with shared
//! syncs, keeps what waits for delivery elsewhere, recovers after a crash, notices what foreign programs change, and tells subscribers what changed.
//! Does not: speak a protocol, check passwords, decide who may send, log, or parse messages (that is `postigo-message`).
//! Follows: the Maildir specification (cr.yp.to/proto/maildir.html), Maildir++ folders and Dovecot's `dovecot-keywords` and
//! `subscriptions` files, RFC 3501 §2.3.1 (UIDs), RFC 7162 (mod-sequences), RFC 6154 (special use), RFC 3501 §5.1.3 (names).
//! Departs: files keep CRLF line ends, so that a FETCH needs no conversion; LF-only files of other programs are read as well.
//!
//! How a message becomes durable: [`Store::deliver`] hands it to one journal thread, which takes whatever is waiting, appends
//! it to a preallocated segment and syncs once for all of it. While that sync runs, apply threads write the Maildir files and
//! index rows without syncing. A waiter is released when both are done. A checkpoint later makes the files and rows durable
//! with one `syncfs`, and only then is the segment reused; [`Store::open`] replays what was not checkpointed.
//!
//! Blocking: [`Accounts`], [`AccountMail`] and the methods of [`Spool`] that are not async touch the disk and block; async
//! callers go through `tokio::task::spawn_blocking`. Lookups documented as "in memory" do not block. `deliver`, `append` and
//! [`Incoming::write`] are async.
//!
//! Invariants:
//! 1. A message whose `deliver` or `append` returned `Ok` is there exactly once after `kill -9` at any later instant, and at
//!    least once after power loss.
//!    In the spool it is until `record` or a delivery that settles its recipients returned `Ok`, or a person removed it.
//! 2. No file is visible in `new` or `cur` before it is complete.
//! 3. A UID is never given to two messages under one UIDVALIDITY; an account id is never reused.
//! 4. File names and folders are the truth; an index can be lost and is rebuilt from them.
//! 5. Nothing is global: stores of one process share nothing but the process.

mod accounts;
mod apply;
mod database;
mod delivery;
mod error;
mod feed;
mod ids;
mod incoming;
mod index;
mod journal;
mod lock;
mod mail;
mod maildir;
mod mails;
mod mbox;
mod options;
mod owner;
mod relocate;
mod spool;
mod store;
mod suppression;
mod watch;

pub use accounts::{
    Account, AccountChange, Accounts, Alias, FateOfMail, Forward, LastLogin, NewAccount, Storage, SystemPlace,
};
pub use delivery::{Append, Appended, Delivered, Delivery, DeliveryRecipient};
pub use error::{Code, Error, Result};
pub use feed::{Change, ChangeKind, Notice, Subscription};
pub use ids::{AccountId, MailboxId, ModSeq, Uid, UidRange, UidValidity};
pub use incoming::Incoming;
pub use lock::DataLock;
pub use mail::{
    Access, AccountMail, Changes, CopyOutcome, FlagAction, FlagChange, FlagOutcome, MailboxInfo,
    MailboxStatus, MessageInfo, MessageParts, MessageState, Opened, Query, Totals,
};
pub use maildir::{Flags, HIERARCHY_DELIMITER, MailboxName, SpecialUse};
pub use mbox::MboxTrouble;
pub use options::StoreOptions;
pub use owner::SystemUser;
pub use spool::{
    Acted, Action, AttemptOutcome, Body, Condition, Counts, DestinationCounts, Due, DueDestination,
    DueMessage, DueQuery, EditRecipient, Filter, ListCursor, ListQuery, Notify, Order, Page, QueuedEnvelope,
    QueuedMessage, QueuedRecipient, RecipientChange, RecipientCounts, RecipientId, RecipientState,
    RecipientUpdate, Ret, Selection, SenderParameters, Settle, SettleEffect, Spool, SpoolContent, SpoolEntry,
    SpoolNotice, SpoolRecipient, SpoolSubscription, Trouble,
};
pub use store::Store;
pub use suppression::{Suppressed, SuppressionReason, Suppressions};
