//! Where the mail of accounts lies: in the data folder, or where the programs of a user of the system look for it.

use std::path::{Path, PathBuf};

use postigo_api::{Code, Error, MailFormat, StorageWish, SystemUser, SystemUsers};
use postigo_store::{AccountId, Storage, Store, SystemPlace};

use crate::config::Config;
use crate::engine::Shared;
use crate::errors::{self, blocking};

/// The first number of a person on Debian (`FIRST_UID` of adduser), and the last; those between programs and nobody are no people.
const PEOPLE: std::ops::RangeInclusive<u32> = 1_000..=59_999;

/// What Postfix's documentation has for `home_mailbox`.
const CUSTOMARY_MAILDIR: &str = "Maildir/";

/// Where the wished mail lies.
///
/// Errors: [`Code::SystemUserUnknown`].
pub(crate) fn resolve(config: &Config, wish: &StorageWish) -> Result<Storage, Error> {
    let Some(name) = &wish.system_user else {
        return Ok(match wish.format {
            Some(MailFormat::Mbox) => Storage::Mbox,
            Some(MailFormat::Maildir) | None => Storage::Maildir,
        });
    };
    let user = postigo_store::SystemUser::find(name).map_err(|error| errors::store(&error))?;
    let place = |path: PathBuf| SystemPlace { user: name.clone(), path };
    Ok(match wish.format.unwrap_or(default_format(config)) {
        MailFormat::Mbox => Storage::SystemMbox(place(Path::new(&config.mail_spool_directory).join(name))),
        MailFormat::Maildir => {
            Storage::SystemMaildir(place(user.home.join(home_mailbox(config).trim_end_matches('/'))))
        }
    })
}

/// Why these two settings cannot be used, with the name of the one.
pub(crate) fn check(config: &Config) -> Result<(), (&'static str, &'static str)> {
    if !Path::new(&config.mail_spool_directory).is_absolute() {
        return Err(("mail_spool_directory", "an absolute path is needed"));
    }
    let home = &config.home_mailbox;
    let is_below = Path::new(home).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !(home.is_empty() || home.ends_with('/') && is_below) {
        return Err(("home_mailbox", "a path within the home that ends in / is needed: a Maildir"));
    }
    Ok(())
}

/// Where it lies, as the API says it.
pub(crate) fn describe(store: &Store, account: &postigo_store::Account) -> postigo_api::Storage {
    let has_mbox = account.storage.has_mbox();
    let path = if has_mbox { store.mbox(account.id) } else { store.maildir(account.id) };
    postigo_api::Storage {
        format: if has_mbox { MailFormat::Mbox } else { MailFormat::Maildir },
        system_user: account.storage.system_user().map(str::to_owned),
        path: path.unwrap_or_default().display().to_string(),
        trouble: trouble(store, account.id),
    }
}

fn trouble(store: &Store, account: AccountId) -> Option<Error> {
    let trouble = store.mbox_troubles().into_iter().find(|trouble| trouble.account == account)?;
    Some(explain(&trouble))
}

/// Why an mbox cannot follow.
pub(crate) fn explain(trouble: &postigo_store::MboxTrouble) -> Error {
    use postigo_store::Code as Store;
    let path = trouble.path.display();
    let (code, text) = match trouble.code {
        Store::MailboxLocked => (Code::MailboxLocked, "another program keeps it locked"),
        Store::NotMbox => (Code::MailboxInvalid, "it is no mailbox file of this user alone"),
        Store::NoRight => (Code::SystemRightMissing, "the server has no right to it"),
        Store::StoreFull => (Code::DiskFull, "the disk is full"),
        _ => (Code::DataUnusable, "it cannot be read or written"),
    };
    Error::new(code, format!("{path}: {text}")).with("path", path).with("detail", text)
}

/// Lets the mail of an account lie elsewhere.
pub(crate) async fn change(engine: &Shared, account: AccountId, wish: &StorageWish) -> Result<(), Error> {
    let storage = resolve(&*engine.configured()?, wish)?;
    let store = engine.store.clone();
    blocking(move || store.set_storage(account, storage).map_err(|error| errors::store(&error))).await?;
    // Programs that have the old place open are to ask again.
    engine.auth.revoke(account);
    Ok(())
}

/// The people of this computer.
pub(crate) async fn users(engine: &Shared) -> Result<SystemUsers, Error> {
    let config = engine.configured()?;
    let store = engine.store.clone();
    blocking(move || {
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let accounts = store.accounts().list();
        let account_of = |name: &str| {
            accounts
                .iter()
                .find(|account| account.storage.system_user() == Some(name))
                .map(postigo_store::Account::address)
        };
        let mut users: Vec<SystemUser> = passwd.lines().filter_map(person).collect();
        users.iter_mut().for_each(|user| user.account = account_of(&user.name));
        users.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(SystemUsers {
            refusal: refusal(),
            users,
            mail_spool_directory: config.mail_spool_directory.clone(),
            home_mailbox: home_mailbox(&config).to_owned(),
            default_format: default_format(&config),
        })
    })
    .await
}

/// `luis:x:1000:1000:Luis Ruiz,,,:/home/luis:/bin/bash` (passwd(5)), if that is a person.
fn person(line: &str) -> Option<SystemUser> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, _, gecos, home, _] = fields[..] else { return None };
    PEOPLE.contains(&uid.parse().ok()?).then(|| SystemUser {
        name: name.to_owned(),
        full_name: gecos.split(',').next().unwrap_or_default().to_owned(),
        home: home.to_owned(),
        account: None,
    })
}

/// Only root may act for others.
fn refusal() -> Option<Error> {
    let is_root = postigo_store::SystemUser::find("root").is_ok_and(|root| root.is_in_reach());
    let text = "The server does not run as root, so it cannot write files of other users";
    (!is_root).then(|| Error::new(Code::SystemRightMissing, text).with("detail", text))
}

fn default_format(config: &Config) -> MailFormat {
    if config.home_mailbox.is_empty() { MailFormat::Mbox } else { MailFormat::Maildir }
}

fn home_mailbox(config: &Config) -> &str {
    if config.home_mailbox.is_empty() { CUSTOMARY_MAILDIR } else { &config.home_mailbox }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_from_programs() {
        let luis = person("luis:x:1000:1000:Luis Ruiz,,,:/home/luis:/bin/bash").unwrap();
        assert_eq!(
            (luis.name.as_str(), luis.full_name.as_str(), luis.home.as_str()),
            ("luis", "Luis Ruiz", "/home/luis")
        );
        for line in
            ["mail:x:8:8:mail:/var/mail:/usr/sbin/nologin", "nobody:x:65534:65534::/:/bin/false", "+", ""]
        {
            assert!(person(line).is_none(), "{line}");
        }
    }

    #[test]
    fn where_mail_lies_follows_from_postfix_settings() {
        let mut config = crate::config::defaults();
        let wish = |format| StorageWish { format, system_user: Some("root".into()) };
        let path = |config: &Config, format| match resolve(config, &wish(format)).unwrap() {
            Storage::SystemMbox(place) | Storage::SystemMaildir(place) => place.path.display().to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(path(&config, None), "/var/mail/root");
        assert_eq!(path(&config, Some(MailFormat::Maildir)), "/root/Maildir");
        config.home_mailbox = "mail/in/".into();
        assert_eq!(path(&config, None), "/root/mail/in");
        check(&config).unwrap();
        for bad in ["Maildir", "../x/", "/x/"] {
            config.home_mailbox = bad.into();
            assert_eq!(check(&config).unwrap_err().0, "home_mailbox", "{bad}");
        }
    }
}
