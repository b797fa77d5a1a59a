//! Messages per second through the spool: durably put in by some deliverers, claimed, read and finished by a scheduler.
//!
//! `cargo bench -p postigo-store --bench spool -- [FOLDER [DELIVERERS]]`: FOLDER is on the disk to measure (default: the
//! system's folder for temporary files).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking"
)]

use jiff::Timestamp;
use postigo_store::{
    Delivery, DueQuery, RecipientChange, RecipientUpdate, SenderParameters, Spool, SpoolEntry,
    SpoolRecipient, Store, StoreOptions,
};
use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const OCTETS: usize = 4096;
const RUN: Duration = Duration::from_secs(10);
/// As many as a scheduler would have under way.
const AT_ONCE: usize = 50;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let base = given.first().map_or_else(std::env::temp_dir, PathBuf::from);
    let deliverers = given.get(1).map_or_else(|| vec![1, 20, 100], |number| vec![number.parse().unwrap()]);
    let root = tempfile::tempdir_in(base).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for deliverers in deliverers {
        for is_relayed in [false, true] {
            let folder = root.path().join(format!("{deliverers}-{is_relayed}"));
            runtime.block_on(measure(&folder, deliverers, is_relayed));
        }
    }
}

async fn measure(folder: &Path, deliverers: usize, is_relayed: bool) {
    let store = Store::open(StoreOptions::new(folder, "bench.test")).unwrap();
    let end = Instant::now() + RUN;
    let putting: Vec<_> = (0..deliverers)
        .map(|deliverer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut count = 0;
                while Instant::now() < end {
                    put(&store, format!("{deliverer:03}x{count:06}")).await;
                    count += 1;
                }
                count
            })
        })
        .collect();
    let scheduling = is_relayed.then(|| {
        let spool = store.spool().clone();
        tokio::spawn(async move { relay(&spool, end).await })
    });
    let mut put = 0;
    for task in putting {
        put += task.await.unwrap();
    }
    let relayed = match scheduling {
        Some(task) => task.await.unwrap(),
        None => 0,
    };
    let rate = |count: usize| count as f64 / RUN.as_secs_f64();
    println!(
        "{deliverers:>4} deliverers, 4 KiB messages: {:>6.0} put in per second, {:>6.0} finished per second",
        rate(put),
        rate(relayed)
    );
    store.close().unwrap();
}

async fn put(store: &Store, queue_id: String) {
    let mut incoming = store.incoming();
    incoming.write(&[b'x'; OCTETS]).await.unwrap();
    let now = Timestamp::now();
    let recipient = SpoolRecipient {
        address: "zoe@sink.test".into(),
        original: None,
        notify: None,
        orcpt: None,
        destination: "[127.0.0.1]:2525".into(),
        priority: 1,
        next_try: now,
        expires: now,
        held: false,
    };
    let entry = SpoolEntry {
        reverse_path: "ana@bench.test".into(),
        parameters: SenderParameters::default(),
        context: r#"{"client":"127.0.0.1","helo":"bench.test"}"#.into(),
        recipients: vec![recipient],
    };
    let delivery = Delivery {
        queue_id,
        recipients: Vec::new(),
        spool: Some(entry),
        settles: Vec::new(),
        return_path_field: Vec::new(),
        received_field: b"Received: by bench.test\r\n".to_vec(),
        incoming,
        received_at: now,
    };
    store.deliver(delivery).await.unwrap();
}

/// Claims what is due, reads it as a delivery would, and finishes it.
async fn relay(spool: &Spool, end: Instant) -> usize {
    let (exclude, mut count) = (HashSet::new(), 0);
    while Instant::now() < end {
        let query = DueQuery {
            now: Timestamp::now(),
            limit: AT_ONCE,
            per_destination: AT_ONCE,
            priorities: 0..=255,
            exclude: &exclude,
        };
        let due = spool.claim_due(&query).unwrap();
        if due.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let mut updates = Vec::with_capacity(due.len());
        for due in due {
            let mut content = Vec::new();
            spool.content(&due.envelope).unwrap().read_to_end(&mut content).unwrap();
            assert_eq!(content.len() as u64, due.envelope.octets);
            updates.push(RecipientUpdate { id: due.recipient.id, change: RecipientChange::Done });
        }
        count += updates.len();
        spool.record(updates).await.unwrap();
    }
    count
}
