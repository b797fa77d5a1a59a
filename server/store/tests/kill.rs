//! `kill -9` in a loop under load: every delivery that was acknowledged is there exactly once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]
#![cfg(unix)]

mod support;

use postigo_store::*;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::*;

const FOLDER: &str = "POSTIGO_STORE_KILL_TEST";
const ROUNDS: usize = 8;

/// The child: this test binary again, told by its environment to deliver until it is killed.
#[test]
fn deliver_until_killed() {
    let Some(given) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(options(Path::new(&given))).unwrap();
    let accounts =
        [store.accounts().by_login("ana").unwrap().id, store.accounts().by_login("luis").unwrap().id];
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let tasks: Vec<_> =
            (0..16).map(|task| tokio::spawn(deliver_for_ever(store.clone(), accounts, task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

async fn deliver_for_ever(store: Store, accounts: [AccountId; 2], task: usize) {
    for number in 0.. {
        let id = format!("{}-{task}-{number}", std::process::id());
        // Every 50th is big enough for a file of its own.
        let filler = "x".repeat(if number % 50 == 7 { 100_000 } else { 2_000 });
        deliver(&store, &accounts, format!("{filler}\r\n{id}\r\n").as_bytes()).await.unwrap();
        // One write, so that lines do not mix.
        std::io::stdout().write_all(format!("ack {id}\n").as_bytes()).unwrap();
    }
}

/// Runs the child, kills it after a number of acknowledgements, and returns all that it gave.
fn run_and_kill(data: &Path, after: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "deliver_until_killed", "--nocapture"])
        .env(FOLDER, data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(id) = line.unwrap().strip_prefix("ack ") {
            acknowledged.push(id.to_owned());
        }
        if acknowledged.len() == after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

/// How often each id is in an account's mailboxes.
fn ids(store: &Store, login: &str) -> HashMap<String, usize> {
    let mail = store.mail(store.accounts().by_login(login).unwrap().id).unwrap();
    let inbox = mail.find(&MailboxName::inbox()).unwrap().unwrap().id;
    let mut ids = HashMap::new();
    for uid in mail.open(inbox, Access::ReadOnly).unwrap().uids {
        let mut text = String::new();
        mail.file(inbox, uid).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.ends_with("\r\n"), "a half file: {text:?}");
        *ids.entry(text.lines().last().unwrap().to_owned()).or_default() += 1;
    }
    ids
}

#[test]
fn every_acknowledged_delivery_is_there_exactly_once_after_kill_9() {
    let lab = Lab::new();
    lab.store.close().unwrap();
    let begun = Instant::now();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        acknowledged.extend(run_and_kill(lab.data(), 40 + 97 * round));
        if begun.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    assert!(acknowledged.len() >= 100, "the child did deliver: {}", acknowledged.len());
    let store = Store::open(options(lab.data())).unwrap();
    for login in ["ana", "luis"] {
        let ids = ids(&store, login);
        for id in &acknowledged {
            assert_eq!(ids.get(id), Some(&1), "{login}: {id}");
        }
        assert!(ids.values().all(|count| *count == 1), "{login}: nothing is there twice");
    }
    store.close().unwrap();
}
