//! An SMTP server that misbehaves when told to, and remembers every octet it was sent.
//!
//! It is no mail server: it believes everything, keeps messages in memory, and has no TLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustix::net::sockopt::set_socket_linger;

/// Where in a session something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Instead of the greeting.
    Greeting,
    /// Instead of the reply to EHLO.
    Hello,
    /// Instead of the reply to STARTTLS.
    StartTls,
    /// Instead of the reply to MAIL.
    Mail,
    /// Instead of the reply to RCPT.
    Rcpt,
    /// Instead of the reply to DATA.
    Data,
    /// After 354: nothing more is read.
    Content,
    /// Instead of the reply to the end of the content.
    EndOfContent,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing is said or read any more, until the client goes away or the peer is well again.
    Hang,
    /// The connection is reset (RST).
    Reset,
    /// The connection is closed.
    Close,
    /// This is said, as it stands, and the session goes on.
    Say(&'static [u8]),
}

/// A peer that runs until the test ends.
pub struct Peer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    fault: Option<(Stage, Fault)>,
    extensions: Vec<&'static str>,
    /// What each session sent.
    sessions: Vec<Vec<u8>>,
    /// Content with its end, as sent.
    messages: Vec<Vec<u8>>,
}

impl Peer {
    /// Starts a peer that is well, with these EHLO keywords.
    pub fn start(extensions: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared { extensions: extensions.to_vec(), ..Shared::default() }));
        let for_sessions = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), shared) = (stream, Arc::clone(&for_sessions)) else { return };
                std::thread::spawn(move || Session::begin(stream, shared).run());
            }
        });
        Self { address, shared }
    }

    /// From now on, this goes wrong there.
    pub fn break_at(&self, stage: Stage, fault: Fault) {
        self.shared.lock().unwrap().fault = Some((stage, fault));
    }

    /// From now on, nothing goes wrong.
    pub fn heal(&self) {
        self.shared.lock().unwrap().fault = None;
    }

    /// `[127.0.0.1]:port`.
    pub fn next_hop(&self) -> String {
        format!("[{}]:{}", self.address.ip(), self.address.port())
    }

    /// The messages it has confirmed, dots and all.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        self.shared.lock().unwrap().messages.clone()
    }

    /// Everything that each session sent.
    pub fn sessions(&self) -> Vec<Vec<u8>> {
        self.shared.lock().unwrap().sessions.clone()
    }
}

struct Session {
    stream: TcpStream,
    input: BufReader<TcpStream>,
    shared: Arc<Mutex<Shared>>,
    number: usize,
}

/// Why a session is over: the client left, or the fault was that.
struct Over;

impl Session {
    fn begin(stream: TcpStream, shared: Arc<Mutex<Shared>>) -> Self {
        let number = {
            let mut shared = shared.lock().unwrap();
            shared.sessions.push(Vec::new());
            shared.sessions.len() - 1
        };
        Self { input: BufReader::new(stream.try_clone().unwrap()), stream, shared, number }
    }

    fn run(mut self) {
        let _: Result<(), Over> = self.talk();
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    fn talk(&mut self) -> Result<(), Over> {
        self.say(Stage::Greeting, "220 peer.test ESMTP\r\n")?;
        loop {
            let line = self.line()?;
            let verb = line.split(|&octet| octet == b' ' || octet == b'\r').next().unwrap_or_default();
            match verb.to_ascii_uppercase().as_slice() {
                b"EHLO" => {
                    let extensions = self.shared.lock().unwrap().extensions.clone();
                    let lines: String = extensions.iter().map(|name| format!("250-{name}\r\n")).collect();
                    self.say(Stage::Hello, &format!("250-peer.test\r\n{lines}250 ENHANCEDSTATUSCODES\r\n"))?;
                }
                b"HELO" => self.say(Stage::Hello, "250 peer.test\r\n")?,
                b"STARTTLS" => self.say(Stage::StartTls, "454 4.7.0 not now\r\n")?,
                b"MAIL" => self.say(Stage::Mail, "250 2.1.0 Ok\r\n")?,
                b"RCPT" => self.say(Stage::Rcpt, "250 2.1.5 Ok\r\n")?,
                b"DATA" => {
                    self.say(Stage::Data, "354 go on\r\n")?;
                    self.content()?;
                }
                b"RSET" | b"NOOP" => self.say_plainly(b"250 2.0.0 Ok\r\n")?,
                b"QUIT" => return self.say_plainly(b"221 2.0.0 Bye\r\n"),
                _ => self.say_plainly(b"500 5.5.2 what?\r\n")?,
            }
        }
    }

    fn content(&mut self) -> Result<(), Over> {
        if let Some(fault) = self.fault(Stage::Content) {
            self.suffer(&fault)?;
        }
        let mut content = Vec::new();
        loop {
            let line = self.line()?;
            content.extend_from_slice(&line);
            if line == b".\r\n" && (content.len() == 3 || content.ends_with(b"\r\n.\r\n")) {
                break;
            }
        }
        self.say(Stage::EndOfContent, "250 2.0.0 Ok: queued as PEER\r\n")?;
        self.shared.lock().unwrap().messages.push(content);
        Ok(())
    }

    /// A line with its end, up to LF.
    fn line(&mut self) -> Result<Vec<u8>, Over> {
        let mut line = Vec::new();
        match self.input.read_until(b'\n', &mut line) {
            Ok(n) if n > 0 => {
                self.shared.lock().unwrap().sessions[self.number].extend_from_slice(&line);
                Ok(line)
            }
            _ => Err(Over),
        }
    }

    fn fault(&self, stage: Stage) -> Option<Fault> {
        let shared = self.shared.lock().unwrap();
        shared.fault.as_ref().filter(|(at, _)| *at == stage).map(|(_, fault)| fault.clone())
    }

    fn say(&mut self, stage: Stage, text: &str) -> Result<(), Over> {
        match self.fault(stage) {
            Some(fault) => self.suffer(&fault),
            None => self.say_plainly(text.as_bytes()),
        }
    }

    fn say_plainly(&mut self, octets: &[u8]) -> Result<(), Over> {
        self.stream.write_all(octets).map_err(|_| Over)
    }

    fn suffer(&mut self, fault: &Fault) -> Result<(), Over> {
        match fault {
            Fault::Say(octets) => return self.say_plainly(octets),
            Fault::Close => {}
            Fault::Reset => set_socket_linger(&self.stream, Some(std::time::Duration::ZERO)).unwrap(),
            Fault::Hang => {
                // Not a single octet is taken: what the system's buffers hold is all that the client gets rid of.
                while self.shared.lock().unwrap().fault.is_some() {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
                let _ = self.stream.set_read_timeout(Some(std::time::Duration::from_millis(10)));
                let _ = self.input.read(&mut [0; 1]);
            }
        }
        Err(Over)
    }
}
