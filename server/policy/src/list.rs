//! The lists of a server.

use std::fmt;

use thiserror::Error;

use crate::parse::{BadRestriction, Entry, List};
use crate::restriction::Restriction;

/// Which list. Those for submission are named as in the comments of Postfix's own `master.cf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the list of its name")]
pub enum ListName {
    Client,
    Helo,
    Sender,
    Relay,
    Recipient,
    Data,
    EndOfData,
    Etrn,
    MuaClient,
    MuaHelo,
    MuaSender,
}

impl ListName {
    /// Every list.
    pub const ALL: [Self; 11] = [
        Self::Client,
        Self::Helo,
        Self::Sender,
        Self::Relay,
        Self::Recipient,
        Self::Data,
        Self::EndOfData,
        Self::Etrn,
        Self::MuaClient,
        Self::MuaHelo,
        Self::MuaSender,
    ];

    /// Judged in this order at RCPT, on port 25 (`smtpd_delay_reject`, `smtpd_relay_before_recipient_restrictions`).
    pub const AT_RECIPIENT: [Self; 5] =
        [Self::Client, Self::Helo, Self::Sender, Self::Relay, Self::Recipient];

    /// The same where clients submit. That they have logged in is the session's business.
    pub const AT_SUBMITTED_RECIPIENT: [Self; 3] = [Self::MuaClient, Self::MuaHelo, Self::MuaSender];

    /// Judged in this order at ETRN.
    pub const AT_ETRN: [Self; 3] = [Self::Client, Self::Helo, Self::Etrn];

    /// The name of its setting.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Client => "smtpd_client_restrictions",
            Self::Helo => "smtpd_helo_restrictions",
            Self::Sender => "smtpd_sender_restrictions",
            Self::Relay => "smtpd_relay_restrictions",
            Self::Recipient => "smtpd_recipient_restrictions",
            Self::Data => "smtpd_data_restrictions",
            Self::EndOfData => "smtpd_end_of_data_restrictions",
            Self::Etrn => "smtpd_etrn_restrictions",
            Self::MuaClient => "mua_client_restrictions",
            Self::MuaHelo => "mua_helo_restrictions",
            Self::MuaSender => "mua_sender_restrictions",
        }
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.setting())
    }
}

/// All lists of a server, read.
#[derive(Debug, Clone, Default)]
pub struct Restrictions([List; ListName::ALL.len()]);

/// A list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{list}: {bad}")]
pub struct BadList {
    /// Which.
    pub list: ListName,
    /// Where, and how.
    pub bad: BadRestriction,
}

impl Restrictions {
    /// Reads all lists; `text` gives that of each.
    ///
    /// Errors: the first list with a fault.
    pub fn parse<'a>(text: impl Fn(ListName) -> &'a str) -> Result<Self, BadList> {
        let mut restrictions = Self::default();
        for list in ListName::ALL {
            let parsed = List::parse(text(list)).map_err(|bad| BadList { list, bad })?;
            restrictions.0[list as usize] = parsed;
        }
        Ok(restrictions)
    }

    /// Whether some list wants next hops to be asked about recipients (`reject_unverified_recipient`).
    pub fn asks_next_hops(&self) -> bool {
        let entries = self.0.iter().flat_map(List::entries);
        entries.map(|entry| &entry.restriction).any(|one| *one == Restriction::RejectUnverifiedRecipient)
    }

    /// The entries of a list, in their order.
    pub fn entries(&self, list: ListName) -> &[Entry] {
        self.0[list as usize].entries()
    }
}
