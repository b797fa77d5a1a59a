//! The numbers of the store, each its own type, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub(crate) $inner);

        impl $name {
            /// The bare number, for the wire or for a log line.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                let number = value.as_i64()?;
                <$inner>::try_from(number).map(Self).map_err(|_| rusqlite::types::FromSqlError::OutOfRange(number))
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                i64::try_from(self.0)
                    .map(Into::into)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
            }
        }
    };
}

number!(
    /// An account of this data folder; never reused, also not after the account is deleted.
    AccountId(i64)
);
number!(
    /// A mailbox (an IMAP folder) within its account; stays the same when the mailbox is renamed.
    MailboxId(i64)
);
number!(
    /// Unique identifier of a message within its mailbox and UIDVALIDITY, from 1 (RFC 3501 §2.3.1.1).
    Uid(u32)
);
number!(
    /// UIDVALIDITY of a mailbox, from 1 (RFC 3501 §2.3.1.1).
    UidValidity(u32)
);
number!(
    /// Mod-sequence: counts the changes of a mailbox, 63 bits (RFC 7162 §3.1). A new mailbox is at 1.
    ModSeq(i64)
);

impl AccountId {
    /// An account id from its number, for instance one that came over the API.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }
}

impl MailboxId {
    /// A mailbox id from its number, for instance one that came over the API.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }
}

impl Uid {
    /// The smallest and the largest possible UID.
    pub const MIN: Self = Self(1);
    /// See [`Uid::MIN`].
    pub const MAX: Self = Self(u32::MAX);

    /// `None` for zero, which RFC 3501 §9 (`nz-number`) does not allow.
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }
}

impl UidValidity {
    /// `None` for zero, which RFC 3501 §9 (`nz-number`) does not allow.
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }
}

impl ModSeq {
    /// Before every change: `changes_since(ModSeq::ZERO)` returns the whole mailbox.
    pub const ZERO: Self = Self(0);

    /// `None` above 63 bits (RFC 7162 §3.1.1).
    pub fn new(number: u64) -> Option<Self> {
        i64::try_from(number).ok().map(Self)
    }
}

/// UIDs from `first` to `last`, both included; empty if `first > last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UidRange {
    /// First UID of the range.
    pub first: Uid,
    /// Last UID of the range; [`Uid::MAX`] stands for "to the end".
    pub last: Uid,
}

impl UidRange {
    /// Every UID of a mailbox.
    pub const ALL: Self = Self { first: Uid::MIN, last: Uid::MAX };

    /// The range that holds one UID.
    pub const fn one(uid: Uid) -> Self {
        Self { first: uid, last: uid }
    }
}

impl From<Uid> for UidRange {
    fn from(uid: Uid) -> Self {
        Self::one(uid)
    }
}
