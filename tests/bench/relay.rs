//! Relaying: a relay host (`smtp-sink`) gets what `smtp-source` hands in, through the queue.

use postigo_tests::Server;

use crate::median;
use crate::postfix::Postfix;
use crate::sink::Sink;
use crate::source::{Load, messages_per_second};

/// Prints the figures. Each server has a sink of its own.
pub fn report(rounds: u32, messages: u32) {
    let (their_sink, our_sink) = (Sink::start(), Sink::start());
    let postfix = Postfix::start_with(&format!("relayhost = [127.0.0.1]:{}\n", their_sink.port()));
    let server = Server::start();
    server.set("relayhost", &format!("[127.0.0.1]:{}", our_sink.port()));
    println!();
    println!(
        "Relaying 4 KiB messages through the queue to smtp-sink, messages a second, median of {rounds} rounds"
    );
    println!("{:<16}{:>10}{:>10}{:>8}", "connections", "Postfix", "Postigo", "ratio");
    for connections in [20, 1] {
        let messages = if connections == 1 { messages / 4 } else { messages };
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let load = |port| Load { port, connections, messages, recipient: "eva@otro.test" };
            theirs.push(messages_per_second(&load(postfix.port()), || their_sink.taken()));
            ours.push(messages_per_second(&load(server.smtp()), || our_sink.taken()));
        }
        let (theirs, ours) = (median(theirs), median(ours));
        println!("{connections:<16}{theirs:>10.0}{ours:>10.0}{:>8.1}", ours / theirs);
    }
}
