//! Writes responses (RFC 3501 §9).

mod envelope;
mod structure;

use crate::command::MONTHS;
use crate::flags::Flags;
use crate::number::Uid;
pub(crate) use envelope::envelope;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Display;
pub(crate) use structure::structure;

/// The longest text that is sent as a quoted string; literals are safer for long ones.
const QUOTED_OCTETS: usize = 1000;

/// A buffer of response octets.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    octets: Vec<u8>,
}

impl Encoder {
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// Takes what was written.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.octets)
    }

    /// Writes text that is in the grammar already.
    pub fn raw(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.octets.extend_from_slice(text.as_ref());
        self
    }

    pub fn display(&mut self, value: impl Display) -> &mut Self {
        use std::io::Write as _;
        // Writing to memory does not fail.
        let _ = write!(self.octets, "{value}");
        self
    }

    /// Ends a response.
    pub fn crlf(&mut self) {
        self.raw("\r\n");
    }

    /// `string`: quoted where that is possible, else a literal.
    pub fn string(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        let text = text.as_ref();
        let is_text_char = |octet: &u8| matches!(octet, 1..=9 | 11..=12 | 14..=127);
        if text.len() > QUOTED_OCTETS || !text.iter().all(is_text_char) {
            return self.display(format_args!("{{{}}}\r\n", text.len())).raw(text);
        }
        self.raw("\"");
        for octet in text {
            if matches!(octet, b'"' | b'\\') {
                self.octets.push(b'\\');
            }
            self.octets.push(*octet);
        }
        self.raw("\"")
    }

    pub fn nstring(&mut self, text: Option<impl AsRef<[u8]>>) -> &mut Self {
        match text {
            Some(text) => self.string(text),
            None => self.raw("NIL"),
        }
    }

    /// A mailbox name in modified UTF-7: an atom where that is possible.
    pub fn mailbox(&mut self, name: &str) -> &mut Self {
        let wire = crate::mutf7::encode_mailbox(name);
        let is_atom = |octet: u8| octet.is_ascii_alphanumeric() || b".-_&+,/[]$#!=@:;".contains(&octet);
        let is_nil = wire.eq_ignore_ascii_case("NIL");
        if !wire.is_empty() && !is_nil && wire.bytes().all(is_atom) {
            self.raw(wire)
        } else {
            self.string(wire)
        }
    }

    /// The name of a header field: printable ASCII, as an atom where that is possible.
    pub fn field_name(&mut self, name: &str) -> &mut Self {
        if is_atom(name) { self.raw(name) } else { self.string(name) }
    }

    /// `item SP item ...`
    pub fn separated<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.raw(" ");
            }
            write(self, item);
        }
        self
    }

    /// `(\Seen $Work)`
    pub fn flags(&mut self, flags: &Flags, recent: bool) -> &mut Self {
        // Another program may have put a keyword into the folder that is no atom: it cannot be said in IMAP.
        let keywords = flags.keywords().iter().map(String::as_str).filter(|keyword| is_atom(keyword));
        let names = flags.system().map(|flag| flag.name()).chain(keywords);
        let names = names.chain(recent.then_some("\\Recent"));
        self.raw("(").separated(names, |out, name| {
            out.raw(name);
        });
        self.raw(")")
    }

    /// `"24-Nov-2026 12:00:00 +0000"`, in UTC.
    pub fn date_time(&mut self, time: Timestamp) -> &mut Self {
        let time = time.to_zoned_datetime(TimeZone::UTC);
        let month = usize::try_from(time.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"Jan");
        self.display(format_args!(
            "\"{:2}-{month}-{:04} {:02}:{:02}:{:02} +0000\"",
            time.day(),
            time.year(),
            time.hour(),
            time.minute(),
            time.second()
        ))
    }

    /// A `uid-set` in the order of the UIDs: `3:5,9` (RFC 4315 §4).
    pub fn uid_set(&mut self, uids: impl IntoIterator<Item = Uid>) -> &mut Self {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for uid in uids {
            match runs.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(uid.get()) => *last = uid.get(),
                _ => runs.push((uid.get(), uid.get())),
            }
        }
        for (at, (first, last)) in runs.into_iter().enumerate() {
            if at > 0 {
                self.raw(",");
            }
            self.display(first);
            if last > first {
                self.raw(":").display(last);
            }
        }
        self
    }
}

/// Whether a keyword can be sent as it is.
fn is_atom(keyword: &str) -> bool {
    let is_special = |octet| matches!(octet, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']');
    !keyword.is_empty() && keyword.bytes().all(|octet| octet.is_ascii_graphic() && !is_special(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Encoder)) -> String {
        let mut out = Encoder::default();
        write(&mut out);
        String::from_utf8(out.take()).unwrap()
    }

    #[test]
    fn strings_are_quoted_or_literals() {
        let string = |text: &str| {
            written(|out| {
                out.string(text);
            })
        };
        assert_eq!(string(""), "\"\"");
        assert_eq!(string("a \"b\" \\"), "\"a \\\"b\\\" \\\\\"");
        assert_eq!(string("é"), "{2}\r\né");
        assert_eq!(string("a\r\nb"), "{4}\r\na\r\nb");
        assert!(string(&"x".repeat(1001)).starts_with("{1001}\r\n"));
    }

    #[test]
    fn mailboxes_are_atoms_where_possible() {
        let mailbox = |name: &str| {
            written(|out| {
                out.mailbox(name);
            })
        };
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("Papelería", "Papeler&AO0-a"),
            ("a b", "\"a b\""),
            ("nil", "\"nil\""),
            ("", "\"\""),
        ] {
            assert_eq!(mailbox(name), wire);
        }
    }

    #[test]
    fn uid_sets_are_short() {
        let uids = [3, 4, 5, 9, 1].map(|number| Uid::new(number).unwrap());
        assert_eq!(
            written(|out| {
                out.uid_set(uids);
            }),
            "3:5,9,1"
        );
    }

    #[test]
    fn dates_have_a_two_column_day() {
        let time: Timestamp = "2026-02-01T08:05:09Z".parse().unwrap();
        assert_eq!(
            written(|out| {
                out.date_time(time);
            }),
            "\" 1-Feb-2026 08:05:09 +0000\""
        );
    }
}
