//! multipart/report (RFC 6522): a text for people, a part for programs, and what it is about.

use super::{field, quoted_printable};

/// What is returned of the message that a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned<'a> {
    /// Its header, as text/rfc822-headers.
    Header(&'a [u8]),
    /// All of it, as message/rfc822. Must be 7-bit with lines of 998 octets at most, because such a part has no encoding
    /// (RFC 2046 §5.2.1); what is not is returned as a header only.
    Message(&'a [u8]),
}

/// A report to be written. The result is 7-bit, apart from what header fields hold.
#[derive(Clone, Debug)]
pub struct MultipartReport<'a> {
    /// The header fields, name and value, without those of MIME.
    pub fields: &'a [(&'a str, String)],
    /// `delivery-status`, ...
    pub report_type: &'a str,
    /// The languages of the text, for Content-Language (RFC 3282).
    pub languages: &'a str,
    /// The text for people.
    pub text: &'a str,
    /// The media type of the part for programs, and its content: ASCII, lines of 998 octets at most.
    pub machine: (&'a str, &'a str),
    /// What is returned.
    pub returned: Returned<'a>,
    /// Something that no other message has, to make boundaries of: its Message-ID.
    pub unique: &'a str,
}

impl MultipartReport<'_> {
    /// Writes the message, with CRLF.
    pub fn build(&self) -> Vec<u8> {
        let text = quoted_printable(self.text.as_bytes());
        let (returned_type, returned) = match self.returned {
            Returned::Message(message) if is_seven_bit(message) => {
                ("message/rfc822", crate::served(message).into_owned())
            }
            Returned::Message(octets) | Returned::Header(octets) => {
                ("text/rfc822-headers", quoted_printable(header_of(octets)).into_bytes())
            }
        };
        let boundary = self.boundary(&returned);
        let mut out = Vec::with_capacity(text.len() + self.machine.1.len() + returned.len() + 2_048);
        let mut add = |text: &str| out.extend_from_slice(text.as_bytes());
        self.fields.iter().for_each(|(name, value)| add(&field(name, value)));
        add("MIME-Version: 1.0\r\n");
        add(&format!(
            "Content-Type: multipart/report; report-type={};\r\n boundary=\"{boundary}\"\r\n\r\n",
            self.report_type
        ));
        add(&format!("--{boundary}\r\nContent-Description: Notification\r\n"));
        add("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n");
        add(&format!("Content-Language: {}\r\n\r\n{text}\r\n", self.languages));
        let (machine_type, machine) = self.machine;
        add(&format!(
            "--{boundary}\r\nContent-Description: Report for programs\r\nContent-Type: {machine_type}\r\n\r\n"
        ));
        add(&format!("{machine}\r\n--{boundary}\r\nContent-Description: The message\r\n"));
        add(&format!("Content-Type: {returned_type}\r\n"));
        if returned_type == "text/rfc822-headers" {
            add("Content-Transfer-Encoding: quoted-printable\r\n");
        }
        add("\r\n");
        out.extend_from_slice(&returned);
        out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        out
    }

    /// A boundary that is not in what is returned. It cannot be in quoted-printable text, because of its `=_`.
    fn boundary(&self, returned: &[u8]) -> String {
        let unique: String = self.unique.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let mut count = 0_u32;
        loop {
            let boundary = format!("=_{unique}_{count}");
            if memchr::memmem::find(returned, boundary.as_bytes()).is_none() {
                return boundary;
            }
            count += 1;
        }
    }
}

fn is_seven_bit(message: &[u8]) -> bool {
    let is_line = |line: &[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.len() <= 998 && line.iter().all(|octet| matches!(octet, 1..=127))
    };
    message.split(|&octet| octet == b'\n').all(is_line)
}

/// The header block without the blank line behind it. Of a header that was cut off, the complete lines.
fn header_of(octets: &[u8]) -> &[u8] {
    let end = match (memchr::memmem::find(octets, b"\n\r\n"), memchr::memmem::find(octets, b"\n\n")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    match end.or_else(|| memchr::memrchr(b'\n', octets)) {
        Some(end) => &octets[..=end],
        None => octets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn build(returned: Returned<'_>) -> Vec<u8> {
        MultipartReport {
            fields: &[("Subject", "A report".to_owned())],
            report_type: "delivery-status",
            languages: "es, en",
            text: "coraz\u{f3}n\n",
            machine: ("message/delivery-status", "Reporting-MTA: dns; mail.lab.test\r\n"),
            returned,
            unique: "abc@lab.test",
        }
        .build()
    }

    #[test]
    fn a_report_has_three_parts() {
        let report = build(Returned::Message(b"Subject: x\n\nbody\n"));
        let parsed = MessageParser::new().parse(&report).unwrap();
        assert_eq!(parsed.body_text(0).unwrap(), "coraz\u{f3}n\r\n");
        let types: Vec<_> = parsed
            .parts()
            .filter_map(|part| part.content_type())
            .map(|ty| format!("{}/{}", ty.ctype(), ty.subtype().unwrap_or_default()))
            .collect();
        assert_eq!(types, ["multipart/report", "text/plain", "message/delivery-status", "message/rfc822"]);
    }

    #[test]
    fn a_message_that_cannot_be_returned_as_it_is_gives_its_header() {
        let long_line = [b"Subject: x\r\n\r\n".as_slice(), &[b'x'; 999]].concat();
        for message in ["Subject: x\r\n\r\ncaf\u{e9}\r\n".as_bytes(), b"Subject: x\r\n\r\n\0", &long_line] {
            let report = String::from_utf8(build(Returned::Message(message))).unwrap();
            assert!(report.contains("text/rfc822-headers") && report.is_ascii(), "{report}");
            assert!(report.contains("\r\n\r\nSubject: x\r\n\r\n--=_"), "{report}");
        }
    }

    #[test]
    fn a_message_that_guesses_the_boundary_does_not_end_the_report() {
        let message = b"Subject: x\r\n\r\n--=_abclabtest_0--\r\nContent-Type: text/html\r\n";
        let report = String::from_utf8(build(Returned::Message(message))).unwrap();
        assert!(report.contains("boundary=\"=_abclabtest_1\""), "{report}");
    }

    #[test]
    fn a_header_that_was_cut_off_ends_with_a_line() {
        assert_eq!(header_of(b"A: b\r\nC: d\r\nE: f"), b"A: b\r\nC: d\r\n");
        assert_eq!(header_of(b"A: b\n\nbody"), b"A: b\n");
        assert_eq!(header_of(b"A: b\r\n\r\nbody\n\n"), b"A: b\r\n");
        assert_eq!(header_of(b"A: b"), b"A: b");
    }
}
