//! The mail of one account: mailboxes, messages, flags, changes.
//!
//! Every operation runs under the account's lock, first on the files, then in one transaction of the index; changes are
//! published once the transaction is committed. If the files changed and the index could not follow, the next look at the
//! folder finds the difference, since files are the truth.

mod append;
mod changes;
mod flags;
mod mailboxes;
mod messages;
mod open;
mod parts;
mod replay;
mod scan;
mod transfer;
mod types;

use crate::accounts::Home;
use crate::database;
use crate::feed::{Change, ChangeKind, Feed};
use crate::index::{Condition, Index, MailboxRow};
use crate::lock::create_private_folder;
use crate::maildir::{Folder, UniqueNames};
use crate::owner::{Assumed, SystemUser};
use crate::{AccountId, Code, Error, MailboxId, MailboxName, Result};
pub(crate) use append::{Arrival, Placed, write_message};
pub(crate) use replay::Presence;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub use types::{
    Access, Changes, CopyOutcome, FlagAction, FlagChange, FlagOutcome, MailboxInfo, MailboxStatus,
    MessageInfo, MessageParts, MessageState, Opened, Query, Totals,
};

/// Rows handled at a time, so that a big mailbox does not cost memory.
const BATCH: usize = 500;

/// The mail of one account. All methods block on disk and SQLite, and those of one account run one after another.
///
/// A mailbox that is gone (deleted by another session or program) is [`Code::MailboxUnknown`]; after the account is
/// deleted everything is [`Code::AccountUnknown`].
pub struct AccountMail {
    account: AccountId,
    feed: Arc<Feed>,
    maildir: PathBuf,
    /// Whose the Maildir is, if not ours: its files are touched with this user's rights only.
    owner: Option<SystemUser>,
    inner: Mutex<State>,
}

enum State {
    Open(Box<Inner>),
    /// The mail is being moved elsewhere: whoever asks again gets it there.
    Moved,
    /// The account is deleted.
    Deleted,
}

/// What the lock protects.
struct Inner {
    index: Index,
    index_path: PathBuf,
    maildir: PathBuf,
    names: Arc<UniqueNames>,
    power_losses: i64,
    /// To publish when the operation succeeded.
    changes: Vec<(MailboxRow, ChangeKind)>,
}

/// How an account's mail is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenMode {
    /// How often the data folder lost power; see [`Index::open`].
    pub(crate) power_losses: i64,
    /// Look for damage: the last run was not closed.
    pub(crate) check: bool,
}

impl AccountMail {
    /// Opens the mail of an account; creates an empty INBOX and index where there is none.
    pub(crate) fn open_in(
        account: AccountId,
        home: &Home,
        mode: OpenMode,
        names: Arc<UniqueNames>,
        feed: Arc<Feed>,
    ) -> Result<Self> {
        let (maildir, index_path) = (home.maildir(), home.folder.join("index.db"));
        let owner = home.maildir_user().map(SystemUser::find).transpose()?;
        create_private_folder(&home.folder)?;
        let (index, condition) = Index::open(&index_path, mode.check, mode.power_losses)?;
        let assumed = assume(owner.as_ref())?;
        Folder::new(&maildir, &MailboxName::inbox()).create(true)?;
        let mut inner = Inner {
            index,
            index_path,
            maildir: maildir.clone(),
            names,
            power_losses: mode.power_losses,
            changes: Vec::new(),
        };
        inner.finish_deletions()?;
        inner.match_folders()?;
        if condition == Condition::New {
            inner.scan_all()?;
        }
        inner.changes.clear();
        drop(assumed);
        Ok(Self { account, feed, maildir, owner, inner: Mutex::new(State::Open(Box::new(inner))) })
    }

    /// Whose mail this is.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The Maildir on disk.
    pub fn maildir(&self) -> &Path {
        &self.maildir
    }

    /// Throws the index away and builds it from the files: every mailbox gets a new id and a new UIDVALIDITY.
    pub fn rebuild(&self) -> Result<()> {
        self.run(|inner| inner.rebuild(self.owner.as_ref()))
    }

    /// Takes the rights of whoever owns the Maildir.
    fn assume(&self) -> Result<Option<Assumed>> {
        assume(self.owner.as_ref())
    }

