//! Answers kept for as long as they may be.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::{Limits, Lookup, Question};

/// Lookups by question, each until its time is over.
pub(crate) struct Cache {
    entries: HashMap<Question, Entry>,
    limits: Limits,
}

struct Entry {
    lookup: Lookup,
    until: Instant,
}

impl Cache {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { entries: HashMap::new(), limits }
    }

    /// What is known, with the TTLs that are left.
    pub(crate) fn get(&self, question: &Question, now: Instant) -> Option<Lookup> {
        let entry = self.entries.get(question).filter(|entry| entry.until > now)?;
        let mut lookup = entry.lookup.clone();
        lookup.attempts.clear();
        lookup.from_cache = true;
        let left = (entry.until - now).as_secs();
        lookup.ttl = Some(u32::try_from(left).unwrap_or(u32::MAX));
        Some(lookup)
    }

    /// Keeps a lookup for its time, within the limits.
    pub(crate) fn put(&mut self, lookup: &Lookup, now: Instant) {
        let Some(time) = self.time(lookup).filter(|time| !time.is_zero()) else { return };
        if self.limits.cached == 0 {
            return;
        }
        if self.entries.len() >= self.limits.cached {
            self.make_room(now);
        }
        let entry = Entry { lookup: lookup.clone(), until: now + time };
        self.entries.insert(lookup.question.clone(), entry);
    }

    /// How long it is kept: by its TTL; failures for a moment, so that a thousand messages to a dead domain do not wait for it one by
    /// one (RFC 9520 §3.2); negative answers without a SOA not at all (RFC 2308 §5).
    fn time(&self, lookup: &Lookup) -> Option<Duration> {
        if lookup.outcome.is_failure() {
            return Some(self.limits.failure);
        }
        let most =
            if lookup.outcome.records().is_empty() { self.limits.negative } else { self.limits.positive };
        lookup.ttl.map(|ttl| Duration::from_secs(ttl.into()).min(most))
    }

    /// Drops what is over, and at least a quarter: what ends soonest. So a full cache is not sorted at each answer.
    fn make_room(&mut self, now: Instant) {
        let mut ends: Vec<Instant> = self.entries.values().map(|entry| entry.until).collect();
        ends.sort_unstable();
        let last = ends.get(ends.len() / 4).copied().unwrap_or(now).max(now);
        self.entries.retain(|_, entry| entry.until > last);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Data, Kind, Name, Outcome, Record};

    fn lookup(name: &str, outcome: Outcome, ttl: Option<u32>) -> Lookup {
        let question = Question::new(Name::parse(name).unwrap(), Kind::A);
        Lookup { outcome, ttl, authenticated: true, ..Lookup::new(question) }
    }

    fn found(name: &str, ttl: u32) -> Lookup {
        let record = Record::new(Name::parse(name).unwrap(), ttl, Data::A([192, 0, 2, 1].into()));
        lookup(name, Outcome::Found(vec![record]), Some(ttl))
    }

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn an_answer_is_kept_for_its_ttl_and_ages() {
        let (mut cache, now) = (Cache::new(Limits::default()), Instant::now());
        let answer = found("a.test", 60);
        cache.put(&answer, now);
        let known = cache.get(&answer.question, now + seconds(25)).unwrap();
        assert_eq!((known.ttl, known.from_cache, known.authenticated), (Some(35), true, true));
        assert_eq!(known.outcome, answer.outcome);
        assert!(cache.get(&answer.question, now + seconds(60)).is_none());
    }

    #[test]
    fn each_kind_of_outcome_has_its_longest_time() {
        let limits = Limits::default();
        let rows = [
            (found("a.test", u32::MAX >> 1), limits.positive),
            (found("a.test", 0), Duration::ZERO),
            (lookup("a.test", Outcome::NoDomain, Some(u32::MAX >> 1)), limits.negative),
            (lookup("a.test", Outcome::NoData, None), Duration::ZERO),
            (lookup("a.test", Outcome::Timeout, None), limits.failure),
        ];
        for (answer, kept) in rows {
            let (mut cache, now) = (Cache::new(limits), Instant::now());
            cache.put(&answer, now);
            assert!(cache.get(&answer.question, now + kept).is_none(), "{answer:?}");
            if !kept.is_zero() {
                assert!(cache.get(&answer.question, now + kept - seconds(1)).is_some(), "{answer:?}");
            }
        }
    }

    #[test]
    fn a_full_cache_drops_what_ends_soonest() {
        let (mut cache, now) = (Cache::new(Limits { cached: 100, ..Limits::default() }), Instant::now());
        for number in 0..1000 {
            cache.put(&found(&format!("n{number}.test"), 10 + number), now);
            assert!(cache.entries.len() <= 100);
        }
        assert!(cache.get(&found("n999.test", 0).question, now).is_some());
        assert!(cache.get(&found("n0.test", 0).question, now).is_none());
    }
}
