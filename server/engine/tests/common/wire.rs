//! A client in plain text: lines out, lines in.

use std::time::Instant;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PASSWORD, PATIENCE};

/// Over the network, or over a socket of the file system.
trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

pub struct Wire {
    stream: BufReader<Box<dyn Octets>>,
}

impl Wire {
    pub async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Self { stream: BufReader::new(Box::new(stream)) }
    }

    /// Not greeted yet.
    #[cfg(unix)]
    pub async fn local(socket: &std::path::Path) -> Self {
        let stream = tokio::net::UnixStream::connect(socket).await.unwrap();
        Self { stream: BufReader::new(Box::new(stream)) }
    }

    /// Greeted, and has said EHLO.
    pub async fn smtp(port: u16) -> Self {
        let mut wire = Self::connect(port).await;
        let greeting = wire.line().await;
        assert!(greeting.starts_with("220 "), "{greeting}");
        let hello = wire.ask("EHLO client.test").await;
        assert!(hello.starts_with("250"), "{hello}");
        wire
    }

    /// Greeted, not logged in.
    pub async fn imap(port: u16) -> Self {
        let mut wire = Self::connect(port).await;
        let greeting = wire.line().await;
        assert!(greeting.starts_with("* OK"), "{greeting}");
        wire
    }

    /// The next line without its end; empty when the connection ended.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.stream.read_line(&mut line)).await.expect("a line in time").unwrap();
        line.trim_end().to_owned()
    }

    pub async fn say(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
    }

    /// Sends octets as they are, if the server still listens.
    pub async fn write(&mut self, octets: &[u8]) {
        let _ = self.stream.get_mut().write_all(octets).await;
    }

    /// An SMTP command and the last line of its reply.
    pub async fn ask(&mut self, command: &str) -> String {
        self.say(command).await;
        self.reply().await
    }

    /// The last line of an SMTP reply.
    pub async fn reply(&mut self) -> String {
        loop {
            let line = self.line().await;
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    /// An IMAP command and its tagged response, with the lines before it.
    pub async fn command(&mut self, command: &str) -> (String, Vec<String>) {
        self.say(&format!("t {command}")).await;
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            if line.is_empty() || line.starts_with("t ") {
                return (line, lines);
            }
            lines.push(line);
        }
    }

    pub async fn login(&mut self, user: &str) -> String {
        self.command(&format!("LOGIN {user} \"{PASSWORD}\"")).await.0
    }

    /// Sends a message to one recipient. Answers the reply to RCPT if that was no, else the reply to the content.
    pub async fn send(&mut self, to: &str) -> String {
        let mail = self.ask("MAIL FROM:<eva@elsewhere.test>").await;
        assert!(mail.starts_with("250"), "{mail}");
        let rcpt = self.ask(&format!("RCPT TO:<{to}>")).await;
        if !rcpt.starts_with("250") {
            return rcpt;
        }
        let data = self.ask("DATA").await;
        assert!(data.starts_with("354"), "{data}");
        self.ask("Subject: prueba\r\n\r\nHola.\r\n.").await
    }

    /// Waits until the server has closed the connection. Answers its last line and how long it took.
    pub async fn end(&mut self) -> (String, std::time::Duration) {
        let began = Instant::now();
        let mut last = String::new();
        loop {
            let line = self.line().await;
            if line.is_empty() {
                return (last, began.elapsed());
            }
            last = line;
        }
    }
}
