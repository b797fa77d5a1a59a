//! The people of this server.

use postigo_api::{
    Account, AccountDelete, AccountDeleted, AccountDetail, AccountPassword, AccountRef, AccountUpdate, Code,
    Error, Event, FolderRole, LastLogin, MailFate, MailboxCount, NewAccount, Nothing, Service,
};
use postigo_sasl::{Password, Salts, UnusablePassword, Verifier};
use postigo_store::{AccountChange, AccountId, FateOfMail, MailboxName, SpecialUse, Storage, Store, Totals};

use super::storage;
use crate::engine::Shared;
use crate::errors::{self, blocking};

/// All accounts, by domain and name.
pub(crate) async fn list(engine: &Shared) -> Result<Vec<Account>, Error> {
    let store = engine.store.clone();
    blocking(move || store.accounts().list().iter().map(|account| row(&store, account)).collect()).await
}

/// One account with what belongs to it.
pub(crate) async fn get(engine: &Shared, account: AccountRef) -> Result<AccountDetail, Error> {
    let account = find(engine, &account.address)?;
    let address = account.address();
    let sessions =
        engine.trace.open_now().into_iter().filter(|s| s.user.as_ref() == Some(&address)).collect();
    let store = engine.store.clone();
    blocking(move || {
        let path = store.maildir(account.id).unwrap_or_default();
        let files = |folder: &str| std::fs::read_dir(path.join(folder)).map_or(0, |files| files.count());
        let count = |folder: &str| u32::try_from(files(folder)).unwrap_or(u32::MAX);
        Ok(AccountDetail {
            account: row(&store, &account)?,
            new: count("new"),
            cur: count("cur"),
            tmp: count("tmp"),
            mailboxes: match mailboxes(&store, &account) {
                // It is told with the account.
                Err(_) if account.storage.system_user().is_some() => Vec::new(),
                other => other?,
            },
            path: path.display().to_string(),
            sessions,
        })
    })
    .await
}

/// Adds an account; a bare name is one of the main domain.
pub(crate) async fn add(engine: &Shared, new: NewAccount) -> Result<Account, Error> {
    let config = engine.configured()?;
    let main = config.domains.first().map_or("", String::as_str);
    let (local_part, domain) = new.address.rsplit_once('@').unwrap_or((&new.address, main));
    let domain = super::setup::domain(domain)?;
    if !config.domains.iter().any(|d| d.eq_ignore_ascii_case(&domain)) {
        let text = format!("{domain} is not a domain of this server");
        return Err(Error::new(Code::AccountDomainForeign, text).with("domain", &domain));
    }
    let display_name = if new.display_name.is_empty() { local_part } else { &new.display_name };
    let (local_part, display_name) = (local_part.to_owned(), display_name.to_owned());
    let storage = match &new.storage {
        Some(wish) => storage::resolve(&config, wish)?,
        None => Storage::default(),
    };
    let (store, keeps) = (engine.store.clone(), config.cram_md5);
    let account = blocking(move || {
        let verifier = verifier(&new.password, keeps)?;
        let new = postigo_store::NewAccount { local_part, domain, display_name, verifier, storage };
        let added = store.accounts().add(new).map_err(|error| errors::store(&error))?;
        row(&store, &added)
    })
    .await?;
    changed(engine, &account.address, "added");
    engine.reroute()?;
    Ok(account)
}

/// Changes the name, or whether the account may be used.
pub(crate) async fn update(engine: &Shared, update: AccountUpdate) -> Result<Account, Error> {
    let account = find(engine, &update.address)?;
    if let Some(wish) = &update.storage {
        storage::change(engine, account.id, wish).await?;
    }
    let change = AccountChange { display_name: update.display_name, enabled: update.enabled };
    let (store, id) = (engine.store.clone(), account.id);
    let account = blocking(move || {
        let account = store.accounts().change(id, change).map_err(|error| errors::store(&error))?;
        row(&store, &account)
    })
    .await?;
    let what = match update.enabled {
        Some(true) => "enabled",
        Some(false) => "disabled",
        None => "changed",
    };
    if update.enabled == Some(false) {
        revoke(engine, id, &account.address);
    }
    changed(engine, &account.address, what);
    Ok(account)
}

/// Sets a new password.
pub(crate) async fn password(engine: &Shared, password: AccountPassword) -> Result<Nothing, Error> {
    let account = find(engine, &password.address)?;
    let (store, id) = (engine.store.clone(), account.id);
    let keeps = engine.config.load().as_ref().is_some_and(|config| config.cram_md5);
    blocking(move || {
        let verifier = verifier(&password.password, keeps)?;
        store.accounts().set_password(id, &verifier).map_err(|error| errors::store(&error))
    })
    .await?;
    revoke(engine, id, &account.address());
    changed(engine, &account.address(), "password changed");
    Ok(Nothing {})
}

/// Deletes an account.
pub(crate) async fn delete(engine: &Shared, delete: AccountDelete) -> Result<AccountDeleted, Error> {
    let account = find(engine, &delete.address)?;
    let fate = match delete.mail {
        MailFate::Keep => FateOfMail::Keep,
        MailFate::Remove => FateOfMail::Remove,
    };
    let (store, id) = (engine.store.clone(), account.id);
    let deleted =
        blocking(move || store.accounts().delete(id, fate).map_err(|error| errors::store(&error))).await;
    // The account may be gone although its mail could not be moved.
    revoke(engine, id, &account.address());
    let path = deleted?;
    changed(engine, &account.address(), "deleted");
    Ok(AccountDeleted { path: path.map(|p| p.display().to_string()) })
}

