//! EXPUNGE, COPY and MOVE.

use super::Session;
use super::io::{Question, Transferred};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::{SequenceSet, Tag};
use crate::encode::Encoder;
use crate::number::Uid;
use crate::response::Status;
use crate::tracker::Positions;

impl Session {
    /// Where the messages of a set are; `None` if a sequence number is beyond the view.
    pub(super) fn positions(&self, set: &SequenceSet, by_uid: bool) -> Option<Positions> {
        let view = &self.selected.as_ref()?.view;
        if by_uid { Some(view.by_uid(set)) } else { view.by_seq(set) }
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.selected.as_ref().is_none_or(|selected| selected.read_only)
    }

    pub(super) fn expunge(&mut self, tag: Tag, set: Option<&SequenceSet>, out: &mut Out<'_>) {
        if self.is_read_only() {
            return self.refuse(tag, Status::read_only(), out);
        }
        let Some(selected) = &self.selected else { return self.refuse(tag, Status::WRONG_STATE, out) };
        let uids = set.map(|set| selected.view.ranges(&selected.view.by_uid(set)));
        if uids.as_ref().is_some_and(Vec::is_empty) {
            return self.finish(tag, Status::ok("Nothing to expunge"), Expunges::Allowed, true, out);
        }
        out.ask(Question::Expunge { uids });
        self.work = Work::AskedExpunge { tag };
    }

    pub(super) fn expunged(&mut self, tag: Tag, uids: &[Uid], out: &mut Out<'_>) {
        if let Some(selected) = &mut self.selected {
            selected.view.note_gone(uids);
            selected.tell_gone(out);
        }
        self.finish(tag, Status::ok("Expunged"), Expunges::Allowed, false, out);
    }

    pub(super) fn transfer(
        &mut self,
        tag: Tag,
        by_uid: bool,
        set: &SequenceSet,
        mailbox: String,
        moving: bool,
        out: &mut Out<'_>,
    ) {
        if moving && self.is_read_only() {
            return self.refuse(tag, Status::read_only(), out);
        }
        let Some(positions) = self.positions(set, by_uid) else {
            return self.refuse(tag, Status::BEYOND, out);
        };
        let uids =
            self.selected.as_ref().map(|selected| selected.view.ranges(&positions)).unwrap_or_default();
        if uids.is_empty() {
            return self.finish(tag, Status::ok("No messages"), Expunges::Allowed, by_uid, out);
        }
        out.ask(Question::Transfer { uids, mailbox, moving });
        self.work = Work::AskedTransfer { tag, moving };
    }

    pub(super) fn transferred(&mut self, tag: Tag, moving: bool, done: Transferred, out: &mut Out<'_>) {
        let text = if moving { "Moved" } else { "Copied" };
        let mut status = Status::ok(text);
        if !done.uids.is_empty() {
            let code = copy_uid(&done);
            if moving {
                // RFC 6851 §4.3: COPYUID comes before the EXPUNGE responses.
                out.untagged_ok(&code, "Where they are now");
            } else {
                status = status.with_code(code);
            }
        }
        if let Some(selected) = &mut self.selected {
            if moving {
                let gone: Vec<Uid> = done.uids.iter().map(|(old, _)| *old).collect();
                selected.view.note_gone(&gone);
                selected.tell_gone(out);
            } else {
                // The target may be this mailbox.
                selected.changed = true;
            }
        }
        self.finish(tag, status, Expunges::Allowed, false, out);
    }
}

/// `COPYUID 38505 304,319:320 3956:3958` (RFC 4315 §3)
fn copy_uid(done: &Transferred) -> String {
    let mut code = Encoder::default();
    code.display(format_args!("COPYUID {} ", done.uid_validity));
    code.uid_set(done.uids.iter().map(|(old, _)| *old))
        .raw(" ")
        .uid_set(done.uids.iter().map(|(_, new)| *new));
    String::from_utf8_lossy(&code.take()).into_owned()
}
