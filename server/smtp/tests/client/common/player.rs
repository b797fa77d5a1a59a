//! A driver without sockets, which writes down what happens.

use super::settings::{settings, tls, transaction};
use postigo_smtp::LineDecoder;
use postigo_smtp::client::{ContentForm, End, Input, Note, Output, Session, Unconvertible};
use std::sync::Arc;

pub struct Player {
    session: Session,
    lines: LineDecoder,
    buffer: Vec<u8>,
    log: Vec<String>,
    closed: bool,
}

impl Player {
    pub fn new(words: &[&str]) -> Self {
        let (config, connection) = settings(words);
        let session = Session::start(Arc::new(config), connection);
        Self { session, lines: LineDecoder::new(), buffer: Vec::new(), log: Vec::new(), closed: false }
    }

    pub fn into_log(self) -> Vec<String> {
        self.log
    }

    pub fn log(&self) -> &[String] {
        &self.log
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Plays a line of a transcript if it is an input.
    pub fn play(&mut self, line: &str) {
        let text = line.get(3..).unwrap_or_default();
        match line.split_once(' ').map_or(line, |(kind, _)| kind) {
            "S:" => {
                self.log.push(line.to_owned());
                self.receive(format!("{text}\r\n").as_bytes());
            }
            "S+" => {
                self.log.push(line.to_owned());
                self.receive(text.replace("\\r\\n", "\r\n").replace("\\n", "\n").as_bytes());
            }
            ">" => {
                self.log.push(line.to_owned());
                self.event(&line[2..]);
            }
            "C:" | "=" | "*" => {}
            _ => panic!("not a transcript line: {line}"),
        }
    }

    pub fn event(&mut self, event: &str) {
        let input = match event.split_once(' ').map_or(event, |(word, _)| word) {
            "deliver" => Input::Deliver(transaction(&event["deliver ".len()..])),
            "tls" => Input::TlsEstablished(tls()),
            "tls-failed" => Input::TlsFailed("certificate expired".into()),
            "sent" => Input::ContentSent,
            "unreadable" => Input::ContentFailed,
            "planned" => Input::ConversionPlanned(Ok(150)),
            "unplannable" => Input::ConversionPlanned(Err(Unconvertible::Protected)),
            "timeout" => Input::Timeout,
            "lost" => Input::Lost,
            "end" => Input::End,
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
        while self.session.wants_line() {
            let buffer = std::mem::take(&mut self.buffer);
            let (used, line) = self.lines.next(&buffer);
            let rest = buffer[used..].to_vec();
            if let Some(line) = line {
                // StartTls throws the rest away.
                self.buffer.clone_from(&rest);
                self.handle(Input::Line { line, followed: !rest.is_empty() });
            } else {
                self.buffer = rest;
                return;
            }
        }
    }

    pub fn handle(&mut self, input: Input<'_>) {
        let mut outputs = Vec::new();
        self.session.handle(input, &mut outputs);
        assert!(!self.closed || outputs.is_empty(), "output after the end: {outputs:?}");
        for output in outputs {
            match &output {
                Output::StartTls => self.buffer.clear(),
                Output::Close(_) => self.closed = true,
                _ => {}
            }
            self.log.push(output_text(&output));
        }
    }
}

pub fn output_text(output: &Output) -> String {
    match output {
        Output::Send(command) => format!("C: {}", String::from_utf8(command.masked().into_owned()).unwrap()),
        Output::StartTls => "= starttls".into(),
        Output::Ready => "= ready".into(),
        Output::PlanConversion => "= plan".into(),
        Output::SendContent(ContentForm::Lines) => "= content".into(),
        Output::SendContent(ContentForm::ConvertedLines) => "= content converted".into(),
        Output::SendContent(ContentForm::Chunk { octets }) => format!("= content chunk {octets}"),
        Output::StopContent => "= stop".into(),
        Output::Recipient { index, outcome } => {
            format!("= {index} {:?} {} {}", outcome.status, outcome.enhanced(), outcome.describe("mx"))
        }
        Output::Delivered => "= delivered".into(),
        Output::Close(End::Done) => "= close".into(),
        Output::Close(End::Failed(outcome)) => {
            format!("= failed {:?} {} {}", outcome.status, outcome.enhanced(), outcome.describe("mx"))
        }
        Output::Close(End::RetryWithoutTls(outcome)) => {
            format!("= retry in clear: {}", outcome.describe("mx"))
        }
        Output::Note(Note::RecipientsLeft(count)) => format!("* left {count}"),
        Output::Note(Note::HeloFallback(reply)) => format!("* helo after {reply}"),
        Output::Note(Note::TlsEstablished(tls)) => format!("* {}", tls.version),
        Output::Note(Note::TlsRefused(reply)) => format!("* tls refused: {reply}"),
        Output::Note(Note::TlsFailed(reason)) => format!("* tls failed: {reason}"),
        Output::Note(Note::Authenticated { user, mechanism }) => format!("* {user} by {mechanism}"),
        Output::Note(Note::MechanismRefused { mechanism, reply }) => format!("* not by {mechanism}: {reply}"),
        Output::Note(Note::Unasked(reply)) => format!("* unasked: {reply}"),
    }
}
