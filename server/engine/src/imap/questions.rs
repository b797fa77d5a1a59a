//! What a session asks of the store. All of it blocks and runs where it may.

use std::fs::File;

use postigo_imap::{
    self as imap, Answer, Changes, MailboxEntry, Message, Question, Refusal, Vanished, Wanted, limits,
};
use postigo_message::{Span, SpanReader};
use postigo_store::{Access, AccountMail, Code, FlagChange, MailboxId, MailboxName, UidRange};

use super::{content, convert, search};

/// The mailbox that is selected.
#[derive(Clone, Copy)]
pub(super) struct Selected {
    pub mailbox: MailboxId,
    pub read_only: bool,
}

/// An answer, and the mailbox that became selected with it.
pub(super) struct Answered {
    pub answer: Answer,
    pub selected: Option<Selected>,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, selected: None }
    }
}

/// Answers a question about an account's mail. Blocking.
pub(super) fn answer(mail: &AccountMail, selected: Option<Selected>, question: Question) -> Answered {
    let done = match question {
        Question::Open { mailbox, read_only } => return open(mail, &mailbox, read_only),
        question => ask(mail, selected, question),
    };
    done.unwrap_or_else(|error| Answer::Refused(convert::refusal(&error))).into()
}

type Result<T> = std::result::Result<T, postigo_store::Error>;

fn ask(mail: &AccountMail, selected: Option<Selected>, question: Question) -> Result<Answer> {
    match question {
        Question::Mailboxes => mailboxes(mail),
        Question::Create(name) => mail.create(&MailboxName::parse(&name)?, None).map(|_| Answer::Done),
        Question::Delete(name) => mail.delete(&MailboxName::parse(&name)?).map(|()| Answer::Done),
        Question::Rename { from, to } => {
            mail.rename(&MailboxName::parse(&from)?, &MailboxName::parse(&to)?).map(|()| Answer::Done)
        }
        Question::Subscribe { mailbox, subscribed } => {
            mail.subscribe(&MailboxName::parse(&mailbox)?, subscribed).map(|()| Answer::Done)
        }
        Question::Status(name) => status(mail, &name),
        question => match selected {
            Some(selected) => ask_selected(mail, selected, question),
            // The session asks these only with a mailbox selected.
            None => Ok(Answer::Refused(Refusal::ServerFault)),
        },
    }
}

fn ask_selected(mail: &AccountMail, selected: Selected, question: Question) -> Result<Answer> {
    let mailbox = selected.mailbox;
    match question {
        Question::Changes { since } => changes(mail, selected, since),
        Question::Messages { uids, wanted } => messages(mail, mailbox, &convert::ranges_back(&uids), wanted),
        Question::Octets { uid, span } => octets(mail, mailbox, uid, span).map(Answer::Octets),
        Question::SetFlags { uids, action, flags } => {
            let change = FlagChange {
                action: match action {
                    imap::FlagAction::Add => postigo_store::FlagAction::Add,
                    imap::FlagAction::Remove => postigo_store::FlagAction::Remove,
                    imap::FlagAction::Replace => postigo_store::FlagAction::Replace,
                },
                flags: convert::flags_back(&flags),
                keywords: flags.keywords().to_vec(),
                unless_changed_since: None,
            };
            let outcome = mail.set_flags(mailbox, &convert::ranges_back(&uids), &change)?;
            Ok(Answer::FlagsSet(convert::states(&outcome.states)))
        }
        Question::Expunge { uids } => {
            let ranges = uids.map_or_else(|| vec![UidRange::ALL], |uids| convert::ranges_back(&uids));
            Ok(Answer::Expunged(convert::uids(&mail.expunge(mailbox, &ranges)?)))
        }
        Question::Transfer { uids, mailbox: target, moving } => {
            transfer(mail, mailbox, &uids, &target, moving)
        }
        Question::Search { program, candidates } => {
            Ok(Answer::Found(search::search(mail, mailbox, &program, &candidates)))
        }
        // The driver answers the others itself.
        _ => Ok(Answer::Refused(Refusal::ServerFault)),
    }
}

