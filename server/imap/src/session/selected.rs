//! The selected mailbox, as the client knows it.

use super::io::{MessageState, Opened};
use super::out::Out;
use crate::flags::{Flags, SystemFlag};
use crate::number::{ModSeq, Uid};
use crate::tracker::Tracker;
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Selected {
    pub view: Tracker,
    pub read_only: bool,
    /// What happened up to here is known.
    pub mod_seq: ModSeq,
    /// Something happened, or may have.
    pub changed: bool,
    /// Changes this session made itself and has told: not to be told again.
    pub told: HashMap<Uid, ModSeq>,
    /// Keywords the client was told of.
    keywords: Flags,
}

impl Selected {
    pub fn new(opened: Opened, read_only: bool) -> Self {
        let mut keywords = Flags::default();
        opened.keywords.iter().for_each(|keyword| keywords.add_keyword(keyword));
        Self {
            view: Tracker::new(opened.uids, opened.recent),
            read_only,
            mod_seq: opened.mod_seq,
            changed: false,
            told: HashMap::new(),
            keywords,
        }
    }

    /// FLAGS and PERMANENTFLAGS (RFC 3501 §7.1 and §7.2.6).
    pub fn tell_flags(&self, out: &mut Out<'_>) {
        let mut flags = self.keywords.clone();
        SystemFlag::ALL.into_iter().for_each(|flag| flags.set(flag));
        let mut encoder = crate::encode::Encoder::default();
        encoder.flags(&flags, false);
        let list = encoder.take();
        out.text().raw("* FLAGS ").raw(&list).crlf();
        if self.read_only {
            out.untagged_ok("PERMANENTFLAGS ()", "No flag can be changed");
        } else {
            let inside = list.strip_suffix(b")").unwrap_or(&list);
            out.text().raw("* OK [PERMANENTFLAGS ").raw(inside).raw(" \\*)] Flags that are kept").crlf();
        }
    }

    /// EXISTS and RECENT.
    pub fn tell_counts(&self, out: &mut Out<'_>) {
        out.untagged(&format!("{} EXISTS", self.view.exists()));
        out.untagged(&format!("{} RECENT", self.view.recent()));
    }

    /// EXPUNGE for what is gone.
    pub fn tell_gone(&mut self, out: &mut Out<'_>) {
        for seq in self.view.take_gone() {
            out.untagged(&format!("{seq} EXPUNGE"));
        }
    }

    /// FLAGS again, if some of these messages have a keyword that the client does not know.
    pub fn tell_new_keywords<'a>(&mut self, flags: impl IntoIterator<Item = &'a Flags>, out: &mut Out<'_>) {
        let before = self.keywords.keywords().len();
        for keyword in flags.into_iter().flat_map(Flags::keywords) {
            self.keywords.add_keyword(keyword);
        }
        if self.keywords.keywords().len() > before {
            self.tell_flags(out);
        }
    }

    /// FETCH with the flags of a message in the view.
    pub fn tell_state(&self, state: &MessageState, by_uid: bool, out: &mut Out<'_>) {
        let Some(seq) = self.view.seq(state.uid) else { return };
        let text = out.text().display(format_args!("* {seq} FETCH ("));
        if by_uid {
            text.display(format_args!("UID {} ", state.uid));
        }
        text.raw("FLAGS ").flags(&state.flags, self.view.is_recent(state.uid)).raw(")").crlf();
    }
}
