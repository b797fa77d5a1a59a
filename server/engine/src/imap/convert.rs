//! The store's types as the session has them, and back.

use std::sync::Arc;

use postigo_imap as imap;
use postigo_message::ParsedMessage;
use postigo_store as store;

/// Flags of both sides, paired.
const FLAGS: [(imap::SystemFlag, store::Flags); 5] = [
    (imap::SystemFlag::Answered, store::Flags::ANSWERED),
    (imap::SystemFlag::Flagged, store::Flags::FLAGGED),
    (imap::SystemFlag::Deleted, store::Flags::DELETED),
    (imap::SystemFlag::Seen, store::Flags::SEEN),
    (imap::SystemFlag::Draft, store::Flags::DRAFT),
];

/// UIDs of the store are never zero, nor are those of the session; one that were is left out.
pub(super) fn uids(uids: &[store::Uid]) -> Vec<imap::Uid> {
    uids.iter().filter_map(|uid| imap::Uid::new(uid.get())).collect()
}

pub(super) fn uid_back(uid: imap::Uid) -> store::Uid {
    store::Uid::new(uid.get()).unwrap_or(store::Uid::MIN)
}

pub(super) fn ranges_back(ranges: &[imap::UidRange]) -> Vec<store::UidRange> {
    ranges
        .iter()
        .map(|range| store::UidRange { first: uid_back(range.first), last: uid_back(range.last) })
        .collect()
}

pub(super) fn validity(validity: store::UidValidity) -> Option<imap::UidValidity> {
    imap::UidValidity::new(validity.get())
}

pub(super) fn mod_seq(mod_seq: store::ModSeq) -> imap::ModSeq {
    // Mod-sequences are positive; SQLite has only signed numbers.
    imap::ModSeq(mod_seq.get().unsigned_abs())
}

pub(super) fn flags(flags: store::Flags, keywords: &[String]) -> imap::Flags {
    let mut out = imap::Flags::default();
    for (theirs, ours) in FLAGS {
        if flags.contains(ours) {
            out.set(theirs);
        }
    }
    for keyword in keywords {
        out.add_keyword(keyword);
    }
    out
}

pub(super) fn flags_back(flags: &imap::Flags) -> store::Flags {
    FLAGS
        .into_iter()
        .filter(|(theirs, _)| flags.has(*theirs))
        .fold(store::Flags::NONE, |all, (_, ours)| all | ours)
}

pub(super) fn state(state: &store::MessageState) -> Option<imap::MessageState> {
    Some(imap::MessageState {
        uid: imap::Uid::new(state.uid.get())?,
        flags: flags(state.flags, &state.keywords),
        mod_seq: mod_seq(state.mod_seq),
    })
}

pub(super) fn states(all: &[store::MessageState]) -> Vec<imap::MessageState> {
    all.iter().filter_map(state).collect()
}

pub(super) fn parsed(parts: store::MessageParts) -> Arc<ParsedMessage> {
    Arc::new(ParsedMessage { envelope: parts.envelope, structure: parts.structure })
}

pub(super) fn status(status: &store::MailboxStatus) -> Option<imap::MailboxStatus> {
    Some(imap::MailboxStatus {
        uid_validity: validity(status.uid_validity)?,
        uid_next: imap::Uid::new(status.uid_next.get())?,
        messages: status.messages,
        recent: status.recent,
        unseen: status.unseen,
    })
}

pub(super) fn opened(opened: &store::Opened) -> Option<imap::Opened> {
    Some(imap::Opened {
        uid_validity: validity(opened.status.uid_validity)?,
        uid_next: imap::Uid::new(opened.status.uid_next.get())?,
        mod_seq: mod_seq(opened.status.highest_mod_seq),
        uids: uids(&opened.uids),
        recent: uids(&opened.recent),
        first_unseen: opened.first_unseen.and_then(|uid| imap::Uid::new(uid.get())),
        keywords: opened.keywords.clone(),
    })
}

pub(super) fn transferred(outcome: &store::CopyOutcome) -> Option<imap::Transferred> {
    let pair = |(old, new): &(store::Uid, store::Uid)| {
        Some((imap::Uid::new(old.get())?, imap::Uid::new(new.get())?))
    };
    Some(imap::Transferred {
        uid_validity: validity(outcome.uid_validity)?,
        uids: outcome.uids.iter().filter_map(pair).collect(),
    })
}

pub(super) const fn special_use(special_use: store::SpecialUse) -> &'static str {
    match special_use {
        store::SpecialUse::Drafts => "\\Drafts",
        store::SpecialUse::Sent => "\\Sent",
        store::SpecialUse::Archive => "\\Archive",
        store::SpecialUse::Junk => "\\Junk",
        store::SpecialUse::Trash => "\\Trash",
    }
}

/// Why the store said no, with the response code for it. What an operator has to see goes to the program's log.
pub(super) fn refusal(error: &store::Error) -> imap::Refusal {
    use imap::Refusal;
    use store::Code;
    match error.code() {
        Code::MailboxUnknown => Refusal::NoSuchMailbox,
        Code::MailboxExists => Refusal::MailboxExists,
        Code::BadMailboxName => Refusal::BadMailboxName,
        Code::MailboxProtected | Code::BadMessage => Refusal::NotPossible,
        Code::StoreFull => Refusal::OverQuota,
        Code::TooManyKeywords | Code::BadKeyword => Refusal::Limit,
        Code::Closed | Code::AccountUnknown | Code::MessageGone => Refusal::Unavailable,
        _ => {
            tracing::error!(error = error as &dyn std::error::Error, "the store");
            if error.is_temporary() { Refusal::Unavailable } else { Refusal::ServerFault }
        }
    }
}
