//! Zones, and questions to name servers.

use std::net::IpAddr;

use postigo_api::{
    Code, DnsAnswer, DnsQuestion, Error, Event, Nothing, Zone, ZoneEdit, ZoneRecord, ZoneRow, ZoneText,
};
use postigo_dns::{Kind, Lookup, Name, Question, Record};

use crate::engine::Shared;
use crate::names::zone_invalid;
use crate::outgoing::dns_outcome;

/// All zones, by name.
pub(crate) async fn list(engine: &Shared) -> Result<Vec<ZoneRow>, Error> {
    Ok(engine.names.zones().await?.iter().map(row).collect())
}

/// One zone.
pub(crate) async fn get(engine: &Shared, origin: &str) -> Result<Zone, Error> {
    engine.names.zone(&name(origin)?).await.map(|zone| told(&zone))
}

/// Makes or replaces a zone by its file. Its serial grows.
pub(crate) async fn set(engine: &Shared, new: ZoneText) -> Result<Zone, Error> {
    let origin = name(&new.origin)?;
    let zone = engine
        .names
        .change(&origin, |before| {
            let mut zone = postigo_dns::Zone::parse(&new.text, Some(&origin)).map_err(|faults| {
                zone_invalid(&origin, &faults.first().map(ToString::to_string).unwrap_or_default())
            })?;
            let serial = |zone: &postigo_dns::Zone| zone.soa().map(|soa| soa.serial);
            if before.as_ref().and_then(serial) == serial(&zone) {
                zone.bump_serial();
            }
            Ok(zone)
        })
        .await?;
    changed(engine);
    Ok(told(&zone))
}

/// Adds a record.
pub(crate) async fn add(engine: &Shared, edit: ZoneEdit) -> Result<Zone, Error> {
    let origin = name(&edit.origin)?;
    let zone = engine
        .names
        .change(&origin, |before| {
            let mut zone = match before {
                Some(zone) => zone,
                None => new_zone(&origin)?,
            };
            let record = record(&zone, &edit.record)?;
            let same = zone.records.iter_mut().find(|old| old.name == record.name && old.data == record.data);
            match same {
                Some(old) => *old = record,
                None => zone.records.push(record),
            }
            zone.bump_serial();
            Ok(zone)
        })
        .await?;
    changed(engine);
    Ok(told(&zone))
}

/// Takes a record away.
pub(crate) async fn remove(engine: &Shared, edit: ZoneEdit) -> Result<Zone, Error> {
    let origin = name(&edit.origin)?;
    let none = || {
        let text = format!("{origin} has no such record");
        Error::new(Code::ZoneUnknown, text).with("origin", &edit.origin)
    };
    let zone = engine
        .names
        .change(&origin, |before| {
            let mut zone = before.ok_or_else(none)?;
            let record = record(&zone, &edit.record)?;
            let count = zone.records.len();
            zone.records.retain(|old| old.name != record.name || old.data != record.data);
            if zone.records.len() == count {
                return Err(none());
            }
            zone.bump_serial();
            Ok(zone)
        })
        .await?;
    changed(engine);
    Ok(told(&zone))
}

/// Deletes a zone.
pub(crate) async fn delete(engine: &Shared, origin: &str) -> Result<Nothing, Error> {
    engine.names.delete(&name(origin)?).await?;
    changed(engine);
    Ok(Nothing {})
}

/// Asks a name server.
pub(crate) async fn query(engine: &Shared, question: DnsQuestion) -> Result<DnsAnswer, Error> {
    let kind: Kind = question.kind.to_ascii_uppercase().parse().map_err(|_| {
        Error::new(Code::AddressInvalid, format!("{} is not a type of record", question.kind))
            .with("address", &question.kind)
    })?;
    let name = match question.name.trim().parse::<IpAddr>() {
        Ok(address) if kind == Kind::Ptr => Name::of_address(address),
        _ => name(&question.name)?,
    };
    let resolver = engine.names.resolver().load_full();
    Ok(answer(&resolver.lookup(Question::new(name, kind)).await))
}

fn answer(lookup: &Lookup) -> DnsAnswer {
    let records = lookup.aliases.iter().chain(lookup.outcome.records());
    DnsAnswer {
        name: lookup.question.name.to_string(),
        kind: lookup.question.kind.to_string(),
        outcome: dns_outcome(&lookup.outcome),
        records: records.map(ToString::to_string).collect(),
        server: lookup.server.map(|server| server.to_string()),
        took: i64::try_from(lookup.took.as_micros()).unwrap_or(i64::MAX),
        from_cache: lookup.from_cache,
        authenticated: lookup.authenticated,
    }
}

fn name(text: &str) -> Result<Name, Error> {
    Name::parse(text.trim()).map_err(|error| {
        Error::new(Code::DomainInvalid, format!("{text} is not a name: {error}")).with("domain", text)
    })
}

fn new_zone(origin: &Name) -> Result<postigo_dns::Zone, Error> {
    let primary = origin.with_label("ns").map_err(|error| zone_invalid(origin, &error.to_string()))?;
    Ok(postigo_dns::Zone::new(origin.clone(), primary))
}

fn record(zone: &postigo_dns::Zone, record: &ZoneRecord) -> Result<Record, Error> {
    let ttl = record.ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
    let line = format!("{} {ttl}{} {}", record.name, record.kind, record.value);
    // One line is one record: a line end in a field would smuggle in others.
    let line = line.replace(['\n', '\r'], " ");
    zone.parse_record(&line).map_err(|fault| zone_invalid(&zone.origin, &fault.to_string()))
}

fn row(zone: &postigo_dns::Zone) -> ZoneRow {
    ZoneRow {
        origin: plain(&zone.origin),
        serial: zone.soa().map_or(0, |soa| soa.serial),
        records: u32::try_from(zone.records.len()).unwrap_or(u32::MAX),
    }
}

fn told(zone: &postigo_dns::Zone) -> Zone {
    let records = zone.records.iter().filter(|record| record.kind() != Kind::Soa);
    Zone {
        row: row(zone),
        records: records.map(|record| of_zone(zone, record)).collect(),
        text: zone.to_zone_file(),
    }
}

fn of_zone(zone: &postigo_dns::Zone, record: &Record) -> ZoneRecord {
    let (name, origin) = (plain(&record.name), plain(&zone.origin));
    let relative = name.strip_suffix(&origin).map(|rest| rest.trim_end_matches('.').to_owned());
    let name = match relative {
        Some(rest) if rest.is_empty() => "@".to_owned(),
        Some(rest) => rest,
        None => format!("{name}."),
    };
    ZoneRecord {
        name,
        ttl: (record.ttl != zone.default_ttl).then_some(record.ttl),
        kind: record.kind().to_string(),
        value: record.data.to_string(),
    }
}

fn plain(name: &Name) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}

fn changed(engine: &Shared) {
    engine.feed.say(Event::Settings);
}
