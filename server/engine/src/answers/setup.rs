//! The wizard: what can be used, which ports there are, and the first start.

mod facts;
mod flow;
mod plan;
mod reach;
mod records;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use postigo_api::{
    Code, Draft, Error, Event, Outgoing, PortChoice, PortWish, ServerStatus, Service, Setup, SetupCheck,
    SetupFault, SetupField, SetupFlow, SetupUser, SetupVerdict, TestMessage, TestResult,
};
use postigo_sasl::Password;
use postigo_store::Alias;

use super::{accounts, settings};
use crate::config::{self, Config};
use crate::engine::{Engine, Shared};
use crate::errors::{self, blocking};
use crate::running;
use flow::Around;

pub(crate) use facts::facts;
pub(crate) use plan::plan;
pub(crate) use reach::{port25, relay};
pub(crate) use records::records;

/// Top-level domains that no public DNS has: RFC 2606 §2, RFC 6761, RFC 8375, and `.internal` (reserved by ICANN in 2024).
const PRIVATE: [&str; 6] = ["test", "example", "invalid", "localhost", "internal", "arpa"];

/// How long the test message may take to be found in the trace.
const FOUND: Duration = Duration::from_secs(10);

/// What is wrong with the entries so far. Asks no other computer.
pub(crate) async fn verdict(engine: &Shared, check: &SetupCheck) -> SetupVerdict {
    let verdict = names(&check.domain, &check.host);
    let Some(wanted) = &check.flow else { return verdict };
    let mut faults = listen_fault(&check.listen).await;
    let wish = PortWish { listen: check.listen.clone(), ports: check.ports };
    faults.extend(flow_faults(engine, wanted, &check.domain, &check.host, wish).await);
    SetupVerdict { flow: faults, ..verdict }
}

/// What is wrong with a domain and a host name.
fn names(typed_domain: &str, typed_host: &str) -> SetupVerdict {
    let domain = domain(typed_domain);
    let host = host(typed_host, typed_domain);
    let is_public = |domain: &String| domain.rsplit('.').next().is_some_and(|top| !PRIVATE.contains(&top));
    SetupVerdict {
        domain_is_public: domain.as_ref().is_ok_and(is_public),
        domain: domain.err(),
        host: host.err(),
        flow: Vec::new(),
    }
}

async fn listen_fault(listen: &str) -> Vec<SetupFault> {
    let config = Config { listen: listen.to_owned(), ..config::defaults() };
    let error = running::check_address(&config).await.err();
    error.map(|error| SetupFault { field: SetupField::Listen, place: 0, error }).into_iter().collect()
}

/// What is wrong with how mail is to come and go.
async fn flow_faults(
    engine: &Shared,
    wanted: &SetupFlow,
    its_domain: &str,
    its_host: &str,
    wish: PortWish,
) -> Vec<SetupFault> {
    let listens: Option<IpAddr> = wish.listen.parse().ok();
    let choices = ports(engine, wish).await.unwrap_or_default();
    let smtp = choices.iter().find(|choice| choice.service == Service::Smtp).map(|choice| choice.port);
    let listeners: Vec<(IpAddr, u16)> = listens.zip(smtp).into_iter().collect();
    let secrets = std::sync::Arc::clone(&engine.secrets);
    let known = blocking(move || {
        let own = facts::own_addresses();
        let addresses: Vec<IpAddr> = own.iter().filter_map(|one| one.address.parse().ok()).collect();
        Ok((addresses, secrets.relayhost().is_some()))
    });
    let (addresses, password_kept) = known.await.unwrap_or_default();
    let around = Around {
        domains: &domains(engine, its_domain),
        host: its_host,
        listeners: &listeners,
        addresses: &addresses,
        password_kept,
    };
    flow::faults(wanted, &around)
}

/// The domain that is typed, and those that were served: a wizard that is run again destroys nothing.
fn domains(engine: &Shared, typed: &str) -> Vec<String> {
    let first = domain(typed).ok();
    let old = engine.config.load_full().map(|config| config.domains.clone()).unwrap_or_default();
    let others = old.into_iter().filter(|one| Some(one) != first.as_ref()).collect::<Vec<_>>();
    first.into_iter().chain(others).collect()
}

/// The domain as DNS writes it (A-labels, lower case).
pub(crate) fn domain(typed: &str) -> Result<String, Error> {
    let invalid = || {
        Error::new(Code::DomainInvalid, format!("{typed} is not a domain name like lab.test"))
            .with("domain", typed)
    };
    let ascii = idna::domain_to_ascii_strict(typed.trim().trim_end_matches('.')).map_err(|_| invalid())?;
    if ascii.split('.').count() < 2 || ascii.parse::<IpAddr>().is_ok() || ascii.len() > 253 {
        return Err(invalid());
    }
    if ascii.rsplit('.').next() == Some("local") {
        let text = format!(
            "{ascii} cannot be used: names under .local belong to multicast DNS (RFC 6762), and many systems never ask a DNS server for them"
        );
        return Err(Error::new(Code::DomainLocal, text).with("domain", &ascii));
    }
    Ok(ascii)
}

