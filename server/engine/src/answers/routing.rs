//! Aliases, forwards, and what would happen to a message.

use std::collections::BTreeSet;
use std::net::IpAddr;

use postigo_api::{
    Alias, AliasImported, Code, Error, Event, Forward, Nothing, RouteDestination, RouteExplanation,
    RouteQuestion, RouteStep, Service,
};
use postigo_policy::Answers;
use postigo_queue::route::{Destination, Directory, NextHop, Routes, Step, Target};
use postigo_smtp::{Address, Recipient, Reply, ReversePath};

use super::accounts;
use crate::engine::Shared;
use crate::errors::{self, blocking};
use crate::flow::{People, parse_targets};
use crate::smtp::policy::{Asked, Reason, Told};

/// All aliases, by name.
pub(crate) fn aliases(engine: &Shared) -> Vec<Alias> {
    let aliases = engine.store.accounts().aliases().into_iter();
    aliases.map(|alias| Alias { name: alias.name, targets: alias.targets }).collect()
}

/// Makes or replaces an alias.
pub(crate) async fn set_alias(engine: &Shared, alias: Alias) -> Result<Nothing, Error> {
    let name = alias_name(&alias.name)?;
    let targets = targets(&alias.targets)?;
    if targets.is_empty() {
        return Err(invalid_address(&alias.name));
    }
    refuse_loop(&engine.store.accounts().aliases(), &name, &targets)?;
    let store = engine.store.clone();
    blocking(move || {
        let alias = postigo_store::Alias { name, targets };
        store.accounts().set_alias(&alias).map_err(|error| errors::store(&error))
    })
    .await?;
    changed(engine)
}

/// Removes an alias.
pub(crate) async fn remove_alias(engine: &Shared, name: String) -> Result<Nothing, Error> {
    let (store, wanted) = (engine.store.clone(), name.clone());
    let was_there =
        blocking(move || store.accounts().remove_alias(&wanted).map_err(|error| errors::store(&error)))
            .await?;
    if !was_there {
        return Err(Error::new(Code::AliasUnknown, format!("There is no alias {name}")).with("name", name));
    }
    changed(engine)
}

/// Takes what can be taken of a file with aliases (aliases(5)).
pub(crate) async fn import_aliases(engine: &Shared, text: &str) -> Result<AliasImported, Error> {
    let mut imported = AliasImported { taken: Vec::new(), refused: Vec::new() };
    for line in logical_lines(text) {
        let Some((name, right)) = line.split_once(':') else {
            imported.refused.push(format!("{line}: a colon is missing"));
            continue;
        };
        let name = name.trim().trim_matches('"').to_owned();
        let targets = Target::parse_list(right).map(|t| t.iter().map(ToString::to_string).collect());
        let set = match targets {
            Ok(targets) => set_alias(engine, Alias { name: name.clone(), targets }).await,
            Err(bad) => Err(Error::new(Code::AddressInvalid, bad.to_string())),
        };
        match set {
            Ok(_) => imported.taken.push(name),
            Err(error) => imported.refused.push(format!("{line}: {error}")),
        }
    }
    Ok(imported)
}

/// Lines without comments; those that begin with a blank go on with the one before.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::<String>::new();
    for line in text.lines().map(str::trim_end).filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => lines.push(line.trim().to_owned()),
        }
    }
    lines
}

/// All accounts that forward.
pub(crate) fn forwards(engine: &Shared) -> Vec<Forward> {
    let accounts = engine.store.accounts();
    let forward = |forward: postigo_store::Forward| {
        let account = accounts.get(forward.account)?.address();
        Some(Forward { account, targets: forward.targets, keep_copy: forward.keep_copy })
    };
    accounts.forwards().into_iter().filter_map(forward).collect()
}

/// Says where an account's mail goes.
pub(crate) async fn set_forward(engine: &Shared, forward: Forward) -> Result<Nothing, Error> {
    let account = accounts::find(engine, &forward.account)?.id;
    let forward =
        postigo_store::Forward { account, targets: targets(&forward.targets)?, keep_copy: forward.keep_copy };
    let store = engine.store.clone();
    blocking(move || store.accounts().set_forward(&forward).map_err(|error| errors::store(&error))).await?;
    changed(engine)
}

/// What would happen, by the code that decides.
pub(crate) async fn explain(engine: &Shared, question: &RouteQuestion) -> Result<RouteExplanation, Error> {
    let config = engine.configured()?;
    let rules = engine.rules(&config).await?;
    let routes = &*rules.routes;
    let client = question.client.parse::<IpAddr>().map_err(|_| invalid_address(&question.client))?;
    let recipient = recipient(routes, &question.recipient)?;
    let user = match question.user.as_deref().filter(|user| !user.is_empty()) {
        Some(user) => Some(accounts::find(engine, user)?),
        None => None,
    };
    let reverse_path = match (question.sender.trim().trim_matches(['<', '>']), &user) {
        ("", None) => ReversePath::Null,
        // Whoever logs in sends as itself.
        ("", Some(user)) => ReversePath::Address(address(routes, &user.address())?),
        (text, _) => ReversePath::Address(address(routes, text)?),
    };
    let asked = Asked {
        service: Service::Smtp,
        client,
        user: user.as_ref(),
        hello: None,
        reverse_path: &reverse_path,
        recipient: Some(&recipient),
        pipelined: false,
    };
    let examined = rules.examine(&asked, &mut Answers::default(), &mut Told::default()).await;
    let accepted = examined.refusal.is_none();
    let reply = examined.refusal.unwrap_or(Reply::RECIPIENT_OK).to_string();
    let found = examined.taken.filter(|_| accepted);
    Ok(RouteExplanation {
        accepted,
        reply,
        steps: examined.reasons.iter().map(step).collect(),
        destinations: found.map_or_else(Vec::new, |taken| {
            taken.destinations.iter().map(|found| destination(found, &taken.steps)).collect()
        }),
    })
}

