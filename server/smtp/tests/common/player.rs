//! A driver without sockets, which writes down what happens.

use super::settings::tls;
use super::unescape;
use postigo_sasl::{KeyKind, Keys, Password, ScramVerifier};
use postigo_smtp::*;
use std::collections::VecDeque;
use std::sync::Arc;

/// Who answers the questions.
pub enum Answers {
    /// The transcript, in order.
    Script(VecDeque<String>),
    /// Everything is allowed and every password right, but there are no SCRAM users.
    Yes,
}

pub struct Player {
    session: Session,
    lines: LineDecoder,
    decoder: Option<ContentDecoder>,
    content: Vec<u8>,
    /// Octets of a chunk to throw away.
    skip: Option<u64>,
    buffer: Vec<u8>,
    handshake: bool,
    closed: bool,
    answers: Answers,
    notes: bool,
    log: Vec<String>,
}

impl Player {
    pub fn new(config: Config, connection: Connection, answers: Answers, notes: bool) -> Self {
        let mut outputs = Vec::new();
        let session = Session::start(Arc::new(config), connection, &mut outputs);
        let mut player = Self {
            session,
            lines: LineDecoder::new(),
            decoder: None,
            content: Vec::new(),
            skip: None,
            buffer: Vec::new(),
            handshake: false,
            closed: false,
            answers,
            notes,
            log: Vec::new(),
        };
        player.carry_out(outputs);
        player
    }

