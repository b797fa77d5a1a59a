//! The questions that a mail server has, beside that for mail hosts.

use std::net::IpAddr;

use crate::{BadName, Data, Kind, Lookup, Name, Outcome, Question, Resolver, Srv, Tlsa};

/// A finding with the lookups that led to it, in the order in which they were begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced<T> {
    /// What was found.
    pub value: T,
    /// All lookups made for it.
    pub lookups: Vec<Lookup>,
}

impl<T> Traced<T> {
    /// Whether every lookup was [`authenticated`](Lookup::authenticated).
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.lookups.iter().all(|lookup| lookup.authenticated)
    }
}

/// What there is under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// This.
    Found(T),
    /// The name exists and has nothing of the kind.
    NoData,
    /// The name does not exist.
    NoDomain,
    /// Unknown: the lookups failed. Later they may not.
    Failed,
}

impl<T> Answer<T> {
    /// What was found, if anything.
    #[must_use]
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found(found) => Some(found),
            _ => None,
        }
    }
}

/// What is known of an address's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reverse {
    /// The address has this name, and the name has this address (RFC 1912 §2.1, "FCrDNS").
    Confirmed(Name),
    /// The address claims these names, and none of them has this address.
    Unconfirmed(Vec<Name>),
    /// The address has no name.
    Nameless,
    /// Unknown: a lookup failed. The names it claims, where those could be had.
    Failed(Vec<Name>),
}

/// How many names of one address are checked; an address may claim thousands.
const MAX_PTR_NAMES: usize = 5;

impl Resolver {
    /// The addresses of a host: A and AAAA, asked at once, in this order. Found if either brought some, even if the other failed.
    pub async fn addresses(&self, host: &Name) -> Traced<Answer<Vec<IpAddr>>> {
        let (four, six) = tokio::join!(self.ask_for(host, Kind::A), self.ask_for(host, Kind::Aaaa));
        let found: Vec<IpAddr> = addresses_of(&four).chain(addresses_of(&six)).collect();
        let value = if !found.is_empty() {
            Answer::Found(found)
        } else if four.outcome.is_failure() || six.outcome.is_failure() {
            Answer::Failed
        } else if four.outcome == Outcome::NoDomain || six.outcome == Outcome::NoDomain {
            Answer::NoDomain
        } else {
            Answer::NoData
        };
        Traced { value, lookups: vec![four, six] }
    }

    /// The name of an address, checked by asking for the addresses of that name; of several names, the first five. All
    /// that within the time of one lookup.
    pub async fn reverse(&self, address: IpAddr) -> Traced<Reverse> {
        let address = address.to_canonical();
        let deadline = self.deadline();
        let lookup = self.lookup_until(Question::new(Name::of_address(address), Kind::Ptr), deadline).await;
        let names: Vec<Name> = lookup
            .outcome
            .records()
            .iter()
            .filter_map(|record| match &record.data {
                Data::Ptr(name) => Some(name.clone()),
                _ => None,
            })
            .take(MAX_PTR_NAMES)
            .collect();
        let mut failed = lookup.outcome.is_failure();
        let mut lookups = vec![lookup];
        let kind = if address.is_ipv4() { Kind::A } else { Kind::Aaaa };
        for name in &names {
            let forward = self.lookup_until(Question::new(name.clone(), kind), deadline).await;
            let confirmed = addresses_of(&forward).any(|found| found == address);
            failed |= forward.outcome.is_failure();
            lookups.push(forward);
            if confirmed {
                return Traced { value: Reverse::Confirmed(name.clone()), lookups };
            }
        }
        let value = if failed {
            Reverse::Failed(names)
        } else if names.is_empty() {
            Reverse::Nameless
        } else {
            Reverse::Unconfirmed(names)
        };
        Traced { value, lookups }
    }

    /// The texts of a name, each with its strings joined without a space between them (RFC 7208 §3.3).
    pub async fn text(&self, name: &Name) -> Traced<Answer<Vec<Vec<u8>>>> {
        self.collect(name, Kind::Txt, |data| match data {
            Data::Txt(strings) => Some(strings.concat()),
            _ => None,
        })
        .await
    }

    /// What certificates a service of a host has: `_25._tcp.HOST` (RFC 6698 §3). Only worth something if it is
    /// [authenticated](Traced::is_authenticated) (RFC 7672 §2.2). Fails if the host's name has no room for the prefix.
    pub async fn tlsa(&self, port: u16, host: &Name) -> Result<Traced<Answer<Vec<Tlsa>>>, BadName> {
        let name = host.with_label("_tcp")?.with_label(&format!("_{port}"))?;
        let read = |data: &Data| match data {
            Data::Tlsa(tlsa) => Some(tlsa.clone()),
            _ => None,
        };
        Ok(self.collect(&name, Kind::Tlsa, read).await)
    }

    /// Where a service of a domain is: `_submissions._tcp.DOMAIN` (RFC 2782, RFC 6186), by priority; one of equal priority is chosen by
    /// weight. Fails if the domain's name has no room for the prefix.
    pub async fn srv(&self, service: &str, domain: &Name) -> Result<Traced<Answer<Vec<Srv>>>, BadName> {
        let name = domain.with_label("_tcp")?.with_label(&format!("_{service}"))?;
        let read = |data: &Data| match data {
            Data::Srv(srv) => Some(srv.clone()),
            _ => None,
        };
        let mut traced = self.collect(&name, Kind::Srv, read).await;
        if let Answer::Found(found) = &mut traced.value {
            found.sort_by_key(|srv| srv.priority);
        }
        Ok(traced)
    }

    pub(crate) async fn ask_for(&self, name: &Name, kind: Kind) -> Lookup {
        self.lookup(Question::new(name.clone(), kind)).await
    }

    async fn collect<T>(
        &self,
        name: &Name,
        kind: Kind,
        read: impl Fn(&Data) -> Option<T>,
    ) -> Traced<Answer<Vec<T>>> {
        let lookup = self.ask_for(name, kind).await;
        let value = match &lookup.outcome {
            Outcome::Found(records) => {
                Answer::Found(records.iter().filter_map(|record| read(&record.data)).collect())
            }
            Outcome::NoData => Answer::NoData,
            Outcome::NoDomain => Answer::NoDomain,
            _ => Answer::Failed,
        };
        Traced { value, lookups: vec![lookup] }
    }
}

fn addresses_of(lookup: &Lookup) -> impl Iterator<Item = IpAddr> + '_ {
    lookup.outcome.records().iter().filter_map(|record| match record.data {
        Data::A(address) => Some(IpAddr::V4(address)),
        Data::Aaaa(address) => Some(IpAddr::V6(address)),
        _ => None,
    })
}
