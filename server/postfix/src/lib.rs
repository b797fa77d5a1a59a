//! Postfix's files read into settings, and settings written as files of Postfix and Dovecot.
//!
//! Does: [`import`] reads `main.cf`, `master.cf` and the tables they name, and says of each line what became of it;
//! [`export`] writes `main.cf`, `master.cf`, their tables and `dovecot.conf`, commented in the user's language.
//! Does not: open files, ask the system for its name or networks, run programs, check that settings make sense together.
//! Follows: postconf(5), master(5), aliases(5), virtual(5), transport(5), texthash tables; Postfix 3.7 and Dovecot 2.3.
//! Departs: `${{a} < {b} ? ...}` (comparisons other than `==` and `!=`) is reported and not evaluated; a password is never written.
//!
//! Invariants:
//! 1. Each parameter, service, override and table line that was read has an entry in the report.
//! 2. No text, however odd, makes more than bounded work: files, lines, depth and length of expansion have limits.
//! 3. What is exported and imported again is the same, as far as Postfix has a place for it.

mod expand;
mod export;
mod import;
mod logical;
mod main_cf;
mod map;
mod master_cf;
mod report;

pub use export::{Language, Person, export};
pub use import::{Imported, import};
pub use report::{Fate, Line, Reason};

/// Texts of files by their base name: `main.cf`, `master.cf`, `aliases`, `virtual`, `mailname`, and so on.
pub type Files = std::collections::BTreeMap<String, String>;

/// Octets of one file that are read; a longer file is reported and left out.
pub const MAX_FILE_OCTETS: usize = 4 << 20;
