//! What can be typed behind `postigo setup`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use postigo_api::{Mode, PortPlan, Role, TlsLevel};

#[derive(Debug, Args)]
pub(crate) struct SetupOptions {
    /// What the server is for.
    #[arg(long, value_enum, default_value_t = SetupMode::Lab)]
    pub mode: SetupMode,
    /// The mail domain.
    #[arg(long, default_value = "lab.test")]
    pub domain: String,
    /// The server's own name. Without it, `mail.` and the domain.
    #[arg(long)]
    pub host: Option<String>,
    /// A person; may be given several times.
    #[arg(long = "user", value_name = "NAME")]
    pub users: Vec<String>,
    /// A file with one password for all, or one line for each --user in order.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// standard, practice, or a number that is added to the standard ports.
    #[arg(long, default_value = "standard", value_parser = ports)]
    pub ports: PortPlan,
    /// The address to listen on. 0.0.0.0 is every network.
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: std::net::IpAddr,
    /// Who gets mail for postmaster and abuse. Without it, the first person.
    #[arg(long, value_name = "NAME")]
    pub postmaster: Option<String>,
    #[command(flatten)]
    pub flow: FlowOptions,
}

/// How mail comes and goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "How mail comes and goes")]
pub(crate) struct FlowOptions {
    /// In a classroom: client of a relay host, server behind an edge, or the edge itself. Without it, client.
    #[arg(long, value_enum)]
    pub role: Option<SetupRole>,
    /// The server that gets all mail for others: example.net, [mail.example.net]:587.
    #[arg(long, value_name = "HOST")]
    pub relayhost: Option<String>,
    /// The user name there.
    #[arg(long, value_name = "NAME", requires_all = ["relayhost", "relay_password_file"])]
    pub relay_user: Option<String>,
    /// A file with the password there in its first line.
    #[arg(long, value_name = "FILE", requires = "relay_user")]
    pub relay_password_file: Option<PathBuf>,
    /// TLS with other servers. Without it, encrypt where a password is sent, else may.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub tls: Option<SetupTls>,
    /// A network that may send anywhere without a password; may be given several times.
    #[arg(long = "network", value_name = "NETWORK")]
    pub networks: Vec<String>,
    /// On an edge: a domain of a server behind it; may be given several times.
    #[arg(long = "relay-domain", value_name = "DOMAIN")]
    pub relay_domains: Vec<String>,
    /// The server behind, one for each --relay-domain in order. Without any, the MX of each domain.
    #[arg(long = "next-hop", value_name = "HOST", requires = "relay_domains")]
    pub next_hops: Vec<String>,
    /// Who exists behind the edge, user@domain or @domain; may be given several times. Without any, anybody.
    #[arg(long = "relay-recipient", value_name = "ADDRESS", requires = "relay_domains")]
    pub relay_recipients: Vec<String>,
    /// Ask the server behind whether it knows a recipient, before mail for them is taken.
    #[arg(long, requires = "relay_domains")]
    pub call_ahead: bool,
}

/// As `--mode` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SetupMode {
    /// Learning on one computer.
    Lab,
    /// A classroom network.
    Classroom,
    /// A real domain.
    #[value(alias = "internet")]
    Domain,
}

impl From<SetupMode> for Mode {
    fn from(mode: SetupMode) -> Self {
        match mode {
            SetupMode::Lab => Self::Lab,
            SetupMode::Classroom => Self::Classroom,
            SetupMode::Domain => Self::Internet,
        }
    }
}

/// As `--role` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SetupRole {
    /// All its mail for others goes to the relay host.
    Client,
    /// Behind an edge: mail comes from there and leaves by the relay host.
    Inner,
    /// Takes mail from outside for the servers behind it.
    Edge,
}

impl From<SetupRole> for Role {
    fn from(role: SetupRole) -> Self {
        match role {
            SetupRole::Client => Self::Client,
            SetupRole::Inner => Self::Inner,
            SetupRole::Edge => Self::Edge,
        }
    }
}

/// As `--tls` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SetupTls {
    /// Never.
    None,
    /// Where it is offered.
    May,
    /// Always, or no mail.
    Encrypt,
}

impl From<SetupTls> for TlsLevel {
    fn from(level: SetupTls) -> Self {
        match level {
            SetupTls::None => Self::None,
            SetupTls::May => Self::May,
            SetupTls::Encrypt => Self::Encrypt,
        }
    }
}

fn ports(text: &str) -> Result<PortPlan, String> {
    match text {
        "standard" => Ok(PortPlan::Standard),
        "practice" => Ok(PortPlan::Practice),
        number => {
            number.parse().map(PortPlan::Base).map_err(|_| "not standard, practice or a number".to_owned())
        }
    }
}
