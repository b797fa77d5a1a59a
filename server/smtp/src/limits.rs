//! Every number of the session, with its reason.

use std::time::Duration;

/// The longest local part, in octets (RFC 5321 §4.5.3.1.1).
pub const LOCAL_PART_OCTETS: usize = 64;
/// The longest domain, in octets (RFC 5321 §4.5.3.1.2).
pub const DOMAIN_OCTETS: usize = 255;
/// The longest path, in octets, with its angle brackets (RFC 5321 §4.5.3.1.3).
pub const PATH_OCTETS: usize = 256;

/// The longest line the decoder keeps, in octets with its CRLF: that of an AUTH exchange (RFC 4954 §4). The driver's
/// buffer must be able to grow to one octet more.
pub const LINE_OCTETS: usize = 12_288;
/// The longest line of any command but AUTH, in octets with its CRLF. RFC 5321 §4.5.3.1.4 demands 512, to which
/// SIZE, BODY, AUTH, RET, ENVID, SMTPUTF8 and REQUIRETLS add some 690 for MAIL, NOTIFY and ORCPT 528 for RCPT; the rest is
/// generosity, the same as Postfix's.
pub const COMMAND_LINE_OCTETS: usize = 2048;

/// Limits and times of a session that an operator may change. `Default` gives the values named at each field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Accepted recipients of a message: 1000. RFC 5321 §4.5.3.1.8 demands at least 100.
    pub recipients: usize,
    /// Refused recipients in a session: 100. More is someone who guesses addresses.
    pub refused_recipients: u32,
    /// Commands with faults in a session: 20, as Postfix's `smtpd_hard_error_limit`. A delivered message resets it.
    pub bad_commands: u32,
    /// Commands that do nothing for a message (EHLO, NOOP, RSET, VRFY, HELP, EXPN): 100, as Postfix's
    /// `smtpd_junk_command_limit`. A delivered message resets it.
    pub idle_commands: u32,
    /// Failed log-ins in a session: 3, the least that RFC 4954 §4 wants to see before the connection is closed.
    pub authentication_failures: u32,
    /// Messages in a session: 100,000; it only stops a session that would never end.
    pub transactions: u32,
    /// Octets of a content line with its CRLF: 1 MiB. RFC 5321 §4.5.3.1.6 demands 1000, but mail with longer lines is
    /// common and nothing here holds a line in memory; the limit protects what reads the message by lines.
    pub text_line_octets: u64,
    /// Wait for the next command: 5 minutes (RFC 5321 §4.5.3.2.7).
    pub command_time: Duration,
    /// Wait for the next octets of content: 3 minutes (RFC 5321 §4.5.3.2.5, the client's time for the same).
    pub content_time: Duration,
    /// Time for the whole TLS handshake: 1 minute.
    pub handshake_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            recipients: 1000,
            refused_recipients: 100,
            bad_commands: 20,
            idle_commands: 100,
            authentication_failures: 3,
            transactions: 100_000,
            text_line_octets: 1024 * 1024,
            command_time: Duration::from_secs(5 * 60),
            content_time: Duration::from_secs(3 * 60),
            handshake_time: Duration::from_secs(60),
        }
    }
}
