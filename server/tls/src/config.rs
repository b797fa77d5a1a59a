//! rustls configurations for the listeners and for the built-in client.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

use crate::error::{Code, Error};
use crate::identity::ServerIdentity;

/// RFC 8314 §4.1 and RFC 8996: mail clients get TLS 1.2 or 1.3, nothing older.
const VERSIONS: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// The configuration of every TLS listener. No client certificates, no ALPN: mail protocols are told apart by their ports.
///
/// # Errors
/// [`Code::Unusable`] if the certificate or key cannot be used for TLS.
pub fn server_config(identity: &ServerIdentity) -> Result<Arc<ServerConfig>, Error> {
    let unusable =
        |cause: rustls::Error| Error::new(Code::Unusable, &identity.describe().server.subject).because(cause);
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(identity.chain(), identity.key())
        .map_err(unusable)?;
    Ok(Arc::new(config))
}

/// The configuration of the built-in client: it trusts what this system trusts, and `roots` besides (our own authority).
/// Host names are always checked. Reads the system's roots from disk, so make one and share it.
///
/// # Errors
/// [`Code::Unusable`] if a root is no certificate, or if neither the system nor `roots` has any.
pub fn client_config(
    roots: impl IntoIterator<Item = CertificateDer<'static>>,
) -> Result<Arc<ClientConfig>, Error> {
    let unusable = |cause: rustls::Error| Error::new(Code::Unusable, "the trusted roots").because(cause);
    let verifier = Verifier::new_with_extra_roots(roots, provider()).map_err(unusable)?;
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(unusable)?
        // "Dangerous" in rustls is every verifier that is not its own; this one is the platform's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