    /// Runs one operation under the lock, with the owner's rights, and publishes the changes that it committed. A damaged index is rebuilt,
    /// and the operation is tried once more: mailbox ids of before are unknown then, as after any rebuild.
    fn with<T>(&self, operation: impl Fn(&mut Inner) -> Result<T>) -> Result<T> {
        let as_owner = |inner: &mut Inner| {
            let _assumed = self.assume()?;
            operation(inner)
        };
        self.run(|inner| {
            let result = as_owner(inner);
            let Err(error) = &result else { return result };
            if error.code() != Code::Corrupt {
                return result;
            }
            tracing::error!(maildir = %self.maildir.display(), cause = ?error, "a mail index is damaged and is built anew");
            inner.rebuild(self.owner.as_ref())?;
            as_owner(inner)
        })
    }

    /// Runs one operation under the lock, and publishes the changes that it committed.
    fn run<T>(&self, operation: impl FnOnce(&mut Inner) -> Result<T>) -> Result<T> {
        let mut guard = self.lock();
        let inner = match &mut *guard {
            State::Open(inner) => inner,
            State::Moved => return Err(Error::new(Code::Closed)),
            State::Deleted => return Err(Error::new(Code::AccountUnknown)),
        };
        inner.changes.clear();
        let result = operation(inner);
        // Also after an error: what is noted is committed.
        let account = self.account;
        self.feed.publish(inner.changes.drain(..).map(|(row, kind)| Change {
            account,
            mailbox: row.id,
            mod_seq: row.status.highest_mod_seq,
            kind,
        }));
        result
    }

    /// A panic under the lock left at worst an open transaction, which its drop undid.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the index for ever: the account is being deleted.
    pub(crate) fn retire(&self) {
        *self.lock() = State::Deleted;
    }

    /// Closes the index: the mail is going to lie elsewhere.
    pub(crate) fn suspend(&self) {
        *self.lock() = State::Moved;
    }

    /// Keeps the index's write-ahead log small; see [`Index::checkpoint`].
    pub(crate) fn checkpoint(&self, above_octets: u64) -> Result<()> {
        match &*self.lock() {
            State::Open(inner) => inner.index.checkpoint(above_octets),
            State::Moved | State::Deleted => Ok(()),
        }
    }

    /// The index's files, to be synced one by one where the system cannot sync all.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn index_files(&self) -> Vec<PathBuf> {
        match &*self.lock() {
            State::Open(inner) => inner.index.files().to_vec(),
            State::Moved | State::Deleted => Vec::new(),
        }
    }
}

impl Inner {
    fn folder(&self, row: &MailboxRow) -> Folder {
        Folder::new(&self.maildir, &row.name)
    }

    fn note(&mut self, row: &MailboxRow, kind: ChangeKind) {
        self.changes.push((row.clone(), kind));
    }

    /// INBOX's row; there always is one after [`Inner::match_folders`].
    fn by_name(&self, name: &MailboxName) -> Result<MailboxRow> {
        self.index.mailbox_by_name(name)?.ok_or_else(|| Error::about(Code::MailboxUnknown, name.as_str()))
    }

    fn rebuild(&mut self, owner: Option<&SystemUser>) -> Result<()> {
        let old: Vec<MailboxId> =
            self.index.mailboxes().map(|rows| rows.iter().map(|row| row.id).collect()).unwrap_or_default();
        let path = self.index_path.clone();
        tracing::info!(mailboxes = old.len(), path = %path.display(), "building a mail index from the files");
        database::remove(&path)?;
        let (index, _) = Index::open(&path, false, self.power_losses)?;
        self.index = index;
        self.changes.clear();
        let _assumed = assume(owner)?;
        self.match_folders()?;
        self.scan_all()
    }

    fn scan_all(&mut self) -> Result<()> {
        for row in self.index.mailboxes()? {
            self.scan(row)?;
        }
        Ok(())
    }
}

/// The index lies in the data folder, to which a user has no right; so it is open before.
fn assume(owner: Option<&SystemUser>) -> Result<Option<Assumed>> {
    owner.map(|owner| owner.assume(None)).transpose()
}
