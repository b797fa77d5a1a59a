//! BDAT (RFC 3030): content in chunks of known size.
//!
//! A chunk follows its command at once, without a reply in between. So whatever becomes of the command, its octets are read:
//! else they would be taken for commands.

use super::content::is_binary;
use super::{Envelope, Output, Question, Session, Stage, State, read_command};
use crate::command::Command;
use crate::frame::{ContentDecoder, ContentEnd, Line};
use crate::reply::Reply;

/// A refused chunk is thrown away up to the size limit and so many octets more: 16 MiB. Beyond that, the connection ends.
const PATIENCE_OCTETS: u64 = 16 * 1024 * 1024;

impl Session {
    /// The first chunk of a message.
    pub(super) fn bdat(
        &mut self,
        envelope: Option<Envelope>,
        octets: u64,
        last: bool,
        out: &mut Vec<Output>,
    ) -> State {
        let Some(envelope) = envelope else {
            return self.skip_chunk(octets, Reply::NO_MAIL, None, out);
        };
        if envelope.recipients.is_empty() {
            return self.skip_chunk(octets, Reply::NO_RECIPIENTS, Some(envelope), out);
        }
        if self.config.asks_data {
            // The chunk follows at once, and may.
            out.push(Output::Ask(Question::Data { followed: false }));
            return State::AskedData(envelope, Some((octets, last)));
        }
        self.first_chunk(envelope, octets, last, out)
    }

    pub(super) fn first_chunk(
        &mut self,
        envelope: Envelope,
        octets: u64,
        last: bool,
        out: &mut Vec<Output>,
    ) -> State {
        let config = &self.config;
        let decoder = if is_binary(&envelope) {
            ContentDecoder::binary(config.size_octets)
        } else {
            ContentDecoder::new(config.bare_newlines, config.size_octets, config.limits.text_line_octets)
        };
        self.read_chunk(decoder, Some(envelope), octets, last, out)
    }

    fn read_chunk(
        &mut self,
        mut decoder: ContentDecoder,
        envelope: Option<Envelope>,
        octets: u64,
        last: bool,
        out: &mut Vec<Output>,
    ) -> State {
        if decoder.octets().saturating_add(octets) > self.config.size_octets {
            // The transaction is over (RFC 3030 §2): the chunks that are on their way find none.
            out.push(Output::DiscardContent);
            return self.skip_chunk(octets, Reply::too_big(self.config.size_octets), None, out);
        }
        if octets == 0 && !last {
            self.counters.idle_commands += 1;
            if self.counters.idle_commands > self.config.limits.idle_commands {
                return self.close_with(Reply::TOO_MANY_IDLE_COMMANDS, out);
            }
        }
        decoder.begin_chunk(octets, last);
        out.push(Output::ReadContent { decoder, envelope });
        State::ReadingChunk(octets)
    }

    pub(super) fn skip_chunk(
        &mut self,
        octets: u64,
        reply: Reply,
        envelope: Option<Envelope>,
        out: &mut Vec<Output>,
    ) -> State {
        if octets > self.config.size_octets.saturating_add(PATIENCE_OCTETS) {
            return self.close_with(Reply::CHUNK_TOO_BIG, out);
        }
        out.push(Output::SkipChunk { octets });
        State::SkippingChunk(reply, envelope)
    }

    /// Between chunks, the message goes on or is given up.
    pub(super) fn command_between_chunks(
        &mut self,
        decoder: ContentDecoder,
        line: Line<'_>,
        followed: bool,
        out: &mut Vec<Output>,
    ) -> State {
        let next = match read_command(line) {
            Ok(Command::Bdat { octets, last }) => return self.read_chunk(decoder, None, octets, last, out),
            Ok(Command::Rset | Command::Ehlo(_) | Command::Helo(_) | Command::Quit) => {
                out.push(Output::DiscardContent);
                return self.command(None, line, followed, out);
            }
            Ok(Command::Noop | Command::Vrfy | Command::Expn | Command::Help) | Err(_) => {
                self.command(None, line, followed, out)
            }
            Ok(_) => self.refuse(Stage::Command, Reply::WITHIN_CHUNKS, None, out),
        };
        match next {
            State::Idle(_) => State::BetweenChunks(decoder),
            closed => closed,
        }
    }

    /// The last chunk is over, or one with a fault. Where commands begin again is known all the same.
    pub(super) fn chunks_end(&mut self, end: ContentEnd, out: &mut Vec<Output>) -> State {
        match end {
            ContentEnd::Complete { octets } => {
                out.push(Output::Ask(Question::Deliver { octets }));
                State::AskedDelivery
            }
            ContentEnd::Faulty(fault) => {
                out.push(Output::DiscardContent);
                self.refuse_content(Reply::bad_content(fault, self.config.size_octets), out)
            }
            ContentEnd::Endless(_) | ContentEnd::Chunk => {
                out.push(Output::DiscardContent);
                self.close_with(Reply::CHUNK_TOO_BIG, out)
            }
        }
    }
}

/// A chunk is in, and others follow.
pub(super) fn chunk_end(decoder: ContentDecoder, octets: u64, out: &mut Vec<Output>) -> State {
    out.push(Output::Send(Reply::chunk_taken(octets)));
    State::BetweenChunks(decoder)
}
