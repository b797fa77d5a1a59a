//! Whether a configuration lets strangers use this server.

use super::{Network, Routes};

/// Why a configuration is an open relay. Neither authentication nor TLS helps against it: trusted addresses are not asked
/// for a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenRelay {
    /// `mynetworks` holds every address.
    EveryNetwork(Network),
    /// `mynetworks` holds a range of the internet that is wider than a site.
    PublicNetwork(Network),
    /// `relay_domains` holds every domain.
    EveryDomain(String),
}

impl OpenRelay {
    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EveryNetwork(_) => "everyNetwork",
            Self::PublicNetwork(_) => "publicNetwork",
            Self::EveryDomain(_) => "everyDomain",
        }
    }

    /// Postfix's name of the setting at fault.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::EveryNetwork(_) | Self::PublicNetwork(_) => "mynetworks",
            Self::EveryDomain(_) => "relay_domains",
        }
    }

    /// The entry at fault.
    pub fn entry(&self) -> String {
        match self {
            Self::EveryNetwork(network) | Self::PublicNetwork(network) => network.to_string(),
            Self::EveryDomain(entry) => entry.clone(),
        }
    }
}

impl Routes {
    /// The worst reason why this is an open relay; none if it is not one.
    pub fn is_open_relay(&self) -> Option<OpenRelay> {
        let networks: &[Network] = if self.networks_may_relay { &self.networks } else { &[] };
        let find = |test: fn(&Network) -> bool| networks.iter().copied().find(test);
        let every = find(Network::is_everything).map(OpenRelay::EveryNetwork);
        let domain = || self.relay_domains.iter().find(|entry| is_every_domain(entry)).cloned();
        every
            .or_else(|| domain().map(OpenRelay::EveryDomain))
            .or_else(|| find(Network::is_wide_and_public).map(OpenRelay::PublicNetwork))
    }
}

fn is_every_domain(entry: &str) -> bool {
    matches!(entry, "*" | ".*" | "." | "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_relay_is_found_by_its_configuration() {
        type Case =
            (&'static str, &'static str, &'static [&'static str], Option<(&'static str, &'static str)>);
        let cases: [Case; 9] = [
            ("own machine", "127.0.0.0/8 [::1]/128", &[], None),
            ("class room", "10.0.0.0/8", &["inner.test"], None),
            ("own public address", "8.8.8.8", &[], None),
            ("the world", "127.0.0.0/8 0.0.0.0/0", &[], Some(("everyNetwork", "0.0.0.0/0"))),
            ("the world of IPv6", "[::]/0", &[], Some(("everyNetwork", "[::]/0"))),
            ("half of the world", "128.0.0.0/1", &[], Some(("publicNetwork", "128.0.0.0/1"))),
            ("a provider", "8.0.0.0/8", &[], Some(("publicNetwork", "8.0.0.0/8"))),
            ("every domain", "127.0.0.0/8", &["*"], Some(("everyDomain", "*"))),
            ("worst first", "8.0.0.0/8 [::]/0", &["*"], Some(("everyNetwork", "[::]/0"))),
        ];
        for (name, networks, domains, expected) in cases {
            let routes = Routes {
                networks: Network::parse_list(networks).unwrap(),
                networks_may_relay: true,
                relay_domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
                ..Routes::default()
            };
            let found = routes.is_open_relay();
            let found = found.as_ref().map(|reason| (reason.code(), reason.entry()));
            assert_eq!(found, expected.map(|(code, entry)| (code, entry.to_owned())), "{name}");
        }
    }

    #[test]
    fn a_network_without_the_right_to_relay_is_no_reason() {
        let networks = Network::parse_list("0.0.0.0/0").unwrap();
        let routes = Routes { networks, networks_may_relay: false, ..Routes::default() };
        assert_eq!(routes.is_open_relay(), None);
    }
}
