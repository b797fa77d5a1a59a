//! EHLO, HELO and STARTTLS.

use super::{Envelope, Facts, Note, Output, Session, Stage, State};
use crate::command::ClientName;
use crate::config::{Established, Service};
use crate::extension::Extension;
use crate::reply::Reply;
use jiff::Timestamp;
use std::time::Duration;

impl Session {
    /// A second EHLO is a RSET (RFC 5321 §4.1.4).
    pub(super) fn hello(&mut self, client_name: ClientName, extended: bool, out: &mut Vec<Output>) -> State {
        self.facts.client_name = Some(client_name.clone());
        self.facts.extended = extended;
        out.push(Output::Note(Note::Hello { client_name, extended }));
        let host = &self.config.host;
        let reply =
            if extended { Reply::extended_hello(host, &self.extensions()) } else { Reply::hello(host) };
        self.idle_command(reply, None, out)
    }

    fn extensions(&self) -> Vec<Extension> {
        let mut extensions = vec![Extension::Pipelining, Extension::Size(self.config.size_octets)];
        // RFC 3207 §4.2: not offered again under TLS.
        if self.config.tls_available && self.facts.tls.is_none() {
            extensions.push(Extension::StartTls);
        }
        let mechanisms = self.offered_mechanisms();
        if !mechanisms.is_empty() {
            extensions.push(Extension::Auth(mechanisms));
        }
        extensions.extend([
            Extension::EnhancedStatusCodes,
            Extension::EightBitMime,
            Extension::Dsn,
            Extension::SmtpUtf8,
            Extension::Chunking,
            Extension::BinaryMime,
        ]);
        if let Some(latest) = self.latest_release() {
            extensions.push(Extension::FutureRelease { longest: self.config.longest_hold, latest });
        }
        if self.config.service == Service::Mta {
            extensions.push(Extension::Etrn);
        }
        if self.may_xclient {
            extensions.push(Extension::Xclient);
        }
        // RFC 8689 §2: under TLS only.
        if self.facts.tls.is_some() {
            extensions.push(Extension::RequireTls);
        }
        let limits = &self.config.limits;
        extensions.push(Extension::Limits { mail_max: limits.transactions, rcpt_max: limits.recipients });
        extensions
    }

    /// Until when a message may be held back, where that is possible at all.
    pub(super) fn latest_release(&self) -> Option<Timestamp> {
        let longest = self.config.longest_hold;
        let is_possible = self.config.service == Service::Submission && longest > 0;
        self.since.checked_add(Duration::from_secs(longest.into())).ok().filter(|_| is_possible)
    }

    pub(super) fn start_tls(
        &mut self,
        envelope: Option<Envelope>,
        followed: bool,
        out: &mut Vec<Output>,
    ) -> State {
        let refusal = match &envelope {
            _ if self.facts.tls.is_some() => Reply::TLS_ACTIVE,
            _ if !self.config.tls_available => Reply::TLS_NOT_AVAILABLE,
            Some(_) => Reply::IN_TRANSACTION,
            // What follows in clear was put there by someone who hopes that it is taken for the client's words under TLS
            // (RFC 3207 §5). No honest client does it, so there is nothing to go on with.
            None if followed => return self.close_with(Reply::PIPELINED_STARTTLS, out),
            None => {
                out.extend([Output::Send(Reply::START_TLS), Output::StartTls]);
                return State::Handshake;
            }
        };
        self.refuse(Stage::StartTls, refusal, envelope, out)
    }

    /// RFC 3207 §4.2: the server forgets what it learned before.
    pub(super) fn tls_established(&mut self, established: Established, out: &mut Vec<Output>) -> State {
        out.push(Output::Note(Note::TlsEstablished(established.tls.clone())));
        self.facts = Facts::under_tls(established);
        State::Idle(None)
    }
}
