//! What the client needs to know of an account, and whom it asks.

use std::net::IpAddr;

use async_trait::async_trait;
use postigo_api::{Endpoint, Error};
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

/// A password. Never shown; overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes it over.
    pub fn new(password: String) -> Self {
        Self(Zeroizing::new(password))
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// An account, with all that is needed to read and send its mail.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// See [`postigo_api::MailAccount::id`].
    pub id: String,
    /// The address it sends from.
    pub address: String,
    /// The name beside it, may be empty.
    pub display_name: String,
    /// Login name.
    pub user: String,
    /// Its password, or a ticket that is as good.
    pub password: Secret,
    /// Where it reads its mail.
    pub imap: Endpoint,
    /// Where it hands in its mail.
    pub submission: Endpoint,
    /// For accounts of this server: connect to this address, whatever the host names resolve to. Certificates are still
    /// checked for the host names. A reply to a sent message then carries one of our queue ids.
    pub connect: Option<IpAddr>,
    /// Authorities to trust besides those of the system.
    pub roots: Vec<CertificateDer<'static>>,
}

/// Knows the accounts. Asked anew for each connection, so a changed password needs no word to the client.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The account with this id.
    ///
    /// # Errors
    /// `mail.account_unknown` if there is none.
    async fn config(&self, account: &str) -> Result<AccountConfig, Error>;
}

/// A watched folder changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// See [`postigo_api::MailAccount::id`].
    pub account: String,
    /// See [`postigo_api::Folder::name`].
    pub folder: String,
    /// How many messages came in; 0 when only flags or counts changed, or when it is not known.
    pub arrived: u32,
}
