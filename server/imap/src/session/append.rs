//! APPEND (RFC 3501 §6.3.11): the message goes through, piece by piece.

use super::Session;
use super::io::{Appended, Output, Question};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::{AppendHead, Tag};
use crate::error::BadCommand;
use crate::frame::Literal;
use crate::response::Status;
use bytes::BytesMut;

impl Session {
    pub(super) fn append(&mut self, tag: Tag, head: AppendHead, literal: Literal, out: &mut Out<'_>) {
        self.command = "APPEND";
        if self.user.is_none() {
            return self.refuse_literal(Some(tag), Status::WRONG_STATE, literal, out);
        }
        if literal.octets > self.config.limits.append_octets {
            return self.refuse_literal(Some(tag), Status::too_big(), literal, out);
        }
        self.bad_commands = 0;
        let AppendHead { mailbox, flags, date } = head;
        out.ask(Question::Append { mailbox, flags, date, octets: literal.octets });
        self.work = Work::AskedAppend { tag, literal };
    }

    pub(super) fn append_accepted(&mut self, tag: Tag, literal: Literal, out: &mut Out<'_>) {
        if literal.synchronizing {
            out.text().raw("+ Go ahead").crlf();
        }
        self.framer.take();
        self.heard = 0;
        self.work = Work::Append { tag, left: literal.octets };
        self.append_if_complete();
    }

    /// Passes on what is there of the message.
    pub(super) fn append_octets(&mut self, input: &mut BytesMut, out: &mut Out<'_>) -> bool {
        let Work::Append { left, .. } = &mut self.work else { return false };
        let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
        if taken == 0 {
            return false;
        }
        *left -= taken as u64;
        out.push(Output::AppendData(input.split_to(taken).freeze()));
        self.append_if_complete();
        true
    }

    fn append_if_complete(&mut self) {
        if let Work::Append { tag, left: 0 } = &self.work {
            self.work = Work::AppendLine { tag: tag.clone() };
        }
    }

    /// The rest of the line after the message, which has to be empty.
    pub(super) fn append_line(&mut self, tag: Tag, line: Vec<u8>, out: &mut Out<'_>) {
        let is_empty = line.iter().all(|octet| *octet == b' ');
        out.push(Output::Heard { line, secrets: Vec::new() });
        if is_empty {
            out.ask(Question::AppendEnd);
            self.work = Work::AskedAppendEnd { tag };
        } else {
            out.push(Output::AppendAborted);
            self.bad_or_refused(Some(tag), Status::bad(BadCommand::Trailing), out);
        }
    }

    pub(super) fn appended(&mut self, tag: Tag, appended: Appended, out: &mut Out<'_>) {
        let code = format!("APPENDUID {} {}", appended.uid_validity, appended.uid);
        // It may be in the selected mailbox, and then the client is told at once (RFC 3501 §6.3.11).
        if let Some(selected) = &mut self.selected {
            selected.changed = true;
        }
        self.finish(tag, Status::ok("Appended").with_code(code), Expunges::Allowed, false, out);
    }
}
