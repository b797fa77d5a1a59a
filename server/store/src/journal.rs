//! The journal: what makes a delivery durable with a share of one sync.
//!
//! One writer thread appends whatever waits to the active segment and syncs once for all of it. The apply threads and the
//! spool place the messages meanwhile. A segment that is full or has been active for a while is closed; when all its messages are placed,
//! the checkpoint thread makes Maildir files and indexes durable and the segment is empty again. At most
//! `max_segments` exist; with all of them waiting, the writer waits too, and with it the deliveries.

mod checkpoint;
mod record;
mod recovery;
mod segment;
mod waiter;
mod writer;

use crate::apply::Appliers;
use crate::mails::Mails;
use crate::spool::Spool;
use crate::{Code, Error, Result, StoreOptions};
pub(crate) use record::{Entry, MAX_RECORD_OCTETS, Message, Spooled, Target};
pub(crate) use recovery::recover;
use segment::Pool;
pub(crate) use segment::{InUse, LastRun, Records};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};
pub(crate) use waiter::{Outcome, Waiter};

/// Entries that may wait for the writer. Each is at most `memory_octets` of content; more wait in their callers.
const QUEUE: usize = 256;

/// What the writer takes.
enum Input {
    Entry(Arc<Entry>, Arc<Waiter>),
    /// Close the active segment if it is of this generation: its time is up.
    Rotate(u64),
}

/// The running journal.
pub(crate) struct Journal {
    input: Mutex<Option<mpsc::Sender<Input>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    folder: PathBuf,
}

impl Journal {
    /// Starts the threads. The journal of the last run must have been recovered.
    pub(crate) fn start(
        options: &StoreOptions,
        mail_root: &Path,
        mails: Arc<Mails>,
        spool: &Spool,
    ) -> Result<Self> {
        let folder = folder(&options.data);
        let (input, entries) = mpsc::channel(QUEUE);
        let (quiet, checkpoints) = std::sync::mpsc::channel();
        let pool = Arc::new(Pool::open(&folder, options)?);
        let appliers = Appliers::start(mails.clone())?;
        let writer = writer::Writer::new(pool.clone(), appliers, spool.clone(), quiet);
        let checkpointer = checkpoint::Checkpointer::new(
            mail_root,
            pool,
            mails,
            spool.clone(),
            input.downgrade(),
            options.checkpoint_interval,
        )?;
        let threads = vec![
            spawn("journal", move || writer.run(entries))?,
            spawn("checkpoint", move || checkpointer.run(&checkpoints))?,
        ];
        Ok(Self { input: Mutex::new(Some(input)), threads: Mutex::new(threads), folder })
    }

    /// Writes an entry; resolves when it is durable and applied, or failed. The entry stays in hand for what follows.
    pub(crate) async fn write(&self, entry: Arc<Entry>) -> Result<Outcome> {
        let (reply, outcome) = oneshot::channel();
        let waiter = Waiter::new(&entry, reply);
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let input = input.ok_or_else(|| Error::new(Code::Closed))?;
        input.send(Input::Entry(entry, waiter)).await.map_err(|_| Error::new(Code::Closed))?;
        drop(input);
        outcome.await.map_err(|_| Error::new(Code::Closed))
    }

    /// Finishes what is waiting, makes everything durable, and ends the threads. The spool must still be there.
    pub(crate) fn close(&self) -> Result<()> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            thread.join().map_err(|_| Error::because(Code::Io, "a thread of the journal panicked"))?;
        }
        Ok(())
    }

    /// Notes that nothing has to be recovered; after everything else has closed.
    pub(crate) fn note_clean_end(&self) -> Result<()> {
        Pool::note_clean_end(&self.folder)
    }
}

/// `DATA/journal`.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("journal")
}

/// Starts a named thread.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    Ok(std::thread::Builder::new().name(format!("store-{name}")).spawn(work)?)
}
