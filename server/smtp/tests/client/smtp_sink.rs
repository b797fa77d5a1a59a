//! The client session against Postfix's `smtp-sink` and its faults, over sockets. Skipped where it is not installed.

#![cfg(unix)]

use crate::common::{settings, transaction};
use postigo_smtp::LineDecoder;
use postigo_smtp::client::{
    ContentForm, ContentScanner, ConversionPlanner, Converter, DataEncoder, End, Input, Output, Session,
    Transaction,
};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

const SINK: &str = "/usr/sbin/smtp-sink";

/// A running smtp-sink.
struct Sink {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Sink {
    /// `None` if smtp-sink is not there.
    fn start(port: u16, options: &[&str]) -> Option<Self> {
        if !Path::new(SINK).exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // As root, it wants to be told as whom to run.
        let is_root = folder.path().metadata().unwrap().uid() == 0;
        let child = Command::new(SINK)
            .args(["-4", "-d", "mail."])
            .args(if is_root { &["-u", "root"][..] } else { &[] })
            .args(options)
            .args([&format!("127.0.0.1:{port}"), "10"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { child, port, folder })
    }

    fn connect(&self) -> TcpStream {
        let begun = Instant::now();
        loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(stream) => return stream,
                Err(_) if begun.elapsed() < Duration::from_secs(10) => {
                    thread::sleep(Duration::from_millis(20))
                }
                Err(error) => panic!("smtp-sink does not listen: {error}"),
            }
        }
    }

