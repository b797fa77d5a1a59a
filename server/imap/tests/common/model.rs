//! Mailboxes in memory, which answer a session's questions as a store would.

use postigo_imap::*;
use postigo_message::{ParsedMessage, Span, served};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

#[derive(Clone)]
struct Stored {
    state: MessageState,
    octets: Vec<u8>,
    date: &'static str,
}

#[derive(Default)]
struct Mailbox {
    messages: Vec<Stored>,
    recent: Vec<Uid>,
    vanished: Vec<(u64, Uid)>,
    last_uid: u32,
    mod_seq: u64,
    subscribed: bool,
    special_use: Option<&'static str>,
}

/// A user with the password `secret`, and her mail.
pub struct Model {
    mailboxes: BTreeMap<String, Mailbox>,
    gone_subscriptions: Vec<String>,
    selected: String,
    appending: Option<(String, Flags, Vec<u8>)>,
}

const VALIDITY: u32 = 77;

fn uid(number: u32) -> Uid {
    Uid::new(number).unwrap()
}

fn is_in(uids: &[UidRange], uid: Uid) -> bool {
    uids.iter().any(|range| range.first <= uid && uid <= range.last)
}

impl Mailbox {
    fn next_mod_seq(&mut self) -> ModSeq {
        self.mod_seq += 1;
        ModSeq(self.mod_seq)
    }

    fn add(&mut self, octets: &[u8], flags: Flags, date: &'static str) -> Uid {
        self.last_uid += 1;
        let (uid, mod_seq) = (uid(self.last_uid), self.next_mod_seq());
        let state = MessageState { uid, flags, mod_seq };
        self.messages.push(Stored { state, octets: served(octets).into_owned(), date });
        self.recent.push(uid);
        uid
    }

    fn remove(&mut self, is_wanted: impl Fn(&Stored) -> bool) -> Vec<Uid> {
        let gone: Vec<Uid> = self.messages.iter().filter(|m| is_wanted(m)).map(|m| m.state.uid).collect();
        self.messages.retain(|message| !gone.contains(&message.state.uid));
        if !gone.is_empty() {
            let mod_seq = self.next_mod_seq().0;
            self.vanished.extend(gone.iter().map(|uid| (mod_seq, *uid)));
        }
        gone
    }

    fn set_flags(&mut self, uids: &[UidRange], action: FlagAction, flags: &Flags) -> Vec<MessageState> {
        let mod_seq = self.next_mod_seq();
        let mut states = Vec::new();
        for message in self.messages.iter_mut().filter(|message| is_in(uids, message.state.uid)) {
            let old = &message.state.flags;
            let mut new = Flags::default();
            let kept = |set: bool, named: bool| match action {
                FlagAction::Add => set || named,
                FlagAction::Remove => set && !named,
                FlagAction::Replace => named,
            };
            for flag in SystemFlag::ALL {
                if kept(old.has(flag), flags.has(flag)) {
                    new.set(flag);
                }
            }
            for keyword in old.keywords().iter().chain(flags.keywords()) {
                if kept(old.has_keyword(keyword), flags.has_keyword(keyword)) {
                    new.add_keyword(keyword);
                }
            }
            if new != *old {
                message.state = MessageState { flags: new, mod_seq, ..message.state };
            }
            states.push(message.state.clone());
        }
        states
    }
}

impl Model {
    pub fn new() -> Self {
        let names = [("INBOX", None), ("Sent", Some("\\Sent")), ("Papelería", None), ("Work.2026", None)];
        let mailboxes = names.into_iter().map(|(name, special_use)| {
            (name.to_owned(), Mailbox { special_use, subscribed: name == "INBOX", ..Mailbox::default() })
        });
        Self {
            mailboxes: mailboxes.collect(),
            gone_subscriptions: vec!["Old".into()],
            selected: String::new(),
            appending: None,
        }
    }

    /// Puts a message into INBOX, as a delivery does.
    pub fn deliver(&mut self, octets: &[u8]) {
        self.inbox().add(octets, Flags::default(), "2026-11-24T12:00:00Z");
    }

    /// Another session's doing in INBOX: `expunge 2`, `flag 2` or `forget` (what was expunged when).
    pub fn elsewhere(&mut self, what: &str) {
        let inbox = self.inbox();
        match what.split_once(' ') {
            Some(("expunge", number)) => {
                let gone = uid(number.parse().unwrap());
                inbox.remove(|message| message.state.uid == gone);
            }
            Some(("flag", number)) => {
                let mut flags = Flags::default();
                flags.set(SystemFlag::Flagged);
                let one = uid(number.parse().unwrap());
                inbox.set_flags(&[UidRange { first: one, last: one }], FlagAction::Add, &flags);
            }
            _ => panic!("{what}"),
        }
    }

