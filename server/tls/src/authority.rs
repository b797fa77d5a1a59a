//! Making the two certificates: the authority and, signed by it, the server's.

use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::rand;
use jiff::Timestamp;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
    SerialNumber,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::certificate::{CertificateInfo, public_key};
use crate::error::{Code, Error};
use crate::names::Names;

const DAY: i64 = 86_400;
/// Ten years: longer than a course, and than the machine it ran on.
const AUTHORITY_DAYS: i64 = 3_650;
/// Apple's and the browsers' limit is 398 days, counted generously; one day of it lies in the past (see [`BACKDATED`]).
const SERVER_DAYS: i64 = 396;
/// Clocks of lab machines differ. A certificate made now is already good on a machine that is a day behind.
const BACKDATED: i64 = DAY;
/// RFC 5280 appendix A.1, ub-common-name.
const MAX_COMMON_NAME: usize = 64;

/// A certificate authority with its key.
pub(crate) struct Authority {
    pub(crate) pem: String,
    pub(crate) der: CertificateDer<'static>,
    pub(crate) info: CertificateInfo,
    key: KeyPair,
}

/// A certificate and its key as they go to their files.
pub(crate) struct Made {
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

impl Authority {
    /// Makes a new authority that may vouch for these names only.
    pub(crate) fn make(names: &Names, now: Timestamp) -> Result<Made, Error> {
        let internal = |cause: rcgen::Error| Error::new(Code::Internal, names.first_domain()).because(cause);
        let now = now.as_second();
        let mut params = params(names.first_domain())?;
        set_validity(&mut params, now - BACKDATED, now + AUTHORITY_DAYS * DAY);
        params.distinguished_name = subject(&authority_name(names.first_domain()));
        // Path length 0: it signs servers, never another authority.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted(names), excluded_subtrees: vec![] });
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(internal)?;
        let certificate = params.self_signed(&key).map_err(internal)?;
        Ok(Made { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }

    /// Reads an authority back. `None` if this is not a certificate with its own key.
    pub(crate) fn parse(pem: &str, key_pem: &str) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let info = CertificateInfo::parse(&der)?;
        let key = KeyPair::from_pem(key_pem).ok()?;
        let own = public_key(&der)? == key.public_key_raw();
        (info.authority && own).then(|| Self { pem: pem.to_owned(), der, info, key })
    }

    /// Makes a server certificate with a key of its own.
    pub(crate) fn issue(&self, names: &Names, now: Timestamp) -> Result<Made, Error> {
        let internal = |cause: rcgen::Error| Error::new(Code::Internal, names.host()).because(cause);
        let now = now.as_second();
        let mut params = params(names.host())?;
        // No certificate outlives its signer.
        let not_after = self.info.not_after.min(now + SERVER_DAYS * DAY);
        set_validity(&mut params, now - BACKDATED, not_after);
        // The name is in the alternative names, which is where clients look (RFC 9525 §2); here it is for people.
        params.distinguished_name = subject(short(names.host(), "mail server"));
        params.subject_alt_names = alternative_names(names).map_err(internal)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(internal)?;
        let issuer = Issuer::from_ca_cert_der(&self.der, &self.key).map_err(internal)?;
        let certificate = params.signed_by(&key, &issuer).map_err(internal)?;
        Ok(Made { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }
}

/// What both certificates have in common.
fn params(name: &str) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.serial_number = Some(serial(name)?);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// RFC 5280 §4.1.2.2: positive and unique. 126 random bits; the first octet also keeps the number from being shorter.
fn serial(name: &str) -> Result<SerialNumber, Error> {
    let mut octets = [0_u8; 16];
    rand::fill(&mut octets).map_err(|_| Error::new(Code::Internal, name))?;
    octets[0] = octets[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&octets))
}

fn subject(common_name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, common_name);
    subject.push(DnType::OrganizationName, "Postigo");
    subject
}

fn authority_name(domain: &str) -> String {
    short(&format!("Lab CA for {domain}"), "Lab CA").to_owned()
}

fn short<'a>(name: &'a str, otherwise: &'a str) -> &'a str {
    if name.len() <= MAX_COMMON_NAME { name } else { otherwise }
}

/// A kind of name without any subtree would be unrestricted (RFC 5280 §4.2.1.10), so DNS, IP and e-mail all have some.
fn permitted(names: &Names) -> Vec<GeneralSubtree> {
    let dns = names.dns_subtrees().into_iter().map(GeneralSubtree::DnsName);
    let loopback = [CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0])];
    let single =
        names.ip_addresses().into_iter().filter(|address| !is_loopback_v4(*address)).map(host_subnet);
    let networks = loopback.into_iter().chain(single).map(GeneralSubtree::IpAddress);
    let mail = names.domains().iter().flat_map(|domain| [domain.clone(), format!(".{domain}")]);
    dns.chain(networks).chain(mail.map(GeneralSubtree::Rfc822Name)).collect()
}

fn is_loopback_v4(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_loopback())
}

fn host_subnet(address: IpAddr) -> CidrSubnet {
    match address {
        IpAddr::V4(v4) => CidrSubnet::V4(v4.octets(), [0xff; 4]),
        IpAddr::V6(v6) => CidrSubnet::V6(v6.octets(), [0xff; 16]),
    }
}

fn alternative_names(names: &Names) -> Result<Vec<SanType>, rcgen::Error> {
    let dns = names.dns_names().into_iter().map(|name| Ok(SanType::DnsName(Ia5String::try_from(name)?)));
    let addresses = names.ip_addresses().into_iter().map(|address| Ok(SanType::IpAddress(address)));
    dns.chain(addresses).collect()
}

/// The certificate library's time type comes from a crate of its own; adding to its constructor's answer spares us that
/// dependency. A clock before 1970 counts as 1970.
fn set_validity(params: &mut CertificateParams, not_before: i64, not_after: i64) {
    let since_epoch = |seconds: i64| Duration::from_secs(seconds.max(0).unsigned_abs());
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_epoch(not_before);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_epoch(not_after);
}
