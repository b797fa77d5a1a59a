//! What a client session is told about us, about the rules of its destination, and about its connection.

use crate::command::ClientName;
use crate::config::Established;
use postigo_sasl::{Credentials, NonceSeed};
use std::time::Duration;

/// When to encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsUse {
    /// Not at all (`smtp_tls_security_level = none`).
    Never,
    /// If the server offers STARTTLS (`may`): better than nothing, and no reason to keep mail back.
    IfOffered,
    /// By STARTTLS or not at all (`encrypt` and stricter; whose certificate is good is the driver's to judge).
    Required,
    /// From the first octet on (port 465, RFC 8314 §3): the driver does the handshake and then starts the session.
    Implicit,
}

/// The settings for a destination; its sessions share them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// What we call ourselves in EHLO (`smtp_helo_name`).
    pub client_name: ClientName,
    /// When to encrypt.
    pub tls: TlsUse,
    /// To log in with. If there are any, nothing is sent without having logged in.
    pub credentials: Option<Credentials>,
    /// How long to wait for the server.
    pub times: Times,
}

/// What a session is told of its connection.
#[derive(Debug)]
pub struct Connection {
    /// Whether the server is on this machine, so that passwords may be sent unencrypted.
    pub peer_is_loopback: bool,
    /// What was agreed before the first octet of SMTP, with [`TlsUse::Implicit`] and never else.
    pub tls: Option<Established>,
    /// Randomness for SCRAM; fresh for each connection.
    pub nonce_seed: NonceSeed,
}

/// Waits of the client. `Default` gives those of RFC 5321 §4.5.3.2, which are the least it allows, and what is named at the
/// other fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// For the greeting: 5 minutes (§4.5.3.2.1).
    pub greeting: Duration,
    /// For the reply to EHLO, HELO, STARTTLS and each step of AUTH: 5 minutes, as for MAIL.
    pub hello: Duration,
    /// For the whole TLS handshake: 1 minute.
    pub handshake: Duration,
    /// For the reply to MAIL: 5 minutes (§4.5.3.2.2).
    pub mail: Duration,
    /// For the reply to RCPT: 5 minutes (§4.5.3.2.3).
    pub rcpt: Duration,
    /// For the reply to DATA: 2 minutes (§4.5.3.2.4).
    pub data: Duration,
    /// For the server to take the next block of content: 3 minutes (§4.5.3.2.5).
    pub block: Duration,
    /// For the reply to the end of the content: 10 minutes (§4.5.3.2.6). Less makes duplicates.
    pub end_of_content: Duration,
    /// For the reply to RSET: 20 seconds, as Postfix's `smtp_rset_timeout`. Nothing is at stake.
    pub rset: Duration,
    /// For the reply to QUIT: 2 seconds. Nothing comes after it.
    pub quit: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let minutes = |number: u64| Duration::from_secs(number * 60);
        Self {
            greeting: minutes(5),
            hello: minutes(5),
            handshake: minutes(1),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            end_of_content: minutes(10),
            rset: Duration::from_secs(20),
            quit: Duration::from_secs(2),
        }
    }
}
