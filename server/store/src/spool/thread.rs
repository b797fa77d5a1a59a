//! The spool's thread: the one writer of files and index. It takes whatever waits and makes one transaction of it.

use super::Shared;
use super::entry::{Settle, SettleEffect, SpoolEntry};
use super::feed::SpoolNotice;
use super::file::{FileContent, FileEnvelope};
use super::table::{NewMessage, Summary, Table};
use super::types::{
    Acted, Action, AttemptOutcome, DueMessage, EditRecipient, RecipientChange, RecipientId, RecipientUpdate,
};
use super::wal::WalSignal;
use crate::incoming::Content;
use crate::journal::{Entry, InUse, Message, Spooled, Waiter};
use crate::{Code, Error, Result};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use tokio::sync::oneshot;

/// Jobs of one transaction. More gain nothing, and the first waits for the last.
const MAX_BATCH: usize = 256;

pub(super) type Reply<T> = oneshot::Sender<Result<T>>;

/// What the thread is asked for. The senders wait for their answers, so the channel needs no bound of its own.
pub(crate) enum Job {
    /// Put a message into the spool, settle recipients, or both.
    Place(PlaceJob),
    /// Take back a message whose delivery failed elsewhere.
    Withdraw(String, Reply<()>),
    /// What became of recipients.
    Record(Vec<RecipientUpdate>, Reply<()>),
    /// What a person does to messages or single recipients.
    Act(Vec<(String, Option<u32>)>, Action, Reply<Acted>),
    Edit(RecipientId, EditRecipient, Reply<()>),
    /// Nobody needs to try a destination before this time. Answers how many recipients were left to change, up to a limit.
    Postpone(String, Timestamp, AttemptOutcome, Reply<usize>),
    /// These messages (rows and ids) have files now.
    Filed(Vec<(i64, String)>, Reply<()>),
    /// These segments of the journal are empty again.
    Released(Vec<u64>),
    Stop,
}

/// The spool's part of a journal entry.
pub(crate) struct PlaceJob {
    pub(crate) entry: Arc<Entry>,
    pub(crate) waiter: Arc<Waiter>,
    /// Keeps the segment from its checkpoint until the job is done.
    pub(crate) in_use: Arc<InUse>,
    /// Where the record begins in its segment.
    pub(crate) at: u64,
}

/// A message in the spool that nobody may claim yet, since another part of its delivery may fail.
#[derive(Debug)]
pub(crate) struct Arriving {
    pub(crate) queue_id: String,
    shared: Arc<Shared>,
    /// The record with its recipients.
    entry: Arc<Entry>,
}

impl Arriving {
    /// All parts succeeded.
    pub(crate) fn admit(self) {
        self.shared.claims.lock().arriving.remove(&self.queue_id);
        let (due, hold_until) = match &*self.entry {
            Entry::Place(message) => message.spool.as_ref().map(|spooled| &spooled.entry),
            _ => None,
        }
        .map(|entry| (due(&self.queue_id, entry, Timestamp::now()), hold_until(entry)))
        .unwrap_or_default();
        self.shared.feed.publish([SpoolNotice::Arrived { queue_id: self.queue_id, due, hold_until }]);
    }
}

fn hold_until(entry: &SpoolEntry) -> Option<Timestamp> {
    Timestamp::from_microsecond(entry.parameters.hold_until?).ok()
}

/// What a new message has due, by destination.
fn due(queue_id: &str, entry: &SpoolEntry, now: Timestamp) -> Vec<(String, DueMessage)> {
    let mut found = BTreeMap::<&str, DueMessage>::new();
    for (number, recipient) in (0..).zip(&entry.recipients) {
        if recipient.held || recipient.next_try > now {
            continue;
        }
        let new = || DueMessage {
            queue_id: queue_id.to_owned(),
            priority: recipient.priority,
            numbers: Vec::new(),
        };
        found.entry(&recipient.destination).or_insert_with(new).numbers.push(number);
    }
    found.into_iter().map(|(destination, message)| (destination.to_owned(), message)).collect()
}

/// An answer that waits for the commit.
enum Answer {
    Place(PlaceJob, Result<Option<Arriving>>),
    Done(Reply<()>, Result<()>),
    Count(Reply<usize>, usize),
    Acted(Reply<Acted>, Acted),
}

