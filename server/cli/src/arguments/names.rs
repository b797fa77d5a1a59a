//! What can be typed about names: zones, and questions to name servers.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum ZoneCommand {
    /// List them.
    List(Json),
    /// Show the records of a zone.
    Show {
        /// Its name: lab.test, 2.0.192.in-addr.arpa.
        origin: String,
        #[command(flatten)]
        json: Json,
    },
    /// Make or replace a zone by a zone file.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
        /// The name of the zone. Without it, what the file says with $ORIGIN.
        #[arg(long)]
        origin: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Print a zone as a zone file.
    Export {
        /// Its name.
        origin: String,
        #[command(flatten)]
        json: Json,
    },
    /// Add a record. A zone that is not there yet is made.
    Add {
        /// The zone.
        origin: String,
        #[command(flatten)]
        record: RecordOptions,
        /// How many seconds others may keep it. Without it, the default of the zone.
        #[arg(long, value_name = "SECONDS")]
        ttl: Option<u32>,
    },
    /// Take a record away or, with no record, delete the zone.
    Del {
        /// The zone.
        origin: String,
        /// Relative to the zone; @ is the zone itself.
        #[arg(requires = "kind")]
        name: Option<String>,
        /// A, AAAA, MX, TXT, CNAME, NS, PTR, SRV, TLSA, CAA.
        #[arg(value_name = "TYPE", requires = "value")]
        kind: Option<String>,
        /// As it is in the zone.
        value: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RecordOptions {
    /// Relative to the zone; @ is the zone itself.
    pub name: String,
    /// A, AAAA, MX, TXT, CNAME, NS, PTR, SRV, TLSA, CAA.
    #[arg(value_name = "TYPE")]
    pub kind: String,
    /// As a zone file has it: 192.0.2.7, 10 mail.lab.test. (a name without its last dot is relative to the zone). A text
    /// needs no quotes of its own.
    #[arg(required = true)]
    pub value: Vec<String>,
}

/// Ask a name server, as this server does when it delivers.
#[derive(Debug, Args)]
pub(crate) struct DnsOptions {
    /// A name, or an address to find its name.
    pub name: String,
    /// A, MX, TXT. Without it A, for an address PTR.
    #[arg(value_name = "TYPE")]
    pub kind: Option<String>,
    #[command(flatten)]
    pub json: Json,
}
