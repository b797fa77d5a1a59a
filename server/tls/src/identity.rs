//! The server's certificate and key: loaded, made, renewed, or brought by the user.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::authority::{Authority, Made};
use crate::certificate::{CertificateInfo, public_key, signed_by};
use crate::error::{Code, Error};
use crate::files::{self, Secrecy};
use crate::names::Names;

/// A certificate of ours is renewed when fewer whole days than this are left.
const RENEW_DAYS: i64 = 30;

/// A certificate chain, its key, and where they came from.
pub struct ServerIdentity {
    authority: Option<PublicAuthority>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    info: CertificateInfo,
    changes: Vec<Change>,
}

/// The part of our authority that may leave this crate.
struct PublicAuthority {
    pem: String,
    der: CertificateDer<'static>,
    info: CertificateInfo,
}

/// What loading the identity made anew. A new authority has to be installed in every client again: tell the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There is a new authority.
    Authority(Reason),
    /// There is a new server certificate.
    Certificate(Reason),
}

/// Why something was made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There was none.
    Missing,
    /// The files do not hold a certificate with its own key, or another authority signed it.
    Unusable,
    /// Fewer than thirty days are left, or its time has not begun by this machine's clock.
    OutOfTime,
    /// The names of the server changed.
    Names,
}

/// Both certificates, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Our authority; `None` when the user brought a certificate.
    pub authority: Option<CertificateInfo>,
    /// The server certificate.
    pub server: CertificateInfo,
}

impl ServerIdentity {
    /// Loads authority and server certificate from `folder` (`ca.pem`, `ca.key`, `server.pem`, `server.key`), and makes
    /// those that are missing, unusable, about to end, or made for other names. [`Self::changes`] tells which.
    ///
    /// A broken or lost `ca.key` leads to a new authority: without its key the old one cannot sign again.
    ///
    /// # Errors
    /// [`Code::Unreadable`], [`Code::Unwritable`] for files that exist but cannot be read or replaced; nothing is made anew
    /// then. [`Code::Internal`] if a certificate cannot be made.
    pub fn load_or_create(folder: &Path, names: &Names, now: Timestamp) -> Result<Self, Error> {
        files::make_folder(folder)?;
        let mut changes = Vec::new();
        let authority = load_authority(folder, names, now, &mut changes)?;
        let (certificate, info, key) = load_server(folder, &authority, names, now, &mut changes)?;
        let Authority { pem, der, info: authority_info, .. } = authority;
        let authority = Some(PublicAuthority { pem, der, info: authority_info });
        Ok(Self { authority, chain: vec![certificate], key, info, changes })
    }

    /// Loads a pair that the user brought. The certificate file may go on with intermediate certificates.
    ///
    /// # Errors
    /// [`Code::Unreadable`], [`Code::NoCertificate`], [`Code::NoKey`], [`Code::KeyMismatch`], [`Code::Expired`] and
    /// [`Code::NotYetValid`], each with the path of the file at fault.
    pub fn from_files(certificate: &Path, key: &Path, now: Timestamp) -> Result<Self, Error> {
        let no_certificate = || Error::new(Code::NoCertificate, certificate.display());
        let chain = CertificateDer::pem_slice_iter(read_existing(certificate)?.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|cause| no_certificate().because(cause))?;
        let info = chain.first().and_then(CertificateInfo::parse).ok_or_else(no_certificate)?;
        let loaded = PrivateKeyDer::from_pem_slice(read_existing(key)?.as_bytes())
            .map_err(|cause| Error::new(Code::NoKey, key.display()).because(cause))?;
        let identity = Self { authority: None, chain, key: loaded, info, changes: vec![] };
        identity.check_pair(key)?;
        if now.as_second() < identity.info.not_before {
            return Err(Error::new(Code::NotYetValid, certificate.display()));
        }
        if now.as_second() > identity.info.not_after {
            return Err(Error::new(Code::Expired, certificate.display()));
        }
        Ok(identity)
    }

    /// What was made anew by [`Self::load_or_create`], in order.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether [`Self::load_or_create`] would make something anew now. Ask once a day and after a change of names.
    /// Always false for a pair that the user brought: we cannot renew it.
    #[must_use]
    pub fn renewal_due(&self, names: &Names, now: Timestamp) -> bool {
        let Some(authority) = &self.authority else { return false };
        authority_fault(&authority.info, names, now).is_some()
            || server_fault(&self.info, names, now).is_some()
    }

    /// What both certificates say.
    #[must_use]
    pub fn describe(&self) -> Description {
        Description {
            authority: self.authority.as_ref().map(|authority| authority.info.clone()),
            server: self.info.clone(),
        }
    }

