//! What can be typed about the flow of mail: settings, routes, relay host, queue, aliases and forwards.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Json, PasswordSource};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the value of one setting.
    Get {
        /// Its name: Postfix's where Postfix has it.
        key: String,
        #[command(flatten)]
        json: Json,
    },
    /// Change a setting. A server that runs takes it at once.
    Set {
        /// Its name: Postfix's where Postfix has it.
        key: String,
        /// Its value as in main.cf: a list with commas, a table as `domain=target, domain=target`.
        #[arg(allow_hyphen_values = true)]
        value: String,
        /// The host name of this server: yes, this makes an open relay, and it is wanted.
        #[arg(long, value_name = "HOST")]
        confirm_open_relay: Option<String>,
    },
    /// Give a setting its default again.
    Unset {
        /// Its name.
        key: String,
        /// The host name of this server: yes, this makes an open relay, and it is wanted.
        #[arg(long, value_name = "HOST")]
        confirm_open_relay: Option<String>,
    },
    /// Print all settings, as main.cf would have them.
    Show {
        /// Only those that Postfix has too.
        #[arg(long)]
        postfix: bool,
        #[command(flatten)]
        json: Json,
    },
}

/// What would happen to a message, and why. Sends nothing.
#[derive(Debug, Args)]
pub(crate) struct RouteOptions {
    /// To whom: an address, or a name of the main domain.
    pub recipient: String,
    /// From whom. Without it, from nobody (`<>`), as a bounce is.
    #[arg(long, value_name = "ADDR", default_value = "")]
    pub from: String,
    /// The address of the client that hands it in.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub client: IpAddr,
    /// The account the client has logged in as. Without it, it has not.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RelayCommand {
    /// Connect to a relay host, encrypt, log in, and show what was said. Sends nothing.
    Test {
        /// The relay host as the setting has it: [mail.example.net]:587.
        host: String,
        /// The user name there. Without it, no login.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Read the password from standard input, one line. Without it, the password that is kept.
        #[arg(long, requires = "user")]
        password_stdin: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Say whether a password is kept, and where.
    Status(Json),
    /// Keep the password of the relay host: in the system's keyring where there is one, else in a file that only its owner
    /// can read. An empty one is forgotten.
    Password {
        #[command(flatten)]
        password: PasswordSource,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// List what waits, those with the nearest next try first. Also under the name mailq.
    List(QueueListOptions),
    /// Show a message: its recipients, why each waits, its header.
    Show {
        /// Its queue id.
        id: String,
        #[command(flatten)]
        json: Json,
    },
    /// Try everything now that is not held, and does not wait for a time that its sender chose.
    Flush,
    /// Keep messages, and do not try them.
    Hold(Which),
    /// Undo hold.
    Release(Which),
    /// Try messages now, unless they wait for a time that their sender chose.
    Retry(Which),
    /// Send messages now, whoever holds them and whatever time their sender chose.
    Send {
        /// Queue ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Throw messages away. Nobody is told.
    Delete(Which),
}

#[derive(Debug, Args)]
pub(crate) struct QueueListOptions {
    /// Only messages that are on their way, wait for their next try or for the time that their sender chose, or are held.
    #[arg(long)]
    pub state: Option<StateName>,
    /// Only those with this in their queue id, their sender or a recipient.
    #[arg(long)]
    pub text: Option<String>,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StateName {
    Active,
    Deferred,
    Later,
    Held,
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Queue ids, or the word all.
    #[arg(required = true, value_name = "ID|all")]
    pub ids: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionCommand {
    /// List the addresses to which nothing is sent, and why.
    List {
        /// Only those with this in them.
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Send nothing to an address any more.
    Add {
        /// The address.
        address: String,
        /// Why; for whoever reads the list.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Send to an address again.
    Remove {
        /// The address.
        address: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AliasCommand {
    /// List them.
    List(Json),
    /// Make an alias, or change whom it stands for.
    Set {
        /// root (in every domain of this server), sales@lab.test, or @lab.test for everybody else there.
        name: String,
        /// Names and addresses that get its mail.
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Remove an alias.
    Del {
        /// Its name.
        name: String,
    },
    /// Take the aliases of a file like /etc/aliases.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ForwardCommand {
    /// List the accounts that forward.
    List(Json),
    /// Send an account's mail on.
    Set {
        /// ana@lab.test, or ana where it is unambiguous.
        account: String,
        /// Where to.
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
        /// The mailbox gets it, too.
        #[arg(long)]
        keep_copy: bool,
    },
    /// The mail stays in the mailbox again.
    Off {
        /// ana@lab.test, or ana where it is unambiguous.
        account: String,
    },
}
