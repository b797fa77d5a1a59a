//! Certificates and what each listener offers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Micros, Service, SessionResult};

/// All about encryption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TlsStatus {
    /// The local authority; none when the certificate is the user's own.
    pub authority: Option<Certificate>,
    /// The file clients can be given.
    pub authority_path: Option<String>,
    /// What the server shows to clients.
    pub server: Certificate,
    /// One for each service.
    pub listeners: Vec<ListenerTls>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Its common name.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names it is for, or, for an authority, the names it may sign.
    pub names: Vec<String>,
    /// `ECDSA P-256`.
    pub key: String,
    /// Valid from.
    pub not_before: Micros,
    /// Valid until.
    pub not_after: Micros,
    /// Whole days left; negative when it is past.
    pub days_left: i32,
    /// SHA-256 of the certificate, `AB:CD:...`.
    pub fingerprint: String,
}

/// What a listener offers and what was last used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListenerTls {
    /// Which service.
    pub service: Service,
    /// Its port.
    pub port: u16,
    /// Whether it listens.
    pub open: bool,
    /// How TLS begins.
    pub start: TlsStart,
    /// `1.2`, `1.3`.
    pub versions: Vec<String>,
    /// The last session that used it.
    pub last: Option<LastTls>,
}

/// How TLS begins on a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TlsStart {
    /// STARTTLS, if the peer wants to.
    StarttlsOptional,
    /// STARTTLS, and nothing of value before it (but for loopback).
    StarttlsRequired,
    /// TLS from the first byte.
    Implicit,
}

/// The last handshake on a listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LastTls {
    /// When.
    pub at: Micros,
    /// In which session.
    pub session: i64,
    /// `TLSv1.3`; none when it failed.
    pub version: Option<String>,
    /// The cipher suite; none when it failed.
    pub cipher: Option<String>,
    /// How that session ended.
    pub result: SessionResult,
    /// The peer.
    pub client: String,
}
