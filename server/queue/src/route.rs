//! Where a recipient's mail goes, and who may send it there.
//!
//! [`Routes`] is the configuration as plain data. [`Routes::accept`] answers RCPT, [`Routes::resolve`] gives the
//! destinations of an accepted recipient, [`Routes::next_hop`] the way to one remote address. All of them tell their
//! reasons as [`Step`]s, so that a face that asks "what would happen?" asks the code that decides.
//!
//! The order is Postfix's: local domains, virtual aliases, relay domains, transports, relay host, MX.

mod accept;
mod alias;
mod directory;
mod expand;
mod network;
mod next_hop;
mod open_relay;
mod outward;
mod refusal;
mod setting;
mod srs;
mod step;
mod transport;

pub use accept::{Client, Decision, Verdict};
pub use alias::{AliasTable, Target};
pub use directory::{Account, AccountId, Directory, Forward, Suppressed};
pub use expand::{Destination, EXPANSIONS, Mail, Resolution};
pub use network::Network;
pub use next_hop::{HostPort, NextHop, TlsLevel};
pub use open_relay::OpenRelay;
pub use outward::Outward;
pub use refusal::Refusal;
pub use setting::BadSetting;
pub use srs::{MAX_AGE_DAYS, Srs, SrsFault};
pub use step::Step;
pub use transport::{Transport, TransportTable};

use postigo_smtp::{Address, Domain, Recipient};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The configuration of mail flow. Domains are in lower case ASCII (A-labels). Each field names its setting in Postfix.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// `myhostname`: our own name; also a local domain.
    pub host: String,
    /// `mydestination`: the domains delivered here. The first is `myorigin`: names without a domain are its.
    pub local_domains: Vec<String>,
    /// `inet_interfaces`, `proxy_interfaces`: our addresses; `user@[address]` is local.
    pub addresses: Vec<IpAddr>,
    /// `virtual_alias_domains`: domains without accounts, whose addresses are all in the virtual alias table.
    pub virtual_alias_domains: Vec<String>,
    /// `virtual_alias_maps`: `user@domain`, `user`, `@domain`, looked up in this order for every recipient.
    pub virtual_aliases: AliasTable,
    /// `alias_maps`: names in local domains.
    pub aliases: AliasTable,
    /// `.forward`: what accounts do with their mail.
    pub forwards: BTreeMap<AccountId, Forward>,
    /// `luser_relay`: who gets the mail of unknown users of a local domain.
    pub catch_all: AliasTable,
    /// `recipient_delimiter`: characters that begin an extension, as in `ana+list@`; none: there are no extensions.
    pub recipient_delimiter: String,
    /// `relay_domains`: relayed for everybody, with their subdomains.
    pub relay_domains: Vec<String>,
    /// `relay_recipient_maps`: the addresses (and `@domain`) of relay domains that exist, in lower case; none: all.
    pub relay_recipients: Option<BTreeSet<String>>,
    /// `reject_unverified_recipient`: ask the next hop of a relay domain whether it knows the recipient.
    pub call_ahead: bool,
    /// `transport_maps`.
    pub transports: TransportTable,
    /// `relayhost`.
    pub relayhost: Option<HostPort>,
    /// `sender_dependent_relayhost_maps`: `user@domain` or `@domain`, in lower case.
    pub sender_relayhosts: BTreeMap<String, HostPort>,
    /// `smtp_tls_security_level`.
    pub tls_level: TlsLevel,
    /// `smtp_tls_policy_maps`: by next hop, as [`HostPort`] writes it.
    pub tls_levels: BTreeMap<String, TlsLevel>,
    /// `smtp_sasl_password_maps`: the next hops for which user and password are kept, as [`HostPort`] writes them; with
    /// [`Self::sender_credentials`] also senders.
    pub credentials: BTreeSet<String>,
    /// `smtp_sender_dependent_authentication`.
    pub sender_credentials: bool,
    /// `smtp_bind_address`, `smtp_bind_address6`.
    pub bind: Vec<IpAddr>,
    /// `mynetworks`.
    pub networks: Vec<Network>,
    /// Whether `permit_mynetworks` is in `smtpd_relay_restrictions`.
    pub networks_may_relay: bool,
    /// Whether `permit_sasl_authenticated` is in `smtpd_relay_restrictions`.
    pub users_may_relay: bool,
    /// Rewrites reverse-paths of mail that is sent on.
    pub srs: Option<Srs>,
}

/// What a domain is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// Delivered here, to the accounts of this domain.
    Local(String),
    VirtualAlias,
    /// Relayed because of this entry.
    Relay(String),
    Foreign,
}

