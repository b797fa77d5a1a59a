//! Another server with these extensions, which takes everything and remembers what it heard.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A peer, until dropped.
pub struct Peer {
    pub port: u16,
    heard: Arc<Mutex<String>>,
    refusals: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// `rcpt` are its replies to the first RCPT commands; it takes the recipients after those.
    pub async fn start(extensions: &[&str], rcpt: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<String>>::default();
        let offered: String = extensions.iter().map(|name| format!("250-{name}\r\n")).collect();
        let refusals: Vec<String> = rcpt.iter().rev().map(ToString::to_string).collect();
        let refusals = Arc::new(Mutex::new(refusals));
        let (noted, left) = (Arc::clone(&heard), Arc::clone(&refusals));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, refusals, offered) = (Arc::clone(&noted), Arc::clone(&left), offered.clone());
                // A client that went away is no failure of the test.
                tokio::spawn(async move { drop(serve(stream, &offered, &noted, &refusals).await) });
            }
        });
        Self { port, heard, refusals, task }
    }

    /// Takes everything from now on.
    pub fn refuse_nobody(&self) {
        self.refusals.lock().unwrap().clear();
    }

    /// Commands and content, each line with a line feed.
    pub fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TcpStream,
    offered: &str,
    heard: &Mutex<String>,
    refusals: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"220 peer.test ESMTP\r\n").await?;
    let mut content = false;
    loop {
        let mut octets = Vec::new();
        if stream.read_until(b'\n', &mut octets).await? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&octets).trim_end_matches(['\r', '\n']).to_owned();
        heard.lock().unwrap().push_str(&format!("{line}\n"));
        let reply = if content {
            content = line != ".";
            if content { continue } else { "250 2.0.0 Ok: taken".to_owned() }
        } else {
            match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => format!("250-peer.test\r\n{offered}250 ENHANCEDSTATUSCODES"),
                "RCPT" => refusals.lock().unwrap().pop().unwrap_or_else(|| "250 2.1.5 Ok".to_owned()),
                "DATA" => {
                    content = true;
                    "354 Go ahead".to_owned()
                }
                "QUIT" => "221 2.0.0 Bye".to_owned(),
                _ => "250 2.0.0 Ok".to_owned(),
            }
        };
        stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await?;
        if line == "QUIT" && !content {
            return Ok(());
        }
    }
}
