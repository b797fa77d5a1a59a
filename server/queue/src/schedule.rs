//! Which delivery starts next.
//!
//! The queue may be of any length; what is held here is bounded by [`Limits`]: destinations by key, and of the recipients
//! only those that are about to be delivered. The rest stays in the spool and is asked for in pages.
//!
//! # The driver
//! It tells what happened with [`Scheduler::arrived`], [`Scheduler::listed`], [`Scheduler::loaded`] and
//! [`Scheduler::finished`], and of what is due later with [`Scheduler::due_at`], then carries out what [`Scheduler::poll`] returns, and calls `poll` again at
//! [`Scheduler::next_wake`] at the latest. Before it calls `finished` the results are in the spool: recipients that are
//! still due there would be loaded, and delivered, once more.
//!
//! # How it chooses
//! - A destination has a window of deliveries at a time. Each success widens it by a part, each failure narrows it, as
//!   Postfix's pseudo-cohorts do. A proven destination that fails for a whole window, or any other that fails once, is left
//!   alone as a whole, for longer each time; then one delivery tries.
//! - Destinations take turns within three tiers: proven, unknown, suspect (they failed before). The latter two never
//!   have all slots, so that any number of dead ones, each of which takes half a minute to time out, leaves room for the
//!   living.
//! - Within a destination, messages take turns, and those with few recipients have three turns of four.

mod destination;
mod lanes;
mod rings;
mod types;

pub use lanes::{Lane, priority};
pub use types::{DeliveryId, Held, Key, Limits, Listed, Outcome, Output, RecipientNumber, Work};

use crate::retry::RetryTimes;
use crate::time::later;
use destination::{Destination, Loading, State};
use jiff::Timestamp;
use rings::{Rings, Tier, Turn};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

struct Running {
    destination: Key,
    tier: Tier,
    queue_id: Arc<str>,
    recipients: Vec<RecipientNumber>,
}

struct Listing {
    at: Timestamp,
    after: Option<Key>,
    is_asked: bool,
}

/// Chooses deliveries. See the module.
pub struct Scheduler {
    limits: Limits,
    times: RetryTimes,
    destinations: HashMap<Key, Destination>,
    rings: Rings,
    running: HashMap<DeliveryId, Running>,
    /// Slots kept for deliveries whose page was asked for.
    loading: usize,
    /// Dead destinations by the time at which they are tried again.
    dead: BTreeSet<(Timestamp, Key)>,
    /// Idle connections by the time at which they are closed. Entries of connections in use again are passed over.
    idle: VecDeque<(Timestamp, Key, DeliveryId)>,
    idle_connections: usize,
    waiting: usize,
    listing: Listing,
    last_delivery: u64,
    outputs: Vec<Output>,
}

/// How long a destination is known to be alive without being used, while there is room.
const REMEMBER: Duration = Duration::from_secs(86_400);

/// Between two lists that [`Scheduler::due_at`] asks for, so that many times close together are looked at together.
const LIST_PAUSE: Duration = Duration::from_millis(100);

/// Destinations of one page of the list.
const LIST_PAGE: usize = 1_000;

impl Scheduler {
    /// A scheduler that knows nothing yet: its first `poll` asks for the list of destinations.
    pub fn new(limits: Limits, times: RetryTimes, now: Timestamp) -> Self {
        Self {
            limits,
            times,
            destinations: HashMap::new(),
            rings: Rings::new(limits.deliveries),
            running: HashMap::new(),
            loading: 0,
            dead: BTreeSet::new(),
            idle: VecDeque::new(),
            idle_connections: 0,
            waiting: 0,
            listing: Listing { at: now, after: None, is_asked: false },
            last_delivery: 0,
            outputs: Vec::new(),
        }
    }

    /// Other numbers and times from now on. What runs and waits goes on; dead destinations keep the time they have.
    pub fn reconfigure(&mut self, limits: Limits, times: RetryTimes, now: Timestamp) {
        self.limits = limits;
        self.times = times;
        self.rings.resize(limits.deliveries);
        self.listing.at = self.listing.at.min(now);
    }

    /// A message is due at a destination: it is new, was released, or is to be tried now. It is in the spool already.
    pub fn arrived(&mut self, destination: &Key, work: Work, now: Timestamp) {
        if !self.know(destination, State::Unknown, now) {
            return;
        }
        let lane = work.lane(&self.limits);
        let has_room = self.waiting + work.recipients.len() <= self.limits.waiting;
        let work = self.not_held(destination, vec![work]).pop();
        let (Some(at), Some(work)) = (self.destinations.get_mut(destination), work) else { return };
        if let State::Dead { until } = at.state {
            let destination = destination.clone();
            return self.outputs.push(Output::BackOff { destination, until });
        }
        if has_room && at.lanes.recipients() < 2 * self.limits.page {
            self.waiting += work.recipients.len();
            at.lanes.push(work, lane);
        } else {
            at.note_more(lane);
        }
        let turn = if lane == Lane::Single { Turn::Express } else { Turn::Usual };
        self.offer(destination, turn);
    }

