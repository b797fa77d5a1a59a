//! What a session is told about the server and about its connection.

use crate::limits::Limits;
use postigo_sasl::{ChannelBinding, DecoySecret, Mechanism, NonceSeed};

/// The settings of a listener; its sessions share them.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name in the greeting.
    pub host: String,
    /// Whether there is a certificate, so that STARTTLS can be offered.
    pub tls_available: bool,
    /// Mechanisms to offer, in this order. Those that send the password are left out of unencrypted connections.
    pub mechanisms: Vec<Mechanism>,
    /// Separates the levels of mailbox names: a printable ASCII character.
    pub delimiter: char,
    /// Limits and times.
    pub limits: Limits,
    /// Salts for users that do not exist.
    pub decoys: DecoySecret,
}

/// What a session is told of its connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Whether the peer is on this machine, so that passwords may be sent unencrypted.
    pub peer_is_loopback: bool,
    /// Whether TLS was established before the greeting (port 993).
    pub is_tls: bool,
    /// What SCRAM can bind to on that TLS, if the driver has it.
    pub binding: Option<ChannelBinding>,
    /// Randomness for SCRAM; fresh for each connection.
    pub nonce_seed: NonceSeed,
}
