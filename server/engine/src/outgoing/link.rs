//! A connection to another server: the loop around a client session.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use postigo_api::Service;
use postigo_sasl::{ChannelBinding, NonceSeed};
use postigo_smtp::client::{
    self, ContentFacts, ContentForm, Conversion, Converter, DataEncoder, End, Established, Input, Note,
    Outcome, Output, Session, TlsUse, Transaction,
};
use postigo_smtp::{Line, LineDecoder, Recipient, ReversePath};
use postigo_trace::{Ending, SessionTrace, Trace};
use rustls::ClientConfig;
use tokio::net::{TcpSocket, TcpStream};

use super::body::Body;
use super::targets::Target;
use super::tls;
use crate::connection::Connection;
use crate::smtp::agreed;

/// Octets of content that are sent at once.
const BLOCK: usize = 64 << 10;

/// How a connection is made; the same for all hosts of a next hop.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub session: Arc<client::Config>,
    pub tls: Arc<ClientConfig>,
    /// The address to come from.
    pub bind: Option<std::net::IpAddr>,
    /// How long the host may take to answer at all.
    pub connect: Duration,
}

/// A connection over which messages can be sent.
pub(crate) struct Link {
    pub target: Target,
    connection: Connection,
    session: Session,
    trace: SessionTrace,
    /// What was wanted of it. Without TLS it may be all the same, where that is allowed.
    way: Way,
    lines: LineDecoder,
    unsent: Vec<u8>,
    named: bool,
}

/// How the attempt to open one ended.
pub(crate) enum Opened {
    /// The server waits for a message.
    Ready(Box<Link>),
    /// It did not come to that. With the number of the session, if there was one.
    Failed(Outcome, Option<i64>),
    /// There was no connection: what the system said.
    Unreachable(io::Error),
}

/// Where the loop stopped.
enum Stop {
    Ready,
    Closed(End),
}

/// What a delivery works with; nothing before the first one.
#[derive(Default)]
struct Work<'a> {
    body: Option<&'a mut Body>,
    conversion: Option<Conversion>,
    outcomes: Vec<(usize, Outcome)>,
    octets: u64,
}

impl Link {
    /// Connects, greets, encrypts and logs in. If TLS does not come about and need not, it is tried without.
    pub async fn open(target: &Target, way: &Way, trace: &Trace) -> Opened {
        match Self::open_once(target, way, trace).await {
            Err(End::RetryWithoutTls(_)) => {
                let mut session = client::Config::clone(&way.session);
                session.tls = TlsUse::Never;
                let in_clear = Way { session: Arc::new(session), ..way.clone() };
                match Self::open_once(target, &in_clear, trace).await {
                    Ok(Opened::Ready(link)) => Opened::Ready(Box::new(Self { way: way.clone(), ..*link })),
                    Ok(opened) => opened,
                    Err(End::Failed(outcome) | End::RetryWithoutTls(outcome)) => {
                        Opened::Failed(outcome, None)
                    }
                    Err(End::Done) => Opened::Unreachable(io::ErrorKind::ConnectionReset.into()),
                }
            }
            Ok(opened) => opened,
            Err(End::Failed(outcome)) => Opened::Failed(outcome, None),
            Err(End::Done) => Opened::Unreachable(io::ErrorKind::ConnectionReset.into()),
        }
    }

    async fn open_once(target: &Target, way: &Way, trace: &Trace) -> Result<Opened, End> {
        let connection = match connect(target, way).await {
            Ok(connection) => connection,
            Err(error) => return Ok(Opened::Unreachable(error)),
        };
        let trace = trace.session(Service::Outgoing, target.address.port(), target.address);
        trace.named(&target.host);
        let Ok(nonce_seed) = NonceSeed::random() else {
            return Ok(Opened::Unreachable(io::Error::other("the system gives no random numbers")));
        };
        let mut connection = connection;
        let tls = if way.session.tls == TlsUse::Implicit {
            match handshake(&mut connection, way, target, &trace).await {
                Ok(established) => Some(established),
                Err(reason) => return Ok(Opened::Unreachable(io::Error::other(reason))),
            }
        } else {
            None
        };
        let about = client::Connection { peer_is_loopback: connection.is_loopback(), tls, nonce_seed };
        let number = trace.id();
        let mut link = Box::new(Self {
            target: target.clone(),
            connection,
            session: Session::start(Arc::clone(&way.session), about),
            trace,
            way: way.clone(),
            lines: LineDecoder::new(),
            unsent: Vec::new(),
            named: false,
        });
        match link.drive(Vec::new(), &mut Work::default()).await {
            Stop::Ready => Ok(Opened::Ready(link)),
            Stop::Closed(End::Failed(outcome)) => {
                link.close(&End::Failed(outcome.clone())).await;
                Ok(Opened::Failed(outcome, Some(number)))
            }
            Stop::Closed(end) => {
                link.close(&end).await;
                Err(end)
            }
        }
    }

