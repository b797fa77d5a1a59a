//! The spool: messages that wait for delivery elsewhere. When and where they go is decided elsewhere, too.
//!
//! A message is a file in `DATA/queue` and rows in `DATA/queue/index.db`. It gets there through the journal, in one record
//! with the copies for local mailboxes ([`crate::Store::deliver`]); the same record can take recipients of another message
//! out of the spool, so that a local delivery or a report and the end of the waiting it is about are one commit.
//! A small message gets its file when the segment of its journal record is needed again; until then it is read from there.
//! Most messages have left by then and never had a file, which is what makes a queue on disk fast.
//! One thread writes, and groups what waits into transactions. Nothing holds all messages in memory.

mod claims;
mod entry;
mod feed;
mod file;
mod read;
mod replay;
mod schedule;
mod schema;
mod table;
mod thread;
mod types;
mod wal;

use crate::database::connect;
use crate::journal::{LastRun, Records, spawn};
use crate::{Code, Error, Result};
use claims::Claims;
pub(crate) use entry::micros;
pub use entry::{Body, Notify, Ret, SenderParameters, Settle, SettleEffect, SpoolEntry, SpoolRecipient};
use feed::Feed;
pub use feed::{SpoolNotice, SpoolSubscription};
use file::{Files, bytes_of};
use jiff::Timestamp;
pub(crate) use replay::Recovering;
use rusqlite::Connection;
use std::collections::HashMap;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use table::Table;
pub(crate) use thread::{Arriving, Job, PlaceJob};
use thread::{Writer, file_content, file_envelope};
use tokio::sync::oneshot;
use types::ContentSource;
pub use types::{
    Acted, Action, AttemptOutcome, Condition, Counts, DestinationCounts, Due, DueDestination, DueMessage,
    DueQuery, EditRecipient, Filter, ListCursor, ListQuery, Order, Page, QueuedEnvelope, QueuedMessage,
    QueuedRecipient, RecipientChange, RecipientCounts, RecipientId, RecipientState, RecipientUpdate,
    Selection, SpoolContent, Trouble,
};

/// Messages an action is done to in one transaction.
const ACTION_BATCH: usize = 200;

/// The messages that wait. Cheap to clone.
///
/// Methods that are not async read the index or a file and block for about a millisecond; async callers may prefer
/// `spawn_blocking`. The async ones resolve when the change is committed: it survives `kill -9`, but not always power loss,
/// after which a recipient may be tried once more.
#[derive(Clone)]
pub struct Spool {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    jobs: Mutex<Option<Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// For whoever schedules.
    scheduling: Mutex<Connection>,
    /// For whoever looks, which may take longer.
    viewing: Mutex<Connection>,
}

/// What the spool's thread and everybody else share.
#[derive(Debug)]
struct Shared {
    files: Files,
    /// Segments of the journal whose records may have to be replayed, by generation.
    segments: Mutex<HashMap<u64, Records>>,
    claims: Claims,
    feed: Feed,
}

impl Shared {
    fn segments(&self) -> MutexGuard<'_, HashMap<u64, Records>> {
        lock(&self.segments)
    }
}

/// Opens the spool in a folder, for recovery.
pub(crate) fn open(root: &Path, last: LastRun) -> Result<Recovering> {
    let files = Files::open(root)?;
    let (table, is_new) = Table::open(&root.join("index.db"), last != LastRun::Closed)?;
    Recovering::new(table, files, is_new, last)
}

