//! Keeps the write-ahead log of the spool's index small, on a thread of its own: moving it into the database syncs.

use super::schema::connect;
use crate::index::with_suffix;
use crate::{Result, journal::spawn};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Above this size the log is moved. It is written again from its beginning then, so it does not grow much beyond.
const MAX_OCTETS: u64 = 32 * 1024 * 1024;

/// Wakes the thread.
#[derive(Debug)]
pub(super) struct WalSignal {
    log: PathBuf,
    sender: SyncSender<()>,
}

impl WalSignal {
    /// Looks whether the log has grown. Does not wait.
    pub(super) fn look(&mut self) {
        if fs::metadata(&self.log).is_ok_and(|meta| meta.len() > MAX_OCTETS)
            && let Err(TrySendError::Disconnected(())) = self.sender.try_send(())
        {
            tracing::error!("the thread that keeps the queue's log small is gone");
        }
    }
}

/// Starts the thread; it ends when the signal is dropped.
pub(super) fn start(index: &Path) -> Result<(WalSignal, JoinHandle<()>)> {
    let (sender, wakes) = sync_channel(1);
    let connection = connect(index, 64)?;
    let thread = spawn("spool-wal", move || run(&connection, &wakes))?;
    Ok((WalSignal { log: with_suffix(index, "-wal"), sender }, thread))
}

fn run(connection: &Connection, wakes: &Receiver<()>) {
    while wakes.recv().is_ok() {
        // The bulk without holding up the writer, then the rest, for which it has to wait a moment.
        move_log(connection, "PASSIVE");
        move_log(connection, "TRUNCATE");
    }
    move_log(connection, "TRUNCATE");
}

fn move_log(connection: &Connection, mode: &str) {
    // The answer only says how far it came; the next one goes on.
    if let Err(error) = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())) {
        tracing::warn!(%error, "the queue's index could not be checkpointed");
    }
}
