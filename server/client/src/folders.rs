//! Folders: which there are, what they are for, making and removing them.

use std::collections::HashMap;

use postigo_api::{Error, Folder, FolderRef, FolderRename, FolderRole, MailAccountRef, Nothing};

use crate::Client;
use crate::failure::{bad_request, refused};
use crate::imap::command::Command;
use crate::imap::connection::{Connection, folder_refused};
use crate::imap::response::{Data, Status};
use crate::imap::utf7;
use crate::imap::value::Value;
use crate::roles;

/// Folders of an account at most; more are not shown.
const FOLDERS_LIMIT: usize = 2000;
/// Octets of a folder's name.
const NAME_LIMIT: usize = 500;

/// A folder as LIST shows it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub name: String,
    pub delimiter: Option<String>,
    pub attributes: Vec<String>,
}

impl Listed {
    pub fn is_selectable(&self) -> bool {
        !self.attributes.iter().any(|known| {
            // RFC 3501 §7.2.2, RFC 5258 §3.
            known.eq_ignore_ascii_case("\\Noselect") || known.eq_ignore_ascii_case("\\NonExistent")
        })
    }

    pub fn components(&self) -> Vec<&str> {
        match self.delimiter.as_deref() {
            Some(delimiter) if !delimiter.is_empty() => self.name.split(delimiter).collect(),
            _ => vec![&self.name],
        }
    }
}

impl Client {
    /// Answers `mail.folders`. INBOX comes first, then those with a role, then the others by name; what lies in a folder
    /// follows it.
    ///
    /// # Errors
    /// Those of the connection: `mail.unreachable`, `mail.login_refused`, `mail.not_trusted`.
    pub async fn folders(&self, asked: MailAccountRef) -> Result<Vec<Folder>, Error> {
        let mut lease = self.pool.lease(&asked.account, None).await?;
        let (listed, mut counts) = list(&mut lease).await?;
        let roles = roles::assign(&listed);
        let mut folders = Vec::new();
        for folder in &listed {
            let (messages, unseen) = match counts.remove(&folder.name) {
                Some(known) => known,
                None if folder.is_selectable() => counted(&mut lease, &folder.name).await?,
                None => (0, 0),
            };
            let components = folder.components();
            folders.push(Folder {
                name: folder.name.clone(),
                label: components.last().copied().unwrap_or_default().to_owned(),
                depth: u32::try_from(components.len().saturating_sub(1)).unwrap_or(u32::MAX),
                role: roles.get(&folder.name).copied(),
                selectable: folder.is_selectable(),
                messages,
                unseen,
            });
        }
        let order = roles::order(&listed, &roles);
        folders.sort_by_cached_key(|folder| order.get(&folder.name).cloned());
        Ok(folders)
    }

    /// Answers `mail.folder_create`.
    ///
    /// # Errors
    /// `mail.refused` with the server's words, besides those of the connection.
    pub async fn folder_create(&self, asked: FolderRef) -> Result<Nothing, Error> {
        check_name(&asked.folder)?;
        let mut lease = self.pool.lease(&asked.account, None).await?;
        create(&mut lease, &asked.folder, None).await?;
        Ok(Nothing {})
    }

    /// Answers `mail.folder_rename`.
    ///
    /// # Errors
    /// `mail.folder_unknown`, or `mail.refused` with the server's words.
    pub async fn folder_rename(&self, asked: FolderRename) -> Result<Nothing, Error> {
        check_name(&asked.to)?;
        if asked.folder.eq_ignore_ascii_case("INBOX") {
            // RFC 3501 §6.3.5: it would move all messages and leave INBOX empty.
            return Err(refused("INBOX keeps its name"));
        }
        self.let_go(&asked.account, &asked.folder);
        let mut lease = self.pool.lease(&asked.account, None).await?;
        lease.leave().await?;
        let rename = Command::new("RENAME").mailbox(&asked.folder).mailbox(&asked.to);
        let reply = lease.run(rename).await?;
        if reply.status != Status::Ok {
            return Err(folder_refused(&reply, &asked.folder));
        }
        subscribe(&mut lease, &asked.folder, false).await?;
        subscribe(&mut lease, &asked.to, true).await?;
        Ok(Nothing {})
    }

    /// Answers `mail.folder_delete`.
    ///
    /// # Errors
    /// `mail.folder_unknown`, or `mail.refused` with the server's words.
    pub async fn folder_delete(&self, asked: FolderRef) -> Result<Nothing, Error> {
        if asked.folder.eq_ignore_ascii_case("INBOX") {
            return Err(refused("INBOX cannot be deleted"));
        }
        self.let_go(&asked.account, &asked.folder);
        let mut lease = self.pool.lease(&asked.account, None).await?;
        lease.leave().await?;
        let reply = lease.run(Command::new("DELETE").mailbox(&asked.folder)).await?;
        if reply.status != Status::Ok {
            return Err(folder_refused(&reply, &asked.folder));
        }
        subscribe(&mut lease, &asked.folder, false).await?;
        Ok(Nothing {})
    }

    /// Before a folder goes: nobody watches it, no connection has it open, nothing of it is remembered.
    fn let_go(&self, account: &str, folder: &str) {
        self.watches.forget(account, Some(folder));
        self.pool.forget(account);
        self.cached().forget(account);
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let fits = !name.is_empty() && name.len() <= NAME_LIMIT && !name.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(bad_request("a folder's name has 1 to 500 octets and no control characters"))
    }
}

