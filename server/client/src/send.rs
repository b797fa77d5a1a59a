//! Sending, and keeping drafts.

use jiff::Timestamp;
use postigo_api::{Code, Draft, Error, FolderRole, MessageRef, Outgoing, SavedDraft, Sent};

use crate::changes::{expunge, store};
use crate::fetched::parse;
use crate::folders::folder_for;
use crate::imap::command::Command;
use crate::imap::connection::Connection;
use crate::later::SendAt;
use crate::outgoing::{Thread, author, build, build_draft};
use crate::recipients::Recipients;
use crate::rows::search;
use crate::submission::{Submission, queue_id};
use crate::{AccountConfig, Client};

impl Client {
    /// Answers `mail.send`. When it returns, the server has taken the message, though it may have to send it later. What comes after that (the copy under Sent, the
    /// mark on the answered message, the end of the saved draft) is done too, but cannot make a sent message fail: a fault
    /// there is logged.
    ///
    /// # Errors
    /// `mail.no_recipients`, `mail.address_invalid`, `mail.too_large`, `mail.refused` with the server's reply and the address
    /// it is about, and those of the connection; for a message to be sent later `mail.later_past`, `mail.later_too_far`, and
    /// `mail.later_unsupported`.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Sent, Error> {
        let Outgoing { account, draft, send_at: asked } = outgoing;
        let config = self.pool.config(&account).await?;
        let send_at = asked.as_deref().map(SendAt::parse).transpose()?;
        if let Some(send_at) = send_at {
            send_at.check(Timestamp::now())?;
        }
        let recipients = Recipients::of(&draft)?;
        let envelope = recipients.envelope();
        if envelope.is_empty() {
            return Err(Error::new(Code::MailNoRecipients, "A message without recipients cannot be sent"));
        }
        let thread = self.thread(&account, &draft).await?;
        let built = build(&config, &draft, &recipients, &thread)?;
        let mut submission = Submission::open(&config).await?;
        let reply = submission.send(&author(&config)?.address, &envelope, &built.raw, send_at).await?;
        submission.close().await;
        if let Err(error) = self.after_sending(&config, &draft, built.own_copy()).await {
            tracing::warn!(account, %error, code = error.code.id(), "sent, but not filed as it should be");
        }
        let queue_id = config.connect.and_then(|_| queue_id(&reply));
        Ok(Sent { message_id: built.message_id, reply, queue_id, send_at: asked })
    }

    /// Answers `mail.draft_save`. The earlier version goes once the new one is safe.
    ///
    /// # Errors
    /// `mail.too_large`, and those of the connection. That the earlier version stays is no error; it is logged.
    pub async fn draft_save(&self, outgoing: Outgoing) -> Result<SavedDraft, Error> {
        let Outgoing { account, draft, .. } = outgoing;
        let config = self.pool.config(&account).await?;
        let built = build_draft(&config, &draft)?;
        let mut lease = self.pool.lease(&account, None).await?;
        let folder = folder_for(&mut lease, FolderRole::Drafts).await?;
        let saved = append(&mut lease, &folder, "\\Draft \\Seen", built.raw).await?;
        lease.select(&folder, true).await?;
        let uid = match saved {
            Some(uid) => uid,
            None => find(&mut lease, &built.message_id).await?,
        };
        if let Err(error) = remove_saved(&mut lease, &account, &folder, &draft, uid).await {
            tracing::warn!(account, %error, "the earlier version of a draft was not removed");
        }
        Ok(SavedDraft { saved_as: MessageRef { account, folder, uid } })
    }

    /// The thread of an answer. An original that is gone is no reason not to send: the answer then stands alone.
    async fn thread(&self, account: &str, draft: &Draft) -> Result<Thread, Error> {
        let Some(original) = draft.answers.as_ref().filter(|about| about.account == account) else {
            return Ok(Thread::default());
        };
        match self.raw(original).await {
            Ok(raw) => Ok(Thread::after(parse(&raw).root())),
            Err(error) if is_gone(&error) => Ok(Thread::default()),
            Err(error) => Err(error),
        }
    }

    async fn after_sending(&self, config: &AccountConfig, draft: &Draft, copy: Vec<u8>) -> Result<(), Error> {
        let mut lease = self.pool.lease(&config.id, None).await?;
        let sent = folder_for(&mut lease, FolderRole::Sent).await?;
        let filed = append(&mut lease, &sent, "\\Seen", copy).await;
        for (about, flag) in [(&draft.answers, "\\Answered"), (&draft.forwards, "$Forwarded")] {
            if let Some(about) = about.as_ref().filter(|about| about.account == config.id)
                && let Err(error) = mark(&mut lease, about, flag).await
            {
                tracing::warn!(account = config.id, flag, %error, "the original was not marked");
            }
        }
        if draft.saved_as.is_some() {
            let folder = folder_for(&mut lease, FolderRole::Drafts).await?;
            lease.select(&folder, true).await?;
            remove_saved(&mut lease, &config.id, &folder, draft, 0).await?;
        }
        filed.map(|_| ())
    }
}

fn is_gone(error: &Error) -> bool {
    matches!(error.code, Code::MailMessageGone | Code::MailFolderUnknown | Code::MailTooLarge)
}

async fn mark(connection: &mut Connection, about: &MessageRef, flag: &str) -> Result<(), Error> {
    connection.select(&about.folder, true).await?;
    store(connection, &about.uid.to_string(), flag, true).await
}

/// Files a message; its UID where the server tells it (RFC 4315 §3, APPENDUID).
async fn append(
    connection: &mut Connection,
    folder: &str,
    flags: &str,
    raw: Vec<u8>,
) -> Result<Option<u32>, Error> {
    let command = Command::new("APPEND").mailbox(folder).word(&format!("({flags})")).literal(raw);
    let reply = connection.run(command).await?.ok()?;
    Ok(reply.arguments("APPENDUID").and_then(|arguments| arguments.split(' ').nth(1)?.parse().ok()))
}

/// The message with this Message-ID in the open folder.
async fn find(connection: &mut Connection, message_id: &str) -> Result<u32, Error> {
    let command = Command::new("UID SEARCH HEADER Message-ID").string(message_id.as_bytes());
    let found = search(connection, command).await?;
    found.into_iter().max().ok_or_else(|| crate::failure::message_gone(0))
}

/// Removes the version a draft was saved as from the open folder of drafts. Only there, only a draft, and never the version
/// with UID `new`.
async fn remove_saved(
    connection: &mut Connection,
    account: &str,
    folder: &str,
    draft: &Draft,
    new: u32,
) -> Result<(), Error> {
    let Some(saved) = &draft.saved_as else { return Ok(()) };
    if saved.account != account || saved.folder != folder || saved.uid == new || saved.uid == 0 {
        return Ok(());
    }
    let command = Command::new(format!("UID SEARCH UID {} DRAFT", saved.uid));
    if search(connection, command).await?.contains(&saved.uid) {
        expunge(connection, &saved.uid.to_string()).await?;
    }
    Ok(())
}
