//! What a reader does to messages: flag, move, delete.

use postigo_api::{Error, FlagChange, FolderRole, MessageMove, MessageRefs, Moved, Nothing};

use crate::Client;
use crate::failure::refused;
use crate::folders::folder_for;
use crate::imap::command::Command;
use crate::imap::connection::{Connection, Reply, folder_refused};
use crate::imap::response::Status;
use crate::rows::{UIDS_LIMIT, checked_set};

impl Client {
    /// Answers `mail.flag`.
    ///
    /// # Errors
    /// `mail.folder_unknown`, `mail.refused` for a folder that can only be read, and those of the connection.
    pub async fn flag(&self, change: FlagChange) -> Result<Nothing, Error> {
        let set = checked_set(&change.messages.uids)?;
        let mut lease = self.open(&change.messages.account, &change.messages.folder, true).await?;
        for (flag, wanted) in [("\\Seen", change.seen), ("\\Flagged", change.flagged)] {
            if let Some(add) = wanted {
                store(&mut lease, &set, flag, add).await?;
            }
        }
        Ok(Nothing {})
    }

    /// Answers `mail.move`. Messages that are moved to where they are stay as they are.
    ///
    /// # Errors
    /// `mail.folder_unknown` for either folder, else `mail.refused` with the server's words.
    pub async fn move_messages(&self, moved: MessageMove) -> Result<Moved, Error> {
        let set = checked_set(&moved.messages.uids)?;
        if moved.to == moved.messages.folder {
            return Ok(Moved { uids: moved.messages.uids });
        }
        let mut lease = self.open(&moved.messages.account, &moved.messages.folder, true).await?;
        move_to(&mut lease, &set, &moved.to).await
    }

    /// Answers `mail.delete`: into the trash, which is made if there is none; from the trash for good.
    ///
    /// # Errors
    /// As [`Client::move_messages`].
    pub async fn delete(&self, deleted: MessageRefs) -> Result<Moved, Error> {
        let set = checked_set(&deleted.uids)?;
        let mut lease = self.pool.lease(&deleted.account, Some(&deleted.folder)).await?;
        let trash = folder_for(&mut lease, FolderRole::Trash).await?;
        lease.select(&deleted.folder, true).await?;
        if trash == deleted.folder {
            expunge(&mut lease, &set).await?;
            Ok(Moved::default())
        } else {
            move_to(&mut lease, &set, &trash).await
        }
    }
}

/// Adds or takes a flag in the open folder.
pub(crate) async fn store(
    connection: &mut Connection,
    set: &str,
    flag: &str,
    add: bool,
) -> Result<(), Error> {
    let sign = if add { '+' } else { '-' };
    let command = Command::new(format!("UID STORE {set} {sign}FLAGS.SILENT ({flag})"));
    connection.run(command).await?.ok()?;
    Ok(())
}

/// RFC 6851; without it copying, and deleting what was copied.
async fn move_to(connection: &mut Connection, set: &str, to: &str) -> Result<Moved, Error> {
    let has_move = connection.can("MOVE");
    let word = if has_move { "UID MOVE" } else { "UID COPY" };
    let reply = connection.run(Command::new(format!("{word} {set}")).mailbox(to)).await?;
    match reply.status {
        Status::Ok => {}
        _ if reply.has_code("TRYCREATE") || reply.has_code("NONEXISTENT") => {
            return Err(folder_refused(&reply, to));
        }
        _ => return Err(refused(&reply.text)),
    }
    if !has_move {
        expunge(connection, set).await?;
    }
    Ok(Moved { uids: copied(&reply) })
}

/// The new numbers, where the server tells them: in the reply to COPY (RFC 4315 §3), before that to MOVE (RFC 6851 §4.3).
fn copied(reply: &Reply) -> Vec<u32> {
    let new = reply.arguments("COPYUID").and_then(|arguments| arguments.split(' ').nth(2));
    let mut uids = Vec::new();
    for range in new.unwrap_or_default().split(',') {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { return Vec::new() };
        // RFC 3501 §9: the ends may come in either order. More than was asked for is no answer.
        let (first, last) = (first.min(last), first.max(last));
        if usize::try_from(last - first).is_ok_and(|more| uids.len() + more < UIDS_LIMIT) {
            uids.extend(first..=last);
        } else {
            return Vec::new();
        }
    }
    uids
}

/// Deletes messages for good. RFC 4315 does it to just these; a server without it also takes what others have marked as
/// deleted, as any client's EXPUNGE does.
pub(crate) async fn expunge(connection: &mut Connection, set: &str) -> Result<(), Error> {
    store(connection, set, "\\Deleted", true).await?;
    let command = if connection.can("UIDPLUS") {
        Command::new(format!("UID EXPUNGE {set}"))
    } else {
        Command::new("EXPUNGE")
    };
    connection.run(command).await?.ok()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied_with(code: &str) -> Vec<u32> {
        let earlier_codes = vec!["UNSEEN 3".to_owned(), code.to_owned()];
        copied(&Reply {
            status: Status::Ok,
            code: None,
            text: String::new(),
            earlier_codes,
            data: Vec::new(),
        })
    }

    #[test]
    fn new_numbers_are_read_and_nonsense_is_none() {
        assert_eq!(copied_with("COPYUID 38505 304,319:320 3956:3958"), [3956, 3957, 3958]);
        assert_eq!(copied_with("copyuid 1 4:2 9,7:6"), [9, 6, 7]);
        for nonsense in
            ["COPYUID 1 2", "COPYUID 1 2 x", "COPYUID 1 1 1:4294967295", "COPYUID", "COPYUID 1 2 3,"]
        {
            assert_eq!(copied_with(nonsense), Vec::<u32>::new(), "{nonsense}");
        }
    }
}
