//! A spool and a network in memory. A live peer takes one second for a delivery, a dead one thirty to time out.

use jiff::Timestamp;
use postigo_queue::retry::RetryTimes;
use postigo_queue::schedule::{
    DeliveryId, Held, Key, Lane, Limits, Listed, Outcome, Output, RecipientNumber, Scheduler, Work, priority,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// A recipient of a message.
type Id = (Arc<str>, RecipientNumber);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Live,
    Dead,
}

struct Row {
    /// The order of arrival.
    number: u64,
    is_claimed: bool,
    message_recipients: u32,
    due: Timestamp,
    was_tried: bool,
}

struct Delivery {
    key: Key,
    recipients: Vec<Id>,
}

#[derive(Default)]
struct Seen {
    starts: HashMap<Key, usize>,
    first: HashMap<Arc<str>, Timestamp>,
    recipients: HashMap<Arc<str>, usize>,
    delivered: HashMap<Key, usize>,
    most_at: HashMap<Key, usize>,
    connections: usize,
    closed: usize,
    twice: usize,
    held: Held,
}

pub struct World {
    pub scheduler: Scheduler,
    limits: Limits,
    now: Timestamp,
    usual: Peer,
    peers: HashMap<Key, Peer>,
    spool: BTreeMap<Key, BTreeMap<Id, Row>>,
    running: BTreeSet<(Timestamp, DeliveryId)>,
    deliveries: HashMap<DeliveryId, Delivery>,
    last_id: u64,
    seen: Seen,
}

pub fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time in the range of the tests")
}

