//! An IMAP session from the client's side: greeting, login, commands one after another.

use std::time::Duration;

use postigo_api::{Code, Error, Security};

use super::command::Command;
use super::response::{Data, Response, Status, read};
use super::stream::{Stream, octets};
use crate::AccountConfig;
use crate::failure;

/// Octets of all responses to one command, unless the command says otherwise.
const REPLY_LIMIT: u64 = 32 * 1024 * 1024;
/// How long a whole command may take; a large message on a slow line needs minutes.
const COMMAND_LIMIT: Duration = Duration::from_secs(600);

/// What came back for a command.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: Status,
    /// Response code with its arguments, `APPENDUID 1 2`.
    pub code: Option<String>,
    pub text: String,
    /// Response codes of untagged responses that came before.
    pub earlier_codes: Vec<String>,
    pub data: Vec<Data>,
}

impl Reply {
    /// Whether the response code is this one.
    pub fn has_code(&self, name: &str) -> bool {
        let code = self.code.as_deref().and_then(|code| code.split(' ').next());
        code.is_some_and(|code| code.eq_ignore_ascii_case(name))
    }

    /// The arguments of this response code, whether it came with the reply or before it.
    pub fn arguments(&self, name: &str) -> Option<&str> {
        self.code.iter().chain(&self.earlier_codes).find_map(|code| {
            let (found, arguments) = code.split_once(' ')?;
            found.eq_ignore_ascii_case(name).then_some(arguments)
        })
    }

    /// The reply, unless it is a refusal.
    pub fn ok(self) -> Result<Self, Error> {
        match self.status {
            Status::Ok => Ok(self),
            _ => Err(failure::refused(&self.text)),
        }
    }
}

/// The mailbox that is open.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub folder: String,
    pub writable: bool,
    pub uid_validity: u32,
    pub exists: u32,
}

/// A logged-in session.
pub(crate) struct Connection {
    pub(super) stream: Stream,
    capabilities: Vec<String>,
    pub(super) selected: Option<Selected>,
    tag: u32,
    /// A command was begun and has not ended: nothing more can be said on this connection.
    broken: bool,
}

impl Connection {
    /// Connects, encrypts, logs in.
    pub async fn open(config: &AccountConfig) -> Result<Self, Error> {
        let stream = Stream::connect(config).await?;
        let mut connection = Self { stream, capabilities: Vec::new(), selected: None, tag: 0, broken: false };
        connection.greeting(config).await?;
        if config.imap.security == Security::Starttls {
            connection = connection.encrypt(config).await?;
        }
        connection.login(config).await?;
        connection.identify().await?;
        Ok(connection)
    }

    async fn greeting(&mut self, config: &AccountConfig) -> Result<(), Error> {
        let greeting = read(self.stream.read(REPLY_LIMIT).await?);
        let Some(Response::Status { status, code, text, .. }) = greeting else {
            return Err(self.stream.peer.broken("it does not speak IMAP"));
        };
        match status {
            Status::Ok => {}
            // Without a login it is not the user's account; before STARTTLS it would also be too late for encryption
            // (RFC 9051 §7.1.4).
            Status::PreAuth => return Err(self.stream.peer.not_trusted("it wants no login")),
            _ => return Err(self.stream.peer.unreachable(text)),
        }
        // Before STARTTLS the list may be anybody's, so it is not kept (RFC 3501 §6.2.1).
        if config.imap.security != Security::Starttls {
            self.learn(code.as_deref());
        }
        Ok(())
    }

    async fn encrypt(mut self, config: &AccountConfig) -> Result<Self, Error> {
        let reply = self.run(Command::new("STARTTLS")).await?;
        if reply.status != Status::Ok {
            return Err(self.stream.peer.not_trusted("it offers no encryption (STARTTLS)"));
        }
        let stream = self.stream.start_tls(config).await?;
        // A new list of capabilities: what came before encryption counts no more.
        Ok(Self { stream, capabilities: Vec::new(), selected: None, tag: self.tag, broken: false })
    }

    async fn login(&mut self, config: &AccountConfig) -> Result<(), Error> {
        self.need_capabilities().await?;
        let (user, password) = (&config.user, config.password.reveal());
        if user.contains('\0') || password.contains('\0') {
            return Err(self.stream.peer.login_refused("NUL cannot be part of a name or password"));
        }
        let reply = if self.can("AUTH=PLAIN") {
            self.authenticate_plain(user, password).await?
        } else if self.can("LOGINDISABLED") {
            return Err(self.stream.peer.login_refused("it takes no passwords on this connection"));
        } else {
            self.run(Command::new("LOGIN").string(user.as_bytes()).string(password.as_bytes())).await?
        };
        match reply.status {
            Status::Ok => {}
            // RFC 5530 §3: the server is in trouble, not the password wrong.
            _ if reply.has_code("UNAVAILABLE") => return Err(self.stream.peer.unreachable(reply.text)),
            _ => return Err(self.stream.peer.login_refused(reply.text)),
        }
        self.capabilities.clear();
        self.learn(reply.code.as_deref());
        for data in reply.data {
            self.notice(&data);
        }
        self.need_capabilities().await
    }

