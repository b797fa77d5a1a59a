//! Flags of messages (RFC 3501 §2.3.2).

use crate::limits::{KEYWORD_OCTETS, KEYWORDS};

/// A system flag other than `\Recent`, which no client can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemFlag {
    /// `\Answered`
    Answered,
    /// `\Flagged`
    Flagged,
    /// `\Deleted`
    Deleted,
    /// `\Seen`
    Seen,
    /// `\Draft`
    Draft,
}

impl SystemFlag {
    /// All of them, in the order of RFC 3501.
    pub const ALL: [Self; 5] = [Self::Answered, Self::Flagged, Self::Deleted, Self::Seen, Self::Draft];

    /// The name with its backslash.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "\\Answered",
            Self::Flagged => "\\Flagged",
            Self::Deleted => "\\Deleted",
            Self::Seen => "\\Seen",
            Self::Draft => "\\Draft",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Answered => 1,
            Self::Flagged => 2,
            Self::Deleted => 4,
            Self::Seen => 8,
            Self::Draft => 16,
        }
    }
}

/// System flags and keywords of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    system: u8,
    keywords: Vec<String>,
}

/// A flag that the server cannot keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadFlag;

impl Flags {
    /// Whether a system flag is set.
    pub const fn has(&self, flag: SystemFlag) -> bool {
        self.system & flag.bit() != 0
    }

    /// Sets a system flag.
    pub const fn set(&mut self, flag: SystemFlag) {
        self.system |= flag.bit();
    }

    /// The system flags that are set.
    pub fn system(&self) -> impl Iterator<Item = SystemFlag> {
        SystemFlag::ALL.into_iter().filter(|flag| self.has(*flag))
    }

    /// The keywords, as first written.
    pub fn keywords(&self) -> &[String] {
        &self.keywords
    }

    /// Whether a keyword is set; case does not matter.
    pub fn has_keyword(&self, keyword: &str) -> bool {
        self.keywords.iter().any(|known| known.eq_ignore_ascii_case(keyword))
    }

    /// Adds a keyword, unless it is there.
    pub fn add_keyword(&mut self, keyword: &str) {
        if !self.has_keyword(keyword) {
            self.keywords.push(keyword.to_owned());
        }
    }

    /// Adds a flag by its name on the wire.
    pub(crate) fn add_named(&mut self, name: &str) -> Result<(), BadFlag> {
        if !name.starts_with('\\') {
            if name.len() > KEYWORD_OCTETS || self.keywords.len() >= KEYWORDS {
                return Err(BadFlag);
            }
            self.add_keyword(name);
            return Ok(());
        }
        let system = SystemFlag::ALL.into_iter().find(|flag| flag.name().eq_ignore_ascii_case(name));
        self.set(system.ok_or(BadFlag)?);
        Ok(())
    }
}
