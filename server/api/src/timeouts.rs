//! How long another server is waited for.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Waits of the SMTP client, in seconds. RFC 5321 §4.5.3.2 says what is the least on the internet; a laboratory may want less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClientTimeouts {
    /// `smtp_connect_timeout`: for the connection.
    pub connect_seconds: u32,
    /// `smtp_helo_timeout`: for the greeting, for the reply to EHLO, and for each step of AUTH.
    pub helo_seconds: u32,
    /// `smtp_starttls_timeout`: for the TLS handshake.
    pub starttls_seconds: u32,
    /// `smtp_mail_timeout`: for the reply to MAIL.
    pub mail_seconds: u32,
    /// `smtp_rcpt_timeout`: for the reply to RCPT.
    pub rcpt_seconds: u32,
    /// `smtp_data_init_timeout`: for the reply to DATA.
    pub data_init_seconds: u32,
    /// `smtp_data_xfer_timeout`: for the server to take the next block of content.
    pub data_xfer_seconds: u32,
    /// `smtp_data_done_timeout`: for the reply to the end of the content. Less makes duplicates.
    pub data_done_seconds: u32,
}
