//! Postfix's files taken over, and the settings as such files.
//!
//! What this server cannot have is left as it was and told in the report; the rest is taken, so that one odd line does not
//! keep a whole configuration out.

use std::path::Path;

use postigo_api::{
    Alias, AliasChange, Code, CommentLanguage, Error, Forward, ForwardChange, OpenRelay, PostfixExport,
    PostfixFate, PostfixFiles, PostfixImport, PostfixImported, PostfixLine, RelayPassword, SettingChange,
    SettingValues,
};
use postigo_postfix::{Fate, Imported, Language, Line, Person};

use super::{accounts, relay, routing, settings, setup};
use crate::config::keys::{KEYS, Key};
use crate::engine::{self, Shared};
use crate::errors::{self, blocking};
use crate::flow;
use crate::running::check_address;

/// Settings that are of no use without one another.
const PAIR: [&str; 2] = ["smtpd_tls_cert_file", "smtpd_tls_key_file"];

/// The settings as files.
pub(crate) async fn export(engine: &Shared, wanted: PostfixExport) -> Result<PostfixFiles, Error> {
    if !Path::new(&wanted.folder).is_absolute() || wanted.folder.contains(char::is_control) {
        let text = format!("{} is not an absolute path", wanted.folder);
        return Err(Error::new(Code::BadRequest, text).with("detail", "folder"));
    }
    let config = engine.configured()?;
    let store = engine.store.clone();
    let people = blocking(move || {
        let person = |account: &postigo_store::Account| Person {
            address: account.address(),
            maildir: store.maildir(account.id).unwrap_or_default().display().to_string(),
        };
        Ok(store.accounts().list().iter().map(person).collect::<Vec<_>>())
    })
    .await?;
    let language = match wanted.language {
        CommentLanguage::En => Language::English,
        CommentLanguage::Es => Language::Spanish,
    };
    let (aliases, forwards) = (routing::aliases(engine), routing::forwards(engine));
    let files = postigo_postfix::export(
        &config,
        &aliases,
        &forwards,
        &people,
        language,
        wanted.folder.trim_end_matches('/'),
    );
    Ok(PostfixFiles { files })
}

/// Takes files over, or says what that would change.
///
/// Errors: [`Code::OpenRelay`], as for any change of settings, unless it is a dry run.
pub(crate) async fn import(engine: &Shared, wanted: PostfixImport) -> Result<PostfixImported, Error> {
    let old = engine.configured()?;
    let imported = postigo_postfix::import(&wanted.files, SettingValues::clone(&old));
    let mut plan = Plan::new(engine, &old, imported).await;
    let (told, password) = plan.told(engine, &old);
    if wanted.dry_run {
        return Ok(PostfixImported { applied: false, ..told });
    }
    change_settings(engine, &old, &plan.settings, password, wanted.confirm_open_relay.as_deref()).await?;
    change_names(engine, &told).await?;
    Ok(PostfixImported { applied: true, ..told })
}

/// The password that is kept belongs to the relay host and user of before, and must not be shown to another.
async fn change_settings(
    engine: &Shared,
    old: &SettingValues,
    new: &SettingValues,
    password: Option<String>,
    confirmed: Option<&str>,
) -> Result<(), Error> {
    let login = |values: &SettingValues| (values.flow.relayhost.clone(), values.flow.relayhost_user.clone());
    let before = engine.secrets.relayhost();
    let is_other = login(old) != login(new);
    if is_other && before.is_some() {
        relay::password(engine, RelayPassword { password: String::new() }).await?;
    }
    // Only what the files change: somebody may have changed something else meanwhile.
    let apply = |config: &mut SettingValues| {
        for key in changed(old, new) {
            key.set(config, key.get(new)).map_err(|detail| Error::new(Code::Internal, detail))?;
        }
        Ok(())
    };
    if let Err(error) = settings::change(engine, apply, confirmed).await {
        if is_other && let Some(password) = before {
            relay::password(engine, RelayPassword { password }).await?;
        }
        return Err(error);
    }
    if let Some(password) = password {
        relay::password(engine, RelayPassword { password }).await?;
    }
    Ok(())
}

