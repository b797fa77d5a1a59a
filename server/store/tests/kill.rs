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
use std::collections::{HashMap, HashSet};
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

/// Runs and kills the child some times over, each time after as many acknowledgements as `after` says, and returns all that it gave.
fn kill_again_and_again(child: &str, data: &Path, after: impl Fn(usize) -> usize) -> Vec<String> {
    let begun = Instant::now();
    let mut said = Vec::new();
    for round in 0..ROUNDS {
        said.extend(run_and_kill(child, data, after(round)));
        if begun.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    said
}

/// Runs the child, kills it after a number of acknowledgements, and returns all that it gave.
fn run_and_kill(child: &str, data: &Path, after: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
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

/// The other child: puts messages into the spool, delivers some of their recipients locally and finishes others, until it
/// is killed.
#[test]
fn spool_until_killed() {
    let Some(given) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(options(Path::new(&given))).unwrap();
    let ana = store.accounts().by_login("ana").unwrap().id;
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let tasks: Vec<_> =
            (0..16).map(|task| tokio::spawn(spool_for_ever(store.clone(), ana, task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

async fn spool_for_ever(store: Store, ana: AccountId, task: usize) {
    let say = |line: String| std::io::stdout().write_all(line.as_bytes()).unwrap();
    for number in 0.. {
        let id = format!("P{}T{task}N{number}", std::process::id());
        // Recipient 0 waits for ever, 1 is delivered locally, 2 leaves.
        spool(&store, &id, &["zoe@b.test", "ana@lab.test", "max@c.test"], &format!("x\r\n{id}\r\n")).await;
        say(format!("ack spooled {id}\n"));
        let mut copy = delivery(&store, &id, format!("x\r\n{id}\r\n").as_bytes()).await;
        copy.recipients = vec![local(ana)];
        copy.settles = vec![removes(&id, 1)];
        store.deliver(copy).await.unwrap();
        say(format!("ack delivered {id}\n"));
        let mut updates = vec![done(&id, 2)];
        // Every other one leaves as a whole.
        updates.extend((number % 2 == 0).then(|| done(&id, 0)));
        store.spool().record(updates).await.unwrap();
        say(format!("ack finished {id}\n"));
    }
}

#[test]
fn what_is_spooled_waits_and_is_delivered_locally_once_after_kill_9() {
    let lab = Lab::new();
    lab.store.close().unwrap();
    let said = kill_again_and_again("spool_until_killed", lab.data(), |round| 60 + 131 * round);
    assert!(said.len() >= 100, "the child did something: {}", said.len());
    let store = Store::open(options(lab.data())).unwrap();
    let mails = ids(&store, "ana");
    assert!(mails.values().all(|count| *count == 1), "nothing is there twice");
    let mut steps: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (step, id) in said.iter().filter_map(|line| line.split_once(' ')) {
        steps.entry(id).or_default().insert(step);
    }
    for (id, steps) in &steps {
        let message = store.spool().get(id).unwrap();
        let left: Vec<u32> =
            message.iter().flat_map(|message| &message.recipients).map(|one| one.id.number).collect();
        // What was said is done; the step that followed may be.
        assert_eq!(left.contains(&1), !mails.contains_key(*id), "{id}: waiting for ana, or in her mailbox");
        assert!(!(steps.contains("delivered") && left.contains(&1)), "{id}: delivered");
        let is_gone = id.rsplit_once('N').unwrap().1.parse::<u32>().unwrap() % 2 == 0;
        let finished: &[u32] = if is_gone { &[] } else { &[0] };
        if steps.contains("finished") {
            assert_eq!(left, finished, "{id}: finished");
        } else if !steps.contains("delivered") {
            assert!(left.contains(&0) && left.contains(&2), "{id}: spooled");
        }
        if let Some(message) = message {
            let mut text = String::new();
            store.spool().content(&message.envelope).unwrap().read_to_string(&mut text).unwrap();
            assert!(text.ends_with(&format!("{id}\r\n")), "{id}: {text}");
        }
    }
    store.close().unwrap();
}

#[test]
fn every_acknowledged_delivery_is_there_exactly_once_after_kill_9() {
    let lab = Lab::new();
    lab.store.close().unwrap();
    let acknowledged = kill_again_and_again("deliver_until_killed", lab.data(), |round| 40 + 97 * round);
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

#[test]
fn every_acknowledged_delivery_is_in_the_mbox_exactly_once_after_kill_9() {
    let lab = Lab::new();
    lab.store.set_storage(lab.ana, Storage::Mbox).unwrap();
    let path = lab.store.mbox(lab.ana).unwrap();
    lab.store.close().unwrap();
    let acknowledged = kill_again_and_again("deliver_until_killed", lab.data(), |round| 40 + 61 * round);
    assert!(acknowledged.len() >= 100, "the child did deliver: {}", acknowledged.len());
    let store = Store::open(options(lab.data())).unwrap();
    store.sync_mbox(store.accounts().by_login("ana").unwrap().id).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut in_file: HashMap<&str, usize> = HashMap::new();
    for id in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        *in_file.entry(id).or_default() += 1;
    }
    for id in &acknowledged {
        assert_eq!(in_file.get(id.as_str()), Some(&1), "{id}");
    }
    assert!(in_file.values().all(|count| *count == 1), "nothing is there twice");
    assert_eq!(
        in_file.len(),
        text.lines().filter(|line| line.starts_with("From ")).count(),
        "and nothing else"
    );
    let mut in_inbox: Vec<_> = ids(&store, "ana").into_keys().collect();
    let mut in_file: Vec<_> = in_file.into_keys().map(str::to_owned).collect();
    in_inbox.sort();
    in_file.sort();
    assert_eq!(in_inbox, in_file);
    store.close().unwrap();
}
