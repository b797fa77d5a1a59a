//! Sending later (FUTURERELEASE, RFC 4865): what the server offers, and what it is asked for.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use postigo_api::{Code, Error};

use crate::failure::bad_request;

/// A time at which a message is to be sent, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SendAt(Timestamp);

impl SendAt {
    /// Reads a time as RFC 3339 has it. A part of a second counts as a whole one: not before, and servers know no parts.
    ///
    /// # Errors
    /// `request.bad` for what is not a time.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
        let time = text.parse::<Timestamp>().and_then(|time| time.round(whole));
        time.map(Self).map_err(|_| bad_request("sendAt is not a time of RFC 3339"))
    }

    /// # Errors
    /// `mail.later_past` when that time has come.
    pub fn check(self, now: Timestamp) -> Result<(), Error> {
        if self.0 > now {
            return Ok(());
        }
        Err(Error::new(Code::MailLaterPast, format!("{self} has passed")).with("time", self))
    }

    /// The value of HOLDUNTIL (RFC 4865 §4): the server holds the message until then. HOLDFOR would count from when it
    /// comes, and a large message takes its time.
    ///
    /// # Errors
    /// `mail.later_unsupported` where `offered` is none, and `mail.later_too_far`.
    pub fn hold_until(
        self,
        offered: Option<FutureRelease>,
        host: &str,
        now: Timestamp,
    ) -> Result<String, Error> {
        let Some(offered) = offered else {
            let text = format!("{host} cannot send messages later: it does not offer FUTURERELEASE");
            return Err(Error::new(Code::MailLaterUnsupported, text).with("host", host));
        };
        match offered.latest(now).filter(|latest| self.0 > *latest) {
            None => Ok(self.to_string()),
            Some(latest) => {
                let text = format!("{host} holds messages until {latest} at most");
                Err(Error::new(Code::MailLaterTooFar, text).with("host", host).with("latest", latest))
            }
        }
    }
}

impl std::fmt::Display for SendAt {
    /// In UTC, as HOLDUNTIL wants it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a server that offers it says of its limits. One that leaves some out, or writes them as nobody can read, judges
/// by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FutureRelease {
    longest_seconds: Option<u32>,
    latest: Option<Timestamp>,
}

impl FutureRelease {
    /// Finds it in the lines of a reply to EHLO: `FUTURERELEASE 7776000 2027-02-22T21:00:00Z` (RFC 4865 §3).
    pub fn offered<'l>(mut lines: impl Iterator<Item = &'l str>) -> Option<Self> {
        lines.find_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let is_it = words.next()?.eq_ignore_ascii_case("FUTURERELEASE");
            let mut word = || words.next();
            is_it.then(|| Self {
                longest_seconds: word().and_then(|seconds| seconds.parse().ok()),
                latest: word().and_then(|time| time.parse().ok()),
            })
        })
    }

    /// The last time it accepts, as far as it says.
    fn latest(self, now: Timestamp) -> Option<Timestamp> {
        let longest = self.longest_seconds.map(|seconds| std::time::Duration::from_secs(seconds.into()));
        let by_interval = longest.and_then(|longest| now.checked_add(longest).ok());
        by_interval.into_iter().chain(self.latest).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn asked(send_at: &str, ehlo: &[&str]) -> Result<String, Code> {
        let offered = FutureRelease::offered(ehlo.iter().copied());
        let send_at = SendAt::parse(send_at).expect("a time");
        let asked = send_at.hold_until(offered, "mail.lab.test", at("2026-11-24T12:00:00Z"));
        asked.map_err(|error| error.code)
    }

    #[test]
    fn the_time_goes_as_utc_in_whole_seconds() {
        let ehlo = ["mail.lab.test", "PIPELINING", "futurerelease 7200 2026-11-24T14:00:00Z"];
        assert_eq!(asked("2026-11-24T14:00:00+01:00", &ehlo), Ok("2026-11-24T13:00:00Z".into()));
        assert_eq!(asked("2026-11-24T12:59:59.2Z", &ehlo), Ok("2026-11-24T13:00:00Z".into()));
        assert_eq!(asked("2026-11-24T14:00:00Z", &ehlo), Ok("2026-11-24T14:00:00Z".into()));
    }

    #[test]
    fn a_server_that_cannot_is_not_asked() {
        for ehlo in [&["mail.lab.test"][..], &["mail.lab.test", "FUTURERELEASES 1 2", "8BITMIME"], &[]] {
            assert_eq!(asked("2026-11-24T13:00:00Z", ehlo), Err(Code::MailLaterUnsupported), "{ehlo:?}");
        }
    }

    #[test]
    fn the_nearer_of_its_limits_counts() {
        for limits in [
            "FUTURERELEASE 3600 2027-01-01T00:00:00Z",
            "FUTURERELEASE 99999 2026-11-24T13:00:00Z",
            "FUTURERELEASE 3600",
            "FUTURERELEASE 3600 someday",
            "FUTURERELEASE ever 2026-11-24T13:00:00Z",
        ] {
            assert!(asked("2026-11-24T13:00:00Z", &[limits]).is_ok(), "{limits}");
            assert_eq!(asked("2026-11-24T13:00:01Z", &[limits]), Err(Code::MailLaterTooFar), "{limits}");
        }
        assert!(asked("2099-01-01T00:00:00Z", &["FUTURERELEASE"]).is_ok(), "it judges by itself");
    }

    #[test]
    fn what_has_passed_is_told() {
        let send_at = SendAt::parse("2026-11-24T12:00:00Z").expect("a time");
        assert!(send_at.check(at("2026-11-24T11:59:59Z")).is_ok());
        let error = send_at.check(at("2026-11-24T12:00:00Z")).expect_err("passed");
        assert_eq!(
            (error.code, error.params["time"].as_str()),
            (Code::MailLaterPast, "2026-11-24T12:00:00Z")
        );
        for no_time in ["", "tomorrow", "2026-11-24", "2026-11-24T12:00:00", "2026-13-24T12:00:00Z"] {
            assert_eq!(SendAt::parse(no_time).expect_err(no_time).code, Code::BadRequest);
        }
    }
}