impl World {
    pub fn new(limits: Limits, usual: Peer) -> Self {
        Self {
            scheduler: Scheduler::new(limits, RetryTimes::default(), seconds(0)),
            limits,
            now: seconds(0),
            usual,
            peers: HashMap::new(),
            spool: BTreeMap::new(),
            running: BTreeSet::new(),
            deliveries: HashMap::new(),
            last_id: 0,
            seen: Seen::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn peer(&mut self, key: &str, peer: Peer) {
        self.peers.insert(key.into(), peer);
    }

    /// A message that is in the spool already.
    pub fn put(&mut self, key: &str, recipients: u32, was_tried: bool) -> Arc<str> {
        self.insert(key, recipients, was_tried).queue_id
    }

    /// A message that arrives.
    pub fn send(&mut self, key: &str, recipients: u32) -> Arc<str> {
        let work = self.insert(key, recipients, false);
        let id = work.queue_id.clone();
        self.scheduler.arrived(&key.into(), work, self.now);
        id
    }

    /// A message whose sender wants it sent then, in the spool and told to the scheduler as its driver does.
    pub fn send_later(&mut self, key: &str, at: Timestamp) -> Arc<str> {
        let id = self.insert(key, 1, false).queue_id;
        for (_, row) in self.spool.values_mut().flatten().filter(|((queue_id, _), _)| *queue_id == id) {
            row.due = at;
        }
        self.scheduler.due_at(at, self.now);
        id
    }

    fn insert(&mut self, key: &str, recipients: u32, was_tried: bool) -> Work {
        self.last_id += 1;
        let queue_id: Arc<str> = format!("Q{}", self.last_id).into();
        let rows = self.spool.entry(key.into()).or_default();
        let numbers: Vec<_> = (0..recipients).map(RecipientNumber).collect();
        for number in &numbers {
            let row = Row {
                number: self.last_id,
                is_claimed: false,
                message_recipients: recipients,
                due: self.now,
                was_tried,
            };
            rows.insert((queue_id.clone(), *number), row);
        }
        Work { queue_id, recipients: numbers, message_recipients: recipients }
    }

    pub fn start(&mut self) {
        self.step();
    }

    pub fn restart(&mut self) {
        self.running.clear();
        self.deliveries.clear();
        self.spool.values_mut().flat_map(BTreeMap::values_mut).for_each(|row| row.is_claimed = false);
        self.scheduler = Scheduler::new(self.limits, RetryTimes::default(), self.now);
    }

    pub fn make_due(&mut self) {
        let now = self.now;
        self.spool.values_mut().flat_map(BTreeMap::values_mut).for_each(|row| row.due = now);
    }

    pub fn withdraw(&mut self, id: &Arc<str>) -> bool {
        let is_running = self.scheduler.withdraw(id);
        for rows in self.spool.values_mut() {
            rows.retain(|(queue_id, _), _| queue_id != id);
        }
        is_running
    }

    pub fn run_for(&mut self, duration: u64) {
        let end = self.now + Duration::from_secs(duration);
        loop {
            self.step();
            let next =
                self.running.first().map_or(Timestamp::MAX, |(at, _)| *at).min(self.scheduler.next_wake());
            if next > end {
                self.now = end;
                return;
            }
            self.now = self.now.max(next);
            while let Some((_, id)) = self.running.first().copied().filter(|(at, _)| *at <= self.now) {
                self.finish(id);
            }
        }
    }

    /// Carries out everything there is to do now.
    pub fn step(&mut self) {
        for round in 0.. {
            assert!(round < 100_000, "the scheduler never rests");
            let outputs = self.scheduler.poll(self.now);
            self.note_held();
            if outputs.is_empty() {
                return;
            }
            outputs.into_iter().for_each(|output| self.carry_out(output));
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Start { delivery, destination, queue_id, recipients, connection } => {
                self.seen.connections += usize::from(connection.is_none());
                *self.seen.starts.entry(destination.clone()).or_default() += 1;
                self.seen.first.entry(queue_id.clone()).or_insert(self.now);
                *self.seen.recipients.entry(queue_id.clone()).or_default() += recipients.len();
                let recipients: Vec<Id> =
                    recipients.into_iter().map(|number| (queue_id.clone(), number)).collect();
                let peer = self.peers.get(&destination).copied().unwrap_or(self.usual);
                let takes = if peer == Peer::Live { 1 } else { 30 };
                self.running.insert((self.now + Duration::from_secs(takes), delivery));
                for running in self.deliveries.values().filter(|running| running.key == destination) {
                    self.seen.twice += running.recipients.iter().filter(|id| recipients.contains(id)).count();
                }
                self.deliveries.insert(delivery, Delivery { key: destination.clone(), recipients });
                let at = self.deliveries.values().filter(|running| running.key == destination).count();
                let most = self.seen.most_at.entry(destination).or_default();
                *most = at.max(*most);
            }
            Output::Release { queue_id, recipients } => {
                for number in recipients {
                    let id = (queue_id.clone(), number);
                    if let Some(row) = self.spool.values_mut().find_map(|rows| rows.get_mut(&id)) {
                        row.is_claimed = false;
                    }
                }
            }
            Output::Close(_) => self.seen.closed += 1,
            Output::Load { destination, lane, limit } => {
                let page = self.page(&destination, lane, limit);
                self.scheduler.loaded(&destination, page, self.now);
            }
            Output::List { after, limit } => {
                let is_behind = |key: &Key| after.as_ref().is_none_or(|after| key > after);
                let due = self.spool.iter().filter(|(key, _)| is_behind(key)).filter_map(|(key, rows)| {
                    let mut due =
                        rows.values().filter(|row| row.due <= self.now && !row.is_claimed).peekable();
                    due.peek()?;
                    Some(Listed { key: key.clone(), was_tried: due.any(|row| row.was_tried) })
                });
                let page: Vec<Listed> = due.take(limit).collect();
                self.scheduler.listed(&page, self.now);
                if let Some(next) = self.chosen_times().min() {
                    self.scheduler.due_at(next, self.now);
                }
            }
            Output::BackOff { destination, until } => {
                let rows = self.spool.get_mut(&destination).into_iter().flat_map(BTreeMap::values_mut);
                rows.for_each(|row| {
                    row.due = row.due.max(until);
                    row.was_tried = true;
                });
            }
        }
    }

    /// Times to come that senders chose.
    fn chosen_times(&self) -> impl Iterator<Item = Timestamp> {
        let rows = self.spool.values().flat_map(BTreeMap::values);
        rows.filter(|row| row.due > self.now && !row.was_tried).map(|row| row.due)
    }

    /// Claims what is due.
    fn page(&mut self, key: &Key, lane: Lane, limit: usize) -> Vec<Work> {
        let mut page: Vec<Work> = vec![];
        let priorities = lane.priorities(&self.limits);
        let is_wanted = |row: &Row| {
            let is_due = row.due <= self.now && !row.is_claimed;
            is_due && priorities.contains(&priority(row.message_recipients))
        };
        let rows = self.spool.get_mut(key).into_iter().flatten();
        let mut due: Vec<_> = rows.filter(|(_, row)| is_wanted(row)).collect();
        due.sort_by_key(|((_, number), row)| {
            (priority(row.message_recipients), row.due, row.number, *number)
        });
        for ((queue_id, number), row) in due.into_iter().take(limit) {
            row.is_claimed = true;
            match page.last_mut().filter(|work| work.queue_id == *queue_id) {
                Some(work) => work.recipients.push(*number),
                None => page.push(Work {
                    queue_id: queue_id.clone(),
                    recipients: vec![*number],
                    message_recipients: row.message_recipients,
                }),
            }
        }
        page
    }

    fn finish(&mut self, id: DeliveryId) {
        self.running.retain(|(_, running)| *running != id);
        let Delivery { key, recipients } = self.deliveries.remove(&id).expect("it runs");
        let rows = self.spool.entry(key.clone()).or_default();
        let is_live = self.peers.get(&key).copied().unwrap_or(self.usual) == Peer::Live;
        for recipient in recipients {
            if is_live {
                let delivered = rows.remove(&recipient).is_some();
                *self.seen.delivered.entry(key.clone()).or_default() += usize::from(delivered);
            } else if let Some(row) = rows.get_mut(&recipient) {
                row.due = self.now + Duration::from_secs(300);
                row.is_claimed = false;
                row.was_tried = true;
            }
        }
        let outcome = if is_live { Outcome::Answered } else { Outcome::Unreachable };
        self.scheduler.finished(id, outcome, is_live, 0.0, self.now);
    }

    fn note_held(&mut self) {
        let (held, most) = (self.scheduler.held(), &mut self.seen.held);
        most.destinations = most.destinations.max(held.destinations);
        most.waiting = most.waiting.max(held.waiting);
        most.running = most.running.max(held.running);
    }

    pub fn most_held(&self) -> Held {
        self.seen.held
    }

    pub fn first_start(&self, id: &Arc<str>) -> Option<Timestamp> {
        self.seen.first.get(id).copied()
    }

    pub fn starts_at(&self, key: &str) -> usize {
        self.seen.starts.get(key).copied().unwrap_or_default()
    }

    pub fn delivered(&self, key: &str) -> usize {
        self.seen.delivered.get(key).copied().unwrap_or_default()
    }

    pub fn recipients_of(&self, id: &Arc<str>) -> usize {
        self.seen.recipients.get(id).copied().unwrap_or_default()
    }

    pub fn most_at(&self, key: &str) -> usize {
        self.seen.most_at.get(key).copied().unwrap_or_default()
    }

    pub fn connections(&self) -> usize {
        self.seen.connections
    }

    pub fn closed(&self) -> usize {
        self.seen.closed
    }

    pub fn undelivered(&self) -> usize {
        self.spool.values().map(BTreeMap::len).sum()
    }

    pub fn twice(&self) -> usize {
        self.seen.twice
    }
}
