//! Accounts: who has mail here.

mod address;
mod book;
mod storage;
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
pub(crate) use storage::Home;
pub use storage::{Storage, SystemPlace};
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
    /// Where its mail lies.
    pub storage: Storage,
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
    /// Where its mail is to lie.
    pub storage: Storage,
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

/// A name that stands for others. What names and targets may look like is the business of whoever routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// `name`, `name@domain` or `@domain`; compared without case.
    pub name: String,
    /// Names and addresses; none has a line end.
    pub targets: Vec<String>,
}

/// Where an account's mail goes besides, or instead of, its mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The account.
    pub account: AccountId,
    /// Addresses; none has a line end.
    pub targets: Vec<String>,
    /// Whether the mailbox gets it, too.
    pub keep_copy: bool,
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
            mails.know(account.id, Home::of(mail_root, account));
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
    /// Errors: [`Code::BadLocalPart`], [`Code::BadDomain`], [`Code::AddressTaken`], [`Code::PathTaken`], and those of [`Storage::check`].
    pub fn add(&self, new: NewAccount) -> Result<Account> {
        let (local_part, domain) = (LocalPart::parse(&new.local_part)?, Domain::parse(&new.domain)?);
        let table = self.lock();
        self.refuse_taken(&local_part, &domain)?;
        new.storage.check()?;
        self.refuse_shared(&new.storage, None)?;
        let id = table.insert(&new, &domain)?;
        let account = table.get(id)?.ok_or_else(|| Error::new(Code::AccountUnknown))?;
        self.mails.know(id, Home::of(&self.mail_root, &account));
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

    /// Says where an account's mail lies from now on, once it is there; for [`crate::Store::set_storage`].
    pub(crate) fn note_storage(&self, id: AccountId, storage: &Storage) -> Result<Home> {
        let table = self.lock();
        table.set_storage(id, storage)?;
        self.publish(&table)?;
        self.home(id)
    }

    pub(crate) fn home(&self, id: AccountId) -> Result<Home> {
        let account = self.get(id).ok_or_else(|| Error::new(Code::AccountUnknown))?;
        Ok(Home::of(&self.mail_root, &account))
    }

    /// Adds to the verifier of the password, unless it has changed meanwhile. Blocking. Errors: [`Code::AccountUnknown`].
    pub fn complete_verifier(&self, id: AccountId, from: &Verifier, to: &Verifier) -> Result<()> {
        let table = self.lock();
        if self.get(id).is_none_or(|now| now.verifier != *from) {
            return Ok(());
        }
        table.set_password(id, to)?;
        self.publish(&table)
    }

    /// Whether something holds for all accounts. In memory.
    pub fn all(&self, holds: impl Fn(&Account) -> bool) -> bool {
        self.book().accounts().all(holds)
    }

    /// Notes a successful login. Blocking. Errors: [`Code::AccountUnknown`].
    pub fn record_login(&self, id: AccountId, login: &LastLogin) -> Result<()> {
        let table = self.lock();
        table.record_login(id, login)?;
        self.logins.write().unwrap_or_else(PoisonError::into_inner).insert(id, login.clone());
        Ok(())
    }

    /// Deletes an account, and takes it out of all aliases. Blocking. Open sessions get errors from then on.
    /// Returns where the mail is now, if it still is. Errors: [`Code::AccountUnknown`]; [`Code::Io`] if the mail could not be
    /// moved or removed: the account is deleted then, and its mail is where it was.
    pub fn delete(&self, id: AccountId, fate: FateOfMail) -> Result<Option<PathBuf>> {
        let table = self.lock();
        let account = self.get(id).ok_or_else(|| Error::new(Code::AccountUnknown))?;
        let mail = folder(&self.mail_root, &account);
        self.leave_aliases(&table, &account.address())?;
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

    /// Makes an alias, or replaces it. Blocking. Errors: [`Code::AddressTaken`] if an account has this address.
    pub fn set_alias(&self, alias: &Alias) -> Result<()> {
        let table = self.lock();
        if let Some((local_part, domain)) = alias.name.rsplit_once('@')
            && self.book().by_address(local_part, domain).is_some()
        {
            return Err(Error::about(Code::AddressTaken, alias.name.clone()));
        }
        table.set_alias(&alias.name, &alias.targets)?;
        self.publish(&table)
    }

    /// Removes an alias. Blocking. Whether there was one.
    pub fn remove_alias(&self, name: &str) -> Result<bool> {
        let table = self.lock();
        let was_there = table.set_alias(name, &[])?;
        self.publish(&table)?;
        Ok(was_there)
    }

    /// Says where an account's mail goes; without targets it stays. Blocking. Errors: [`Code::AccountUnknown`].
    pub fn set_forward(&self, forward: &Forward) -> Result<()> {
        let table = self.lock();
        if self.get(forward.account).is_none() {
            return Err(Error::new(Code::AccountUnknown));
        }
        table.set_forward(forward)?;
        self.publish(&table)
    }

    /// All aliases, by name. In memory.
    pub fn aliases(&self) -> Vec<Alias> {
        self.book().aliases().cloned().collect()
    }

    /// All accounts that forward. In memory.
    pub fn forwards(&self) -> Vec<Forward> {
        self.book().forwards().cloned().collect()
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

    /// The domains of accounts. In memory.
    pub fn domains(&self) -> Vec<String> {
        self.book().domains()
    }

    fn refuse_taken(&self, local_part: &LocalPart, domain: &Domain) -> Result<()> {
        let (book, address) = (self.book(), format!("{}@{}", local_part.as_str(), domain.as_str()));
        if book.by_address(local_part.as_str(), domain.as_str()).is_some() || book.alias(&address).is_some() {
            return Err(Error::about(Code::AddressTaken, address));
        }
        Ok(())
    }

    /// One file or Maildir of a system user is the mail of one account only. Errors: [`Code::PathTaken`].
    pub(crate) fn refuse_shared(&self, storage: &Storage, own: Option<AccountId>) -> Result<()> {
        let (Storage::SystemMbox(wanted) | Storage::SystemMaildir(wanted)) = storage else { return Ok(()) };
        let book = self.book();
        let other = book.accounts().filter(|account| Some(account.id) != own).find(|account| {
            matches!(&account.storage, Storage::SystemMbox(place) | Storage::SystemMaildir(place) if place.path == wanted.path)
        });
        other.map_or(Ok(()), |other| Err(Error::about(Code::PathTaken, other.address())))
    }

    /// The aliases without an account that is about to be deleted.
    fn leave_aliases(&self, table: &Table, address: &str) -> Result<()> {
        for alias in self.aliases() {
            let (gone, left): (Vec<_>, Vec<_>) =
                alias.targets.iter().cloned().partition(|target| target.eq_ignore_ascii_case(address));
            if !gone.is_empty() {
                table.set_alias(&alias.name, &left)?;
            }
        }
        Ok(())
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