/// What a transaction did so far.
#[derive(Default)]
struct Batch {
    answers: Vec<Answer>,
    /// Messages whose recipients changed.
    touched: BTreeSet<i64>,
    /// Claims that end with it.
    unclaimed: Vec<RecipientId>,
    /// Messages that are new.
    arrived: Vec<String>,
    /// Messages that are gone.
    finished: Vec<String>,
    /// Files of messages that went before.
    unneeded: Vec<String>,
    /// Messages that are different.
    changed: Vec<String>,
}

/// State of the thread.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) table: Table,
    pub(super) wal: WalSignal,
}

impl Writer {
    /// Runs until it is stopped.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let (mut batch, mut is_stopped, mut next) = (Vec::new(), false, Some(first));
            while let Some(job) = next {
                if let Job::Stop = job {
                    is_stopped = true;
                    break;
                }
                batch.push(job);
                next = if batch.len() < MAX_BATCH { jobs.try_recv().ok() } else { None };
            }
            self.write(batch);
            self.wal.look();
            if is_stopped {
                return;
            }
        }
    }

    fn write(&mut self, jobs: Vec<Job>) {
        let mut batch = Batch::default();
        let outcome = self.transact(jobs, &mut batch);
        if let Err(error) = &outcome {
            tracing::error!(cause = ?error, "the queue could not be written");
            for queue_id in batch.arrived.drain(..) {
                self.shared.claims.lock().arriving.remove(&queue_id);
                self.remove_file(&queue_id);
            }
        } else {
            let mut claims = self.shared.claims.lock();
            for id in &batch.unclaimed {
                claims.claimed.remove(id);
            }
            for queue_id in &batch.finished {
                claims.arriving.remove(queue_id);
            }
            drop(claims);
            batch.finished.iter().chain(&batch.unneeded).for_each(|queue_id| self.remove_file(queue_id));
            let changed = batch.changed.into_iter().map(|queue_id| SpoolNotice::Changed { queue_id });
            let finished = batch.finished.into_iter().map(|queue_id| SpoolNotice::Finished { queue_id });
            self.shared.feed.publish(changed.chain(finished));
        }
        let failed = outcome.err().map(|error| error.code());
        batch.answers.into_iter().for_each(|answer| self.answer(answer, failed));
    }

    /// All jobs in one transaction. A job that cannot be done is answered with an error and leaves no trace; an error of
    /// the database fails all of them.
    fn transact(&mut self, jobs: Vec<Job>, batch: &mut Batch) -> Result<()> {
        for job in &jobs {
            match job {
                Job::Place(job) => {
                    let records = job.in_use.records();
                    self.shared.segments().entry(records.generation).or_insert(records);
                }
                Job::Released(generations) => {
                    self.shared.segments().retain(|live, _| !generations.contains(live));
                }
                _ => {}
            }
        }
        let mut jobs = jobs.into_iter();
        let transaction = match self.table.transaction() {
            Ok(transaction) => transaction,
            Err(error) => {
                jobs.for_each(|job| batch.refuse(job, &error));
                return Err(error);
            }
        };
        let mut outcome = Ok(());
        for job in &mut jobs {
            outcome = self.one(job, batch);
            if outcome.is_err() {
                break;
            }
        }
        outcome = outcome.and_then(|()| {
            for message in std::mem::take(&mut batch.touched) {
                match self.table.summarize(message)? {
                    Some(Summary::Left(queue_id)) => batch.changed.push(queue_id),
                    Some(Summary::Finished(queue_id)) => batch.finished.push(queue_id),
                    None => {}
                }
            }
            Ok(transaction.commit()?)
        });
        if let Err(error) = &outcome {
            jobs.for_each(|job| batch.refuse(job, error));
        }
        outcome
    }

    fn one(&self, job: Job, batch: &mut Batch) -> Result<()> {
        match job {
            Job::Place(job) => return self.place(job, batch),
            Job::Withdraw(queue_id, reply) => {
                batch.answers.push(Answer::Done(reply, Ok(())));
                if let Some(message) = self.table.message(&queue_id)? {
                    batch.finished.extend(self.table.finish(message)?);
                }
            }
            Job::Record(updates, reply) => {
                batch.answers.push(Answer::Done(reply, Ok(())));
                for update in updates {
                    self.record(&update, batch)?;
                    batch.unclaimed.push(update.id);
                }
            }
            Job::Act(targets, action, reply) => {
                let (mut found, mut changed, mut recipients) = (BTreeSet::new(), BTreeSet::new(), 0);
                for (queue_id, number) in targets {
                    let Some(message) = self.table.message(&queue_id)? else { continue };
                    let count = self.table.act(message, number, action)?;
                    recipients += count;
                    found.insert(message);
                    changed.extend((count > 0).then_some(message));
                    batch.touched.insert(message);
                }
                let acted = Acted { found: found.len(), messages: changed.len(), recipients };
                batch.answers.push(Answer::Acted(reply, acted));
            }
            Job::Edit(id, edit, reply) => {
                let message = self.table.message_of(&id)?;
                let answer = message.map(drop).ok_or_else(|| Error::about(Code::NotQueued, id.to_string()));
                batch.answers.push(Answer::Done(reply, answer));
                if let Some(message) = message {
                    self.table.edit(message, id.number, &edit)?;
                    batch.touched.insert(message);
                }
            }
            Job::Postpone(destination, until, outcome, reply) => {
                let messages = self.table.postpone(&destination, until, &outcome, MAX_BATCH)?;
                batch.answers.push(Answer::Count(reply, messages.len()));
                batch.touched.extend(messages);
            }
            Job::Filed(messages, reply) => {
                batch.answers.push(Answer::Done(reply, Ok(())));
                for (row, queue_id) in messages {
                    if !self.table.set_filed(row)? {
                        // It left meanwhile, and its file came after it was removed.
                        batch.unneeded.push(queue_id);
                    }
                }
            }
            Job::Released(_) => {
                let segments = self.shared.segments();
                self.table.forget_finished(|generation| segments.contains_key(&generation))?;
            }
            Job::Stop => {}
        }
        Ok(())
    }

    fn place(&self, job: PlaceJob, batch: &mut Batch) -> Result<()> {
        let Entry::Place(message) = &*job.entry else { return Ok(()) };
        let prepared = self.prepare(message, &job, batch);
        let (new, settled) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                batch.answers.push(Answer::Place(job, Err(error)));
                return Ok(());
            }
        };
        let arriving = new.is_some().then(|| Arriving {
            queue_id: message.queue_id.clone(),
            shared: self.shared.clone(),
            entry: job.entry.clone(),
        });
        let done = new.map_or(Ok(()), |new| self.table.insert(&new)).and_then(|()| {
            for (row, settle) in &settled {
                settle_one(&self.table, *row, settle)?;
                batch.touched.insert(*row);
                if settle.effect == SettleEffect::Remove {
                    batch.unclaimed.push(settle.id.clone());
                }
            }
            Ok(())
        });
        batch.answers.push(Answer::Place(job, Ok(arriving)));
        done
    }

    /// Finds out whether the job can be done, and writes the file of a big message; nothing of the index is changed. A small
    /// one is in the journal, and gets its file when the segment is needed again, if it has not left by then: most have.
    #[expect(clippy::type_complexity, reason = "the two parts of one answer")]
    fn prepare<'a>(
        &self,
        message: &'a Message,
        job: &PlaceJob,
        batch: &mut Batch,
    ) -> Result<(Option<NewMessage<'a>>, Vec<(i64, &'a Settle)>)> {
        let mut settled = Vec::with_capacity(message.settles.len());
        for settle in &message.settles {
            let row = self.table.message_of(&settle.id)?;
            settled.push((row.ok_or_else(|| Error::about(Code::NotQueued, settle.id.to_string()))?, settle));
        }
        let Some(spooled) = &message.spool else { return Ok((None, settled)) };
        if self.table.message(&message.queue_id)?.is_some() {
            return Err(Error::about(Code::QueueIdTaken, &message.queue_id));
        }
        let is_in_journal = matches!(message.content, Content::Memory(_));
        if !is_in_journal {
            self.shared.files.write(&file_envelope(message, spooled), file_content(message, spooled))?;
        }
        batch.arrived.push(message.queue_id.clone());
        self.shared.claims.lock().arriving.insert(message.queue_id.clone());
        let (generation, journal_at) = (job.in_use.records().generation, is_in_journal.then_some(job.at));
        Ok((Some(new_message(message, spooled, generation, journal_at)), settled))
    }

    fn record(&self, update: &RecipientUpdate, batch: &mut Batch) -> Result<()> {
        let Some(message) = self.table.message_of(&update.id)? else { return Ok(()) };
        batch.touched.insert(message);
        let number = update.id.number;
        match &update.change {
            RecipientChange::Done => self.table.remove_recipient(message, number),
            RecipientChange::Deferred { next_try, priority, outcome } => {
                self.table.defer(message, number, *next_try, *priority, outcome)
            }
            RecipientChange::Moved { destination, priority } => {
                self.table.set_destination(message, number, destination, *priority)
            }
        }
    }

    fn answer(&self, answer: Answer, failed: Option<Code>) {
        let error = || failed.map(Error::new);
        // Whoever asked may have gone away.
        match answer {
            Answer::Place(job, result) => {
                #[cfg(not(target_os = "linux"))]
                if let Entry::Place(message) = &*job.entry {
                    let path = self.shared.files.path(&message.queue_id);
                    job.in_use.touch(path.parent().map(Into::into));
                    job.in_use.touch(self.table.files().into_iter().chain([path]));
                }
                // Before the waiter is released: a caller that then closes the store must find the segment quiet.
                drop(job.in_use);
                job.waiter.spooled(error().map_or(result, Err));
            }
            Answer::Done(reply, result) => drop(reply.send(error().map_or(result, Err))),
            Answer::Count(reply, count) => drop(reply.send(error().map_or(Ok(count), Err))),
            Answer::Acted(reply, acted) => drop(reply.send(error().map_or(Ok(acted), Err))),
        }
    }

    fn remove_file(&self, queue_id: &str) {
        if let Err(error) = self.shared.files.remove(queue_id) {
            tracing::warn!(%error, queue_id, "the file of a message that left the queue could not be removed");
        }
    }
}

