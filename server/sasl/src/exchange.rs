//! One authentication exchange: octets and the caller's answers in, steps out.

use crate::mechanism::Mechanism;
use crate::nonce::Nonce;
use crate::password::Password;
use crate::plaintext::{LOGIN_PASSWORD, LOGIN_USER, login_password, login_user, parse_plain};
use crate::scram::{AwaitingFinal, ClientFirst, DecoySecret, ScramVerifier};
use std::fmt;
use std::mem;
use thiserror::Error;

/// What the caller does next.
#[derive(Debug)]
pub enum Step {
    /// Send this challenge (unencoded, perhaps empty) and give the client's response to [`Exchange::respond`].
    Challenge(Vec<u8>),
    /// Look up the SCRAM keys of this user and give them to [`Exchange::verifier`].
    NeedVerifier {
        /// The name as the client wrote it, prepared by SASLprep; its case is the client's.
        user: String,
    },
    /// Check this password (off the runtime's threads) and give the result to [`Exchange::password_checked`].
    CheckPassword {
        /// The name as the client wrote it, prepared by SASLprep; its case is the client's.
        user: String,
        /// The prepared password.
        password: Password,
    },
    /// The client is this user. The last message of SCRAM was sent as a challenge before, because SMTP, IMAP and
    /// POP3 have no room for it in their success reply (RFC 4954 §4, RFC 3501 §6.2.2).
    Success {
        /// The name that was given to the caller in `NeedVerifier` or `CheckPassword`.
        user: String,
    },
    /// The exchange is over and nobody is authenticated.
    Failure(Failure),
}

/// Why an exchange failed. For the log; the peer is told only the class that its protocol has a code for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Failure {
    /// The message breaks the mechanism's grammar or limits: a fault of the client program.
    #[error("malformed SASL message")]
    Malformed,
    /// Unknown user or wrong password; which of them is not told to anyone.
    #[error("wrong user name or password")]
    Credentials,
    /// The client wants to act as another user.
    #[error("acting as another user is not allowed")]
    Authorization,
    /// The client insists on channel binding, which no offered mechanism has.
    #[error("channel binding is not supported")]
    ChannelBinding,
    /// The caller gave an input that the exchange did not wait for: a fault of our own program.
    #[error("input out of order")]
    OutOfOrder,
}

/// An exchange of one mechanism. Drop it when the client cancels.
pub struct Exchange {
    state: State,
    decoys: DecoySecret,
}

/// Each state owns what is valid in it.
enum State {
    AwaitingPlain,
    AwaitingLoginUser,
    AwaitingLoginPassword {
        user: String,
    },
    CheckingPassword {
        user: String,
    },
    AwaitingScramFirst(Nonce),
    LookingUpVerifier(ClientFirst, Nonce),
    AwaitingScramFinal(AwaitingFinal),
    /// The server's signature is sent; the client confirms it with an empty response.
    AwaitingConfirmation {
        user: String,
    },
    Over,
}

impl Exchange {
    /// Begins an exchange. `nonce` is used by SCRAM only and must be fresh; `decoys` makes up the salts of unknown
    /// users.
    pub fn start(
        mechanism: Mechanism,
        initial_response: Option<&[u8]>,
        nonce: Nonce,
        decoys: &DecoySecret,
    ) -> (Self, Step) {
        let (state, prompt) = match mechanism {
            Mechanism::Plain => (State::AwaitingPlain, &b""[..]),
            Mechanism::Login => (State::AwaitingLoginUser, LOGIN_USER),
            Mechanism::ScramSha256 => (State::AwaitingScramFirst(nonce), &b""[..]),
        };
        let mut exchange = Self { state, decoys: decoys.clone() };
        let step = match initial_response {
            Some(response) => exchange.respond(response),
            None => Step::Challenge(prompt.to_vec()),
        };
        (exchange, step)
    }

    /// Takes the client's response to the last challenge, unencoded.
    pub fn respond(&mut self, response: &[u8]) -> Step {
        if response.len() > crate::MAX_MESSAGE_OCTETS {
            return self.fail(Failure::Malformed);
        }
        let step = match mem::replace(&mut self.state, State::Over) {
            State::AwaitingPlain => parse_plain(response).map(|(user, password)| self.check(user, password)),
            State::AwaitingLoginUser => login_user(response).map(|user| {
                self.state = State::AwaitingLoginPassword { user };
                Step::Challenge(LOGIN_PASSWORD.to_vec())
            }),
            State::AwaitingLoginPassword { user } => {
                login_password(response).map(|password| self.check(user, password))
            }
            State::AwaitingScramFirst(nonce) => ClientFirst::parse(response).map(|first| {
                let user = first.user().to_owned();
                self.state = State::LookingUpVerifier(first, nonce);
                Step::NeedVerifier { user }
            }),
            State::AwaitingScramFinal(awaiting) => awaiting.finish(response).map(|(user, server_final)| {
                self.state = State::AwaitingConfirmation { user };
                Step::Challenge(server_final)
            }),
            State::AwaitingConfirmation { user } if response.is_empty() => Ok(Step::Success { user }),
            State::AwaitingConfirmation { .. } => Err(Failure::Malformed),
            State::CheckingPassword { .. } | State::LookingUpVerifier(..) | State::Over => {
                Err(Failure::OutOfOrder)
            }
        };
        step.unwrap_or_else(|failure| self.fail(failure))
    }

    /// Answers [`Step::NeedVerifier`]: the user's keys, or `None` if there is no such user or it may not log in. The
    /// exchange then goes on with made-up keys and fails at its end.
    pub fn verifier(&mut self, found: Option<ScramVerifier>) -> Step {
        match mem::replace(&mut self.state, State::Over) {
            State::LookingUpVerifier(first, nonce) => {
                let keys = found.unwrap_or_else(|| self.decoys.verifier(first.user()));
                let (awaiting, server_first) = AwaitingFinal::new(first, &nonce, keys);
                self.state = State::AwaitingScramFinal(awaiting);
                Step::Challenge(server_first)
            }
            _ => self.fail(Failure::OutOfOrder),
        }
    }

    /// Answers [`Step::CheckPassword`].
    pub fn password_checked(&mut self, correct: bool) -> Step {
        match mem::replace(&mut self.state, State::Over) {
            State::CheckingPassword { user } if correct => Step::Success { user },
            State::CheckingPassword { .. } => self.fail(Failure::Credentials),
            _ => self.fail(Failure::OutOfOrder),
        }
    }

    fn check(&mut self, user: String, password: Password) -> Step {
        self.state = State::CheckingPassword { user: user.clone() };
        Step::CheckPassword { user, password }
    }

    fn fail(&mut self, failure: Failure) -> Step {
        self.state = State::Over;
        Step::Failure(failure)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange(..)")
    }
}
