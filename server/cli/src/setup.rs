//! `postigo setup`: what the wizard does, for scripts.

use std::path::Path;

use postigo_api::{Code, Error, Mode, Nothing, Phase, Setup, SetupUser};
use postigo_engine::Engine;

use crate::arguments::SetupOptions;

/// Sets up a data folder that was not.
pub(crate) async fn run(data: &Path, options: SetupOptions) -> Result<(), Error> {
    let users = users(&options)?;
    let engine = Engine::open(data).await?;
    let done = apply(&engine, data, options, users).await;
    engine.close().await;
    done
}

async fn apply(
    engine: &Engine,
    data: &Path,
    options: SetupOptions,
    users: Vec<SetupUser>,
) -> Result<(), Error> {
    if engine.handler().server_status(Nothing {}).await?.phase != Phase::NotSetUp {
        let text = format!("{} is set up already, and setup never overwrites", data.display());
        return Err(Error::new(Code::AlreadySetUp, text).with("path", data.display()));
    }
    let postmaster = options.postmaster.or_else(|| users.first().map(|u| u.user.clone()));
    let setup = Setup {
        mode: Mode::Lab,
        host: options.host.unwrap_or_else(|| format!("mail.{}", options.domain)),
        domain: options.domain,
        listen: options.listen.to_string(),
        ports: options.ports,
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
