//! `postigo alias` and `postigo forward`.

use std::path::Path;
use std::process::ExitCode;

use postigo_api::{Alias, AliasImport, AliasRef, Code, Error, Forward, Handler, Nothing};

use crate::arguments::{AliasCommand, ForwardCommand};
use crate::host::Host;
use crate::{exit, input, print};

/// Names that stand for others.
pub(crate) async fn alias(data: &Path, command: AliasCommand) -> Result<ExitCode, Error> {
    Host::ask(data, async |handler: &dyn Handler| ask_alias(handler, command).await).await
}

async fn ask_alias(handler: &dyn Handler, command: AliasCommand) -> Result<ExitCode, Error> {
    match command {
        AliasCommand::List(json) => {
            let aliases = handler.alias_list(Nothing {}).await?;
            print::either(&aliases, json, || {
                aliases.iter().for_each(|a| println!("{}: {}", a.name, a.targets.join(", ")));
            });
        }
        AliasCommand::Set { name, targets } => {
            let alias = Alias { name, targets };
            handler.alias_set(alias.clone()).await?;
            println!("{}: {}", alias.name, alias.targets.join(", "));
        }
        AliasCommand::Del { name } => {
            handler.alias_remove(AliasRef { name: name.clone() }).await?;
            println!("{name} removed.");
        }
        AliasCommand::Import { file, json } => {
            let imported = handler.alias_import(AliasImport { text: input::file(&file)? }).await?;
            print::either(&imported, json, || {
                println!("{} taken: {}", imported.taken.len(), imported.taken.join(", "));
                imported.refused.iter().for_each(|line| eprintln!("Not taken: {}", print::plain(line)));
            });
            if !imported.refused.is_empty() {
                return Ok(ExitCode::from(exit::DATA));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Accounts whose mail goes on.
pub(crate) async fn forward(data: &Path, command: ForwardCommand) -> Result<(), Error> {
    Host::ask(data, async |handler: &dyn Handler| ask_forward(handler, command).await).await
}

async fn ask_forward(handler: &dyn Handler, command: ForwardCommand) -> Result<(), Error> {
    match command {
        ForwardCommand::List(json) => {
            let forwards = handler.forward_list(Nothing {}).await?;
            print::either(&forwards, json, || forwards.iter().for_each(|f| println!("{}", whither(f))));
        }
        ForwardCommand::Set { account, targets, keep_copy } => {
            let forward = Forward { account, targets: some(targets)?, keep_copy };
            handler.forward_set(forward.clone()).await?;
            println!("{}", whither(&forward));
        }
        ForwardCommand::Off { account } => {
            let stays = Forward { account: account.clone(), targets: Vec::new(), keep_copy: false };
            handler.forward_set(stays).await?;
            println!("The mail of {account} stays here.");
        }
    }
    Ok(())
}

/// None at all would undo the forward, and nobody asked for that.
fn some(targets: Vec<String>) -> Result<Vec<String>, Error> {
    if targets.iter().all(|target| target.trim_matches([' ', ',']).is_empty()) {
        let typed = targets.join(" ");
        return Err(
            Error::new(Code::AddressInvalid, format!("{typed:?} names nobody")).with("address", typed)
        );
    }
    Ok(targets)
}

fn whither(forward: &Forward) -> String {
    let copy = if forward.keep_copy { " (a copy stays)" } else { "" };
    format!("{} -> {}{copy}", forward.account, forward.targets.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forward_to_nobody_is_a_mistake() {
        assert!(some(vec![",".into(), " ".into()]).is_err());
        assert!(some(vec!["luis".into()]).is_ok());
    }

    #[test]
    fn a_forward_says_whether_a_copy_stays() {
        let forward = |keep_copy| Forward {
            account: "ana@lab.test".into(),
            targets: vec!["luis@lab.test".into(), "ana@otro.test".into()],
            keep_copy,
        };
        assert_eq!(whither(&forward(false)), "ana@lab.test -> luis@lab.test, ana@otro.test");
        assert_eq!(whither(&forward(true)), "ana@lab.test -> luis@lab.test, ana@otro.test (a copy stays)");
    }
}
