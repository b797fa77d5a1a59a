//! How mail comes and goes: the wizard's entries, judged and turned into settings with Postfix's names, and read back from them.

use std::net::IpAddr;

use postigo_api::{Code, Error, Mapping, RelayedDomain, Role, SetupFault, SetupField, SetupFlow, TlsLevel};
use postigo_queue::route::{BadSetting, HostPort, Network, Transport};
use postigo_smtp::Address;

use super::domain;
use crate::config::{self, Config};

/// In `transport_maps`: sent on by SMTP.
const SMTP: &str = "smtp:";

/// In `smtpd_recipient_restrictions`: asks the next hop about the recipient.
const CALL_AHEAD: &str = "reject_unverified_recipient";

/// Before it: who is asked nothing.
const TRUSTED: &str = "permit_mynetworks, permit_sasl_authenticated";

/// What else counts when entries are judged.
pub(super) struct Around<'a> {
    /// The domains that are delivered here.
    pub domains: &'a [String],
    /// Our name.
    pub host: &'a str,
    /// Where we take mail from other servers.
    pub listeners: &'a [(IpAddr, u16)],
    /// The addresses of this computer.
    pub addresses: &'a [IpAddr],
    /// A password for the relay host is kept.
    pub password_kept: bool,
}

/// How mail comes and goes by a configuration.
pub(super) fn of(config: &Config) -> SetupFlow {
    let flow = &config.flow;
    let next_hop = |domain: &String| {
        let line = flow.transports.iter().find(|line| line.key.eq_ignore_ascii_case(domain));
        line.map(|line| line.value.strip_prefix(SMTP).unwrap_or(&line.value).to_owned()).unwrap_or_default()
    };
    let relayed = |domain: &String| RelayedDomain { domain: domain.clone(), next_hop: next_hop(domain) };
    SetupFlow {
        role: config.role,
        networks: flow.my_networks.iter().filter(|entry| !is_this_computer(entry)).cloned().collect(),
        relayhost: flow.relayhost.clone(),
        relay_user: flow.relayhost_user.clone(),
        relay_password: None,
        outbound_tls: flow.outbound_tls,
        relay_domains: flow.relay_domains.iter().map(relayed).collect(),
        relay_recipients: flow.relay_recipients.clone(),
        call_ahead: restrictions(config).any(|name| name == CALL_AHEAD),
    }
}

/// The same configuration with these entries, which were judged.
pub(super) fn with(mut config: Config, wanted: &SetupFlow) -> Config {
    let flow = &mut config.flow;
    config.role = wanted.role;
    let this_computer: Vec<String> =
        flow.my_networks.iter().filter(|entry| is_this_computer(entry)).cloned().collect();
    let defaults = config::defaults().flow.my_networks;
    flow.my_networks = if this_computer.is_empty() { defaults } else { this_computer };
    flow.my_networks.extend(trimmed(&wanted.networks));
    flow.relayhost = wanted.relayhost.trim().to_owned();
    flow.relayhost_user = wanted.relay_user.trim().to_owned();
    flow.outbound_tls = wanted.outbound_tls;
    // Ways of domains that were or will be passed on are the wizard's; others somebody set for another reason.
    let domains: Vec<String> = wanted.relay_domains.iter().map(|relayed| key(&relayed.domain)).collect();
    let decided = |name: &String| {
        domains.iter().chain(&flow.relay_domains).any(|domain| domain.eq_ignore_ascii_case(name))
    };
    let mut transports: Vec<Mapping> =
        flow.transports.iter().filter(|line| !decided(&line.key)).cloned().collect();
    transports.extend(wanted.relay_domains.iter().zip(&domains).filter_map(|(relayed, domain)| {
        let value = transport(relayed.next_hop.trim())?;
        Some(Mapping { key: domain.clone(), value })
    }));
    flow.transports = transports;
    flow.relay_domains = domains;
    flow.relay_recipients = trimmed(&wanted.relay_recipients).collect();
    config.restrictions.recipient_restrictions = recipient_restrictions(&config, wanted.call_ahead);
    config
}

/// `smtpd_recipient_restrictions` with or without the question to the server behind, which strangers alone have to pass.
fn recipient_restrictions(config: &Config, call_ahead: bool) -> String {
    let known = config.restrictions.recipient_restrictions.clone();
    let asks = restrictions(config).any(|name| name == CALL_AHEAD);
    match (asks, call_ahead) {
        (true, true) | (false, false) => known,
        (false, true) if known.trim().is_empty() => format!("{TRUSTED}, {CALL_AHEAD}"),
        (false, true) => format!("{}, {CALL_AHEAD}", known.trim().trim_end_matches(',')),
        (true, false) => {
            let others =
                restrictions(config).filter(|name| *name != CALL_AHEAD).collect::<Vec<_>>().join(", ");
            if others == TRUSTED { String::new() } else { others }
        }
    }
}

