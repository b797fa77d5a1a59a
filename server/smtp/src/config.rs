//! What a session is told about the server and about its connection.

use crate::frame::BareNewlines;
use crate::limits::Limits;
use jiff::Timestamp;
use postigo_sasl::{ChannelBinding, DecoySecret, Mechanism, NonceSeed};

/// What a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Port 25: other servers deliver here; authentication is possible, not demanded.
    Mta,
    /// Ports 587 and 465: clients submit here, encrypted (or from loopback) and authenticated (RFC 6409 §4.3).
    Submission,
}

/// The settings of a listener; its sessions share them.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name in the greeting, in the reply to EHLO and in Received: a fully qualified domain name.
    pub host: String,
    /// What the listener is for.
    pub service: Service,
    /// Whether there is a certificate, so that STARTTLS can be offered.
    pub tls_available: bool,
    /// Whether nothing is taken before STARTTLS, from this machine neither (`smtpd_tls_security_level = encrypt`).
    pub tls_required: bool,
    /// The largest message content, in octets as stored (RFC 1870 §3).
    pub size_octets: u64,
    /// How many seconds a client may have a message held back (RFC 4865); 0: not at all. For submission only.
    pub longest_hold: u32,
    /// Mechanisms to offer, in this order. Those that send the password are left out of unencrypted connections.
    pub mechanisms: Vec<Mechanism>,
    /// What to do with a bare CR or LF in content.
    pub bare_newlines: BareNewlines,
    /// Whether the driver is asked before content comes (`smtpd_data_restrictions`).
    pub asks_data: bool,
    /// Limits and times.
    pub limits: Limits,
    /// Salts for users that do not exist.
    pub decoys: DecoySecret,
}

/// What a session is told of its connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Whether the peer is on this machine, so that passwords may be sent unencrypted.
    pub peer_is_loopback: bool,
    /// The TLS that was established before the first octet of SMTP (port 465), if any.
    pub tls: Option<Established>,
    /// Randomness for SCRAM; fresh for each connection.
    pub nonce_seed: NonceSeed,
    /// When it began, in whole seconds: until when messages may be held back is reckoned from then.
    pub since: Timestamp,
    /// Whether it is a proxy that may say for whom it speaks (`smtpd_authorized_xclient_hosts`).
    pub may_xclient: bool,
}

/// A TLS handshake that succeeded. A client has judged the certificate to be good enough.
#[derive(Debug, Clone)]
pub struct Established {
    /// What was agreed.
    pub tls: Tls,
    /// What SCRAM can bind to, if the driver has it.
    pub binding: Option<ChannelBinding>,
}

/// What was agreed in a TLS handshake, for the trace fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// As `TLSv1.3`.
    pub version: String,
    /// As `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// Key length of the cipher, in bits.
    pub bits: u16,
}
