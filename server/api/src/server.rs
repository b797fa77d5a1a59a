//! What is running.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Error, Micros, PortReason, Role};

/// The engine as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    /// What it is doing.
    pub phase: Phase,
    /// Why it does not run, when it should.
    pub error: Option<Error>,
    /// When it started, if it runs.
    pub started_at: Option<Micros>,
    /// Process id.
    pub pid: u32,
    /// Version of this program.
    pub version: String,
    /// The folder with everything in it.
    pub data_dir: String,
    /// The domains whose mail is delivered here, the first being the main one. `mydestination`.
    pub domains: Vec<String>,
    /// How the server calls itself. `myhostname`.
    pub host: String,
    /// What it was set up for.
    pub mode: Mode,
    /// What it is among others.
    pub role: Role,
    /// The address it listens on. `inet_interfaces`.
    pub listen: String,
    /// One for each service.
    pub listeners: Vec<Listener>,
}

/// What the engine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// There is no configuration yet.
    NotSetUp,
    /// Set up, but stopped by somebody or by an error.
    Stopped,
    /// On its way up.
    Starting,
    /// Listening.
    Running,
    /// Closing its sessions.
    Stopping,
}

/// What the server was set up for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Learning on one computer.
    #[default]
    Lab,
    /// A classroom network.
    Classroom,
    /// A real domain.
    Internet,
}

/// A service that can listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// SMTP, 25: mail from other servers.
    Smtp,
    /// Message submission, 587 with STARTTLS (RFC 6409).
    Submission,
    /// Message submission, 465 with implicit TLS (RFC 8314 §3.3).
    Submissions,
    /// IMAP, 143 with STARTTLS.
    Imap,
    /// IMAP, 993 with implicit TLS (RFC 8314 §3.2).
    Imaps,
    /// SMTP to another server, where we are the client. Never a listener.
    Outgoing,
    /// SMTP from programs on this computer, over a socket that tells which user of the system they belong to. No port.
    Local,
}

impl Service {
    /// As the log and the command line call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Submission => "submission",
            Self::Submissions => "submissions",
            Self::Imap => "imap",
            Self::Imaps => "imaps",
            Self::Outgoing => "outgoing",
            Self::Local => "local",
        }
    }
}

/// One listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// Which service.
    pub service: Service,
    /// The port it has, or would have.
    pub port: u16,
    /// The port the standards give it.
    pub standard_port: u16,
    /// Why it is this port.
    pub reason: PortReason,
    /// Whether TLS comes first (implicit) or on demand (STARTTLS).
    pub implicit_tls: bool,
    /// Whether it accepts connections.
    pub open: bool,
    /// Why not, when it should.
    pub error: Option<Error>,
    /// Sessions open at this moment.
    pub sessions: u32,
}
