//! Mail flow: the configuration, the aliases and the forwards as routing wants them.

mod people;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use postigo_api::{Code, Error, TlsLevel};
use postigo_policy::Who;
use postigo_queue::route::{self, AccountId, BadSetting, HostPort, Network, Routes, Srs, Target};
use postigo_store::Accounts;

use crate::config::Config;
use crate::restrictions;
use crate::secrets::Secrets;
pub(crate) use people::People;

/// The routes of a configuration with the aliases and forwards of a server.
///
/// Errors: those of [`check`]. What is wrong in an alias or a forward that was kept earlier is left out and logged.
pub(crate) fn routes(config: &Config, accounts: &Accounts, secrets: &Secrets) -> Result<Routes, Error> {
    let mut routes = of_config(config)?;
    if !config.flow.relayhost_user.is_empty() && secrets.relayhost().is_some() {
        routes.credentials.extend(routes.relayhost.as_ref().map(HostPort::to_string));
    }
    if let Some(main) = config.domains.first() {
        routes.srs = Some(Srs::new(main, &[secrets.srs()]));
    }
    for alias in accounts.aliases() {
        let Some(targets) = targets(&alias.name, &alias.targets) else { continue };
        add_alias(&mut routes, &alias.name, targets);
    }
    for forward in accounts.forwards() {
        let Some(targets) = targets("a forward", &forward.targets) else { continue };
        let forwarding = route::Forward { targets, keep_copy: forward.keep_copy };
        routes.forwards.insert(AccountId(forward.account.get()), forwarding);
    }
    Ok(routes)
}

/// Whether the settings of mail flow can be used. Errors: [`Code::SettingInvalid`], with the setting by its Postfix name.
pub(crate) fn check(config: &Config) -> Result<(), Error> {
    of_config(config).map(drop)
}

/// The setting that makes this an open relay, and its entry at fault.
pub(crate) fn open_relay(config: &Config) -> Option<(&'static str, String)> {
    let by_network = of_config(config).ok()?.is_open_relay();
    let by_network = by_network.map(|found| (found.setting(), found.entry()));
    by_network.or_else(|| restrictions::open_relay(config))
}

fn of_config(config: &Config) -> Result<Routes, Error> {
    let flow = &config.flow;
    let lists = restrictions::read(config)?;
    let mut routes = Routes {
        host: config.host.clone(),
        local_domains: config.domains.clone(),
        addresses: addresses(config),
        recipient_delimiter: flow.recipient_delimiter.clone(),
        relay_domains: flow.relay_domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
        relay_recipients: relay_recipients(&flow.relay_recipients),
        tls_level: tls_level(flow.outbound_tls),
        call_ahead: lists.asks_next_hops(),
        networks_may_relay: lists.lets_relay(Who::Trusted).is_some(),
        users_may_relay: lists.lets_relay(Who::User).is_some(),
        ..Routes::default()
    };
    let proxies = config.xclient_hosts.join(" ");
    Network::parse_list(&proxies).map_err(|bad| invalid("smtpd_authorized_xclient_hosts", &bad))?;
    crate::local::check(&config.submit_users).map_err(|bad| invalid("authorized_submit_users", &bad))?;
    let networks = flow.my_networks.join(" ");
    routes.networks = Network::parse_list(&networks).map_err(|bad| invalid("mynetworks", &bad))?;
    for line in &flow.transports {
        let transport = line.value.parse().map_err(|bad| invalid("transport_maps", &bad))?;
        routes.transports.add(&line.key, transport).map_err(|bad| invalid("transport_maps", &bad))?;
    }
    if !flow.relayhost.is_empty() {
        routes.relayhost = Some(flow.relayhost.parse().map_err(|bad| invalid("relayhost", &bad))?);
    }
    for line in &flow.sender_relayhosts {
        let setting = "sender_dependent_relayhost_maps";
        let next_hop = line.value.parse().map_err(|bad| invalid(setting, &bad))?;
        routes.sender_relayhosts.insert(line.key.to_ascii_lowercase(), next_hop);
    }
    if !flow.bind_address.is_empty() {
        let address = flow.bind_address.parse().map_err(|_| {
            invalid("smtp_bind_address", &format!("{} is not an IP address", flow.bind_address))
        })?;
        routes.bind.push(address);
    }
    if flow.recipient_delimiter.chars().count() > 2 {
        return Err(invalid("recipient_delimiter", &"one or two characters are needed"));
    }
    Ok(routes)
}

