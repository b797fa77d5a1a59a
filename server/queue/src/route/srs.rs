//! Sender rewriting: forwarded mail leaves under our domain, so that SPF holds, and its bounces find the way back.
//!
//! `ana@a.test`, forwarded by b.test, becomes `SRS0=hash=day=a.test=ana@b.test`; c.test, which forwards that on, makes
//! `SRS1=hash=b.test==hash=day=a.test=ana@c.test` of it, so that the address does not grow with each forwarder.

use super::{compose, domain_key};
use aws_lc_rs::{constant_time, hmac};
use jiff::Timestamp;
use postigo_smtp::Address;
use std::fmt;
use thiserror::Error;

/// Days that a rewritten address is good for: bounces come within the 5 days that queues keep mail, most within hours.
pub const MAX_AGE_DAYS: i64 = 21;

/// The day is written in two characters of base32.
const DAYS_IN_CIRCLE: i64 = 1 << 10;

/// Characters of the hash: 30 bits. What is to be gained by guessing it is one message to one address.
const HASH_CHARS: u32 = 6;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Rewrites reverse-paths, and reverts it.
#[derive(Clone)]
pub struct Srs {
    domain: String,
    keys: Vec<hmac::Key>,
}

/// Why an address is not reverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SrsFault {
    /// It does not have the form.
    #[error("it is not complete")]
    Syntax,
    /// We did not make it.
    #[error("it was not made here")]
    Forged,
    /// It was made too long ago.
    #[error("it has expired")]
    Expired,
}

impl Srs {
    /// `domain` is one of ours, in whose name addresses are made. The first secret signs; all of them are good for
    /// reverting, so that a secret can be changed.
    pub fn new(domain: &str, secrets: &[Vec<u8>]) -> Self {
        let key = |secret: &Vec<u8>| hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self { domain: domain.to_owned(), keys: secrets.iter().map(key).collect() }
    }

    /// The address under which a message from `sender` is sent on. None if it would be longer than a local part may be
    /// (RFC 5321 §4.5.3.1.1), or without a secret.
    pub fn rewrite(&self, sender: &Address, now: Timestamp) -> Option<Address> {
        let key = self.keys.first()?;
        let local_part = sender.local_part();
        let (host, rest) = match parse(local_part) {
            Some((Kind::Srs0, _)) => (domain_key_of(sender)?, local_part.get(4..)?),
            Some((Kind::Srs1, rest)) => {
                let (_hash, rest) = rest.split_once('=')?;
                let (host, rest) = rest.split_once('=')?;
                (host.to_owned(), rest)
            }
            None => {
                let signed = format!("{}={}={local_part}", day(now), domain_key_of(sender)?);
                return compose(&format!("SRS0={}={signed}", hash(key, &signed)), &self.domain);
            }
        };
        let signed = format!("{host}={rest}");
        compose(&format!("SRS1={}={signed}", hash(key, &signed)), &self.domain)
    }

    /// Whether a local part claims to have been made by somebody's [`Self::rewrite`].
    pub fn is_rewritten(local_part: &str) -> bool {
        parse(local_part).is_some()
    }

    /// The address that a local part of ours was made from. Compared without case, because some servers change it.
    pub fn restore(&self, local_part: &str, now: Timestamp) -> Result<Address, SrsFault> {
        let (kind, rest) = parse(local_part).ok_or(SrsFault::Syntax)?;
        let (given, signed) = rest.split_once('=').ok_or(SrsFault::Syntax)?;
        let is_good = |key| {
            let (ours, given) = (hash(key, signed), given.to_ascii_uppercase());
            constant_time::verify_slices_are_equal(ours.as_bytes(), given.as_bytes()).is_ok()
        };
        if !self.keys.iter().any(is_good) {
            return Err(SrsFault::Forged);
        }
        let (first, rest) = signed.split_once('=').ok_or(SrsFault::Syntax)?;
        let restored = match kind {
            Kind::Srs1 => compose(&format!("SRS0{rest}"), first),
            Kind::Srs0 => {
                if age_in_days(first, now).is_none_or(|age| age > MAX_AGE_DAYS) {
                    return Err(SrsFault::Expired);
                }
                let (host, local_part) = rest.split_once('=').ok_or(SrsFault::Syntax)?;
                compose(local_part, host)
            }
        };
        restored.ok_or(SrsFault::Syntax)
    }
}

/// Without the secrets.
impl fmt::Debug for Srs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Srs").field("domain", &self.domain).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Srs0,
    Srs1,
}

/// The kind, and what follows its separator.
fn parse(local_part: &str) -> Option<(Kind, &str)> {
    let kind = match local_part.get(..4)? {
        tag if tag.eq_ignore_ascii_case("SRS0") => Kind::Srs0,
        tag if tag.eq_ignore_ascii_case("SRS1") => Kind::Srs1,
        _ => return None,
    };
    Some((kind, local_part[4..].strip_prefix(['=', '+', '-'])?))
}

fn domain_key_of(address: &Address) -> Option<String> {
    address.domain().name().and_then(domain_key)
}

