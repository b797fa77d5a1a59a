//! Nothing lost: every message answered 250 is there exactly once, whenever the server is killed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postigo_tests::Server;

/// Senders at a time.
const SENDERS: u32 = 8;

/// Kills.
const ROUNDS: u32 = 5;

#[test]
fn messages_answered_250_survive_kill_9_exactly_once() {
    let mut server = Server::start();
    let answered = Arc::new(Mutex::new(BTreeSet::new()));
    let numbers = Arc::new(AtomicU32::new(0));
    for round in 0..ROUNDS {
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let (stop, answered, numbers) = (stop.clone(), answered.clone(), numbers.clone());
                let port = server.smtp();
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let _ = send(port, &stop, &numbers, &answered);
                    }
                })
            })
            .collect();
        // Another moment in each round, so that kills fall on receiving, syncing and checkpointing.
        std::thread::sleep(Duration::from_millis(400 + u64::from(round) * 370));
        server.kill();
        stop.store(true, Ordering::Relaxed);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        server.serve();
    }
    let answered = answered.lock().unwrap().clone();
    assert!(answered.len() > 100, "only {} messages were accepted", answered.len());
    let found = found(&server);
    let lost: Vec<_> = answered.iter().filter(|n| !found.contains_key(n)).collect();
    let twice: Vec<_> = found.iter().filter(|(_, times)| **times > 1).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), answered.len());
    assert!(twice.is_empty(), "delivered more than once: {twice:?}");
}

/// Sends messages over one connection until it breaks.
fn send(
    port: u16,
    stop: &AtomicBool,
    numbers: &AtomicU32,
    answered: &Mutex<BTreeSet<u32>>,
) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut replies = BufReader::new(stream.try_clone()?).lines();
    let mut expect = |code: &str| {
        let line = replies.next().unwrap_or_else(|| Err(std::io::ErrorKind::UnexpectedEof.into()))?;
        if line.starts_with(code) { Ok(()) } else { Err(std::io::Error::other(line)) }
    };
    expect("220")?;
    stream.write_all(b"HELO otro.test\r\n")?;
    expect("250")?;
    while !stop.load(Ordering::Relaxed) {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        // Every tenth is too large for memory and goes the other way to disk.
        let filler = if number.is_multiple_of(10) { 2_000 } else { 20 };
        stream.write_all(b"MAIL FROM:<eva@otro.test>\r\n")?;
        expect("250")?;
        stream.write_all(b"RCPT TO:<luis@lab.test>\r\n")?;
        expect("250")?;
        stream.write_all(b"DATA\r\n")?;
        expect("354")?;
        let body = "relleno relleno relleno relleno relleno relleno relleno\r\n".repeat(filler);
        stream.write_all(format!("Subject: n{number}n\r\n\r\n{body}.\r\n").as_bytes())?;
        expect("250")?;
        answered.lock().unwrap().insert(number);
    }
    Ok(())
}

/// How often each message lies in luis's mailbox.
fn found(server: &Server) -> BTreeMap<u32, u32> {
    let mut found = BTreeMap::new();
    for file in server.inbox_files("luis") {
        let text = std::fs::read_to_string(&file).unwrap();
        let subject = text
            .lines()
            .find_map(|line| line.strip_prefix("Subject: n"))
            .unwrap_or_else(|| panic!("{file:?} is no whole message"));
        assert!(text.ends_with("relleno\r\n"), "{file:?} is cut off");
        *found.entry(subject.trim_end_matches('n').parse().unwrap()).or_default() += 1;
    }
    found
}
