//! Replies (RFC 5321 §4.2) and, in `table` and `restriction`, every reply that is sent.

mod restriction;
mod table;

pub use restriction::Judged;

use std::borrow::Cow;
use std::fmt;

/// `class.subject.detail` (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedCode(pub u8, pub u16, pub u16);

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A reply. One to be sent is made by the constants and functions of the table only, so that its text is printable ASCII
/// and its lines keep to 512 octets (RFC 5321 §4.5.3.1.5). One that a server sent to us is made by the client session's
/// reply reader, which leaves no control character in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    enhanced: Option<EnhancedCode>,
    /// Lines are separated by LF.
    text: Cow<'static, str>,
}

/// The longest text of one line: 512 less the codes and CRLF.
const TEXT_OCTETS: usize = 490;

impl Reply {
    const fn fixed(code: u16, enhanced: EnhancedCode, text: &'static str) -> Self {
        Self { code, enhanced: Some(enhanced), text: Cow::Borrowed(text) }
    }

    const fn bare(code: u16, text: &'static str) -> Self {
        Self { code, enhanced: None, text: Cow::Borrowed(text) }
    }

    /// A text with something in it that the peer or the configuration gave.
    fn composed(code: u16, enhanced: Option<EnhancedCode>, text: &str) -> Self {
        let printable =
            |octet: u8| if matches!(octet, b' '..=b'~' | b'\n') { char::from(octet) } else { '?' };
        let lines =
            text.split('\n').map(|line| line.bytes().take(TEXT_OCTETS).map(printable).collect::<String>());
        Self { code, enhanced, text: Cow::Owned(lines.collect::<Vec<_>>().join("\n")) }
    }

    /// A reply that was read from a peer; its text has been made harmless.
    pub(crate) fn received(code: u16, enhanced: Option<EnhancedCode>, text: String) -> Self {
        Self { code, enhanced, text: Cow::Owned(text) }
    }

    /// Whether it is one of success (2yz).
    pub fn is_success(&self) -> bool {
        self.code / 100 == 2
    }

    /// The three digits.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The enhanced code, which the greeting, HELO, EHLO, 354 and 334 do not have (RFC 2034 §4).
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }

    /// The text without codes; several lines are separated by LF.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it refuses for now (4yz).
    pub fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }

    /// Whether it refuses for good (5yz).
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// Whether the server closes the connection after it (RFC 5321 §3.8).
    pub fn closes(&self) -> bool {
        self.code == 421
    }

    /// Appends the reply as it goes over the wire.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let mut lines = self.text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let separator = if lines.peek().is_some() { b'-' } else { b' ' };
            out.extend_from_slice(&digits(self.code));
            out.push(separator);
            if let Some(enhanced) = self.enhanced {
                out.extend_from_slice(enhanced.to_string().as_bytes());
                out.push(b' ');
            }
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// As Postfix logs it: `550 5.1.1 text`, lines joined by spaces.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, "{enhanced} ")?;
        }
        let mut lines = self.text.split('\n');
        f.write_str(lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| write!(f, " {line}"))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a decimal digit fits in an octet")]
fn digits(code: u16) -> [u8; 3] {
    [code / 100 % 10, code / 10 % 10, code % 10].map(|digit| b'0' + digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_several_lines_repeats_its_code() {
        let mut out = Vec::new();
        Reply::composed(250, Some(EnhancedCode(2, 0, 0)), "one\ntwo").write_to(&mut out);
        assert_eq!(out, b"250-2.0.0 one\r\n250 2.0.0 two\r\n");
    }

    #[test]
    fn nothing_from_the_peer_breaks_a_reply() {
        let reply = Reply::composed(550, Some(EnhancedCode(5, 1, 1)), "<a\r\u{0}\u{e9}>: no");
        assert_eq!(reply.to_string(), "550 5.1.1 <a????>: no");
        let mut out = Vec::new();
        Reply::composed(550, None, &"x".repeat(2000)).write_to(&mut out);
        assert!(out.len() <= 512, "{}", out.len());
    }
}