/// The account with this address or unambiguous name.
pub(crate) fn find(engine: &Shared, address: &str) -> Result<postigo_store::Account, Error> {
    engine.store.accounts().by_login(address).ok_or_else(|| {
        Error::new(Code::AccountUnknown, format!("There is no account {address}")).with("address", address)
    })
}

/// Says why a password cannot be used.
pub(crate) fn unusable_password(error: UnusablePassword) -> Error {
    Error::new(Code::PasswordInvalid, error.to_string()).with("detail", error)
}

/// What is kept of a password; `keeps`: the password itself, too, for CRAM-MD5.
fn verifier(password: &str, keeps: bool) -> Result<Verifier, Error> {
    let password = Password::prepare(password).map_err(unusable_password)?;
    let salts = Salts::random()
        .map_err(|e| Error::new(Code::Internal, "The system gives no random numbers").with("detail", e))?;
    let verifier = Verifier::new(&password, salts);
    Ok(if keeps { verifier.keeping(&password) } else { verifier })
}

/// Ends what was begun with the account as it was: the sessions of mail programs, and what the built-in client keeps.
fn revoke(engine: &Shared, id: AccountId, address: &str) {
    engine.auth.revoke(id);
    engine.mail.client().forget(address);
}

fn changed(engine: &Shared, address: &str, change: &str) {
    engine.trace.event(postigo_trace::Event::AccountChanged {
        address: address.to_owned(),
        change: change.to_owned(),
    });
    engine.feed.say(Event::Accounts);
}

fn row(store: &Store, account: &postigo_store::Account) -> Result<Account, Error> {
    // A home that is not there is the trouble of one person, and no reason to show none.
    let (totals, unseen, trouble) = match counted(store, account.id) {
        Ok((totals, unseen)) => (totals, unseen, None),
        Err(error) if account.storage.system_user().is_some() => {
            (Totals::default(), 0, Some(errors::store(&error)))
        }
        Err(error) => return Err(errors::store(&error)),
    };
    let storage = storage::describe(store, account);
    Ok(Account {
        address: account.address(),
        user: account.local_part.clone(),
        domain: account.domain.clone(),
        display_name: account.display_name.clone(),
        enabled: account.enabled,
        created: account.created.as_microsecond(),
        messages: count(totals.messages),
        unseen: count(unseen),
        octets: totals.octets,
        last_login: account.last_login.as_ref().map(|login| LastLogin {
            at: login.at.as_microsecond(),
            service: service(&login.protocol),
            client: login.peer.clone(),
        }),
        aliases: aliases_of(store, &account.address()),
        storage: postigo_api::Storage { trouble: trouble.or(storage.trouble), ..storage },
    })
}

/// The sums, and what is unread in INBOX.
fn counted(store: &Store, account: AccountId) -> postigo_store::Result<(Totals, u64)> {
    let mail = store.mail(account)?;
    let unseen = match mail.find(&MailboxName::inbox())? {
        Some(inbox) => mail.status(inbox.id)?.unseen,
        None => 0,
    };
    Ok((mail.totals()?, unseen))
}

fn mailboxes(store: &Store, account: &postigo_store::Account) -> Result<Vec<MailboxCount>, Error> {
    let mail = store.mail(account.id).map_err(|error| errors::store(&error))?;
    let mut counts = Vec::new();
    for mailbox in mail.list().map_err(|error| errors::store(&error))? {
        let status = mail.status(mailbox.id).map_err(|error| errors::store(&error))?;
        counts.push(MailboxCount {
            role: role(&mailbox),
            name: mailbox.name.to_string(),
            messages: count(status.messages),
            unseen: count(status.unseen),
            octets: status.octets,
        });
    }
    Ok(counts)
}

fn role(mailbox: &postigo_store::MailboxInfo) -> Option<FolderRole> {
    if mailbox.name == MailboxName::inbox() {
        return Some(FolderRole::Inbox);
    }
    match mailbox.special_use? {
        SpecialUse::Drafts => Some(FolderRole::Drafts),
        SpecialUse::Sent => Some(FolderRole::Sent),
        SpecialUse::Archive => Some(FolderRole::Archive),
        SpecialUse::Junk => Some(FolderRole::Junk),
        SpecialUse::Trash => Some(FolderRole::Trash),
    }
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn service(name: &str) -> Service {
    match name {
        "smtp" => Service::Smtp,
        "submission" => Service::Submission,
        "submissions" => Service::Submissions,
        "imaps" => Service::Imaps,
        _ => Service::Imap,
    }
}

/// The aliases that lead straight to an address.
fn aliases_of(store: &Store, address: &str) -> Vec<String> {
    let leads_there =
        |alias: &postigo_store::Alias| alias.targets.iter().any(|t| t.eq_ignore_ascii_case(address));
    store.accounts().aliases().into_iter().filter(leads_there).map(|alias| alias.name).collect()
}
