//! Whether a zone's records go together.

use std::collections::{HashMap, HashSet};

use super::entry::MAX_FAULTS;
use super::{Fault, FaultKind, MAX_RECORDS, Zone};
use crate::record::{MAX_STRING, MAX_TTL};
use crate::{Data, Kind, Name, Record, Tlsa};

/// The faults of a zone; `lines` has the line of each record, or is empty.
pub(super) fn check(zone: &Zone, lines: &[usize]) -> Vec<Fault> {
    if zone.records.len() > MAX_RECORDS {
        return vec![Fault { line: None, record: None, kind: FaultKind::TooManyRecords }];
    }
    let mut faults: Vec<Fault> = missing(zone).map(|kind| Fault { line: None, record: None, kind }).collect();
    let names = Names::of(zone);
    let mut seen = HashSet::new();
    let mut sets: HashMap<(&Name, Kind), &Record> = HashMap::new();
    for (place, record) in zone.records.iter().enumerate() {
        let first = *sets.entry((&record.name, record.kind())).or_insert(record);
        let twice = (!seen.insert((&record.name, &record.data))).then_some(FaultKind::Duplicate);
        let ttl = (first.ttl != record.ttl).then_some(FaultKind::MixedTtl(first.ttl));
        let second =
            (record.kind() == Kind::Soa && !std::ptr::eq(first, record)).then_some(FaultKind::SecondSoa);
        let found =
            twice.or(second).or(ttl).or_else(|| alone(record)).or_else(|| among(zone, &names, record));
        if let Some(kind) = found {
            let text = shown(zone, record);
            faults.push(Fault { line: lines.get(place).copied(), record: Some(text), kind });
        }
        if faults.len() >= MAX_FAULTS {
            break;
        }
    }
    faults
}

/// The record as the file has it, cut where it is long.
fn shown(zone: &Zone, record: &Record) -> String {
    const LONGEST: usize = 120;
    let owner = record.name.relative_to(&zone.origin);
    let text = format!("{owner} {} {}", record.kind(), record.data.to_text(&zone.origin));
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

fn missing(zone: &Zone) -> impl Iterator<Item = FaultKind> {
    let has = |kind| zone.find(&zone.origin, kind).next().is_some();
    [(!has(Kind::Soa)).then_some(FaultKind::NoSoa), (!has(Kind::Ns)).then_some(FaultKind::NoNs)]
        .into_iter()
        .flatten()
}

/// What there is under each name.
struct Names<'a> {
    kinds: HashMap<&'a Name, HashSet<Kind>>,
    mx: HashMap<&'a Name, usize>,
    aliases: HashMap<&'a Name, usize>,
}

impl<'a> Names<'a> {
    fn of(zone: &'a Zone) -> Self {
        let mut names = Self { kinds: HashMap::new(), mx: HashMap::new(), aliases: HashMap::new() };
        for record in &zone.records {
            names.kinds.entry(&record.name).or_default().insert(record.kind());
            match record.kind() {
                Kind::Mx => *names.mx.entry(&record.name).or_default() += 1,
                Kind::Cname => *names.aliases.entry(&record.name).or_default() += 1,
                _ => {}
            }
        }
        names
    }
}

/// What is wrong with a record whatever stands beside it.
fn alone(record: &Record) -> Option<FaultKind> {
    if record.ttl > MAX_TTL {
        return Some(FaultKind::TtlTooLong);
    }
    match &record.data {
        Data::Txt(strings) => text(strings),
        Data::Soa(soa) => {
            let times = [soa.refresh, soa.retry, soa.expire, soa.minimum];
            times.iter().any(|time| *time > MAX_TTL).then_some(FaultKind::TtlTooLong)
        }
        Data::Tlsa(tlsa) => certificate(tlsa),
        Data::Caa { tag, value, .. } => {
            // RFC 8659 §4.1: "tag lengths … SHOULD be at most 15".
            let plain =
                !tag.is_empty() && tag.len() <= 15 && tag.bytes().all(|octet| octet.is_ascii_alphanumeric());
            let long = value.len() > usize::from(u16::MAX) - 2 - tag.len();
            if !plain { Some(FaultKind::CaaTag) } else { long.then_some(FaultKind::DataTooLong) }
        }
        Data::Other { kind, .. } => Some(FaultKind::KindNotSupported(*kind)),
        _ => None,
    }
}

fn text(strings: &[Vec<u8>]) -> Option<FaultKind> {
    if strings.is_empty() {
        return Some(FaultKind::NoText);
    }
    if let Some(long) = strings.iter().find(|string| string.len() > MAX_STRING) {
        return Some(FaultKind::StringTooLong(long.len()));
    }
    let octets: usize = strings.iter().map(|string| string.len() + 1).sum();
    (octets > usize::from(u16::MAX)).then_some(FaultKind::DataTooLong)
}

fn certificate(tlsa: &Tlsa) -> Option<FaultKind> {
    let meaningless =
        [(tlsa.usage, 3), (tlsa.selector, 1), (tlsa.matching, 2)].into_iter().find(|(n, most)| n > most);
    if let Some((number, _)) = meaningless {
        return Some(FaultKind::TlsaNumber(number));
    }
    match tlsa.matching {
        1 if tlsa.data.len() != 32 => Some(FaultKind::DigestLength(32)),
        2 if tlsa.data.len() != 64 => Some(FaultKind::DigestLength(64)),
        _ if tlsa.data.len() > usize::from(u16::MAX) - 3 => Some(FaultKind::DataTooLong),
        _ => None,
    }
}

/// What is wrong with a record because of where it stands, or what it points to.
fn among(zone: &Zone, names: &Names<'_>, record: &Record) -> Option<FaultKind> {
    if !record.name.is_within(&zone.origin) {
        return Some(FaultKind::Outside);
    }
    if record.kind() == Kind::Soa && record.name != zone.origin {
        return Some(FaultKind::SoaBelow);
    }
    let beside = names.kinds.get(&record.name).map_or(0, HashSet::len);
    let aliases = names.aliases.get(&record.name).copied().unwrap_or(0);
    if record.kind() == Kind::Cname && (beside > 1 || aliases > 1) {
        return Some(FaultKind::AliasBesideOthers);
    }
    if let Data::Mx { exchange, .. } = &record.data
        && exchange.is_root()
        && names.mx.get(&record.name).is_some_and(|number| *number > 1)
    {
        return Some(FaultKind::NullMxBesideOthers);
    }
    if let Some(address) = address_for_name(zone, record) {
        return Some(FaultKind::AddressForName(address.to_string()));
    }
    let host = record.data.host()?;
    names.aliases.contains_key(host).then(|| FaultKind::TargetIsAlias(host.to_string()))
}

/// The target, if it is an address: `10.0.0.1.`, or `10.0.0.1` without the dot, which became `10.0.0.1.lab.test`.
fn address_for_name(zone: &Zone, record: &Record) -> Option<Name> {
    let target = match &record.data {
        Data::Cname(target) | Data::Ptr(target) => target,
        other => other.host()?,
    };
    let relative = Name::parse(&target.relative_to(&zone.origin)).ok()?;
    if target.is_address() { Some(target.clone()) } else { Some(relative).filter(Name::is_address) }
}