    /// Our authority's certificate in PEM form, for clients to import. `None` when the user brought a certificate.
    #[must_use]
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(|authority| authority.pem.as_str())
    }

    /// The same in DER form: a `.cer` file for Windows, or a root for [`crate::client_config`].
    #[must_use]
    pub fn authority_der(&self) -> Option<&CertificateDer<'static>> {
        self.authority.as_ref().map(|authority| &authority.der)
    }

    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.clone()
    }

    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }

    fn check_pair(&self, key: &Path) -> Result<(), Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let signer = provider
            .key_provider
            .load_private_key(self.key())
            .map_err(|cause| Error::new(Code::NoKey, key.display()).because(cause))?;
        rustls::sign::CertifiedKey::new(self.chain(), signer)
            .keys_match()
            .map_err(|cause| Error::new(Code::KeyMismatch, key.display()).because(cause))
    }
}

/// Keys are not for logs.
impl std::fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerIdentity").field("subject", &self.info.subject).finish_non_exhaustive()
    }
}

fn read_existing(path: &Path) -> Result<String, Error> {
    files::read(path)?.ok_or_else(|| {
        Error::new(Code::Unreadable, path.display())
            .because(std::io::Error::from(std::io::ErrorKind::NotFound))
    })
}

fn load_authority(
    folder: &Path,
    names: &Names,
    now: Timestamp,
    changes: &mut Vec<Change>,
) -> Result<Authority, Error> {
    let pair = Pair::of(folder, "ca");
    let reason = match pair.read()? {
        None => Reason::Missing,
        Some(found) => match Authority::parse(&found.certificate_pem, &found.key_pem) {
            None => Reason::Unusable,
            Some(authority) => match authority_fault(&authority.info, names, now) {
                None => return Ok(authority),
                Some(reason) => reason,
            },
        },
    };
    let made = Authority::make(names, now)?;
    pair.write(&made)?;
    changes.push(Change::Authority(reason));
    Authority::parse(&made.certificate_pem, &made.key_pem)
        .ok_or_else(|| Error::new(Code::Internal, names.first_domain()))
}

type Server = (CertificateDer<'static>, CertificateInfo, PrivateKeyDer<'static>);

fn load_server(
    folder: &Path,
    authority: &Authority,
    names: &Names,
    now: Timestamp,
    changes: &mut Vec<Change>,
) -> Result<Server, Error> {
    let pair = Pair::of(folder, "server");
    let reason = match pair.read()? {
        None => Reason::Missing,
        Some(found) => match parse_server(&found, authority) {
            None => Reason::Unusable,
            Some(server) => match server_fault(&server.1, names, now) {
                None => return Ok(server),
                Some(reason) => reason,
            },
        },
    };
    let made = authority.issue(names, now)?;
    pair.write(&made)?;
    changes.push(Change::Certificate(reason));
    parse_server(&made, authority).ok_or_else(|| Error::new(Code::Internal, names.host()))
}

/// `None` unless certificate and key belong together and this authority signed them.
fn parse_server(found: &Made, authority: &Authority) -> Option<Server> {
    let certificate = CertificateDer::from_pem_slice(found.certificate_pem.as_bytes()).ok()?;
    let key = PrivateKeyDer::from_pem_slice(found.key_pem.as_bytes()).ok()?;
    let pair = rcgen::KeyPair::try_from(&key).ok()?;
    let own = public_key(&certificate)? == pair.public_key_raw();
    let info = CertificateInfo::parse(&certificate)?;
    (own && signed_by(&certificate, &authority.der)).then_some((certificate, info, key))
}

fn authority_fault(info: &CertificateInfo, names: &Names, now: Timestamp) -> Option<Reason> {
    if !info.permits(&names.dns_names(), &names.ip_addresses()) {
        return Some(Reason::Names);
    }
    out_of_time(info, now)
}

fn server_fault(info: &CertificateInfo, names: &Names, now: Timestamp) -> Option<Reason> {
    if info.dns_names != names.dns_names() || info.ip_addresses != names.ip_addresses() {
        return Some(Reason::Names);
    }
    out_of_time(info, now)
}

fn out_of_time(info: &CertificateInfo, now: Timestamp) -> Option<Reason> {
    (!info.valid_at(now) || info.days_left(now) < RENEW_DAYS).then_some(Reason::OutOfTime)
}

/// A certificate file and its key file.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn of(folder: &Path, name: &str) -> Self {
        Self { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}.key")) }
    }

    /// `None` unless both files exist.
    fn read(&self) -> Result<Option<Made>, Error> {
        let (certificate, key) = (files::read(&self.certificate)?, files::read(&self.key)?);
        Ok(certificate.zip(key).map(|(certificate_pem, key_pem)| Made { certificate_pem, key_pem }))
    }

    /// Two files cannot be replaced in one step. A stop between the two leaves a key that does not fit its certificate, which
    /// the next start finds ([`Reason::Unusable`]) and mends.
    fn write(&self, made: &Made) -> Result<(), Error> {
        files::replace(&self.key, &made.key_pem, Secrecy::Secret)?;
        files::replace(&self.certificate, &made.certificate_pem, Secrecy::Public)
    }
}
