//! `postigo user`.

use std::path::Path;

use postigo_api::{
    AccountDelete, AccountPassword, AccountRef, AccountUpdate, Error, Handler, MailFate, NewAccount, Nothing,
};

use crate::arguments::UserCommand;
use crate::host::Host;
use crate::{input, print};

/// Asks whoever serves the folder.
pub(crate) async fn run(data: &Path, command: UserCommand) -> Result<(), Error> {
    Host::ask(data, async |handler: &dyn Handler| ask(handler, command).await).await
}

async fn ask(handler: &dyn Handler, command: UserCommand) -> Result<(), Error> {
    match command {
        UserCommand::List(json) => print::accounts(&handler.account_list(Nothing {}).await?, json),
        UserCommand::Add { address, name, password, storage } => {
            let user = address.split('@').next().unwrap_or_default().to_owned();
            let storage = storage.wish(&user);
            let new =
                NewAccount { address, display_name: name, password: input::password(password)?, storage };
            let added = handler.account_add(new).await?;
            println!("{} added. Mail lies in {}", added.address, added.storage.path);
        }
        UserCommand::Set { address, storage } => {
            let user = handler.account_get(AccountRef { address: address.clone() }).await?.account.user;
            let storage = storage.wish(&user);
            let update = AccountUpdate { address, display_name: None, enabled: None, storage };
            let account = handler.account_update(update).await?;
            println!("The mail of {} lies in {}", account.address, account.storage.path);
        }
        UserCommand::System(json) => {
            print::system_users(&handler.account_system_users(Nothing {}).await?, json)
        }
        UserCommand::Passwd { address, password } => {
            let password = AccountPassword { address, password: input::password(password)? };
            handler.account_password(password).await?;
            println!("Password changed.");
        }
        UserCommand::Disable { address } => enable(handler, address, false).await?,
        UserCommand::Enable { address } => enable(handler, address, true).await?,
        UserCommand::Del { address, remove_mail } => {
            let mail = if remove_mail { MailFate::Remove } else { MailFate::Keep };
            match handler.account_delete(AccountDelete { address, mail }).await?.path {
                Some(path) => println!("Deleted. The mail is in {path}"),
                None => println!("Deleted."),
            }
        }
    }
    Ok(())
}

async fn enable(handler: &dyn Handler, address: String, enabled: bool) -> Result<(), Error> {
    let update = AccountUpdate { address, display_name: None, enabled: Some(enabled), storage: None };
    let account = handler.account_update(update).await?;
    println!("{} is {}.", account.address, if enabled { "enabled" } else { "disabled" });
    Ok(())
}
