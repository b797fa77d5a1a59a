//! What routing asks about the people of this server.

use super::Target;
use postigo_smtp::Address;

/// The number the store gave an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub i64);

/// An account as routing sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its own address.
    pub address: Address,
    /// False: its mail is refused.
    pub enabled: bool,
}

/// Looks up accounts, in memory; called while a client waits for the reply to RCPT.
pub trait Directory {
    /// The account with this address, be it its own or one of its aliases in the store. Compared without case;
    /// `domain` is in lower case ASCII.
    fn account(&self, local_part: &str, domain: &str) -> Option<Account>;

    /// Who gets the mail of postmaster when nobody was chosen: an enabled account of the domain, or of any other.
    fn first_account(&self, domain: &str) -> Option<Account>;

    /// Whether nothing is sent to an address elsewhere: what is said of it. Compared without case.
    fn suppressed(&self, _address: &Address) -> Option<Suppressed> {
        None
    }
}

/// An address elsewhere to which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// Whether its server said that there is no such address; else a person wants it so.
    pub bounced: bool,
    /// What the server said, or the person.
    pub reply: String,
}

/// What an account does with its mail instead of, or besides, keeping it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// Where it goes.
    pub targets: Vec<Target>,
    /// Whether it is delivered to the account, too.
    pub keep_copy: bool,
}
