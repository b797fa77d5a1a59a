//! The settings, each with the name Postfix or Dovecot gives it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ClientLimits, ClientTimeouts, DnsSettings, MailFlow, Mode, PortPlan, QueueSettings, RelayPasswordPlace,
    Restrictions, Role,
};

/// All settings as they are, with what they would be by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// As they are.
    pub current: SettingValues,
    /// What they would be if nobody had changed them.
    pub defaults: SettingValues,
    /// The file they are written in.
    pub path: String,
    /// Where the password of the relay host is, which is no setting.
    pub relay_password: RelayPasswordPlace,
}

/// The values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingValues {
    /// What the server is for.
    pub mode: Mode,
    /// What it is among others.
    pub role: Role,
    /// `myhostname`.
    pub host: String,
    /// `mydestination`; the first is the main domain.
    pub domains: Vec<String>,
    /// `inet_interfaces`.
    pub listen: String,
    /// How ports are chosen.
    pub ports: PortPlan,
    /// `message_size_limit`, octets.
    pub message_size_limit: u64,
    /// `smtpd_forbid_bare_newline`: how content with bare CR or LF is treated.
    pub bare_newlines: BareNewlines,
    /// Whether CRAM-MD5 is offered to log in with. It needs the password itself, so that those which are set while this is
    /// on are kept readable in `state.db`: whoever can read that file has them. For clients that know nothing better.
    pub cram_md5: bool,
    /// `smtpd_authorized_xclient_hosts`: networks whose clients may say, with XCLIENT, for whom they speak. They can then
    /// pass for anybody.
    pub xclient_hosts: Vec<String>,
    /// `authorized_submit_users`: users of the system whose programs may hand in mail with `sendmail`. Names, `!name` for
    /// all but this one, `static:anyone` for all; the first that fits counts.
    pub submit_users: Vec<String>,
    /// `smtpd_recipient_limit`.
    pub recipient_limit: u32,
    /// `smtpd_client_connection_count_limit`: sessions of one peer at a time (loopback is exempt).
    pub sessions_per_client: u32,
    /// Sessions in all.
    pub sessions_total: u32,
    /// How long a stopping server waits for its sessions, seconds.
    pub stop_grace_seconds: u32,
    /// How long traces are kept, days.
    pub trace_days: u32,
    /// How much of them, megabytes.
    pub trace_megabytes: u32,
    /// A certificate of the user's own (PEM), `smtpd_tls_cert_file`.
    pub certificate_path: Option<String>,
    /// Its key, `smtpd_tls_key_file`.
    pub key_path: Option<String>,
    /// Who may send, what is taken, where it goes.
    pub flow: MailFlow,
    /// How long and how often delivery is tried.
    pub queue: QueueSettings,
    /// Who answers questions about names.
    pub dns: DnsSettings,
    /// `mail_spool_directory`: where the mbox of a user of the system lies. For accounts that are made or moved from now on.
    pub mail_spool_directory: String,
    /// `home_mailbox`: the Maildir of a user of the system, within their home; it ends in `/`. Empty: they have an mbox unless
    /// something else is asked for.
    pub home_mailbox: String,
    /// Who is judged how.
    pub restrictions: Restrictions,
    /// How much of one client is too much.
    pub client_limits: ClientLimits,
    /// How long other servers are waited for.
    pub timeouts: ClientTimeouts,
}

/// How content with bare CR or LF is treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum BareNewlines {
    /// The message is refused.
    #[default]
    Refuse,
    /// They become CRLF.
    Normalise,
}

/// A change to some settings; those that are not named stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SettingsPatch {
    /// See [`SettingValues::host`].
    pub host: Option<String>,
    /// See [`SettingValues::domains`].
    pub domains: Option<Vec<String>>,
    /// See [`SettingValues::listen`].
    pub listen: Option<String>,
    /// See [`SettingValues::ports`].
    pub ports: Option<PortPlan>,
    /// See [`SettingValues::message_size_limit`].
    pub message_size_limit: Option<u64>,
    /// See [`SettingValues::bare_newlines`].
    pub bare_newlines: Option<BareNewlines>,
    /// See [`SettingValues::cram_md5`].
    pub cram_md5: Option<bool>,
    /// See [`SettingValues::xclient_hosts`].
    pub xclient_hosts: Option<Vec<String>>,
    /// See [`SettingValues::submit_users`].
    pub submit_users: Option<Vec<String>>,
    /// See [`SettingValues::recipient_limit`].
    pub recipient_limit: Option<u32>,
    /// See [`SettingValues::sessions_per_client`].
    pub sessions_per_client: Option<u32>,
    /// See [`SettingValues::sessions_total`].
    pub sessions_total: Option<u32>,
    /// See [`SettingValues::stop_grace_seconds`].
    pub stop_grace_seconds: Option<u32>,
    /// See [`SettingValues::trace_days`].
    pub trace_days: Option<u32>,
    /// See [`SettingValues::trace_megabytes`].
    pub trace_megabytes: Option<u32>,
    /// See [`SettingValues::certificate_path`]; an empty text goes back to the local authority's.
    pub certificate_path: Option<String>,
    /// See [`SettingValues::key_path`].
    pub key_path: Option<String>,
    /// See [`SettingValues::flow`]; all of it.
    pub flow: Option<Box<MailFlow>>,
    /// See [`SettingValues::queue`]; all of it.
    pub queue: Option<QueueSettings>,
    /// See [`SettingValues::dns`]; all of it.
    pub dns: Option<DnsSettings>,
    /// See [`SettingValues::mail_spool_directory`].
    pub mail_spool_directory: Option<String>,
    /// See [`SettingValues::home_mailbox`].
    pub home_mailbox: Option<String>,
    /// See [`SettingValues::restrictions`]; all of it.
    pub restrictions: Option<Box<Restrictions>>,
    /// See [`SettingValues::client_limits`]; all of it.
    pub client_limits: Option<ClientLimits>,
    /// The host name, typed by somebody who was told that the change makes an open relay and wants it all the same.
    pub confirm_open_relay: Option<String>,
}