    /// Whether a connection that is made this way is as good as this one. Settings may have changed since it was made.
    pub fn is_made(&self, way: &Way) -> bool {
        self.way.session == way.session && self.way.bind == way.bind && Arc::ptr_eq(&self.way.tls, &way.tls)
    }

    /// The number of its session in the trace.
    pub fn session(&self) -> i64 {
        self.trace.id()
    }

    /// Whether the other server takes DSN parameters.
    pub fn offers_dsn(&self) -> bool {
        self.session.capabilities().dsn
    }

    /// Sends a message. Each recipient gets an outcome, in the order in which they are known; and whether the connection
    /// can be used on.
    pub async fn deliver(
        mut self: Box<Self>,
        transaction: Transaction,
        body: &mut Body,
    ) -> (Vec<(usize, Outcome)>, Option<Box<Self>>) {
        let reverse_path = transaction.reverse_path.to_string();
        let recipients = transaction.recipients.len();
        let mut work = Work { body: Some(body), ..Work::default() };
        let mut outputs = Vec::new();
        self.session.handle(Input::Deliver(transaction), &mut outputs);
        let stop = self.drive(outputs, &mut work).await;
        let Work { outcomes, octets, .. } = work;
        self.note(&reverse_path, recipients, octets, &outcomes);
        match stop {
            Stop::Ready => (outcomes, Some(self)),
            Stop::Closed(end) => {
                self.close(&end).await;
                (outcomes, None)
            }
        }
    }

    /// Asks about a recipient, with the null sender and without content, and says goodbye.
    pub async fn verify(mut self: Box<Self>, recipient: Recipient) -> Option<Outcome> {
        let transaction = Transaction {
            reverse_path: ReversePath::Null,
            recipients: vec![recipient.into()],
            content: ContentFacts::default(),
            smtp_utf8: false,
            require_tls: false,
            returned: None,
            envelope_id: None,
        };
        let mut work = Work::default();
        let mut outputs = Vec::new();
        self.session.handle(Input::Verify(transaction), &mut outputs);
        let stop = self.drive(outputs, &mut work).await;
        self.note("", 1, 0, &[]);
        match stop {
            Stop::Ready => self.quit().await,
            Stop::Closed(end) => self.close(&end).await,
        }
        work.outcomes.into_iter().next().map(|(_, outcome)| outcome)
    }

    /// Says goodbye.
    pub async fn quit(mut self: Box<Self>) {
        let mut outputs = Vec::new();
        self.session.handle(Input::End, &mut outputs);
        let end = match self.drive(outputs, &mut Work::default()).await {
            Stop::Closed(end) => end,
            Stop::Ready => End::Done,
        };
        self.close(&end).await;
    }

    fn note(&self, reverse_path: &str, recipients: usize, octets: u64, outcomes: &[(usize, Outcome)]) {
        let delivered = outcomes.iter().any(|(_, outcome)| outcome.status == client::Status::Delivered);
        let refusal = outcomes.iter().rev().find(|(_, outcome)| outcome.status != client::Status::Delivered);
        self.trace.did(|did| {
            did.reverse_path = Some(reverse_path.to_owned());
            did.recipients += u32::try_from(recipients).unwrap_or(u32::MAX);
            if delivered {
                did.messages += 1;
                did.octets += octets;
            }
            if let Some((_, outcome)) = refusal {
                did.refusal = outcome.reply().map(ToString::to_string);
            }
        });
        self.trace.touched();
    }

    /// Carries out outputs, and gives the session what comes, until it waits for a message or is at its end.
    async fn drive(&mut self, mut outputs: Vec<Output>, work: &mut Work<'_>) -> Stop {
        loop {
            if let Some(stop) = self.carry_out(&mut outputs, work).await {
                return stop;
            }
            if self.take_line(&mut outputs) {
                continue;
            }
            self.wait(&mut outputs).await;
        }
    }

