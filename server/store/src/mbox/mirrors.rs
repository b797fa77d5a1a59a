//! The thread that keeps all mboxes equal to their INBOXes.

use super::mirror::Mirror;
use crate::feed::{ChangeKind, Notice};
use crate::journal::spawn;
use crate::mails::Mails;
use crate::store::WeakStore;
use crate::{AccountId, Code, Error, Result, Subscription};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Files are looked at this often. A look is one system call; watches of the system would not notice programs on other computers (NFS).
const LOOK: Duration = Duration::from_secs(1);

/// Marking and removing come in runs, and each costs a part of the file: they wait this long for more of them.
const COLLECT: Duration = Duration::from_millis(500);

/// Between two tries for a lock; other programs hold it for moments.
const RETRY: Duration = Duration::from_millis(250);

/// Between two tries after a failure of another kind.
const RETRY_FAILED: Duration = Duration::from_secs(10);

/// A lock that is held longer than this is worth a word: Postfix gives up after 20 seconds.
const LOCKED_TOO_LONG: Duration = Duration::from_secs(20);

/// Why an mbox is not what INBOX is. Mail waits in INBOX and loses nothing.
#[derive(Clone, Debug)]
pub struct MboxTrouble {
    /// Whose it is.
    pub account: AccountId,
    /// The file.
    pub path: PathBuf,
    /// [`Code::MailboxLocked`], [`Code::NoRight`], [`Code::NotMbox`], [`Code::StoreFull`], ...
    pub code: Code,
    /// Since when.
    pub since: Timestamp,
}

enum Command {
    /// Make both equal now; the account may have got or lost its mbox.
    Sync(AccountId, oneshot::Sender<Result<()>>),
    Stop,
}

/// The thread, as the store sees it.
pub(crate) struct Mirrors {
    commands: mpsc::UnboundedSender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
    troubles: Troubles,
}

type Troubles = Arc<Mutex<BTreeMap<AccountId, MboxTrouble>>>;

/// What was promised before the store is complete.
pub(crate) struct Prepared {
    commands: mpsc::UnboundedReceiver<Command>,
    troubles: Troubles,
}

impl Mirrors {
    /// The thread begins with [`Mirrors::start`], since it delivers into the store that this is a part of.
    pub(crate) fn prepare() -> (Self, Prepared) {
        let (sender, commands) = mpsc::unbounded_channel();
        let troubles = Troubles::default();
        let this = Self { commands: sender, thread: Mutex::default(), troubles: troubles.clone() };
        (this, Prepared { commands, troubles })
    }

