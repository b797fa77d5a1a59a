//! Who may do what in an SMTP dialogue: the lists `smtpd_*_restrictions`, read from Postfix's syntax and judged in Postfix's order.
//!
//! Does: read the lists and say where one is wrong; judge a client, a sender, a recipient by them, with each step that
//! decided; say what it has to know for that ([`Question`]); tell whether the lists let strangers relay; remember what
//! next hops said of recipients ([`Verified`]).
//! Does not: open sockets, ask name servers, know accounts or routes, keep a clock. Facts, answers and times are passed in.
//! Follows: Postfix's access(5) and SMTPD_ACCESS_README (names, order, codes), ADDRESS_VERIFICATION_README (times);
//! RFC 5782 (DNS lists), RFC 7505 (null MX), RFC 5321 §4.1.1.1 (names in EHLO).
//! Departs: lists are judged at RCPT always (`smtpd_delay_reject = yes`); tables are written into the list
//! (`inline:{…}`), there are no files, programs or classes; what a DNS list answers outside of 127.0.0.0/8, or to
//! complain about the one who asks (127.255.255.0/24), is no listing; only next hops of relay domains are asked about
//! recipients.
//!
//! Invariants:
//! 1. What is not known is an error that says so; no entry of a list is ever skipped in silence.
//! 2. Judging and explaining are one code, and the same facts and answers give the same decision.
//! 3. `permit_dnswl_client` never gives a right to relay.

mod access;
mod answers;
mod dns_list;
mod facts;
mod judge;
mod list;
mod name;
mod open_relay;
mod parse;
mod restriction;
mod verified;

pub use access::{AccessKey, AccessTable, Action};
pub use answers::{Answered, Answers, ClientName, MailDomain, Question, SenderOwner, Verification};
pub use dns_list::{DnsList, Listing};
pub use facts::{Destination, Facts};
pub use judge::{Decision, Effect, Step};
pub use list::{BadList, ListName, Restrictions};
pub use open_relay::{OpenList, Who};
pub use parse::{BadRestriction, Entry, Fault, List};
pub use restriction::{Restriction, Unsupported};
pub use verified::{Known, Verified};