async fn change_names(engine: &Shared, told: &PostfixImported) -> Result<(), Error> {
    if told.aliases.is_empty() && told.forwards.is_empty() {
        return Ok(());
    }
    let mut forwards = Vec::new();
    for change in &told.forwards {
        let Forward { account, targets, keep_copy } = change.after.clone();
        let account = accounts::find(engine, &account)?.id;
        forwards.push(postigo_store::Forward { account, targets, keep_copy });
    }
    let (store, aliases) = (engine.store.clone(), told.aliases.clone());
    blocking(move || {
        for AliasChange { name, after, .. } in aliases {
            let alias = postigo_store::Alias { name, targets: after };
            store.accounts().set_alias(&alias).map_err(|error| errors::store(&error))?;
        }
        for forward in forwards {
            store.accounts().set_forward(&forward).map_err(|error| errors::store(&error))?;
        }
        Ok(())
    })
    .await?;
    routing::changed(engine).map(drop)
}

/// What an import comes to here.
struct Plan {
    settings: SettingValues,
    aliases: Vec<postigo_store::Alias>,
    forwards: Vec<Forward>,
    password: Option<String>,
    report: Vec<PostfixLine>,
}

impl Plan {
    async fn new(engine: &Shared, old: &SettingValues, imported: Imported) -> Self {
        let mut plan = Self {
            settings: old.clone(),
            aliases: Vec::new(),
            forwards: Vec::new(),
            password: imported.relay_password,
            report: imported.report.into_iter().map(line).collect(),
        };
        plan.fit(engine, old, imported.settings).await;
        plan.names(engine, imported.aliases, imported.forwards);
        plan
    }

    /// Takes the settings that this server can have.
    async fn fit(&mut self, engine: &Shared, old: &SettingValues, mut new: SettingValues) {
        let mut domains = Vec::new();
        for domain in new.domains {
            match setup::domain(&domain) {
                Ok(domain) => domains.push(domain),
                Err(error) => self.left("mydestination", Some(&domain), error),
            }
        }
        new.domains = if domains.is_empty() { old.domains.clone() } else { domains };
        if can_have(engine, &new).await.is_ok() {
            self.settings = new;
            return;
        }
        for key in changed(old, &new).filter(|key| key.name != PAIR[1]) {
            let mut tried = self.settings.clone();
            let names = if key.name == PAIR[0] { &PAIR[..] } else { &[key.name] };
            let set: Result<(), String> = names
                .iter()
                .filter_map(|name| Key::find(name))
                .try_for_each(|key| key.set(&mut tried, key.get(&new)));
            let verdict = match set {
                Ok(()) => can_have(engine, &tried).await,
                Err(detail) => Err(Error::new(Code::SettingInvalid, detail)),
            };
            match verdict {
                Ok(()) => self.settings = tried,
                Err(error) => names.iter().for_each(|name| self.left(name, None, error.clone())),
            }
        }
    }

    /// Takes the aliases and forwards that this server can have.
    fn names(&mut self, engine: &Shared, aliases: Vec<Alias>, forwards: Vec<Forward>) {
        self.aliases = engine.store.accounts().aliases();
        let mut all_forwards = forwards;
        for alias in aliases {
            // What an account has besides or instead of its mailbox is a forward here.
            if alias.name.contains('@') && accounts::find(engine, &alias.name).is_ok() {
                let Alias { name, targets } = alias;
                all_forwards.push(Forward { account: name, targets, keep_copy: false });
            } else if let Err(error) = self.alias(&alias) {
                self.left(&alias.name, None, error);
            }
        }
        for forward in all_forwards {
            let targets = routing::targets(&forward.targets);
            let taken = targets.and_then(|targets| Ok((accounts::find(engine, &forward.account)?, targets)));
            match taken {
                Ok((account, targets)) => {
                    self.forwards.push(Forward { account: account.address(), targets, ..forward });
                }
                Err(error) => self.left(&forward.account, None, error),
            }
        }
    }

    fn alias(&mut self, alias: &Alias) -> Result<(), Error> {
        let (name, targets) = (routing::alias_name(&alias.name)?, routing::targets(&alias.targets)?);
        routing::refuse_loop(&self.aliases, &name, &targets)?;
        self.aliases.retain(|old| old.name != name);
        self.aliases.push(postigo_store::Alias { name, targets });
        Ok(())
    }