    async fn carry_out(&mut self, outputs: &mut Vec<Output>, work: &mut Work<'_>) -> Option<Stop> {
        while !outputs.is_empty() {
            let mut ready = false;
            for output in std::mem::take(outputs) {
                match output {
                    Output::Send(command) => {
                        self.trace.client_line(&command.masked(), &[]);
                        self.unsent.extend_from_slice(command.octets());
                    }
                    Output::StartTls => self.start_tls(outputs).await,
                    Output::Ready => ready = true,
                    Output::PlanConversion => self.plan(outputs, work).await,
                    Output::SendContent(form) => self.send_content(form, outputs, work).await,
                    Output::Recipient { index, outcome } => work.outcomes.push((index, outcome)),
                    Output::StopContent | Output::Delivered => {}
                    Output::Close(end) => {
                        let _ = self.flush().await;
                        return Some(Stop::Closed(end));
                    }
                    Output::Note(note) => self.tell(note),
                }
            }
            if ready && outputs.is_empty() {
                return Some(Stop::Ready);
            }
        }
        None
    }

    fn take_line(&mut self, outputs: &mut Vec<Output>) -> bool {
        if !self.session.wants_line() {
            return false;
        }
        let mut buffer = self.connection.input().split();
        let (used, line) = self.lines.next(&buffer);
        let followed = buffer.len() > used;
        let found = line.is_some();
        if let Some(line) = line {
            match line {
                Line::Complete(text) => {
                    self.trace.server_lines(text);
                    if !std::mem::replace(&mut self.named, true) {
                        let said = String::from_utf8_lossy(text);
                        let name = said.get(4..).and_then(|rest| rest.split_whitespace().next());
                        self.trace.named(name.unwrap_or(&self.target.host));
                    }
                }
                _ => self.trace.server_lines(b"(a line that breaks the rules)"),
            }
            self.session.handle(Input::Line { line, followed }, outputs);
        }
        let rest = buffer.split_off(used);
        *self.connection.input() = rest;
        found
    }

    async fn wait(&mut self, outputs: &mut Vec<Output>) {
        let patience = self.session.patience().unwrap_or(self.way.connect);
        let read = match self.flush().await {
            Ok(()) => self.connection.read(patience).await,
            Err(error) => Err(error),
        };
        self.heard(&read, outputs);
    }

    fn heard(&mut self, read: &io::Result<usize>, outputs: &mut Vec<Output>) {
        match read {
            Ok(0) => self.session.handle(Input::Lost, outputs),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.session.handle(Input::Timeout, outputs);
            }
            Err(_) => self.session.handle(Input::Lost, outputs),
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let written = self.connection.write_within(&self.unsent, self.way.session.times.block).await;
        self.unsent.clear();
        written
    }

    async fn start_tls(&mut self, outputs: &mut Vec<Output>) {
        if let Err(error) = self.flush().await {
            return self.heard(&Err(error), outputs);
        }
        let shaken = handshake(&mut self.connection, &self.way, &self.target, &self.trace).await;
        match shaken {
            Ok(established) => self.session.handle(Input::TlsEstablished(established), outputs),
            Err(reason) => self.session.handle(Input::TlsFailed(reason), outputs),
        }
    }

    async fn plan(&mut self, outputs: &mut Vec<Output>, work: &mut Work<'_>) {
        let Some(body) = work.body.as_deref_mut() else {
            return self.session.handle(Input::ContentFailed, outputs);
        };
        match body.conversion().await {
            Ok(Ok(conversion)) => {
                let octets = conversion.octets();
                work.conversion = Some(conversion);
                self.session.handle(Input::ConversionPlanned(Ok(octets)), outputs);
            }
            Ok(Err(reason)) => self.session.handle(Input::ConversionPlanned(Err(reason)), outputs),
            Err(error) => {
                tracing::error!(%error, "a message of the queue cannot be read");
                self.session.handle(Input::ContentFailed, outputs);
            }
        }
    }

    async fn send_content(&mut self, form: ContentForm, outputs: &mut Vec<Output>, work: &mut Work<'_>) {
        let Some(body) = work.body.as_deref_mut() else {
            return self.session.handle(Input::ContentFailed, outputs);
        };
        let sent = match (form, &work.conversion) {
            (ContentForm::Chunk { .. }, _) => self.send_chunk(body).await,
            (ContentForm::ConvertedLines, Some(conversion)) => {
                self.send_lines(body, Some(Converter::new(conversion))).await
            }
            (ContentForm::Lines | ContentForm::ConvertedLines, _) => self.send_lines(body, None).await,
        };
        match sent {
            Ok(octets) => {
                work.octets = octets;
                self.trace.content(true, octets);
                self.session.handle(Input::ContentSent, outputs);
            }
            Err(Unsent::Peer(error)) => self.heard(&Err(error), outputs),
            Err(Unsent::Content(error)) => {
                tracing::error!(%error, "a message of the queue cannot be read");
                self.session.handle(Input::ContentFailed, outputs);
            }
        }
    }

