//! A zone as plain data.

mod check;
mod entry;
mod fault;
mod fields;
mod lexer;
mod write;

pub use fault::{Fault, FaultKind};

use crate::{Data, Kind, Name, Record, Soa};

/// The most records in a zone: far above what a person keeps by hand, and some 20 MB.
pub(crate) const MAX_RECORDS: usize = 50_000;

/// The longest zone file, in octets.
pub(crate) const MAX_FILE: usize = 8 << 20;

/// A zone. Its fields may hold anything; [`Zone::check`] tells whether it can be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The name at its top.
    pub origin: Name,
    /// The TTL of records added without one, in seconds; `$TTL` in the file.
    pub default_ttl: u32,
    /// Its records, in the order in which people see them.
    pub records: Vec<Record>,
}

impl Zone {
    /// A zone with a SOA and one name server, serial 1. Others keep for five minutes that something is missing, and records for an hour.
    #[must_use]
    pub fn new(origin: Name, primary: Name) -> Self {
        let contact = origin.with_label("hostmaster").unwrap_or_else(|_| origin.clone());
        let soa =
            Soa { primary, contact, serial: 1, refresh: 3600, retry: 900, expire: 604_800, minimum: 300 };
        let ns = Data::Ns(soa.primary.clone());
        let default_ttl = 3600;
        let records = [Data::Soa(soa), ns].map(|data| Record::new(origin.clone(), default_ttl, data)).into();
        Self { origin, default_ttl, records }
    }

    /// Reads a zone file (RFC 1035 §5, `$TTL` of RFC 2308 §4): `$ORIGIN`, `$TTL`, `@`, parentheses, comments, quotes, relative names,
    /// times as `1h30m`. The zone's name is the SOA's; names are relative to `origin` before the file says `$ORIGIN`, and a zone of
    /// another name than `origin` is a fault. What it returns is checked ([`Zone::check`]). Faults come with their lines, at most
    /// a hundred; comments are not kept. At most 8 MiB.
    pub fn parse(text: &str, origin: Option<&Name>) -> Result<Self, Vec<Fault>> {
        entry::parse_zone(text, origin)
    }

    /// Reads one record as a line of this zone's file would have it: `www A 192.0.2.1`, `@ 300 MX 10 mail`. Does not add or check it.
    pub fn parse_record(&self, line: &str) -> Result<Record, Fault> {
        entry::parse_record(line, &self.origin, self.default_ttl)
    }

    /// Everything that keeps the zone from being served, the first hundred faults.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let faults = check::check(self, &[]);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The zone as a file that [`Zone::parse`] and other servers read: the SOA first, then the records in their order.
    #[must_use]
    pub fn to_zone_file(&self) -> String {
        write::write(self)
    }

    /// Its start of authority, where it has one.
    #[must_use]
    pub fn soa(&self) -> Option<&Soa> {
        self.records.iter().find_map(|record| match &record.data {
            Data::Soa(soa) if record.name == self.origin => Some(soa),
            _ => None,
        })
    }

    /// Makes the next version of it: adds one to the serial (RFC 1982 §3.1), skipping 0, which some take for "none". To be called
    /// with each change, or secondaries and people will not notice.
    pub fn bump_serial(&mut self) {
        for record in &mut self.records {
            if let Data::Soa(soa) = &mut record.data {
                soa.serial = soa.serial.checked_add(1).unwrap_or(1);
            }
        }
    }

    /// The records of a name and type.
    pub fn find(&self, name: &Name, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.name == *name && record.kind() == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_zone_holds_together_and_its_serial_grows() {
        let mut zone = Zone::new(Name::parse("lab.test").unwrap(), Name::parse("ns.lab.test").unwrap());
        assert_eq!(zone.check(), Ok(()));
        zone.bump_serial();
        assert_eq!(zone.soa().unwrap().serial, 2);
        let Data::Soa(soa) = &mut zone.records[0].data else { panic!() };
        soa.serial = u32::MAX;
        zone.bump_serial();
        assert_eq!(zone.soa().unwrap().serial, 1);
    }

    #[test]
    fn a_line_is_read_as_in_the_file() {
        let zone = Zone::new(Name::parse("lab.test").unwrap(), Name::parse("ns.lab.test").unwrap());
        let record = zone.parse_record("@ MX 10 mail").unwrap();
        assert_eq!(record.to_string(), "lab.test. 3600 IN MX 10 mail.lab.test.");
        for (line, id) in [
            ("", "dns.zone.no_record"),
            ("www A 192.0.2.1\nftp A 192.0.2.2", "dns.zone.extra"),
            ("$TTL 5", "dns.zone.no_record"),
            (" A 192.0.2.1", "dns.zone.no_owner"),
        ] {
            assert_eq!(zone.parse_record(line).unwrap_err().kind.id(), id, "{line:?}");
        }
    }
}
