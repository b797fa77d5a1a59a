//! Accounts of other servers: the file they are kept in.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use postigo_api::{Code, Endpoint, Error, ExternalAccount, MailAccount};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use crate::failure::bad_request;
use crate::imap::connection::Connection;
use crate::submission::Submission;
use crate::{AccountConfig, Secret, outgoing};

/// Accounts at most.
const ACCOUNTS_LIMIT: usize = 100;
/// Octets of the file; a larger one is not ours.
const FILE_LIMIT: u64 = 1024 * 1024;

/// The accounts of other servers, in a file that only its owner can read (mode 0600). Passwords have to be in it as they are:
/// the servers want them so.
pub struct Externals {
    path: PathBuf,
    stored: Mutex<Stored>,
}

#[derive(Default, Clone, Serialize, Deserialize)]
struct Stored {
    /// The next account's number. Numbers are never used again, so an id always means the same account.
    next: u64,
    accounts: Vec<Numbered>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Numbered {
    number: u64,
    #[serde(flatten)]
    account: ExternalAccount,
}

impl Externals {
    /// Reads the file; one that is not there holds no accounts.
    ///
    /// # Errors
    /// `data.unusable` if it cannot be read, `config.invalid` if it is not ours.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let stored = match std::fs::metadata(&path) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Stored::default(),
            Err(cause) => return Err(unusable(&path, &cause)),
            Ok(known) if known.len() > FILE_LIMIT => return Err(invalid(&path, "it is too large")),
            Ok(_) => {
                let text = std::fs::read(&path).map_err(|cause| unusable(&path, &cause))?;
                // serde's words may quote the file, and with it a password; its place is enough.
                serde_json::from_slice(&text)
                    .map_err(|e| invalid(&path, &format!("line {}, column {}", e.line(), e.column())))?
            }
        };
        Ok(Self { path, stored: Mutex::new(stored) })
    }

    /// All of them, in the order in which they were added.
    pub fn list(&self) -> Vec<MailAccount> {
        self.lock().accounts.iter().map(Numbered::shown).collect()
    }

    /// What is needed to open an account; nothing if there is none with this id. `roots` are trusted besides the system's.
    pub fn config(&self, id: &str, roots: &[CertificateDer<'static>]) -> Option<AccountConfig> {
        let stored = self.lock();
        let found = stored.accounts.iter().find(|known| known.id() == id)?;
        Some(configured(found.id(), &found.account, roots))
    }

    /// Adds an account after both its servers took its password.
    ///
    /// # Errors
    /// `mail.unreachable`, `mail.login_refused`, `mail.not_trusted` with the server that is meant; `mail.address_invalid`,
    /// `request.bad`; `account.exists` for an account that is there already; `data.unusable`.
    pub async fn add(
        &self,
        account: ExternalAccount,
        roots: &[CertificateDer<'static>],
    ) -> Result<MailAccount, Error> {
        check(&account)?;
        self.check_new(&account)?;
        let config = configured(String::new(), &account, roots);
        outgoing::author(&config)?;
        Connection::open(&config).await?.close().await;
        Submission::open(&config).await?.close().await;
        // Another face may have added the same one while this one was tried.
        self.check_new(&account)?;
        let mut stored = self.lock();
        let mut changed = stored.clone();
        changed.next += 1;
        let added = Numbered { number: changed.next, account };
        let shown = added.shown();
        changed.accounts.push(added);
        self.write(&changed)?;
        *stored = changed;
        Ok(shown)
    }

    /// Forgets an account.
    ///
    /// # Errors
    /// `mail.account_unknown`, `data.unusable`.
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let mut stored = self.lock();
        let mut changed = stored.clone();
        changed.accounts.retain(|known| known.id() != id);
        if changed.accounts.len() == stored.accounts.len() {
            return Err(Error::new(Code::MailAccountUnknown, format!("The mail client has no account {id}"))
                .with("account", id));
        }
        self.write(&changed)?;
        *stored = changed;
        Ok(())
    }

    fn check_new(&self, account: &ExternalAccount) -> Result<(), Error> {
        let stored = self.lock();
        if stored.accounts.len() >= ACCOUNTS_LIMIT {
            return Err(bad_request("100 accounts of other servers at most"));
        }
        let same = |known: &Numbered| {
            known.account.address.eq_ignore_ascii_case(&account.address) && known.account.imap == account.imap
        };
        if stored.accounts.iter().any(same) {
            let text = format!("{} is there already", account.address);
            return Err(Error::new(Code::AccountExists, text).with("address", &account.address));
        }
        Ok(())
    }

    /// Replaces the file whole or not at all; the new one has its mode from the beginning.
    fn write(&self, stored: &Stored) -> Result<(), Error> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
            serde_json::to_writer_pretty(&mut file, stored)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            Ok(())
        };
        write().map_err(|cause| unusable(&self.path, &cause))
    }

    /// The list is whole between any two statements, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Numbered {
    fn id(&self) -> String {
        format!("external:{}", self.number)
    }

    fn shown(&self) -> MailAccount {
        let shown = |endpoint: &Endpoint| format!("{}:{}", endpoint.host, endpoint.port);
        MailAccount {
            id: self.id(),
            address: self.account.address.clone(),
            display_name: self.account.display_name.clone(),
            local: false,
            imap: shown(&self.account.imap),
            submission: shown(&self.account.submission),
        }
    }
}

fn configured(id: String, account: &ExternalAccount, roots: &[CertificateDer<'static>]) -> AccountConfig {
    AccountConfig {
        id,
        address: account.address.clone(),
        display_name: account.display_name.clone(),
        user: account.user.clone(),
        password: Secret::new(account.password.clone()),
        imap: account.imap.clone(),
        submission: account.submission.clone(),
        connect: None,
        roots: roots.to_vec(),
    }
}

fn check(account: &ExternalAccount) -> Result<(), Error> {
    let texts = [&account.address, &account.display_name, &account.user, &account.password];
    let hosts = [&account.imap.host, &account.submission.host];
    let fits = |text: &&String| text.len() <= 1000 && !text.chars().any(char::is_control);
    let is_host = |host: &&String| !host.is_empty() && !host.contains(char::is_whitespace);
    if !texts.iter().chain(&hosts).all(fits) || !hosts.iter().all(is_host) || account.user.is_empty() {
        return Err(bad_request("host and user are needed; 1000 octets at most, no control characters"));
    }
    Ok(())
}

fn unusable(path: &Path, cause: &std::io::Error) -> Error {
    let text = format!("{} cannot be read or written: {cause}", path.display());
    Error::new(Code::DataUnusable, text).with("path", path.display()).with("detail", cause)
}

fn invalid(path: &Path, detail: &str) -> Error {
    let text = format!("{} has a fault: {detail}", path.display());
    Error::new(Code::ConfigInvalid, text).with("path", path.display()).with("detail", detail)
}
