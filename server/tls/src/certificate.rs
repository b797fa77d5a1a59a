//! A certificate, taken apart for people and for our own decisions.

use std::net::IpAddr;

use aws_lc_rs::digest;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_parser::der_parser::oid;
use x509_parser::extensions::{GeneralName, GeneralSubtree};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::names::within;

const SECONDS_PER_DAY: i64 = 86_400;

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInfo {
    /// Distinguished name of the holder, as `CN=mail.lab.test, O=Postigo`.
    pub subject: String,
    /// Distinguished name of the signer.
    pub issuer: String,
    /// DNS names the certificate is good for (RFC 5280 §4.2.1.6).
    pub dns_names: Vec<String>,
    /// IP addresses it is good for.
    pub ip_addresses: Vec<IpAddr>,
    /// Algorithm and size of the key, as `ECDSA P-256` or `RSA 2048`.
    pub key_algorithm: String,
    /// Serial number, in hexadecimal with colons.
    pub serial: String,
    /// First second of validity, seconds since 1970-01-01 UTC.
    pub not_before: i64,
    /// Last second of validity, seconds since 1970-01-01 UTC.
    pub not_after: i64,
    /// SHA-256 of the DER form, upper-case hexadecimal with colons, as browsers and `openssl x509 -fingerprint` show it.
    pub sha256: String,
    /// Whether it may sign other certificates.
    pub authority: bool,
    /// How many authorities may stand between this one and a server certificate; `None` without a limit.
    pub path_length: Option<u32>,
    /// What an authority may vouch for; `None` when it may vouch for anything.
    pub constraints: Option<Constraints>,
}

/// Permitted subtrees of an authority (RFC 5280 §4.2.1.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraints {
    /// Whether a verifier that does not know the extension has to refuse the certificate.
    pub critical: bool,
    /// DNS names, each with all below it.
    pub dns: Vec<String>,
    /// Networks.
    pub ip: Vec<Subnet>,
    /// Mail domains (a leading dot: all below the domain).
    pub email: Vec<String>,
}

/// A network, as `127.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    /// An address in the network.
    pub address: IpAddr,
    /// How many leading bits are fixed.
    pub prefix: u32,
}

impl Subnet {
    /// Whether the address lies in this network. Never true between IPv4 and IPv6.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |width: u32, difference: u128| {
            difference.checked_shr(width.saturating_sub(self.prefix)).unwrap_or(0) == 0
        };
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => same(32, u128::from(ours.to_bits() ^ theirs.to_bits())),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => same(128, ours.to_bits() ^ theirs.to_bits()),
            _ => false,
        }
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl CertificateInfo {
    /// Takes a certificate apart. `None` if it is not one (RFC 5280 §4.1).
    #[must_use]
    pub fn parse(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok()?.map(|found| &found.value.general_names);
        let names = names.map(Vec::as_slice).unwrap_or_default();
        let basic = certificate.basic_constraints().ok()?.map(|found| found.value.clone());
        let constraints = certificate.name_constraints().ok()?.map(|found| {
            Constraints::permitted(
                found.critical,
                found.value.permitted_subtrees.as_deref().unwrap_or_default(),
            )
        });
        Some(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            dns_names: names.iter().filter_map(dns_name).collect(),
            ip_addresses: names.iter().filter_map(ip_address).collect(),
            key_algorithm: key_algorithm(certificate.public_key()),
            serial: certificate.raw_serial_as_string(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            sha256: fingerprint(der),
            authority: basic.as_ref().is_some_and(|basic| basic.ca),
            path_length: basic.and_then(|basic| basic.path_len_constraint),
            constraints,
        })
    }

    /// Whole days until the certificate ends; negative when it has ended.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        (self.not_after - now.as_second()).div_euclid(SECONDS_PER_DAY)
    }

    /// Whether `now` lies between its first and last second.
    #[must_use]
    pub fn valid_at(&self, now: Timestamp) -> bool {
        (self.not_before..=self.not_after).contains(&now.as_second())
    }

    /// Whether an authority may vouch for all of these.
    pub(crate) fn permits(&self, dns_names: &[String], addresses: &[IpAddr]) -> bool {
        let Some(permitted) = &self.constraints else { return true };
        dns_names.iter().all(|name| permitted.dns.iter().any(|subtree| within(name, subtree)))
            && addresses.iter().all(|address| permitted.ip.iter().any(|subnet| subnet.contains(*address)))
    }
}

