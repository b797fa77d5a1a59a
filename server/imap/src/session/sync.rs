//! Telling the client what changed: at the end of commands, and in IDLE.

use super::Session;
use super::io::{Changes, Note, Output, Question, Vanished};
use super::out::{Out, line_of};
use super::work::{Ending, Expunges, Work};
use crate::command::Tag;
use crate::response::{Condition, Status};

impl Session {
    /// Ends a command: what changed meanwhile, then the tagged response.
    pub(super) fn finish(
        &mut self,
        tag: Tag,
        status: Status,
        expunges: Expunges,
        by_uid: bool,
        out: &mut Out<'_>,
    ) {
        match &mut self.selected {
            Some(selected) if selected.changed => {
                selected.changed = false;
                out.ask(Question::Changes { since: selected.mod_seq });
                self.work = Work::AskedChanges(Ending { tag, status, expunges, by_uid });
            }
            _ => self.conclude(&tag, &status, expunges, out),
        }
    }

    /// The tagged response, and EXPUNGE before it where that is allowed.
    pub(super) fn conclude(&mut self, tag: &Tag, status: &Status, expunges: Expunges, out: &mut Out<'_>) {
        if expunges == Expunges::Allowed
            && let Some(selected) = &mut self.selected
        {
            selected.tell_gone(out);
        }
        out.status(Some(tag), status);
        if status.condition != Condition::Ok {
            out.note(Note::Refused { command: self.command.to_owned(), response: line_of(status) });
        }
        self.work = Work::Ready;
    }

    pub(super) fn changes(&mut self, ending: Ending, changes: Changes, out: &mut Out<'_>) {
        self.tell(changes, ending.expunges, ending.by_uid, out);
        self.conclude(&ending.tag, &ending.status, ending.expunges, out);
    }

    fn tell(&mut self, changes: Changes, expunges: Expunges, by_uid: bool, out: &mut Out<'_>) {
        let Some(selected) = &mut self.selected else { return };
        match changes.vanished {
            Vanished::These(uids) => selected.view.note_gone(&uids),
            Vanished::AllBut(mut uids) => {
                uids.sort_unstable();
                selected.view.note_all_gone_but(&uids);
            }
        }
        if expunges == Expunges::Allowed {
            selected.tell_gone(out);
        }
        selected.tell_new_keywords(changes.changed.iter().map(|state| &state.flags), out);
        // A message that is new to the client is told of by its number alone.
        for state in changes.changed.iter().filter(|state| selected.view.seq(state.uid).is_some()) {
            if selected.told.get(&state.uid).is_none_or(|told| *told < state.mod_seq) {
                selected.tell_state(state, by_uid, out);
            }
        }
        let new = selected.view.add(changes.changed.iter().map(|state| state.uid).collect());
        selected.view.add_recent(&changes.recent);
        if new > 0 {
            selected.tell_counts(out);
        }
        selected.mod_seq = selected.mod_seq.max(changes.mod_seq);
        selected.told.clear();
    }

    pub(super) fn idle(&mut self, tag: Tag, out: &mut Out<'_>) {
        out.text().raw("+ Idling").crlf();
        self.work = Work::Idle { tag };
        if let Some(selected) = &mut self.selected {
            selected.changed = true;
        }
        self.idle_changes(out);
    }

    /// Asks for changes in IDLE, if there may be some.
    pub(super) fn idle_changes(&mut self, out: &mut Out<'_>) {
        let Some(selected) = self.selected.as_mut().filter(|selected| selected.changed) else { return };
        if let Work::Idle { tag } = &self.work {
            selected.changed = false;
            out.ask(Question::Changes { since: selected.mod_seq });
            self.work = Work::AskedIdleChanges { tag: tag.clone() };
        }
    }

    pub(super) fn idle_changed(&mut self, tag: Tag, changes: Changes, out: &mut Out<'_>) {
        self.tell(changes, Expunges::Allowed, false, out);
        self.work = Work::Idle { tag };
        self.idle_changes(out);
    }

    /// RFC 2177 §3: the client ends IDLE with the line DONE.
    pub(super) fn idle_line(&mut self, tag: Tag, line: Vec<u8>, out: &mut Out<'_>) {
        let is_done = line.eq_ignore_ascii_case(b"DONE");
        out.push(Output::Heard { line, secrets: Vec::new() });
        let status = if is_done { Status::ok("Idled") } else { Status::NOT_DONE };
        self.finish(tag, status, Expunges::Allowed, false, out);
    }
}
