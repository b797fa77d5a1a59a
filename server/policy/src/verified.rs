//! What next hops said of recipients, kept as long as Postfix keeps it (`address_verify_map`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::answers::Verification;

/// `address_verify_positive_expire_time`, `address_verify_positive_refresh_time`.
const YES: (Duration, Duration) = (Duration::from_secs(31 * 24 * 3_600), Duration::from_secs(7 * 24 * 3_600));

/// `address_verify_negative_expire_time`, `address_verify_negative_refresh_time`.
const NO: (Duration, Duration) = (Duration::from_secs(3 * 24 * 3_600), Duration::from_secs(3 * 3_600));

/// How long a next hop that could not be asked about a recipient is left in peace about it.
const FAILED: Duration = Duration::from_secs(60);

/// Recipients that are remembered; then the one asked longest ago is forgotten.
const MAX: usize = 10_000;

/// What was said, and when.
#[derive(Debug)]
struct Kept {
    verification: Verification,
    asked: Instant,
}

/// What is known of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing, or nothing that still counts: ask.
    Nothing,
    /// This.
    Fresh(Verification),
    /// This, and it is time to ask again, while it still counts.
    Stale(Verification),
}

/// What is remembered of recipients, by next hop and address.
#[derive(Debug, Default)]
pub struct Verified(BTreeMap<(String, String), Kept>);

impl Verified {
    /// What is known at `now`.
    pub fn get(&self, next_hop: &str, recipient: &str, now: Instant) -> Known {
        let Some(kept) = self.0.get(&key(next_hop, recipient)) else { return Known::Nothing };
        let age = now.saturating_duration_since(kept.asked);
        let (expires, refreshed) = match kept.verification {
            Verification::Deliverable => YES,
            Verification::Undeliverable(_) => NO,
            Verification::Unknown(_) => (FAILED, FAILED),
        };
        match kept.verification.clone() {
            _ if age >= expires => Known::Nothing,
            known if age >= refreshed => Known::Stale(known),
            known => Known::Fresh(known),
        }
    }

    /// Remembers what the next hop said at `now`. That it could not be asked replaces nothing that was known better.
    pub fn put(&mut self, next_hop: &str, recipient: &str, verification: Verification, now: Instant) {
        let is_failure = matches!(verification, Verification::Unknown(_));
        if is_failure && matches!(self.get(next_hop, recipient, now), Known::Stale(_)) {
            return;
        }
        let key = key(next_hop, recipient);
        if self.0.len() >= MAX && !self.0.contains_key(&key) {
            let oldest = self.0.iter().min_by_key(|(_, kept)| kept.asked).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| self.0.remove(&oldest));
        }
        self.0.insert(key, Kept { verification, asked: now });
    }

    /// Recipients remembered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn key(next_hop: &str, recipient: &str) -> (String, String) {
    (next_hop.to_owned(), recipient.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const DAY: Duration = Duration::from_secs(24 * 3_600);
    const HOP: &str = "[127.0.0.1]:25";

    fn no() -> Verification {
        Verification::Undeliverable("550 no".into())
    }

    #[test]
    fn what_is_known_counts_as_long_as_postfix_has_it() {
        let (mut verified, now) = (Verified::default(), Instant::now());
        assert_eq!(verified.get(HOP, "ana@b.test", now), Known::Nothing);
        verified.put(HOP, "Ana@b.test", Verification::Deliverable, now);
        verified.put(HOP, "eva@b.test", no(), now);
        verified.put(HOP, "luis@b.test", Verification::Unknown("away".into()), now);
        for (who, after, known) in [
            ("ana", 6 * DAY, Known::Fresh(Verification::Deliverable)),
            ("ana", 8 * DAY, Known::Stale(Verification::Deliverable)),
            ("ana", 31 * DAY, Known::Nothing),
            ("eva", 2 * HOUR, Known::Fresh(no())),
            ("eva", 4 * HOUR, Known::Stale(no())),
            ("eva", 3 * DAY, Known::Nothing),
            ("luis", HOUR / 120, Known::Fresh(Verification::Unknown("away".into()))),
            ("luis", HOUR / 30, Known::Nothing),
        ] {
            assert_eq!(verified.get(HOP, &format!("{who}@b.test"), now + after), known, "{who} {after:?}");
        }
        assert_eq!(verified.get("[127.0.0.1]:26", "ana@b.test", now), Known::Nothing, "another next hop");
    }

    #[test]
    fn a_failure_to_ask_again_takes_nothing_away() {
        let (mut verified, now) = (Verified::default(), Instant::now());
        verified.put(HOP, "ana@b.test", Verification::Deliverable, now);
        let later = now + 8 * DAY;
        verified.put(HOP, "ana@b.test", Verification::Unknown("away".into()), later);
        assert_eq!(verified.get(HOP, "ana@b.test", later), Known::Stale(Verification::Deliverable));
    }

    #[test]
    fn no_more_is_remembered_than_the_limit() {
        let (mut verified, now) = (Verified::default(), Instant::now());
        for n in 0..MAX + 5 {
            verified.put(HOP, &format!("u{n}@b.test"), no(), now + Duration::from_millis(n as u64));
        }
        assert_eq!(verified.len(), MAX);
        assert_eq!(verified.get(HOP, "u4@b.test", now + HOUR), Known::Nothing);
    }
}
