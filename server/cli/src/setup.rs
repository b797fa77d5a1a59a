//! `postigo setup`: what the wizard does, for scripts.

use std::path::Path;

use postigo_api::{
    Code, Error, Mode, Nothing, Phase, RelayedDomain, Role, Setup, SetupFlow, SetupUser, TlsLevel,
};
use postigo_engine::Engine;

use crate::arguments::{FlowOptions, SetupOptions};

/// Sets up a data folder that was not.
pub(crate) async fn run(data: &Path, options: SetupOptions) -> Result<(), Error> {
    let users = users(&options)?;
    let flow = flow(options.mode.into(), &options.flow)?;
    let engine = Engine::open_with_keyring(data).await?;
    let done = apply(&engine, data, options, users, flow).await;
    engine.close().await;
    done
}

async fn apply(
    engine: &Engine,
    data: &Path,
    options: SetupOptions,
    users: Vec<SetupUser>,
    flow: Option<SetupFlow>,
) -> Result<(), Error> {
    if engine.handler().server_status(Nothing {}).await?.phase != Phase::NotSetUp {
        let text = format!("{} is set up already, and setup never overwrites", data.display());
        return Err(Error::new(Code::AlreadySetUp, text).with("path", data.display()));
    }
    let postmaster = options.postmaster.or_else(|| users.first().map(|u| u.user.clone()));
    let setup = Setup {
        mode: options.mode.into(),
        host: options.host.unwrap_or_else(|| format!("mail.{}", options.domain)),
        domain: options.domain,
        listen: options.listen.to_string(),
        ports: options.ports,
        flow,
        users,
        postmaster,
    };
    let domain = setup.domain.clone();
    let people: Vec<String> = setup.users.iter().map(|u| format!("{}@{domain}", u.user)).collect();
    engine.set_up(setup).await?;
    println!("{domain} is set up in {}.", data.display());
    if !people.is_empty() {
        println!("People: {}", people.join(", "));
    }
    println!("Start it with: postigo --data {} serve", data.display());
    Ok(())
}

/// How mail comes and goes; none if nobody said anything about it.
fn flow(mode: Mode, options: &FlowOptions) -> Result<Option<SetupFlow>, Error> {
    let said = options.role.is_some()
        || options.relayhost.is_some()
        || options.tls.is_some()
        || !options.networks.is_empty()
        || !options.relay_domains.is_empty();
    if mode == Mode::Lab && !said {
        return Ok(None);
    }
    let role = match (mode, options.role) {
        (Mode::Classroom, Some(role)) => role.into(),
        (Mode::Classroom, None) if options.relay_domains.is_empty() => Role::Client,
        (Mode::Classroom, None) => Role::Edge,
        (_, None) => Role::Standalone,
        (_, Some(_)) => {
            return Err(Error::new(Code::BadRequest, "--role goes with --mode classroom"));
        }
    };
    let relay_password = match &options.relay_password_file {
        None => None,
        Some(path) => {
            let password = read_passwords(path)?.into_iter().next();
            Some(password.filter(|password| !password.is_empty()).ok_or_else(|| {
                let text = format!("{} has no password in its first line", path.display());
                Error::new(Code::RelayPasswordMissing, text)
            })?)
        }
    };
    let level = if relay_password.is_some() { TlsLevel::Encrypt } else { TlsLevel::May };
    Ok(Some(SetupFlow {
        role,
        networks: options.networks.clone(),
        relayhost: options.relayhost.clone().unwrap_or_default(),
        relay_user: options.relay_user.clone().unwrap_or_default(),
        relay_password,
        outbound_tls: options.tls.map_or(level, TlsLevel::from),
        relay_domains: relay_domains(options)?,
        relay_recipients: options.relay_recipients.clone(),
        call_ahead: options.call_ahead,
    }))
}

/// The domains behind us, each with its next hop.
fn relay_domains(options: &FlowOptions) -> Result<Vec<RelayedDomain>, Error> {
    let (domains, next_hops) = (&options.relay_domains, &options.next_hops);
    if !next_hops.is_empty() && next_hops.len() != domains.len() {
        let text = format!(
            "{} next hops for {} domains: one for each --relay-domain, or none",
            next_hops.len(),
            domains.len()
        );
        return Err(Error::new(Code::NextHopMissing, text));
    }
    let next_hop = |place: usize| next_hops.get(place).cloned().unwrap_or_default();
    let domains = domains.iter().enumerate();
    Ok(domains
        .map(|(place, domain)| RelayedDomain { domain: domain.clone(), next_hop: next_hop(place) })
        .collect())
}

