//! Reads the pieces of which commands are made (RFC 3501 §9).

use super::set::{SequenceSet, SetNumber};
use crate::error::BadCommand;
use crate::limits::MAILBOX_OCTETS;
use crate::mutf7::decode_mailbox;
use std::ops::RangeInclusive;

type Result<T> = std::result::Result<T, BadCommand>;

/// A place in a command.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

/// `atom-specials` without `]`, which is allowed in `ASTRING-CHAR`, and without the wildcards.
const fn is_special(octet: u8) -> bool {
    matches!(octet, b'(' | b')' | b'{' | b' ' | 0..=31 | 127..=255 | b'"' | b'\\')
}

const fn is_atom(octet: u8) -> bool {
    !is_special(octet) && !matches!(octet, b'%' | b'*' | b']')
}

const fn is_astring(octet: u8) -> bool {
    is_atom(octet) || octet == b']'
}

const fn is_list_char(octet: u8) -> bool {
    is_astring(octet) || matches!(octet, b'%' | b'*')
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many octets are not read yet.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The command must end here. A space at the end is overlooked: some programs send one.
    pub fn end(&self) -> Result<()> {
        if self.rest.iter().all(|octet| *octet == b' ') { Ok(()) } else { Err(BadCommand::Trailing) }
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Consumes this octet if it is next.
    pub fn skip(&mut self, octet: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == octet => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    pub fn expect(&mut self, octet: u8) -> Result<()> {
        if self.skip(octet) {
            Ok(())
        } else if self.is_at_end() {
            Err(BadCommand::Missing)
        } else {
            Err(BadCommand::Arguments)
        }
    }

    pub fn space(&mut self) -> Result<()> {
        self.expect(b' ')
    }

    fn take_while(&mut self, is_wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|octet| !is_wanted(*octet)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn ascii(&mut self, is_wanted: impl Fn(u8) -> bool) -> Result<&'a str> {
        let missing = self.is_at_end();
        match std::str::from_utf8(self.take_while(is_wanted)) {
            Ok("") if missing => Err(BadCommand::Missing),
            Ok("") | Err(_) => Err(BadCommand::Arguments),
            Ok(text) => Ok(text),
        }
    }

    pub fn atom(&mut self) -> Result<&'a str> {
        self.ascii(is_atom)
    }

    /// `tag`: an atom that may hold `]` and no `+`.
    pub fn tag(&mut self) -> Result<&'a str> {
        self.ascii(|octet| is_astring(octet) && octet != b'+')
    }

    /// A word in capitals: names of commands, items and keys. Digits, dots and hyphens belong to it.
    pub fn word(&mut self) -> Result<String> {
        let is_word = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_');
        Ok(self.ascii(is_word)?.to_ascii_uppercase())
    }

    pub fn number(&mut self) -> Result<u32> {
        self.ascii(|octet| octet.is_ascii_digit())?.parse().map_err(|_| BadCommand::Arguments)
    }

    pub fn number64(&mut self) -> Result<u64> {
        self.ascii(|octet| octet.is_ascii_digit())?.parse().map_err(|_| BadCommand::Arguments)
    }

    pub fn astring(&mut self) -> Result<Vec<u8>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => Ok(self.ascii(is_astring)?.as_bytes().to_vec()),
        }
    }

    /// `astring` in UTF-8.
    pub fn text(&mut self) -> Result<String> {
        String::from_utf8(self.astring()?).map_err(|_| BadCommand::Text)
    }

    pub fn string(&mut self) -> Result<Vec<u8>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal(),
            Some(_) => Err(BadCommand::Arguments),
            None => Err(BadCommand::Missing),
        }
    }

    pub fn nstring(&mut self) -> Result<Option<Vec<u8>>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string().map(Some),
            _ if self.atom()?.eq_ignore_ascii_case("NIL") => Ok(None),
            _ => Err(BadCommand::Arguments),
        }
    }

    fn quoted(&mut self) -> Result<Vec<u8>> {
        self.expect(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(text);
                }
                [b'\\', octet @ (b'"' | b'\\'), rest @ ..] => {
                    text.push(*octet);
                    self.rest = rest;
                }
                [b'\\' | b'\r' | b'\n' | 0, ..] | [] => return Err(BadCommand::Arguments),
                [octet, rest @ ..] => {
                    text.push(*octet);
                    self.rest = rest;
                }
            }
        }
    }

    /// A literal with its announcement, as the framer puts it into the command.
    fn literal(&mut self) -> Result<Vec<u8>> {
        self.expect(b'{')?;
        let octets = usize::try_from(self.number()?).map_err(|_| BadCommand::Arguments)?;
        self.skip(b'+');
        self.expect(b'}')?;
        self.skip(b'\r');
        self.expect(b'\n')?;
        let (literal, rest) = self.rest.split_at_checked(octets).ok_or(BadCommand::Arguments)?;
        self.rest = rest;
        // NUL is in no string (RFC 3501 §9, CHAR8).
        if literal.contains(&0) { Err(BadCommand::Arguments) } else { Ok(literal.to_vec()) }
    }

    /// A mailbox name, decoded. INBOX is INBOX in any case (RFC 3501 §5.1).
    pub fn mailbox(&mut self) -> Result<String> {
        let wire = self.astring()?;
        decoded_mailbox(&wire)
    }

    /// `list-mailbox`: a name with wildcards, still in modified UTF-7.
    pub fn list_mailbox(&mut self) -> Result<String> {
        let wire = match self.peek() {
            Some(b'"' | b'{') => self.string()?,
            _ => self.ascii(is_list_char)?.as_bytes().to_vec(),
        };
        String::from_utf8(wire)
            .ok()
            .filter(|name| name.len() <= MAILBOX_OCTETS)
            .ok_or(BadCommand::MailboxName)
    }

    pub fn set(&mut self) -> Result<SequenceSet> {
        let mut ranges = Vec::new();
        loop {
            let first = self.set_number()?;
            let last = if self.skip(b':') { self.set_number()? } else { first };
            ranges.push((first, last));
            if !self.skip(b',') {
                return Ok(SequenceSet::new(ranges));
            }
        }
    }

    fn set_number(&mut self) -> Result<SetNumber> {
        if self.skip(b'*') {
            return Ok(SetNumber::Largest);
        }
        match self.number() {
            Ok(0) | Err(BadCommand::Arguments) => Err(BadCommand::Set),
            Ok(number) => Ok(SetNumber::Number(number)),
            Err(other) => Err(other),
        }
    }

    /// Exactly so many decimal digits, with a value in the range.
    pub fn digits(&mut self, count: usize, range: RangeInclusive<i16>) -> Result<i16> {
        let (digits, rest) = self.rest.split_at_checked(count).ok_or(BadCommand::Date)?;
        let is_number = digits.iter().all(u8::is_ascii_digit);
        let value = std::str::from_utf8(digits).ok().filter(|_| is_number).and_then(|text| text.parse().ok());
        self.rest = rest;
        value.filter(|value| range.contains(value)).ok_or(BadCommand::Date)
    }

    /// `(item SP item ...)`; `()` is an error of the item.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect(b'(')?;
        let mut items = vec![item(self)?];
        while !self.skip(b')') {
            self.space()?;
            items.push(item(self)?);
        }
        Ok(items)
    }
}

pub(super) fn decoded_mailbox(wire: &[u8]) -> Result<String> {
    let wire = std::str::from_utf8(wire).ok().filter(|wire| wire.len() <= MAILBOX_OCTETS);
    let name = wire.and_then(decode_mailbox).ok_or(BadCommand::MailboxName)?;
    Ok(if name.eq_ignore_ascii_case("INBOX") { "INBOX".to_owned() } else { name })
}
