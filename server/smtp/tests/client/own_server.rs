//! The client session against the server session of this crate, in memory.

use crate::common::{settings, tls, transaction};
use postigo_sasl::{DecoySecret, KeyKind, Mechanism, NonceSeed, Password, ScramVerifier};
use postigo_smtp::client::{self, ContentForm, ContentScanner, DataEncoder, End, Status};
use postigo_smtp::{
    Answer, BareNewlines, Config, Connection, Content, ContentDecoder, Input, Limits, LineDecoder, Output,
    Question, Recipient, Reply, Service, Session,
};
use std::collections::VecDeque;
use std::sync::Arc;

/// The server with its driver.
struct Server {
    session: Session,
    lines: LineDecoder,
    input: Vec<u8>,
    output: Vec<u8>,
    decoder: Option<ContentDecoder>,
    content: Vec<u8>,
    recipients: Vec<String>,
    stored: Vec<(Vec<String>, Vec<u8>)>,
    handshake: bool,
}

impl Server {
    fn new(config: Config) -> Self {
        let connection = Connection {
            peer_is_loopback: false,
            tls: None,
            nonce_seed: NonceSeed::from_bytes([1; 32]),
            since: jiff::Timestamp::UNIX_EPOCH,
            may_xclient: false,
        };
        let mut outputs = Vec::new();
        let session = Session::start(Arc::new(config), connection, &mut outputs);
        let mut server = Self {
            session,
            lines: LineDecoder::new(),
            input: Vec::new(),
            output: Vec::new(),
            decoder: None,
            content: Vec::new(),
            recipients: Vec::new(),
            stored: Vec::new(),
            handshake: false,
        };
        server.carry_out(outputs);
        server
    }

    fn handle(&mut self, input: Input<'_>) {
        let mut outputs = Vec::new();
        self.session.handle(input, &mut outputs);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send(reply) => reply.write_to(&mut self.output),
                Output::Ask(question) => {
                    let answer = self.answer(question);
                    self.handle(Input::Answer(answer));
                }
                Output::ReadContent { decoder, envelope } => {
                    self.decoder = Some(decoder);
                    if let Some(envelope) = envelope {
                        self.recipients =
                            envelope.recipients.iter().map(|r| r.recipient.to_string()).collect();
                    }
                }
                Output::SkipChunk { octets } => panic!("our client sends no chunk of {octets} in vain"),
                Output::StartTls => self.handshake = true,
                Output::DiscardContent => self.content.clear(),
                Output::Close | Output::Note(_) => {}
            }
        }
    }

    fn answer(&mut self, question: Question) -> Answer {
        match question {
            Question::Keys { kind: KeyKind::Scram(hash), .. } => {
                let password = Password::prepare("pencil").unwrap();
                Answer::Keys(Some(ScramVerifier::derive_with(hash, &password, b"saltsalt").into()))
            }
            Question::Keys { .. } => Answer::Keys(None),
            Question::Password { .. } => Answer::Password(true),
            Question::Sender(_) => Answer::Accept,
            Question::Recipient(Recipient::Address(address)) if address.local_part() == "nobody" => {
                Answer::Refuse(Reply::user_unknown(&address))
            }
            Question::Recipient(_) | Question::Data { .. } | Question::Flush(_) | Question::Xclient(_) => {
                Answer::Accept
            }
            Question::Deliver { .. } => {
                self.stored.push((std::mem::take(&mut self.recipients), std::mem::take(&mut self.content)));
                Answer::Delivered { queue_id: "4Q".into() }
            }
        }
    }

    fn pump(&mut self) {
        while !self.handshake {
            let input = std::mem::take(&mut self.input);
            if let Some(decoder) = &mut self.decoder {
                let (used, content) = decoder.next(&input);
                self.input = input[used..].to_vec();
                match content {
                    Content::Data(data) => self.content.extend_from_slice(data),
                    Content::End(end) => {
                        self.decoder = None;
                        self.handle(Input::Content(end));
                    }
                    Content::NeedInput => return,
                }
            } else {
                let (used, line) = self.lines.next(&input);
                self.input = input[used..].to_vec();
                let Some(line) = line else { return };
                self.handle(Input::Line { line, followed: used < input.len() });
            }
        }
    }
}

