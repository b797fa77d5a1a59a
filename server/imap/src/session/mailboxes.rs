//! The commands about mailboxes (RFC 3501 §6.3), and CLOSE.

use super::Session;
use super::io::{MailboxEntry, MailboxStatus, Note, Opened, Question};
use super::out::Out;
use super::selected::Selected;
use super::work::{Expunges, Work};
use crate::command::{StatusItem, Tag};
use crate::list::listed;
use crate::response::Status;

impl Session {
    /// Asks a question whose answer is that it is done.
    pub(super) fn ask_done(&mut self, tag: Tag, question: Question, text: &'static str, out: &mut Out<'_>) {
        out.ask(question);
        self.work = Work::AskedDone { tag, text };
    }

    pub(super) fn create(&mut self, tag: Tag, mut mailbox: String, out: &mut Out<'_>) {
        // RFC 3501 §6.3.3: a delimiter at the end says that children will follow, and is not part of the name.
        if mailbox.ends_with(self.config.delimiter) {
            mailbox.pop();
        }
        self.ask_done(tag, Question::Create(mailbox), "Created", out);
    }

    pub(super) fn select(&mut self, tag: Tag, mailbox: String, read_only: bool, out: &mut Out<'_>) {
        // RFC 3501 §6.3.1: the old mailbox is left even if the new one cannot be opened.
        self.deselect(out);
        out.ask(Question::Open { mailbox: mailbox.clone(), read_only });
        self.work = Work::AskedOpen { tag, mailbox, read_only };
    }

    pub(super) fn deselect(&mut self, out: &mut Out<'_>) {
        if self.selected.take().is_some() {
            out.note(Note::Deselected);
        }
    }

    pub(super) fn opened(
        &mut self,
        tag: &Tag,
        mailbox: String,
        read_only: bool,
        opened: Opened,
        out: &mut Out<'_>,
    ) {
        let (uid_validity, uid_next, unseen) = (opened.uid_validity, opened.uid_next, opened.first_unseen);
        let selected = Selected::new(opened, read_only);
        selected.tell_flags(out);
        selected.tell_counts(out);
        if let Some(seq) = unseen.and_then(|uid| selected.view.seq(uid)) {
            out.untagged_ok(&format!("UNSEEN {seq}"), "The first unseen message");
        }
        out.untagged_ok(&format!("UIDVALIDITY {uid_validity}"), "UIDs are valid");
        out.untagged_ok(&format!("UIDNEXT {uid_next}"), "The next UID");
        out.note(Note::Selected { mailbox, read_only });
        self.selected = Some(selected);
        let status = if read_only {
            Status::ok("Open for reading").with_code("READ-ONLY")
        } else {
            Status::ok("Selected").with_code("READ-WRITE")
        };
        self.conclude(tag, &status, Expunges::Allowed, out);
    }

    pub(super) fn close(&mut self, tag: Tag, out: &mut Out<'_>) {
        if self.selected.as_ref().is_some_and(|selected| selected.read_only) {
            return self.closed(&tag, out);
        }
        out.ask(Question::Expunge { uids: None });
        self.work = Work::AskedClose { tag };
    }

    /// No EXPUNGE responses are sent for CLOSE (RFC 3501 §6.4.2).
    pub(super) fn closed(&mut self, tag: &Tag, out: &mut Out<'_>) {
        self.deselect(out);
        self.conclude(tag, &Status::ok("Closed"), Expunges::Allowed, out);
    }

    pub(super) fn list(
        &mut self,
        tag: Tag,
        reference: &str,
        pattern: &str,
        only_subscribed: bool,
        out: &mut Out<'_>,
    ) {
        if pattern.is_empty() && !only_subscribed {
            // RFC 3501 §6.3.8: the empty name asks for the delimiter.
            out.untagged(&format!("LIST (\\Noselect) \"{}\" \"\"", self.config.delimiter));
            return self.finish(tag, Status::ok("Listed"), Expunges::Allowed, false, out);
        }
        out.ask(Question::Mailboxes);
        self.work = Work::AskedMailboxes { tag, pattern: format!("{reference}{pattern}"), only_subscribed };
    }

    pub(super) fn listed(
        &mut self,
        tag: Tag,
        mailboxes: Vec<MailboxEntry>,
        pattern: &str,
        only_subscribed: bool,
        out: &mut Out<'_>,
    ) {
        let delimiter = self.config.delimiter;
        let name = if only_subscribed { "LSUB" } else { "LIST" };
        for line in listed(mailboxes, pattern, delimiter, only_subscribed) {
            let attributes = line.attributes.join(" ");
            out.text()
                .display(format_args!("* {name} ({attributes}) \"{delimiter}\" "))
                .mailbox(&line.name)
                .crlf();
        }
        self.finish(tag, Status::ok("Listed"), Expunges::Allowed, false, out);
    }

    pub(super) fn status(
        &mut self,
        tag: Tag,
        mailbox: &str,
        items: &[StatusItem],
        status: MailboxStatus,
        out: &mut Out<'_>,
    ) {
        let text = out.text().raw("* STATUS ").mailbox(mailbox).raw(" (");
        text.separated(items, |text, item| {
            let name = StatusItem::ALL.iter().find(|(_, known)| known == item).map_or("", |(name, _)| name);
            let value = match item {
                StatusItem::Messages => status.messages,
                StatusItem::Recent => status.recent,
                StatusItem::UidNext => u64::from(status.uid_next.get()),
                StatusItem::UidValidity => u64::from(status.uid_validity.get()),
                StatusItem::Unseen => status.unseen,
            };
            text.raw(name).raw(" ").display(value);
        });
        text.raw(")").crlf();
        self.finish(tag, Status::ok("Counted"), Expunges::Allowed, false, out);
    }

    pub(super) fn namespace(&mut self, tag: Tag, out: &mut Out<'_>) {
        out.untagged(&format!("NAMESPACE ((\"\" \"{}\")) NIL NIL", self.config.delimiter));
        self.finish(tag, Status::ok("That is all"), Expunges::Allowed, false, out);
    }
}
