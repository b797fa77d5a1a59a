//! One authentication exchange: octets and the caller's answers in, steps out.

use crate::client::ChannelBinding;
use crate::cram_md5;
use crate::keys::{KeyKind, Keys};
use crate::mechanism::Mechanism;
use crate::nonce::Nonce;
use crate::password::Password;
use crate::plaintext::{LOGIN_PASSWORD, LOGIN_USER, login_password, login_user, parse_plain};
use crate::scram::{AwaitingFinal, Binding, ClientFirst, DecoySecret, ScramHash, ScramVerifier};
use std::fmt;
use std::mem;
use thiserror::Error;

/// What the caller does next.
#[derive(Debug)]
pub enum Step {
    /// Send this challenge (unencoded, perhaps empty) and give the client's response to [`Exchange::respond`].
    Challenge(Vec<u8>),
    /// Look up the keys of this user and give them to [`Exchange::keys`].
    NeedKeys {
        /// The name as the client wrote it, prepared by SASLprep; its case is the client's.
        user: String,
        /// Which of its keys.
        kind: KeyKind,
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
        /// The name that was given to the caller in `NeedKeys` or `CheckPassword`.
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
    /// The client insists on channel binding of a kind that this mechanism has not.
    #[error("channel binding is not supported")]
    ChannelBinding,
    /// The client is bound to another channel: somebody stands between it and us.
    #[error("the client is bound to another connection")]
    OtherChannel,
    /// The client can bind to the channel and believes that we cannot: somebody took the offer out (RFC 5802 §6).
    #[error("the client did not see the mechanisms with channel binding")]
    Downgraded,
    /// The caller gave an input that the exchange did not wait for: a fault of our own program.
    #[error("input out of order")]
    OutOfOrder,
}

/// An exchange of one mechanism. Drop it when the client cancels.
pub struct Exchange {
    state: State,
    decoys: DecoySecret,
    /// What the channel is bound to, if the mechanism binds to it.
    bound: Option<ChannelBinding>,
    /// Whether the client could have bound to it.
    is_binding_offered: bool,
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
    AwaitingScramFirst(ScramHash, Nonce),
    LookingUpKeys(ScramHash, ClientFirst, Nonce),
    /// With our challenge.
    AwaitingCramMd5(Vec<u8>),
    LookingUpPassword {
        user: String,
        challenge: Vec<u8>,
        digest: Vec<u8>,
    },
    AwaitingScramFinal(AwaitingFinal),
    /// The server's signature is sent; the client confirms it with an empty response.
    AwaitingConfirmation {
        user: String,
    },
    Over,
}

impl Exchange {
    /// Begins an exchange. `nonce` is used by SCRAM and CRAM-MD5 only and must be fresh; `decoys` makes up the salts of
    /// unknown users; `binding` is what -PLUS mechanisms bind to, if they are offered on this connection.
    pub fn start(
        mechanism: Mechanism,
        initial_response: Option<&[u8]>,
        nonce: Nonce,
        decoys: &DecoySecret,
        binding: Option<&ChannelBinding>,
    ) -> (Self, Step) {
        let (state, prompt) = match (mechanism, mechanism.key_kind()) {
            (Mechanism::Login, _) => (State::AwaitingLoginUser, LOGIN_USER.to_vec()),
            (_, Some(KeyKind::Scram(hash))) => (State::AwaitingScramFirst(hash, nonce), Vec::new()),
            (_, Some(KeyKind::Password)) => {
                let challenge = cram_md5::challenge(&nonce);
                (State::AwaitingCramMd5(challenge.clone()), challenge)
            }
            (_, None) => (State::AwaitingPlain, Vec::new()),
        };
        let bound = binding.filter(|_| mechanism.binds_channel()).cloned();
        let mut exchange =
            Self { state, decoys: decoys.clone(), bound, is_binding_offered: binding.is_some() };
        let step = match initial_response {
            // It cannot answer a challenge that it has not seen.
            Some(_) if mechanism == Mechanism::CramMd5 => exchange.fail(Failure::Malformed),
            _ if mechanism.binds_channel() && binding.is_none() => exchange.fail(Failure::ChannelBinding),
            Some(response) => exchange.respond(response),
            None => Step::Challenge(prompt),
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
            State::AwaitingScramFirst(hash, nonce) => {
                ClientFirst::parse(response, self.binding()).map(|first| {
                    let user = first.user().to_owned();
                    self.state = State::LookingUpKeys(hash, first, nonce);
                    Step::NeedKeys { user, kind: KeyKind::Scram(hash) }
                })
            }
            State::AwaitingCramMd5(challenge) => cram_md5::parse(response).map(|(user, digest)| {
                self.state = State::LookingUpPassword { user: user.clone(), challenge, digest };
                Step::NeedKeys { user, kind: KeyKind::Password }
            }),
            State::AwaitingScramFinal(awaiting) => awaiting.finish(response).map(|(user, server_final)| {
                self.state = State::AwaitingConfirmation { user };
                Step::Challenge(server_final)
            }),
            State::AwaitingConfirmation { user } if response.is_empty() => Ok(Step::Success { user }),
            State::AwaitingConfirmation { .. } => Err(Failure::Malformed),
            State::CheckingPassword { .. }
            | State::LookingUpKeys(..)
            | State::LookingUpPassword { .. }
            | State::Over => Err(Failure::OutOfOrder),
        };
        step.unwrap_or_else(|failure| self.fail(failure))
    }

    /// Answers [`Step::NeedKeys`]: the user's keys, or `None` if there is no such user, it may not log in, or has none of
    /// this kind. The exchange then goes on as with keys, and fails at its end.
    pub fn keys(&mut self, found: Option<Keys>) -> Step {
        match (mem::replace(&mut self.state, State::Over), found) {
            (State::LookingUpKeys(hash, first, nonce), None) => {
                let decoy = self.decoys.verifier(hash, first.user());
                self.scram(first, &nonce, decoy)
            }
            (State::LookingUpKeys(hash, first, nonce), Some(Keys::Scram(keys))) if keys.hash() == hash => {
                self.scram(first, &nonce, keys)
            }
            (State::LookingUpPassword { user, challenge, digest }, Some(Keys::Password(password)))
                if cram_md5::is_correct(&password, &challenge, &digest) =>
            {
                Step::Success { user }
            }
            (State::LookingUpPassword { .. }, None | Some(Keys::Password(_))) => {
                self.fail(Failure::Credentials)
            }
            _ => self.fail(Failure::OutOfOrder),
        }
    }

    fn scram(&mut self, first: ClientFirst, nonce: &Nonce, keys: ScramVerifier) -> Step {
        let bound = self.bound.as_ref().map(|binding| binding.octets().to_vec()).unwrap_or_default();
        let (awaiting, server_first) = AwaitingFinal::new(first, nonce, keys, bound);
        self.state = State::AwaitingScramFinal(awaiting);
        Step::Challenge(server_first)
    }

    fn binding(&self) -> Binding<'_> {
        match &self.bound {
            Some(binding) => Binding::Chosen(binding.name()),
            None if self.is_binding_offered => Binding::Offered,
            None => Binding::NotOffered,
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
