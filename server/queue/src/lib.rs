//! What happens to a message that is not delivered at once: where each recipient goes, when it is tried, and what the
//! sender is told.
//!
//! Does: [`route`] decides, with its reasons, whether a recipient is accepted and where it leads; [`retry`] knows the
//! times; [`schedule`] chooses what is delivered next; [`report`] writes bounces, delay warnings and success notices.
//! Does not: open sockets or files, look up DNS, keep a clock, store the queue. Time and accounts are passed in.
//! Follows: RFC 5321 §3.6 (relaying), §4.5.4 (retrying), §4.5.5 (null reverse-path), §6.2 (loops); RFC 3461 (DSN), RFC 3464
//! (reports), RFC 3834 (automatic messages); Postfix's order of look-ups, defaults and names of settings.
//! Departs: transports do not redirect local domains; port 465 always means TLS from the first octet.
//!
//! Invariants:
//! 1. A stranger reaches nobody but our own recipients: whatever is not ours needs a right that a step names.
//! 2. Deciding and explaining are one code: what [`route`] would do is what it does.
//! 3. The memory of [`schedule`] does not grow with the queue.
//! 4. There is no report about a report.

pub mod report;
pub mod retry;
pub mod route;
pub mod schedule;
mod time;
