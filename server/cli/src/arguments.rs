//! What can be typed.

mod flow;
mod names;
mod postfix;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use flow::*;
pub(crate) use names::*;
pub(crate) use postfix::*;

/// A mail server that you can see inside.
#[derive(Debug, Parser)]
#[command(name = "postigo", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The folder with everything in it. Without it: $POSTIGO_DATA, else the folder Postigo in your home.
    #[arg(long, global = true, value_name = "DIR", env = "POSTIGO_DATA")]
    pub data: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// The data folder.
    pub fn data_folder(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| std::env::home_dir().unwrap_or_default().join("Postigo"))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up a server: domain, host name, people. Never overwrites.
    Setup(SetupOptions),
    /// Run the server in the foreground. SIGTERM stops it, SIGHUP reads the configuration again.
    Serve(ServeOptions),
    /// What is running: listeners, ports and why it is these.
    Status(Json),
    /// Read the configuration file again.
    Reload,
    /// The people of this server.
    #[command(subcommand)]
    User(UserCommand),
    /// The log so far.
    Log(LogOptions),
    /// The log as it grows.
    Tail(Json),
    /// Sessions, newest first; with a number, the transcript of that one.
    Session(SessionOptions),
    /// How a message travelled.
    Journey {
        /// Its queue id, as the log shows it.
        queue_id: String,
        #[command(flatten)]
        json: Json,
    },
    /// The certificates and what each listener offers.
    Tls(Json),
    /// Print the certificate of the local authority, for clients to trust.
    Ca,
    /// Settings by name.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// What would happen to a message, and why. Sends nothing.
    Route(RouteOptions),
    /// The relay host: try it, keep its password.
    #[command(subcommand)]
    Relay(RelayCommand),
    /// What waits to go elsewhere.
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Names that stand for others.
    #[command(subcommand)]
    Alias(AliasCommand),
    /// Accounts whose mail goes on.
    #[command(subcommand)]
    Forward(ForwardCommand),
    /// The zones of the name server here.
    #[command(subcommand)]
    Zone(ZoneCommand),
    /// Ask a name server, as this server does when it delivers.
    Dns(DnsOptions),
    /// Take over a configuration.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write the configuration in the form of another server.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Hand in a message on standard input, as sendmail does.
    Sendmail(SendmailOptions),
    /// Does nothing: aliases apply at once. For programs that call it by this name.
    #[command(hide = true)]
    Newaliases {
        /// Ignored.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        ignored: Vec<OsString>,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SetupOptions {
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
    pub ports: postigo_api::PortPlan,
    /// The address to listen on. 0.0.0.0 is every network.
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: std::net::IpAddr,
    /// Who gets mail for postmaster and abuse. Without it, the first person.
    #[arg(long, value_name = "NAME")]
    pub postmaster: Option<String>,
}

fn ports(text: &str) -> Result<postigo_api::PortPlan, String> {
    match text {
        "standard" => Ok(postigo_api::PortPlan::Standard),
        "practice" => Ok(postigo_api::PortPlan::Practice),
        number => number
            .parse()
            .map(postigo_api::PortPlan::Base)
            .map_err(|_| "not standard, practice or a number".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Where the UI is served over HTTP. Without it, on a free port of this computer.
    #[arg(long, value_name = "ADDR:PORT")]
    pub http: Option<SocketAddr>,
    /// Let other machines reach the UI. It is not encrypted: only over a tunnel or a network you trust.
    #[arg(long, requires = "http")]
    pub http_insecure: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List them.
    List(Json),
    /// Add a person.
    Add {
        /// ana@lab.test, or ana for the main domain.
        address: String,
        /// Name for people to read.
        #[arg(long, default_value = "")]
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Set a new password.
    Passwd {
        /// ana@lab.test, or ana where it is unambiguous.
        address: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// No login and no mail for this person until enabled again.
    Disable {
        /// ana@lab.test, or ana where it is unambiguous.
        address: String,
    },
    /// Undo disable.
    Enable {
        /// ana@lab.test, or ana where it is unambiguous.
        address: String,
    },
    /// Delete a person. The mail stays on disk under another name unless --remove-mail is given.
    Del {
        /// ana@lab.test, or ana where it is unambiguous.
        address: String,
        /// Delete the mail, too.
        #[arg(long)]
        remove_mail: bool,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PasswordSource {
    /// Read the password from standard input, one line.
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogOptions {
    /// Only lines about this message.
    #[arg(long)]
    pub queue_id: Option<String>,
    /// Only lines of this session.
    #[arg(long)]
    pub session: Option<i64>,
    /// Only lines that contain this.
    #[arg(long)]
    pub text: Option<String>,
    /// How many of the newest lines; 2000 at most.
    #[arg(long, default_value_t = 200)]
    pub limit: u32,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct SessionOptions {
    /// Which one.
    pub id: Option<i64>,
    /// Only those that were refused something.
    #[arg(long)]
    pub refused: bool,
    #[command(flatten)]
    pub json: Json,
}

/// As sendmail takes them. What has no meaning here is accepted and ignored, for programs pass it.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct SendmailOptions {
    /// Take the recipients from To, Cc and Bcc.
    #[arg(short = 't')]
    pub recipients_from_header: bool,
    /// A line with a single dot does not end the message.
    #[arg(short = 'i')]
    pub ignore_dots: bool,
    /// The sender's address in the envelope.
    #[arg(short = 'f', short_alias = 'r', value_name = "ADDR", allow_hyphen_values = true)]
    pub reverse_path: Option<String>,
    /// The sender's name in the From field, when there is none.
    #[arg(short = 'F', value_name = "NAME")]
    pub full_name: Option<String>,
    /// -bm: a message on standard input (the default). -bs: speak SMTP on standard input and output.
    #[arg(short = 'b', value_name = "MODE", default_value = "m", value_parser = ["m", "s"])]
    pub mode: String,
    /// -oi is -i; other options are ignored.
    #[arg(short = 'o', value_name = "OPTION")]
    pub options: Vec<String>,
    /// Ignored.
    #[arg(short = 'B', value_name = "TYPE", hide = true)]
    pub body: Option<String>,
    /// Ignored.
    #[arg(short = 'N', value_name = "DSN", hide = true)]
    pub notify: Option<String>,
    /// Ignored.
    #[arg(short = 'R', value_name = "DSN", hide = true)]
    pub ret: Option<String>,
    /// Ignored.
    #[arg(short = 'V', value_name = "ID", hide = true)]
    pub envelope_id: Option<String>,
    /// Ignored.
    #[arg(short = 'm', hide = true)]
    pub me_too: bool,
    /// Ignored.
    #[arg(short = 'v', action = clap::ArgAction::Count, hide = true)]
    pub verbose: u8,
    /// Recipients.
    pub recipients: Vec<String>,
}