    pub(crate) fn start(
        &self,
        prepared: Prepared,
        store: WeakStore,
        mails: Arc<Mails>,
        changes: Subscription,
    ) -> Result<()> {
        let mirroring = Mirroring {
            store,
            mails,
            troubles: prepared.troubles,
            mirrors: HashMap::new(),
            due: HashMap::new(),
            failing: HashMap::new(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = spawn("mbox", move || runtime.block_on(mirroring.run(prepared.commands, changes)))?;
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(())
    }

    /// Makes an account's mbox equal to its INBOX now. Blocking.
    /// Errors: [`Code::MailboxLocked`] if another program has it; [`Code::Closed`].
    pub(crate) fn sync(&self, account: AccountId) -> Result<()> {
        let (reply, done) = oneshot::channel();
        let closed = || Error::new(Code::Closed);
        self.commands.send(Command::Sync(account, reply)).map_err(|_| closed())?;
        done.blocking_recv().map_err(|_| closed())?
    }

    pub(crate) fn troubles(&self) -> Vec<MboxTrouble> {
        lock(&self.troubles).values().cloned().collect()
    }

    /// Ends the thread, after a last try for what was not yet done.
    pub(crate) fn close(&self) {
        let _ = self.commands.send(Command::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that keeps mailbox files panicked");
        }
    }
}

struct Mirroring {
    /// Weak, since the store has this as a part.
    store: WeakStore,
    mails: Arc<Mails>,
    troubles: Troubles,
    mirrors: HashMap<AccountId, Mirror>,
    due: HashMap<AccountId, Instant>,
    /// Since when an account could not be brought in line.
    failing: HashMap<AccountId, Instant>,
}

impl Mirroring {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>, mut changes: Subscription) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        self.all_due();
        loop {
            let next = self.due.values().min().copied();
            let wait = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Sync(account, reply)) => {
                        self.mirrors.remove(&account);
                        let _ = reply.send(self.sync(account).await);
                    }
                    Some(Command::Stop) | None => break,
                },
                notice = changes.next() => match notice {
                    Some(notice) => self.follow(&notice),
                    None => break,
                },
                _ = look.tick() => self.look(),
                () = wait => self.run_due().await,
            }
        }
        self.due.values_mut().for_each(|at| *at = Instant::now());
        self.run_due().await;
    }

    fn all_due(&mut self) {
        for account in self.mails.with_mbox() {
            self.plan(account, Duration::ZERO);
        }
    }

    /// A try that is due is not put off.
    fn plan(&mut self, account: AccountId, delay: Duration) {
        let at = Instant::now() + delay;
        let due = self.due.entry(account).or_insert(at);
        // Who failed waits for its turn: a new message does not make a lock go away.
        if !self.failing.contains_key(&account) {
            *due = at.min(*due);
        }
    }

    fn follow(&mut self, notice: &Notice) {
        match notice {
            Notice::Missed => self.all_due(),
            Notice::Change(change) => {
                let has_mbox = self.mails.home(change.account).is_some_and(|home| home.storage.has_mbox());
                let delay = match change.kind {
                    ChangeKind::Added { .. } => Duration::ZERO,
                    _ => COLLECT,
                };
                if has_mbox {
                    self.plan(change.account, delay);
                }
            }
        }
    }

    /// Looks whether other programs changed files.
    fn look(&mut self) {
        for account in self.mails.with_mbox() {
            // Without a mirror it is due already, or failed.
            if self.mirrors.get(&account).is_some_and(|mirror| mirror.is_touched().unwrap_or(true)) {
                self.plan(account, Duration::ZERO);
            }
        }
    }

    async fn run_due(&mut self) {
        let now = Instant::now();
        let due: Vec<AccountId> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(account, _)| *account).collect();
        for account in due {
            self.due.remove(&account);
            // What went wrong is kept for whoever asks, and tried again.
            let _ = self.sync(account).await;
        }
    }

    async fn sync(&mut self, account: AccountId) -> Result<()> {
        let result = self.try_sync(account).await;
        match &result {
            Ok(()) => {
                self.failing.remove(&account);
                if lock(&self.troubles).remove(&account).is_some() {
                    tracing::info!(%account, "a mailbox file follows again");
                }
            }
            Err(error) if error.code() == Code::AccountUnknown => {
                self.failing.remove(&account);
                self.mirrors.remove(&account);
                lock(&self.troubles).remove(&account);
            }
            Err(error) => self.failed(account, error),
        }
        result
    }

    async fn try_sync(&mut self, account: AccountId) -> Result<()> {
        let home = self.mails.home(account).ok_or_else(|| Error::new(Code::AccountUnknown))?;
        let mirror = match self.mirrors.entry(account) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => match Mirror::open(account, &home)? {
                Some(mirror) => unknown.insert(mirror),
                None => return Ok(()),
            },
        };
        let store = self.store.upgrade().ok_or_else(|| Error::new(Code::Closed))?;
        mirror.sync(&store).await
    }

    fn failed(&mut self, account: AccountId, error: &Error) {
        let since = *self.failing.entry(account).or_insert_with(Instant::now);
        let is_locked = error.code() == Code::MailboxLocked;
        if !is_locked {
            // It may have to be looked for anew, for instance with another owner.
            self.mirrors.remove(&account);
        }
        let delay = if is_locked { RETRY } else { RETRY_FAILED };
        self.due.insert(account, Instant::now() + delay);
        if is_locked && since.elapsed() < LOCKED_TOO_LONG {
            return;
        }
        let path = self.mails.home(account).and_then(|home| Some(home.mbox()?.0)).unwrap_or_default();
        let mut troubles = lock(&self.troubles);
        let is_new = troubles.get(&account).is_none_or(|trouble| trouble.code != error.code());
        if is_new {
            tracing::warn!(%account, path = %path.display(), cause = ?error, "a mailbox file cannot follow; its mail waits in the store");
            let since = Timestamp::now();
            troubles.insert(account, MboxTrouble { account, path, code: error.code(), since });
        }
    }
}

fn lock(troubles: &Troubles) -> MutexGuard<'_, BTreeMap<AccountId, MboxTrouble>> {
    troubles.lock().unwrap_or_else(PoisonError::into_inner)
}
