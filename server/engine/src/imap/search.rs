//! Searching in the content of messages.

use std::io;
use std::sync::Arc;

use postigo_imap::{SearchContent, SearchFacts, SearchProgram, Uid};
use postigo_message::{ParsedMessage, Span};
use postigo_store::{AccountMail, Code, MailboxId, UidRange};

use super::{content, convert};

/// The messages that match. Blocking. Those that are gone meanwhile do not match.
pub(super) fn search(
    mail: &AccountMail,
    mailbox: MailboxId,
    program: &SearchProgram,
    candidates: &[SearchFacts],
) -> Vec<Uid> {
    candidates
        .iter()
        .filter(|facts| {
            let mut content = Content { mail, mailbox, facts, parsed: None };
            match program.matches(facts, &mut content) {
                Ok(matches) => matches,
                Err(error) => {
                    if error.kind() != io::ErrorKind::NotFound {
                        tracing::warn!(%error, "a message could not be searched");
                    }
                    false
                }
            }
        })
        .map(|facts| facts.uid)
        .collect()
}

struct Content<'a> {
    mail: &'a AccountMail,
    mailbox: MailboxId,
    facts: &'a SearchFacts,
    parsed: Option<Arc<ParsedMessage>>,
}

impl SearchContent for Content<'_> {
    fn parsed(&mut self) -> io::Result<Arc<ParsedMessage>> {
        if let Some(parsed) = &self.parsed {
            return Ok(Arc::clone(parsed));
        }
        let uid = UidRange::one(convert::uid_back(self.facts.uid));
        let mut found = self.mail.parts(self.mailbox, &[uid], 1).map_err(io_error)?;
        let parsed = convert::parsed(found.pop().ok_or(io::ErrorKind::NotFound)?);
        self.parsed = Some(Arc::clone(&parsed));
        Ok(parsed)
    }

    fn read(&mut self, span: Span) -> io::Result<Vec<u8>> {
        let file = self.mail.file(self.mailbox, convert::uid_back(self.facts.uid)).map_err(io_error)?;
        content::read(file, self.facts.octets, span)
    }
}

fn io_error(error: postigo_store::Error) -> io::Error {
    match error.code() {
        Code::MessageGone => io::ErrorKind::NotFound.into(),
        _ => io::Error::other(error),
    }
}
