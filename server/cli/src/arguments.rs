//! What can be typed.

mod flow;
mod names;
mod postfix;
mod setup;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use flow::*;
pub(crate) use names::*;
pub(crate) use postfix::*;
pub(crate) use setup::*;

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
    /// Addresses elsewhere to which nothing is sent.
    #[command(subcommand)]
    Suppression(SuppressionCommand),
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
        #[command(flatten)]
        storage: StorageOptions,
    },
    /// Let a person's mail lie elsewhere. What is there moves along.
    Set {
        /// ana@lab.test, or ana where it is unambiguous.
        address: String,
        #[command(flatten)]
        storage: StorageOptions,
    },
    /// List the users of the system whose mail could lie where their own programs look for it.
    System(Json),
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

/// Where mail is to lie.
#[derive(Debug, Clone, Args)]
pub(crate) struct StorageOptions {
    /// In the files of a user of the system, who owns them: by default the one whose name is that of the address. Needs root.
    /// The password stays one of this server's own, and is not that of the system.
    #[arg(long, value_name = "USER", num_args = 0..=1, require_equals = true)]
    pub system: Option<Option<String>>,
    /// One file for INBOX: with --system in mail_spool_directory (/var/mail/luis).
    #[arg(long, conflicts_with = "maildir")]
    pub mbox: bool,
    /// A Maildir: with --system home_mailbox in the home (~luis/Maildir).
    #[arg(long)]
    pub maildir: bool,
}

impl StorageOptions {
    /// None when nothing was asked for. `user` is the name in the address.
    pub(crate) fn wish(self, user: &str) -> Option<postigo_api::StorageWish> {
        let format = match (self.mbox, self.maildir) {
            (true, _) => Some(postigo_api::MailFormat::Mbox),
            (_, true) => Some(postigo_api::MailFormat::Maildir),
            _ => None,
        };
        let system_user = self.system.map(|name| name.unwrap_or_else(|| user.to_owned()));
        (format.is_some() || system_user.is_some())
            .then_some(postigo_api::StorageWish { format, system_user })
    }
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
