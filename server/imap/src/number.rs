//! The four numbers of IMAP, each its own type (RFC 3501 §2.3.1, RFC 7162 §3.1).

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($inner);

        impl $name {
            /// `None` for zero, which the grammar (`nz-number`) does not have.
            pub const fn new(number: $inner) -> Option<Self> {
                if number == 0 { None } else { Some(Self(number)) }
            }

            /// The bare number.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// Unique identifier of a message in its mailbox.
    Uid(u32)
);
number!(
    /// Message sequence number: the position in a session's view, from 1.
    SeqNum(u32)
);
number!(
    /// UIDVALIDITY of a mailbox.
    UidValidity(u32)
);

/// Mod-sequence of a message or mailbox; zero is before every change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModSeq(pub u64);

/// UIDs from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UidRange {
    /// First UID.
    pub first: Uid,
    /// Last UID.
    pub last: Uid,
}

impl SeqNum {
    /// The sequence number of a position from 0.
    pub(crate) fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX).saturating_add(1))
    }
}
