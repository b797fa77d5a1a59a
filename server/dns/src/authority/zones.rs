//! Zones made ready to answer from.

use std::collections::{BTreeMap, HashMap};

use crate::{Code, Data, Error, Kind, Name, Record, Soa, Zone};

/// All zones, by name.
pub(super) struct Zones(HashMap<Name, Indexed>);

/// One zone.
pub(super) struct Indexed {
    origin: Name,
    /// What negative answers carry: the SOA with the TTL for them (RFC 2308 §3).
    negative: Option<Record>,
    /// Every name that exists: those with records, and those above them, which have none (RFC 4592 §2.2.2).
    nodes: HashMap<Name, Node>,
}

/// The records of a name, by type.
pub(super) type Node = BTreeMap<Kind, Vec<Record>>;

/// What a zone has for a name.
pub(super) enum Found<'a> {
    /// The name is below this cut: others answer for it (RFC 1034 §4.2.1).
    Delegated(&'a [Record]),
    /// The name is there, or a wildcard stands for it.
    Node(&'a Node),
    /// It does not exist.
    Nothing,
}

impl Zones {
    /// Checks the zones and makes them ready.
    pub(super) fn new(zones: Vec<Zone>) -> Result<Self, Error> {
        let mut indexed = HashMap::with_capacity(zones.len());
        for zone in zones {
            if let Err(faults) = zone.check() {
                let error = Error::new(Code::BadZone, &zone.origin);
                return Err(match faults.into_iter().next() {
                    Some(fault) => error.because(fault),
                    None => error,
                });
            }
            let origin = zone.origin.clone();
            if indexed.insert(origin.clone(), Indexed::new(zone)).is_some() {
                return Err(Error::new(Code::ZoneTwice, origin));
            }
        }
        Ok(Self(indexed))
    }

    /// The zone nearest above a name (RFC 1034 §4.3.2, step 2).
    pub(super) fn zone_of(&self, name: &Name) -> Option<&Indexed> {
        let mut name = name.clone();
        loop {
            if let Some(zone) = self.0.get(&name) {
                return Some(zone);
            }
            name = name.parent()?;
        }
    }

    /// The addresses of a host, from whichever zone has them.
    pub(super) fn addresses(&self, host: &Name) -> impl Iterator<Item = &Record> {
        let node = self.zone_of(host).and_then(|zone| zone.nodes.get(host));
        let of = move |kind| node.and_then(|node| node.get(&kind)).into_iter().flatten();
        of(Kind::A).chain(of(Kind::Aaaa))
    }
}

impl Indexed {
    fn new(zone: Zone) -> Self {
        let negative = zone.find(&zone.origin, Kind::Soa).next().map(|record| {
            let least = match &record.data {
                Data::Soa(Soa { minimum, .. }) => record.ttl.min(*minimum),
                _ => record.ttl,
            };
            Record { ttl: least, ..record.clone() }
        });
        let mut nodes: HashMap<Name, Node> = HashMap::new();
        for record in zone.records {
            let mut above = record.name.parent().filter(|_| record.name != zone.origin);
            while let Some(name) =
                above.filter(|name| name.is_within(&zone.origin) && !nodes.contains_key(name))
            {
                above = name.parent();
                nodes.insert(name, Node::new());
            }
            nodes.entry(record.name.clone()).or_default().entry(record.kind()).or_default().push(record);
        }
        Self { origin: zone.origin, negative, nodes }
    }

    pub(super) fn negative(&self) -> Option<&Record> {
        self.negative.as_ref()
    }

    /// What the zone has for a name at or below its origin (RFC 1034 §4.3.2, step 3).
    pub(super) fn find(&self, name: &Name) -> Found<'_> {
        if let Some(cut) = self.cut(name) {
            return Found::Delegated(cut);
        }
        if let Some(node) = self.nodes.get(name) {
            return Found::Node(node);
        }
        // RFC 4592 §3.3.1: a wildcard counts only directly below the closest name that exists.
        let mut closest = name.parent();
        while let Some(name) = closest {
            if self.nodes.contains_key(&name) {
                let wildcard = name.with_label("*").ok().and_then(|wildcard| self.nodes.get(&wildcard));
                return wildcard.map_or(Found::Nothing, Found::Node);
            }
            closest = name.parent();
        }
        Found::Nothing
    }

    /// The NS records of the highest cut at or above the name, the origin's own aside.
    fn cut(&self, name: &Name) -> Option<&[Record]> {
        let mut cut = None;
        let mut name = name.clone();
        while name != self.origin {
            if let Some(ns) = self.nodes.get(&name).and_then(|node| node.get(&Kind::Ns)) {
                cut = Some(ns.as_slice());
            }
            name = name.parent()?;
        }
        cut
    }
}