    /// The answer to [`Output::List`].
    pub fn listed(&mut self, page: &[Listed], now: Timestamp) {
        self.listing.is_asked = false;
        for Listed { key, was_tried } in page {
            let state = if *was_tried { State::Suspect } else { State::Unknown };
            if !self.know(key, state, now) {
                continue;
            }
            if let Some(at) = self.destinations.get_mut(key)
                && !matches!(at.state, State::Dead { .. })
            {
                at.note_more(Lane::Single);
                at.note_more(Lane::Bulk);
                self.offer(key, Turn::Usual);
            }
        }
        let is_last = page.len() < LIST_PAGE;
        self.listing.after = page.last().map(|last| last.key.clone()).filter(|_| !is_last);
        if is_last {
            self.listing.at = later(now, self.times.queue_run_delay);
        }
    }

    /// The answer to [`Output::Load`].
    pub fn loaded(&mut self, destination: &Key, page: Vec<Work>, now: Timestamp) {
        let count: usize = page.iter().map(|work| work.recipients.len()).sum();
        let new = self.not_held(destination, page);
        let at = self.destinations.get_mut(destination);
        let Some((at, loading)) = at.and_then(|at| at.loading.take().map(|loading| (at, loading))) else {
            return self.release(new);
        };
        let Loading { lane, limit, slot, again } = loading;
        if let Some(tier) = slot {
            self.loading -= 1;
            self.rings.give_back(tier);
        }
        at.last_used = now;
        if matches!(at.state, State::Dead { .. }) {
            return self.release(new);
        }
        // What was held here already is claimed now, too, and does not come again.
        at.set_more(lane, again || count >= limit);
        for work in new {
            self.waiting += work.recipients.len();
            at.lanes.push(work, lane);
        }
        self.offer(destination, if slot.is_some() { Turn::Ready } else { Turn::Usual });
    }

    /// A delivery has ended, and its results are in the spool. `keeps_connection`: it is open and fit for another message.
    /// `jitter`, from 0 to 1, moves the time of a dead destination's next try.
    pub fn finished(
        &mut self,
        delivery: DeliveryId,
        outcome: Outcome,
        keeps_connection: bool,
        jitter: f64,
        now: Timestamp,
    ) {
        let Some(Running { destination: key, tier, .. }) = self.running.remove(&delivery) else { return };
        self.rings.give_back(tier);
        // Destinations with deliveries are never forgotten.
        let Some(at) = self.destinations.get_mut(&key) else { return };
        at.running -= 1;
        at.last_used = now;
        if keeps_connection {
            self.idle_connections += 1;
            at.idle.push(delivery);
            self.idle.push_back((later(now, self.limits.keep_connection), key.clone(), delivery));
        }
        match outcome {
            Outcome::Answered => at.succeeded(&self.limits),
            Outcome::Unreachable if at.failed() => return self.bury(&key, jitter, now),
            Outcome::Unreachable => {}
        }
        self.offer(&key, Turn::Usual);
    }

    /// The peer has closed an idle connection.
    pub fn connection_lost(&mut self, destination: &Key, connection: DeliveryId) {
        if let Some(at) = self.destinations.get_mut(destination) {
            let before = at.idle.len();
            at.idle.retain(|idle| *idle != connection);
            self.idle_connections -= before - at.idle.len();
        }
    }

    /// A message was held or deleted: nothing more of it starts. Whether some of it is being delivered now.
    pub fn withdraw(&mut self, queue_id: &str) -> bool {
        let withdrawn: Vec<Work> =
            self.destinations.values_mut().flat_map(|at| at.lanes.remove(queue_id)).collect();
        self.waiting -= withdrawn.iter().map(|work| work.recipients.len()).sum::<usize>();
        self.release(withdrawn);
        self.running.values().any(|running| &*running.queue_id == queue_id)
    }

    /// Tries everything now, dead destinations too (`postqueue -f`). What is in the spool was made due before.
    pub fn flush(&mut self, now: Timestamp) {
        let dead: Vec<Key> = self.dead.iter().map(|(_, key)| key.clone()).collect();
        dead.iter().for_each(|key| self.wake(key));
        self.listing.at = now;
        self.listing.after = None;
    }

