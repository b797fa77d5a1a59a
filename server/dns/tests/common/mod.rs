//! What the tests share: zones, name servers that misbehave, and short limits.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "not every test uses everything; a test fails by panicking"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, Metadata};
use postigo_dns::{Authority, Limits, Name, Resolver, Servers, Zone};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

pub const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A zone of a classroom, with everything that a zone can hold here.
pub const LAB: &str = r#"$ORIGIN lab.test.
$TTL 1h
@       IN SOA ns hostmaster ( 2026112401 ; serial
                1h 15m 1w 5m )
@       IN NS    ns
ns      IN A     127.0.0.1
@       IN MX    10 mail
@       IN MX    20 backup.other.test.
@       IN TXT   "v=spf1 mx -all"
@       IN CAA   0 issue "ca.test"
mail    300 IN A 192.0.2.25
mail    300 IN AAAA 2001:db8::25
www     IN CNAME mail
loop1   IN CNAME loop2
loop2   IN CNAME loop1
nomail  IN MX    0 .
silent  IN TXT   "one " "two"
_25._tcp.mail IN TLSA 3 1 1 000102030405060708090a0b0c0d0e0f ( 101112131415161718191a1b1c1d1e1f )
_submissions._tcp IN SRV 20 5 465 backup.other.test.
_submissions._tcp IN SRV 10 5 465 mail
*.people IN MX   10 mail
"#;

pub const REVERSE: &str = "$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 60\n@ SOA ns.lab.test. root.lab.test. 1 1 1 1 60\n\
    @ NS ns.lab.test.\n25 PTR mail.lab.test.\n26 PTR liar.lab.test.\n27 PTR nobody.\n28 PTR www.lab.test.\n28 PTR mail.lab.test.\n";

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn zone(text: &str) -> Zone {
    Zone::parse(text, None).unwrap_or_else(|faults| panic!("{faults:?}"))
}

pub async fn authority() -> Authority {
    Authority::bind(LOOPBACK, vec![zone(LAB), zone(REVERSE)]).await.unwrap()
}

/// Half a second for each message, and two for a lookup, so that tests of silence are short.
pub fn short() -> Limits {
    Limits { attempt: Duration::from_millis(500), lookup: Duration::from_secs(2), ..Limits::default() }
}

/// Waits as long as in earnest: for tests whose servers answer, if a busy machine lets them.
pub fn resolver(servers: &[SocketAddr]) -> Resolver {
    Resolver::new(Servers::new(servers.to_vec()).unwrap())
}

/// For tests of silence.
pub fn impatient(servers: &[SocketAddr]) -> Resolver {
    Resolver::with_limits(Servers::new(servers.to_vec()).unwrap(), short())
}

/// Sockets at one port; the system may give one for UDP that TCP has in use.
async fn both() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind(LOOPBACK).await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

/// A server that answers each query with the octets that a function makes of it, over UDP and TCP, until it is dropped.
pub struct Peer {
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

/// The transport as the function sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
}

impl Peer {
    /// The function gives any number of datagrams, or messages of a connection.
    pub async fn start(answers: impl Fn(Message, Over) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Self {
        let (udp, tcp) = both().await;
        let address = udp.local_addr().unwrap();
        let answers = Arc::new(answers);
        let mut tasks = JoinSet::new();
        let function = answers.clone();
        tasks.spawn(async move {
            let mut query = [0; 4096];
            loop {
                let Ok((octets, client)) = udp.recv_from(&mut query).await else { continue };
                for answer in function(Message::from_vec(&query[..octets]).unwrap(), Over::Udp) {
                    udp.send_to(&answer, client).await.unwrap();
                }
            }
        });
        tasks.spawn(async move {
            loop {
                let Ok((mut stream, _)) = tcp.accept().await else { continue };
                let Ok(octets) = stream.read_u16().await else { continue };
                let mut query = vec![0; usize::from(octets)];
                if stream.read_exact(&mut query).await.is_err() {
                    continue;
                }
                for answer in answers(Message::from_vec(&query).unwrap(), Over::Tcp) {
                    let octets = u16::try_from(answer.len()).unwrap().to_be_bytes();
                    // The client may have hung up already.
                    let _ = stream.write_all(&[&octets[..], &answer].concat()).await;
                }
            }
        });
        Self { address, _tasks: tasks }
    }
}

/// An empty answer to a query.
pub fn reply(query: &Message) -> Message {
    let mut answer = Message::new(query.id, MessageType::Response, query.op_code);
    answer.metadata = Metadata::response_from_request(&query.metadata);
    answer.metadata.recursion_available = true;
    answer.add_queries(query.queries.iter().cloned());
    answer
}
