//! Queue ids in the long format of Postfix (`enable_long_queue_ids`): time first, so that they sort by it.

use std::sync::atomic::{AtomicI64, Ordering};

use postigo_api::Micros;

/// Digits, consonants and upper case without vowels, as Postfix uses them: no id spells a word.
const DIGITS: &[u8; 52] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/// Hands out ids that are never the same within one engine.
#[derive(Debug, Default)]
pub struct QueueIds {
    last: AtomicI64,
}

impl QueueIds {
    /// The id for a message that arrives at `now`. Two in the same microsecond get neighbouring ones.
    pub fn next(&self, now: Micros) -> String {
        let step = |last: i64| Some(now.max(last + 1));
        // The closure never answers None, so both arms hold the value before the step.
        let last = match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(last) | Err(last) => last,
        };
        encode(now.max(last + 1))
    }
}

fn encode(micros: Micros) -> String {
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let mut id = digits(seconds.unsigned_abs(), 6);
    // 52^4 is more than a million: four digits hold every microsecond.
    id.push_str(&digits(fraction.unsigned_abs(), 4));
    id
}

fn digits(mut value: u64, at_least: usize) -> String {
    let base = DIGITS.len() as u64;
    let mut out = Vec::with_capacity(at_least);
    while value > 0 || out.len() < at_least {
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below 52")]
        out.push(DIGITS[(value % base) as usize]);
        value /= base;
    }
    out.iter().rev().map(|&b| char::from(b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_never_repeat() {
        let ids = QueueIds::default();
        let given: Vec<String> =
            [5, 5, 5, 1_000_000, 999_999, 1_800_000_000_000_000].map(|t| ids.next(t)).to_vec();
        let mut sorted = given.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(given, sorted);
        assert!(given.iter().all(|id| id.len() == 10), "{given:?}");
    }
}