    /// Tries a destination now (ETRN, `postqueue -s`). What is in the spool was made due before.
    pub fn flush_destination(&mut self, destination: &Key, now: Timestamp) {
        if !self.know(destination, State::Suspect, now) {
            return;
        }
        self.wake(destination);
        if let Some(at) = self.destinations.get_mut(destination) {
            at.note_more(Lane::Single);
            at.note_more(Lane::Bulk);
        }
        self.offer(destination, Turn::Express);
    }

    /// Something in the spool, of whatever destination, is due then and not before: the spool is asked at that time. To be
    /// told of the next such time whenever it changes, and after each [`Self::listed`].
    pub fn due_at(&mut self, time: Timestamp, now: Timestamp) {
        let soonest = later(now, LIST_PAUSE);
        self.listing.at = self.listing.at.min(time.max(soonest));
    }

    /// What is to be done now, in this order.
    pub fn poll(&mut self, now: Timestamp) -> Vec<Output> {
        while let Some((_, key)) = self.dead.first().filter(|(until, _)| *until <= now).cloned() {
            self.wake(&key);
        }
        self.close_idle(now);
        self.ask_for_list(now);
        while self.running.len() + self.loading < self.limits.deliveries {
            let Some((key, ticket, tier)) = self.rings.next() else { break };
            self.serve(&key, ticket, tier);
        }
        std::mem::take(&mut self.outputs)
    }

    /// When [`Self::poll`] must be called again, if nothing happens before.
    pub fn next_wake(&self) -> Timestamp {
        let list = (!self.listing.is_asked).then_some(self.listing.at);
        let dead = self.dead.first().map(|(until, _)| *until);
        let idle = self.idle.front().map(|(deadline, ..)| *deadline);
        [list, dead, idle].into_iter().flatten().min().unwrap_or(Timestamp::MAX)
    }

    /// When a destination that is left alone is tried again.
    pub fn dead_until(&self, destination: &str) -> Option<Timestamp> {
        match self.destinations.get(destination)?.state {
            State::Dead { until } => Some(until),
            State::Unknown | State::Proven | State::Suspect => None,
        }
    }

    /// What is held at the moment.
    pub fn held(&self) -> Held {
        Held {
            destinations: self.destinations.len(),
            dead: self.dead.len(),
            waiting: self.waiting,
            running: self.running.len(),
            idle: self.idle_connections,
        }
    }
}

impl Scheduler {
    /// Makes a destination known. False if there is no room: it stays in the spool until a list finds it.
    fn know(&mut self, key: &Key, state: State, now: Timestamp) -> bool {
        if let Some(at) = self.destinations.get_mut(key) {
            at.last_used = now;
            return true;
        }
        if self.destinations.len() >= self.limits.destinations {
            // What is dead is due in the spool when its time comes, and comes back as a suspect then.
            let Some((until, last)) = self.dead.last().cloned() else { return false };
            if self.destinations.get(&last).is_some_and(Destination::is_busy) {
                return false;
            }
            self.dead.remove(&(until, last.clone()));
            self.destinations.remove(&last);
        }
        let concurrency = self.limits.unproven_concurrency;
        self.destinations.insert(key.clone(), Destination::new(state, concurrency, now));
        true
    }

    /// Puts a destination in line, if it has something to do and may.
    fn offer(&mut self, key: &Key, turn: Turn) {
        let Some(at) = self.destinations.get_mut(key) else { return };
        let Some(tier) = at.state.tier() else { return };
        let has_place = at.place.is_some_and(|place| place.turn >= turn);
        if !has_place && at.wants_turn() {
            at.place = Some(self.rings.push(key.clone(), tier, turn));
        }
    }

    /// A destination has its turn: a delivery starts, or a page is asked for.
    fn serve(&mut self, key: &Key, ticket: u64, tier: Tier) {
        let Some(at) = self.destinations.get_mut(key) else { return };
        if at.place.is_none_or(|place| place.ticket != ticket) {
            return;
        }
        at.place = None;
        if !at.wants_turn() {
            return;
        }
        let slot = (at.lanes.recipients() == 0).then_some(tier);
        if let Some((queue_id, recipients)) = at.lanes.take(self.limits.recipients_per_delivery) {
            self.waiting -= recipients.len();
            self.last_delivery += 1;
            let delivery = DeliveryId(self.last_delivery);
            at.running += 1;
            let connection = at.idle.pop();
            self.idle_connections -= usize::from(connection.is_some());
            self.rings.take(tier);
            let (destination, recipients_held) = (key.clone(), recipients.clone());
            let running =
                Running { destination, tier, queue_id: queue_id.clone(), recipients: recipients_held };
            self.running.insert(delivery, running);
            let destination = key.clone();
            self.outputs.push(Output::Start { delivery, destination, queue_id, recipients, connection });
        }
        self.load(key, slot);
        self.offer(key, Turn::Usual);
    }

