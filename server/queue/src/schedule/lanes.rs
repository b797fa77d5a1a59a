//! What waits at one destination: messages with few recipients, and mailings.

use super::{RecipientId, Work};
use std::collections::VecDeque;
use std::sync::Arc;

/// Which messages go before which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Messages with few recipients, at most [`super::Limits::bulk_recipients`].
    Single,
    /// Mailings.
    Bulk,
}

impl Work {
    pub(super) fn lane(&self, bulk_recipients: u32) -> Lane {
        if self.message_recipients > bulk_recipients { Lane::Bulk } else { Lane::Single }
    }
}

/// Of four turns, mailings have one while others wait.
const BULK_EVERY: u32 = 4;

#[derive(Debug, Default)]
pub(super) struct Lanes {
    single: VecDeque<Work>,
    bulk: VecDeque<Work>,
    turn: u32,
}

impl Lanes {
    pub(super) fn push(&mut self, work: Work, lane: Lane) {
        let queue = self.queue(lane);
        // One message has one place in line, however its recipients came in.
        match queue.iter_mut().find(|waiting| waiting.queue_id == work.queue_id) {
            Some(waiting) => waiting.recipients.extend(work.recipients),
            None => queue.push_back(work),
        }
    }

    /// Some recipients of the message whose turn it is; the rest of them goes to the end of the line.
    pub(super) fn take(&mut self, max_recipients: usize) -> Option<(Arc<str>, Vec<RecipientId>)> {
        self.turn = self.turn.wrapping_add(1);
        let is_bulk =
            self.single.is_empty() || (self.turn.is_multiple_of(BULK_EVERY) && !self.bulk.is_empty());
        let queue = self.queue(if is_bulk { Lane::Bulk } else { Lane::Single });
        let mut work = queue.pop_front()?;
        let rest = work.recipients.split_off(work.recipients.len().min(max_recipients.max(1)));
        let taken = (work.queue_id.clone(), std::mem::replace(&mut work.recipients, rest));
        if !work.recipients.is_empty() {
            queue.push_back(work);
        }
        Some(taken)
    }

    /// Removes a message; how many recipients that were.
    pub(super) fn remove(&mut self, queue_id: &str) -> usize {
        let before = self.recipients();
        self.single.retain(|work| &*work.queue_id != queue_id);
        self.bulk.retain(|work| &*work.queue_id != queue_id);
        before - self.recipients()
    }

    pub(super) fn clear(&mut self) {
        self.single.clear();
        self.bulk.clear();
    }

    pub(super) fn recipients(&self) -> usize {
        self.all().map(|work| work.recipients.len()).sum()
    }

    pub(super) fn recipients_in(&self, lane: Lane) -> usize {
        let queue = match lane {
            Lane::Single => &self.single,
            Lane::Bulk => &self.bulk,
        };
        queue.iter().map(|work| work.recipients.len()).sum()
    }

    pub(super) fn all_recipients(&self) -> impl Iterator<Item = RecipientId> {
        self.all().flat_map(|work| work.recipients.iter().copied())
    }

    fn all(&self) -> impl Iterator<Item = &Work> {
        self.single.iter().chain(&self.bulk)
    }

    fn queue(&mut self, lane: Lane) -> &mut VecDeque<Work> {
        match lane {
            Lane::Single => &mut self.single,
            Lane::Bulk => &mut self.bulk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(id: &str, recipients: i64) -> Work {
        let message_recipients = u32::try_from(recipients).unwrap();
        let recipients = (0..recipients).map(RecipientId).collect();
        Work { queue_id: id.into(), recipients, message_recipients }
    }

    #[test]
    fn messages_take_turns_and_mailings_have_one_of_four() {
        let mut lanes = Lanes::default();
        for (id, recipients) in [("big", 100), ("news", 60), ("a", 1), ("b", 2), ("c", 1), ("d", 1), ("e", 1)]
        {
            let work = work(id, recipients);
            let lane = work.lane(50);
            lanes.push(work, lane);
        }
        let mut order = String::new();
        while let Some((id, recipients)) = lanes.take(50) {
            order.push_str(&format!("{id}:{} ", recipients.len()));
        }
        assert_eq!(order, "a:1 b:2 c:1 big:50 d:1 e:1 news:50 big:50 news:10 ");
        assert_eq!(lanes.recipients(), 0);
    }

    #[test]
    fn one_message_has_one_place_in_line() {
        let mut lanes = Lanes::default();
        lanes.push(work("a", 2), Lane::Single);
        lanes.push(work("b", 1), Lane::Single);
        lanes.push(work("a", 1), Lane::Single);
        assert_eq!(lanes.take(50).unwrap().1.len(), 3);
        assert_eq!(lanes.remove("b"), 1);
        assert!(lanes.take(50).is_none());
    }
}
