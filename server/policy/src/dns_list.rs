//! Lists that are asked over DNS (RFC 5782): of addresses that send junk, of names, of hosts that are trusted.

use std::net::{IpAddr, Ipv4Addr};

use crate::name;

/// A list, and which of its answers count: `zen.example.net=127.0.0.[2..11]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsList {
    zone: String,
    codes: Option<Codes>,
}

/// What a list says of one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Its A records; none: it is not on the list.
    pub addresses: Vec<Ipv4Addr>,
    /// Its TXT record: why it is on the list.
    pub reason: String,
}

/// `d.d.d.d`, where each d is a number or `[n;n..m]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Codes([Vec<(u8, u8)>; 4]);

impl DnsList {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (zone, codes) = match text.split_once('=') {
            Some((zone, codes)) => (zone, Some(Codes::parse(codes)?)),
            None => (text, None),
        };
        name::is_host_name(zone).then(|| Self { zone: zone.to_ascii_lowercase(), codes })
    }

    /// Its name.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The name to ask for an address: its octets, or for IPv6 its half octets, backwards (RFC 5782 §2.1, §2.4).
    pub(crate) fn name_of_address(&self, address: IpAddr) -> String {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.{}", self.zone)
            }
            IpAddr::V6(address) => {
                let halves = address.octets().into_iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
                let halves: String = halves.map(|half| format!("{half:x}.")).collect();
                format!("{halves}{}", self.zone)
            }
        }
    }

    /// The name to ask for a domain (RFC 5782 §4); none where that would be no name.
    pub(crate) fn name_of_domain(&self, domain: &str) -> Option<String> {
        let ascii = idna::domain_to_ascii(domain).ok()?;
        let name = format!("{}.{}", ascii.trim_end_matches('.'), self.zone);
        name::is_host_name(&name).then_some(name)
    }

    /// Whether what it says means that the name is on it.
    pub(crate) fn has(&self, listing: &Listing) -> bool {
        listing.addresses.iter().any(|code| match &self.codes {
            Some(codes) => codes.hold(*code),
            // RFC 5782 §2.1: listings are in 127.0.0.0/8. An answer elsewhere comes from a domain that was sold; the
            // last /24 is how lists say that they do not answer this server.
            None => code.is_loopback() && code.octets()[..3] != [127, 255, 255],
        })
    }
}

impl Codes {
    fn parse(text: &str) -> Option<Self> {
        let mut octets: [Vec<(u8, u8)>; 4] = Default::default();
        let mut rest = text;
        for (n, octet) in octets.iter_mut().enumerate() {
            let end = match rest.strip_prefix('[') {
                Some(list) => {
                    let close = list.find(']')?;
                    *octet = list[..close].split(';').map(range).collect::<Option<_>>()?;
                    close + 2
                }
                None => {
                    let end = rest.find('.').unwrap_or(rest.len());
                    let number = rest[..end].parse().ok()?;
                    *octet = vec![(number, number)];
                    end
                }
            };
            rest = rest.get(end..)?;
            if n < 3 {
                rest = rest.strip_prefix('.')?;
            }
        }
        rest.is_empty().then_some(Self(octets))
    }

    fn hold(&self, code: Ipv4Addr) -> bool {
        let octets = code.octets();
        self.0
            .iter()
            .zip(octets)
            .all(|(ranges, octet)| ranges.iter().any(|&(first, last)| (first..=last).contains(&octet)))
    }
}

/// `n` or `n..m`.
fn range(text: &str) -> Option<(u8, u8)> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let range: (u8, u8) = (first.parse().ok()?, last.parse().ok()?);
    (range.0 <= range.1).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(list: &str, code: &str) -> bool {
        let addresses = vec![code.parse().unwrap()];
        DnsList::parse(list).unwrap().has(&Listing { addresses, reason: String::new() })
    }

    #[test]
    fn addresses_and_names_are_asked_backwards_and_forwards() {
        let list = DnsList::parse("Zen.test").unwrap();
        assert_eq!(list.name_of_address("192.0.2.99".parse().unwrap()), "99.2.0.192.zen.test");
        assert_eq!(list.name_of_address("::ffff:192.0.2.99".parse().unwrap()), "99.2.0.192.zen.test");
        let six = list.name_of_address("2001:db8::7".parse().unwrap());
        assert_eq!(six, "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.test");
        assert_eq!(list.name_of_domain("Spam.test.").as_deref(), Some("spam.test.zen.test"));
        assert_eq!(list.name_of_domain("español.test").as_deref(), Some("xn--espaol-zwa.test.zen.test"));
        assert_eq!(list.name_of_domain("a b"), None);
    }

    #[test]
    fn only_codes_that_mean_a_listing_count() {
        assert!(says("zen.test", "127.0.0.2"));
        assert!(!says("zen.test", "203.0.113.1"), "a domain that was sold");
        assert!(!says("zen.test", "127.255.255.254"), "the list does not answer us");
        assert!(says("zen.test=127.0.0.[2..4;9]", "127.0.0.9"));
        assert!(!says("zen.test=127.0.0.[2..4;9]", "127.0.0.10"));
        assert!(says("zen.test=127.[0..255].[0..255].2", "127.7.8.2"));
        assert!(says("zen.test=127.0.0.2", "127.0.0.2"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in [
            "",
            "=127.0.0.2",
            "a_b c",
            "zen.test=",
            "zen.test=127.0.0",
            "zen.test=127.0.0.2.3",
            "zen.test=127.0.0.[2",
            "zen.test=127.0.0.[4..2]",
            "zen.test=127.0.0.256",
            "zen..test",
            "zen.test=127.0.0.[2]x",
        ] {
            assert_eq!(DnsList::parse(bad), None, "{bad}");
        }
    }
}
