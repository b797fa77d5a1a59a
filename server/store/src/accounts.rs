//! Accounts: who has mail here.

mod address;
mod book;
pub(crate) mod table;

use crate::mails::Mails;
use crate::{AccountId, Code, Error, Result};
use address::{Domain, LocalPart};
use book::Book;
use jiff::Timestamp;
use postigo_sasl::Verifier;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use table::Table;

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
    Archive(PathBuf),
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
pub struct Accounts {
    table: Mutex<Table>,
    /// Replaced as a whole after each change; lookups never wait for the database.
    book: RwLock<Arc<Book>>,
    /// Apart from the book, which would have to be made anew for every login.
    logins: RwLock<HashMap<AccountId, LastLogin>>,
    mail_root: PathBuf,
    mails: Arc<Mails>,
}

impl Accounts {
    pub(crate) fn open(table: Table, mail_root: &Path, mails: Arc<Mails>) -> Result<Self> {
        let book = Arc::new(table.read()?);
        for account in book.accounts() {
            mails.know(account.id, folder(mail_root, account));
        }
        Ok(Self {
            table: Mutex::new(table),
            book: RwLock::new(book),
            logins: RwLock::default(),
            mail_root: mail_root.to_owned(),
            mails,
        })
    }

    /// Adds an account, and its Maildir with the standard mailboxes. Blocking.
    ///
    /// Local part: 1 to 64 ASCII letters, digits and `_ - + = .`, beginning with a letter, digit or `_`, without `..`, not
    /// ending in `.`, and not a reserved file name of Windows, because it becomes a folder name.
    ///
    /// Errors: [`Code::BadLocalPart`], [`Code::BadDomain`], [`Code::AddressTaken`].
    pub fn add(&self, new: NewAccount) -> Result<Account> {
        let (local_part, domain) = (LocalPart::parse(&new.local_part)?, Domain::parse(&new.domain)?);
        let table = self.lock();
        self.refuse_taken(&local_part, &domain)?;
        let id = table.insert(&new, &domain)?;
        let account = table.get(id)?.ok_or_else(|| Error::new(Code::AccountUnknown))?;
        self.mails.know(id, folder(&self.mail_root, &account));
        let made = self.mails.get(id).and_then(|mail| mail.create_standard_mailboxes());
        if let Err(error) = made {
            self.mails.retire(id);
            table.delete(id)?;
            return Err(error);
        }
        self.publish(&table)?;
        Ok(account)
    }

    /// Whether a local part can be that of an account, see [`Self::add`]. Errors: [`Code::BadLocalPart`].
    pub fn check_local_part(text: &str) -> Result<()> {
        LocalPart::parse(text).map(drop)
    }

    /// Changes an account. Blocking. Errors: [`Code::AccountUnknown`].
    pub fn change(&self, id: AccountId, change: AccountChange) -> Result<Account> {
        let table = self.lock();
        table.change(id, &change)?;
        self.publish(&table)?;
        self.get(id).ok_or_else(|| Error::new(Code::AccountUnknown))
    }

    /// Replaces the verifier of the password. Blocking. Errors: [`Code::AccountUnknown`].
    pub fn set_password(&self, id: AccountId, verifier: &Verifier) -> Result<()> {
        let table = self.lock();
        table.set_password(id, verifier)?;
        self.publish(&table)
    }

    /// Notes a successful login. Blocking. Errors: [`Code::AccountUnknown`].
    pub fn record_login(&self, id: AccountId, login: &LastLogin) -> Result<()> {
        let table = self.lock();
        table.record_login(id, login)?;
        self.logins.write().unwrap_or_else(PoisonError::into_inner).insert(id, login.clone());
        Ok(())
    }

