//! STORE (RFC 3501 §6.4.6).

use super::Session;
use super::io::{FlagAction, MessageState, Question};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::{SequenceSet, Tag};
use crate::flags::Flags;
use crate::limits::BATCH;
use crate::response::Status;
use crate::tracker::{Batches, Positions};

/// The command.
#[derive(Debug)]
pub(super) struct StoreCommand {
    pub tag: Tag,
    pub by_uid: bool,
    pub action: FlagAction,
    pub silent: bool,
    pub flags: Flags,
}

/// STORE in progress.
#[derive(Debug)]
pub(super) struct StoreWork {
    command: StoreCommand,
    batches: Batches,
    asked: usize,
    some_gone: bool,
}

impl StoreWork {
    pub fn tag(&self) -> &Tag {
        &self.command.tag
    }
}

impl Session {
    pub(super) fn store(&mut self, command: StoreCommand, set: &SequenceSet, out: &mut Out<'_>) {
        if self.is_read_only() {
            return self.refuse(command.tag, Status::read_only(), out);
        }
        let Some(positions) = self.positions(set, command.by_uid) else {
            return self.refuse(command.tag, Status::BEYOND, out);
        };
        self.store_next(
            StoreWork { command, batches: Batches::new(positions), asked: 0, some_gone: false },
            out,
        );
    }

    fn store_next(&mut self, mut work: StoreWork, out: &mut Out<'_>) {
        let positions: Positions = work.batches.next(BATCH);
        let Some(selected) = self.selected.as_ref().filter(|_| !positions.is_empty()) else {
            let StoreWork { command, some_gone, .. } = work;
            let status = if some_gone {
                Status::some_gone("Stored, where they still are")
            } else {
                Status::ok("Stored")
            };
            let expunges = if command.by_uid { Expunges::Allowed } else { Expunges::Held };
            return self.finish(command.tag, status, expunges, command.by_uid, out);
        };
        work.asked = positions.iter().map(ExactSizeIterator::len).sum();
        let uids = selected.view.ranges(&positions);
        let (action, flags) = (work.command.action, work.command.flags.clone());
        out.ask(Question::SetFlags { uids, action, flags });
        self.work = Work::AskedStore(work);
    }

    pub(super) fn flags_set(&mut self, mut work: StoreWork, states: Vec<MessageState>, out: &mut Out<'_>) {
        work.some_gone |= states.len() < work.asked;
        if let Some(selected) = &mut self.selected {
            selected.tell_new_keywords(states.iter().map(|state| &state.flags), out);
            for state in states {
                if !work.command.silent {
                    selected.tell_state(&state, work.command.by_uid, out);
                }
                selected.told.insert(state.uid, state.mod_seq);
            }
        }
        self.store_next(work, out);
    }
}
