//! Memory of the headless server: at rest, with many connections, and while a large message comes in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use postigo_tests::Server;

/// Octets of the large message.
const LARGE: usize = 20 << 20;

/// Prints the figures.
pub fn report() {
    let started = Instant::now();
    let server = Server::start();
    println!();
    println!("{:<44}{:>8.0} ms", "Set up and listening after", started.elapsed().as_secs_f64() * 1e3);
    std::thread::sleep(Duration::from_secs(2));
    let rest = resident(server.pid());
    println!("{:<44}{:>8.1} MiB", "Resident at rest", mib(rest));
    let connections: Vec<TcpStream> = (0..500).map(|_| greeted(server.smtp())).collect();
    println!("{:<44}{:>8.1} MiB", "Resident with 500 connections", mib(resident(server.pid())));
    drop(connections);
    let before = peak_while(&server, || send(&server, 1 << 10));
    let large = peak_while(&server, || send(&server, LARGE));
    println!(
        "{:<44}{:>8.1} MiB",
        format!("Peak above that for a {} MiB message", LARGE >> 20),
        mib(large.saturating_sub(before))
    );
}

fn greeted(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    assert!(line.starts_with("220 "), "{line}");
    stream
}

fn send(server: &Server, octets: usize) {
    let mut stream = greeted(server.smtp());
    stream
        .write_all(b"HELO otro.test\r\nMAIL FROM:<eva@otro.test>\r\nRCPT TO:<luis@lab.test>\r\nDATA\r\n")
        .unwrap();
    let mut replies = BufReader::new(stream.try_clone().unwrap()).lines();
    assert!(replies.by_ref().take(4).last().unwrap().unwrap().starts_with("354"));
    let line = [b'x'; 76];
    for _ in 0..octets / 78 {
        stream.write_all(&line).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b".\r\nQUIT\r\n").unwrap();
    assert!(replies.next().unwrap().unwrap().starts_with("250"));
    let _ = stream.read(&mut [0; 64]);
}

/// The highest resident size while something happens, sampled every few milliseconds.
fn peak_while(server: &Server, what: impl FnOnce()) -> u64 {
    let pid = server.pid();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                peak = peak.max(resident(pid));
                std::thread::sleep(Duration::from_millis(2));
            }
            peak
        });
        what();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        watch.join().unwrap()
    })
}

/// Octets in memory, from /proc.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn mib(octets: u64) -> f64 {
    octets as f64 / f64::from(1 << 20)
}
