//! Load from `smtp-source`.

use std::process::Command;
use std::time::{Duration, Instant};

use postigo_tests::run;

/// What is sent where.
pub struct Load {
    pub port: u16,
    pub connections: u32,
    pub messages: u32,
    pub recipient: &'static str,
}

/// Sends the load and waits until all of it lies in mailboxes, for a server that accepts into a queue has not delivered yet.
pub fn messages_per_second(load: &Load, delivered: impl Fn() -> usize) -> f64 {
    let wanted = delivered() + load.messages as usize;
    let started = Instant::now();
    run(Command::new("smtp-source")
        .args(["-s", &load.connections.to_string(), "-m", &load.messages.to_string(), "-l", "4096"])
        .args(["-f", "eva@otro.test", "-t", load.recipient])
        .arg(format!("inet:127.0.0.1:{}", load.port)))
    .ok();
    while delivered() < wanted {
        assert!(started.elapsed() < Duration::from_secs(120), "{} of {wanted} were delivered", delivered());
        std::thread::sleep(Duration::from_millis(5));
    }
    f64::from(load.messages) / started.elapsed().as_secs_f64()
}
