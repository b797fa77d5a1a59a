//! The `postigo` command: the mail server without a window, and its tools.
//!
//! Does: read arguments, ask the API, print what it answers. `serve` opens the engine and shows it over HTTP.
//! Does not: decide anything about mail. Where a server runs, every command goes to it; where none does, the command opens
//! the data folder itself.
//!
//! Called as `sendmail`, `mailq` or `newaliases` (by links of these names) it does what these do.

mod aliases;
mod arguments;
mod config;
mod exit;
mod host;
mod input;
mod names;
mod notice;
mod postfix;
mod print;
mod queue;
mod relay;
mod route;
mod sendmail;
mod serve;
mod setup;
mod show;
mod suppression;
mod user;

use std::ffi::OsString;
use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use clap::error::ErrorKind;
use mimalloc::MiMalloc;

/// Sessions take memory in one thread that another gives back; with the system's allocator a third of the server's own time went there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let arguments = as_called(std::env::args_os().collect());
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version come as "errors" that are none.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
                _ => ExitCode::from(exit::USAGE),
            };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("postigo: the system gives no threads: {error}");
            return ExitCode::from(exit::FAILED);
        }
    };
    let done = runtime.block_on(run(parsed));
    // Standard input may still be read by a thread that nobody can stop.
    runtime.shutdown_background();
    done
}

/// `postigo log | head` ends when `head` has seen enough. Rust reports writing into a pipe that nobody reads as a panic of
/// `println!`, where other programs are ended by SIGPIPE; the server must not be, since its peers close what they like.
fn end_quietly_when_nobody_reads() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some_and(|text| text.starts_with("failed printing to std")) {
            std::process::exit(exit::NOBODY_READS);
        }
        report(panic);
    }));
}

async fn run(arguments: Arguments) -> ExitCode {
    let data = arguments.data_folder();
    let done = match arguments.command {
        Command::Serve(options) => serve::run(&data, options).await.map(succeeded),
        Command::Setup(options) => setup::run(&data, options).await.map(succeeded),
        Command::User(command) => user::run(&data, command).await.map(succeeded),
        Command::Config(command) => config::run(&data, command).await.map(succeeded),
        Command::Queue(command) => queue::run(&data, command).await.map(succeeded),
        Command::Suppression(command) => suppression::run(&data, command).await.map(succeeded),
        Command::Forward(command) => aliases::forward(&data, command).await.map(succeeded),
        Command::Import(command) => postfix::import(&data, command).await.map(succeeded),
        Command::Export(command) => postfix::export(&data, command).await.map(succeeded),
        Command::Zone(command) => names::zone(&data, command).await.map(succeeded),
        Command::Alias(command) => aliases::alias(&data, command).await,
        Command::Route(options) => route::run(&data, options).await,
        Command::Relay(command) => relay::run(&data, command).await,
        Command::Dns(options) => names::dns(&data, options).await,
        Command::Sendmail(options) => return sendmail::run(&data, options).await,
        Command::Newaliases { .. } => {
            println!("Aliases apply at once: there is nothing to build. See `postigo alias`.");
            return ExitCode::SUCCESS;
        }
        command => show::run(&data, command).await.map(succeeded),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("postigo: {error}");
            exit::of(&error)
        }
    }
}

/// A command without an answer of its own has done what was asked.
fn succeeded((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// `sendmail -t` is `postigo sendmail -t`, and so on. `send-mail` is how bsd-mailx names its program.
fn as_called(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let name = arguments.first().map(std::path::Path::new).and_then(|p| p.file_stem()).unwrap_or_default();
    let command: &[&str] = match name.to_str() {
        Some("sendmail" | "send-mail") => &["sendmail"],
        Some("mailq") => &["queue", "list"],
        Some("newaliases") => &["newaliases"],
        _ => &[],
    };
    arguments.splice(1.min(arguments.len())..1.min(arguments.len()), command.iter().map(OsString::from));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_link_is_a_command() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        let rows = [
            ("/usr/sbin/sendmail -t -i", "/usr/sbin/sendmail sendmail -t -i"),
            ("mailq --json", "mailq queue list --json"),
            ("newaliases", "newaliases newaliases"),
            ("postigo status", "postigo status"),
        ];
        for (called, meant) in rows {
            assert_eq!(as_called(words(called)), words(meant));
        }
        assert!(as_called(Vec::new()).is_empty());
    }

    /// Clap checks its own definition only when asked.
    #[test]
    fn the_arguments_are_well_defined() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
