//! The benchmark: Postigo beside Postfix on the same disk, in one run, driven by Postfix's own `smtp-source`.
//!
//! Both deliver durably to Maildirs of local people: Postfix through its queue and its virtual delivery agent, as Debian
//! packages it. Rounds alternate, because a machine's speed drifts; medians and their ratio are what counts.
//!
//! `make bench`, or `make bench ROUNDS=5 MESSAGES=5000`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on fails")]

mod footprint;
mod launch;
mod postfix;
mod source;

use postfix::Postfix;
use postigo_tests::Server;
use source::{Load, messages_per_second};

fn main() {
    let number =
        |name: &str, default| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (rounds, messages) = (number("ROUNDS", 3), number("MESSAGES", 4_000));
    assert!(rustix::process::geteuid().is_root(), "Postfix needs root to start");

    let server = Server::start();
    let postfix = Postfix::start();
    println!("Durable local delivery of 4 KiB messages, messages a second, median of {rounds} rounds");
    println!("{:<16}{:>10}{:>10}{:>8}", "connections", "Postfix", "Postigo", "ratio");
    for connections in [20, 1] {
        let messages = if connections == 1 { messages / 4 } else { messages };
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let load = |port| Load { port, connections, messages, recipient: "luis@lab.test" };
            theirs.push(messages_per_second(&load(postfix.port()), || postfix.delivered()));
            ours.push(messages_per_second(&load(server.smtp()), || server.inbox_files("luis").len()));
        }
        let (theirs, ours) = (median(theirs), median(ours));
        println!("{connections:<16}{theirs:>10.0}{ours:>10.0}{:>8.1}", ours / theirs);
    }
    drop(postfix);
    drop(server);
    footprint::report();
    launch::report();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
