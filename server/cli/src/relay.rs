//! `postigo relay`.

use std::path::Path;
use std::process::ExitCode;

use postigo_api::{Error, Handler, Nothing, RelayPassword, RelayPasswordPlace, RelayTest, SessionRef};

use crate::arguments::{PasswordSource, RelayCommand};
use crate::host::Host;
use crate::{exit, input, print};

/// Asks whoever serves the folder. The exit code of the test says whether the relay host works.
pub(crate) async fn run(data: &Path, command: RelayCommand) -> Result<ExitCode, Error> {
    Host::ask(data, async |handler: &dyn Handler| ask(handler, command).await).await
}

async fn ask(handler: &dyn Handler, command: RelayCommand) -> Result<ExitCode, Error> {
    match command {
        RelayCommand::Test { host, user, password_stdin, json } => {
            // Not asked for on the terminal: the password that is kept is what mail will use.
            let source = PasswordSource { password_stdin };
            let password = if password_stdin { Some(input::password(source)?) } else { None };
            let test = RelayTest { relayhost: host, user: user.unwrap_or_default(), password };
            let tested = handler.relay_test(test).await?;
            let session = match tested.session {
                Some(id) if !json.json => handler.session_get(SessionRef { id, from_line: 0 }).await.ok(),
                _ => None,
            };
            print::either(&tested, json, || {
                session.iter().for_each(print::transcript);
                let verdict = if tested.works { "It works" } else { "It does not work" };
                println!("{verdict}: {}", print::plain(&tested.text));
            });
            Ok(exit::answered(tested.works))
        }
        RelayCommand::Status(json) => {
            let place = handler.settings_get(Nothing {}).await?.relay_password;
            print::either(&place, json, || println!("{}", kept(place)));
            Ok(ExitCode::SUCCESS)
        }
        RelayCommand::Password { password } => {
            let password = input::password(password)?;
            handler.relay_password(RelayPassword { password }).await?;
            println!("{}", kept(handler.settings_get(Nothing {}).await?.relay_password));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn kept(place: RelayPasswordPlace) -> &'static str {
    match place {
        RelayPasswordPlace::None => "No password of the relay host is kept.",
        RelayPasswordPlace::Keyring => "The password of the relay host is kept in the system's keyring.",
        RelayPasswordPlace::File => {
            "The password of the relay host is kept in secrets.json in the data folder, for its owner's eyes."
        }
        RelayPasswordPlace::Locked => {
            "The password of the relay host is kept in a keyring that cannot be opened from here: give it again."
        }
    }
}