    pub fn into_log(self) -> Vec<String> {
        self.log
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Plays a line of a transcript if it is an input.
    pub fn play(&mut self, line: &str) {
        let text = line.get(3..).unwrap_or_default();
        match line.split_once(' ').unwrap().0 {
            "C:" => {
                self.log.push(line.to_owned());
                self.receive(&[&unescape(text), &b"\r\n"[..]].concat());
            }
            "C+" => {
                self.log.push(line.to_owned());
                self.receive(&unescape(text));
            }
            ">" => {
                self.log.push(line.to_owned());
                self.event(&line[2..]);
            }
            "S:" | "?" | "=" | "*" => {}
            _ => panic!("not a transcript line: {line}"),
        }
    }

    fn event(&mut self, event: &str) {
        let input = match event {
            "tls" => {
                self.handshake = false;
                Input::TlsEstablished(tls())
            }
            "timeout" => Input::Timeout,
            "shutdown" => Input::Shutdown,
            "account changed" => Input::AccountChanged,
            _ => panic!("unknown event {event}"),
        };
        self.handle(input);
        self.pump();
    }

    pub fn receive(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
        self.pump();
    }

    fn pump(&mut self) {
        while !self.closed && !self.handshake {
            let buffer = std::mem::take(&mut self.buffer);
            let (used, more) = if let Some(octets) = self.skip {
                self.pump_skipped(&buffer, octets)
            } else if self.decoder.is_some() {
                self.pump_content(&buffer)
            } else {
                self.pump_line(&buffer)
            };
            // The handshake throws the buffer away.
            if !self.handshake {
                self.buffer = buffer[used..].to_vec();
            }
            if !more {
                break;
            }
        }
    }

    fn pump_line(&mut self, buffer: &[u8]) -> (usize, bool) {
        assert!(self.session.wants_line());
        let (used, line) = self.lines.next(buffer);
        let Some(line) = line else { return (used, false) };
        self.handle(Input::Line { line, followed: used < buffer.len() });
        (used, true)
    }

    fn pump_content(&mut self, buffer: &[u8]) -> (usize, bool) {
        let mut decoder = self.decoder.take().unwrap();
        let (used, content) = decoder.next(buffer);
        match content {
            Content::Data(piece) => self.content.extend_from_slice(piece),
            Content::NeedInput => {
                self.decoder = Some(decoder);
                return (used, false);
            }
            Content::End(ContentEnd::Chunk) => {
                self.handle(Input::Chunk(decoder));
                return (used, true);
            }
            Content::End(end) => {
                if let ContentEnd::Complete { .. } = end {
                    self.log.push(format!("= content {}", self.content.escape_ascii()));
                }
                self.handle(Input::Content(end));
                return (used, true);
            }
        }
        self.decoder = Some(decoder);
        (used, true)
    }

    fn pump_skipped(&mut self, buffer: &[u8], octets: u64) -> (usize, bool) {
        let used = usize::try_from(octets).unwrap().min(buffer.len());
        let left = octets - u64::try_from(used).unwrap();
        self.skip = (left > 0).then_some(left);
        if left == 0 {
            self.handle(Input::ChunkSkipped);
        }
        (used, left == 0)
    }

    fn handle(&mut self, input: Input<'_>) {
        let mut outputs = Vec::new();
        self.session.handle(input, &mut outputs);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        assert!(!self.closed || outputs.is_empty(), "output after the end: {outputs:?}");
        for output in outputs {
            match output {
                Output::Send(reply) => {
                    let mut octets = Vec::new();
                    reply.write_to(&mut octets);
                    let text = String::from_utf8(octets).unwrap();
                    self.log.extend(text.split_terminator("\r\n").map(|line| format!("S: {line}")));
                }
                Output::Ask(question) => {
                    let answer = self.answer(question);
                    self.handle(Input::Answer(answer));
                }
                Output::ReadContent { decoder, envelope } => {
                    if let Some(envelope) = envelope {
                        self.content.clear();
                        self.log.extend(envelope_text(&envelope));
                    }
                    self.decoder = Some(decoder);
                }
                Output::SkipChunk { octets } => self.skip = Some(octets),
                Output::DiscardContent => {
                    self.decoder = None;
                    self.log.push("= discard".into());
                }
                Output::StartTls => {
                    self.handshake = true;
                    self.log.push("= starttls".into());
                }
                Output::Close => {
                    self.closed = true;
                    self.log.push("= close".into());
                }
                Output::Note(note) => {
                    if self.notes {
                        self.log.push(format!("* {}", note_text(&note)));
                    }
                }
            }
        }
    }

    fn answer(&mut self, question: Question) -> Answer {
        let Answers::Script(script) = &mut self.answers else {
            self.log.push(format!("? {}", question_text(&question)));
            return match question {
                Question::Keys { .. } => Answer::Keys(None),
                Question::Password { .. } => Answer::Password(true),
                Question::Sender(_)
                | Question::Recipient(_)
                | Question::Data { .. }
                | Question::Flush(_)
                | Question::Xclient(_) => Answer::Accept,
                Question::Deliver { .. } => Answer::Delivered { queue_id: "4Q".into() },
            };
        };
        let answer = script.pop_front().unwrap_or_else(|| "unavailable".into());
        self.log.push(format!("? {} -> {answer}", question_text(&question)));
        let words: Vec<&str> = answer.split(' ').collect();
        match words[..] {
            ["accept"] => Answer::Accept,
            ["correct"] => Answer::Password(true),
            ["wrong"] => Answer::Password(false),
            ["nobody"] => Answer::Keys(None),
            ["keys", password] => {
                let password = Password::prepare(password).unwrap();
                Answer::Keys(Some(match &question {
                    Question::Keys { kind: KeyKind::Scram(hash), .. } => {
                        ScramVerifier::derive_with(*hash, &password, b"saltsaltsalt").into()
                    }
                    _ => Keys::Password(password),
                }))
            }
            ["queued", queue_id] => Answer::Delivered { queue_id: queue_id.into() },
            ["unavailable"] => Answer::Unavailable,
            ["refuse", reply] => Answer::Refuse(named_reply(reply, &question)),
            _ => panic!("unknown answer {answer}"),
        }
    }
}

fn named_reply(name: &str, question: &Question) -> Reply {
    let address = match question {
        Question::Sender(sender) => sender.reverse_path.address(),
        Question::Recipient(recipient) => recipient.address(),
        _ => None,
    };
    match name {
        "user_unknown" => Reply::user_unknown(address.unwrap()),
        "mailbox_disabled" => Reply::mailbox_disabled(address.unwrap()),
        "relay_denied" => Reply::relay_denied(address.unwrap()),
        "no_foreign_delivery" => Reply::no_foreign_delivery(address.unwrap()),
        "sender_not_owned" => Reply::sender_not_owned(address.unwrap(), "ana@lab.test"),
        "null_sender" => Reply::NULL_SENDER_NOT_OWNED,
        "storage_full" => Reply::STORAGE_FULL,
        "too_many_hops" => Reply::TOO_MANY_HOPS,
        "improper_pipelining" => Reply::improper_pipelining(Judged::Data, "DATA"),
        "etrn_denied" => Reply::ETRN_DENIED,
        "no_account" => Reply::XCLIENT_NO_ACCOUNT,
        "shutting_down" => Reply::SHUTTING_DOWN,
        _ => panic!("unknown reply {name}"),
    }
}

fn question_text(question: &Question) -> String {
    match question {
        Question::Keys { user, .. } => format!("verifier {user}"),
        Question::Password { user, .. } => format!("password {user}"),
        Question::Recipient(recipient) => format!("recipient <{recipient}>"),
        Question::Data { followed: false } => "data".to_owned(),
        Question::Data { followed: true } => "data, not waited for".to_owned(),
        Question::Deliver { octets } => format!("deliver {octets}"),
        Question::Flush(node) => format!("flush {} subdomains={}", node.domain, node.subdomains),
        Question::Xclient(claims) => format!("xclient {:?} {:?}", claims.address, claims.login),
        Question::Sender(Sender { reverse_path, parameters }) => {
            let size = parameters.size.map(|size| format!(" size {size}")).unwrap_or_default();
            let body = parameters.body.map(|body| format!(" {body:?}")).unwrap_or_default();
            let auth = parameters.auth.as_ref().map(|auth| format!(" auth <{auth}>")).unwrap_or_default();
            let utf8 = if parameters.smtp_utf8 { " utf8" } else { "" };
            let require_tls = if parameters.require_tls { " requiretls" } else { "" };
            let hold = parameters.hold.map(|hold| format!(" {hold:?}")).unwrap_or_default();
            format!("sender <{reverse_path}>{size}{body}{auth}{utf8}{require_tls}{hold}")
        }
    }
}

/// What of DSN an envelope has.
fn envelope_text(envelope: &Envelope) -> Vec<String> {
    let MailParameters { returned, envelope_id, .. } = &envelope.sender.parameters;
    let mut lines = Vec::new();
    if let Some(returned) = returned {
        lines.push(format!("= returned {returned}"));
    }
    if let Some(id) = envelope_id {
        lines.push(format!("= envelope id {id}"));
    }
    for EnvelopeRecipient { recipient, parameters } in &envelope.recipients {
        let RcptParameters { notify, original } = parameters;
        if let Some(notify) = notify {
            lines.push(format!("= notify <{recipient}> {notify}"));
        }
        if let Some(original) = original {
            lines.push(format!("= original <{recipient}> {} {}", original.address_type, original.address));
        }
    }
    lines
}

fn note_text(note: &Note) -> String {
    match note {
        Note::Hello { client_name, extended } => format!("hello {client_name} extended={extended}"),
        Note::TlsEstablished(tls) => format!("tls {}", tls.version),
        Note::Authenticated { user, mechanism } => format!("authenticated {user} {mechanism}"),
        Note::AuthenticationFailed { user, mechanism, failure } => {
            format!("authentication failed {} {mechanism}: {failure}", user.as_deref().unwrap_or("-"))
        }
        Note::Refused { stage, reply, reverse_path, recipient } => {
            let from = reverse_path.as_ref().map(|path| format!(" from=<{path}>")).unwrap_or_default();
            let to = recipient.as_ref().map(|recipient| format!(" to=<{recipient}>")).unwrap_or_default();
            format!("refused {stage}: {reply};{from}{to}")
        }
        Note::Quit => "quit".into(),
        Note::Closed(reply) => format!("closed: {reply}"),
    }
}