impl Routes {
    /// Where names without a domain belong (`myorigin`).
    pub fn main_domain(&self) -> &str {
        self.local_domains.first().unwrap_or(&self.host)
    }

    /// Whether a domain is neither delivered nor relayed here.
    pub fn is_foreign(&self, domain: &Domain) -> bool {
        self.class(domain) == Class::Foreign
    }

    /// `<Postmaster>` is the one of our main domain (RFC 5321 §4.5.1).
    fn address_of(&self, recipient: &Recipient) -> Option<Address> {
        match recipient {
            Recipient::Address(address) => Some(address.clone()),
            Recipient::Postmaster => compose("postmaster", self.main_domain()),
        }
    }

    pub(crate) fn class(&self, domain: &Domain) -> Class {
        let main = || Class::Local(self.main_domain().to_owned());
        let literal = match domain {
            Domain::Name(_) => None,
            Domain::Ipv4(address) => Some(IpAddr::V4(*address)),
            Domain::Ipv6(address) => Some(IpAddr::V6(*address)),
            Domain::OtherLiteral(_) => return Class::Foreign,
        };
        if let Some(address) = literal {
            return if self.addresses.contains(&address) { main() } else { Class::Foreign };
        }
        let name = domain_text(domain);
        let is = |list: &[String]| list.iter().any(|entry| entry.eq_ignore_ascii_case(&name));
        if is(&self.local_domains) {
            return Class::Local(name);
        }
        // As `mydestination = DOMAINS, $myhostname, localhost.$mydomain, localhost`.
        let is_localhost = name.strip_prefix("localhost").is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix('.').is_some_and(|d| d.eq_ignore_ascii_case(self.main_domain()))
        });
        if is_localhost || name.eq_ignore_ascii_case(&self.host) {
            return main();
        }
        if is(&self.virtual_alias_domains) {
            return Class::VirtualAlias;
        }
        match self.relay_domains.iter().find(|entry| is_within(&name, entry)) {
            Some(entry) => Class::Relay(entry.clone()),
            None => Class::Foreign,
        }
    }

    /// The local part in lower case, and where it has an extension, without it: the order of look-ups. The extension is
    /// given with its delimiter.
    pub(crate) fn local_parts(&self, local_part: &str) -> (String, Option<(String, String)>) {
        let whole = local_part.to_lowercase();
        let base = whole.find(|c| self.recipient_delimiter.contains(c)).filter(|&at| at > 0);
        // `owner-list` and `list-request` are names of their own (Postfix does the same for the delimiter `-`).
        let is_list_name = self.recipient_delimiter.contains('-')
            && (whole.starts_with("owner-") || whole.ends_with("-request"));
        let base = base.filter(|_| !is_list_name);
        // An extension that bounces come back to must not be split: SRS0=... may hold a delimiter.
        let base = base.filter(|_| !Srs::is_rewritten(&whole));
        let split = base.map(|at| (whole[..at].to_owned(), local_part[at..].to_owned()));
        (whole, split)
    }
}

/// A domain as a key of look-ups: lower case, A-labels. None if it is no domain name.
pub(crate) fn domain_key(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(domain).ok()?;
    Domain::parse(ascii.as_bytes()).ok()?.name().map(str::to_owned)
}

/// As [`domain_key`]; a literal is written as it is.
pub(crate) fn domain_text(domain: &Domain) -> String {
    let name = domain.name().and_then(|name| idna::domain_to_ascii(name).ok());
    name.unwrap_or_else(|| domain.to_string().to_ascii_lowercase())
}

/// Puts an address together, with quotes if it needs them. None if that would be no address.
pub(crate) fn compose(local_part: &str, domain: &str) -> Option<Address> {
    let plain = Address::parse_utf8(format!("{local_part}@{domain}").as_bytes()).ok();
    plain.filter(|address| address.local_part() == local_part).or_else(|| {
        let escaped = local_part.replace('\\', "\\\\").replace('"', "\\\"");
        Address::parse_utf8(format!("\"{escaped}\"@{domain}").as_bytes()).ok()
    })
}

/// `relay_domains` covers subdomains, too (`parent_domain_matches_subdomains`); `*` is everything.
fn is_within(name: &str, entry: &str) -> bool {
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    let parent = |at: usize| name.as_bytes().get(at) == Some(&b'.');
    entry == "*"
        || name.eq_ignore_ascii_case(entry)
        || name.len().checked_sub(entry.len() + 1).is_some_and(|at| {
            parent(at) && name.get(at + 1..).is_some_and(|end| end.eq_ignore_ascii_case(entry))
        })
}
