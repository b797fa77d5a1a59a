//! Memory of the headless server: at rest, with many connections, and while a large message comes in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use postigo_tests::{Server, Setup};

/// Octets of the large message: twice what a server takes unless it is told otherwise.
const LARGE: usize = 50 << 20;

/// Connections of the many.
const MANY: usize = 500;

/// Prints the figures. Each is of a server that did nothing before: what an allocator keeps would hide in the next.
pub fn report() {
    println!();
    let (server, took) = fresh();
    println!("{:<44}{:>8.0} ms", "Listening after", took.as_secs_f64() * 1e3);
    std::thread::sleep(Duration::from_secs(2));
    print_mib("Resident at rest", resident(&server));
    let connections: Vec<TcpStream> = (0..MANY).map(|_| greeted(server.smtp())).collect();
    print_mib(&format!("Resident with {MANY} connections"), resident(&server));
    drop((connections, server));

    let (server, _) = fresh();
    // The first message opens the mailbox; what that costs is not the size's.
    send(&server, 1 << 10);
    let before = resident(&server);
    forget_peak(&server);
    send(&server, LARGE);
    print_mib(&format!("A {} MiB message costs", LARGE >> 20), peak(&server).saturating_sub(before));
}

/// A server that takes large messages, and how long it took to listen.
fn fresh() -> (Server, Duration) {
    let mut server = Server::set_up(&Setup::default());
    server.set("message_size_limit", &(2 * LARGE).to_string());
    let started = Instant::now();
    server.serve();
    (server, started.elapsed())
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

/// Octets in memory.
pub fn resident(server: &Server) -> u64 {
    status(server, "VmRSS:")
}

/// The most octets there were in memory since [`forget_peak`] (proc_pid_clear_refs(5)).
fn peak(server: &Server) -> u64 {
    status(server, "VmHWM:")
}

fn forget_peak(server: &Server) {
    std::fs::write(format!("/proc/{}/clear_refs", server.pid()), "5").unwrap();
}

fn status(server: &Server, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
pub fn print_mib(what: &str, octets: u64) {
    println!("{what:<44}{:>8.1} MiB", octets as f64 / f64::from(1 << 20));
}
