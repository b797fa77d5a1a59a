//! The loop around the scheduler: it hears of arrivals and ends, and starts deliveries.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use postigo_queue::retry::RetryTimes;
use postigo_queue::schedule::{
    DeliveryId, Key, Limits, Listed, Outcome, Output, RecipientNumber, Scheduler, Work,
};
use postigo_store::{AttemptOutcome, DueMessage, RecipientId, Spool, SpoolNotice};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::delivery::{Finished, Start};
use crate::config::Config;
use crate::context::Context;
use crate::outgoing::Link;

/// Commands that may wait.
const COMMANDS: usize = 256;

/// What the loop is told from outside.
#[derive(Debug)]
pub(crate) enum Command {
    /// Something was made due: look at everything.
    Flush,
    /// A message was held, deleted or changed: start nothing more of it on the ground of what was.
    Withdraw(String),
    /// The configuration changed.
    Reconfigure,
}

/// How the loop is reached.
#[derive(Clone, Debug)]
pub(crate) struct Queue(mpsc::Sender<Command>);

impl Queue {
    /// The way to a loop, and its end.
    pub fn new() -> (Self, mpsc::Receiver<Command>) {
        let (sender, receiver) = mpsc::channel(COMMANDS);
        (Self(sender), receiver)
    }

    /// Tells the loop something. When it is gone, the server is about to stop, and nothing needs to be told.
    pub async fn tell(&self, command: Command) {
        let _ = self.0.send(command).await;
    }
}

/// The loop.
pub(crate) struct Runner {
    context: Arc<Context>,
    spool: Spool,
    limits: Limits,
    scheduler: Scheduler,
    /// Connections that wait for the next message.
    links: HashMap<DeliveryId, Box<Link>>,
    /// Deliveries, and connections that say goodbye.
    tasks: TaskTracker,
    /// Deliveries have had the time they get when the server stops.
    killed: CancellationToken,
    ended: mpsc::Sender<Finished>,
    ends: mpsc::Receiver<Finished>,
    /// Why the destination failed that is about to be left alone.
    last_failure: Option<(Key, AttemptOutcome)>,
}

impl Runner {
    pub fn new(context: Arc<Context>, tasks: TaskTracker, killed: CancellationToken) -> Self {
        let config = context.config.load();
        let (ended, ends) = mpsc::channel(COMMANDS);
        let limits = limits(&config);
        let scheduler = Scheduler::new(limits, times(&config), Timestamp::now());
        drop(config);
        let spool = context.store.spool().clone();
        let links = HashMap::new();
        Self { context, spool, limits, scheduler, links, tasks, killed, ended, ends, last_failure: None }
    }

    /// Runs until the server stops. Deliveries that run then are waited for by whoever owns the tasks.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut notices = self.spool.subscribe();
        loop {
            self.carry_out().await;
            let wake = until(self.scheduler.next_wake());
            tokio::select! {
                notice = notices.next() => match notice {
                    Some(notice) => self.noticed(notice),
                    None => return,
                },
                Some(ended) = self.ends.recv() => self.finished(ended),
                Some(command) = commands.recv() => self.command(command),
                () = tokio::time::sleep(wake) => {}
                () = self.context.stopping.cancelled() => return self.goodbye(),
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Flush => self.scheduler.flush(Timestamp::now()),
            Command::Withdraw(queue_id) => {
                self.scheduler.withdraw(&queue_id);
            }
            Command::Reconfigure => {
                let config = self.context.config.load_full();
                self.limits = limits(&config);
                self.scheduler.reconfigure(self.limits, times(&config), Timestamp::now());
            }
        }
    }

    fn noticed(&mut self, notice: SpoolNotice) {
        match notice {
            SpoolNotice::Arrived { due, hold_until, .. } => {
                let now = Timestamp::now();
                if let Some(time) = hold_until {
                    self.scheduler.due_at(time, now);
                }
                for (destination, message) in due {
                    let key = Key::from(destination);
                    self.scheduler.arrived(&key, work(message), now);
                }
            }
            SpoolNotice::Changed { .. } => {}
            SpoolNotice::Finished { queue_id } => {
                self.context.trace.event_of(&queue_id, postigo_trace::Event::Removed);
            }
            // What was missed is found by looking at everything.
            SpoolNotice::Missed => self.scheduler.flush(Timestamp::now()),
        }
    }

    fn finished(&mut self, ended: Finished) {
        let Finished { delivery, destination, answered, link, failure, moved } = ended;
        let outcome = if answered { Outcome::Answered } else { Outcome::Unreachable };
        if let Some(failure) = failure {
            self.last_failure = Some((destination, failure));
        }
        let keeps = link.is_some();
        if let Some(link) = link {
            self.links.insert(delivery, link);
        }
        let now = Timestamp::now();
        self.scheduler.finished(delivery, outcome, keeps, fastrand::f64(), now);
        for (destination, message) in moved {
            self.scheduler.arrived(&Key::from(destination), work(message), now);
        }
    }

