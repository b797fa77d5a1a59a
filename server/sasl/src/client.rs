//! SASL, client side: one exchange, challenges in and responses out.

mod cram_md5;
mod mechanism;
mod scram;

pub use mechanism::ClientMechanism;

use crate::nonce::Nonce;
use scram::{AwaitingServerFinal, AwaitingServerFirst};
use std::fmt;
use std::mem;
use thiserror::Error;
use zeroize::Zeroizing;

/// A response to send: unencoded, and wiped from memory when it is dropped.
pub type Response = Zeroizing<Vec<u8>>;

/// A name and a password at another server. `Debug` does not show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: Zeroizing<String>,
}

impl Credentials {
    /// Takes them as the person typed them. `None` if the name or the password is empty, holds a NUL, or is longer than
    /// [`MAX_USER_OCTETS`](crate::MAX_USER_OCTETS) or [`MAX_PASSWORD_OCTETS`](crate::MAX_PASSWORD_OCTETS).
    pub fn new(user: &str, password: &str) -> Option<Self> {
        let usable = |text: &str, octets: usize| (1..=octets).contains(&text.len()) && !text.contains('\0');
        (usable(user, crate::MAX_USER_OCTETS) && usable(password, crate::MAX_PASSWORD_OCTETS))
            .then(|| Self { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) })
    }

    /// The name.
    pub fn user(&self) -> &str {
        &self.user
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What ties a SCRAM exchange to the TLS connection below it (RFC 5056).
#[derive(Clone, PartialEq, Eq)]
pub enum ChannelBinding {
    /// `tls-exporter` (RFC 9266): 32 octets of keying material for the label `EXPORTER-Channel-Binding`. For TLS 1.3.
    TlsExporter([u8; 32]),
    /// `tls-server-end-point` (RFC 5929 §4): the hash of the server's certificate. For TLS 1.2.
    TlsServerEndPoint(Vec<u8>),
}

impl ChannelBinding {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::TlsExporter(_) => "tls-exporter",
            Self::TlsServerEndPoint(_) => "tls-server-end-point",
        }
    }

    pub(crate) fn octets(&self) -> &[u8] {
        match self {
            Self::TlsExporter(octets) => octets,
            Self::TlsServerEndPoint(octets) => octets,
        }
    }
}

impl fmt::Debug for ChannelBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelBinding({}, ..)", self.name())
    }
}

/// The client's side of channel binding in one exchange (RFC 5802 §6).
#[derive(Debug, Clone, Copy)]
pub enum Binding<'a> {
    /// There is nothing to bind to, or we chose not to although the server could.
    None,
    /// We could, but the server offers no -PLUS mechanism. If someone took the offer out, the server notices.
    NotOffered,
    /// Bind; for the -PLUS mechanisms only.
    Bound(&'a ChannelBinding),
}

/// Why an exchange failed on our side. What the server said is the protocol's to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClientFailure {
    /// The server's message breaks the mechanism's grammar, or came when none was due.
    #[error("malformed SASL message from the server")]
    Malformed,
    /// The server asks for fewer or more rounds of hashing than are safe for us.
    #[error("the server asks for an unacceptable number of SCRAM iterations")]
    Iterations,
    /// The server did not prove that it knows the password: it is an impostor, or broken.
    #[error("the server did not prove that it knows the password")]
    ServerNotAuthentic,
    /// The server reported an error within SCRAM.
    #[error("the server ended the SCRAM exchange with an error")]
    ServerError,
    /// A -PLUS mechanism without something to bind to: a fault of our own program.
    #[error("no channel binding is at hand")]
    NoBinding,
}

/// An exchange of one mechanism.
pub struct ClientExchange {
    state: State,
}

/// Each state owns what is valid in it.
enum State {
    Plain(Response),
    LoginUser(Credentials),
    LoginPassword(Credentials),
    CramMd5(Credentials),
    ScramFirst(Response, AwaitingServerFirst),
    AwaitingServerFirst(AwaitingServerFirst),
    AwaitingServerFinal(AwaitingServerFinal),
    /// All is said; the server's verdict is awaited.
    Said,
    Over,
}