    /// Deletes an account with its aliases. Blocking. Open sessions get errors from then on.
    /// Returns where the mail is now, if it still is. Errors: [`Code::AccountUnknown`]; [`Code::Io`] if the mail could not be
    /// moved or removed: the account is deleted then, and its mail is where it was.
    pub fn delete(&self, id: AccountId, fate: FateOfMail) -> Result<Option<PathBuf>> {
        let table = self.lock();
        let account = self.get(id).ok_or_else(|| Error::new(Code::AccountUnknown))?;
        let mail = folder(&self.mail_root, &account);
        table.delete(id)?;
        self.publish(&table)?;
        self.mails.retire(id);
        match fate {
            FateOfMail::Remove => fs::remove_dir_all(&mail)?,
            FateOfMail::Keep => {
                let name =
                    format!("{}.deleted-{}", folder_name(&account.local_part), Timestamp::now().as_second());
                let kept = mail.with_file_name(name);
                fs::rename(&mail, &kept)?;
                return Ok(Some(kept));
            }
            FateOfMail::Archive(path) => {
                move_folder(&mail, &path)?;
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Adds an alias that delivers to an account. Blocking.
    ///
    /// Errors: [`Code::AccountUnknown`], [`Code::AddressTaken`], [`Code::BadLocalPart`], [`Code::BadDomain`].
    pub fn add_alias(&self, local_part: &str, domain: &str, account: AccountId) -> Result<()> {
        let (local_part, domain) = (LocalPart::parse(local_part)?, Domain::parse(domain)?);
        let table = self.lock();
        self.refuse_taken(&local_part, &domain)?;
        if self.get(account).is_none() {
            return Err(Error::new(Code::AccountUnknown));
        }
        table.insert_alias(&local_part, &domain, account)?;
        self.publish(&table)
    }

    /// All accounts, by domain and local part. In memory.
    pub fn list(&self) -> Vec<Account> {
        self.book().accounts().map(|account| self.with_login(account)).collect()
    }

    /// An account by id. In memory.
    pub fn get(&self, id: AccountId) -> Option<Account> {
        self.book().by_id(id).map(|account| self.with_login(account))
    }

    /// An account by its own address (not by alias), without case. In memory.
    pub fn by_address(&self, local_part: &str, domain: &str) -> Option<Account> {
        self.book().by_address(local_part, domain).map(|account| self.with_login(account))
    }

    /// An account by login name: the full address, or the bare local part where only one domain has it. Also finds
    /// disabled accounts. In memory.
    pub fn by_login(&self, login: &str) -> Option<Account> {
        self.book().by_login(login).map(|account| self.with_login(account))
    }

    /// What a recipient is to us; `local_part` without quotes. In memory, does not block.
    pub fn resolve_recipient(&self, local_part: &str, domain: &str) -> Recipient {
        self.book().resolve(local_part, domain)
    }

    /// The addresses that are aliases of an account, sorted. In memory.
    pub fn aliases_of(&self, account: AccountId) -> Vec<String> {
        self.book().aliases_of(account)
    }

    /// The domains that are ours: those of accounts and aliases. In memory.
    pub fn domains(&self) -> Vec<String> {
        self.book().domains()
    }

    fn refuse_taken(&self, local_part: &LocalPart, domain: &Domain) -> Result<()> {
        match self.book().resolve(local_part.as_str(), domain.as_str()) {
            Recipient::Unknown | Recipient::NotOurs => Ok(()),
            Recipient::Account(_) | Recipient::Disabled => {
                Err(Error::about(Code::AddressTaken, format!("{}@{}", local_part.as_str(), domain.as_str())))
            }
        }
    }

    /// Makes what the table holds visible to lookups; called with the table locked, so that none is overtaken.
    fn publish(&self, table: &Table) -> Result<()> {
        let book = Arc::new(table.read()?);
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = book;
        Ok(())
    }

    fn with_login(&self, account: &Account) -> Account {
        let logins = self.logins.read().unwrap_or_else(PoisonError::into_inner);
        let last_login = logins.get(&account.id).or(account.last_login.as_ref()).cloned();
        Account { last_login, ..account.clone() }
    }

    fn book(&self) -> Arc<Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `DATA/mail/DOMAIN/USER`.
fn folder(mail_root: &Path, account: &Account) -> PathBuf {
    mail_root.join(&account.domain).join(folder_name(&account.local_part))
}

/// Local parts are compared without case, and some file systems have none, so a folder is always in lower case.
fn folder_name(local_part: &str) -> String {
    local_part.to_ascii_lowercase()
}

/// Moves a folder to a path that must not exist, by copying if it is on another disk.
fn move_folder(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists).into());
    }
    match fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            copy_folder(from, to)?;
            Ok(fs::remove_dir_all(from)?)
        }
        other => Ok(other?),
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    crate::lock::create_private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            fs::OpenOptions::new().append(true).open(&target)?.sync_all()?;
        }
    }
    Ok(crate::incoming::sync_folder(to)?)
}