/// The names in `smtpd_recipient_restrictions`.
fn restrictions(config: &Config) -> impl Iterator<Item = &str> {
    let names = config.restrictions.recipient_restrictions.split(|c: char| c == ',' || c.is_whitespace());
    names.filter(|name| !name.is_empty())
}

/// What is wrong with these entries, in the order of the screens.
pub(super) fn faults(flow: &SetupFlow, around: &Around<'_>) -> Vec<SetupFault> {
    let mut faults = Vec::new();
    let mut add = |field, place: usize, result: Result<(), Error>| {
        if let Err(error) = result {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            faults.push(SetupFault { field, place, error });
        }
    };
    add(SetupField::Relayhost, 0, relayhost(flow, around));
    add(SetupField::RelayUser, 0, login(flow, around));
    for (place, entry) in flow.networks.iter().enumerate() {
        add(SetupField::Networks, place, network(entry));
    }
    if flow.role == Role::Edge && flow.relay_domains.is_empty() {
        let error = Error::new(Code::RelayDomainMissing, "An edge server needs a domain to take mail for");
        add(SetupField::RelayDomain, 0, Err(error));
    }
    for (place, relayed) in flow.relay_domains.iter().enumerate() {
        add(SetupField::RelayDomain, place, relay_domain(place, flow, around));
        add(SetupField::NextHop, place, way_to(relayed, flow, around));
    }
    for (place, entry) in flow.relay_recipients.iter().enumerate() {
        add(SetupField::RelayRecipients, place, relay_recipient(entry, flow));
    }
    faults
}

fn relayhost(flow: &SetupFlow, around: &Around<'_>) -> Result<(), Error> {
    let needed = matches!(flow.role, Role::Client | Role::Inner);
    match flow.relayhost.trim() {
        "" if needed => {
            Err(Error::new(Code::RelayhostMissing, "Mail for others needs a relay host to go to"))
        }
        "" => Ok(()),
        text => not_ourselves(&next_hop(text)?, text, around),
    }
}

/// Reads a next hop.
pub(super) fn next_hop(text: &str) -> Result<HostPort, Error> {
    text.trim().parse().map_err(|bad: BadSetting| {
        Error::new(Code::NextHopInvalid, bad.to_string()).with("host", text.trim())
    })
}

/// Mail that is sent to ourselves never arrives. Names are looked up when mail is sent, and loops found then; here is said what
/// can be known before.
fn not_ourselves(hop: &HostPort, text: &str, around: &Around<'_>) -> Result<(), Error> {
    let at_port = |port: &u16| *port == hop.port;
    let ours = match hop.host.parse::<IpAddr>() {
        Ok(address) => around.listeners.iter().any(|(listens, port)| {
            let is_here = address.is_loopback() || around.addresses.contains(&address);
            at_port(port) && (*listens == address || listens.is_unspecified() && is_here)
        }),
        Err(_) if hop.host == "localhost" => around.listeners.iter().any(|(_, port)| at_port(port)),
        Err(_) => {
            let is_us = hop.host.eq_ignore_ascii_case(around.host);
            is_us && (hop.port == 25 || around.listeners.iter().any(|(_, port)| at_port(port)))
        }
    };
    if ours {
        let text = text.trim();
        return Err(
            Error::new(Code::NextHopOurselves, format!("{text} is this server itself")).with("host", text)
        );
    }
    Ok(())
}

