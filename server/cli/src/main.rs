//! The `postigo` command: the mail server without a window, and its tools.
//!
//! Does: read arguments, ask the API, print what it answers. `serve` opens the engine and shows it over HTTP.
//! Does not: decide anything about mail. Where a server runs, every command goes to it; where none does, the command opens
//! the data folder itself.
//!
//! Called as `sendmail` (by a link of that name) it is `postigo sendmail`.

mod arguments;
mod exit;
mod host;
mod print;
mod sendmail;
mod serve;
mod setup;
mod show;
mod user;

use std::ffi::OsString;
use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use clap::error::ErrorKind;

fn main() -> ExitCode {
    let arguments = as_sendmail(std::env::args_os().collect());
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

async fn run(arguments: Arguments) -> ExitCode {
    let data = arguments.data_folder();
    let done = match arguments.command {
        Command::Serve(options) => serve::run(&data, options).await,
        Command::Setup(options) => setup::run(&data, options).await,
        Command::User(command) => user::run(&data, command).await,
        Command::Sendmail(options) => return sendmail::run(&data, options).await,
        command => show::run(&data, command).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postigo: {error}");
            exit::of(&error)
        }
    }
}

/// `sendmail -t` is `postigo sendmail -t`. `send-mail` is how bsd-mailx names its program.
fn as_sendmail(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let name = arguments.first().map(std::path::Path::new).and_then(|p| p.file_stem()).unwrap_or_default();
    if name == "sendmail" || name == "send-mail" {
        arguments.insert(1, "sendmail".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_called_sendmail_is_the_sendmail_command() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            as_sendmail(words("/usr/sbin/sendmail -t -i")),
            words("/usr/sbin/sendmail sendmail -t -i")
        );
        assert_eq!(as_sendmail(words("postigo status")), words("postigo status"));
    }

    /// Clap checks its own definition only when asked.
    #[test]
    fn the_arguments_are_well_defined() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
