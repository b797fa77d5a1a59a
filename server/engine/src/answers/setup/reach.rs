//! What can be reached from here: a relay host, and port 25 of others. Nothing is sent.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use postigo_api::{Error, Port25, Port25Question, Port25State, RelayTested, RelayTry};
use postigo_dns::{Answer, MailHosts, Name, Resolver};
use postigo_queue::route::NextHop;
use postigo_sasl::Credentials;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::facts::{is_public, own_addresses};
use super::flow;
use crate::config::{self, Config};
use crate::context::our_name;
use crate::engine::Shared;
use crate::errors::blocking;
use crate::outgoing::{Agent, Ourselves, Tried};

/// How long somebody waits for a verdict on a relay host.
const RELAY: Duration = Duration::from_secs(20);

/// How long looking for the mail hosts of a domain may take.
const NAMES: Duration = Duration::from_secs(8);

/// How long one host may take to answer, and then to greet.
const CALL: Duration = Duration::from_secs(5);

/// How many addresses are called.
const CALLS: usize = 3;

/// Octets of a greeting that are read (RFC 5321 §4.5.3.1.5).
const GREETING: u64 = 512;

const SMTP_PORT: u16 = 25;

/// Connects to a relay host, encrypts and logs in, before there is a server that runs.
pub(crate) async fn relay(engine: &Shared, relay: RelayTry) -> Result<RelayTested, Error> {
    let host = flow::next_hop(&relay.relayhost)?;
    let password = relay.password.or_else(|| engine.secrets.relayhost());
    let credentials = password.filter(|_| !relay.user.is_empty());
    let credentials = credentials.and_then(|password| Credentials::new(&relay.user, &password));
    let config = Config { host: relay.host, ..config::defaults() };
    let agent = match engine.running(|running| running.context.agent()).await {
        Some(agent) => agent,
        None => engine.stopped_agent(&config)?,
    };
    let ourselves = Ourselves { name: our_name(&config), ..agent.ourselves.clone() };
    let agent = Agent { credentials, ourselves, ..agent };
    let key = agent.credentials.is_some().then(|| host.to_string());
    let next_hop = NextHop::new(&host, crate::flow::tls_level(relay.tls), key, Vec::new());
    let tried = timeout(RELAY, agent.try_out(&next_hop)).await.unwrap_or_else(|_| Tried {
        works: false,
        text: format!("no answer within {} seconds", RELAY.as_secs()),
        session: None,
    });
    Ok(RelayTested { works: tried.works, text: tried.text, session: tried.session })
}

/// Calls the mail hosts of a domain at port 25, where everybody's mail comes in.
pub(crate) async fn port25(engine: &Shared, question: &Port25Question) -> Result<Port25, Error> {
    let domain = super::domain(&question.domain)?;
    let resolver = Resolver::clone(&engine.names.resolver().load());
    let hosts = timeout(NAMES, mail_hosts(&resolver, &domain)).await;
    let hosts =
        hosts.unwrap_or_else(|_| Err(format!("no name server told the mail hosts of {domain} in time")));
    let hosts = match hosts {
        Ok(hosts) => hosts,
        Err(text) => return Ok(Port25 { state: Port25State::NoNames, called: None, text }),
    };
    let ours: Vec<IpAddr> =
        blocking(|| Ok(own_addresses().iter().filter_map(|own| own.address.parse().ok()).collect())).await?;
    let (outside, inside): (Vec<_>, Vec<_>) =
        hosts.into_iter().partition(|(_, address)| is_public(*address) && !ours.contains(address));
    if let ([], [(name, address), ..]) = (outside.as_slice(), inside.as_slice()) {
        let text = format!("{address} is an address of this computer or of a private network");
        return Ok(Port25 { state: Port25State::Inside, called: Some(label(name, *address)), text });
    }
    Ok(call(&outside, SMTP_PORT, CALL).await)
}

