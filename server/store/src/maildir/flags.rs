//! System flags, and their letters in Maildir file names.

use serde::{Deserialize, Serialize};
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

/// A set of system flags (RFC 3501 §2.3.2) without `\Recent`, which is no property of a message but of who saw it first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(u8);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// `\Seen`, file letter `S`.
    pub const SEEN: Self = Self(1);
    /// `\Answered`, file letter `R`.
    pub const ANSWERED: Self = Self(2);
    /// `\Flagged`, file letter `F`.
    pub const FLAGGED: Self = Self(4);
    /// `\Deleted`, file letter `T`.
    pub const DELETED: Self = Self(8);
    /// `\Draft`, file letter `D`.
    pub const DRAFT: Self = Self(16);

    /// Every flag with its file letter, in the order of the letters.
    const LETTERS: [(char, Self); 5] = [
        ('D', Self::DRAFT),
        ('F', Self::FLAGGED),
        ('R', Self::ANSWERED),
        ('S', Self::SEEN),
        ('T', Self::DELETED),
    ];

    /// True if all flags of `other` are in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// True if there is no flag.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn from_letter(letter: char) -> Option<Self> {
        Self::LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, flag)| *flag)
    }

    pub(crate) fn letters(self) -> impl Iterator<Item = char> {
        Self::LETTERS.into_iter().filter(move |(_, flag)| self.contains(*flag)).map(|(letter, _)| letter)
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits & 31)
    }
}

impl BitOr for Flags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAnd for Flags {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The flags of the left set that are not in the right one.
impl Sub for Flags {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
