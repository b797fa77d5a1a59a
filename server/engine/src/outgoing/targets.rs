//! Which hosts take the mail of a next hop, in the order in which they are tried.

use std::net::{IpAddr, SocketAddr};

use postigo_api::QueueFailureKind;
use postigo_dns::{Answer, Lookup, MailHost, MailHosts, Name, Outcome, Resolver};
use postigo_queue::route::NextHop;
use postigo_smtp::ClientName;

/// Addresses that are tried for one delivery, as `smtp_mx_address_limit`.
const MAX_TARGETS: usize = 5;

/// Hosts whose addresses are asked for; those with worse preferences are never reached.
const MAX_HOSTS: usize = 10;

/// The name does not exist, and: it exists without addresses. In Postfix's words.
const NO_HOST: &str = "Host not found";
const NO_DATA: &str = "Host found but no data record of requested type";

/// One address to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The name it was found under, or the address.
    pub host: String,
    pub address: SocketAddr,
}

impl Target {
    /// As Postfix writes it in `relay=`.
    pub fn relay(&self) -> String {
        format!("{}:{}", self.label(), self.address.port())
    }

    /// `name[address]`.
    pub fn label(&self) -> String {
        format!("{}[{}]", self.host, self.address.ip())
    }
}

/// Why there is no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoTarget {
    pub permanent: bool,
    pub kind: QueueFailureKind,
    /// RFC 3463.
    pub dsn: &'static str,
    pub text: String,
}

impl NoTarget {
    /// For recipients that have an outcome already.
    pub const fn none() -> Self {
        Self { permanent: false, kind: QueueFailureKind::Local, dsn: "4.4.0", text: String::new() }
    }
}

/// What was found, with the questions that were asked for it.
#[derive(Debug)]
pub(crate) struct Found {
    pub targets: Result<Vec<Target>, NoTarget>,
    pub lookups: Vec<Lookup>,
}

/// What this server is, so that it does not send to itself.
#[derive(Debug, Clone)]
pub(crate) struct Ourselves {
    /// Our name.
    pub name: ClientName,
    /// Where we listen for mail.
    pub listeners: Vec<SocketAddr>,
}

impl Ourselves {
    fn is(&self, address: SocketAddr) -> bool {
        self.listeners.iter().any(|ours| {
            let same_host = if ours.ip().is_unspecified() {
                address.ip().is_loopback()
            } else {
                ours.ip() == address.ip()
            };
            ours.port() == address.port() && same_host
        })
    }
}

/// Finds the hosts of a next hop. Equal preferences are shuffled (RFC 5321 §5.1) by `shuffle`.
pub(crate) async fn find(
    next_hop: &NextHop,
    resolver: &Resolver,
    ourselves: &Ourselves,
    shuffle: impl Fn(&mut [MailHost]),
) -> Found {
    if let Some(address) = next_hop.address() {
        let target = Target { host: address.to_string(), address: SocketAddr::new(address, next_hop.port) };
        let targets = without_ourselves(vec![(0, target)], next_hop, ourselves);
        return Found { targets, lookups: Vec::new() };
    }
    let mut lookups = Vec::new();
    let targets = by_name(next_hop, resolver, ourselves, shuffle, &mut lookups).await;
    Found { targets, lookups }
}

