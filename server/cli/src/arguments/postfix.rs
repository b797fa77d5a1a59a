//! What can be typed about the files of Postfix.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Take over the configuration of a Postfix: main.cf, master.cf, and the tables they name.
    Postfix(ImportOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The folder with the files, or one file. Of a folder called postfix, as /etc/postfix, the aliases and the mailname
    /// beside it are read, too.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Change nothing: say what each line would become.
    #[arg(long)]
    pub dry_run: bool,
    /// The host name of this server: yes, this makes an open relay, and it is wanted.
    #[arg(long, value_name = "HOST")]
    pub confirm_open_relay: Option<String>,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write main.cf, master.cf, their tables and dovecot.conf, for a Postfix and a Dovecot that do what this server does.
    Postfix(ExportOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// Where to; it is made if it is not there. `postfix -c DIR check` tries them.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The language of the comments. Without it, that of the environment.
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Spanish.
    Es,
    /// English.
    En,
}
