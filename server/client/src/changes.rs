//! What a reader does to messages: flag, move, delete.

use postigo_api::{Error, FlagChange, FolderRole, MessageMove, MessageRefs, Nothing};

use crate::Client;
use crate::failure::refused;
use crate::folders::folder_for;
use crate::imap::command::Command;
use crate::imap::connection::{Connection, folder_refused};
use crate::imap::response::Status;
use crate::rows::checked_set;

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

    /// Answers `mail.move`.
    ///
    /// # Errors
    /// `mail.folder_unknown` for either folder, else `mail.refused` with the server's words.
    pub async fn move_messages(&self, moved: MessageMove) -> Result<Nothing, Error> {
        let set = checked_set(&moved.messages.uids)?;
        if moved.to == moved.messages.folder {
            return Ok(Nothing {});
        }
        let mut lease = self.open(&moved.messages.account, &moved.messages.folder, true).await?;
        move_to(&mut lease, &set, &moved.to).await?;
        Ok(Nothing {})
    }

    /// Answers `mail.delete`: into the trash, which is made if there is none; from the trash for good.
    ///
    /// # Errors
    /// As [`Client::move_messages`].
    pub async fn delete(&self, deleted: MessageRefs) -> Result<Nothing, Error> {
        let set = checked_set(&deleted.uids)?;
        let mut lease = self.pool.lease(&deleted.account, Some(&deleted.folder)).await?;
        let trash = folder_for(&mut lease, FolderRole::Trash).await?;
        lease.select(&deleted.folder, true).await?;
        if trash == deleted.folder {
            expunge(&mut lease, &set).await?;
        } else {
            move_to(&mut lease, &set, &trash).await?;
        }
        Ok(Nothing {})
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
async fn move_to(connection: &mut Connection, set: &str, to: &str) -> Result<(), Error> {
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
    if has_move { Ok(()) } else { expunge(connection, set).await }
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