/// All folders, with messages and unseen ones where the server told at once (RFC 5819).
pub(crate) async fn list(
    connection: &mut Connection,
) -> Result<(Vec<Listed>, HashMap<String, (u32, u32)>), Error> {
    let mut command = Command::new("LIST").string(b"").string(b"*");
    if connection.can("LIST-EXTENDED") && connection.can("LIST-STATUS") {
        let special_use = if connection.can("SPECIAL-USE") { "SPECIAL-USE " } else { "" };
        command = command.word(&format!("RETURN ({special_use}STATUS (MESSAGES UNSEEN))"));
    }
    let reply = connection.run(command).await?.ok()?;
    let mut listed: Vec<Listed> = Vec::new();
    let mut counts = HashMap::new();
    for data in reply.data {
        match data {
            Data::List { attributes, delimiter, mailbox } => {
                let name = utf7::decode(&mailbox);
                let known = listed.iter().any(|folder| folder.name == name);
                if !known && listed.len() < FOLDERS_LIMIT {
                    listed.push(Listed { name, delimiter, attributes });
                }
            }
            Data::Status { mailbox, items } => {
                counts.insert(utf7::decode(&mailbox), count_items(&items));
            }
            _ => {}
        }
    }
    let missing = missing_parents(&listed);
    listed.extend(missing);
    Ok((listed, counts))
}

/// What lies above a folder but was not listed: servers leave out names that hold no messages.
fn missing_parents(listed: &[Listed]) -> Vec<Listed> {
    let mut missing: Vec<Listed> = Vec::new();
    for folder in listed {
        let components = folder.components();
        for depth in 1..components.len() {
            let delimiter = folder.delimiter.clone().unwrap_or_default();
            let name = components.get(..depth).unwrap_or_default().join(&delimiter);
            let known = listed.iter().chain(&missing).any(|known| known.name == name);
            if !known && !name.is_empty() && missing.len() < FOLDERS_LIMIT {
                let attributes = vec!["\\NonExistent".to_owned()];
                missing.push(Listed { name, delimiter: Some(delimiter), attributes });
            }
        }
    }
    missing
}

/// A folder that cannot be counted has none: it may have gone since it was listed.
async fn counted(connection: &mut Connection, folder: &str) -> Result<(u32, u32), Error> {
    let command = Command::new("STATUS").mailbox(folder).word("(MESSAGES UNSEEN)");
    let reply = connection.run(command).await?;
    let items = reply.data.iter().find_map(|data| match data {
        Data::Status { items, .. } => Some(count_items(items)),
        _ => None,
    });
    Ok(items.unwrap_or((0, 0)))
}

fn count_items(items: &[Value]) -> (u32, u32) {
    let (pairs, _) = items.as_chunks::<2>();
    let number = |name: &str| {
        let pair = pairs.iter().find(|[known, _]| known.text().is_some_and(|k| k.eq_ignore_ascii_case(name)));
        pair.and_then(|[_, value]| value.number()).unwrap_or(0)
    };
    (number("MESSAGES"), number("UNSEEN"))
}

/// The folder for a purpose; it is made when there is none.
pub(crate) async fn folder_for(connection: &mut Connection, role: FolderRole) -> Result<String, Error> {
    let (listed, _) = list(connection).await?;
    let found = roles::assign(&listed).into_iter().find(|(_, known)| *known == role);
    if let Some((name, _)) = found {
        return Ok(name);
    }
    let name = format!("{}{}", personal_prefix(connection).await?, roles::usual_name(role));
    create(connection, &name, Some(role)).await?;
    Ok(name)
}

/// What names of the user's own folders begin with (RFC 2342): nothing for most servers, `INBOX.` for some.
async fn personal_prefix(connection: &mut Connection) -> Result<String, Error> {
    if !connection.can("NAMESPACE") {
        return Ok(String::new());
    }
    let reply = connection.run(Command::new("NAMESPACE")).await?;
    let prefix = reply.data.iter().find_map(|data| match data {
        Data::Namespace(spaces) => spaces.first()?.list().first()?.list().first()?.octets().map(utf7::decode),
        _ => None,
    });
    Ok(prefix.unwrap_or_default())
}

async fn create(connection: &mut Connection, name: &str, role: Option<FolderRole>) -> Result<(), Error> {
    let mut command = Command::new("CREATE").mailbox(name);
    if let Some(attribute) = role.and_then(roles::attribute)
        && connection.can("CREATE-SPECIAL-USE")
    {
        command = command.word(&format!("(USE ({attribute}))"));
    }
    connection.run(command).await?.ok()?;
    subscribe(connection, name, true).await
}

/// Other clients show only what is subscribed. A server that does not care may refuse.
async fn subscribe(connection: &mut Connection, name: &str, yes: bool) -> Result<(), Error> {
    let word = if yes { "SUBSCRIBE" } else { "UNSUBSCRIBE" };
    let reply = connection.run(Command::new(word).mailbox(name)).await?;
    if reply.status != Status::Ok {
        tracing::debug!(folder = name, reply = reply.text, "mail server: subscription not changed");
    }
    Ok(())
}