impl Constraints {
    fn permitted(critical: bool, subtrees: &[GeneralSubtree<'_>]) -> Self {
        let mut constraints = Self { critical, dns: vec![], ip: vec![], email: vec![] };
        for subtree in subtrees {
            match &subtree.base {
                GeneralName::DNSName(name) => constraints.dns.push((*name).to_owned()),
                GeneralName::RFC822Name(name) => constraints.email.push((*name).to_owned()),
                GeneralName::IPAddress(octets) => constraints.ip.extend(subnet(octets)),
                _ => {}
            }
        }
        constraints
    }
}

/// Whether `signed` carries a signature made by the key in `signer`.
pub(crate) fn signed_by(signed: &CertificateDer<'_>, signer: &CertificateDer<'_>) -> bool {
    let (Ok((_, signed)), Ok((_, signer))) =
        (X509Certificate::from_der(signed), X509Certificate::from_der(signer))
    else {
        return false;
    };
    signed.issuer().as_raw() == signer.subject().as_raw()
        && signed.verify_signature(Some(signer.public_key())).is_ok()
}

/// The public key inside a certificate, as it stands in the key's own file.
pub(crate) fn public_key(der: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate.public_key().subject_public_key.data.to_vec())
}

fn dns_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    }
}

fn ip_address(name: &GeneralName<'_>) -> Option<IpAddr> {
    match name {
        GeneralName::IPAddress(octets) => address(octets),
        _ => None,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        return Some(v4.into());
    }
    <[u8; 16]>::try_from(octets).ok().map(IpAddr::from)
}

/// Address and mask, one after the other (RFC 5280 §4.2.1.10, in the manner of RFC 4632).
fn subnet(octets: &[u8]) -> Option<Subnet> {
    let (base, mask) = octets.split_at_checked(octets.len() / 2)?;
    let prefix = match address(mask)? {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    Some(Subnet { address: address(base)?, prefix })
}

fn key_algorithm(key: &SubjectPublicKeyInfo<'_>) -> String {
    // RFC 8410 §3: these keys are named by their algorithm alone.
    if key.algorithm.algorithm == oid!(1.3.101.112) {
        return "Ed25519".to_owned();
    }
    match key.parsed() {
        // The modulus is padded with a zero octet when its first bit is set; sizes are multiples of eight.
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(_)) => format!("ECDSA {}", curve(key)),
        _ => key.algorithm.algorithm.to_string(),
    }
}

/// RFC 5480 §2.1.1.1: the curve is the algorithm's parameter.
fn curve(key: &SubjectPublicKeyInfo<'_>) -> String {
    let Some(curve) = key.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()) else {
        return "with explicit parameters".to_owned();
    };
    if curve == oid!(1.2.840.10045.3.1.7) {
        "P-256".to_owned()
    } else if curve == oid!(1.3.132.0.34) {
        "P-384".to_owned()
    } else if curve == oid!(1.3.132.0.35) {
        "P-521".to_owned()
    } else {
        curve.to_string()
    }
}

fn fingerprint(der: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, der);
    hash.as_ref().iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_knows_its_addresses() {
        let loopback = Subnet { address: "127.0.0.0".parse().unwrap(), prefix: 8 };
        assert!(loopback.contains("127.255.0.1".parse().unwrap()));
        assert!(!loopback.contains("128.0.0.1".parse().unwrap()));
        assert!(!loopback.contains("::1".parse().unwrap()));
        let one = Subnet { address: "::1".parse().unwrap(), prefix: 128 };
        assert!(one.contains("::1".parse().unwrap()));
        assert!(!one.contains("::2".parse().unwrap()));
        let all = Subnet { address: "::".parse().unwrap(), prefix: 0 };
        assert!(all.contains("2001:db8::1".parse().unwrap()));
        assert_eq!(loopback.to_string(), "127.0.0.0/8");
    }

    #[test]
    fn noise_is_no_certificate() {
        assert_eq!(CertificateInfo::parse(&CertificateDer::from(vec![0x30, 0x82, 0xff])), None);
        assert_eq!(CertificateInfo::parse(&CertificateDer::from(vec![])), None);
        assert_eq!(subnet(&[]), None);
        assert_eq!(subnet(&[127, 0, 0, 0, 255]), None);
    }
}