/// The host name as DNS writes it. It must lie in the domain, for our authority may only sign names there.
fn host(typed: &str, its_domain: &str) -> Result<String, Error> {
    let ascii = domain(typed).map_err(|error| match error.code {
        Code::DomainLocal => error,
        _ => Error::new(Code::HostInvalid, format!("{typed} is not a host name like mail.lab.test"))
            .with("host", typed)
            .with("domain", its_domain),
    })?;
    let inside = domain(its_domain).is_ok_and(|d| ascii == d || ascii.ends_with(&format!(".{d}")));
    if inside {
        return Ok(ascii);
    }
    let text = format!("{ascii} does not lie in {its_domain}");
    Err(Error::new(Code::HostInvalid, text).with("host", &ascii).with("domain", its_domain))
}

/// Which ports a server would get now.
pub(crate) async fn ports(engine: &Shared, wish: PortWish) -> Result<Vec<PortChoice>, Error> {
    let listening = engine.config.load().as_ref().and_then(|c| c.listen.parse().ok());
    let in_the_way = listening.zip(wish.listen.parse().ok()).is_some_and(|(ours, wished)| meet(ours, wished));
    // At an address beside ours, our ports may belong to anybody: there they are tried.
    let ours =
        if in_the_way { engine.running(|r| r.ports()).await.unwrap_or_default() } else { BTreeSet::new() };
    let config = Config { listen: wish.listen, ports: wish.ports, ..config::defaults() };
    running::choose(&config, ours).await
}

/// Whether listeners at these two addresses cannot have the same port. The unspecified IPv6 address covers IPv4 as well.
fn meet(one: IpAddr, other: IpAddr) -> bool {
    let covers = |wide: IpAddr, narrow: IpAddr| wide.is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4());
    one == other || covers(one, other) || covers(other, one)
}

/// Writes the configuration and the accounts, and starts.
pub(crate) async fn apply(engine: &Engine, setup: Setup) -> Result<ServerStatus, Error> {
    let shared = &engine.0;
    write(shared, setup).await?;
    engine.start().await?;
    shared.feed.say(Event::Settings);
    shared.feed.say(Event::Accounts);
    shared.say_status().await;
    Ok(shared.status().await)
}

/// Writes the configuration and the accounts. Everything is checked before anything is written.
pub(crate) async fn write(shared: &Shared, setup: Setup) -> Result<(), Error> {
    let domain = domain(&setup.domain)?;
    // Who has an account keeps it as it is, and the password beside the name is not used.
    let is_new = |user: &&SetupUser| accounts::find(shared, &format!("{}@{domain}", user.user)).is_err();
    let new: Vec<&SetupUser> = setup.users.iter().filter(is_new).collect();
    for user in &new {
        Password::prepare(&user.password).map_err(accounts::unusable_password)?;
    }
    check_people(shared, &setup, &domain)?;
    let _changing = shared.changing.lock().await;
    let config = planned(shared, &setup).await?;
    save(shared, config, setup.flow.as_ref()).await?;
    for user in new {
        add_user(shared, user, &domain).await?;
    }
    if let Some(user) = &setup.postmaster {
        postmaster(shared, user, &domain).await?;
    }
    Ok(())
}

/// The configuration that a setup makes, checked.
async fn planned(shared: &Shared, setup: &Setup) -> Result<Config, Error> {
    let domain = domain(&setup.domain)?;
    let host = host(&setup.host, &domain)?;
    let base = shared.config.load_full().map_or_else(config::defaults, |config| Config::clone(&config));
    let domains = domains(shared, &domain);
    let config =
        Config { mode: setup.mode, host, domains, listen: setup.listen.clone(), ports: setup.ports, ..base };
    let config = match &setup.flow {
        None => config,
        Some(wanted) => {
            let wish = PortWish { listen: setup.listen.clone(), ports: setup.ports };
            let faults = flow_faults(shared, wanted, &domain, &config.host, wish).await;
            if let Some(fault) = faults.into_iter().next() {
                return Err(fault.error);
            }
            flow::with(config, wanted)
        }
    };
    settings::check(&config)?;
    running::check_address(&config).await?;
    Ok(config)
}

/// The settings and the password of the relay host, both or neither.
async fn save(shared: &Shared, config: Config, wanted: Option<&SetupFlow>) -> Result<(), Error> {
    let Some(password) = wanted.and_then(|wanted| wanted.relay_password.clone()) else {
        return settings::apply_and_save(shared, config).await;
    };
    let old = keep_password(shared, Some(password).filter(|password| !password.is_empty())).await?;
    let saved = settings::apply_and_save(shared, config).await;
    if saved.is_err() {
        keep_password(shared, old).await?;
    }
    saved
}