/// The hosts that take mail for a domain, by preference, and their addresses. Errors: why there are none.
async fn mail_hosts(resolver: &Resolver, domain: &str) -> Result<Vec<(String, IpAddr)>, String> {
    let name = Name::parse(domain).map_err(|error| error.to_string())?;
    let traced = resolver.mail_hosts(&name).await;
    let hosts = match traced.value {
        MailHosts::Hosts(hosts) => hosts.into_iter().map(|host| host.name).collect(),
        MailHosts::Implicit => vec![name],
        MailHosts::Null => return Err(format!("{domain} takes no mail (null MX)")),
        MailHosts::NoDomain => return Err(format!("{domain} does not exist")),
        MailHosts::Failed => {
            let why = traced.lookups.last().map(|lookup| lookup.outcome.to_string()).unwrap_or_default();
            return Err(format!("no name server could tell the mail hosts of {domain}: {why}"));
        }
    };
    let mut found = Vec::new();
    for host in hosts {
        if let Answer::Found(addresses) = resolver.addresses(&host).await.value {
            let name = host.to_string().trim_end_matches('.').to_owned();
            found.extend(addresses.into_iter().map(|address| (name.clone(), address)));
        }
        if found.len() >= CALLS {
            break;
        }
    }
    if found.is_empty() {
        return Err(format!("the mail hosts of {domain} have no address that could be found"));
    }
    Ok(found)
}

/// Calls them in turn until one greets. The verdict is the best one: one that greets is enough, and a way that is shut tells more
/// than no way at all.
async fn call(hosts: &[(String, IpAddr)], port: u16, patience: Duration) -> Port25 {
    let mut verdict: Option<Port25> = None;
    for (name, address) in hosts.iter().take(CALLS) {
        let (state, text) = match greeting(SocketAddr::new(*address, port), patience).await {
            Ok(greeting) => (Port25State::Open, greeting),
            Err(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {
                    (Port25State::Closed, error.to_string())
                }
                _ => (Port25State::NoNetwork, error.to_string()),
            },
        };
        let called = Some(format!("{}:{port}", label(name, *address)));
        let better = verdict
            .as_ref()
            .is_none_or(|before| state == Port25State::Open || before.state == Port25State::NoNetwork);
        if better {
            verdict = Some(Port25 { state, called, text });
        }
        if state == Port25State::Open {
            break;
        }
    }
    let nobody = || Port25 { state: Port25State::NoNames, called: None, text: "nobody to call".to_owned() };
    verdict.unwrap_or_else(nobody)
}

/// The first line a server says. Errors: those of the system, and [`ErrorKind::TimedOut`] for a server that says nothing.
async fn greeting(address: SocketAddr, patience: Duration) -> io::Result<String> {
    let late =
        |what: &str| io::Error::new(ErrorKind::TimedOut, format!("{what} within {} s", patience.as_secs()));
    let stream = timeout(patience, TcpStream::connect(address)).await.map_err(|_| late("no answer"))??;
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(GREETING));
    timeout(patience, reader.read_until(b'\n', &mut line))
        .await
        .map_err(|_| late("a connection, but no greeting"))??;
    if line.is_empty() {
        return Err(io::Error::new(
            ErrorKind::ConnectionReset,
            "the connection was closed without a greeting",
        ));
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn label(name: &str, address: IpAddr) -> String {
    format!("{name}[{address}]")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    fn here() -> Vec<(String, IpAddr)> {
        vec![("mx.test".into(), Ipv4Addr::LOCALHOST.into())]
    }

    #[tokio::test]
    async fn a_host_that_greets_means_open_whatever_it_says() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answering = tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            peer.write_all(b"554 5.7.1 You are on a list\r\n").await.unwrap();
        });
        let verdict = call(&here(), port, CALL).await;
        assert_eq!(verdict.state, Port25State::Open);
        assert_eq!(verdict.text, "554 5.7.1 You are on a list");
        assert_eq!(verdict.called, Some(format!("mx.test[127.0.0.1]:{port}")));
        answering.await.unwrap();
    }

    #[tokio::test]
    async fn one_that_refuses_hangs_up_or_keeps_silent_means_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Accepted by the system, and nobody says a word.
        let verdict = call(&here(), port, Duration::from_millis(50)).await;
        assert_eq!(verdict.state, Port25State::Closed);
        assert!(verdict.text.contains("no greeting"), "{}", verdict.text);
        let hanging_up = tokio::spawn(async move {
            // The one that kept waiting, and the one that comes now.
            for _ in 0..2 {
                drop(listener.accept().await.unwrap());
            }
        });
        assert_eq!(call(&here(), port, CALL).await.state, Port25State::Closed);
        hanging_up.await.unwrap();
        assert_eq!(call(&here(), port, CALL).await.state, Port25State::Closed);
    }

    #[tokio::test]
    async fn nobody_to_call_says_nothing() {
        assert_eq!(call(&[], SMTP_PORT, CALL).await.state, Port25State::NoNames);
    }
}
