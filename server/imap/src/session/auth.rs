//! LOGIN and AUTHENTICATE (RFC 3501 §6.2).

use super::Session;
use super::io::{Method, Note, Output, Question};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::{Secret, Tag};
use crate::error::BadCommand;
use crate::response::{Bye, Status};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postigo_sasl::{ChannelBinding, Exchange, Failure, Keys, MAX_USER_OCTETS, Mechanism, Password, Step};

/// An exchange in progress.
#[derive(Debug)]
pub(super) struct SaslWork {
    tag: Tag,
    mechanism: Mechanism,
    exchange: Exchange,
    user: Option<String>,
}

impl SaslWork {
    pub fn tag(&self) -> &Tag {
        &self.tag
    }
}

impl Session {
    /// Whether a mechanism is offered on this connection.
    pub(super) fn is_offered(&self, mechanism: Mechanism) -> bool {
        self.config.mechanisms.contains(&mechanism)
            && (self.is_private() || !mechanism.sends_password())
            && (self.binding.is_some() || !mechanism.binds_channel())
    }

    /// What to bind to, where a mechanism that does is offered.
    fn offered_binding(&self) -> Option<&ChannelBinding> {
        let offers = self.config.mechanisms.iter().any(|mechanism| mechanism.binds_channel());
        self.binding.as_ref().filter(|_| offers)
    }

    pub(super) fn login(&mut self, tag: Tag, user: Vec<u8>, password: Secret, out: &mut Out<'_>) {
        if self.user.is_some() {
            return self.refuse(tag, Status::LOGGED_IN_ALREADY, out);
        }
        let user = String::from_utf8(user).ok().filter(|user| user.len() <= MAX_USER_OCTETS);
        if !self.is_private() {
            out.note(Note::AuthenticationFailed { user, method: Method::Login, failure: None });
            return self.refuse(tag, Status::privacy_required(), out);
        }
        let password = String::from_utf8(password.0).ok().and_then(|text| Password::prepare(&text).ok());
        match (user, password) {
            (Some(user), Some(password)) => {
                out.ask(Question::Password { user: user.clone(), password });
                self.work = Work::AskedLoginPassword { tag, user };
            }
            // Nobody has such a name or password.
            (user, _) => self.authentication_failed(tag, user, Method::Login, Failure::Credentials, out),
        }
    }

    pub(super) fn login_answer(&mut self, tag: Tag, user: String, correct: bool, out: &mut Out<'_>) {
        if correct {
            self.authenticated(&tag, user, Method::Login, out);
        } else {
            self.authentication_failed(tag, Some(user), Method::Login, Failure::Credentials, out);
        }
    }

    pub(super) fn authenticate(&mut self, tag: Tag, name: &str, initial: Option<Vec<u8>>, out: &mut Out<'_>) {
        if self.user.is_some() {
            return self.refuse(tag, Status::LOGGED_IN_ALREADY, out);
        }
        let known =
            Mechanism::from_name(name.as_bytes()).filter(|known| self.config.mechanisms.contains(known));
        let Some(mechanism) = known else { return self.refuse(tag, Status::unknown_mechanism(), out) };
        if !self.is_offered(mechanism) {
            let method = Method::Sasl(mechanism);
            out.note(Note::AuthenticationFailed { user: None, method, failure: None });
            return self.refuse(tag, Status::privacy_required(), out);
        }
        // RFC 4959 §3: `=` is an empty initial response, which is not the same as none.
        let initial = match initial.as_deref() {
            None => None,
            Some(b"=") => Some(Vec::new()),
            Some(text) => match STANDARD.decode(text) {
                Ok(octets) => Some(octets),
                Err(_) => return self.refuse(tag, Status::NOT_BASE64, out),
            },
        };
        self.exchanges += 1;
        let nonce = self.nonce_seed.nonce(self.exchanges);
        let binding = self.offered_binding();
        let (exchange, step) =
            Exchange::start(mechanism, initial.as_deref(), nonce, &self.config.decoys, binding);
        self.sasl_step(SaslWork { tag, mechanism, exchange, user: None }, step, out);
    }

    pub(super) fn sasl_response(&mut self, mut work: SaslWork, line: &[u8], out: &mut Out<'_>) {
        let is_cancelled = line == b"*";
        // An empty response has nothing to hide, and a transcript that shows it is easier to understand.
        let secrets = if is_cancelled || line.is_empty() {
            Vec::new()
        } else {
            std::iter::once(0..line.len()).collect()
        };
        out.push(Output::Heard { line: line.to_vec(), secrets });
        if is_cancelled {
            return self.refuse(work.tag, Status::CANCELLED, out);
        }
        match STANDARD.decode(line) {
            Ok(octets) => {
                let step = work.exchange.respond(&octets);
                self.sasl_step(work, step, out);
            }
            Err(_) => self.refuse(work.tag, Status::NOT_BASE64, out),
        }
    }

    pub(super) fn sasl_keys(&mut self, mut work: SaslWork, found: Option<Keys>, out: &mut Out<'_>) {
        let step = work.exchange.keys(found);
        self.sasl_step(work, step, out);
    }

    pub(super) fn sasl_password(&mut self, mut work: SaslWork, correct: bool, out: &mut Out<'_>) {
        let step = work.exchange.password_checked(correct);
        self.sasl_step(work, step, out);
    }

    fn sasl_step(&mut self, mut work: SaslWork, step: Step, out: &mut Out<'_>) {
        match step {
            Step::Challenge(challenge) => {
                out.text().raw("+ ").raw(STANDARD.encode(challenge)).crlf();
                self.work = Work::Sasl(work);
            }
            Step::NeedKeys { user, kind } => {
                work.user = Some(user.clone());
                out.ask(Question::Keys { user, kind });
                self.work = Work::AskedKeys(work);
            }
            Step::CheckPassword { user, password } => {
                work.user = Some(user.clone());
                out.ask(Question::Password { user, password });
                self.work = Work::AskedSaslPassword(work);
            }
            Step::Success { user } => self.authenticated(&work.tag, user, Method::Sasl(work.mechanism), out),
            Step::Failure(failure) => {
                self.authentication_failed(work.tag, work.user, Method::Sasl(work.mechanism), failure, out);
            }
        }
    }

    fn authenticated(&mut self, tag: &Tag, user: String, method: Method, out: &mut Out<'_>) {
        self.user = Some(user.clone());
        out.note(Note::Authenticated { user, method });
        // Other capabilities are offered from now on; saying them here saves clients a round trip.
        let status = Status::ok("Logged in").with_code(format!("CAPABILITY {}", self.capabilities()));
        self.conclude(tag, &status, Expunges::Allowed, out);
    }

    fn authentication_failed(
        &mut self,
        tag: Tag,
        user: Option<String>,
        method: Method,
        failure: Failure,
        out: &mut Out<'_>,
    ) {
        out.note(Note::AuthenticationFailed { user, method, failure: Some(failure) });
        self.authentication_failures += 1;
        let status = match failure {
            Failure::Malformed => Status::bad(BadCommand::Arguments),
            Failure::Authorization => Status::authorization_failed(),
            Failure::Credentials
            | Failure::ChannelBinding
            | Failure::OtherChannel
            | Failure::Downgraded
            | Failure::OutOfOrder => Status::authentication_failed(),
        };
        self.refuse(tag, status, out);
        if self.authentication_failures >= self.config.limits.authentication_failures {
            self.bye(Bye::AuthenticationFailures, out);
        }
    }
}