    /// Asks for the next page, because there is nothing left (then a slot is kept for it), or before that is so.
    fn load(&mut self, key: &Key, slot: Option<Tier>) {
        let Some(at) = self.destinations.get_mut(key) else { return };
        let room = self.waiting + self.limits.page <= self.limits.waiting || slot.is_some();
        let Some(lane) = at.lane_to_load(self.limits.page / 2).filter(|_| room) else { return };
        let limit = self.limits.page;
        at.loading = Some(Loading { lane, limit, slot, again: false });
        if let Some(tier) = slot {
            self.loading += 1;
            self.rings.take(tier);
        }
        self.outputs.push(Output::Load { destination: key.clone(), lane, limit });
    }

    /// Takes out what waits here or is being delivered already.
    fn not_held(&self, key: &Key, page: Vec<Work>) -> Vec<Work> {
        let mut held = HashSet::new();
        for running in self.running.values().filter(|running| running.destination == *key) {
            held.extend(running.recipients.iter().map(|number| (&*running.queue_id, *number)));
        }
        for work in self.destinations.get(key).into_iter().flat_map(|at| at.lanes.all()) {
            held.extend(work.recipients.iter().map(|number| (&*work.queue_id, *number)));
        }
        let without = |mut work: Work| {
            let queue_id = work.queue_id.clone();
            work.recipients.retain(|number| !held.contains(&(&*queue_id, *number)));
            (!work.recipients.is_empty()).then_some(work)
        };
        page.into_iter().filter_map(without).collect()
    }

    /// Leaves a destination alone. What waited here stays in the spool.
    fn bury(&mut self, key: &Key, jitter: f64, now: Timestamp) {
        let Some(at) = self.destinations.get_mut(key) else { return };
        if matches!(at.state, State::Dead { .. }) {
            return;
        }
        self.waiting -= at.lanes.recipients();
        let until = later(now, self.times.destination_backoff(at.failures.saturating_add(1), jitter));
        let waited = at.bury(until);
        self.release(waited);
        self.dead.insert((until, key.clone()));
        self.outputs.push(Output::BackOff { destination: key.clone(), until });
    }

    fn release(&mut self, works: Vec<Work>) {
        let release = |Work { queue_id, recipients, .. }: Work| Output::Release { queue_id, recipients };
        self.outputs.extend(works.into_iter().map(release));
    }

    /// A dead destination may be tried with one delivery.
    fn wake(&mut self, key: &Key) {
        let Some(at) = self.destinations.get_mut(key) else { return };
        if let State::Dead { until } = at.state {
            self.dead.remove(&(until, key.clone()));
            at.wake();
            self.offer(key, Turn::Usual);
        }
    }

    fn close_idle(&mut self, now: Timestamp) {
        while self.idle.front().is_some_and(|(deadline, ..)| *deadline <= now) {
            let Some((_, key, connection)) = self.idle.pop_front() else { return };
            let idle = self.destinations.get_mut(&key).map(|at| &mut at.idle);
            if let Some(idle) = idle
                && let Some(at) = idle.iter().position(|idle| *idle == connection)
            {
                idle.remove(at);
                self.idle_connections -= 1;
                self.outputs.push(Output::Close(connection));
            }
        }
    }

    fn ask_for_list(&mut self, now: Timestamp) {
        if self.listing.is_asked || self.listing.at > now {
            return;
        }
        if self.listing.after.is_none() {
            self.forget_unused(now);
        }
        if self.destinations.len() >= self.limits.destinations && self.dead.is_empty() {
            // Those that are known come first; there is room when some of them have nothing left.
            self.listing.at = later(now, Duration::from_secs(1));
            self.forget_unused(now);
            return;
        }
        self.listing.is_asked = true;
        self.outputs.push(Output::List { after: self.listing.after.clone(), limit: LIST_PAGE });
    }

    fn forget_unused(&mut self, now: Timestamp) {
        let is_crowded = self.destinations.len() > self.limits.destinations / 2;
        let keep = if is_crowded { Duration::from_secs(1) } else { REMEMBER };
        self.destinations.retain(|_, at| !at.is_unused() || later(at.last_used, keep) > now);
    }
}
