//! SEARCH (RFC 3501 §6.4.4).

use super::Session;
use super::io::{Answer, Message, Question, Wanted};
use super::out::Out;
use super::work::{Expunges, Work};
use crate::command::Tag;
use crate::limits::BATCH;
use crate::number::Uid;
use crate::response::Status;
use crate::search::{Key, SearchFacts, SearchProgram};
use crate::tracker::Batches;
use std::sync::Arc;

/// SEARCH in progress.
#[derive(Debug)]
pub(super) struct SearchWork {
    tag: Tag,
    by_uid: bool,
    program: Arc<SearchProgram>,
    batches: Batches,
    found: Vec<Uid>,
}

impl SearchWork {
    pub fn tag(&self) -> &Tag {
        &self.tag
    }
}

impl Session {
    pub(super) fn search(&mut self, tag: Tag, by_uid: bool, key: Key, out: &mut Out<'_>) {
        let Some(selected) = &self.selected else { return self.refuse(tag, Status::WRONG_STATE, out) };
        let Some(program) = SearchProgram::new(key, &selected.view) else {
            return self.refuse(tag, Status::BEYOND, out);
        };
        // What the UID alone decides needs no question: `SEARCH ALL`, `UID SEARCH 5:*`.
        let (mut found, mut open) = (Vec::new(), Vec::new());
        for (position, uid) in selected.view.uids().iter().enumerate() {
            match program.decide(*uid, None) {
                Some(true) => found.push(*uid),
                Some(false) => {}
                None => open.push(position..position + 1),
            }
        }
        let batches = Batches::new(open);
        self.search_next(SearchWork { tag, by_uid, program: Arc::new(program), batches, found }, out);
    }

    fn search_next(&mut self, mut work: SearchWork, out: &mut Out<'_>) {
        let positions = work.batches.next(BATCH);
        match self.selected.as_ref().filter(|_| !positions.is_empty()) {
            Some(selected) => {
                let uids = selected.view.ranges(&positions);
                out.ask(Question::Messages { uids, wanted: Wanted::default() });
                self.work = Work::AskedSearch(work);
            }
            None => self.found(work, out),
        }
    }

    pub(super) fn search_answer(&mut self, mut work: SearchWork, answer: Answer, out: &mut Out<'_>) {
        match answer {
            Answer::Messages(messages) => {
                let candidates = self.undecided(&mut work, messages);
                if !candidates.is_empty() {
                    out.ask(Question::Search { program: work.program.clone(), candidates });
                    self.work = Work::AskedSearch(work);
                    return;
                }
            }
            Answer::Found(uids) => work.found.extend(uids),
            _ => return self.fail(out),
        }
        self.search_next(work, out);
    }

    /// Takes what the facts decide; the rest has to be read.
    fn undecided(&self, work: &mut SearchWork, messages: Vec<Message>) -> Vec<SearchFacts> {
        let Some(selected) = &self.selected else { return Vec::new() };
        let mut undecided = Vec::new();
        for message in messages {
            let uid = message.state.uid;
            let facts = SearchFacts {
                uid,
                flags: message.state.flags,
                recent: selected.view.is_recent(uid),
                octets: message.octets,
                internal_date: message.internal_date,
            };
            match work.program.decide(uid, Some(&facts)) {
                Some(true) => work.found.push(uid),
                Some(false) => {}
                None => undecided.push(facts),
            }
        }
        undecided
    }

    fn found(&mut self, mut work: SearchWork, out: &mut Out<'_>) {
        work.found.sort_unstable();
        out.text().raw("* SEARCH");
        if let Some(selected) = &self.selected {
            for uid in work.found {
                match selected.view.seq(uid) {
                    Some(_) if work.by_uid => out.text().display(format_args!(" {uid}")),
                    Some(seq) => out.text().display(format_args!(" {seq}")),
                    None => continue,
                };
            }
        }
        out.text().crlf();
        let expunges = if work.by_uid { Expunges::Allowed } else { Expunges::Held };
        self.finish(work.tag, Status::ok("Searched"), expunges, work.by_uid, out);
    }
}