/// Keeps the password of the relay host, and gives the one that was kept before.
async fn keep_password(shared: &Shared, password: Option<String>) -> Result<Option<String>, Error> {
    let secrets = std::sync::Arc::clone(&shared.secrets);
    blocking(move || {
        let old = secrets.relayhost();
        secrets.set_relayhost(password)?;
        Ok(old)
    })
    .await
}

/// Whether all of them can have an account, and postmaster will be one who has.
fn check_people(engine: &Shared, setup: &Setup, domain: &str) -> Result<(), Error> {
    for user in &setup.users {
        postigo_store::Accounts::check_local_part(&user.user).map_err(|error| errors::store(&error))?;
    }
    match &setup.postmaster {
        Some(name) if !setup.users.iter().any(|u| u.user.eq_ignore_ascii_case(name)) => {
            accounts::find(engine, &format!("{name}@{domain}")).map(drop)
        }
        _ => Ok(()),
    }
}

/// Adds one of the first people, unless they are there already.
async fn add_user(engine: &Shared, user: &SetupUser, domain: &str) -> Result<(), Error> {
    let new = postigo_api::NewAccount {
        address: format!("{}@{domain}", user.user),
        display_name: user.display_name.clone(),
        password: user.password.clone(),
        storage: None,
    };
    match accounts::add(engine, new).await {
        Err(error) if error.code == Code::AccountExists => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Ok(()),
    }
}

/// RFC 5321 §4.5.1 and RFC 2142 §5 ask for these two addresses.
async fn postmaster(engine: &Shared, user: &str, domain: &str) -> Result<(), Error> {
    let account = accounts::find(engine, &format!("{user}@{domain}"))?.address();
    let (store, domain) = (engine.store.clone(), domain.to_owned());
    blocking(move || {
        let known = store.accounts().aliases();
        for name in ["postmaster", "abuse"].map(|name| format!("{name}@{domain}")) {
            if known.iter().any(|alias| alias.name.eq_ignore_ascii_case(&name)) {
                continue;
            }
            match store.accounts().set_alias(&Alias { name, targets: vec![account.clone()] }) {
                Err(error) if error.code() == postigo_store::Code::AddressTaken => {}
                other => other.map_err(|error| errors::store(&error))?,
            }
        }
        Ok(())
    })
    .await?;
    engine.reroute()
}

/// Sends a real message from one account to another, and finds where it arrived.
pub(crate) async fn test(engine: &Shared, message: TestMessage) -> Result<TestResult, Error> {
    let from = accounts::find(engine, &message.from)?;
    let to = accounts::find(engine, &message.to)?;
    let draft =
        Draft { to: vec![to.address()], subject: message.subject, text: message.text, ..Draft::default() };
    let sent = engine.mail.client().send(Outgoing { account: from.address(), draft, send_at: None }).await?;
    let lost =
        || Error::new(Code::Internal, "The message was accepted, but the trace does not show where it went");
    let queue_id = sent.queue_id.ok_or_else(lost)?;
    let trace = engine.trace.clone();
    blocking(move || {
        trace.flush(FOUND);
        let journey = trace.journey(&queue_id).map_err(|e| errors::trace(&e))?.ok_or_else(lost)?;
        let delivered =
            journey.steps.iter().find(|s| s.kind == postigo_api::StepKind::Delivered).ok_or_else(lost)?;
        let param = |name: &str| delivered.params.get(name).cloned().unwrap_or_default();
        Ok(TestResult {
            session: delivered.session.ok_or_else(lost)?,
            path: param("path"),
            uid: param("uid").parse().map_err(|_| lost())?,
            queue_id,
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(domain: &str, host: &str) -> (Option<Code>, Option<Code>, bool) {
        let verdict = names(domain, host);
        (verdict.domain.map(|e| e.code), verdict.host.map(|e| e.code), verdict.domain_is_public)
    }

    #[test]
    fn domains_and_host_names_are_judged_while_typing() {
        let cases = [
            ("lab.test", "mail.lab.test", (None, None, false)),
            ("Lab.Test.", "lab.test", (None, None, false)),
            ("peña.example", "correo.peña.example", (None, None, false)),
            ("gonzalo.org", "mail.gonzalo.org", (None, None, true)),
            ("lab", "mail.lab", (Some(Code::DomainInvalid), Some(Code::HostInvalid), false)),
            ("casa.local", "mail.casa.local", (Some(Code::DomainLocal), Some(Code::DomainLocal), false)),
            ("lab.test", "mail.otro.test", (None, Some(Code::HostInvalid), false)),
            ("127.0.0.1", "a b", (Some(Code::DomainInvalid), Some(Code::HostInvalid), false)),
            ("-x.test", "", (Some(Code::DomainInvalid), Some(Code::HostInvalid), false)),
        ];
        for (domain, host, expected) in cases {
            assert_eq!(check(domain, host), expected, "{domain} {host}");
        }
    }
}