    /// Tells that something was not taken: in its line, or in one of its own for one value of several.
    fn left(&mut self, name: &str, value: Option<&str>, error: Error) {
        let place =
            self.report.iter().rposition(|line| line.name == name && line.fate != PostfixFate::Ignored);
        let at = place.map(|place| &self.report[place]);
        let line = PostfixLine {
            file: at.map_or("main.cf", |line| &line.file).to_owned(),
            line: at.map_or(0, |line| line.line),
            name: name.to_owned(),
            value: value.or(at.map(|line| &*line.value)).unwrap_or_default().to_owned(),
            fate: PostfixFate::Unsupported,
            reason: Some("value".to_owned()),
            error: Some(error),
        };
        match place {
            Some(place) if value.is_none() => self.report[place] = line,
            Some(place) => self.report.insert(place + 1, line),
            None => self.report.push(line),
        }
    }

    /// The answer, and the password to keep.
    fn told(&mut self, engine: &Shared, old: &SettingValues) -> (PostfixImported, Option<String>) {
        let settings = changed(old, &self.settings).map(|key| SettingChange {
            name: key.name.to_owned(),
            before: key.show(old),
            after: key.show(&self.settings),
        });
        let open =
            flow::open_relay(&self.settings).filter(|open| flow::open_relay(old).as_ref() != Some(open));
        let open_relay = open.map(|(setting, value)| OpenRelay {
            setting: setting.to_owned(),
            value,
            host: self.settings.host.clone(),
        });
        let password = self.password.take();
        let told = PostfixImported {
            applied: false,
            report: self.report.clone(),
            settings: settings.collect(),
            aliases: self.changed_aliases(engine),
            forwards: self.changed_forwards(engine),
            relay_password: password.is_some(),
            open_relay,
        };
        (told, password)
    }

    fn changed_aliases(&self, engine: &Shared) -> Vec<AliasChange> {
        let old = engine.store.accounts().aliases();
        let new = self.aliases.iter().filter(|alias| !old.contains(alias));
        let change = |alias: &postigo_store::Alias| {
            let before = old.iter().find(|old| old.name == alias.name);
            AliasChange {
                name: alias.name.clone(),
                before: before.map(|old| old.targets.clone()).unwrap_or_default(),
                after: alias.targets.clone(),
            }
        };
        new.map(change).collect()
    }

    fn changed_forwards(&self, engine: &Shared) -> Vec<ForwardChange> {
        let old = routing::forwards(engine);
        let new = self.forwards.iter().filter(|forward| !old.contains(forward));
        let change = |forward: &Forward| {
            let before = old.iter().find(|old| old.account == forward.account).cloned();
            let stays = Forward { account: forward.account.clone(), targets: Vec::new(), keep_copy: false };
            ForwardChange { before: before.unwrap_or(stays), after: forward.clone() }
        };
        new.map(change).collect()
    }
}

/// Settings in which two configurations differ.
fn changed<'a>(old: &'a SettingValues, new: &'a SettingValues) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| key.get(old) != key.get(new))
}

/// Whether this server could run with these settings, on this computer.
async fn can_have(engine: &Shared, config: &SettingValues) -> Result<(), Error> {
    settings::check(config)?;
    engine::names(config)?;
    check_address(config).await?;
    if config.certificate_path.is_some() {
        engine::load_identity(&engine.data, config).await?;
    }
    Ok(())
}

fn line(line: Line) -> PostfixLine {
    let (fate, reason) = match line.fate {
        Fate::Taken => (PostfixFate::Taken, None),
        Fate::Ignored(reason) => (PostfixFate::Ignored, Some(reason)),
        Fate::Unsupported(reason) => (PostfixFate::Unsupported, Some(reason)),
    };
    PostfixLine {
        file: line.file,
        line: u32::try_from(line.line).unwrap_or(u32::MAX),
        name: line.name,
        value: line.value,
        fate,
        reason: reason.map(|reason| reason.code().to_owned()),
        error: None,
    }
}