/// The addresses under which this machine is meant.
fn addresses(config: &Config) -> Vec<IpAddr> {
    let listen = config.listen.parse::<IpAddr>().ok().filter(|address| !address.is_unspecified());
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    loopback.into_iter().chain(listen).collect()
}

fn relay_recipients(list: &[String]) -> Option<BTreeSet<String>> {
    (!list.is_empty()).then(|| list.iter().map(|address| address.to_ascii_lowercase()).collect())
}

/// As routing names it.
pub(crate) const fn tls_level(level: TlsLevel) -> route::TlsLevel {
    match level {
        TlsLevel::None => route::TlsLevel::None,
        TlsLevel::May => route::TlsLevel::May,
        TlsLevel::Encrypt => route::TlsLevel::Encrypt,
    }
}

/// Puts an alias into the table that its form belongs to.
fn add_alias(routes: &mut Routes, name: &str, targets: Vec<Target>) {
    let Some((local_part, domain)) = name.rsplit_once('@') else {
        return routes.aliases.insert(name, targets);
    };
    let is = |list: &[String]| list.iter().any(|entry| entry.eq_ignore_ascii_case(domain));
    let is_local = is(&routes.local_domains);
    if is_local && local_part.is_empty() {
        return routes.catch_all.insert(domain, targets);
    }
    // A domain that is neither delivered nor relayed here, but has aliases, consists of them.
    if !is_local && !is(&routes.relay_domains) && !is(&routes.virtual_alias_domains) {
        routes.virtual_alias_domains.push(domain.to_ascii_lowercase());
    }
    routes.virtual_aliases.insert(name, targets);
}

fn targets(name: &str, texts: &[String]) -> Option<Vec<Target>> {
    match parse_targets(texts) {
        Ok(targets) => Some(targets),
        Err(error) => {
            tracing::warn!(name, %error, "the targets cannot be read");
            None
        }
    }
}

/// Reads targets of an alias or a forward.
pub(crate) fn parse_targets(texts: &[String]) -> Result<Vec<Target>, BadSetting> {
    let mut targets = Vec::new();
    for text in texts {
        targets.extend(Target::parse_list(text)?);
    }
    Ok(targets)
}

fn invalid(setting: &str, detail: &dyn std::fmt::Display) -> Error {
    Error::new(Code::SettingInvalid, format!("{setting}: {detail}"))
        .with("setting", setting)
        .with("detail", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use postigo_api::Mapping;
    use postigo_queue::route::AliasTable;

    #[test]
    fn what_cannot_be_read_names_its_setting() {
        let line = |key: &str, value: &str| vec![Mapping { key: key.into(), value: value.into() }];
        let mut config = crate::config::defaults();
        check(&config).unwrap();
        config.flow.my_networks = vec!["10.0.0.1/8".into()];
        let error = check(&config).unwrap_err();
        assert_eq!(error.params["setting"], "mynetworks");
        assert!(error.params["detail"].contains("write 10.0.0.0/8"), "{error}");
        let mut config = crate::config::defaults();
        config.flow.transports = line("inner.test", "uucp:x");
        assert_eq!(check(&config).unwrap_err().params["setting"], "transport_maps");
        let mut config = crate::config::defaults();
        config.flow.relayhost = "a b".into();
        assert_eq!(check(&config).unwrap_err().params["setting"], "relayhost");
    }

    #[test]
    fn an_alias_goes_into_the_table_of_its_form() {
        let mut routes = of_config(&crate::config::defaults()).unwrap();
        for name in ["todos", "ventas@lab.test", "@lab.test", "info@otro.test"] {
            add_alias(&mut routes, name, Target::parse_list("ana").unwrap());
        }
        let keys = |table: &AliasTable| table.entries().map(|(key, _)| key.to_owned()).collect::<Vec<_>>();
        assert_eq!(keys(&routes.aliases), ["todos"]);
        assert_eq!(keys(&routes.catch_all), ["lab.test"]);
        assert_eq!(keys(&routes.virtual_aliases), ["info@otro.test", "ventas@lab.test"]);
        assert_eq!(routes.virtual_alias_domains, ["otro.test"]);
    }
}
