//! Reply lines to replies (RFC 5321 §4.2), within limits.

use super::limits::{REPLY_LINES, REPLY_TEXT_OCTETS};
use crate::frame::Line;
use crate::reply::{EnhancedCode, Reply};
use thiserror::Error;

/// What makes a server's words no reply, or one that has no place here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplyFault {
    /// No three digits, or no space or hyphen after them.
    #[error("a line that is no SMTP reply")]
    NotAReply,
    /// A line beyond its limit.
    #[error("a reply line that is too long")]
    LineTooLong,
    /// A line that ends in a bare LF or holds a bare CR.
    #[error("a reply line with a bare CR or LF")]
    BareNewline,
    /// A reply with too many lines.
    #[error("a reply with too many lines")]
    TooManyLines,
    /// The lines of one reply have different codes (RFC 5321 §4.2.1).
    #[error("a reply whose lines have different codes")]
    CodesDiffer,
    /// A code that does not answer what was asked.
    #[error("a reply code that does not fit the command")]
    Unexpected(u16),
    /// A reply when none was due.
    #[error("a reply that nothing was asked for")]
    Unasked,
    /// Octets after the reply to STARTTLS, before the handshake (RFC 3207 §6): someone wants them to be taken for the
    /// server's words under TLS.
    #[error("text in clear after the reply to STARTTLS")]
    InjectedBeforeTls,
}

/// Puts the lines of a reply together.
#[derive(Debug, Default)]
pub(super) struct ReplyReader {
    /// The lines so far.
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    code: u16,
    enhanced: Option<EnhancedCode>,
    text: String,
    lines: usize,
}

impl ReplyReader {
    /// Takes a line; gives the reply once it is complete.
    pub(super) fn line(&mut self, line: Line<'_>) -> Result<Option<Reply>, ReplyFault> {
        let line = match line {
            Line::Complete(line) => line,
            Line::TooLong => return Err(ReplyFault::LineTooLong),
            Line::BareNewline => return Err(ReplyFault::BareNewline),
        };
        let (code, more, text) = split_line(line).ok_or(ReplyFault::NotAReply)?;
        let (enhanced, text) = split_enhanced(code, text);
        let begun = self.begun.get_or_insert(Begun { code, enhanced, text: String::new(), lines: 0 });
        if begun.code != code {
            return Err(ReplyFault::CodesDiffer);
        }
        if begun.lines >= REPLY_LINES {
            return Err(ReplyFault::TooManyLines);
        }
        if begun.lines > 0 && begun.text.len() < REPLY_TEXT_OCTETS {
            begun.text.push('\n');
        }
        begun.lines += 1;
        push_harmless(&mut begun.text, text);
        if more {
            return Ok(None);
        }
        Ok(self.begun.take().map(|Begun { code, enhanced, text, .. }| Reply::received(code, enhanced, text)))
    }
}

/// `Reply-line = Reply-code ( "-" / SP ) [ textstring ]`; a code alone is common enough.
fn split_line(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let ([a @ b'2'..=b'5', b @ b'0'..=b'5', c @ b'0'..=b'9'], rest) = line.split_first_chunk()? else {
        return None;
    };
    let digit = |octet: &u8| u16::from(octet - b'0');
    let code = digit(a) * 100 + digit(b) * 10 + digit(c);
    match rest {
        [] => Some((code, false, rest)),
        [b' ', text @ ..] => Some((code, false, text)),
        [b'-', text @ ..] => Some((code, true, text)),
        _ => None,
    }
}

