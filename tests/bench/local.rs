//! Durable local delivery.

use postigo_tests::Server;

use crate::median;
use crate::postfix::Postfix;
use crate::source::{Load, messages_per_second};

/// Prints the figures.
pub fn report(rounds: u32, messages: u32) {
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
}
