//! The apply threads: place messages in Maildirs and indexes, an account's messages of a batch in one transaction.

use crate::journal::{Entry, InUse, Waiter, spawn};
use crate::mails::Mails;
use crate::{AccountId, Code, Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Threads that place messages. An account always gets the same one, so that its messages keep their order.
const THREADS: usize = 2;

/// One target of one message.
pub(crate) struct Job {
    entry: Arc<Entry>,
    target: usize,
    account: AccountId,
    waiter: Arc<Waiter>,
    /// Keeps the segment from its checkpoint until the job is done.
    in_use: Arc<InUse>,
}

impl Job {
    /// The jobs of an entry.
    pub(crate) fn of(entry: &Arc<Entry>, waiter: &Arc<Waiter>, in_use: &Arc<InUse>) -> Vec<Self> {
        let Entry::Place(message) = &**entry else { return Vec::new() };
        let job = |(target, to): (usize, &crate::journal::Target)| Self {
            entry: entry.clone(),
            target,
            account: to.account,
            waiter: waiter.clone(),
            in_use: in_use.clone(),
        };
        message.targets.iter().enumerate().map(job).collect()
    }
}

/// The threads, as the journal's writer sees them.
pub(crate) struct Appliers {
    lanes: Vec<Lane>,
}

struct Lane {
    sender: Sender<Vec<Job>>,
    collected: Vec<Job>,
    thread: JoinHandle<()>,
}

impl Appliers {
    pub(crate) fn start(mails: Arc<Mails>) -> Result<Self> {
        let lane = |number: usize| {
            let (sender, jobs) = channel();
            let mails = mails.clone();
            let thread = spawn(&format!("apply-{number}"), move || run(&jobs, &mails))?;
            Ok(Lane { sender, collected: Vec::new(), thread })
        };
        Ok(Self { lanes: (0..THREADS).map(lane).collect::<Result<_>>()? })
    }

    /// Collects jobs for the next [`Appliers::flush`].
    pub(crate) fn apply(&mut self, jobs: Vec<Job>) {
        let lanes = self.lanes.len();
        for job in jobs {
            let lane = usize::try_from(job.account.get()).unwrap_or(0) % lanes;
            if let Some(lane) = self.lanes.get_mut(lane) {
                lane.collected.push(job);
            }
        }
    }

    /// Hands the collected jobs to the threads.
    pub(crate) fn flush(&mut self) {
        for lane in self.lanes.iter_mut().filter(|lane| !lane.collected.is_empty()) {
            // A thread only ends when this end is dropped; if it panicked, dropping the job makes its waiter fail.
            let _ = lane.sender.send(std::mem::take(&mut lane.collected));
        }
    }

    /// Waits until everything is applied.
    pub(crate) fn finish(self) {
        for lane in self.lanes {
            drop(lane.sender);
            if lane.thread.join().is_err() {
                tracing::error!("a thread that places messages panicked");
            }
        }
    }
}

fn run(jobs: &Receiver<Vec<Job>>, mails: &Mails) {
    while let Ok(mut batch) = jobs.recv() {
        while let Ok(more) = jobs.try_recv() {
            batch.extend(more);
        }
        let mut accounts: BTreeMap<AccountId, Vec<Job>> = BTreeMap::new();
        for job in batch {
            accounts.entry(job.account).or_default().push(job);
        }
        for (account, jobs) in accounts {
            apply(account, jobs, mails);
        }
    }
}

fn apply(account: AccountId, jobs: Vec<Job>, mails: &Mails) {
    let mail = match mails.get(account) {
        Ok(mail) => mail,
        Err(error) => {
            let code = error.code();
            let mut error = Some(error);
            for job in jobs {
                job.waiter.applied(job.target, Err(error.take().unwrap_or_else(|| Error::new(code))));
            }
            return;
        }
    };
    let arrivals: Vec<_> = jobs
        .iter()
        .filter_map(|job| match &*job.entry {
            Entry::Place(message) => message.targets.get(job.target).map(|target| message.arrival(target)),
            Entry::Cancel(_) => None,
        })
        .collect();
    let results = mail.place(&arrivals);
    drop(arrivals);
    let mut results = results.into_iter();
    for job in jobs {
        let result = results.next().unwrap_or_else(|| Err(Error::new(Code::Io)));
        #[cfg(not(target_os = "linux"))]
        if let Ok(placed) = &result {
            job.in_use.touch(placed.path.parent().map(Into::into));
            job.in_use.touch(mail.index_files().into_iter().chain([placed.path.clone()]));
        }
        // Before the waiter is released: a caller that then closes the store must find the segment quiet.
        drop(job.in_use);
        job.waiter.applied(job.target, result);
    }
}