fn step(reason: &Reason) -> RouteStep {
    RouteStep {
        code: reason.code().to_owned(),
        params: reason.params().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        setting: reason.setting().map(str::to_owned),
    }
}

fn destination(found: &Destination, steps: &[Step]) -> RouteDestination {
    match found {
        Destination::Mailbox { address, .. } => RouteDestination::Mailbox { account: address.to_string() },
        Destination::Remote { recipient, reverse_path, next_hop, .. } => RouteDestination::Remote {
            recipient: recipient.to_string(),
            sender: reverse_path.to_string(),
            next_hop: written(next_hop),
            setting: chooser(steps),
        },
        Destination::Error { refusal, .. } => RouteDestination::Error { text: refusal.to_string() },
        Destination::Discard { .. } => RouteDestination::Discard,
    }
}

fn written(next_hop: &NextHop) -> String {
    next_hop.written().to_string()
}

/// The setting that chose the next hop: the last of those that can.
fn chooser(steps: &[Step]) -> Option<String> {
    let choosers = ["transport_maps", "relayhost", "sender_dependent_relayhost_maps"];
    steps.iter().rev().filter_map(Step::setting).find(|name| choosers.contains(name)).map(str::to_owned)
}

/// A name without a domain is one of the main domain.
fn recipient(routes: &Routes, text: &str) -> Result<Recipient, Error> {
    let text = text.trim().trim_matches(['<', '>']);
    if text.eq_ignore_ascii_case("postmaster") {
        return Ok(Recipient::Postmaster);
    }
    address(routes, text).map(Recipient::Address)
}

fn address(routes: &Routes, text: &str) -> Result<Address, Error> {
    let whole = if text.contains('@') { text.to_owned() } else { format!("{text}@{}", routes.main_domain()) };
    Address::parse_utf8(whole.as_bytes()).map_err(|_| invalid_address(text))
}

/// `name`, `name@domain` or `@domain`.
pub(super) fn alias_name(text: &str) -> Result<String, Error> {
    let name = text.trim();
    let as_address = match name.strip_prefix('@') {
        Some(domain) => format!("x@{domain}"),
        None if name.contains('@') => name.to_owned(),
        None => format!("{name}@localhost"),
    };
    match Address::parse_utf8(as_address.as_bytes()) {
        Ok(_) if !name.contains(char::is_whitespace) => Ok(name.to_ascii_lowercase()),
        _ => Err(invalid_address(text)),
    }
}

/// Targets as they are kept.
pub(super) fn targets(texts: &[String]) -> Result<Vec<String>, Error> {
    let parsed = parse_targets(texts)
        .map_err(|bad| Error::new(Code::AddressInvalid, bad.to_string()).with("address", texts.join(", ")))?;
    Ok(parsed.iter().map(ToString::to_string).collect())
}

/// Whether the alias would lead to itself, by way of others.
pub(super) fn refuse_loop(
    aliases: &[postigo_store::Alias],
    name: &str,
    targets: &[String],
) -> Result<(), Error> {
    let leads_to = |from: &str| -> Vec<String> {
        let found = aliases.iter().find(|alias| alias.name.eq_ignore_ascii_case(from));
        found.map(|alias| alias.targets.clone()).unwrap_or_default()
    };
    let (mut seen, mut open) = (BTreeSet::new(), Vec::new());
    open.extend(targets.iter().map(|target| (target.to_ascii_lowercase(), format!("{name} → {target}"))));
    while let Some((target, chain)) = open.pop() {
        if target == name {
            let text = format!("The alias would lead to itself: {chain}");
            return Err(Error::new(Code::AliasLoop, text).with("chain", chain));
        }
        if seen.insert(target.clone()) {
            let next = leads_to(&target).into_iter();
            open.extend(next.map(|to| (to.to_ascii_lowercase(), format!("{chain} → {to}"))));
        }
    }
    Ok(())
}

fn invalid_address(text: &str) -> Error {
    Error::new(Code::AddressInvalid, format!("{text} is not an address")).with("address", text)
}

/// Makes changed aliases and forwards count.
pub(super) fn changed(engine: &Shared) -> Result<Nothing, Error> {
    engine.reroute()?;
    engine.feed.say(Event::Settings);
    Ok(Nothing {})
}

/// Whether somebody reads what is sent to postmaster.
pub(crate) fn has_postmaster(engine: &Shared, domain: &str) -> bool {
    let routes = engine.routes.load();
    let known = |name: &str| routes.aliases.entries().any(|(key, _)| key == name);
    let of_domain = format!("postmaster@{domain}");
    let virtual_alias = routes.virtual_aliases.entries().any(|(key, _)| key == of_domain);
    virtual_alias
        || known("postmaster")
        || known("root")
        || People(&engine.store).account("postmaster", domain).is_some()
}