    /// RFC 4616 over RFC 3501 §6.2.2, with the response at once where RFC 4959 allows it.
    async fn authenticate_plain(&mut self, user: &str, password: &str) -> Result<Reply, Error> {
        use base64::Engine as _;
        let response = base64::engine::general_purpose::STANDARD.encode(format!("\0{user}\0{password}"));
        if self.can("SASL-IR") {
            return self.run(Command::new("AUTHENTICATE PLAIN").word(&response)).await;
        }
        let tag = self.begin().await?;
        self.stream.write(format!("{tag} AUTHENTICATE PLAIN\r\n").as_bytes()).await?;
        if let Some(early) = self.until_continue(&tag).await? {
            return Ok(early);
        }
        self.stream.write(format!("{response}\r\n").as_bytes()).await?;
        self.finish(&tag, REPLY_LIMIT).await
    }

    /// RFC 2971: says who we are, so that the server's log and session list can show it.
    async fn identify(&mut self) -> Result<(), Error> {
        if self.can("ID") {
            let version = env!("CARGO_PKG_VERSION");
            let id = Command::new(format!("ID (\"name\" \"Postigo\" \"version\" \"{version}\")"));
            self.run(id).await?;
        }
        Ok(())
    }

    /// Whether the server has a capability; in capitals.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    fn learn(&mut self, code: Option<&str>) {
        let mut words = code.unwrap_or_default().split(' ');
        if words.next().is_some_and(|name| name.eq_ignore_ascii_case("CAPABILITY")) {
            self.capabilities = words.map(str::to_ascii_uppercase).collect();
        }
    }

    async fn need_capabilities(&mut self) -> Result<(), Error> {
        if self.capabilities.is_empty() {
            self.run(Command::new("CAPABILITY")).await?.ok()?;
        }
        Ok(())
    }

    /// Whether nothing more can be said here.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Runs a command to its end. A refusal is a [`Reply`]; an error means that the connection is lost.
    pub async fn run(&mut self, command: Command) -> Result<Reply, Error> {
        self.run_within(command, REPLY_LIMIT).await
    }

    /// The same with another limit on the octets that come back.
    pub async fn run_within(&mut self, command: Command, limit: u64) -> Result<Reply, Error> {
        match tokio::time::timeout(COMMAND_LIMIT, self.run_without_clock(command, limit)).await {
            Ok(reply) => reply,
            Err(_) => Err(self.stream.peer.silent()),
        }
    }

    async fn run_without_clock(&mut self, command: Command, limit: u64) -> Result<Reply, Error> {
        let tag = self.begin().await?;
        let mut text = format!("{tag} ").into_bytes();
        let non_synchronizing = self.can("LITERAL+");
        for (before, literal) in command.pieces {
            text.extend(before);
            let plus = if non_synchronizing { "+" } else { "" };
            text.extend(format!("{{{}{plus}}}\r\n", literal.len()).into_bytes());
            if !non_synchronizing {
                self.stream.write(&text).await?;
                text.clear();
                if let Some(early) = self.until_continue(&tag).await? {
                    return Ok(early);
                }
            }
            text.extend(literal);
        }
        text.extend(command.last);
        text.extend(b"\r\n");
        self.stream.write(&text).await?;
        self.finish(&tag, limit).await
    }

    pub(super) async fn begin(&mut self) -> Result<String, Error> {
        if self.broken {
            return Err(self.stream.peer.broken("an earlier command was not finished"));
        }
        self.broken = true;
        self.tag = self.tag.wrapping_add(1);
        Ok(format!("P{}", self.tag))
    }

    /// Waits for the server's `+`; a reply instead means that it will not have the rest.
    pub(super) async fn until_continue(&mut self, tag: &str) -> Result<Option<Reply>, Error> {
        let mut left = REPLY_LIMIT;
        loop {
            match self.response(&mut left).await? {
                Response::Continue => return Ok(None),
                Response::Status { tag: Some(ended), status, code, text } if ended == tag => {
                    self.broken = false;
                    return Ok(Some(Reply {
                        status,
                        code,
                        text,
                        earlier_codes: Vec::new(),
                        data: Vec::new(),
                    }));
                }
                Response::Status { .. } => {}
                Response::Data(data) => self.notice(&data),
            }
        }
    }

    pub(super) async fn finish(&mut self, tag: &str, limit: u64) -> Result<Reply, Error> {
        let (mut collected, mut earlier_codes) = (Vec::new(), Vec::new());
        let mut left = limit;
        loop {
            match self.response(&mut left).await? {
                Response::Status { tag: Some(ended), status, code, text } if ended == tag => {
                    self.broken = false;
                    return Ok(Reply { status, code, text, earlier_codes, data: collected });
                }
                Response::Status { status: Status::Bye, text, .. } => {
                    tracing::debug!(host = %self.stream.peer.host, text, "mail server: goodbye");
                }
                Response::Status { tag: None, code, .. } => {
                    self.notice_code(code.as_deref());
                    earlier_codes.extend(code);
                }
                Response::Status { .. } => {
                    return Err(self.stream.peer.broken("it answered another command"));
                }
                Response::Continue => {
                    return Err(self.stream.peer.broken("it asked for what was not announced"));
                }
                Response::Data(data) => {
                    self.notice(&data);
                    collected.push(data);
                }
            }
        }
    }

    async fn response(&mut self, left: &mut u64) -> Result<Response, Error> {
        let raw = self.stream.read(*left).await?;
        let size: u64 = raw.lines.iter().chain(&raw.literals).map(|part| octets(part)).sum();
        *left = left.saturating_sub(size);
        read(raw).ok_or_else(|| self.stream.peer.broken("it does not speak IMAP"))
    }

    /// What changes our picture of the server, whichever command it came with (RFC 3501 §7.3, §7.4).
    pub(super) fn notice(&mut self, data: &Data) {
        match (data, &mut self.selected) {
            (Data::Capability(list), _) => self.capabilities.clone_from(list),
            (Data::Exists(count), Some(selected)) => selected.exists = *count,
            (Data::Expunge, Some(selected)) => selected.exists = selected.exists.saturating_sub(1),
            _ => {}
        }
    }

    fn notice_code(&mut self, code: Option<&str>) {
        let Some(code) = code else { return };
        let mut words = code.split(' ');
        let name = words.next().unwrap_or_default();
        if name.eq_ignore_ascii_case("UIDVALIDITY")
            && let Some(selected) = &mut self.selected
        {
            selected.uid_validity = words.next().and_then(|number| number.parse().ok()).unwrap_or(0);
        }
    }

    /// The folder that is open.
    pub fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    /// Messages in the open folder.
    pub fn exists(&self) -> u32 {
        self.selected.as_ref().map_or(0, |selected| selected.exists)
    }

    /// Opens a folder, unless it is open already. To write or only to read.
    ///
    /// # Errors
    /// `mail.folder_unknown` if it is not there.
    pub async fn select(&mut self, folder: &str, writable: bool) -> Result<Selected, Error> {
        if let Some(selected) = &self.selected
            && selected.folder == folder
            && (selected.writable || !writable)
        {
            return Ok(selected.clone());
        }
        let fresh = Selected { folder: folder.to_owned(), writable, uid_validity: 0, exists: 0 };
        self.selected = Some(fresh);
        let word = if writable { "SELECT" } else { "EXAMINE" };
        let reply = self.run(Command::new(word).mailbox(folder)).await?;
        match (reply.status, self.selected.clone()) {
            (Status::Ok, Some(selected)) => Ok(selected),
            _ => {
                self.selected = None;
                tracing::debug!(folder, reply = reply.text, "mail server: folder cannot be opened");
                Err(folder_refused(&reply, folder))
            }
        }
    }

    /// Leaves the open folder without touching its messages, e.g. to delete it.
    pub async fn leave(&mut self) -> Result<(), Error> {
        if self.selected.take().is_some() {
            // RFC 3691; without it, opening another one read-only closes this one (RFC 3501 §6.3.1).
            let leave = if self.can("UNSELECT") { "UNSELECT" } else { "EXAMINE INBOX" };
            self.run(Command::new(leave)).await?;
        }
        Ok(())
    }

    /// Asks whether the server is still there.
    pub async fn is_alive(&mut self) -> bool {
        matches!(self.run(Command::new("NOOP")).await, Ok(reply) if reply.status == Status::Ok)
    }

    /// Says goodbye; whether the server answers does not matter.
    pub async fn close(mut self) {
        if let Err(error) = self.run(Command::new("LOGOUT")).await
            && error.code == Code::Internal
        {
            tracing::debug!(%error, "mail server: no goodbye");
        }
    }
}

/// A refusal to open, rename or fill a folder: it is not there, unless the server says otherwise (RFC 5530 §3).
pub(crate) fn folder_refused(reply: &Reply, folder: &str) -> Error {
    let other = ["NOPERM", "UNAVAILABLE", "INUSE", "OVERQUOTA", "LIMIT", "CANNOT", "ALREADYEXISTS"];
    if other.iter().any(|code| reply.has_code(code)) {
        failure::refused(&reply.text)
    } else {
        failure::folder_unknown(folder)
    }
}
