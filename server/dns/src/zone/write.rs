//! A zone into the text of its file.

use std::fmt::Write;

use super::Zone;
use crate::{Data, Kind, Record, Soa};

pub(super) fn write(zone: &Zone) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_zone(&mut text, zone);
    text
}

fn write_zone(text: &mut String, zone: &Zone) -> std::fmt::Result {
    let origin = zone.origin.relative_to(&crate::Name::root());
    writeln!(text, "$ORIGIN {origin}")?;
    writeln!(text, "$TTL {}", zone.default_ttl)?;
    let (soa, others): (Vec<&Record>, Vec<&Record>) =
        zone.records.iter().partition(|r| r.kind() == Kind::Soa);
    let owners: Vec<_> = others.iter().map(|record| record.name.relative_to(&zone.origin)).collect();
    // Columns for people, as long as the names are of a usual length.
    let width = owners.iter().map(String::len).filter(|length| *length <= 32).max().unwrap_or(1);
    for record in soa {
        write_soa(text, zone, record)?;
    }
    for (record, owner) in others.iter().zip(owners) {
        let ttl = ttl(zone, record);
        let data = record.data.to_text(&zone.origin);
        writeln!(text, "{owner:width$} {ttl}IN {:5} {data}", record.kind().to_string())?;
    }
    Ok(())
}

fn write_soa(text: &mut String, zone: &Zone, record: &Record) -> std::fmt::Result {
    let Data::Soa(Soa { primary, contact, serial, refresh, retry, expire, minimum }) = &record.data else {
        return Ok(());
    };
    let name = |name: &crate::Name| name.relative_to(&zone.origin);
    writeln!(
        text,
        "{} {}IN SOA {} {} (",
        name(&record.name),
        ttl(zone, record),
        name(primary),
        name(contact)
    )?;
    for (number, what) in
        [(serial, "serial"), (refresh, "refresh"), (retry, "retry"), (expire, "expire"), (minimum, "minimum")]
    {
        writeln!(text, "    {number:<10} ; {what}")?;
    }
    writeln!(text, ")")
}

fn ttl(zone: &Zone, record: &Record) -> String {
    if record.ttl == zone.default_ttl { String::new() } else { format!("{} ", record.ttl) }
}
