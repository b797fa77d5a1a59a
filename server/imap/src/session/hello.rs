//! The commands that are possible in every state (RFC 3501 §6.1), and STARTTLS.

use super::Session;
use super::io::{Note, Output};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::Tag;
use crate::response::{Bye, Status};

impl Session {
    pub(super) fn greet(&self, out: &mut Out<'_>) {
        let capabilities = self.capabilities();
        let host = &self.config.host;
        out.untagged_ok(&format!("CAPABILITY {capabilities}"), &format!("{host} Postigo is ready"));
    }

    /// What is offered in the current state.
    pub(super) fn capabilities(&self) -> String {
        let mut list = "IMAP4rev1 LITERAL+ SASL-IR ID".to_owned();
        if self.user.is_some() {
            list.push_str(" IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE");
            return list;
        }
        if self.config.tls_available && !self.is_tls {
            list.push_str(" STARTTLS");
        }
        // RFC 3501 §6.2.3: no LOGIN where the password could be overheard.
        if !self.is_private() {
            list.push_str(" LOGINDISABLED");
        }
        for mechanism in self.config.mechanisms.iter().filter(|mechanism| self.is_offered(**mechanism)) {
            list.push_str(" AUTH=");
            list.push_str(mechanism.name());
        }
        list
    }

    pub(super) fn capability(&mut self, tag: Tag, out: &mut Out<'_>) {
        out.untagged(&format!("CAPABILITY {}", self.capabilities()));
        self.finish(tag, Status::ok("That is all"), Expunges::Allowed, false, out);
    }

    pub(super) fn noop(&mut self, tag: Tag, text: &'static str, out: &mut Out<'_>) {
        // A client that asks is told for sure, even if no notice of a change has come yet.
        if let Some(selected) = &mut self.selected {
            selected.changed = true;
        }
        self.finish(tag, Status::ok(text), Expunges::Allowed, false, out);
    }

    pub(super) fn logout(&mut self, tag: &Tag, out: &mut Out<'_>) {
        out.text().raw("* BYE ").raw(Bye::Logout.text()).crlf();
        out.status(Some(tag), &Status::ok("Logged out"));
        out.note(Note::Closed(Bye::Logout));
        out.push(Output::Close);
        self.work = Work::Closed;
    }

    pub(super) fn id(&mut self, tag: Tag, pairs: Vec<(String, Option<String>)>, out: &mut Out<'_>) {
        if !pairs.is_empty() {
            out.note(Note::ClientId(pairs));
        }
        let version = env!("CARGO_PKG_VERSION");
        out.untagged(&format!("ID (\"name\" \"Postigo\" \"version\" \"{version}\")"));
        self.finish(tag, Status::ok("Pleased to meet you"), Expunges::Allowed, false, out);
    }

    pub(super) fn start_tls(&mut self, tag: Tag, out: &mut Out<'_>) {
        if self.is_tls {
            self.refuse(tag, Status::TLS_ALREADY, out);
        } else if !self.config.tls_available {
            self.refuse(tag, Status::NO_TLS, out);
        } else if self.user.is_some() {
            self.refuse(tag, Status::LOGGED_IN_ALREADY, out);
        } else {
            out.status(Some(&tag), &Status::ok("Begin TLS now"));
            out.push(Output::StartTls);
            self.work = Work::Handshake;
        }
    }
}
