//! AUTH (RFC 4954).

use super::{Answer, Note, Output, Question, Session, Stage, State};
use crate::error::BadCommand;
use crate::frame::Line;
use crate::reply::Reply;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use postigo_sasl::{ChannelBinding, Exchange, Failure, Mechanism, Step};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// An exchange under way.
#[derive(Debug)]
pub(super) struct Authentication {
    exchange: Exchange,
    mechanism: Mechanism,
    /// The name, once the client has given it.
    user: Option<String>,
}

impl Session {
    /// What EHLO lists: nothing where the client has to encrypt first, no passwords in clear.
    pub(super) fn offered_mechanisms(&self) -> Vec<Mechanism> {
        let offered = |mechanism: &Mechanism| !self.must_encrypt() && self.fits_connection(*mechanism);
        self.config.mechanisms.iter().copied().filter(offered).collect()
    }

    /// A password needs a connection that nobody reads, channel binding one that there is something to bind to.
    fn fits_connection(&self, mechanism: Mechanism) -> bool {
        (self.is_private() || !mechanism.sends_password())
            && (self.facts.binding.is_some() || !mechanism.binds_channel())
    }

    /// What to bind to, where a mechanism that does is offered.
    fn offered_binding(&self) -> Option<&ChannelBinding> {
        let offers = self.config.mechanisms.iter().any(|mechanism| mechanism.binds_channel());
        self.facts.binding.as_ref().filter(|_| offers)
    }

    pub(super) fn start_auth(
        &mut self,
        mechanism: &[u8],
        initial_response: Option<&[u8]>,
        out: &mut Vec<Output>,
    ) -> State {
        let mechanism = match self.allow_auth(mechanism) {
            Ok(mechanism) => mechanism,
            Err(reply) => return self.refuse(Stage::Auth, reply, None, out),
        };
        let initial_response = match initial_response {
            None => None,
            // An empty initial response is written so, to differ from none (RFC 4954 §4).
            Some(b"=") => Some(Zeroizing::default()),
            Some(base64) => match decode(base64) {
                Some(response) => Some(response),
                None => return self.refuse(Stage::Auth, Reply::BAD_BASE64, None, out),
            },
        };
        let nonce = self.nonce_seed.nonce(self.exchanges);
        self.exchanges += 1;
        let response = initial_response.as_ref().map(|response| response.as_slice());
        let (exchange, step) =
            Exchange::start(mechanism, response, nonce, &self.config.decoys, self.offered_binding());
        self.auth_step(Authentication { exchange, mechanism, user: None }, step, out)
    }

    /// The mechanism, if it may be used now.
    fn allow_auth(&self, name: &[u8]) -> Result<Mechanism, Reply> {
        let known =
            || Mechanism::from_name(name).filter(|mechanism| self.config.mechanisms.contains(mechanism));
        match self.facts.client_name {
            None => Err(Reply::NO_HELLO),
            _ if self.facts.user.is_some() => Err(Reply::ALREADY_AUTHENTICATED),
            _ if self.config.mechanisms.is_empty() => Err(Reply::AUTH_NOT_OFFERED),
            _ if self.must_encrypt() => Err(Reply::MUST_STARTTLS),
            _ => match known() {
                None => Err(Reply::UNKNOWN_MECHANISM),
                Some(mechanism) if !self.fits_connection(mechanism) => Err(Reply::MECHANISM_NEEDS_TLS),
                Some(mechanism) => Ok(mechanism),
            },
        }
    }

    pub(super) fn auth_response(
        &mut self,
        mut auth: Authentication,
        line: Line<'_>,
        out: &mut Vec<Output>,
    ) -> State {
        let refusal = match line {
            Line::Complete(b"*") => Reply::AUTH_CANCELLED,
            Line::Complete(line) => match decode(line) {
                Some(response) => {
                    let step = auth.exchange.respond(&response);
                    return self.auth_step(auth, step, out);
                }
                None => Reply::BAD_BASE64,
            },
            Line::TooLong => Reply::AUTH_LINE_TOO_LONG,
            Line::BareNewline => BadCommand::BareNewline.into(),
        };
        self.refuse(Stage::Auth, refusal, None, out)
    }