/// RFC 8314 §3.3: no password without TLS; from this computer to itself nobody can listen.
fn login(flow: &SetupFlow, around: &Around<'_>) -> Result<(), Error> {
    if flow.relay_user.trim().is_empty() {
        return Ok(());
    }
    let is_here = next_hop(&flow.relayhost).is_ok_and(|hop| {
        hop.host == "localhost" || hop.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    if flow.outbound_tls == TlsLevel::None && !is_here {
        let text = "A password is sent over TLS only: choose another smtp_tls_security_level than none";
        return Err(Error::new(Code::RelayPasswordInClear, text).with("level", "none"));
    }
    let has_password = match &flow.relay_password {
        Some(password) => !password.is_empty(),
        None => around.password_kept,
    };
    if !has_password {
        let text = "The user of the relay host needs a password";
        return Err(Error::new(Code::RelayPasswordMissing, text));
    }
    Ok(())
}

fn network(entry: &str) -> Result<(), Error> {
    let network: Network = entry.trim().parse().map_err(|bad: BadSetting| {
        let text = bad.to_string();
        match bad {
            BadSetting::HostBits { written, meant } => {
                Error::new(Code::NetworkHostBits, text).with("network", written).with("meant", meant)
            }
            _ => Error::new(Code::NetworkInvalid, text).with("network", entry.trim()),
        }
    })?;
    if network.is_everything() || network.is_wide_and_public() {
        return Err(open_relay("mynetworks", entry.trim()));
    }
    Ok(())
}

/// The wizard makes no open relay, however it is asked.
fn open_relay(setting: &str, value: &str) -> Error {
    let text =
        format!("{setting} = {value} lets strangers send through this server; the wizard does not set it");
    Error::new(Code::OpenRelay, text).with("setting", setting).with("value", value)
}

fn relay_domain(place: usize, flow: &SetupFlow, around: &Around<'_>) -> Result<(), Error> {
    let Some(typed) = flow.relay_domains.get(place).map(|relayed| relayed.domain.trim()) else {
        return Ok(());
    };
    if matches!(typed, "*" | ".*" | ".") {
        return Err(open_relay("relay_domains", typed));
    }
    let name = domain(typed)?;
    if around.domains.contains(&name) {
        let text = format!("{name} is delivered here, so it cannot be passed on");
        return Err(Error::new(Code::RelayDomainOurs, text).with("domain", &name));
    }
    if flow.relay_domains.iter().take(place).any(|before| key(&before.domain) == name) {
        return Err(
            Error::new(Code::RelayDomainTwice, format!("{name} is named twice")).with("domain", &name)
        );
    }
    Ok(())
}

/// Where the mail of a domain behind us goes.
fn way_to(relayed: &RelayedDomain, flow: &SetupFlow, around: &Around<'_>) -> Result<(), Error> {
    let typed = relayed.next_hop.trim();
    if typed.is_empty() {
        // As in Postfix, relayhost stands before MX for every domain that is not delivered here.
        if flow.relayhost.trim().is_empty() {
            return Ok(());
        }
        let text = format!(
            "With a relay host, mail for {} needs a next hop, or it leaves by the relay host",
            relayed.domain
        );
        return Err(Error::new(Code::NextHopMissing, text).with("domain", &relayed.domain));
    }
    match next_hop(typed) {
        Ok(hop) => not_ourselves(&hop, typed, around),
        // What was set elsewhere, `error:gone`, stays possible.
        Err(_) if typed.parse::<Transport>().is_ok() => Ok(()),
        Err(error) => Err(error),
    }
}

fn relay_recipient(entry: &str, flow: &SetupFlow) -> Result<(), Error> {
    let typed = entry.trim();
    let invalid =
        || Error::new(Code::AddressInvalid, format!("{typed} is not an address")).with("address", typed);
    // `@domain` is everybody there.
    let whole = if typed.starts_with('@') { format!("x{typed}") } else { typed.to_owned() };
    let address = Address::parse(whole.as_bytes()).map_err(|_| invalid())?;
    let name = address.domain().name().map(key).ok_or_else(invalid)?;
    let within = |relayed: &RelayedDomain| {
        let entry = key(&relayed.domain);
        name == entry || name.ends_with(&format!(".{entry}"))
    };
    if flow.relay_domains.iter().any(within) {
        return Ok(());
    }
    let text = format!("{typed} is in none of the domains that are passed on");
    Err(Error::new(Code::RelayRecipientForeign, text).with("address", typed))
}

/// The right side of `transport_maps`; none: the MX of the domain.
fn transport(next_hop: &str) -> Option<String> {
    match next_hop.parse::<HostPort>() {
        _ if next_hop.is_empty() => None,
        Ok(hop) => Some(format!("{SMTP}{hop}")),
        Err(_) => Some(next_hop.to_owned()),
    }
}

/// A domain as it is written; what is no domain was refused before.
fn key(typed: impl AsRef<str>) -> String {
    domain(typed.as_ref()).unwrap_or_else(|_| typed.as_ref().trim().to_ascii_lowercase())
}

fn trimmed(list: &[String]) -> impl Iterator<Item = String> {
    list.iter().map(|entry| entry.trim().to_owned()).filter(|entry| !entry.is_empty())
}

/// Whether an entry of `mynetworks` is within loopback.
fn is_this_computer(entry: &str) -> bool {
    let address = entry.trim().split('/').next().unwrap_or_default().trim_matches(['[', ']']);
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
