//! What a server's EHLO reply offers.

use crate::reply::Reply;
use postigo_sasl::ClientMechanism;

/// The service extensions of a server (RFC 5321 §4.1.1.1). None, after HELO.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// PIPELINING (RFC 2920).
    pub pipelining: bool,
    /// SIZE (RFC 1870).
    pub size: bool,
    /// The largest message in octets, if SIZE gives a limit.
    pub size_limit: Option<u64>,
    /// STARTTLS (RFC 3207).
    pub start_tls: bool,
    /// The mechanisms of AUTH (RFC 4954) that we know, in the server's order.
    pub mechanisms: Vec<ClientMechanism>,
    /// Whether there is AUTH at all.
    pub auth: bool,
    /// 8BITMIME (RFC 6152).
    pub eight_bit_mime: bool,
    /// CHUNKING (RFC 3030).
    pub chunking: bool,
    /// BINARYMIME (RFC 3030).
    pub binary_mime: bool,
    /// SMTPUTF8 (RFC 6531).
    pub smtp_utf8: bool,
    /// DSN (RFC 3461). Without it, a report that the sender asked for on success is ours to write (§5.2.2).
    pub dsn: bool,
    /// ENHANCEDSTATUSCODES (RFC 2034). Enhanced codes are read either way.
    pub enhanced_status_codes: bool,
    /// REQUIRETLS (RFC 8689).
    pub require_tls: bool,
    /// LIMITS MAILMAX: transactions in a connection (RFC 9422 §4.1).
    pub mail_max: Option<u32>,
    /// LIMITS RCPTMAX: recipients in a transaction (RFC 9422 §4.2).
    pub rcpt_max: Option<usize>,
}

impl Capabilities {
    /// Reads the reply to EHLO. What is not understood is left out, as if it was not offered.
    pub(super) fn parse(reply: &Reply) -> Self {
        let mut capabilities = Self::default();
        // The first line is the server's name.
        for line in reply.text().split('\n').skip(1) {
            capabilities.add(line);
        }
        capabilities
    }

    fn add(&mut self, line: &str) {
        // Some old servers write `AUTH=LOGIN`, for clients that knew only the draft.
        let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
        let Some(keyword) = words.next() else { return };
        match keyword.to_ascii_uppercase().as_str() {
            "PIPELINING" => self.pipelining = true,
            "SIZE" => {
                self.size = true;
                // RFC 1870 §4: 0 means that there is no fixed limit.
                self.size_limit =
                    words.next().and_then(|word| word.parse().ok()).filter(|&octets| octets > 0);
            }
            "STARTTLS" => self.start_tls = true,
            "AUTH" => {
                self.auth = true;
                for mechanism in words.filter_map(|word| ClientMechanism::from_name(word.as_bytes())) {
                    if !self.mechanisms.contains(&mechanism) {
                        self.mechanisms.push(mechanism);
                    }
                }
            }
            "8BITMIME" => self.eight_bit_mime = true,
            "CHUNKING" => self.chunking = true,
            "BINARYMIME" => self.binary_mime = true,
            "SMTPUTF8" => self.smtp_utf8 = true,
            "DSN" => self.dsn = true,
            "ENHANCEDSTATUSCODES" => self.enhanced_status_codes = true,
            "REQUIRETLS" => self.require_tls = true,
            "LIMITS" => self.add_limits(line),
            _ => {}
        }
    }

    fn add_limits(&mut self, line: &str) {
        for (name, value) in line.split(' ').filter_map(|word| word.split_once('=')) {
            // A limit of none would make every delivery impossible: it is no limit.
            let number = value.parse::<u32>().ok().filter(|&number| number > 0);
            match name.to_ascii_uppercase().as_str() {
                "MAILMAX" => self.mail_max = number,
                "RCPTMAX" => self.rcpt_max = number.and_then(|number| usize::try_from(number).ok()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(lines: &str) -> Capabilities {
        Capabilities::parse(&Reply::received(250, None, format!("mx.test\n{lines}")))
    }

    #[test]
    fn keywords_are_read_in_any_case() {
        let all = parsed(
            "pipelining\nSize 1000\nStartTLS\nAUTH PLAIN X-OWN scram-sha-256\nAUTH=PLAIN\n8BITMIME\nCHUNKING\n\
             BINARYMIME\nSMTPUTF8\nDSN\nENHANCEDSTATUSCODES\nREQUIRETLS\nLIMITS RCPTMAX=20 x MAILMAX=5 Y=1\nX-NEW",
        );
        let expected = Capabilities {
            pipelining: true,
            size: true,
            size_limit: Some(1000),
            start_tls: true,
            mechanisms: vec![ClientMechanism::Plain, ClientMechanism::ScramSha256],
            auth: true,
            eight_bit_mime: true,
            chunking: true,
            binary_mime: true,
            smtp_utf8: true,
            dsn: true,
            enhanced_status_codes: true,
            require_tls: true,
            mail_max: Some(5),
            rcpt_max: Some(20),
        };
        assert_eq!(all, expected);
    }

    #[test]
    fn what_makes_no_sense_is_not_offered() {
        let odd = parsed("SIZE many\nLIMITS RCPTMAX=0 MAILMAX=-1\nAUTH\n\nPIPELININGX");
        assert_eq!(odd, Capabilities { size: true, auth: true, ..Capabilities::default() });
        assert_eq!(parsed("SIZE 0").size_limit, None);
        assert_eq!(parsed("SIZE 99999999999999999999999").size_limit, None);
    }

    /// The server's name is no extension, whatever it is called.
    #[test]
    fn the_first_line_offers_nothing() {
        assert_eq!(
            Capabilities::parse(&Reply::received(250, None, "PIPELINING".into())),
            Capabilities::default()
        );
    }
}