async fn by_name(
    next_hop: &NextHop,
    resolver: &Resolver,
    ourselves: &Ourselves,
    shuffle: impl Fn(&mut [MailHost]),
    lookups: &mut Vec<Lookup>,
) -> Result<Vec<Target>, NoTarget> {
    let name = Name::parse(&next_hop.host).map_err(|error| NoTarget {
        permanent: true,
        kind: QueueFailureKind::NameUnresolved,
        dsn: "5.1.2",
        text: format!("Host or domain name not found. {}: {error}", next_hop.host),
    })?;
    let mut hosts = hosts(next_hop, &name, resolver, lookups).await?;
    hosts.sort_by_key(|host| host.preference);
    hosts.chunk_by_mut(|a, b| a.preference == b.preference).for_each(shuffle);
    // RFC 5321 §5.1: whoever finds itself among the hosts must not send to worse ones, for they would send it back.
    if let Some(ours) =
        hosts.iter().find(|host| is_name(&host.name, ourselves.name.as_str())).map(|h| h.preference)
    {
        hosts.retain(|host| host.preference < ours);
        if hosts.is_empty() {
            return Err(loops(next_hop));
        }
    }
    let mut found = Vec::new();
    let mut unknown = false;
    for host in hosts.iter().take(MAX_HOSTS) {
        let traced = resolver.addresses(&host.name).await;
        unknown |= traced.value == Answer::Failed;
        lookups.extend(traced.lookups);
        let addresses: &[IpAddr] = traced.value.found().map_or(&[], Vec::as_slice);
        found.extend(addresses.iter().map(|address| {
            let address = SocketAddr::new(*address, next_hop.port);
            (host.preference, Target { host: host.name.to_string(), address })
        }));
    }
    if found.is_empty() {
        let failed = lookups.last().filter(|_| unknown);
        let exists = lookups.last().is_some_and(|lookup| lookup.outcome == Outcome::NoData);
        return Err(nameless(next_hop, failed, if exists { NO_DATA } else { NO_HOST }));
    }
    without_ourselves(found, next_hop, ourselves)
}

async fn hosts(
    next_hop: &NextHop,
    name: &Name,
    resolver: &Resolver,
    lookups: &mut Vec<Lookup>,
) -> Result<Vec<MailHost>, NoTarget> {
    let itself = || vec![MailHost { preference: 0, name: name.clone() }];
    if !next_hop.mx {
        return Ok(itself());
    }
    let traced = resolver.mail_hosts(name).await;
    lookups.extend(traced.lookups);
    match traced.value {
        MailHosts::Hosts(hosts) => Ok(hosts),
        MailHosts::Implicit => Ok(itself()),
        MailHosts::Null => Err(NoTarget {
            permanent: true,
            kind: QueueFailureKind::NameUnresolved,
            dsn: "5.1.10",
            text: format!("Domain {} does not accept mail (nullMX)", next_hop.host),
        }),
        MailHosts::NoDomain => Err(nameless(next_hop, None, NO_HOST)),
        MailHosts::Failed => Err(nameless(next_hop, lookups.last(), NO_HOST)),
    }
}

/// Takes away our own addresses, and all that are not better than they.
fn without_ourselves(
    mut found: Vec<(u16, Target)>,
    next_hop: &NextHop,
    ourselves: &Ourselves,
) -> Result<Vec<Target>, NoTarget> {
    if let Some(ours) = found
        .iter()
        .filter(|(_, target)| ourselves.is(target.address))
        .map(|(preference, _)| *preference)
        .min()
    {
        found.retain(|(preference, _)| *preference < ours);
        if found.is_empty() {
            return Err(loops(next_hop));
        }
    }
    Ok(found.into_iter().take(MAX_TARGETS).map(|(_, target)| target).collect())
}

fn is_name(name: &Name, text: &str) -> bool {
    name.to_string().trim_end_matches('.').eq_ignore_ascii_case(text)
}

fn loops(next_hop: &NextHop) -> NoTarget {
    NoTarget {
        permanent: true,
        kind: QueueFailureKind::Local,
        dsn: "5.4.6",
        text: format!("mail for {} loops back to myself", next_hop.host),
    }
}

/// No addresses: for good, or, when a question failed, for now. `missing`: what there is not.
fn nameless(next_hop: &NextHop, failed: Option<&Lookup>, missing: &str) -> NoTarget {
    let service = "Host or domain name not found. Name service error for";
    match failed {
        None => NoTarget {
            permanent: true,
            kind: QueueFailureKind::NameUnresolved,
            dsn: "5.4.4",
            text: format!("{service} name={}: {missing}", next_hop.host),
        },
        Some(lookup) => NoTarget {
            permanent: false,
            kind: QueueFailureKind::NameUnresolved,
            dsn: "4.4.3",
            text: format!(
                "{service} name={} type={}: {}",
                lookup.question.name,
                lookup.question.kind,
                why(&lookup.outcome)
            ),
        },
    }
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Timeout => "the name servers did not answer in time, try again".to_owned(),
        other => format!("{other}, try again"),
    }
}