    /// Does what the scheduler wants, until it wants nothing more at once.
    async fn carry_out(&mut self) {
        loop {
            let outputs = self.scheduler.poll(Timestamp::now());
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                self.output(output).await;
            }
        }
    }

    async fn output(&mut self, output: Output) {
        let (spool, now) = (self.spool.clone(), Timestamp::now());
        match output {
            Output::Start { delivery, destination, queue_id, recipients, connection } => {
                let numbers = recipients.into_iter().map(|number| number.0).collect();
                let start = Start { delivery, destination, queue_id: queue_id.to_string(), numbers };
                let link = connection.and_then(|earlier| self.links.remove(&earlier));
                let (context, ended) = (Arc::clone(&self.context), self.ended.clone());
                let (killed, ids) = (self.killed.clone(), start.ids());
                self.tasks.spawn(async move {
                    tokio::select! {
                        finished = start.carry_out(&context, link) => drop(ended.send(finished).await),
                        // As if the connection was lost: it stays in the spool, and is tried again after the next start.
                        () = killed.cancelled() => spool.release(&ids),
                    }
                });
            }
            Output::Close(delivery) => {
                if let Some(link) = self.links.remove(&delivery) {
                    self.tasks.spawn(link.quit());
                }
            }
            Output::Load { destination, lane, limit } => {
                let (priorities, key) = (lane.priorities(&self.limits), Key::clone(&destination));
                let found = read(move || spool.claim_at(&key, priorities, now, limit)).await;
                let page = found.unwrap_or_default().into_iter().map(work).collect();
                self.scheduler.loaded(&destination, page, now);
            }
            Output::List { after, limit } => {
                let found = read(move || spool.due_destinations(now, after.as_deref(), limit)).await;
                let page: Vec<_> = found
                    .unwrap_or_default()
                    .into_iter()
                    .map(|due| Listed { key: Key::from(due.destination), was_tried: due.was_tried })
                    .collect();
                self.scheduler.listed(&page, now);
                // A page through the queue comes every few minutes; who chose a time means that time (RFC 4865).
                let spool = self.spool.clone();
                if let Some(time) = read(move || spool.next_release(now)).await.flatten() {
                    self.scheduler.due_at(time, now);
                }
            }
            Output::Release { queue_id, recipients } => {
                let id = |number: RecipientNumber| RecipientId {
                    queue_id: queue_id.to_string(),
                    number: number.0,
                };
                let ids: Vec<_> = recipients.into_iter().map(id).collect();
                spool.release(&ids);
            }
            Output::BackOff { destination, until } => self.back_off(&destination, until).await,
        }
    }

    async fn back_off(&mut self, destination: &Key, until: Timestamp) {
        let known = self.last_failure.as_ref().filter(|(key, _)| key == destination);
        let outcome = resting(known.map(|(_, outcome)| outcome));
        if let Err(error) = self.spool.postpone(destination, until, &outcome).await {
            tracing::error!(error = &error as &dyn std::error::Error, "a destination could not be postponed");
        }
    }

    fn say_goodbye_everywhere(&mut self) {
        for (_, link) in self.links.drain() {
            self.tasks.spawn(link.quit());
        }
    }

    fn goodbye(mut self) {
        self.say_goodbye_everywhere();
    }
}

/// Reads the spool where it may block. What cannot be read is looked for again at the next pass through the queue.
async fn read<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, postigo_store::Error> + Send + 'static,
) -> Option<T> {
    let done = tokio::task::spawn_blocking(work).await.ok()?;
    done.inspect_err(|error| {
        tracing::error!(error = error as &dyn std::error::Error, "the queue could not be read");
    })
    .ok()
}

fn work(due: DueMessage) -> Work {
    Work {
        queue_id: due.queue_id.into(),
        recipients: due.numbers.into_iter().map(RecipientNumber).collect(),
        // As many as make this priority.
        message_recipients: 1_u32.checked_shl(u32::from(due.priority)).unwrap_or(u32::MAX),
    }
}

/// Why what was not tried itself waits: its destination rests after this failure. Postfix says `delivery temporarily
/// suspended`, too. Without a context it is shown as that.
fn resting(failure: Option<&AttemptOutcome>) -> AttemptOutcome {
    let why = failure.map_or("the destination did not answer a moment ago", |failure| &failure.text);
    AttemptOutcome {
        at: Timestamp::now(),
        code: None,
        enhanced: Some("4.4.1".into()),
        text: format!("delivery temporarily suspended: {why}"),
        host: failure.and_then(|failure| failure.host.clone()),
        context: String::new(),
    }
}

fn until(at: Timestamp) -> Duration {
    let wait = at.duration_since(Timestamp::now());
    // Half a minute at most: clocks can be set, and those of timers stand still while a computer sleeps.
    Duration::try_from(wait).unwrap_or_default().min(Duration::from_secs(30))
}

fn limits(config: &Config) -> Limits {
    Limits {
        deliveries: usize::try_from(config.queue.deliveries).unwrap_or(usize::MAX),
        destination_concurrency: config.queue.destination_concurrency,
        initial_concurrency: config.queue.initial_concurrency.min(config.queue.destination_concurrency),
        recipients_per_delivery: usize::try_from(config.queue.recipients_per_delivery).unwrap_or(usize::MAX),
        ..Limits::default()
    }
}

/// The times of the configuration.
pub(super) fn times(config: &Config) -> RetryTimes {
    let seconds = |n: u32| Duration::from_secs(u64::from(n));
    RetryTimes {
        minimal_backoff_time: seconds(config.queue.minimal_backoff_seconds),
        maximal_backoff_time: seconds(config.queue.maximal_backoff_seconds),
        maximal_queue_lifetime: seconds(config.queue.lifetime_seconds),
        bounce_queue_lifetime: seconds(config.queue.bounce_lifetime_seconds),
        delay_warning_time: seconds(config.queue.warning_seconds),
        // Short backoffs want to be looked for as often.
        queue_run_delay: seconds(config.queue.run_delay_seconds.min(config.queue.minimal_backoff_seconds)),
    }
}
