//! A driver without sockets. Transcripts have `C:` lines (the client's), `S:` lines (what must be sent), and `!` lines
//! (what happens meanwhile); `C~` is a line without its line end.

mod model;

use bytes::BytesMut;
pub use model::Model;
use postigo_imap::*;
use postigo_sasl::{DecoySecret, Mechanism, NonceSeed, Password, ScramVerifier};
use std::sync::Arc;

/// The SCRAM keys of ana.
pub fn verifier() -> ScramVerifier {
    ScramVerifier::derive(&Password::prepare("secret").unwrap(), &[7; 16])
}

pub fn config() -> Config {
    Config {
        host: "mail.lab.test".into(),
        tls_available: true,
        mechanisms: vec![Mechanism::ScramSha256, Mechanism::Plain],
        delimiter: '.',
        limits: Limits { append_octets: 1000, ..Limits::default() },
        decoys: DecoySecret::from_bytes([1; 32]),
    }
}

pub fn connection(peer_is_loopback: bool) -> Connection {
    Connection { peer_is_loopback, is_tls: false, binding: None, nonce_seed: NonceSeed::from_bytes([2; 32]) }
}

pub struct Player {
    pub session: Session,
    pub model: Model,
    pub sent: Vec<u8>,
    pub notes: Vec<Note>,
    /// What a transcript of the session shows.
    pub heard: Vec<String>,
    pub closed: bool,
    /// The largest number of messages asked for at a time.
    pub largest_batch: usize,
    input: BytesMut,
}

impl Player {
    pub fn new(config: Config, connection: Connection) -> Self {
        let mut outputs = Vec::new();
        let session = Session::start(Arc::new(config), connection, &mut outputs);
        let mut player = Self {
            session,
            model: Model::new(),
            sent: Vec::new(),
            notes: Vec::new(),
            heard: Vec::new(),
            closed: false,
            largest_batch: 0,
            input: BytesMut::new(),
        };
        player.carry_out(outputs);
        player
    }

    pub fn feed(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        self.read();
    }

    fn read(&mut self) {
        loop {
            let mut outputs = Vec::new();
            let progressed = self.session.read(&mut self.input, &mut outputs);
            assert!(progressed || outputs.is_empty());
            self.carry_out(outputs);
            if !progressed {
                return;
            }
        }
    }

    pub fn changed(&mut self) {
        let mut outputs = Vec::new();
        self.session.mailbox_changed(&mut outputs);
        self.carry_out(outputs);
        self.read();
    }

    pub fn carry_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            assert!(!self.closed, "{output:?} after Close");
            match output {
                Output::Send(octets) => self.sent.extend_from_slice(&octets),
                Output::Content { uid, span } => self.sent.extend_from_slice(self.model.content(uid, span)),
                Output::Ask(question) => {
                    let answer = self.model.answer(question);
                    if let Answer::Messages(messages) = &answer {
                        self.largest_batch = self.largest_batch.max(messages.len());
                    }
                    let mut outputs = Vec::new();
                    self.session.answer(answer, &mut outputs);
                    self.carry_out(outputs);
                }
                Output::AppendData(octets) => self.model.append_data(&octets),
                Output::AppendAborted => self.model.append_aborted(),
                Output::StartTls => {
                    self.input.clear();
                    self.session.tls_established(None);
                }
                Output::Close => self.closed = true,
                Output::Heard { mut line, secrets } => {
                    for secret in secrets.into_iter().rev() {
                        line.splice(secret, *b"***");
                    }
                    self.heard.push(String::from_utf8_lossy(&line).into_owned());
                }
                Output::Note(note) => self.notes.push(note),
            }
        }
    }

    fn play(&mut self, line: &str) {
        let (kind, text) = (&line[..2], line.get(3..).unwrap_or_default());
        let text = text.replace("\\0", "\0").replace("\\n", "\n");
        match kind {
            "C:" => self.feed(format!("{text}\r\n").as_bytes()),
            "C~" => self.feed(text.as_bytes()),
            "! " => match line[2..].split_once(' ') {
                Some(("deliver", message)) => {
                    self.model.deliver(message.replace("\\r", "\r").replace("\\n", "\n").as_bytes());
                    self.changed();
                }
                Some(("quietly", what)) => self.model.elsewhere(what),
                _ if &line[2..] == "account changed" => {
                    let mut outputs = Vec::new();
                    self.session.account_changed(&mut outputs);
                    self.carry_out(outputs);
                }
                _ if &line[2..] == "shutdown" => {
                    let mut outputs = Vec::new();
                    self.session.shutdown(&mut outputs);
                    self.carry_out(outputs);
                }
                _ if &line[2..] == "timeout" => {
                    let mut outputs = Vec::new();
                    self.session.timeout(&mut outputs);
                    self.carry_out(outputs);
                }
                _ => {
                    self.model.elsewhere(&line[2..]);
                    self.changed();
                }
            },
            _ => panic!("{line}"),
        }
    }

    /// Takes what was sent, as `S:` lines.
    pub fn sent_lines(&mut self) -> Vec<String> {
        let sent = String::from_utf8(std::mem::take(&mut self.sent)).unwrap();
        let Some(sent) = sent.strip_suffix("\r\n") else {
            return if sent.is_empty() { Vec::new() } else { vec![format!("S~ {sent}")] };
        };
        sent.split("\r\n").map(|line| format!("S: {line}").trim_end().to_owned()).collect()
    }
}

/// Plays a transcript against a player and compares what it sends.
pub fn check_with(player: &mut Player, transcript: &str) {
    let lines: Vec<&str> = transcript.lines().map(str::trim_start).filter(|line| !line.is_empty()).collect();
    let mut log = player.sent_lines();
    for line in lines.iter().filter(|line| !line.starts_with("S:")) {
        log.push((*line).to_owned());
        player.play(line);
        log.extend(player.sent_lines());
    }
    let expected: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let log: Vec<&str> = log.iter().map(|line| line.trim_end()).collect();
    assert_eq!(log.join("\n"), expected.join("\n"));
}

/// A player after log-in from loopback, with nothing sent yet.
pub fn logged_in() -> Player {
    let mut player = Player::new(config(), connection(true));
    player.feed(b"x LOGIN ana secret\r\n");
    player.sent.clear();
    player
}

/// As [`logged_in`], with these messages in INBOX and INBOX selected.
pub fn selected(messages: &[&str]) -> Player {
    let mut player = logged_in();
    messages.iter().for_each(|message| player.model.deliver(message.as_bytes()));
    player.feed(b"x SELECT INBOX\r\n");
    player.sent.clear();
    player
}
