//! A queue of a hundred thousand messages for ten thousand destinations that are dead: memory, a living destination, and
//! how fast the list is.
//!
//! The dead are of two kinds: half refuse the connection, half take it and say nothing. All names are answered by the
//! server's own name server, by wildcard.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use postigo_tests::{Server, Setup, until};

use crate::footprint::{print_mib, resident};

/// Where the dead are that take connections, and where the living is.
const SILENT: &str = "127.66.0.2:25";
const LIVING: &str = "127.66.0.3:25";

/// Connections that fill the queue.
const LOADERS: u32 = 8;

/// Prints the figures.
pub fn report(messages: u32, destinations: u32) {
    let silent = TcpListener::bind(SILENT).unwrap();
    std::thread::spawn(move || hold(&silent));
    let arrived = Arc::<Mutex<Vec<Instant>>>::default();
    let living = TcpListener::bind(LIVING).unwrap();
    let noted = Arc::clone(&arrived);
    std::thread::spawn(move || take(&living, &noted));

    let mut server = Server::set_up(&Setup::default());
    server.serve();
    for (zone, address) in
        [("refuses.test", "127.66.0.1"), ("silent.test", "127.66.0.2"), ("live.test", "127.66.0.3")]
    {
        server.postigo(["zone", "add", zone, "*", "A", address]).ok();
        server.postigo(["zone", "add", zone, "@", "A", address]).ok();
    }
    server.set("dns_listen", "127.66.0.1:5353");
    server.set("resolver", "built-in");
    println!();
    println!("{messages} messages for {destinations} dead destinations");
    print_mib("Resident before", resident(&server));
    let began = Instant::now();
    fill(server.smtp(), messages, destinations);
    println!("{:<44}{:>8.0} /s", "Accepted", f64::from(messages) / began.elapsed().as_secs_f64());
    print_mib("Resident with all of them queued", resident(&server));
    for name in ["first", "again"] {
        let began = Instant::now();
        let before = arrived.lock().unwrap().len();
        send(&mut greeted(server.smtp()), "eva@live.test");
        let at = until("the living destination", || {
            arrived.lock().unwrap().get(before).copied().ok_or_else(|| "nothing came".to_owned())
        });
        let what = format!("A living destination is served after ({name})");
        println!("{what:<44}{:>8.0} ms", at.duration_since(began).as_secs_f64() * 1e3);
    }
    lists(&server);
    std::thread::sleep(Duration::from_secs(20));
    print_mib("Resident 20 s later", resident(&server));
    lists(&server);
}

/// First pages, a page far behind, and a search that finds one message.
fn lists(server: &Server) {
    let rpc = Rpc::of(server);
    let first = rpc.timed(r#"{"state":null}"#);
    let deferred = rpc.timed(r#"{"state":"deferred"}"#);
    let search = rpc.timed(r#"{"text":"p77@"}"#);
    for (what, times) in
        [("first page", first), ("first page of the deferred", deferred), ("a search", search)]
    {
        let what = format!("queue.list, {what}, median (most)");
        println!("{what:<44}{:>8.1} ms ({:.1})", times[times.len() / 2], times[times.len() - 1]);
    }
}

/// Fills the queue over several connections, each message for one recipient.
fn fill(port: u16, messages: u32, destinations: u32) {
    std::thread::scope(|scope| {
        for loader in 0..LOADERS {
            scope.spawn(move || {
                let mut stream = greeted(port);
                for n in (loader..messages).step_by(LOADERS as usize) {
                    let dead = n % destinations;
                    let kind = if dead.is_multiple_of(2) { "refuses" } else { "silent" };
                    send(&mut stream, &format!("p{n}@d{dead}.{kind}.test"));
                }
            });
        }
    });
}

type Wire = BufReader<TcpStream>;

fn greeted(port: u16) -> Wire {
    let mut wire = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    assert!(reply(&mut wire).starts_with("220"));
    wire.get_mut().write_all(b"HELO bench.test\r\n").unwrap();
    assert!(reply(&mut wire).starts_with("250"));
    wire
}

fn send(wire: &mut Wire, to: &str) {
    let envelope = format!("MAIL FROM:<ana@lab.test>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
    wire.get_mut().write_all(envelope.as_bytes()).unwrap();
    for expected in ["250", "250", "354"] {
        let said = reply(wire);
        assert!(said.starts_with(expected), "{said}");
    }
    wire.get_mut().write_all(b"Subject: bench\r\n\r\nHola.\r\n.\r\n").unwrap();
    let said = reply(wire);
    assert!(said.starts_with("250"), "{said}");
}

fn reply(wire: &mut Wire) -> String {
    loop {
        let mut line = String::new();
        assert!(wire.read_line(&mut line).unwrap() > 0, "the server hung up");
        if line.as_bytes().get(3) != Some(&b'-') {
            return line;
        }
    }
}

/// Takes connections, and says nothing until the other side has had enough.
fn hold(listener: &TcpListener) {
    let mut held = Vec::new();
    for stream in listener.incoming() {
        held.push(stream);
    }
}

/// Takes all mail, and notes when each message was there.
fn take(listener: &TcpListener, arrived: &Mutex<Vec<Instant>>) {
    for stream in listener.incoming().flatten() {
        let mut wire = BufReader::new(stream);
        wire.get_mut().write_all(b"220 live.test\r\n").unwrap();
        let (mut line, mut content) = (String::new(), false);
        while wire.read_line(&mut line).is_ok_and(|octets| octets > 0) {
            let said = if content && line == ".\r\n" {
                content = false;
                arrived.lock().unwrap().push(Instant::now());
                "250 taken\r\n"
            } else if content {
                ""
            } else if line.starts_with("DATA") {
                content = true;
                "354 go ahead\r\n"
            } else {
                "250 ok\r\n"
            };
            if wire.get_mut().write_all(said.as_bytes()).is_err() {
                break;
            }
            line.clear();
        }
    }
}

/// The API over HTTP, a connection for each question.
struct Rpc {
    port: u16,
    token: String,
}

impl Rpc {
    fn of(server: &Server) -> Self {
        let (address, token) = server.url().split_once("?token=").unwrap();
        let port = address.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
        Self { port, token: token.to_owned() }
    }

    /// Milliseconds of twenty questions, in order.
    fn timed(&self, params: &str) -> Vec<f64> {
        let mut times: Vec<f64> = (0..20).map(|_| self.ask(params).as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    fn ask(&self, params: &str) -> Duration {
        let body = format!(r#"{{"method":"queue.list","params":{params}}}"#);
        let request = format!(
            "POST /api/rpc HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            self.token,
            body.len()
        );
        let began = Instant::now();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{}", answer.lines().next().unwrap_or_default());
        began.elapsed()
    }
}