fn hash(key: &hmac::Key, signed: &str) -> String {
    let tag = hmac::sign(key, signed.to_lowercase().as_bytes());
    let first = tag.as_ref().iter().take(4).fold(0, |bits, &octet| bits << 8 | u32::from(octet));
    base32(first, HASH_CHARS)
}

fn day(now: Timestamp) -> String {
    let day = now.as_second().div_euclid(86_400).rem_euclid(DAYS_IN_CIRCLE);
    base32(u32::try_from(day).unwrap_or_default(), 2)
}

fn age_in_days(written: &str, now: Timestamp) -> Option<i64> {
    let value = |c: u8| BASE32.iter().position(|&letter| letter == c.to_ascii_uppercase());
    let [high, low] = written.as_bytes() else { return None };
    let made = i64::try_from(value(*high)? * 32 + value(*low)?).ok()?;
    Some((now.as_second().div_euclid(86_400) - made).rem_euclid(DAYS_IN_CIRCLE))
}

/// The lowest `5 * chars` bits.
fn base32(bits: u32, chars: u32) -> String {
    let letter = |at: u32| char::from(BASE32[(bits >> (5 * at) & 31) as usize]);
    (0..chars).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn address(text: &str) -> Address {
        Address::parse(text.as_bytes()).unwrap()
    }

    fn srs(domain: &str, secret: &str) -> Srs {
        Srs::new(domain, &[secret.as_bytes().to_vec()])
    }

    fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_rewritten_sender_is_restored() {
        let b = srs("b.test", "secret");
        for sender in ["ana@a.test", "ana=x=y@a.test", "\"ana maria\"@a.test", "Ana@A.test"] {
            let rewritten = b.rewrite(&address(sender), noon()).unwrap();
            assert!(rewritten.to_string().ends_with("@b.test"), "{rewritten}");
            assert!(Srs::is_rewritten(rewritten.local_part()));
            let restored = b.restore(rewritten.local_part(), noon()).unwrap();
            assert!(restored.to_string().eq_ignore_ascii_case(sender), "{restored}");
        }
        let shown = b.rewrite(&address("ana@a.test"), noon()).unwrap().to_string();
        let parts: Vec<_> = shown.split('=').collect();
        assert_eq!((parts[0], parts[1].len(), parts[2].len()), ("SRS0", 6, 2), "{shown}");
        assert_eq!(parts[3..], ["a.test", "ana@b.test"]);
    }

    #[test]
    fn a_second_and_third_forwarder_do_not_make_it_longer() {
        let (b, c, d) = (srs("b.test", "1"), srs("c.test", "2"), srs("d.test", "3"));
        let at_b = b.rewrite(&address("ana@a.test"), noon()).unwrap();
        let at_c = c.rewrite(&at_b, noon()).unwrap();
        let at_d = d.rewrite(&at_c, noon()).unwrap();
        assert!(at_c.to_string().starts_with("SRS1="), "{at_c}");
        assert_eq!(at_c.local_part().len(), at_d.local_part().len());
        // d.test and c.test both send the bounce to b.test, which knows the sender.
        assert_eq!(d.restore(at_d.local_part(), noon()), Ok(at_b.clone()));
        assert_eq!(c.restore(at_c.local_part(), noon()), Ok(at_b.clone()));
        assert_eq!(b.restore(at_b.local_part(), noon()), Ok(address("ana@a.test")));
    }

    #[test]
    fn what_we_did_not_make_or_made_long_ago_is_not_restored() {
        let b = srs("b.test", "secret");
        let made = b.rewrite(&address("ana@a.test"), noon()).unwrap();
        let made = made.local_part();
        assert_eq!(
            b.restore(&made.to_lowercase(), noon()),
            Ok(address("ana@a.test")),
            "another case is no forgery"
        );
        assert_eq!(b.restore(&made.replace("ana", "eva"), noon()), Err(SrsFault::Forged));
        assert_eq!(srs("b.test", "other").restore(made, noon()), Err(SrsFault::Forged));
        for text in ["SRS0=", "SRS0=x", "SRS0", "ana", "SRS2=a=b=c=d"] {
            assert!(b.restore(text, noon()).is_err(), "{text}");
        }
        let days = |days: u64| noon() + Duration::from_secs(days * 86_400);
        assert!(b.restore(made, days(21)).is_ok());
        assert_eq!(b.restore(made, days(22)), Err(SrsFault::Expired));
        assert_eq!(b.restore(made, days(1000)), Err(SrsFault::Expired));
    }

    #[test]
    fn a_new_secret_leaves_old_addresses_good() {
        let made = srs("b.test", "old").rewrite(&address("ana@a.test"), noon()).unwrap();
        let both = Srs::new("b.test", &[b"new".to_vec(), b"old".to_vec()]);
        assert!(both.restore(made.local_part(), noon()).is_ok());
        assert!(!format!("{both:?}").contains("new"));
    }

    #[test]
    fn a_sender_that_would_be_too_long_is_not_rewritten() {
        let long = address(&format!("{}@a.test", "x".repeat(60)));
        assert_eq!(srs("b.test", "secret").rewrite(&long, noon()), None);
        assert_eq!(Srs::new("b.test", &[]).rewrite(&address("ana@a.test"), noon()), None);
    }
}
