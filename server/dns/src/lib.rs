//! DNS, both ends: a resolver whose every answer is a value that can be recorded, and an authoritative server over editable zones.
//!
//! Does: ask name servers (UDP, TCP when the answer is cut), follow aliases, cache; find mail hosts, addresses, names of
//! addresses, texts, TLSA and SRV records; read, check and write zone files; answer for zones.
//! Does not: validate DNSSEC (it tells the AD bit of the server it asked), recurse from the root, read `/etc/hosts`, transfer
//! or update zones, decide what a failed lookup means for a message.
//! Follows: RFC 1034 §3.6.2, §4.3.2, §4.3.3 and RFC 4592 (aliases, answers, wildcards), RFC 1035 §4 (messages), §5
//! (zone files), RFC 1982 (serials), RFC 2181 §5, §8, §10 (sets, TTLs, targets), RFC 2308 (negative answers), RFC 2782
//! (SRV), RFC 5321 §5.1 and RFC 7505 (mail hosts), RFC 5452 §9 (forged answers), RFC 6604 (codes and aliases), RFC 6698
//! (TLSA), RFC 6761 §6.3 (localhost), RFC 6840 §5.7 (AD), RFC 6891 (EDNS), RFC 7766 (TCP), RFC 8482 (ANY), RFC 8659
//! (CAA), RFC 9520 (failures are cached), RFC 9619 (one question).
//! Departs: zone files know neither `$INCLUDE`, which would open files the user did not name, nor `$GENERATE`; ours is the only class (IN).
//!
//! Invariants:
//! 1. Each lookup ends within [`Limits::lookup`] and says what happened; silence, a failing server, a name that is not, and a name
//!    without such records are never confused.
//! 2. What a peer sends causes no panic and no unbounded memory; an answer that does not belong to the question changes nothing.
//! 3. The servers of a resolver never change: another choice is another [`Resolver`]. There is no process-wide state.
//! 4. The authority answers from one set of zones, all checked; [`Authority::replace`] swaps the whole set.
//!
//! The messages' encoding is hickory-proto's. The exchange of messages is ours, because hickory's resolver hides which server
//! answered, the AD bit, and the kind of failure; so are the answers of the authority, because hickory-server's zone in memory gives
//! NOERROR for an alias to a missing name, sets AA on referrals, lets a wildcard cover names below existing ones, and
//! bounds no connections.

mod authority;
mod cache;
mod error;
mod exchange;
mod folder;
mod interpret;
mod lookup;
mod mail;
mod name;
mod record;
mod resolver;
mod servers;
mod typed;
mod wire;
mod zone;

pub use authority::Authority;
pub use error::{Code, Error};
pub use folder::{ZoneFile, ZoneFolder};
pub use lookup::{Attempt, Lookup, Outcome, Question, Reaction, Transport};
pub use mail::{MailHost, MailHosts};
pub use name::{BadName, Name};
pub use record::{Data, Kind, Record, Soa, Srv, Tlsa};
pub use resolver::{Limits, Resolver};
pub use servers::Servers;
pub use typed::{Answer, Reverse, Traced};
pub use zone::{Fault, FaultKind, Zone};