    /// The octets of a message of the selected mailbox.
    pub fn content(&self, uid: Uid, span: Span) -> &[u8] {
        let mailbox = &self.mailboxes[&self.selected];
        let message = mailbox.messages.iter().find(|message| message.state.uid == uid).unwrap();
        &message.octets[span.range().unwrap()]
    }

    pub fn append_data(&mut self, octets: &[u8]) {
        self.appending.as_mut().unwrap().2.extend_from_slice(octets);
    }

    pub fn append_aborted(&mut self) {
        assert!(self.appending.take().is_some());
    }

    fn inbox(&mut self) -> &mut Mailbox {
        self.mailboxes.get_mut("INBOX").unwrap()
    }

    fn open(&mut self) -> &mut Mailbox {
        self.mailboxes.get_mut(&self.selected).unwrap()
    }

    pub fn answer(&mut self, question: Question) -> Answer {
        match question {
            Question::Keys { user, .. } => Answer::Keys((user == "ana").then(|| super::verifier().into())),
            Question::Password { user, password } => {
                Answer::Password(user == "ana" && super::verifier().verify(&password))
            }
            Question::Mailboxes | Question::Create(_) | Question::Delete(_) | Question::Rename { .. } => {
                self.about_names(question)
            }
            Question::Subscribe { mailbox, subscribed } => match self.mailboxes.get_mut(&mailbox) {
                Some(found) => {
                    found.subscribed = subscribed;
                    Answer::Done
                }
                None => Answer::Refused(Refusal::NoSuchMailbox),
            },
            Question::Status(name) => match self.mailboxes.get(&name) {
                Some(mailbox) => Answer::Status(MailboxStatus {
                    uid_validity: UidValidity::new(VALIDITY).unwrap(),
                    uid_next: uid(mailbox.last_uid + 1),
                    messages: mailbox.messages.len() as u64,
                    recent: mailbox.recent.len() as u64,
                    unseen: mailbox.messages.iter().filter(|m| !m.state.flags.has(SystemFlag::Seen)).count()
                        as u64,
                }),
                None => Answer::Refused(Refusal::NoSuchMailbox),
            },
            Question::Open { mailbox, read_only } => self.opened(mailbox, read_only),
            Question::Append { mailbox, flags, .. } => {
                if !self.mailboxes.contains_key(&mailbox) {
                    return Answer::Refused(Refusal::TryCreate);
                }
                self.appending = Some((mailbox, flags, Vec::new()));
                Answer::Done
            }
            Question::AppendEnd => {
                let (mailbox, flags, octets) = self.appending.take().unwrap();
                let mailbox = self.mailboxes.get_mut(&mailbox).unwrap();
                let uid = mailbox.add(&octets, flags, "2026-11-24T13:00:00Z");
                Answer::Appended(Appended { uid_validity: UidValidity::new(VALIDITY).unwrap(), uid })
            }
            other => self.about_messages(other),
        }
    }

    fn about_names(&mut self, question: Question) -> Answer {
        match question {
            Question::Create(name) => {
                if self.mailboxes.contains_key(&name) {
                    return Answer::Refused(Refusal::MailboxExists);
                }
                self.mailboxes.insert(name, Mailbox::default());
                Answer::Done
            }
            Question::Delete(name) => match self.mailboxes.remove(&name) {
                Some(_) => Answer::Done,
                None => Answer::Refused(Refusal::NoSuchMailbox),
            },
            Question::Rename { from, to } => match self.mailboxes.remove(&from) {
                Some(mailbox) => {
                    self.mailboxes.insert(to, mailbox);
                    Answer::Done
                }
                None => Answer::Refused(Refusal::NoSuchMailbox),
            },
            _ => {
                let gone = self.gone_subscriptions.iter().map(|name| MailboxEntry {
                    name: name.clone(),
                    exists: false,
                    subscribed: true,
                    special_use: None,
                });
                let there = self.mailboxes.iter().map(|(name, mailbox)| MailboxEntry {
                    name: name.clone(),
                    exists: true,
                    subscribed: mailbox.subscribed,
                    special_use: mailbox.special_use,
                });
                Answer::Mailboxes(there.chain(gone).collect())
            }
        }
    }

