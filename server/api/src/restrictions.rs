//! Who is judged how: the restriction lists, and the limits on each client.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The restriction lists, each in Postfix's syntax: names between commas or white space. Empty: the list judges nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Restrictions {
    /// `smtpd_client_restrictions`: the client, by its address and name.
    pub client_restrictions: String,
    /// `smtpd_helo_restrictions`: what it says in EHLO or HELO.
    pub helo_restrictions: String,
    /// `smtpd_sender_restrictions`: the sender of a message.
    pub sender_restrictions: String,
    /// `smtpd_relay_restrictions`: who may send to domains that are not ours.
    pub relay_restrictions: String,
    /// `smtpd_recipient_restrictions`: each recipient.
    pub recipient_restrictions: String,
    /// `smtpd_data_restrictions`: before the content.
    pub data_restrictions: String,
    /// `smtpd_end_of_data_restrictions`: after the content.
    pub end_of_data_restrictions: String,
    /// `smtpd_etrn_restrictions`: who may have the queue flushed.
    pub etrn_restrictions: String,
    /// `mua_client_restrictions`: the same for people's mail programs (submission), who have logged in.
    pub mua_client_restrictions: String,
    /// `mua_helo_restrictions`.
    pub mua_helo_restrictions: String,
    /// `mua_sender_restrictions`.
    pub mua_sender_restrictions: String,
}

/// How much of one client is too much. Rates count what came within one [`Self::rate_unit_seconds`]; 0 is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClientLimits {
    /// `anvil_rate_time_unit`, seconds.
    pub rate_unit_seconds: u32,
    /// `smtpd_client_connection_rate_limit`.
    pub connection_rate: u32,
    /// `smtpd_client_message_rate_limit`: MAIL commands.
    pub message_rate: u32,
    /// `smtpd_client_recipient_rate_limit`: RCPT commands.
    pub recipient_rate: u32,
    /// `smtpd_client_auth_rate_limit`: AUTH commands.
    pub auth_rate: u32,
    /// `smtpd_client_event_limit_exceptions`: clients without such limits, as in `mynetworks`; `$mynetworks` is those.
    pub limit_exceptions: Vec<String>,
    /// `smtpd_error_sleep_time`: how long a client that makes many errors waits for each reply, seconds.
    pub error_sleep_seconds: u32,
    /// `smtpd_soft_error_limit`: from so many errors on it waits.
    pub soft_errors: u32,
    /// `smtpd_hard_error_limit`: with so many errors the session ends.
    pub hard_errors: u32,
    /// `smtpd_junk_command_limit`: commands without use for a message (NOOP, RSET, …).
    pub junk_commands: u32,
    /// `smtpd_timeout`: how long a silent client is waited for, seconds.
    pub command_seconds: u32,
}
