//! `postigo sendmail`: hands in a message as programs on Unix have done since 1983.
//!
//! It speaks SMTP to the server on this machine: over the socket at which the system tells who calls, or, where there is none,
//! over the network like any other client. There is no spool of its own: when no server runs, the exit code says "try again
//! later", and the caller still has the message.

mod header;
mod submit;

use std::io::{BufRead, Read};
use std::path::Path;
use std::process::ExitCode;

use lettre::Address;
use postigo_api::{Nothing, ServerStatus};
use postigo_engine::SOCKET;

use crate::arguments::SendmailOptions;
use crate::exit;
use crate::host::Host;
use crate::notice::{self, Way};

/// What a message on standard input may have at most; the server's own limit is asked later.
const MAX_OCTETS: u64 = 1 << 30;

/// Why it did not work, with the exit code that says so.
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    pub fn new(code: u8, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Hands in what comes on standard input.
pub(crate) async fn run(data: &Path, options: SendmailOptions) -> ExitCode {
    match hand_in(data, options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("postigo sendmail: {}", failure.text);
            ExitCode::from(failure.code)
        }
    }
}

async fn hand_in(data: &Path, options: SendmailOptions) -> Result<(), Failure> {
    let way = find(data).await?;
    if options.mode == "s" {
        return submit::converse(&way).await;
    }
    let ignore_dots = options.ignore_dots || options.options.iter().any(|o| o == "i");
    let message = read_message(ignore_dots)?;
    let domain = way.domain.clone();
    let sender = sender(options.reverse_path.as_deref(), &domain)?;
    let recipients = recipients(&options, &message, &domain)?;
    let message = header::complete(&message, sender.as_ref(), options.full_name.as_deref(), &domain);
    submit::submit(&way, sender, recipients, &message).await
}

/// The server of the data folder, or the one that says that it is there for everybody on this machine.
async fn find(data: &Path) -> Result<Way, Failure> {
    let asked = async {
        let host = Host::running(data).await?;
        host.handler().server_status(Nothing {}).await
    };
    match asked.await {
        Ok(status) => Ok(Way { socket: Some(data.join("run").join(SOCKET)), ..way(&status) }),
        Err(error) => notice::read().ok_or_else(|| Failure::new(exit::TRY_AGAIN, error.text)),
    }
}

/// The way over the network to a server whose status is known.
pub(crate) fn way(status: &ServerStatus) -> Way {
    Way {
        address: submit::smtp_address(status),
        socket: None,
        host: status.host.clone(),
        domain: status.domains.first().cloned().unwrap_or_default(),
    }
}

/// Standard input up to its end, or to a line with a single dot.
fn read_message(ignore_dots: bool) -> Result<Vec<u8>, Failure> {
    let mut input = std::io::stdin().lock().take(MAX_OCTETS + 1);
    let mut message = Vec::new();
    loop {
        let start = message.len();
        let read = input
            .read_until(b'\n', &mut message)
            .map_err(|e| Failure::new(exit::IO, format!("standard input cannot be read: {e}")))?;
        let line = message[start..].trim_ascii_end();
        if read == 0 {
            break;
        }
        if !ignore_dots && line == b"." {
            message.truncate(start);
            break;
        }
    }
    if message.len() as u64 > MAX_OCTETS {
        return Err(Failure::new(exit::DATA, "the message is too large"));
    }
    Ok(message)
}

/// `-f <>` is the empty reverse-path; without -f it is the user who calls.
fn sender(given: Option<&str>, domain: &str) -> Result<Option<Address>, Failure> {
    let user;
    let typed = match given {
        Some("<>" | "") => return Ok(None),
        Some(typed) => typed,
        None => {
            user =
                std::env::var("LOGNAME").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "root".into());
            &user
        }
    };
    address(typed, domain).map(Some)
}

fn recipients(options: &SendmailOptions, message: &[u8], domain: &str) -> Result<Vec<Address>, Failure> {
    // bsd-mailx passes several as one argument with commas.
    let mut typed: Vec<String> =
        options.recipients.iter().flat_map(|r| r.split(',')).map(|r| r.trim().to_owned()).collect();
    if options.recipients_from_header {
        typed.extend(header::recipients(message));
    }
    typed.retain(|r| !r.is_empty());
    if typed.is_empty() {
        return Err(Failure::new(exit::USAGE, "no recipients: name them, or use -t"));
    }
    typed.iter().map(|r| address(r, domain)).collect()
}

/// A bare name is somebody here. `localhost` means this server, too, but has no dot, which is the server's to know.
fn address(typed: &str, domain: &str) -> Result<Address, Failure> {
    let bare = typed.trim().trim_start_matches('<').trim_end_matches('>');
    let whole = if bare.contains('@') { bare.to_owned() } else { format!("{bare}@{domain}") };
    whole.parse().map_err(|_| Failure::new(exit::DATA, format!("{typed} is not an address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_are_people_of_this_server() {
        let cases = [
            ("luis", Some("luis@lab.test")),
            ("<luis@lab.test>", Some("luis@lab.test")),
            ("luis@localhost", Some("luis@localhost")),
            ("two words", None),
            ("@lab.test", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(
                address(typed, "lab.test").ok().map(|a| a.to_string()).as_deref(),
                expected,
                "{typed}"
            );
        }
    }
}