fn mailboxes(mail: &AccountMail) -> Result<Answer> {
    let mut entries: Vec<MailboxEntry> = mail
        .list()?
        .iter()
        .map(|mailbox| MailboxEntry {
            name: mailbox.name.to_string(),
            exists: true,
            subscribed: mailbox.subscribed,
            special_use: mailbox.special_use.map(convert::special_use),
        })
        .collect();
    for name in mail.subscriptions()? {
        if entries.iter().all(|entry| entry.name != name.as_str()) {
            entries.push(MailboxEntry {
                name: name.to_string(),
                exists: false,
                subscribed: true,
                special_use: None,
            });
        }
    }
    Ok(Answer::Mailboxes(entries))
}

fn find(mail: &AccountMail, name: &str) -> Result<Option<MailboxId>> {
    match MailboxName::parse(name) {
        Ok(name) => Ok(mail.find(&name)?.map(|mailbox| mailbox.id)),
        // A name that cannot be is that of no mailbox.
        Err(_) => Ok(None),
    }
}

fn status(mail: &AccountMail, name: &str) -> Result<Answer> {
    let Some(mailbox) = find(mail, name)? else { return Ok(Answer::Refused(Refusal::NoSuchMailbox)) };
    let status = mail.status(mailbox)?;
    Ok(convert::status(&status).map_or(Answer::Refused(Refusal::ServerFault), Answer::Status))
}

fn open(mail: &AccountMail, name: &str, read_only: bool) -> Answered {
    let opened = || {
        let Some(mailbox) = find(mail, name)? else { return Ok(None) };
        let access = if read_only { Access::ReadOnly } else { Access::ReadWrite };
        Ok(Some((mailbox, mail.open(mailbox, access)?)))
    };
    match opened() {
        Ok(None) => Answer::Refused(Refusal::NoSuchMailbox).into(),
        Err(error) => Answer::Refused(convert::refusal(&error)).into(),
        Ok(Some((mailbox, opened))) => match convert::opened(&opened) {
            Some(opened) => {
                Answered { answer: Answer::Opened(opened), selected: Some(Selected { mailbox, read_only }) }
            }
            None => Answer::Refused(Refusal::ServerFault).into(),
        },
    }
}

fn changes(mail: &AccountMail, selected: Selected, since: imap::ModSeq) -> Result<Answer> {
    let mailbox = selected.mailbox;
    mail.poll(mailbox)?;
    let recent = if selected.read_only { Vec::new() } else { mail.claim_recent(mailbox)? };
    let since = postigo_store::ModSeq::new(since.0).unwrap_or(postigo_store::ModSeq::ZERO);
    let changes = mail.changes_since(mailbox, since)?;
    let vanished = if changes.complete {
        Vanished::These(convert::uids(&changes.vanished))
    } else {
        let all = mail.states(mailbox, &[UidRange::ALL], usize::MAX)?;
        Vanished::AllBut(convert::uids(&all.iter().map(|state| state.uid).collect::<Vec<_>>()))
    };
    Ok(Answer::Changes(Changes {
        changed: convert::states(&changes.changed),
        vanished,
        recent: convert::uids(&recent),
        mod_seq: convert::mod_seq(changes.highest_mod_seq),
    }))
}

