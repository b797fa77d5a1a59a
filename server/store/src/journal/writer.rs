//! The journal thread: takes what waits, appends it, syncs once, releases the waiters.

use super::checkpoint::Quiet;
use super::record::{Entry, encode};
use super::segment::{FIRST, InUse, Pool};
use super::{Input, Waiter};
use crate::apply::{Appliers, Job};
use crate::incoming::Content;
use crate::spool::Spool;
use crate::{Code, Error, Result};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// A batch ends at about this size: a bigger one gains nothing from sharing its sync, and its first waiter waits for the last.
const BATCH_OCTETS: usize = 1024 * 1024;

/// While several deliver at once, a batch waits this long for more of them: what shares a sync also shares a transaction of the index,
/// and each costs more than the wait. Who delivers alone never waits. PostgreSQL calls this `commit_delay` and `commit_siblings`.
const GATHER: Duration = Duration::from_millis(1);

type Waiting = (Arc<Entry>, Arc<Waiter>);
/// With where its record begins in the segment.
type Written = (Arc<Entry>, Arc<Waiter>, u64);

/// State of the journal thread.
pub(super) struct Writer {
    pool: Arc<Pool>,
    appliers: Appliers,
    spool: Spool,
    quiet: Sender<Quiet>,
    active: Option<Active>,
    buffer: Vec<u8>,
    /// After a failed sync nobody knows what is on the disk (the kernel drops the pages), so nothing is accepted any more.
    failed: bool,
}

struct Active {
    in_use: Arc<InUse>,
    position: u64,
}

impl Writer {
    pub(super) fn new(pool: Arc<Pool>, appliers: Appliers, spool: Spool, quiet: Sender<Quiet>) -> Self {
        Self { pool, appliers, spool, quiet, active: None, buffer: Vec::new(), failed: false }
    }

    /// Runs until all senders are gone.
    pub(super) fn run(mut self, mut entries: Receiver<Input>) {
        let mut is_shared = false;
        while let Some(first) = entries.blocking_recv() {
            if is_shared {
                std::thread::sleep(GATHER);
            }
            let (mut batch, mut rotate, mut octets) = (Vec::new(), None, 0);
            let mut next = Some(first);
            while let Some(input) = next {
                match input {
                    Input::Entry(entry, waiter) => {
                        octets += size(&entry);
                        batch.push((entry, waiter));
                    }
                    Input::Rotate(generation) => rotate = Some(generation),
                }
                next = if octets < BATCH_OCTETS { entries.try_recv().ok() } else { None };
            }
            is_shared = batch.len() > 1;
            if !batch.is_empty() {
                self.write(batch);
            }
            if rotate.is_some() && rotate == self.active.as_ref().map(|active| active.in_use.generation) {
                self.active = None;
            }
        }
        self.active = None;
        self.appliers.finish();
    }

    fn write(&mut self, batch: Vec<Waiting>) {
        match self.append(batch) {
            Ok(batch) => {
                let Some(active) = &self.active else { return };
                for (entry, waiter, at) in &batch {
                    self.appliers.apply(Job::of(entry, waiter, &active.in_use));
                    waiter.give_to_spool(&self.spool, entry, &active.in_use, *at);
                }
                self.appliers.flush();
                let synced = active.in_use.segment.sync();
                if let Err(error) = &synced {
                    tracing::error!(%error, "the journal could not be synced; nothing more is accepted");
                    self.failed = true;
                }
                for (_, waiter, _) in batch {
                    waiter.synced(if self.failed { Err(Error::new(Code::Io)) } else { Ok(()) });
                }
            }
            Err((batch, error)) => {
                let code = error.code();
                tracing::error!(cause = ?error, "the journal could not be written");
                let mut error = Some(error);
                for (_, waiter) in batch {
                    waiter.refuse(error.take().unwrap_or_else(|| Error::new(code)));
                }
            }
        }
    }

    /// Appends the records. What cannot be a record is refused and left out of the answer.
    fn append(&mut self, batch: Vec<Waiting>) -> Result<Vec<Written>, (Vec<Waiting>, Error)> {
        if self.failed {
            return Err((batch, Error::new(Code::Io)));
        }
        let octets: usize = batch.iter().map(|(entry, _)| size(entry)).sum();
        let is_full = |active: &Active| active.position + octets as u64 > self.pool.segment_octets;
        if self.active.as_ref().is_some_and(is_full) {
            self.active = None;
        }
        let active = match self.activate() {
            Ok(active) => active,
            Err(error) => return Err((batch, error)),
        };
        let (in_use, position) = (active.in_use.clone(), active.position);
        self.buffer.clear();
        self.buffer.shrink_to(2 * BATCH_OCTETS);
        let mut written = Vec::with_capacity(batch.len());
        for (entry, waiter) in batch {
            let at = position + self.buffer.len() as u64;
            match encode(&entry, in_use.generation, &mut self.buffer) {
                Some(()) => written.push((entry, waiter, at)),
                None => waiter.refuse(Error::new(Code::BadMessage)),
            }
        }
        if let Err(error) = in_use.segment.write(&self.buffer, position) {
            let written = written.into_iter().map(|(entry, waiter, _)| (entry, waiter));
            return Err((written.collect(), error.into()));
        }
        if let Some(active) = &mut self.active {
            active.position += self.buffer.len() as u64;
        }
        let mut spilled = in_use.spilled.lock().unwrap_or_else(PoisonError::into_inner);
        spilled.extend(written.iter().filter_map(|(entry, _, _)| match &**entry {
            Entry::Place(message) => match &message.content {
                Content::File(file) => Some(file.clone()),
                Content::Memory(_) => None,
            },
            Entry::Cancel(_) => None,
        }));
        drop(spilled);
        Ok(written)
    }

    fn activate(&mut self) -> Result<&Active> {
        if self.active.is_none() {
            let (segment, generation) = self.pool.take()?;
            if let Err(error) = segment.set_generation(generation) {
                self.pool.return_unused(segment);
                return Err(error.into());
            }
            let in_use = Arc::new(InUse {
                segment,
                generation,
                spilled: Mutex::default(),
                touched: Mutex::default(),
                quiet: self.quiet.clone(),
            });
            // The checkpoint thread outlives this one.
            let _ = self.quiet.send(Quiet::Began(generation));
            self.active = Some(Active { in_use, position: FIRST });
        }
        self.active.as_ref().ok_or_else(|| Error::new(Code::Closed))
    }
}

/// Octets of the record, near enough.
fn size(entry: &Entry) -> usize {
    match entry {
        Entry::Cancel(bases) => 64 + bases.iter().map(|base| base.len() + 3).sum::<usize>(),
        Entry::Place(message) => {
            let content = match &message.content {
                Content::Memory(bytes) => bytes.len(),
                Content::File(_) => 0,
            };
            let targets: usize = message.targets.iter().map(|target| 256 + target.field.len()).sum();
            let spool = message.spool.as_ref().map_or(0, |spooled| {
                512 + spooled.entry.context.len() + 384 * spooled.entry.recipients.len()
            });
            let settles = 64 * message.settles.len();
            256 + message.first_field.len() + message.last_field.len() + targets + spool + settles + content
        }
    }
}