/// Delivers messages one after another and says QUIT; gives the outcomes and what the server stored.
fn converse(
    words: &[&str],
    service: Service,
    limits: Limits,
    messages: &[(&str, &[u8])],
) -> (Vec<(usize, Status)>, Server) {
    let mut server = Server::new(Config {
        host: "mx.test".into(),
        service,
        tls_available: true,
        tls_required: false,
        longest_hold: 0,
        size_octets: 100_000,
        mechanisms: Mechanism::ALL.to_vec(),
        bare_newlines: BareNewlines::Refuse,
        asks_data: false,
        limits,
        decoys: DecoySecret::from_bytes([1; 32]),
    });
    let (config, connection) = settings(words);
    let mut client = client::Session::start(Arc::new(config), connection);
    let (mut lines, mut buffer) = (LineDecoder::new(), Vec::new());
    let mut messages: VecDeque<_> = messages.iter().collect();
    let mut content: &[u8] = b"";
    let (mut outcomes, mut outputs) = (Vec::new(), VecDeque::new());
    loop {
        let mut out = Vec::new();
        let Some(output) = outputs.pop_front() else {
            server.pump();
            buffer.append(&mut server.output);
            let taken = std::mem::take(&mut buffer);
            let (used, line) = lines.next(&taken);
            buffer = taken[used..].to_vec();
            let line = line.expect("the two wait for each other");
            client.handle(client::Input::Line { line, followed: !buffer.is_empty() }, &mut out);
            outputs.extend(out);
            continue;
        };
        match output {
            client::Output::Send(command) => server.input.extend_from_slice(command.octets()),
            client::Output::StartTls => {
                server.pump();
                server.handshake = false;
                server.handle(Input::TlsEstablished(tls()));
                client.handle(client::Input::TlsEstablished(tls()), &mut out);
            }
            client::Output::Ready => match messages.pop_front() {
                Some((text, octets)) => {
                    let mut scanner = ContentScanner::new();
                    scanner.feed(octets);
                    content = octets;
                    let transaction = client::Transaction { content: scanner.finish(), ..transaction(text) };
                    client.handle(client::Input::Deliver(transaction), &mut out);
                }
                None => client.handle(client::Input::End, &mut out),
            },
            client::Output::SendContent(ContentForm::Lines) => {
                let (mut encoder, mut rest) = (DataEncoder::new(), content);
                while !rest.is_empty() {
                    let (used, piece) = encoder.next(rest);
                    server.input.extend_from_slice(piece);
                    rest = &rest[used..];
                }
                server.input.extend_from_slice(encoder.finish());
                client.handle(client::Input::ContentSent, &mut out);
            }
            client::Output::Recipient { index, outcome } => outcomes.push((index, outcome.status)),
            client::Output::Close(End::Done) => return (outcomes, server),
            client::Output::Delivered | client::Output::Note(_) => {}
            other => panic!("not expected: {other:?}"),
        }
        outputs.extend(out);
    }
}

const CONTENT: &[u8] = "Subject: hola\r\n\r\n.\r\n..mañana\r\n".as_bytes();

#[test]
fn messages_arrive_as_they_were_sent() {
    let (outcomes, server) = converse(
        &["tls=never"],
        Service::Mta,
        Limits::default(),
        &[("a@x.test to b@y.test,nobody@y.test,c@y.test", CONTENT), ("<> to b@y.test", b"")],
    );
    assert_eq!(
        outcomes,
        [(1, Status::Failed), (0, Status::Delivered), (2, Status::Delivered), (0, Status::Delivered)]
    );
    let to = |names: &[&str]| names.iter().map(|name| format!("{name}@y.test")).collect::<Vec<_>>();
    assert_eq!(server.stored, [(to(&["b", "c"]), CONTENT.to_vec()), (to(&["b"]), Vec::new())]);
}

#[test]
fn a_submission_is_encrypted_and_authenticated_by_scram() {
    let (outcomes, server) = converse(
        &["tls=required", "user"],
        Service::Submission,
        Limits::default(),
        &[("a@x.test to b@y.test", CONTENT)],
    );
    assert_eq!(outcomes, [(0, Status::Delivered)]);
    assert_eq!(server.session.user(), Some("ana"));
    assert!(server.session.tls().is_some());
}

#[test]
fn more_recipients_than_a_transaction_takes_are_delivered_on_one_connection() {
    let limits = Limits { recipients: 3, ..Limits::default() };
    let (outcomes, server) = converse(
        &["tls"],
        Service::Mta,
        limits,
        &[("a@x.test to a@y.test,b@y.test,c@y.test,d@y.test,e@y.test,f@y.test,g@y.test", CONTENT)],
    );
    assert_eq!(outcomes.len(), 7);
    assert!(outcomes.iter().all(|(_, status)| *status == Status::Delivered));
    assert_eq!(server.stored.iter().map(|(recipients, _)| recipients.len()).collect::<Vec<_>>(), [3, 3, 1]);
}
