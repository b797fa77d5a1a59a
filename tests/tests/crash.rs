//! Nothing lost: every message answered 250 is in the mailbox here exactly once, and at the next host at least once, whenever the
//! server is killed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postigo_tests::Server;
use postigo_tests::peer::Peer;

/// Senders at a time.
const SENDERS: u32 = 8;

/// Deliveries to one host at a time (`default_destination_concurrency_limit`).
const DELIVERIES: u32 = 20;

/// Kills.
const ROUNDS: u32 = 5;

#[test]
fn messages_answered_250_survive_kill_9_here_exactly_once_and_elsewhere_at_least_once() {
    let mut server = Server::start();
    let next_host = Peer::start(&["PIPELINING", "8BITMIME"]);
    server.set("relayhost", &next_host.next_hop());
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
    let here = count(server.inbox_files("luis").iter().map(|file| std::fs::read(file).unwrap()));
    let lost = |found: &BTreeMap<u32, u32>| -> Vec<u32> {
        answered.iter().filter(|n| !found.contains_key(n)).copied().collect()
    };
    assert!(lost(&here).is_empty(), "{} messages were accepted; lost: {:?}", answered.len(), lost(&here));
    let twice: Vec<_> = here.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "delivered more than once: {twice:?}");

    server.wait_for_empty_queue();
    let there = count(
        next_host.messages().into_iter().map(|content| content.strip_suffix(b".\r\n").unwrap().to_vec()),
    );
    assert!(
        lost(&there).is_empty(),
        "{} messages were accepted; not sent: {:?}",
        answered.len(),
        lost(&there)
    );
    // What was under way at a kill may come twice: that much and no more.
    let again: u32 = there.values().map(|times| times - 1).sum();
    assert!(again <= ROUNDS * DELIVERIES, "{again} of {} were sent more than once", there.len());
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
        for recipient in ["luis@lab.test", "eva@otro.test"] {
            stream.write_all(format!("RCPT TO:<{recipient}>\r\n").as_bytes())?;
            expect("250")?;
        }
        stream.write_all(b"DATA\r\n")?;
        expect("354")?;
        let body = "relleno relleno relleno relleno relleno relleno relleno\r\n".repeat(filler);
        stream.write_all(format!("Subject: n{number}n\r\n\r\n{body}.\r\n").as_bytes())?;
        expect("250")?;
        answered.lock().unwrap().insert(number);
    }
    Ok(())
}

/// How often each message is there. All are whole.
fn count(messages: impl Iterator<Item = Vec<u8>>) -> BTreeMap<u32, u32> {
    let mut found = BTreeMap::new();
    for message in messages {
        let text = String::from_utf8(message).unwrap();
        let subject = text
            .lines()
            .find_map(|line| line.strip_prefix("Subject: n"))
            .unwrap_or_else(|| panic!("this is no whole message: {text}"));
        assert!(text.ends_with("relleno\r\n"), "{subject} is cut off");
        *found.entry(subject.trim_end_matches('n').parse().unwrap()).or_default() += 1;
    }
    found
}
