//! Another server that does what a test wants: takes mail, says no, or hangs up at any point of a session.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Points of a session at which something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Connect,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    /// After the dot.
    Dot,
}

/// What goes wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// This reply instead of the usual one.
    Says(&'static str),
    HangsUp,
    /// Says nothing any more, and keeps the connection.
    IsSilent,
}

/// What a peer saw.
#[derive(Debug, Default)]
pub struct Seen {
    pub connections: u32,
    /// Most connections at a time.
    pub most: u32,
    pub open: u32,
    /// The RCPT lines of messages that were taken over, with their content.
    pub taken: Vec<(Vec<String>, String)>,
    /// All commands, in order.
    pub commands: Vec<String>,
}

/// A peer, until dropped.
pub struct Peer {
    pub port: u16,
    pub seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How it behaves. RCPT is refused for local parts that begin with these.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manners {
    pub fault: Option<(At, Does)>,
    pub refuses: Option<(&'static str, &'static str)>,
    /// How long it takes for a message.
    pub pause_ms: u64,
}

impl Peer {
    pub async fn polite() -> Self {
        Self::with(Manners::default()).await
    }

    pub async fn faulty(at: At, does: Does) -> Self {
        Self::with(Manners { fault: Some((at, does)), ..Manners::default() }).await
    }

    pub async fn with(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Seen>>::default();
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&shared);
                tokio::spawn(async move {
                    {
                        let mut seen = seen.lock().unwrap();
                        seen.connections += 1;
                        seen.open += 1;
                        seen.most = seen.most.max(seen.open);
                    }
                    // A client that went away is no failure of the test.
                    let _ = serve(stream, manners, &seen).await;
                    seen.lock().unwrap().open -= 1;
                });
            }
        });
        Self { port, seen, task }
    }

    pub fn taken(&self) -> usize {
        self.seen.lock().unwrap().taken.len()
    }

    pub fn connections(&self) -> u32 {
        self.seen.lock().unwrap().connections
    }
}

async fn serve(stream: TcpStream, manners: Manners, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if !answer(&mut stream, manners, At::Connect, "220 peer.test ESMTP").await? {
        return Ok(());
    }
    let mut recipients = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end().to_owned();
        seen.lock().unwrap().commands.push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let goes_on = match verb.as_str() {
            "EHLO" | "HELO" => {
                let reply = "250-peer.test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES";
                answer(&mut stream, manners, At::Ehlo, reply).await?
            }
            "MAIL" => {
                recipients.clear();
                answer(&mut stream, manners, At::Mail, "250 2.1.0 Ok").await?
            }
            "RCPT" => {
                let refused =
                    manners.refuses.filter(|(who, _)| line.to_lowercase().contains(&format!("<{who}")));
                match refused {
                    Some((_, reply)) => say(&mut stream, reply).await?,
                    None => {
                        let goes_on = answer(&mut stream, manners, At::Rcpt, "250 2.1.5 Ok").await?;
                        recipients.push(line.clone());
                        goes_on
                    }
                }
            }
            "DATA" if recipients.is_empty() => say(&mut stream, "554 5.5.1 No valid recipients").await?,
            "DATA" => {
                let goes_on = answer(&mut stream, manners, At::Data, "354 Go ahead").await?;
                let refused = matches!(manners.fault, Some((At::Data, Does::Says(_))));
                if !goes_on {
                    return Ok(());
                }
                if refused {
                    continue;
                }
                let content = content(&mut stream).await?;
                tokio::time::sleep(std::time::Duration::from_millis(manners.pause_ms)).await;
                let accepts = !matches!(manners.fault, Some((At::Dot, _)));
                if accepts {
                    seen.lock().unwrap().taken.push((recipients.clone(), content));
                }
                answer(&mut stream, manners, At::Dot, "250 2.0.0 Ok: taken").await?
            }
            "QUIT" => {
                say(&mut stream, "221 2.0.0 Bye").await?;
                return Ok(());
            }
            _ => say(&mut stream, "250 2.0.0 Ok").await?,
        };
        if !goes_on {
            return Ok(());
        }
    }
}

async fn content(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut content = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(content);
        }
        content.push_str(&line);
    }
}

async fn say(stream: &mut BufReader<TcpStream>, reply: &str) -> std::io::Result<bool> {
    stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await?;
    Ok(true)
}

/// The usual reply, or the fault. False: the session is over.
async fn answer(
    stream: &mut BufReader<TcpStream>,
    manners: Manners,
    at: At,
    usual: &str,
) -> std::io::Result<bool> {
    match manners.fault.filter(|(where_, _)| *where_ == at).map(|(_, does)| does) {
        None => say(stream, usual).await,
        Some(Does::Says(reply)) => say(stream, reply).await,
        Some(Does::HangsUp) => Ok(false),
        Some(Does::IsSilent) => {
            let mut line = String::new();
            while stream.read_line(&mut line).await? > 0 {}
            Ok(false)
        }
    }
}