    fn opened(&mut self, name: String, read_only: bool) -> Answer {
        let Some(mailbox) = self.mailboxes.get_mut(&name) else {
            return Answer::Refused(Refusal::NoSuchMailbox);
        };
        self.selected = name;
        let recent = if read_only { mailbox.recent.clone() } else { std::mem::take(&mut mailbox.recent) };
        let unseen = mailbox.messages.iter().find(|message| !message.state.flags.has(SystemFlag::Seen));
        Answer::Opened(Opened {
            uid_validity: UidValidity::new(VALIDITY).unwrap(),
            uid_next: uid(mailbox.last_uid + 1),
            mod_seq: ModSeq(mailbox.mod_seq),
            uids: mailbox.messages.iter().map(|message| message.state.uid).collect(),
            recent,
            first_unseen: unseen.map(|message| message.state.uid),
            keywords: vec!["$Work".into()],
        })
    }

    fn about_messages(&mut self, question: Question) -> Answer {
        if !self.mailboxes.contains_key(&self.selected) {
            return Answer::Refused(Refusal::NoSuchMailbox);
        }
        let mailbox = self.open();
        match question {
            Question::Changes { since } => Answer::Changes(Changes {
                changed: mailbox
                    .messages
                    .iter()
                    .filter(|message| message.state.mod_seq > since)
                    .map(|message| message.state.clone())
                    .collect(),
                vanished: Vanished::These(
                    mailbox.vanished.iter().filter(|(at, _)| *at > since.0).map(|(_, uid)| *uid).collect(),
                ),
                recent: std::mem::take(&mut mailbox.recent),
                mod_seq: ModSeq(mailbox.mod_seq),
            }),
            Question::Messages { uids, wanted } => {
                let found = mailbox.messages.iter().filter(|message| is_in(&uids, message.state.uid));
                Answer::Messages(found.map(|message| message_of(message, wanted)).collect())
            }
            Question::Octets { uid, span } => Answer::Octets(Some(self.content(uid, span).to_vec())),
            Question::SetFlags { uids, action, flags } => {
                Answer::FlagsSet(mailbox.set_flags(&uids, action, &flags))
            }
            Question::Expunge { uids } => Answer::Expunged(mailbox.remove(|message| {
                message.state.flags.has(SystemFlag::Deleted)
                    && uids.as_ref().is_none_or(|uids| is_in(uids, message.state.uid))
            })),
            Question::Transfer { uids, mailbox: target, moving } => self.transfer(&uids, &target, moving),
            Question::Search { program, candidates } => {
                let matches = |facts: &SearchFacts| {
                    let message = mailbox.messages.iter().find(|m| m.state.uid == facts.uid).unwrap();
                    program.matches(facts, &mut File(&message.octets)).unwrap()
                };
                Answer::Found(
                    candidates.iter().filter(|facts| matches(facts)).map(|facts| facts.uid).collect(),
                )
            }
            other => panic!("{other:?}"),
        }
    }

    fn transfer(&mut self, uids: &[UidRange], target: &str, moving: bool) -> Answer {
        if !self.mailboxes.contains_key(target) {
            return Answer::Refused(Refusal::TryCreate);
        }
        let chosen: Vec<Stored> =
            self.open().messages.iter().filter(|message| is_in(uids, message.state.uid)).cloned().collect();
        let to = self.mailboxes.get_mut(target).unwrap();
        let pairs = chosen
            .iter()
            .map(|old| (old.state.uid, to.add(&old.octets, old.state.flags.clone(), old.date)))
            .collect();
        if moving {
            self.open().remove(|message| is_in(uids, message.state.uid));
        }
        Answer::Transferred(Transferred { uid_validity: UidValidity::new(VALIDITY).unwrap(), uids: pairs })
    }
}

fn message_of(stored: &Stored, wanted: Wanted) -> Message {
    let parsed = ParsedMessage::parse(&stored.octets);
    let header = stored.octets[parsed.structure.root.header.range().unwrap()].to_vec();
    Message {
        state: stored.state.clone(),
        octets: stored.octets.len() as u64,
        internal_date: stored.date.parse().unwrap(),
        parsed: wanted.parsed.then(|| Arc::new(parsed)),
        header: wanted.header.then_some(header),
    }
}

struct File<'a>(&'a [u8]);

impl SearchContent for File<'_> {
    fn parsed(&mut self) -> io::Result<Arc<ParsedMessage>> {
        Ok(Arc::new(ParsedMessage::parse(self.0)))
    }

    fn read(&mut self, span: Span) -> io::Result<Vec<u8>> {
        Ok(self.0[span.range().unwrap()].to_vec())
    }
}