fn messages(mail: &AccountMail, mailbox: MailboxId, uids: &[UidRange], wanted: Wanted) -> Result<Answer> {
    let infos = mail.infos(mailbox, uids, usize::MAX)?;
    let mut parts = if wanted.parsed { mail.parts(mailbox, uids, usize::MAX)? } else { Vec::new() };
    parts.reverse();
    let mut messages = Vec::with_capacity(infos.len());
    for info in infos {
        let Some(state) = convert::state(&info.state) else { continue };
        let parsed = if wanted.parsed {
            // Both are ascending; what has no parts has lost its file and is left out.
            while parts.last().is_some_and(|p| p.uid < info.state.uid) {
                parts.pop();
            }
            match parts.pop_if(|p| p.uid == info.state.uid) {
                Some(parts) => Some(convert::parsed(parts)),
                None => continue,
            }
        } else {
            None
        };
        let header = if wanted.header {
            let block = parsed
                .as_ref()
                .map_or(Span { start: 0, end: limits::HEADER_OCTETS.min(info.octets) }, |parsed| {
                    parsed.structure.root.header.part(0, limits::HEADER_OCTETS)
                });
            match read(mail, mailbox, info.state.uid, info.octets, block)? {
                Some(header) => Some(header),
                None => continue,
            }
        } else {
            None
        };
        messages.push(Message {
            state,
            octets: info.octets,
            internal_date: info.internal_date,
            parsed,
            header: header.map(up_to_blank_line),
        });
    }
    Ok(Answer::Messages(messages))
}

/// The header block of what begins with one, its blank line included.
fn up_to_blank_line(mut octets: Vec<u8>) -> Vec<u8> {
    let end = if octets.starts_with(b"\r\n") {
        Some(2)
    } else {
        octets.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
    };
    octets.truncate(end.unwrap_or(octets.len()));
    octets
}

fn octets(mail: &AccountMail, mailbox: MailboxId, uid: imap::Uid, span: Span) -> Result<Option<Vec<u8>>> {
    let uid = convert::uid_back(uid);
    let info = mail.infos(mailbox, &[UidRange::one(uid)], 1)?.pop();
    match info {
        Some(info) => read(mail, mailbox, uid, info.octets, span),
        None => Ok(None),
    }
}

fn read(
    mail: &AccountMail,
    mailbox: MailboxId,
    uid: postigo_store::Uid,
    octets: u64,
    span: Span,
) -> Result<Option<Vec<u8>>> {
    match mail.file(mailbox, uid) {
        Ok(file) => Ok(Some(content::read(file, octets, span)?)),
        Err(error) if error.code() == Code::MessageGone => Ok(None),
        Err(error) => Err(error),
    }
}

/// A message of the selected mailbox, to be sent in pieces. None if it is gone. Blocking.
pub(super) fn serve(
    mail: &AccountMail,
    mailbox: MailboxId,
    uid: imap::Uid,
    span: Span,
) -> Result<Option<SpanReader<File>>> {
    let uid = convert::uid_back(uid);
    let Some(info) = mail.infos(mailbox, &[UidRange::one(uid)], 1)?.pop() else { return Ok(None) };
    match mail.file(mailbox, uid) {
        Ok(file) => Ok(Some(content::open(file, info.octets, span)?)),
        Err(error) if error.code() == Code::MessageGone => Ok(None),
        Err(error) => Err(error),
    }
}

fn transfer(
    mail: &AccountMail,
    from: MailboxId,
    uids: &[imap::UidRange],
    target: &str,
    moving: bool,
) -> Result<Answer> {
    let Some(to) = find(mail, target)? else { return Ok(Answer::Refused(Refusal::TryCreate)) };
    let uids = convert::ranges_back(uids);
    let outcome = if moving { mail.move_to(from, &uids, to)? } else { mail.copy(from, &uids, to)? };
    Ok(convert::transferred(&outcome).map_or(Answer::Refused(Refusal::ServerFault), Answer::Transferred))
}

/// Whether there is such a mailbox to append to. Blocking.
pub(super) fn append_target(mail: &AccountMail, name: &str) -> std::result::Result<MailboxName, Refusal> {
    match find(mail, name) {
        Ok(Some(_)) => MailboxName::parse(name).map_err(|_| Refusal::TryCreate),
        Ok(None) => Err(Refusal::TryCreate),
        Err(error) => Err(convert::refusal(&error)),
    }
}
