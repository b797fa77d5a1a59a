//! `postigo config`.

use std::path::Path;

use postigo_api::{Code, ConfigEntry, ConfigSet, Error, Handler, Nothing};

use crate::arguments::ConfigCommand;
use crate::host::Host;
use crate::print;

/// Asks whoever serves the folder.
pub(crate) async fn run(data: &Path, command: ConfigCommand) -> Result<(), Error> {
    Host::ask(data, async |handler: &dyn Handler| ask(handler, command).await).await
}

async fn ask(handler: &dyn Handler, command: ConfigCommand) -> Result<(), Error> {
    match command {
        ConfigCommand::Get { key, json } => {
            let entries = handler.config_list(Nothing {}).await?;
            let entry = entries.into_iter().find(|entry| entry.name == key).ok_or_else(|| unknown(&key))?;
            print::either(&entry, json, || println!("{}", entry.value));
        }
        ConfigCommand::Set { key, value, confirm_open_relay } => {
            set(handler, ConfigSet { name: key, value: Some(value), confirm_open_relay }).await?;
        }
        ConfigCommand::Unset { key, confirm_open_relay } => {
            set(handler, ConfigSet { name: key, value: None, confirm_open_relay }).await?;
        }
        ConfigCommand::Show { postfix, json } => {
            let mut entries = handler.config_list(Nothing {}).await?;
            entries.retain(|entry| entry.postfix || !postfix);
            let shown = |entry: &ConfigEntry| match &entry.main_cf {
                Some(line) if postfix => line.clone(),
                _ => line(entry),
            };
            print::either(&entries, json, || entries.iter().for_each(|entry| println!("{}", shown(entry))));
        }
    }
    Ok(())
}

async fn set(handler: &dyn Handler, set: ConfigSet) -> Result<(), Error> {
    let done = handler.config_set(set).await.map_err(with_confirmation)?;
    println!("{}", line(&done));
    Ok(())
}

/// The engine knows no options; who types needs to hear of this one.
pub(crate) fn with_confirmation(mut error: Error) -> Error {
    if error.code == Code::OpenRelay
        && let Some(host) = error.params.get("host")
    {
        error.text = format!("{} (--confirm-open-relay {host})", error.text);
    }
    error
}

/// As main.cf has it; nothing follows the sign where the value is empty.
fn line(entry: &ConfigEntry) -> String {
    format!("{} = {}", entry.name, entry.value).trim_end().to_owned()
}

fn unknown(key: &str) -> Error {
    Error::new(Code::SettingUnknown, format!("There is no setting {key}")).with("setting", key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_main_cf() {
        let entry = |value: &str| ConfigEntry {
            name: "relayhost".into(),
            value: value.into(),
            default: String::new(),
            postfix: true,
            main_cf: None,
        };
        assert_eq!(line(&entry("[127.0.0.1]:3525")), "relayhost = [127.0.0.1]:3525");
        assert_eq!(line(&entry("")), "relayhost =");
    }
}
