//! How mail flows: who may send, what is taken, where it goes, how long it is tried.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The settings of mail flow. Each has the name Postfix gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MailFlow {
    /// `mynetworks`: clients that may send anywhere without a password; addresses and networks (`10.0.0.0/8`, `::1`).
    pub my_networks: Vec<String>,
    /// `smtpd_tls_security_level`: TLS of other servers that send to us.
    pub inbound_tls: TlsLevel,
    /// `smtp_tls_security_level`: TLS with servers that we send to.
    pub outbound_tls: TlsLevel,
    /// `recipient_delimiter`: `ana+list@` is ana's. Empty: no such addresses.
    pub recipient_delimiter: String,
    /// `relay_domains`: domains of others whose mail we take and pass on.
    pub relay_domains: Vec<String>,
    /// `relay_recipient_maps`: who exists there (`user@domain`, `@domain`); empty: anybody may.
    pub relay_recipients: Vec<String>,
    /// `relayhost`: the server that gets all mail for others, `[host]:port`; empty: each domain's own.
    pub relayhost: String,
    /// The user name there, `smtp_sasl_password_maps`; empty: none. The password is kept apart.
    pub relayhost_user: String,
    /// `sender_dependent_relayhost_maps`: sender (`user@domain` or `@domain`) to relay host.
    pub sender_relayhosts: Vec<Mapping>,
    /// `transport_maps`: domain (`d.test`, `.d.test`, `*`) or address to `smtp:[host]:port`, `error:text`, `discard:`.
    pub transports: Vec<Mapping>,
    /// `smtp_bind_address`: the address that outgoing connections come from; empty: the system's choice.
    pub bind_address: String,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    /// What is looked up.
    pub key: String,
    /// What is found.
    pub value: String,
}

/// Whether TLS is used, as Postfix's security levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TlsLevel {
    /// Never.
    None,
    /// Where the other side offers it; a certificate is not checked.
    #[default]
    May,
    /// Always, or no mail; a certificate is not checked.
    Encrypt,
}

/// How long and how often delivery is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueueSettings {
    /// `minimal_backoff_time`: between two tries at least, seconds.
    pub minimal_backoff_seconds: u32,
    /// `maximal_backoff_time`: between two tries at most, seconds.
    pub maximal_backoff_seconds: u32,
    /// `maximal_queue_lifetime`: after it a message goes back, seconds.
    pub lifetime_seconds: u32,
    /// `bounce_queue_lifetime`: the same for reports, seconds.
    pub bounce_lifetime_seconds: u32,
    /// `delay_warning_time`: after it the sender is told that it takes longer, seconds; 0: never.
    pub warning_seconds: u32,
    /// `queue_run_delay`: how often the queue is looked through, seconds.
    pub run_delay_seconds: u32,
    /// `default_destination_concurrency_limit`: connections to one destination at a time.
    pub destination_concurrency: u32,
    /// `initial_destination_concurrency`: so many to one that has just begun to answer.
    pub initial_concurrency: u32,
    /// `smtp_destination_recipient_limit`: recipients of one delivery.
    pub recipients_per_delivery: u32,
    /// `default_process_limit`: deliveries at a time in all.
    pub deliveries: u32,
    /// For how long nothing is sent to an address whose server said that there is none, seconds; 0: such addresses are not
    /// noted.
    pub suppression_seconds: u32,
}

/// Who answers questions about names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DnsSettings {
    /// Servers to ask, `address` or `address:port`; empty: those of the system. `built-in` is our own.
    pub resolver: Vec<String>,
    /// Where our own name server listens, `address:port`; empty: nowhere.
    pub listen: String,
}
