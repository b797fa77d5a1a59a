//! A transcript in one buffer: small while the session lasts, ready to be stored when it ends.
//!
//! Each line is a kind, the microseconds since the session began, and text, as
//! `kind (1 octet) | after (8, little endian) | length (2) | text`.

use postigo_api::{Said, SessionTls, TranscriptLine};

use crate::limits::LINE_OCTETS;

/// What was said in one session, up to a limit.
#[derive(Debug, Default, Clone)]
pub(crate) struct Transcript {
    octets: Vec<u8>,
    truncated: bool,
}

impl Transcript {
    /// Adds a line unless the limit is reached; then only the fact that there was more.
    pub fn push(&mut self, after: i64, kind: Kind, text: &[u8], limit: usize) {
        let text = &text[..text.len().min(LINE_OCTETS)];
        if self.octets.len() + text.len() + 11 > limit {
            self.truncated = true;
            return;
        }
        self.octets.push(kind as u8);
        self.octets.extend_from_slice(&after.to_le_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "cut to LINE_OCTETS above")]
        self.octets.extend_from_slice(&(text.len() as u16).to_le_bytes());
        self.octets.extend_from_slice(text);
    }

    /// The stored form.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Whether more was said than is kept.
    pub fn truncated(&self) -> bool {
        self.truncated
    }
}

/// What a line is. The numbers are in the file: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Client = 1,
    Server = 2,
    ClientContent = 3,
    ServerContent = 4,
    Tls = 5,
    TlsFailed = 6,
    Closed = 7,
    Found = 8,
}

/// Reads a stored transcript. Stops at what it does not understand.
pub(crate) fn read(mut octets: &[u8]) -> Vec<TranscriptLine> {
    let mut lines = Vec::new();
    while let Some((line, rest)) = read_one(octets) {
        lines.push(line);
        octets = rest;
    }
    lines
}

fn read_one(octets: &[u8]) -> Option<(TranscriptLine, &[u8])> {
    let (&kind, rest) = octets.split_first()?;
    let (after, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let text = String::from_utf8_lossy(text).into_owned();
    let said = match kind {
        1 => Said::Client { text },
        2 => Said::Server { text },
        3 => Said::Content { from_client: true, octets: text.parse().ok()? },
        4 => Said::Content { from_client: false, octets: text.parse().ok()? },
        5 => Said::Tls(serde_json::from_str::<SessionTls>(&text).ok()?),
        6 => Said::TlsFailed { reason: text },
        7 => Said::Closed { by: text },
        8 => {
            let (setting, text) = text.split_once('\n')?;
            let setting = Some(setting.to_owned()).filter(|setting| !setting.is_empty());
            Said::Found { setting, text: text.to_owned() }
        }
        _ => return None,
    };
    Some((TranscriptLine { after: i64::from_le_bytes(*after), said }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_read_back_in_order() {
        let mut transcript = Transcript::default();
        transcript.push(10, Kind::Server, b"220 mail.lab.test ESMTP Postigo", 1000);
        transcript.push(20, Kind::Client, b"EHLO \xff", 1000);
        transcript.push(30, Kind::ClientContent, b"612", 1000);
        let lines = read(transcript.octets());
        assert_eq!(lines[0].said, Said::Server { text: "220 mail.lab.test ESMTP Postigo".into() });
        assert_eq!(
            lines[1],
            TranscriptLine { after: 20, said: Said::Client { text: "EHLO \u{fffd}".into() } }
        );
        transcript.push(40, Kind::Found, b"smtpd_client_restrictions\nreject refuses", 1000);
        transcript.push(50, Kind::Found, b"\nDNS a.test MX: no such name", 1000);
        let lines = read(transcript.octets());
        let setting = Some("smtpd_client_restrictions".into());
        assert_eq!(lines[3].said, Said::Found { setting, text: "reject refuses".into() });
        let text = "DNS a.test MX: no such name".into();
        assert_eq!(lines[4].said, Said::Found { setting: None, text });
        assert_eq!(lines[2].said, Said::Content { from_client: true, octets: 612 });
    }

    #[test]
    fn a_talkative_session_costs_no_more_than_the_limit() {
        let mut transcript = Transcript::default();
        for _ in 0..100 {
            transcript.push(0, Kind::Client, &[b'x'; 5000], 10_000);
        }
        assert!(transcript.octets().len() <= 10_000 && transcript.truncated());
        assert!(read(&transcript.octets()[..100]).is_empty(), "a torn line is no line");
    }
}