    pub(super) fn auth_keys(
        &mut self,
        mut auth: Authentication,
        answer: Answer,
        out: &mut Vec<Output>,
    ) -> State {
        match answer {
            Answer::Keys(found) => {
                let step = auth.exchange.keys(found);
                self.auth_step(auth, step, out)
            }
            Answer::Refuse(reply) => self.send_refusal(reply, None, out),
            Answer::Unavailable => auth_unavailable(out),
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }

    pub(super) fn auth_password(
        &mut self,
        mut auth: Authentication,
        answer: Answer,
        out: &mut Vec<Output>,
    ) -> State {
        match answer {
            Answer::Password(correct) => {
                let step = auth.exchange.password_checked(correct);
                self.auth_step(auth, step, out)
            }
            Answer::Refuse(reply) => self.send_refusal(reply, None, out),
            Answer::Unavailable => auth_unavailable(out),
            _ => self.close_with(Reply::INTERNAL, out),
        }
    }

    fn auth_step(&mut self, mut auth: Authentication, step: Step, out: &mut Vec<Output>) -> State {
        match step {
            Step::Challenge(challenge) => {
                out.push(Output::Send(Reply::challenge(STANDARD.encode(challenge))));
                State::Authenticating(auth)
            }
            Step::NeedKeys { user, kind } => {
                auth.user = Some(user.clone());
                out.push(Output::Ask(Question::Keys { user, kind }));
                State::AskedKeys(auth)
            }
            Step::CheckPassword { user, password } => {
                auth.user = Some(user.clone());
                out.push(Output::Ask(Question::Password { user, password }));
                State::AskedPassword(auth)
            }
            Step::Success { user } => {
                self.facts.user = Some(user.clone());
                out.push(Output::Note(Note::Authenticated { user, mechanism: auth.mechanism }));
                out.push(Output::Send(Reply::AUTHENTICATED));
                State::Idle(None)
            }
            Step::Failure(failure) => self.auth_failure(auth, failure, out),
        }
    }

    fn auth_failure(&mut self, auth: Authentication, failure: Failure, out: &mut Vec<Output>) -> State {
        let Authentication { mechanism, user, .. } = auth;
        out.push(Output::Note(Note::AuthenticationFailed { user, mechanism, failure }));
        self.counters.authentication_failures += 1;
        if self.counters.authentication_failures >= self.config.limits.authentication_failures {
            return self.close_with(Reply::TOO_MANY_LOGINS, out);
        }
        out.push(Output::Send(match failure {
            Failure::Malformed => Reply::BAD_RESPONSE,
            Failure::Credentials => Reply::BAD_CREDENTIALS,
            Failure::Authorization => Reply::FOREIGN_IDENTITY,
            Failure::ChannelBinding => Reply::NO_CHANNEL_BINDING,
            Failure::OtherChannel => Reply::OTHER_CHANNEL,
            Failure::Downgraded => Reply::DOWNGRADED,
            Failure::OutOfOrder => return self.close_with(Reply::INTERNAL, out),
        }));
        State::Idle(None)
    }
}

fn auth_unavailable(out: &mut Vec<Output>) -> State {
    out.push(Output::Send(Reply::AUTH_UNAVAILABLE));
    State::Idle(None)
}

fn decode(base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    STANDARD.decode(base64).ok().map(Zeroizing::new)
}

/// Hides the responses of AUTH, whatever the mechanism: even SCRAM's let a password be guessed at leisure.
pub(super) fn masked(line: &[u8], in_exchange: bool) -> Cow<'_, [u8]> {
    const HIDDEN: &[u8] = "•••••••".as_bytes();
    if in_exchange {
        return if line == b"*" { line.into() } else { HIDDEN.into() };
    }
    let mut words = line.split(|&octet| octet == b' ').filter(|word| !word.is_empty());
    match (words.next(), words.next(), words.next()) {
        (Some(verb), Some(mechanism), Some(_)) if verb.eq_ignore_ascii_case(b"AUTH") => {
            [verb, b" ", mechanism, b" ", HIDDEN].concat().into()
        }
        _ => line.into(),
    }
}
