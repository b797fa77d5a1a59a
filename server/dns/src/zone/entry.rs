//! Entries into records: directives, and the parts before a record's data.

use super::fields::{Fields, seconds};
use super::lexer::{Entry, Token, entries};
use super::{Fault, FaultKind, MAX_FILE, MAX_RECORDS, Zone, check};
use crate::{Data, Kind, Name, Record};

/// The most faults that are told of one zone.
pub(super) const MAX_FAULTS: usize = 100;

pub(super) fn parse_zone(text: &str, origin: Option<&Name>) -> Result<Zone, Vec<Fault>> {
    if text.len() > MAX_FILE {
        return Err(vec![Fault { line: None, record: None, kind: FaultKind::FileTooLong }]);
    }
    let (entries, broken) = entries(text);
    let mut file = File { origin: origin.cloned(), ..File::default() };
    let mut faults = Vec::new();
    for entry in &entries {
        if faults.len() >= MAX_FAULTS {
            break;
        }
        if let Err(kind) = file.entry(entry) {
            faults.push(at(entry.line, kind));
        }
    }
    faults.extend(broken.map(|(line, kind)| at(line, kind)));
    if faults.is_empty() { file.into_zone(origin) } else { Err(faults) }
}

pub(super) fn parse_record(line: &str, origin: &Name, default_ttl: u32) -> Result<Record, Fault> {
    let plain = |kind| Fault { line: None, record: None, kind };
    let (entries, broken) = entries(line);
    if let Some((_, kind)) = broken {
        return Err(plain(kind));
    }
    let mut entries = entries.iter();
    let entry = entries.next().ok_or_else(|| plain(FaultKind::NoRecord))?;
    if let Some(token) = entries.next().and_then(|entry| entry.tokens.first()) {
        return Err(plain(FaultKind::Extra(token.text.clone())));
    }
    let mut file = File { origin: Some(origin.clone()), ttl: Some(default_ttl), ..File::default() };
    file.entry(entry).map_err(plain)?;
    file.records.pop().ok_or_else(|| plain(FaultKind::NoRecord))
}

fn at(line: usize, kind: FaultKind) -> Fault {
    Fault { line: Some(line), record: None, kind }
}

/// What was read so far.
#[derive(Default)]
struct File {
    origin: Option<Name>,
    /// `$TTL`.
    ttl: Option<u32>,
    first_ttl: Option<u32>,
    last_ttl: Option<u32>,
    owner: Option<Name>,
    records: Vec<Record>,
    /// The line of each record.
    lines: Vec<usize>,
}

impl File {
    fn entry(&mut self, entry: &Entry) -> Result<(), FaultKind> {
        match entry.tokens.split_first() {
            Some((first, arguments)) if first.text.starts_with('$') && !first.quoted && !entry.indented => {
                self.directive(&first.text, arguments)
            }
            Some((first, rest)) if !entry.indented => {
                self.owner = Some(self.name(first)?);
                self.record(rest, entry.line)
            }
            _ => self.record(&entry.tokens, entry.line),
        }
    }

    fn directive(&mut self, directive: &str, arguments: &[Token]) -> Result<(), FaultKind> {
        let upper = directive.to_ascii_uppercase();
        match (upper.as_str(), arguments) {
            ("$ORIGIN", [origin]) => self.origin = Some(self.name(origin)?),
            ("$TTL", [ttl]) => {
                self.ttl = Some(seconds(&ttl.text)?);
                self.first_ttl = self.first_ttl.or(self.ttl);
            }
            ("$ORIGIN" | "$TTL", []) => return Err(FaultKind::Missing("the value")),
            ("$ORIGIN" | "$TTL", [.., last]) => return Err(FaultKind::Extra(last.text.clone())),
            _ => return Err(FaultKind::Directive(directive.to_owned())),
        }
        Ok(())
    }

    fn name(&self, token: &Token) -> Result<Name, FaultKind> {
        name_in(&token.text, self.origin.as_ref())
    }

    /// `[TTL] [class] type data`, the first two in any order.
    fn record(&mut self, tokens: &[Token], line: usize) -> Result<(), FaultKind> {
        if self.records.len() >= MAX_RECORDS {
            return Err(FaultKind::TooManyRecords);
        }
        let owner = self.owner.clone().ok_or(FaultKind::NoOwner)?;
        let mut ttl = None;
        let mut rest = tokens;
        let kind = loop {
            let (token, after) = rest.split_first().ok_or(FaultKind::NoRecord)?;
            rest = after;
            let word = token.text.to_ascii_uppercase();
            match word.as_str() {
                "IN" => {}
                "CH" | "HS" | "CS" | "ANY" => return Err(FaultKind::Class(word)),
                _ if word.starts_with(|c: char| c.is_ascii_digit()) && ttl.is_none() => {
                    ttl = Some(seconds(&word)?)
                }
                _ => break word.parse::<Kind>().map_err(|()| FaultKind::Type(token.text.clone()))?,
            }
        };
        let mut fields = Fields::new(rest, self.origin.as_ref());
        let data = fields.data(kind)?;
        fields.end()?;
        let ttl = ttl.or(self.ttl).or(self.last_ttl).or(match &data {
            // RFC 2308 §4: before `$TTL` was invented, the last field of the SOA was the TTL of all records.
            Data::Soa(soa) => Some(soa.minimum),
            _ => None,
        });
        let ttl = ttl.ok_or(FaultKind::Missing("the TTL (or $TTL above)"))?;
        self.last_ttl = Some(ttl);
        self.records.push(Record::new(owner, ttl, data));
        self.lines.push(line);
        Ok(())
    }

    fn into_zone(self, expected: Option<&Name>) -> Result<Zone, Vec<Fault>> {
        let soa = self.records.iter().zip(&self.lines).find(|(record, _)| record.kind() == Kind::Soa);
        let Some((soa, line)) = soa else {
            return Err(vec![Fault { line: None, record: None, kind: FaultKind::NoSoa }]);
        };
        if expected.is_some_and(|expected| *expected != soa.name) {
            return Err(vec![at(*line, FaultKind::OtherZone(soa.name.to_string()))]);
        }
        let default_ttl = self.first_ttl.unwrap_or(soa.ttl);
        let zone = Zone { origin: soa.name.clone(), default_ttl, records: self.records };
        let faults = check::check(&zone, &self.lines);
        if faults.is_empty() { Ok(zone) } else { Err(faults) }
    }
}

/// A name, relative to the origin if there is one.
pub(super) fn name_in(text: &str, origin: Option<&Name>) -> Result<Name, FaultKind> {
    let bad = |reason| FaultKind::Name { text: text.to_owned(), reason };
    match origin {
        Some(origin) => Name::parse_in(text, origin).map_err(bad),
        None if text.ends_with('.') => Name::parse(text).map_err(bad),
        None => Err(FaultKind::NoOrigin(text.to_owned())),
    }
}
