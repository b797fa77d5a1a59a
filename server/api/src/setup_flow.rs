//! The wizard: how mail comes and goes, and what can be found out about it before anything is written.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Error, TlsLevel};

/// What a server is among others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// It stands for itself: mail for others goes to their mail hosts, or to a relay host.
    #[default]
    Standalone,
    /// It hands all mail for others to the relay host of its network.
    Client,
    /// It stands behind an edge server: mail for its domain comes from there, mail for others goes out there.
    Inner,
    /// It takes mail from outside for the servers behind it, and passes it on to them.
    Edge,
}

/// How mail comes and goes. Each field names what it becomes in the configuration.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFlow {
    /// What the server is among others.
    pub role: Role,
    /// `mynetworks`, but for this computer, which is always in it: who may send anywhere without a password.
    pub networks: Vec<String>,
    /// `relayhost`; empty: each domain's own mail hosts.
    pub relayhost: String,
    /// The user name there; empty: none.
    pub relay_user: String,
    /// The password there. None: the one that is kept. Empty: none any more.
    pub relay_password: Option<String>,
    /// `smtp_tls_security_level`.
    pub outbound_tls: TlsLevel,
    /// `relay_domains`, and where their mail goes.
    pub relay_domains: Vec<RelayedDomain>,
    /// `relay_recipient_maps`: who exists there (`user@domain`, `@domain`); empty: anybody may.
    pub relay_recipients: Vec<String>,
    /// `reject_unverified_recipient`: the server behind is asked whether it knows a recipient.
    pub call_ahead: bool,
}

impl std::fmt::Debug for SetupFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetupFlow")
            .field("role", &self.role)
            .field("networks", &self.networks)
            .field("relayhost", &self.relayhost)
            .field("relay_domains", &self.relay_domains)
            .finish_non_exhaustive()
    }
}

/// A domain of a server behind this one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelayedDomain {
    /// Its name.
    pub domain: String,
    /// The server that has its mailboxes, `[host]:port` (`transport_maps`); empty: the MX that our name server has for it.
    pub next_hop: String,
}

/// A field of [`SetupFlow`], for a verdict on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SetupField {
    /// The listen address.
    Listen,
    /// [`SetupFlow::networks`]
    Networks,
    /// [`SetupFlow::relayhost`]
    Relayhost,
    /// [`SetupFlow::relay_user`]
    RelayUser,
    /// [`RelayedDomain::domain`]
    RelayDomain,
    /// [`RelayedDomain::next_hop`]
    NextHop,
    /// [`SetupFlow::relay_recipients`]
    RelayRecipients,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFault {
    /// Which field.
    pub field: SetupField,
    /// Which entry of a list, from 0; 0 where there is no list.
    pub place: u32,
    /// Why it cannot be used.
    pub error: Error,
}

/// What the wizard starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFacts {
    /// The addresses of this computer in its networks, loopback left out.
    pub addresses: Vec<OwnAddress>,
    /// How mail comes and goes as it is set; its password is never in it.
    pub flow: SetupFlow,
    /// A password for the relay host is kept.
    pub relay_password_kept: bool,
}

/// An address of this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OwnAddress {
    /// The address.
    pub address: String,
    /// The network it lies in, `192.168.1.0/24`.
    pub network: String,
    /// Whether the whole internet can know it: not of a range for private use (RFC 1918, RFC 6598, RFC 4193).
    pub is_public: bool,
}

/// What would be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupPlan {
    /// Every setting the wizard decides, in the order of the file.
    pub settings: Vec<PlannedSetting>,
}

/// A setting as it would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlannedSetting {
    /// Its name.
    pub name: String,
    /// Whether the name is Postfix's.
    pub postfix: bool,
    /// The value it would get.
    pub value: String,
    /// The value it has now. None: nothing is set up yet.
    pub old: Option<String>,
}

/// A relay host to try before it is set. Sends nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelayTry {
    /// How we would call ourselves.
    pub host: String,
    /// `[host]:port`
    pub relayhost: String,
    /// The user name there; empty: none.
    pub user: String,
    /// The password there. None: the one that is kept.
    pub password: Option<String>,
    /// `smtp_tls_security_level`
    pub tls: TlsLevel,
}

impl std::fmt::Debug for RelayTry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayTry").field("relayhost", &self.relayhost).finish_non_exhaustive()
    }
}

/// Whose mail hosts to call, to see whether port 25 is open on the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Port25Question {
    /// A domain that gets mail from everybody.
    pub domain: String,
}

/// Whether port 25 is open on the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Port25 {
    /// The verdict.
    pub state: Port25State,
    /// Who was called last, as `name[address]:25`; none when nobody could be.
    pub called: Option<String>,
    /// What was said or what went wrong, in English.
    pub text: String,
}

/// What calling port 25 came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Port25State {
    /// A mail host of somebody else greeted.
    Open,
    /// None answered, though their names could be found: something on the way keeps port 25 shut.
    Closed,
    /// The names of its mail hosts could not be found: nothing is known.
    NoNames,
    /// This computer has no way to them: nothing is known.
    NoNetwork,
    /// The domain's mail host is this computer, or lies in its own network: that says nothing about the internet.
    Inside,
}

/// For whom DNS records are proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordsQuestion {
    /// The mail domain.
    pub domain: String,
    /// The server's own name.
    pub host: String,
    /// The address under which others reach it.
    pub address: String,
    /// What its mail for others goes through; empty: nothing.
    pub relayhost: String,
}

/// A DNS record to publish, as the forms of registrars ask for it and as a line of a zone file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProposedRecord {
    /// What it is for.
    pub purpose: RecordPurpose,
    /// Its full name, without the dot at the end.
    pub name: String,
    /// `A`, `AAAA`, `MX`, `TXT`.
    pub kind: String,
    /// Of an MX.
    pub priority: Option<u16>,
    /// Its value.
    pub value: String,
    /// The same as a line of a zone file.
    pub line: String,
}

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RecordPurpose {
    /// The host has an address.
    Host,
    /// Mail for the domain goes to the host.
    Mx,
    /// Which servers may send in the name of the domain (RFC 7208).
    Spf,
    /// The server's own name has a policy too, for HELO and reports (RFC 7208 §2.3).
    SpfOfHost,
}