/// Takes the enhanced code off a text, if it is one and of the same class (RFC 2034 §4).
fn split_enhanced(code: u16, text: &[u8]) -> (Option<EnhancedCode>, &[u8]) {
    let end = memchr::memchr(b' ', text).unwrap_or(text.len());
    let parsed = || {
        let word = std::str::from_utf8(&text[..end]).ok()?;
        let mut numbers = word.splitn(3, '.').map(|number| {
            let is_number =
                (1..=3).contains(&number.len()) && number.bytes().all(|octet| octet.is_ascii_digit());
            is_number.then(|| number.parse::<u16>().ok())?
        });
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let fits = matches!(class, 2 | 4 | 5) && class == code / 100;
        fits.then(|| Some(EnhancedCode(u8::try_from(class).ok()?, subject, detail)))?
    };
    match parsed() {
        Some(enhanced) => (Some(enhanced), text[end..].trim_ascii_start()),
        None => (None, text),
    }
}

/// Appends what may be shown to a person and written to a log: no control characters, and none that turns the direction
/// of the text around it.
fn push_harmless(text: &mut String, octets: &[u8]) {
    for character in String::from_utf8_lossy(octets).chars() {
        if text.len() + character.len_utf8() > REPLY_TEXT_OCTETS {
            return;
        }
        let turns =
            matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let is_shown = !character.is_control() && !turns && character != char::REPLACEMENT_CHARACTER;
        text.push(if is_shown { character } else { '?' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Option<Reply>, ReplyFault> {
        let mut reader = ReplyReader::default();
        let (last, first) = lines.split_last().unwrap();
        for line in first {
            assert_eq!(reader.line(Line::Complete(line.as_bytes()))?, None, "{line}");
        }
        reader.line(Line::Complete(last.as_bytes()))
    }

    fn shown(lines: &[&str]) -> String {
        read(lines).unwrap().unwrap().to_string()
    }

    #[test]
    fn a_reply_of_several_lines_is_put_together() {
        assert_eq!(shown(&["550-5.1.1 one", "550-5.1.1 two", "550 5.1.1 three"]), "550 5.1.1 one two three");
        assert_eq!(shown(&["250"]), "250 ");
        assert_eq!(shown(&["250-", "250 x"]), "250  x");
    }

    #[test]
    fn only_a_code_of_the_same_class_is_an_enhanced_code() {
        let enhanced = |line| read(&[line]).unwrap().unwrap().enhanced();
        assert_eq!(enhanced("550 5.1.1 no"), Some(EnhancedCode(5, 1, 1)));
        assert_eq!(enhanced("550 5.7.509"), Some(EnhancedCode(5, 7, 509)));
        for line in
            ["550 4.1.1 no", "550 5.1 no", "550 5.1.1.1 no", "550 5.x.1 no", "550 5.1.1000", "334 3.1.1 x"]
        {
            assert_eq!(enhanced(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_no_reply_is_a_fault() {
        for line in ["", "25", "SSH-2.0-x", "150 x", "650 x", "290 x", "25O x", "250x", "250_x", "<html>"] {
            assert_eq!(read(&[line]), Err(ReplyFault::NotAReply), "{line}");
        }
        assert_eq!(read(&["250-a", "251 b"]), Err(ReplyFault::CodesDiffer));
        assert_eq!(ReplyReader::default().line(Line::TooLong), Err(ReplyFault::LineTooLong));
        assert_eq!(ReplyReader::default().line(Line::BareNewline), Err(ReplyFault::BareNewline));
    }

    #[test]
    fn a_reply_has_limits() {
        let lines = vec!["250-x"; REPLY_LINES + 1];
        assert_eq!(read(&lines), Err(ReplyFault::TooManyLines));
        let long = format!("250-{}", "\u{f1}".repeat(3000));
        let reply = read(&[&long, &long, "250 end"]).unwrap().unwrap();
        assert!(reply.text().len() <= REPLY_TEXT_OCTETS);
    }

    #[test]
    fn the_text_is_harmless() {
        assert_eq!(shown(&["550 a\u{1b}[2J\u{202e}b\u{0}\u{f1}"]), "550 a?[2J?b?\u{f1}");
        let reply = ReplyReader::default().line(Line::Complete(b"550 \xff")).unwrap().unwrap();
        assert_eq!(reply.text(), "?");
    }
}
