//! Which hosts take mail for a domain.

use crate::{Data, Kind, Name, Outcome, Record, Resolver, Traced};

/// A host that takes mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailHost {
    /// The lower, the sooner it is tried; equal ones in random order (RFC 5321 §5.1), which is left to the caller.
    pub preference: u16,
    /// The host.
    pub name: Name,
}

/// Where mail for a domain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailHosts {
    /// To these, by preference; never empty.
    Hosts(Vec<MailHost>),
    /// The domain says that it takes no mail (RFC 7505).
    Null,
    /// It names none: to the domain's own addresses, if it has some (RFC 5321 §5.1, "implicit MX").
    Implicit,
    /// The domain does not exist.
    NoDomain,
    /// Unknown: the lookup failed. Later it may not; mail waits and is not bounced (RFC 5321 §5.1).
    Failed,
}

impl Resolver {
    /// The hosts that take mail for a domain, from one lookup. Their addresses are another question: [`Resolver::addresses`].
    pub async fn mail_hosts(&self, domain: &Name) -> Traced<MailHosts> {
        let lookup = self.ask_for(domain, Kind::Mx).await;
        let value = match &lookup.outcome {
            Outcome::Found(records) => hosts(records),
            Outcome::NoData => MailHosts::Implicit,
            Outcome::NoDomain => MailHosts::NoDomain,
            _ => MailHosts::Failed,
        };
        Traced { value, lookups: vec![lookup] }
    }
}

fn hosts(records: &[Record]) -> MailHosts {
    let mut hosts: Vec<MailHost> = Vec::new();
    for record in records {
        match &record.data {
            // RFC 7505 §3: the root names no host. Beside real hosts it should not stand, and says nothing.
            Data::Mx { preference, exchange } if !exchange.is_root() => {
                hosts.push(MailHost { preference: *preference, name: exchange.clone() });
            }
            _ => {}
        }
    }
    if hosts.is_empty() {
        return MailHosts::Null;
    }
    hosts.sort_by_key(|host| host.preference);
    let mut seen = Vec::new();
    hosts.retain(|host| {
        let new = !seen.contains(&host.name);
        if new {
            seen.push(host.name.clone());
        }
        new
    });
    MailHosts::Hosts(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(hosts_of: &[(u16, &str)]) -> MailHosts {
        let name = |text: &str| Name::parse(text).unwrap();
        let mx = |&(preference, host): &(u16, &str)| {
            Record::new(name("lab.test"), 60, Data::Mx { preference, exchange: name(host) })
        };
        hosts(&hosts_of.iter().map(mx).collect::<Vec<_>>())
    }

    #[test]
    fn hosts_come_by_preference_and_each_once() {
        let MailHosts::Hosts(hosts) =
            found(&[(20, "b.test"), (10, "a.test"), (20, "c.test"), (30, "a.test")])
        else {
            panic!()
        };
        let texts: Vec<_> = hosts.iter().map(|host| format!("{} {}", host.preference, host.name)).collect();
        assert_eq!(texts, ["10 a.test", "20 b.test", "20 c.test"]);
    }

    #[test]
    fn the_root_alone_means_no_mail_and_beside_hosts_nothing() {
        assert_eq!(found(&[(0, ".")]), MailHosts::Null);
        let MailHosts::Hosts(hosts) = found(&[(0, "."), (10, "a.test")]) else { panic!() };
        assert_eq!(hosts.len(), 1);
    }
}