impl Spool {
    /// Starts the threads.
    pub(crate) fn start(recovered: Recovering) -> Result<Self> {
        let Recovering { table, files, .. } = recovered;
        let index = table.path().to_owned();
        let shared = Arc::new(Shared {
            files,
            segments: Mutex::default(),
            claims: Claims::default(),
            feed: Feed::new(),
        });
        let (wal, wal_thread) = wal::start(&index)?;
        let writer = Writer { shared: shared.clone(), table, wal };
        let (jobs, received) = channel();
        let thread = spawn("spool", move || writer.run(&received))?;
        let inner = Inner {
            shared,
            jobs: Mutex::new(Some(jobs)),
            threads: Mutex::new(vec![thread, wal_thread]),
            scheduling: Mutex::new(connect(&index, 1024)?),
            viewing: Mutex::new(connect(&index, 1024)?),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether a queue id is one a message can be spooled under: 1 to 64 ASCII letters and digits.
    pub fn is_queue_id(text: &str) -> bool {
        file::is_queue_id(text)
    }

    /// Claims recipients whose time has come: nobody gets them again until [`Spool::record`] says what became of them, a
    /// delivery settles them, or [`Spool::release`] gives them back. Claims are forgotten when the store closes. Held
    /// recipients are never due. Recipients come by priority, then destination by destination, the longest waiting first;
    /// those of one destination in the order of their times. Blocking; takes time by what it finds, not by what waits.
    pub fn claim_due(&self, query: &DueQuery<'_>) -> Result<Vec<Due>> {
        let connection = lock(&self.inner.scheduling);
        let mut claims = self.inner.shared.claims.lock();
        read::claim_due(&connection, query, &mut claims)
    }

    /// Gives claimed recipients back, as they were. In memory.
    pub fn release(&self, ids: &[RecipientId]) {
        let mut claims = self.inner.shared.claims.lock();
        for id in ids {
            claims.claimed.remove(id);
        }
    }

    /// The earliest time after `now` at which something becomes due. Blocking.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        read::next_due(&lock(&self.inner.scheduling), now)
    }

    /// The earliest time after `now` at which a sender releases a message (RFC 4865). Blocking.
    pub fn next_release(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        read::next_release(&lock(&self.inner.scheduling), now)
    }

    /// The content of a message. Blocking. Errors: [`Code::MessageGone`] if the message has left the spool.
    pub fn content(&self, envelope: &QueuedEnvelope) -> Result<SpoolContent> {
        let QueuedEnvelope { queue_id, octets, .. } = envelope;
        if let Some((generation, at)) = envelope.journal_at
            && let Some(bytes) = self.read_journal(generation, at)?
        {
            return Ok(SpoolContent { source: ContentSource::Memory(Cursor::new(bytes)), octets: *octets });
        }
        let opened = self.inner.shared.files.content(queue_id, *octets);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::about(Code::MessageGone, queue_id),
            _ => error.into(),
        })?;
        Ok(SpoolContent { source: ContentSource::File(file), octets: *octets })
    }

    /// `None` once the segment is used anew: the message has a file then.
    fn read_journal(&self, generation: u64, at: u64) -> Result<Option<Vec<u8>>> {
        let Some(records) = self.inner.shared.segments().get(&generation).cloned() else { return Ok(None) };
        let Some(message) = records.message(at)? else { return Ok(None) };
        let Some(spooled) = &message.spool else { return Ok(None) };
        Ok(Some(bytes_of(file_content(&message, spooled))?))
    }

    /// Says what became of recipients, and ends their claims. Ids that are not there any more are passed over.
    pub async fn record(&self, updates: Vec<RecipientUpdate>) -> Result<()> {
        self.ask(|reply| Job::Record(updates, reply)).await
    }

    /// Does to messages or recipients what a person wants, and says to how many it was done: those for which it changes
    /// nothing do not count. Also claimed recipients are changed; a delivery that is under way goes on.
    /// Many messages take several transactions; on an error some may be done.
    pub async fn act(&self, selection: Selection, action: Action) -> Result<Acted> {
        match selection {
            Selection::Messages(ids) => {
                self.act_on(ids.into_iter().map(|queue_id| (queue_id, None)).collect(), action).await
            }
            Selection::Recipients(ids) => {
                self.act_on(ids.into_iter().map(|id| (id.queue_id, Some(id.number))).collect(), action).await
            }
            Selection::Matching(filter) => self.act_on_matching(filter, action).await,
        }
    }

    /// Nobody needs to try a destination before `until`: moves the next try of its recipients that would be tried sooner.
    /// It does not count as an attempt. Returns how many were moved.
    pub async fn postpone(
        &self,
        destination: &str,
        until: Timestamp,
        outcome: &AttemptOutcome,
    ) -> Result<usize> {
        let mut count = 0;
        loop {
            let (destination, outcome) = (destination.to_owned(), outcome.clone());
            match self.ask(|reply| Job::Postpone(destination, until, outcome, reply)).await? {
                0 => return Ok(count),
                moved => count += moved,
            }
        }
    }

    /// Changes a recipient by hand. The address it had before becomes its original one, if there is none.
    /// Should the index be lost, it has its old address again. Errors: [`Code::NotQueued`].
    pub async fn edit_recipient(&self, id: RecipientId, edit: EditRecipient) -> Result<()> {
        self.ask(|reply| Job::Edit(id, edit, reply)).await
    }

    /// A message with all recipients that are left. Blocking.
    pub fn get(&self, queue_id: &str) -> Result<Option<QueuedMessage>> {
        let mut found = read::get(&lock(&self.inner.viewing), queue_id, usize::MAX)?;
        self.mark_claimed(found.as_mut().into_iter());
        Ok(found)
    }

    /// The last tries of a message's recipients, ten of each at most, by number and then by time. Blocking.
    pub fn tries(&self, queue_id: &str) -> Result<Vec<(u32, AttemptOutcome)>> {
        read::tries(&lock(&self.inner.viewing), queue_id)
    }

    /// How it stands with a destination, by a part of what waits for it. Blocking.
    pub fn trouble(&self, destination: &str) -> Result<Option<Trouble>> {
        read::trouble(&lock(&self.inner.viewing), destination)
    }

    /// How many messages that are not held arrived, and were released by their senders, before a time, and when the first
    /// of them arrived. Blocking.
    pub fn older_than(&self, time: Timestamp) -> Result<Option<(u64, Timestamp)>> {
        read::older_than(&lock(&self.inner.viewing), time)
    }

    /// A page of a list of messages. Blocking; takes time by the page, and with a filter by at most some ten thousand
    /// messages that are looked at.
    pub fn list(&self, query: &ListQuery) -> Result<Page> {
        let mut page = read::list(&lock(&self.inner.viewing), query)?;
        self.mark_claimed(page.messages.iter_mut());
        Ok(page)
    }

    /// How many of the waiting recipients wait for nothing but the time at which their sender releases them (RFC 4865).
    /// Blocking; takes time by their number.
    pub fn later(&self, now: Timestamp) -> Result<u64> {
        read::later(&lock(&self.inner.viewing), now)
    }

    /// How much there is. Blocking.
    pub fn counts(&self) -> Result<Counts> {
        let counts = read::counts(&lock(&self.inner.viewing))?;
        Ok(Counts { claimed: self.inner.shared.claims.lock().claimed.len() as u64, ..counts })
    }

    /// What waits for each destination, the most first, at most `limit` of them. Blocking.
    pub fn destinations(&self, limit: usize) -> Result<Vec<DestinationCounts>> {
        read::destinations(&lock(&self.inner.viewing), limit)
    }

    /// The changes from now on.
    pub fn subscribe(&self) -> SpoolSubscription {
        self.inner.shared.feed.subscribe()
    }

    /// Takes back a message whose delivery failed elsewhere.
    pub(crate) async fn withdraw(&self, queue_id: String) -> Result<()> {
        self.ask(|reply| Job::Withdraw(queue_id, reply)).await
    }

    /// Hands the spool's part of a journal entry to the thread.
    pub(crate) fn place(&self, job: PlaceJob) {
        if let Err(Job::Place(PlaceJob { waiter, in_use, .. })) = self.send(Job::Place(job)) {
            drop(in_use);
            waiter.spooled(Err(Error::new(Code::Closed)));
        }
    }

    /// Writes the files of all messages whose content is only in a segment of the journal, and says which. Blocking; not on
    /// the spool's thread, which goes on meanwhile.
    pub(crate) fn file_messages(&self, generation: u64) -> Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        let Some(records) = self.inner.shared.segments().get(&generation).cloned() else {
            return Ok(written);
        };
        loop {
            let unfiled = read::unfiled(&lock(&self.inner.viewing), generation, ACTION_BATCH)?;
            if unfiled.is_empty() {
                return Ok(written);
            }
            let mut filed = Vec::with_capacity(unfiled.len());
            for (row, queue_id, at) in unfiled {
                let missing = || Error::because(Code::Corrupt, "a record of the journal is not readable");
                let message = records.message(at)?.ok_or_else(missing)?;
                let spooled = message.spool.as_ref().ok_or_else(missing)?;
                let (envelope, content) = (file_envelope(&message, spooled), file_content(&message, spooled));
                written.push(self.inner.shared.files.write(&envelope, content)?);
                filed.push((row, queue_id));
            }
            let (reply, answer) = oneshot::channel();
            self.send(Job::Filed(filed, reply)).map_err(|_| Error::new(Code::Closed))?;
            answer.blocking_recv().map_err(|_| Error::new(Code::Closed))??;
        }
    }

    /// Records of these segments will not be replayed any more.
    pub(crate) fn released(&self, generations: Vec<u64>) {
        // After the store has closed, the next start forgets everything.
        let _ = self.send(Job::Released(generations));
    }

    /// The folder of files and index.
    pub(crate) fn root(&self) -> &Path {
        self.inner.shared.files.root()
    }

    /// Finishes what is waiting, makes the index durable, and ends the threads.
    pub(crate) fn close(&self) -> Result<()> {
        let jobs = lock(&self.inner.jobs).take();
        if let Some(jobs) = jobs {
            // If the thread is gone there is nothing to stop.
            let _ = jobs.send(Job::Stop);
        }
        let threads = std::mem::take(&mut *lock(&self.inner.threads));
        for thread in threads {
            thread.join().map_err(|_| Error::because(Code::Io, "a thread of the spool panicked"))?;
        }
        self.inner.shared.feed.close();
        Ok(())
    }

    async fn act_on(&self, mut targets: Vec<(String, Option<u32>)>, action: Action) -> Result<Acted> {
        let mut acted = Acted::default();
        while !targets.is_empty() {
            let rest = targets.split_off(targets.len().min(ACTION_BATCH));
            acted.add(self.ask(|reply| Job::Act(targets, action, reply)).await?);
            targets = rest;
        }
        Ok(acted)
    }

    async fn act_on_matching(&self, filter: Filter, action: Action) -> Result<Acted> {
        let mut query = ListQuery { filter, limit: ACTION_BATCH, ..ListQuery::default() };
        let mut acted = Acted::default();
        loop {
            let (spool, asked) = (self.clone(), query.clone());
            let page = crate::incoming::blocking(move || spool.list(&asked)).await?;
            let targets =
                page.messages.into_iter().map(|message| (message.envelope.queue_id, None)).collect();
            acted.add(self.act_on(targets, action).await?);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(acted),
            }
        }
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.send(job(reply)).map_err(|_| Error::new(Code::Closed))?;
        answer.await.map_err(|_| Error::new(Code::Closed))?
    }

    #[expect(clippy::result_large_err, reason = "the job is taken back by the one caller that needs it")]
    fn send(&self, job: Job) -> Result<(), Job> {
        match &*lock(&self.inner.jobs) {
            Some(jobs) => jobs.send(job).map_err(|error| error.0),
            None => Err(job),
        }
    }

    fn mark_claimed<'a>(&self, messages: impl Iterator<Item = &'a mut QueuedMessage>) {
        let claims = self.inner.shared.claims.lock();
        for recipient in messages.flat_map(|message| &mut message.recipients) {
            recipient.is_claimed = claims.claimed.contains(&recipient.id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
