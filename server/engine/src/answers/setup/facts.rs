//! What the wizard starts from: the addresses of this computer, and how mail comes and goes now.

use std::net::IpAddr;

use if_addrs::{IfAddr, Interface};
use postigo_api::{Error, OwnAddress, SetupFacts, SetupFlow};

use super::flow;
use crate::engine::Shared;
use crate::errors::blocking;

/// What is known before anybody was asked.
pub(crate) async fn facts(engine: &Shared) -> Result<SetupFacts, Error> {
    let flow = engine.config.load().as_ref().map_or_else(SetupFlow::default, |config| flow::of(config));
    let secrets = std::sync::Arc::clone(&engine.secrets);
    blocking(move || {
        let relay_password_kept = secrets.relayhost().is_some();
        Ok(SetupFacts { addresses: own_addresses(), flow, relay_password_kept })
    })
    .await
}

/// The addresses of this computer in its networks. Loopback and link-local ones are left out: nobody writes mail to them.
/// Blocks.
pub(super) fn own_addresses() -> Vec<OwnAddress> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let reachable = interfaces.iter().filter(|one| !one.is_loopback() && !one.is_link_local());
    let mut addresses: Vec<OwnAddress> = reachable.map(own).collect();
    // IPv4 first: it is what classrooms have.
    addresses.sort_by_key(|one| one.address.contains(':'));
    addresses
}

fn own(interface: &Interface) -> OwnAddress {
    let ip = interface.ip();
    let network = match &interface.addr {
        IfAddr::V4(four) => network(four.ip.into(), four.prefixlen.into()),
        IfAddr::V6(six) => network(six.ip.into(), six.prefixlen.into()),
    };
    OwnAddress { address: ip.to_string(), network, is_public: is_public(ip) }
}

/// The network of an address, as `mynetworks` writes it.
fn network(address: IpAddr, prefix: u32) -> String {
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0);
            format!("{}/{prefix}", std::net::Ipv4Addr::from_bits(four.to_bits() & mask))
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0);
            format!("[{}]/{prefix}", std::net::Ipv6Addr::from_bits(six.to_bits() & mask))
        }
    }
}

/// Whether the whole internet can know an address: it is of no range for private use (RFC 1918, RFC 6598, RFC 4193), for one
/// link or for documentation.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => {
            let is_shared = four.octets()[0] == 100 && four.octets()[1] & 0xc0 == 64;
            !(four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.is_unspecified()
                || four.is_documentation()
                || four.is_multicast()
                || four.is_broadcast()
                || is_shared)
        }
        IpAddr::V6(six) => {
            let is_documentation = six.segments()[0] == 0x2001 && six.segments()[1] == 0xdb8;
            !(six.is_unique_local()
                || six.is_loopback()
                || six.is_unicast_link_local()
                || six.is_unspecified()
                || six.is_multicast()
                || is_documentation)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_written_by_its_first_address() {
        for (address, prefix, expected) in [
            ("192.168.1.37", 24, "192.168.1.0/24"),
            ("10.3.7.9", 8, "10.0.0.0/8"),
            ("10.3.7.9", 32, "10.3.7.9/32"),
            ("10.3.7.9", 0, "0.0.0.0/0"),
            ("2001:db8:1::5", 64, "[2001:db8:1::]/64"),
        ] {
            assert_eq!(network(address.parse().unwrap(), prefix), expected);
        }
    }

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for address in ["8.8.8.8", "5.196.224.198", "2a00:1450::1", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "10.0.0.1",
            "172.22.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.1",
            "127.0.0.1",
            "169.254.1.1",
            "192.0.2.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
