//! Durable deliveries per second: the store, and a baseline that syncs every message on its own.
//!
//! `cargo bench -p postigo-store --bench delivery -- [FOLDER [DELIVERERS ACCOUNTS]]`: FOLDER is on the disk to measure (default: the system's
//! folder for temporary files). Everything is removed at the end only: an ext4 without journal looks for recently deleted
//! inodes whenever it creates a file, and a case would pay for what the case before removed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking"
)]

use jiff::Timestamp;
use postigo_sasl::{Password, Salts, Verifier};
use postigo_store::{AccountId, Delivery, DeliveryRecipient, NewAccount, Storage, Store, StoreOptions};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const OCTETS: usize = 4096;
const RUN: Duration = Duration::from_secs(5);

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let base = given.first().map_or_else(std::env::temp_dir, PathBuf::from);
    // Two numbers choose one case, to be looked at with a profiler.
    let chosen = given.get(1..3).map(|pair| (pair[0].parse().unwrap(), pair[1].parse().unwrap()));
    let root = tempfile::tempdir_in(base).unwrap();
    let folder = |case: usize| {
        let folder = root.path().join(case.to_string());
        fs::create_dir(&folder).unwrap();
        folder
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{:<44} {:>10} {:>10} {:>10}", "4 KiB messages", "per second", "median ms", "99 % ms");
    for (case, (clients, accounts)) in [(1, 1), (20, 1), (20, 64), (100, 64)].into_iter().enumerate() {
        if chosen.is_some_and(|chosen| chosen != (clients, accounts)) {
            continue;
        }
        let latencies = runtime.block_on(store(&folder(case), clients, accounts));
        report(&format!("store, {clients} deliverers, {accounts} accounts"), latencies);
    }
    for clients in if chosen.is_none() { &[1, 20][..] } else { &[] } {
        let clients = *clients;
        report(
            &format!("one fsync per message, {clients} deliverers"),
            baseline(&folder(100 + clients), clients),
        );
    }
}

async fn store(folder: &Path, clients: usize, accounts: usize) -> Vec<Duration> {
    let store = Store::open(StoreOptions::new(folder, "bench.test")).unwrap();
    let verifier = Verifier::new(&Password::prepare("bench").unwrap(), Salts::random().unwrap());
    let accounts: Vec<AccountId> = (0..accounts)
        .map(|number| {
            let new = NewAccount {
                local_part: format!("user{number}"),
                domain: "bench.test".into(),
                display_name: String::new(),
                verifier: verifier.clone(),
                storage: Storage::default(),
            };
            store.accounts().add(new).unwrap().id
        })
        .collect();
    let end = Instant::now() + RUN;
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let (store, accounts) = (store.clone(), accounts.clone());
            tokio::spawn(async move {
                let (mut latencies, mut next) = (Vec::new(), client);
                while Instant::now() < end {
                    let start = Instant::now();
                    deliver(&store, accounts[next % accounts.len()]).await;
                    latencies.push(start.elapsed());
                    next += clients;
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    store.close().unwrap();
    latencies
}

async fn deliver(store: &Store, account: AccountId) {
    let mut incoming = store.incoming();
    incoming.write(&[b'x'; OCTETS]).await.unwrap();
    let delivery = Delivery {
        queue_id: "bench".into(),
        recipients: vec![DeliveryRecipient {
            account,
            delivered_to_field: b"Delivered-To: bench\r\n".to_vec(),
        }],
        spool: None,
        settles: Vec::new(),
        return_path_field: b"Return-Path: <>\r\n".to_vec(),
        received_field: b"Received: by bench.test\r\n".to_vec(),
        incoming,
        received_at: Timestamp::now(),
    };
    store.deliver(delivery).await.unwrap();
}

/// What a Maildir delivery agent does: write, fsync, rename, fsync the folder.
fn baseline(folder: &Path, clients: usize) -> Vec<Duration> {
    for part in ["tmp", "new"] {
        fs::create_dir(folder.join(part)).unwrap();
    }
    let end = Instant::now() + RUN;
    let work = |client: usize| {
        let mut latencies = Vec::new();
        while Instant::now() < end {
            let start = Instant::now();
            let name = format!("{client}.{}", latencies.len());
            let temporary = folder.join("tmp").join(&name);
            let mut file = File::create_new(&temporary).unwrap();
            file.write_all(&[b'x'; OCTETS]).unwrap();
            file.sync_all().unwrap();
            fs::rename(temporary, folder.join("new").join(name)).unwrap();
            File::open(folder.join("new")).unwrap().sync_all().unwrap();
            latencies.push(start.elapsed());
        }
        latencies
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|client| scope.spawn(move || work(client))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn report(what: &str, mut latencies: Vec<Duration>) {
    latencies.sort_unstable();
    let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    let rate = latencies.len() as f64 / RUN.as_secs_f64();
    println!("{what:<44} {rate:>10.0} {:>10.2} {:>10.2}", at(50), at(99));
}
