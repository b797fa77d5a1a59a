//! Accounts: who has mail here.

use crate::{AccountId, Result};
use jiff::Timestamp;
use postigo_sasl::Verifier;

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id, for ever.
    pub id: AccountId,
    /// Local part as given when it was created; compared without case.
    pub local_part: String,
    /// Domain, in lower case ASCII (A-labels).
    pub domain: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// False: no login, and mail for it is refused.
    pub enabled: bool,
    /// When it was created.
    pub created: Timestamp,
    /// The last successful login.
    pub last_login: Option<LastLogin>,
    /// What passwords are checked against.
    pub verifier: Verifier,
}

impl Account {
    /// `local_part@domain`.
    pub fn address(&self) -> String {
        format!("{}@{}", self.local_part, self.domain)
    }
}

/// A successful login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLogin {
    /// When.
    pub at: Timestamp,
    /// `imap`, `submission`, ...
    pub protocol: String,
    /// Address of the client.
    pub peer: String,
}

/// What a new account needs.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Local part; see [`Accounts::add`] for what is allowed.
    pub local_part: String,
    /// Domain, ASCII (A-labels).
    pub domain: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// Verifier of its password.
    pub verifier: Verifier,
}

/// A change of an account; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// New display name.
    pub display_name: Option<String>,
    /// Enable or disable.
    pub enabled: Option<bool>,
}

/// What becomes of the mail of a deleted account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FateOfMail {
    /// The folder stays in place as `USER.deleted-TIMESTAMP`.
    Keep,
    /// The folder is removed.
    Remove,
    /// The folder is moved to this path, which must not exist (copied if it is on another disk).
    Archive(std::path::PathBuf),
}

/// What a recipient address is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Mail goes to this account, directly or through an alias.
    Account(AccountId),
    /// There is an account, but it is disabled.
    Disabled,
    /// The domain is ours, the local part is not known.
    Unknown,
    /// The domain is not ours.
    NotOurs,
}

/// The accounts and aliases of a data folder. Lookups are in memory; changes block on SQLite.
pub struct Accounts {}

impl Accounts {
    /// Adds an account, and its Maildir with the standard mailboxes. Blocking.
    ///
    /// Local part: 1 to 64 ASCII letters, digits and `_ - + = .`, beginning with a letter, digit or `_`, without `..`, not
    /// ending in `.`, and not a reserved file name of Windows, because it becomes a folder name.
    ///
    /// Errors: [`crate::Code::BadLocalPart`], [`crate::Code::BadDomain`], [`crate::Code::AddressTaken`].
    pub fn add(&self, new: NewAccount) -> Result<Account> {
        let _ = new;
        todo!()
    }

    /// Changes an account. Blocking. Errors: [`crate::Code::AccountUnknown`].
    pub fn change(&self, id: AccountId, change: AccountChange) -> Result<Account> {
        let _ = (id, change);
        todo!()
    }

    /// Replaces the verifiers of the password. Blocking. Errors: [`crate::Code::AccountUnknown`].
    pub fn set_password(&self, id: AccountId, verifier: Verifier) -> Result<()> {
        let _ = (id, verifier);
        todo!()
    }

    /// Notes a successful login. Blocking. Errors: [`crate::Code::AccountUnknown`].
    pub fn record_login(&self, id: AccountId, login: LastLogin) -> Result<()> {
        let _ = (id, login);
        todo!()
    }

    /// Deletes an account with its aliases. Blocking. Open sessions get errors from then on.
    /// Returns where the mail is now, if it still is. Errors: [`crate::Code::AccountUnknown`].
    pub fn delete(&self, id: AccountId, fate: FateOfMail) -> Result<Option<std::path::PathBuf>> {
        let _ = (id, fate);
        todo!()
    }

    /// Adds an alias that delivers to an account. Blocking.
    ///
    /// Errors: [`crate::Code::AccountUnknown`], [`crate::Code::AddressTaken`], [`crate::Code::BadLocalPart`],
    /// [`crate::Code::BadDomain`].
    pub fn add_alias(&self, local_part: &str, domain: &str, account: AccountId) -> Result<()> {
        let _ = (local_part, domain, account);
        todo!()
    }

    /// All accounts, by domain and local part. In memory.
    pub fn list(&self) -> Vec<Account> {
        todo!()
    }

    /// An account by id. In memory.
    pub fn get(&self, id: AccountId) -> Option<Account> {
        let _ = id;
        todo!()
    }

    /// An account by its own address (not by alias), without case. In memory.
    pub fn by_address(&self, local_part: &str, domain: &str) -> Option<Account> {
        let _ = (local_part, domain);
        todo!()
    }

    /// An account by login name: the full address, or the bare local part where only one domain has it. Also finds
    /// disabled accounts. In memory.
    pub fn by_login(&self, login: &str) -> Option<Account> {
        let _ = login;
        todo!()
    }

    /// What a recipient is to us; `local_part` without quotes. In memory, does not block.
    pub fn resolve_recipient(&self, local_part: &str, domain: &str) -> Recipient {
        let _ = (local_part, domain);
        todo!()
    }

    /// The domains that are ours: those of accounts and aliases. In memory.
    pub fn domains(&self) -> Vec<String> {
        todo!()
    }
}
