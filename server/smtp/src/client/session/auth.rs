//! AUTH (RFC 4954).

use super::{Session, State};
use crate::client::command::Command;
use crate::client::io::{Note, Output};
use crate::client::limits::AUTH_LINE_OCTETS;
use crate::client::outcome::{Cause, Outcome, Stage};
use crate::reply::Reply;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use postigo_sasl::{Binding, ClientExchange, ClientFailure, ClientMechanism, Credentials, Response};
use zeroize::Zeroizing;

/// An exchange under way.
#[derive(Debug)]
pub(super) struct Authentication {
    exchange: ClientExchange,
    mechanism: ClientMechanism,
    /// A first response that did not fit in the line of AUTH.
    held: Option<Response>,
}

impl Session {
    /// Logs in, if there is something to log in with.
    pub(super) fn authenticate(&mut self, out: &mut Vec<Output>) -> State {
        let Some(credentials) = self.config.credentials.clone() else {
            out.push(Output::Ready);
            return State::Ready;
        };
        match self.best_mechanism() {
            Some(mechanism) => self.start_auth(mechanism, &credentials, out),
            None if self.facts.capabilities.auth => {
                self.give_up(Outcome::deferred(Stage::Auth, Cause::NoMechanism), out)
            }
            None => self.give_up(Outcome::deferred(Stage::Auth, Cause::AuthNotOffered), out),
        }
    }

    /// The safest mechanism that the server offers, that we can do here, and that it has not refused.
    fn best_mechanism(&self) -> Option<ClientMechanism> {
        let is_private = self.facts.tls.is_some() || self.peer_is_loopback;
        let usable = |mechanism: &ClientMechanism| {
            (is_private || !mechanism.sends_password())
                && (self.facts.binding.is_some() || !mechanism.binds_channel())
                && !self.refused_mechanisms.contains(mechanism)
        };
        self.facts.capabilities.mechanisms.iter().copied().filter(usable).max()
    }

    fn start_auth(
        &mut self,
        mechanism: ClientMechanism,
        credentials: &Credentials,
        out: &mut Vec<Output>,
    ) -> State {
        let nonce = self.nonce_seed.nonce(self.exchanges);
        self.exchanges += 1;
        let offers_binding =
            self.facts.capabilities.mechanisms.iter().any(|mechanism| mechanism.binds_channel());
        let binding = match &self.facts.binding {
            Some(binding) if mechanism.binds_channel() => Binding::Bound(binding),
            Some(_) if !offers_binding => Binding::NotOffered,
            _ => Binding::None,
        };
        let mut exchange = match ClientExchange::start(mechanism, credentials, &nonce, binding) {
            Ok(exchange) => exchange,
            Err(failure) => return self.auth_failed(failure, out),
        };
        let response = exchange.initial_response();
        let encoded = response.as_ref().map(|response| Zeroizing::new(STANDARD.encode(&**response)));
        let fits = |encoded: &str| mechanism.name().len() + encoded.len() + 8 <= AUTH_LINE_OCTETS;
        let (encoded, held) = match encoded {
            Some(encoded) if fits(&encoded) => (Some(encoded), None),
            _ => (None, response),
        };
        let encoded = encoded.as_ref().map(|encoded| encoded.as_str());
        out.push(Output::Send(Command::auth(mechanism.name(), encoded)));
        State::Authenticating(Authentication { exchange, mechanism, held })
    }

    pub(super) fn auth_reply(
        &mut self,
        mut auth: Authentication,
        reply: Reply,
        out: &mut Vec<Output>,
    ) -> State {
        match reply.code() {
            334 => match auth.respond(&reply) {
                Ok(response) => {
                    let encoded = Zeroizing::new(STANDARD.encode(&*response));
                    out.push(Output::Send(Command::auth_response(&encoded)));
                    State::Authenticating(auth)
                }
                Err(failure) => {
                    // RFC 4954 §4: this is how a client cancels.
                    out.push(Output::Send(Command::new("*")));
                    self.auth_failed(failure, out)
                }
            },
            235 => self.authenticated(auth, out),
            // Wrong credentials. No weaker mechanism is tried: it would be another attempt with the same password.
            535 => self.give_up(Outcome::deferred(Stage::Auth, Cause::WrongPassword(reply)), out),
            // The mechanism is not known, too weak, or needs encryption after all (RFC 4954 §6).
            500..=504 | 534 | 538 => {
                let mechanism = auth.mechanism;
                self.refused_mechanisms.push(mechanism);
                if self.best_mechanism().is_none() {
                    return self.give_up(Outcome::deferred(Stage::Auth, Cause::AuthRefused(reply)), out);
                }
                out.push(Output::Note(Note::MechanismRefused { mechanism, reply }));
                self.authenticate(out)
            }
            400..=599 => self.give_up(Outcome::deferred(Stage::Auth, Cause::AuthRefused(reply)), out),
            _ => self.unexpected(State::Authenticating(auth), &reply, out),
        }
    }

    fn authenticated(&mut self, auth: Authentication, out: &mut Vec<Output>) -> State {
        let Authentication { exchange, mechanism, held } = auth;
        if held.is_some() {
            return self.auth_failed(ClientFailure::Malformed, out);
        }
        if let Err(failure) = exchange.succeeded() {
            return self.auth_failed(failure, out);
        }
        let user = self.config.credentials.as_ref().map(|credentials| credentials.user().to_owned());
        out.push(Output::Note(Note::Authenticated { user: user.unwrap_or_default(), mechanism }));
        out.push(Output::Ready);
        State::Ready
    }

    fn auth_failed(&self, failure: ClientFailure, out: &mut Vec<Output>) -> State {
        self.give_up(Outcome::deferred(Stage::Auth, Cause::AuthFailed(failure)), out)
    }
}

impl Authentication {
    fn respond(&mut self, reply: &Reply) -> Result<Response, ClientFailure> {
        if let Some(response) = self.held.take() {
            return Ok(response);
        }
        let challenge = STANDARD.decode(reply.text().trim()).map_err(|_| ClientFailure::Malformed)?;
        self.exchange.respond(&challenge)
    }
}
