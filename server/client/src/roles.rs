//! What folders are for (RFC 6154), and their order.

use std::collections::HashMap;

use postigo_api::FolderRole;

use crate::folders::Listed;

const ALL: [FolderRole; 5] =
    [FolderRole::Drafts, FolderRole::Sent, FolderRole::Archive, FolderRole::Junk, FolderRole::Trash];

/// The attribute of a role; INBOX has none.
pub(crate) fn attribute(role: FolderRole) -> Option<&'static str> {
    match role {
        FolderRole::Inbox => None,
        FolderRole::Drafts => Some("\\Drafts"),
        FolderRole::Sent => Some("\\Sent"),
        FolderRole::Archive => Some("\\Archive"),
        FolderRole::Junk => Some("\\Junk"),
        FolderRole::Trash => Some("\\Trash"),
    }
}

/// The name of a folder that is made for a role.
pub(crate) fn usual_name(role: FolderRole) -> &'static str {
    match role {
        FolderRole::Inbox => "INBOX",
        FolderRole::Drafts => "Drafts",
        FolderRole::Sent => "Sent",
        FolderRole::Archive => "Archive",
        FolderRole::Junk => "Junk",
        FolderRole::Trash => "Trash",
    }
}

/// Names by which folders are known where the server does not say what they are for.
fn names(role: FolderRole) -> &'static [&'static str] {
    match role {
        FolderRole::Inbox => &["inbox"],
        FolderRole::Drafts => &["drafts", "draft", "borradores"],
        FolderRole::Sent => {
            &["sent", "sent items", "sent messages", "sent mail", "enviados", "elementos enviados"]
        }
        FolderRole::Archive => &["archive", "archives", "archivo", "archivados"],
        FolderRole::Junk => &["junk", "spam", "junk e-mail", "junk email", "bulk mail", "correo no deseado"],
        FolderRole::Trash => {
            &["trash", "deleted items", "deleted messages", "papelera", "elementos eliminados"]
        }
    }
}

/// Each role to one folder at most: to the one whose attribute says so, else to one with a known name, at the top or directly
/// in INBOX.
pub(crate) fn assign(listed: &[Listed]) -> HashMap<String, FolderRole> {
    let mut roles = HashMap::new();
    if let Some(inbox) = listed.iter().find(|folder| folder.name.eq_ignore_ascii_case("INBOX")) {
        roles.insert(inbox.name.clone(), FolderRole::Inbox);
    }
    for role in ALL {
        let by_attribute = listed.iter().find(|folder| has_attribute(folder, role));
        let by_name = || {
            names(role).iter().find_map(|name| {
                listed.iter().find(|folder| folder.is_selectable() && is_called(folder, name))
            })
        };
        if let Some(folder) = by_attribute.or_else(by_name) {
            roles.entry(folder.name.clone()).or_insert(role);
        }
    }
    roles
}

fn has_attribute(folder: &Listed, role: FolderRole) -> bool {
    let wanted = attribute(role);
    folder.is_selectable()
        && folder
            .attributes
            .iter()
            .any(|known| wanted.is_some_and(|wanted| known.eq_ignore_ascii_case(wanted)))
}

fn is_called(folder: &Listed, name: &str) -> bool {
    match folder.components().as_slice() {
        [only] => only.to_lowercase() == name,
        [first, second] => first.eq_ignore_ascii_case("INBOX") && second.to_lowercase() == name,
        _ => false,
    }
}

/// A key by which folders sort: each component of the path by role, then by name.
pub(crate) fn order(
    listed: &[Listed],
    roles: &HashMap<String, FolderRole>,
) -> HashMap<String, Vec<(bool, Option<FolderRole>, String)>> {
    let key = |folder: &Listed| {
        let delimiter = folder.delimiter.as_deref().unwrap_or_default();
        let mut path = String::new();
        let mut key = Vec::new();
        for component in folder.components() {
            if !path.is_empty() {
                path.push_str(delimiter);
            }
            path.push_str(component);
            let role = roles.get(&path).copied();
            // `None` sorts before `Some`; the first member puts folders without a role behind the others.
            key.push((role.is_none(), role, component.to_lowercase()));
        }
        key
    };
    listed.iter().map(|folder| (folder.name.clone(), key(folder))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, attributes: &[&str]) -> Listed {
        let attributes = attributes.iter().map(|known| (*known).to_owned()).collect();
        Listed { name: name.to_owned(), delimiter: Some("/".to_owned()), attributes }
    }

    #[test]
    fn attributes_come_before_names() {
        let folders = [
            listed("INBOX", &[]),
            listed("Sent", &[]),
            listed("Enviados", &["\\sent"]),
            listed("Papelera", &[]),
            listed("Work/Trash", &[]),
            listed("INBOX/Borradores", &[]),
            listed("Spam", &["\\Noselect"]),
        ];
        let roles = assign(&folders);
        let expected = HashMap::from([
            ("INBOX".to_owned(), FolderRole::Inbox),
            ("Enviados".to_owned(), FolderRole::Sent),
            ("Papelera".to_owned(), FolderRole::Trash),
            ("INBOX/Borradores".to_owned(), FolderRole::Drafts),
        ]);
        assert_eq!(roles, expected);
    }

    #[test]
    fn children_follow_their_parent() {
        let folders = [
            listed("Work", &[]),
            listed("Trash", &[]),
            listed("Work/b", &[]),
            listed("INBOX", &[]),
            listed("Work/A", &[]),
            listed("abc", &[]),
            listed("Workshop", &[]),
        ];
        let roles = assign(&folders);
        let order = order(&folders, &roles);
        let mut names: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
        names.sort_by_key(|name| order.get(*name));
        assert_eq!(names, ["INBOX", "Trash", "abc", "Work", "Work/A", "Work/b", "Workshop"]);
    }
}