/// The people with their passwords. Everything is checked before anything is made.
fn users(options: &SetupOptions) -> Result<Vec<SetupUser>, Error> {
    let passwords = match &options.password_file {
        Some(path) => read_passwords(path)?,
        None if options.users.is_empty() => Vec::new(),
        None => {
            let text = "People need passwords: give a file with --password-file";
            return Err(Error::new(Code::PasswordInvalid, text));
        }
    };
    match passwords.len() {
        1 => {}
        n if n == options.users.len() => {}
        n => {
            let text =
                format!("{n} passwords for {} people: one for all, or one for each", options.users.len());
            return Err(Error::new(Code::PasswordInvalid, text));
        }
    }
    let password = |n: usize| passwords.get(n).or(passwords.first()).cloned().unwrap_or_default();
    Ok(options
        .users
        .iter()
        .enumerate()
        .map(|(n, user)| SetupUser {
            display_name: capitalised(user),
            user: user.clone(),
            password: password(n),
        })
        .collect())
}

fn read_passwords(path: &Path) -> Result<Vec<String>, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(Code::DataUnusable, format!("{} cannot be read: {error}", path.display()))
            .with("path", path.display())
    })?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// `ana` is shown as Ana.
fn capitalised(user: &str) -> String {
    let mut letters = user.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn asked(arguments: &str) -> Result<Option<SetupFlow>, Error> {
        let line = format!("postigo setup {arguments}");
        let Command::Setup(options) = Arguments::parse_from(line.split_whitespace()).command else {
            panic!("{arguments} is no setup")
        };
        flow(options.mode.into(), &options.flow)
    }

    #[test]
    fn who_says_nothing_of_mail_flow_gets_none() {
        assert_eq!(asked("--domain lab.test --listen 127.0.0.1"), Ok(None));
    }

    #[test]
    fn a_classroom_begins_with_a_client_and_domains_make_an_edge() {
        let role = |arguments| asked(arguments).unwrap().unwrap().role;
        assert_eq!(role("--mode classroom --relayhost [smtp.school.test]:587"), Role::Client);
        assert_eq!(role("--mode classroom --role inner --relayhost [10.0.0.1]"), Role::Inner);
        assert_eq!(role("--mode classroom --relay-domain ana.school.test"), Role::Edge);
        assert_eq!(role("--mode domain"), Role::Standalone);
        assert_eq!(role("--mode internet"), Role::Standalone);
        assert_eq!(asked("--mode domain --role edge").unwrap_err().code, Code::BadRequest);
    }

    #[test]
    fn each_domain_behind_has_its_next_hop() {
        let two = "--mode classroom --role edge --relay-domain a.school.test --relay-domain b.school.test";
        let flow =
            asked(&format!("{two} --next-hop [10.0.0.2] --next-hop [10.0.0.3]:2525")).unwrap().unwrap();
        let pairs: Vec<_> =
            flow.relay_domains.iter().map(|one| (one.domain.as_str(), one.next_hop.as_str())).collect();
        assert_eq!(pairs, [("a.school.test", "[10.0.0.2]"), ("b.school.test", "[10.0.0.3]:2525")]);
        assert_eq!(asked(&format!("{two} --next-hop [10.0.0.2]")).unwrap_err().code, Code::NextHopMissing);
        assert!(asked(two).unwrap().unwrap().relay_domains.iter().all(|one| one.next_hop.is_empty()));
    }

    #[test]
    fn a_password_asks_for_tls() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let with = |more: &str| {
            let path = file.display();
            let start = "--mode domain --relayhost [smtp.isp.test]:587 --relay-user lab";
            asked(&format!("{start} --relay-password-file {path} {more}"))
        };
        std::fs::write(&file, "secreto\n").unwrap();
        let flow = with("").unwrap().unwrap();
        assert_eq!((flow.outbound_tls, flow.relay_password.as_deref()), (TlsLevel::Encrypt, Some("secreto")));
        assert_eq!(with("--tls may").unwrap().unwrap().outbound_tls, TlsLevel::May);
        std::fs::write(&file, "\n").unwrap();
        assert_eq!(with("").unwrap_err().code, Code::RelayPasswordMissing);
    }
}
