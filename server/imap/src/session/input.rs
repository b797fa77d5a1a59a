//! Octets of the client: commands, literals, responses.

use super::Session;
use super::io::Output;
use super::out::Out;
use super::work::Work;
use crate::command::{self, AppendLiteral, Tag, parse_tag};
use crate::error::BadCommand;
use crate::frame::{Frame, Literal};
use crate::limits::{DISCARDED_OCTETS, EARLY_COMMAND_OCTETS};
use crate::response::{Bye, Condition, Status};
use crate::secret::secret_of_command;
use bytes::BytesMut;
use postigo_sasl::MAX_MESSAGE_OCTETS;
use std::mem;

/// Octets of a line in AUTHENTICATE: a SASL message in base64.
const SASL_LINE_OCTETS: usize = MAX_MESSAGE_OCTETS.div_ceil(3) * 4;

impl Session {
    /// Takes the next command, or a piece of a message, off the input buffer and appends what is to be done. False if it needs
    /// more octets than there are, or none now (see [`Session::wants_input`]): then nothing was appended.
    pub fn read(&mut self, input: &mut BytesMut, outputs: &mut Vec<Output>) -> bool {
        let mut out = Out::new(outputs);
        let progressed = self.read_one(input, &mut out);
        out.finish();
        if progressed {
            self.end_if_stopping(outputs);
        }
        progressed
    }

    fn read_one(&mut self, input: &mut BytesMut, out: &mut Out<'_>) -> bool {
        let limit = self.command_limit();
        let frame = match &self.work {
            Work::Append { .. } => return self.append_octets(input, out),
            Work::Sasl(_) => self.framer.line(input, SASL_LINE_OCTETS),
            Work::Idle { .. } => self.framer.line(input, limit),
            work if work.wants_input() => self.framer.command(input, limit),
            _ => return false,
        };
        let Some(frame) = frame else { return false };
        match (mem::replace(&mut self.work, Work::Handling), frame) {
            (_, Frame::TooLong) => self.bye(Bye::TooLong, out),
            (Work::Ready, Frame::Line(line)) => self.command_line(&line, out),
            (Work::Ready, Frame::Announced(literal)) => self.announced(literal, out),
            (Work::Sasl(work), Frame::Line(line)) => self.sasl_response(work, &line, out),
            (Work::Idle { tag }, Frame::Line(line)) => self.idle_line(tag, line, out),
            (Work::AppendLine { tag }, Frame::Line(line)) => self.append_line(tag, line, out),
            (Work::AppendLine { tag }, Frame::Announced(literal)) => {
                // MULTIAPPEND (RFC 3502) is not offered.
                out.push(Output::AppendAborted);
                self.refuse_literal(Some(tag), Status::bad(BadCommand::Trailing), literal, out);
            }
            (Work::Discarding { tag, status }, Frame::Discarded) => self.bad_or_refused(tag, status, out),
            // The framer gives what the state asks for.
            _ => self.fail(out),
        }
        true
    }

    fn command_line(&mut self, line: &[u8], out: &mut Out<'_>) {
        self.hear(line, out);
        self.heard = 0;
        self.command = "";
        self.work = Work::Ready;
        match command::parse(line) {
            (Some(tag), Ok(command)) => {
                self.bad_commands = 0;
                self.run(tag, command, out);
            }
            (tag, Err(bad)) => self.bad_or_refused(tag, Status::bad(bad), out),
            (None, Ok(_)) => self.fail(out),
        }
    }

    /// The line announces a literal: shall the client send it?
    fn announced(&mut self, literal: Literal, out: &mut Out<'_>) {
        let text = self.framer.so_far().to_vec();
        self.hear(&text, out);
        self.heard = text.len();
        self.command = "";
        self.work = Work::Ready;
        let tag = parse_tag(&text);
        match (tag, command::append_announced(&text)) {
            (None, _) => self.refuse_literal(None, Status::bad(BadCommand::Tag), literal, out),
            (Some(tag), Some(Ok(AppendLiteral::Message(head)))) => self.append(tag, head, literal, out),
            (Some(tag), Some(Err(bad))) => self.refuse_literal(Some(tag), Status::bad(bad), literal, out),
            (Some(tag), _) => {
                let room = self.command_limit().saturating_sub(text.len());
                match usize::try_from(literal.octets) {
                    Ok(octets) if octets <= room => {
                        if literal.synchronizing {
                            out.text().raw("+ Go ahead").crlf();
                        }
                        self.framer.accept(octets);
                    }
                    _ => self.refuse_literal(Some(tag), Status::literal_too_big(), literal, out),
                }
            }
        }
    }

    /// Refuses an announced literal with its command, before a client that asks sends it (RFC 3501 §7.5).
    pub(super) fn refuse_literal(
        &mut self,
        tag: Option<Tag>,
        status: Status,
        literal: Literal,
        out: &mut Out<'_>,
    ) {
        self.heard = 0;
        let most = if self.user.is_some() { DISCARDED_OCTETS } else { EARLY_COMMAND_OCTETS as u64 };
        if literal.synchronizing {
            self.framer.take();
            self.bad_or_refused(tag, status, out);
        } else if literal.octets > most {
            // RFC 7888 §4 leaves only this for what nobody would read to its end.
            self.bye(Bye::TooLong, out);
        } else {
            self.framer.discard(literal.octets);
            self.work = Work::Discarding { tag, status };
        }
    }

    /// Ends a command that was not understood or not wanted.
    pub(super) fn bad_or_refused(&mut self, tag: Option<Tag>, status: Status, out: &mut Out<'_>) {
        self.work = Work::Ready;
        if status.condition == Condition::Bad {
            self.bad_commands += 1;
            if self.bad_commands > self.config.limits.bad_commands {
                return self.bye(Bye::BadCommands, out);
            }
        }
        match tag {
            Some(tag) => self.refuse(tag, status, out),
            None => out.status(None, &status),
        }
    }

    /// Puts what is new of a command into the transcript.
    fn hear(&mut self, text: &[u8], out: &mut Out<'_>) {
        let from = self.heard.min(text.len());
        let new = &text[from..];
        let line = new.strip_suffix(b"\r\n").or_else(|| new.strip_suffix(b"\n")).unwrap_or(new);
        let secret = secret_of_command(text).map(|secret| {
            secret.start.saturating_sub(from).min(line.len())..secret.end.saturating_sub(from).min(line.len())
        });
        let secrets = secret.into_iter().filter(|secret| !secret.is_empty()).collect();
        out.push(Output::Heard { line: line.to_vec(), secrets });
    }
}
