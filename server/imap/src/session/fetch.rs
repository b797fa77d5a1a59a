//! FETCH (RFC 3501 §6.4.5).
//!
//! Messages are asked for in batches, so that a FETCH of a big mailbox does not cost memory. Contents are not asked for: the
//! driver copies them from their files.

mod items;

use super::Session;
use super::io::{Answer, FlagAction, Message, Question, Wanted};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::{FetchItem, SequenceSet, Tag};
use crate::flags::{Flags, SystemFlag};
use crate::limits::{BATCH, HEADER_BATCH, PARSED_BATCH};
use crate::number::{Uid, UidRange};
use crate::response::Status;
use crate::tracker::Batches;
use items::{MessageWriter, first_missing, wanted};
use std::collections::VecDeque;

/// FETCH in progress.
#[derive(Debug)]
pub(super) struct FetchWork {
    tag: Tag,
    by_uid: bool,
    items: Vec<FetchItem>,
    wanted: Wanted,
    /// Whether messages become `\Seen`.
    sets_seen: bool,
    batches: Batches,
    asked: usize,
    /// Messages of the current batch, and whether their flags changed.
    messages: VecDeque<(Message, bool)>,
    /// Header fields of nested messages, read for the first of `messages`; by the number of the item.
    pieces: Vec<(usize, Vec<u8>)>,
    some_gone: bool,
}

impl FetchWork {
    pub fn tag(&self) -> &Tag {
        &self.tag
    }
}

impl Session {
    pub(super) fn fetch(
        &mut self,
        tag: Tag,
        by_uid: bool,
        set: &SequenceSet,
        items: Vec<FetchItem>,
        out: &mut Out<'_>,
    ) {
        let Some(positions) = self.positions(set, by_uid) else {
            return self.refuse(tag, Status::BEYOND, out);
        };
        let is_read = |item: &FetchItem| matches!(item, FetchItem::Section(section) if !section.peek);
        let work = FetchWork {
            tag,
            by_uid,
            wanted: wanted(&items),
            sets_seen: items.iter().any(is_read) && !self.is_read_only(),
            items,
            batches: Batches::new(positions),
            asked: 0,
            messages: VecDeque::new(),
            pieces: Vec::new(),
            some_gone: false,
        };
        self.fetch_next(Box::new(work), out);
    }

    fn fetch_next(&mut self, mut work: Box<FetchWork>, out: &mut Out<'_>) {
        let most = match work.wanted {
            Wanted { header: true, .. } => HEADER_BATCH,
            Wanted { parsed: true, .. } => PARSED_BATCH,
            Wanted { .. } => BATCH,
        };
        let positions = work.batches.next(most);
        let Some(selected) = self.selected.as_ref().filter(|_| !positions.is_empty()) else {
            let status = if work.some_gone {
                Status::some_gone("Some of the messages are gone")
            } else {
                Status::ok("Fetched")
            };
            let expunges = if work.by_uid { Expunges::Allowed } else { Expunges::Held };
            return self.finish(work.tag, status, expunges, work.by_uid, out);
        };
        work.asked = positions.iter().map(ExactSizeIterator::len).sum();
        out.ask(Question::Messages { uids: selected.view.ranges(&positions), wanted: work.wanted });
        self.work = Work::AskedFetch(work);
    }

    pub(super) fn fetch_answer(&mut self, mut work: Box<FetchWork>, answer: Answer, out: &mut Out<'_>) {
        match answer {
            Answer::Messages(messages) => {
                work.some_gone |= messages.len() < work.asked;
                work.messages = messages.into_iter().map(|message| (message, false)).collect();
                if let Some(unseen) = unseen(&work) {
                    let mut flags = Flags::default();
                    flags.set(SystemFlag::Seen);
                    out.ask(Question::SetFlags { uids: unseen, action: FlagAction::Add, flags });
                    self.work = Work::AskedFetch(work);
                    return;
                }
            }
            Answer::FlagsSet(states) => {
                for state in states {
                    if let Some(selected) = &mut self.selected {
                        selected.told.insert(state.uid, state.mod_seq);
                    }
                    let found = work.messages.iter_mut().find(|(message, _)| message.state.uid == state.uid);
                    if let Some((message, changed)) = found {
                        *changed = message.state.flags != state.flags;
                        message.state = state;
                    }
                }
            }
            Answer::Octets(octets) => {
                let missing = work
                    .messages
                    .front()
                    .and_then(|(message, _)| first_missing(&work.items, &work.pieces, message));
                if let Some((item, _)) = missing {
                    work.pieces.push((item, octets.unwrap_or_default()));
                }
            }
            _ => return self.fail(out),
        }
        self.fetch_write(work, out);
    }

    /// Writes the messages of the batch, as far as everything is there.
    fn fetch_write(&mut self, mut work: Box<FetchWork>, out: &mut Out<'_>) {
        while let Some((message, _)) = work.messages.front() {
            if let Some((_, span)) = first_missing(&work.items, &work.pieces, message) {
                out.ask(Question::Octets { uid: message.state.uid, span });
                self.work = Work::AskedFetch(work);
                return;
            }
            let pieces = std::mem::take(&mut work.pieces);
            let Some((message, flags_changed)) = work.messages.pop_front() else { break };
            let Some(selected) = &self.selected else { break };
            let Some(seq) = selected.view.seq(message.state.uid) else { continue };
            let is_recent = selected.view.is_recent(message.state.uid);
            MessageWriter { message: &message, is_recent, pieces: &pieces }.write(
                seq,
                &work.items,
                flags_changed,
                out,
            );
        }
        self.fetch_next(work, out);
    }
}

/// The messages of the batch that have to become `\Seen`, if there are some.
fn unseen(work: &FetchWork) -> Option<Vec<UidRange>> {
    if !work.sets_seen {
        return None;
    }
    let unseen = work.messages.iter().filter(|(message, _)| !message.state.flags.has(SystemFlag::Seen));
    let one = |uid: Uid| UidRange { first: uid, last: uid };
    let uids: Vec<_> = unseen.map(|(message, _)| one(message.state.uid)).collect();
    Some(uids).filter(|uids| !uids.is_empty())
}