    async fn send_chunk(&mut self, body: &mut Body) -> Result<u64, Unsent> {
        body.rewind().await.map_err(Unsent::Content)?;
        let mut octets = 0;
        while let Some(piece) = body.next().await.map_err(Unsent::Content)? {
            octets += piece.len() as u64;
            self.unsent.extend_from_slice(piece);
            self.send_block().await?;
        }
        Ok(octets)
    }

    async fn send_lines(
        &mut self,
        body: &mut Body,
        mut converter: Option<Converter<'_>>,
    ) -> Result<u64, Unsent> {
        body.rewind().await.map_err(Unsent::Content)?;
        let (mut encoder, mut octets, mut converted) = (DataEncoder::new(), 0, Vec::new());
        while let Some(piece) = body.next().await.map_err(Unsent::Content)? {
            octets += piece.len() as u64;
            match &mut converter {
                None => encode(&mut encoder, piece, &mut self.unsent),
                Some(converter) => {
                    converted.clear();
                    converter.convert(piece, &mut converted);
                    encode(&mut encoder, &converted, &mut self.unsent);
                }
            }
            self.send_block().await?;
        }
        if let Some(converter) = converter {
            converted.clear();
            converter.finish(&mut converted);
            encode(&mut encoder, &converted, &mut self.unsent);
        }
        self.unsent.extend_from_slice(encoder.finish());
        Ok(octets)
    }

    async fn send_block(&mut self) -> Result<(), Unsent> {
        if self.unsent.len() >= BLOCK { self.flush().await.map_err(Unsent::Peer) } else { Ok(()) }
    }

    fn tell(&self, note: Note) {
        match note {
            Note::Authenticated { user, mechanism } => self.trace.authenticated(mechanism.name(), &user),
            Note::MechanismRefused { mechanism, reply } => {
                self.trace.did(|did| did.refusal = Some(reply.to_string()));
                tracing::debug!(mechanism = mechanism.name(), "refused by the server");
            }
            Note::HeloFallback(_)
            | Note::TlsEstablished(_)
            | Note::TlsRefused(_)
            | Note::TlsFailed(_)
            | Note::RecipientsLeft(_)
            | Note::Unasked(_) => {}
        }
    }

    async fn close(mut self: Box<Self>, end: &End) {
        self.connection.close().await;
        let ending = match end {
            // We are the client.
            End::Done => Ending::Client,
            End::Failed(outcome) | End::RetryWithoutTls(outcome) => {
                self.trace.did(|did| did.refusal = Some(outcome.describe(&self.target.label())));
                match outcome.cause {
                    client::Cause::TimedOut => Ending::Timeout,
                    client::Cause::Lost => Ending::Lost,
                    _ => Ending::Client,
                }
            }
        };
        self.trace.close(ending, "");
    }
}

async fn handshake(
    connection: &mut Connection,
    way: &Way,
    target: &Target,
    trace: &SessionTrace,
) -> Result<Established, String> {
    let name = tls::name(&target.host).unwrap_or(target.address.ip().into());
    match connection.connect_tls(Arc::clone(&way.tls), name, way.session.times.handshake).await {
        Ok(tls) => {
            let binding = connection.exporter().map(ChannelBinding::TlsExporter);
            let established = Established { tls: agreed(&tls), binding };
            trace.tls(tls);
            Ok(established)
        }
        Err(failed) => {
            trace.tls_failed(&failed.reason, false);
            Err(failed.reason)
        }
    }
}

/// Why content was not sent.
enum Unsent {
    /// The connection.
    Peer(io::Error),
    /// The file.
    Content(io::Error),
}

fn encode(encoder: &mut DataEncoder, mut piece: &[u8], out: &mut Vec<u8>) {
    while !piece.is_empty() {
        let (used, encoded) = encoder.next(piece);
        out.extend_from_slice(encoded);
        piece = &piece[used..];
    }
}

async fn connect(target: &Target, way: &Way) -> io::Result<Connection> {
    let address = target.address;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(ip) = way.bind.filter(|ip| ip.is_ipv4() == address.is_ipv4()) {
        socket.bind((ip, 0).into())?;
    }
    let connecting = tokio::time::timeout(way.connect, socket.connect(address));
    let stream: TcpStream = connecting.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    Connection::new(stream, address)
}
