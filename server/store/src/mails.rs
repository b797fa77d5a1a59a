//! The open indexes of a store: at most so many at a time, each account at most once.

use crate::accounts::Home;
use crate::feed::Feed;
use crate::mail::{AccountMail, OpenMode};
use crate::maildir::UniqueNames;
use crate::{AccountId, Code, Error, Result};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Opens accounts' mail on demand and closes what was not used for longest.
pub(crate) struct Mails {
    feed: Arc<Feed>,
    names: Arc<UniqueNames>,
    mode: OpenMode,
    max_open: usize,
    homes: RwLock<HashMap<AccountId, Home>>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    slots: HashMap<AccountId, Slot>,
    clock: u64,
}

struct Slot {
    used: u64,
    /// Locked while the mail is being opened, so that it is opened once.
    mail: Arc<Mutex<Option<Arc<AccountMail>>>>,
}

impl Mails {
    pub(crate) fn new(feed: Arc<Feed>, names: Arc<UniqueNames>, mode: OpenMode, max_open: usize) -> Self {
        let (homes, open) = (RwLock::default(), Mutex::default());
        Self { feed, names, mode, max_open: max_open.max(1), homes, open }
    }

    /// Makes known where an account's mail lies.
    pub(crate) fn know(&self, account: AccountId, home: Home) {
        self.homes.write().unwrap_or_else(PoisonError::into_inner).insert(account, home);
    }

    pub(crate) fn home(&self, account: AccountId) -> Option<Home> {
        self.homes.read().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }

    /// The accounts whose INBOX is an mbox, too.
    pub(crate) fn with_mbox(&self) -> Vec<AccountId> {
        let homes = self.homes.read().unwrap_or_else(PoisonError::into_inner);
        homes.iter().filter(|(_, home)| home.storage.has_mbox()).map(|(account, _)| *account).collect()
    }

    /// The Maildirs that do not lie in the data folder, and may be on other disks.
    #[cfg(target_os = "linux")]
    pub(crate) fn maildirs_elsewhere(&self) -> Vec<PathBuf> {
        let homes = self.homes.read().unwrap_or_else(PoisonError::into_inner);
        homes.values().filter(|home| home.maildir_user().is_some()).map(Home::maildir).collect()
    }

    /// The mail of an account. Errors: [`Code::AccountUnknown`].
    pub(crate) fn get(&self, account: AccountId) -> Result<Arc<AccountMail>> {
        let slot = {
            let mut open = self.lock();
            open.clock += 1;
            let clock = open.clock;
            let slot = open.slots.entry(account).or_insert_with(|| Slot { used: 0, mail: Arc::default() });
            slot.used = clock;
            slot.mail.clone()
        };
        let mut mail = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mail) = &*mail {
            return Ok(mail.clone());
        }
        let home = self.home(account).ok_or_else(|| Error::new(Code::AccountUnknown))?;
        crate::relocate::finish(&home)?;
        let (names, feed) = (self.names.clone(), self.feed.clone());
        let opened = Arc::new(AccountMail::open_in(account, &home, self.mode, names, feed)?);
        *mail = Some(opened.clone());
        drop(mail);
        drop(slot);
        self.close_unused();
        Ok(opened)
    }

    /// Closes what nobody holds, least recently used first, until few enough are open.
    fn close_unused(&self) {
        let mut open = self.lock();
        while open.slots.len() > self.max_open {
            // Nobody else can get hold of a slot while the map is locked.
            let is_unused = |slot: &Slot| {
                Arc::strong_count(&slot.mail) == 1
                    && slot
                        .mail
                        .try_lock()
                        .is_ok_and(|mail| mail.as_ref().is_none_or(|mail| Arc::strong_count(mail) == 1))
            };
            let unused =
                open.slots.iter().filter(|(_, slot)| is_unused(slot)).min_by_key(|(_, slot)| slot.used);
            let Some(account) = unused.map(|(account, _)| *account) else { return };
            open.slots.remove(&account);
        }
    }

    /// Forgets an account: whoever still holds its mail gets errors.
    pub(crate) fn retire(&self, account: AccountId) {
        self.homes.write().unwrap_or_else(PoisonError::into_inner).remove(&account);
        let slot = self.lock().slots.remove(&account);
        if let Some(slot) = slot
            && let Some(mail) = slot.mail.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            mail.retire();
        }
    }

    /// Runs `work` while nobody can open the account's mail, after it was closed for whoever holds it ([`Code::Closed`] for them). If
    /// it succeeds, the mail lies from then on where it says.
    pub(crate) fn rehouse(&self, account: AccountId, work: impl FnOnce(&Home) -> Result<Home>) -> Result<()> {
        let slot = self
            .lock()
            .slots
            .entry(account)
            .or_insert_with(|| Slot { used: 0, mail: Arc::default() })
            .mail
            .clone();
        let mut mail = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mail) = mail.take() {
            mail.suspend();
        }
        let home = self.home(account).ok_or_else(|| Error::new(Code::AccountUnknown))?;
        let home = work(&home)?;
        self.know(account, home);
        Ok(())
    }

    /// Keeps the write-ahead logs of the open indexes small.
    pub(crate) fn checkpoint(&self, above_octets: u64) {
        let slots: Vec<_> = self.lock().slots.values().map(|slot| slot.mail.clone()).collect();
        for slot in slots {
            let mail = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(mail) = mail
                && let Err(error) = mail.checkpoint(above_octets)
            {
                tracing::warn!(account = %mail.account(), cause = ?error, "an index could not be checkpointed");
            }
        }
    }

    /// Closes everything, at the end.
    pub(crate) fn close(&self) {
        self.lock().slots.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