impl Batch {
    /// Answers a job that was not begun because the database failed.
    fn refuse(&mut self, job: Job, error: &Error) {
        let error = || Error::new(error.code());
        match job {
            Job::Place(job) => self.answers.push(Answer::Place(job, Err(error()))),
            Job::Withdraw(_, reply)
            | Job::Record(_, reply)
            | Job::Edit(_, _, reply)
            | Job::Filed(_, reply) => {
                self.answers.push(Answer::Done(reply, Err(error())));
            }
            Job::Act(_, _, reply) => self.answers.push(Answer::Acted(reply, Acted::default())),
            Job::Postpone(_, _, _, reply) => self.answers.push(Answer::Count(reply, 0)),
            // What is not forgotten now is forgotten after the next checkpoint.
            Job::Released(_) | Job::Stop => {}
        }
    }
}

pub(super) fn settle_one(table: &Table, message: i64, settle: &Settle) -> Result<()> {
    match settle.effect {
        SettleEffect::Remove => table.remove_recipient(message, settle.id.number),
        SettleEffect::Warned => table.set_warned(message, settle.id.number),
    }
}

pub(super) fn new_message<'a>(
    message: &'a Message,
    spooled: &'a Spooled,
    generation: u64,
    journal_at: Option<u64>,
) -> NewMessage<'a> {
    NewMessage {
        queue_id: &message.queue_id,
        generation,
        arrived: spooled.arrived,
        octets: spooled.octets,
        journal_at,
        entry: &spooled.entry,
    }
}

pub(super) fn file_envelope<'a>(
    message: &Message,
    spooled: &'a Spooled,
) -> FileEnvelope<&'a super::SpoolEntry> {
    FileEnvelope {
        queue_id: message.queue_id.clone(),
        arrived: spooled.arrived,
        octets: spooled.octets,
        entry: &spooled.entry,
    }
}

pub(super) fn file_content<'a>(message: &'a Message, spooled: &Spooled) -> FileContent<'a> {
    FileContent { fields: &message.last_field, content: &message.content, is_crlf: spooled.is_crlf }
}
