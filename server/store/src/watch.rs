//! Watches the folders of accounts that have subscribers, so that what other programs do is noticed at once.
//!
//! The watch is a convenience with limits: beyond `watched_folders`, or where the system gives no watch, changes are
//! noticed when the mailbox is next opened or polled.

use crate::journal::spawn;
use crate::mails::Mails;
use crate::{AccountId, Result};
use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Events that may wait; when there are more, all watched folders are looked at instead.
const MAX_EVENTS: usize = 4096;

enum Command {
    Watch(AccountId),
    Release(AccountId),
    Event(PathBuf),
    Overflow,
    Stop,
}

/// The watch thread.
pub(crate) struct Watch {
    commands: Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Keeps an account watched.
pub(crate) struct WatchGuard {
    account: AccountId,
    commands: Sender<Command>,
}

impl Drop for WatchGuard {
    fn drop(&mut self) {
        // After the store has closed there is nothing to release.
        let _ = self.commands.send(Command::Release(self.account));
    }
}

impl Watch {
    pub(crate) fn start(mails: Arc<Mails>, max_folders: usize) -> Result<Self> {
        let (commands, received) = channel();
        let watching = Watching {
            mails,
            max_folders,
            commands: commands.clone(),
            queued: Arc::default(),
            watcher: None,
            accounts: HashMap::new(),
            folders: HashMap::new(),
        };
        let thread = spawn("watch", move || watching.run(&received))?;
        Ok(Self { commands, thread: Mutex::new(Some(thread)) })
    }

    /// Watches an account until the guard is dropped.
    pub(crate) fn account(&self, account: AccountId) -> WatchGuard {
        // If the thread is gone the store is closing.
        let _ = self.commands.send(Command::Watch(account));
        WatchGuard { account, commands: self.commands.clone() }
    }

    pub(crate) fn close(&self) {
        let _ = self.commands.send(Command::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that watches folders panicked");
        }
    }
}

struct Watching {
    mails: Arc<Mails>,
    max_folders: usize,
    commands: Sender<Command>,
    /// Events in the channel.
    queued: Arc<AtomicUsize>,
    /// Made when it is first needed; a server without subscribers needs none.
    watcher: Option<RecommendedWatcher>,
    /// Watched accounts, with the number of their subscribers.
    accounts: HashMap<AccountId, usize>,
    folders: HashMap<PathBuf, AccountId>,
}

impl Watching {
    fn run(mut self, commands: &Receiver<Command>) {
        while let Ok(command) = commands.recv() {
            let mut touched = HashSet::new();
            let mut next = Some(command);
            while let Some(command) = next {
                match command {
                    Command::Watch(account) => self.watch(account),
                    Command::Release(account) => self.release(account),
                    Command::Event(path) => {
                        self.queued.fetch_sub(1, Ordering::Relaxed);
                        touched.insert(path);
                    }
                    Command::Overflow => {
                        self.queued.fetch_sub(1, Ordering::Relaxed);
                        self.look_everywhere();
                    }
                    Command::Stop => return,
                }
                next = commands.try_recv().ok();
            }
            for path in touched {
                self.follow(&path);
            }
        }
    }

    fn watch(&mut self, account: AccountId) {
        let subscribers = self.accounts.entry(account).or_default();
        *subscribers += 1;
        if *subscribers == 1 {
            self.watch_folders(account);
            // What happened before the watch was in place.
            self.look(account);
        }
    }

    /// Watches those folders of an account that are not yet watched.
    fn watch_folders(&mut self, account: AccountId) {
        let folders = match self.mails.get(account).and_then(|mail| mail.watched_folders()) {
            Ok(folders) => folders,
            Err(error) => {
                tracing::debug!(%account, cause = ?error, "an account cannot be watched");
                return;
            }
        };
        for folder in folders {
            if self.folders.contains_key(&folder) {
                continue;
            }
            if self.folders.len() >= self.max_folders {
                tracing::debug!(%account, "no more folders are watched");
                return;
            }
            match self.watcher().and_then(|watcher| watcher.watch(&folder, RecursiveMode::NonRecursive)) {
                Ok(()) => drop(self.folders.insert(folder, account)),
                Err(error) => tracing::debug!(%error, path = %folder.display(), "a folder cannot be watched"),
            }
        }
    }

    fn watcher(&mut self) -> notify::Result<&mut RecommendedWatcher> {
        match &mut self.watcher {
            Some(watcher) => Ok(watcher),
            none => {
                let (commands, queued) = (self.commands.clone(), self.queued.clone());
                Ok(none.insert(notify::recommended_watcher(move |event| forward(event, &commands, &queued))?))
            }
        }
    }

    fn release(&mut self, account: AccountId) {
        let Some(subscribers) = self.accounts.get_mut(&account) else { return };
        *subscribers -= 1;
        if *subscribers > 0 {
            return;
        }
        self.accounts.remove(&account);
        let folders: Vec<_> = self
            .folders
            .iter()
            .filter(|(_, owner)| **owner == account)
            .map(|(path, _)| path.clone())
            .collect();
        for folder in folders {
            self.folders.remove(&folder);
            if let Some(watcher) = &mut self.watcher {
                // The folder may be gone, and its watch with it.
                let _ = watcher.unwatch(&folder);
            }
        }
    }

    fn follow(&mut self, path: &Path) {
        let owner = path.parent().and_then(|folder| self.folders.get(folder)).copied();
        let Some(account) = owner.filter(|account| self.accounts.contains_key(account)) else { return };
        match self.mails.get(account).and_then(|mail| mail.follow(path)) {
            Ok(false) => {}
            Ok(true) => {
                self.folders.retain(|folder, _| folder.is_dir());
                self.watch_folders(account);
                // Files may have come into a new folder before it was watched.
                self.look(account);
            }
            Err(error) => {
                tracing::debug!(cause = ?error, path = %path.display(), "a change could not be followed")
            }
        }
    }

    fn look(&self, account: AccountId) {
        if let Err(error) = self.mails.get(account).and_then(|mail| mail.poll_all()) {
            tracing::debug!(%account, cause = ?error, "an account's folders could not be looked at");
        }
    }

    fn look_everywhere(&self) {
        self.accounts.keys().for_each(|account| self.look(*account));
    }
}

/// Runs on the watcher's thread: passes on what can mean a message or a folder, and never waits.
fn forward(event: notify::Result<notify::Event>, commands: &Sender<Command>, queued: &AtomicUsize) {
    let event = match event {
        Ok(event) => event,
        Err(error) => {
            tracing::debug!(%error, "watching folders failed");
            return;
        }
    };
    let means_something = matches!(
        event.kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    let commanded = if event.need_rescan() {
        vec![Command::Overflow]
    } else if means_something {
        event.paths.into_iter().map(Command::Event).collect()
    } else {
        Vec::new()
    };
    for command in commanded {
        // The counter grows past the limit by the one notice of overflow, until the thread has taken some.
        let command = match queued.load(Ordering::Relaxed) {
            ..MAX_EVENTS => command,
            MAX_EVENTS => Command::Overflow,
            _ => return,
        };
        queued.fetch_add(1, Ordering::Relaxed);
        // If the thread is gone the store is closing.
        let _ = commands.send(command);
    }
}