impl ClientExchange {
    /// Prepares an exchange. `nonce` is used by SCRAM only and must be fresh.
    pub fn start(
        mechanism: ClientMechanism,
        credentials: &Credentials,
        nonce: &Nonce,
        binding: Binding<'_>,
    ) -> Result<Self, ClientFailure> {
        let state = match mechanism {
            ClientMechanism::Plain => State::Plain(plain(credentials)),
            ClientMechanism::Login => State::LoginUser(credentials.clone()),
            ClientMechanism::CramMd5 => State::CramMd5(credentials.clone()),
            _ => {
                let (first, awaiting) = scram::start(mechanism, credentials, nonce, binding)?;
                State::ScramFirst(first, awaiting)
            }
        };
        Ok(Self { state })
    }

    /// What may be sent along with the name of the mechanism; `None` if the server speaks first. LOGIN takes none: not
    /// every server knows it there.
    pub fn initial_response(&mut self) -> Option<Response> {
        match mem::replace(&mut self.state, State::Over) {
            State::Plain(message) => {
                self.state = State::Said;
                Some(message)
            }
            State::ScramFirst(first, awaiting) => {
                self.state = State::AwaitingServerFirst(awaiting);
                Some(first)
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Answers a challenge (unencoded). The first one of a mechanism that begins with the client is empty, if
    /// [`initial_response`](Self::initial_response) was not asked for.
    pub fn respond(&mut self, challenge: &[u8]) -> Result<Response, ClientFailure> {
        if challenge.len() > crate::MAX_MESSAGE_OCTETS {
            self.state = State::Over;
            return Err(ClientFailure::Malformed);
        }
        let (next, response) = match mem::replace(&mut self.state, State::Over) {
            // Some servers put a greeting into the challenge that should be empty.
            State::Plain(message) => (State::Said, message),
            State::ScramFirst(first, awaiting) => (State::AwaitingServerFirst(awaiting), first),
            // The texts of the two challenges differ between servers; their order does not.
            State::LoginUser(credentials) => {
                let user = Zeroizing::new(credentials.user.clone().into_bytes());
                (State::LoginPassword(credentials), user)
            }
            State::LoginPassword(credentials) => {
                (State::Said, Zeroizing::new(credentials.password.as_bytes().to_vec()))
            }
            State::CramMd5(credentials) => (State::Said, cram_md5::response(&credentials, challenge)),
            State::AwaitingServerFirst(awaiting) => {
                let (response, awaiting) = awaiting.respond(challenge)?;
                (State::AwaitingServerFinal(awaiting), response)
            }
            State::AwaitingServerFinal(awaiting) => {
                awaiting.verify(challenge)?;
                (State::Said, Zeroizing::default())
            }
            State::Said | State::Over => return Err(ClientFailure::Malformed),
        };
        self.state = next;
        Ok(response)
    }

    /// The server said that the exchange succeeded. It counts only if all was said, and, in SCRAM, the server has proved
    /// that it knows the password, too.
    pub fn succeeded(self) -> Result<(), ClientFailure> {
        match self.state {
            State::Said => Ok(()),
            State::AwaitingServerFirst(_) | State::AwaitingServerFinal(_) => {
                Err(ClientFailure::ServerNotAuthentic)
            }
            _ => Err(ClientFailure::Malformed),
        }
    }
}

impl fmt::Debug for ClientExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientExchange(..)")
    }
}

/// `[authzid] NUL authcid NUL passwd` (RFC 4616 §2). The password is sent as typed: servers that prepare it do so
/// themselves, and those that do not would not know the prepared one.
fn plain(credentials: &Credentials) -> Response {
    Zeroizing::new([b"\0", credentials.user.as_bytes(), b"\0", credentials.password.as_bytes()].concat())
}
