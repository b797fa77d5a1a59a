//! `mynetworks`: who is trusted by address.

use super::BadSetting;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses that share a prefix, as `10.0.0.0/8`, `192.0.2.7`, `[2001:db8::]/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// Reads a list as `mynetworks` has it: entries between commas or white space.
    ///
    /// Errors: [`BadSetting::Network`], [`BadSetting::HostBits`], about the first bad entry.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, BadSetting> {
        text.split([',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty()).map(str::parse).collect()
    }

    /// Whether an address lies in it. An IPv4 address that came in through an IPv6 socket (`::ffff:192.0.2.7`) is the
    /// IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether it is every address there is.
    pub fn is_everything(&self) -> bool {
        self.0.prefix_len() == 0
    }

    /// Whether it holds a range of addresses of the internet that can hardly be one site: more than a /24 of IPv4 or a
    /// /64 of IPv6, and not within the ranges kept for private use.
    pub fn is_wide_and_public(&self) -> bool {
        let widest = if self.0.addr().is_ipv4() { 24 } else { 64 };
        self.0.prefix_len() < widest
            && !PRIVATE.iter().filter_map(|p| p.parse().ok()).any(|private: IpNet| private.contains(&self.0))
    }
}

/// RFC 1918, RFC 6598, loopback, link-local, documentation (RFC 5737, RFC 3849), unique local (RFC 4193).
const PRIVATE: [&str; 13] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "::1/128",
    "fe80::/10",
    "fc00::/7",
    "2001:db8::/32",
];

impl FromStr for Network {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let bad = || BadSetting::Network(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        // Postfix wants IPv6 in brackets; without them there is no doubt either.
        let inner = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        let address: IpAddr = match inner {
            Some(inner) => IpAddr::V6(inner.parse().map_err(|_| bad())?),
            None => address.parse().map_err(|_| bad())?,
        };
        let network = match prefix {
            None => IpNet::from(address),
            Some(prefix) => IpNet::new(address, prefix.parse().map_err(|_| bad())?).map_err(|_| bad())?,
        };
        if network.trunc() != network {
            let meant = Self(network.trunc()).to_string();
            return Err(BadSetting::HostBits { written: text.to_owned(), meant });
        }
        Ok(Self(network))
    }
}

/// As Postfix writes it.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpNet::V4(network) => write!(f, "{network}"),
            IpNet::V6(network) => write!(f, "[{}]/{}", network.addr(), network.prefix_len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_postfix_reads_them() {
        let list = Network::parse_list("10.0.0.0/8, 192.0.2.7\n[::1]/128 2001:db8::/32 [fe80::1]").unwrap();
        let written: Vec<_> = list.iter().map(Network::to_string).collect();
        assert_eq!(written, ["10.0.0.0/8", "192.0.2.7/32", "[::1]/128", "[2001:db8::]/32", "[fe80::1]/128"]);
        assert_eq!(Network::parse_list(" ,"), Ok(vec![]));
    }

    #[test]
    fn a_bad_network_says_what_to_write() {
        for bad in ["10.0.0.0/33", "10.0.0/8", "[10.0.0.1]", "[::1", "::1/129", "lab.test", "10.0.0.0/", "/8"]
        {
            assert_eq!(bad.parse::<Network>(), Err(BadSetting::Network(bad.into())), "{bad}");
        }
        let error = "10.0.0.1/8".parse::<Network>().unwrap_err();
        assert_eq!(error.to_string(), "10.0.0.1/8 has bits set behind its prefix: write 10.0.0.0/8");
        let error = "[2001:db8::1]/32".parse::<Network>().unwrap_err();
        assert!(error.to_string().ends_with("write [2001:db8::]/32"), "{error}");
    }

    #[test]
    fn an_address_is_found_also_when_mapped_into_ipv6() {
        let network: Network = "10.0.0.0/8".parse().unwrap();
        assert!(network.contains("10.1.2.3".parse().unwrap()));
        assert!(network.contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!network.contains("11.1.2.3".parse().unwrap()));
        assert!(!network.contains("::1".parse().unwrap()));
    }

    #[test]
    fn wide_public_networks_are_told_from_sites() {
        for wide in
            ["0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/8", "198.18.0.0/16", "::/0", "2000::/3", "2a00::/32"]
        {
            assert!(wide.parse::<Network>().unwrap().is_wide_and_public(), "{wide}");
        }
        for site in
            ["10.0.0.0/8", "192.168.0.0/16", "8.8.8.0/24", "8.8.8.8", "127.0.0.0/8", "fc00::/7", "2a00::/64"]
        {
            assert!(!site.parse::<Network>().unwrap().is_wide_and_public(), "{site}");
        }
    }
}