    /// What it took, without the lines it puts before each message.
    fn dumps(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        entries
            .map(|entry| String::from_utf8(std::fs::read(entry.unwrap().path()).unwrap()).unwrap())
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A driver: one thread reads, this one does the rest.
struct Driver {
    session: Session,
    stream: TcpStream,
    received: Receiver<Vec<u8>>,
    lines: LineDecoder,
    buffer: Vec<u8>,
    unsent: Vec<u8>,
    content: Vec<u8>,
    log: Vec<String>,
    end: Option<End>,
}

impl Driver {
    fn deliver(stream: TcpStream, content: &[u8], messages: &[&str]) -> (Vec<String>, End) {
        let (sender, received) = channel();
        let mut reading = stream.try_clone().unwrap();
        let reader = thread::spawn(move || {
            let mut chunk = [0; 512];
            while let Ok(count @ 1..) = reading.read(&mut chunk) {
                if sender.send(chunk[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
        let (config, connection) = settings(&["tls=never"]);
        let mut driver = Self {
            session: Session::start(Arc::new(config), connection),
            stream,
            received,
            lines: LineDecoder::new(),
            buffer: Vec::new(),
            unsent: Vec::new(),
            content: content.to_vec(),
            log: Vec::new(),
            end: None,
        };
        driver.run(messages);
        let _ = driver.stream.shutdown(Shutdown::Both);
        reader.join().unwrap();
        (driver.log, driver.end.unwrap())
    }

    fn run(&mut self, messages: &[&str]) {
        let mut messages = messages.iter();
        while self.end.is_none() {
            if let Some(output) = self.lines() {
                self.carry_out(output, &mut messages);
                continue;
            }
            let unsent = std::mem::take(&mut self.unsent);
            self.write(&unsent);
            let patience = self.session.patience().unwrap_or(Duration::from_secs(60));
            let output = match self.received.recv_timeout(patience) {
                Ok(octets) => {
                    self.buffer.extend_from_slice(&octets);
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => self.handle(Input::Timeout),
                Err(RecvTimeoutError::Disconnected) => self.handle(Input::Lost),
            };
            self.carry_out(output, &mut messages);
        }
    }

    /// Handles one line of the buffer.
    fn lines(&mut self) -> Option<Vec<Output>> {
        let buffer = std::mem::take(&mut self.buffer);
        let (used, line) = self.lines.next(&buffer);
        self.buffer = buffer[used..].to_vec();
        let line = line?;
        Some(self.handle(Input::Line { line, followed: used < buffer.len() }))
    }

    fn handle(&mut self, input: Input<'_>) -> Vec<Output> {
        let mut out = Vec::new();
        self.session.handle(input, &mut out);
        out
    }

    fn carry_out<'a>(&mut self, outputs: Vec<Output>, messages: &mut impl Iterator<Item = &'a &'a str>) {
        for output in outputs {
            self.log.push(crate::common::output_text(&output));
            let more = match output {
                Output::Send(command) => {
                    self.unsent.extend_from_slice(command.octets());
                    continue;
                }
                Output::Ready => match messages.next() {
                    Some(text) => {
                        let mut scanner = ContentScanner::new();
                        scanner.feed(&self.content);
                        let content = scanner.finish();
                        self.handle(Input::Deliver(Transaction { content, ..transaction(text) }))
                    }
                    None => self.handle(Input::End),
                },
                Output::PlanConversion => {
                    let planned = self.plan().map(|conversion| conversion.octets());
                    self.handle(Input::ConversionPlanned(planned))
                }
                Output::SendContent(form) => self.send_content(form),
                Output::Close(end) => {
                    let unsent = std::mem::take(&mut self.unsent);
                    self.write(&unsent);
                    self.end = Some(end);
                    continue;
                }
                _ => continue,
            };
            self.carry_out(more, messages);
        }
    }

    fn plan(&self) -> Result<postigo_smtp::client::Conversion, postigo_smtp::client::Unconvertible> {
        let structure = postigo_message::ParsedMessage::parse(&self.content).structure;
        let mut planner = ConversionPlanner::new(&structure);
        planner.feed(&self.content);
        planner.finish()
    }

    /// Sends the content in blocks, and looks for an early reply between them.
    fn send_content(&mut self, form: ContentForm) -> Vec<Output> {
        let mut content = self.content.clone();
        if form == ContentForm::ConvertedLines {
            let conversion = self.plan().unwrap();
            let mut converter = Converter::new(&conversion);
            content.clear();
            converter.convert(&self.content, &mut content);
            converter.finish(&mut content);
        }
        let mut encoder = DataEncoder::new();
        let mut wire = std::mem::take(&mut self.unsent);
        let mut rest = &content[..];
        while !rest.is_empty() {
            let (used, piece) = encoder.next(rest);
            wire.extend_from_slice(piece);
            rest = &rest[used..];
        }
        wire.extend_from_slice(encoder.finish());
        for block in wire.chunks(16 * 1024) {
            if !self.write(block) {
                while let Ok(octets) = self.received.recv_timeout(Duration::from_secs(1)) {
                    self.buffer.extend_from_slice(&octets);
                }
            }
            if let Some(output) = self.lines() {
                return output;
            }
        }
        self.handle(Input::ContentSent)
    }

    /// False if the connection is broken, or the server does not take it and has something to say.
    fn write(&mut self, mut octets: &[u8]) -> bool {
        while !octets.is_empty() {
            match self.stream.write(octets) {
                Ok(count) => octets = &octets[count..],
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if let Ok(received) = self.received.try_recv() {
                        self.buffer.extend_from_slice(&received);
                        return false;
                    }
                }
                Err(_) => return false,
            }
        }
        true
    }
}

const CONTENT: &[u8] =
    "Subject: hola\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n.\r\nmañana\r\n".as_bytes();
const TWO: &str = "a@x.test to b@y.test,c@y.test";

/// Delivers; gives the outcomes of the recipients, the end, and the sink.
fn against(
    port: u16,
    options: &[&str],
    content: &[u8],
    messages: &[&str],
) -> Option<(Vec<String>, End, Sink)> {
    let sink = Sink::start(port, options)?;
    let (log, end) = Driver::deliver(sink.connect(), content, messages);
    Some((log, end, sink))
}

/// The statuses of the two recipients of one message, and the text of the first.
fn statuses(port: u16, options: &[&str]) -> Option<(Vec<String>, String)> {
    let (log, end, _sink) = against(port, options, CONTENT, &[TWO])?;
    let outcomes: Vec<&String> =
        log.iter().filter(|line| line.starts_with("= 0 ") || line.starts_with("= 1 ")).collect();
    let word = |line: &&String| line.split(' ').nth(2).unwrap().to_owned();
    let first = match outcomes.first() {
        Some(line) => (*line).clone(),
        None => format!("{end:?}"),
    };
    Some((outcomes.iter().map(word).collect(), first))
}

#[test]
fn messages_are_delivered_pipelined_and_one_by_one() {
    for (port, options) in [(23_000, &[][..]), (23_001, &["-p"]), (23_002, &["-e"])] {
        let Some((log, end, sink)) = against(port, options, CONTENT, &[TWO, TWO, TWO]) else { return };
        assert_eq!(end, End::Done);
        assert_eq!(log.iter().filter(|line| line.contains(" Delivered ")).count(), 6, "{log:#?}");
        assert_eq!(sink.dumps().len(), 3);
    }
}

#[test]
fn content_arrives_unchanged_and_without_8bitmime_converted() {
    let Some((_, _, sink)) = against(23_003, &[], CONTENT, &["a@x.test to b@y.test"]) else { return };
    let dump = sink.dumps().concat();
    assert!(dump.contains("charset=utf-8\n\n.\nmañana\n"), "{dump}");
    let Some((log, _, sink)) = against(23_004, &["-8"], CONTENT, &["a@x.test to b@y.test"]) else { return };
    assert!(log.contains(&"= content converted".to_owned()), "{log:#?}");
    let dump = sink.dumps().concat();
    assert!(dump.is_ascii() && dump.contains("ma=C3=B1ana") && dump.contains("quoted-printable"), "{dump}");
}

#[test]
fn refusals_at_each_stage_are_told_apart() {
    let table = [
        ("connect", "-f", &[][..], "connect"),
        ("MAIL", "-f", &["Failed", "Failed"], "MAIL FROM"),
        ("RCPT", "-f", &["Failed", "Failed"], "RCPT TO"),
        ("DATA", "-f", &["Failed", "Failed"], "DATA"),
        (".", "-f", &["Failed", "Failed"], "end of DATA"),
        ("MAIL", "-r", &["Deferred", "Deferred"], "MAIL FROM"),
        ("RCPT", "-r", &["Deferred", "Deferred"], "RCPT TO"),
        ("DATA", "-r", &["Deferred", "Deferred"], "DATA"),
        (".", "-r", &["Deferred", "Deferred"], "end of DATA"),
        // HELO after a refused EHLO.
        ("EHLO", "-f", &["Delivered", "Delivered"], ""),
    ];
    for (port, (command, option, expected, stage)) in (23_010..).zip(table) {
        let Some((found, text)) = statuses(port, &[option, command]) else { return };
        assert_eq!(found, expected, "{option} {command}: {text}");
        if !expected.is_empty() {
            assert!(stage.is_empty() || text.contains(&format!("in reply to {stage} command")), "{text}");
        }
    }
}

#[test]
fn a_connection_that_ends_at_any_stage_defers() {
    let commands = ["MAIL", "RCPT", "DATA", "."];
    for (port, (option, command)) in
        (23_030..).zip(["-q", "-Q"].into_iter().flat_map(|option| commands.map(|c| (option, c))))
    {
        let Some((found, text)) = statuses(port, &[option, command]) else { return };
        assert_eq!(found, ["Deferred", "Deferred"], "{option} {command}: {text}");
        let said = if option == "-q" { "lost connection with mx while" } else { "mx said: 421" };
        assert!(text.contains(said), "{text}");
    }
    for (port, command) in (23_040..).zip(["connect", "EHLO"]) {
        let Some((found, end)) = statuses(port, &["-q", command]) else { return };
        assert!(found.is_empty() && end.contains("Lost"), "{end}");
    }
}

/// The server refuses after DATA and reads no more.
#[test]
fn an_early_refusal_stops_the_content() {
    let content = [CONTENT, &b"0123456789abcdef\r\n".repeat(1_000_000)].concat();
    let Some((log, end, _sink)) = against(23_050, &["-A", "0"], &content, &[TWO]) else { return };
    assert!(log.iter().filter(|line| line.contains(" Failed 5.")).count() >= 2, "{log:#?}");
    assert!(matches!(end, End::Failed(_)), "{end:?}");
}
