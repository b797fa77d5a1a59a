//! `subscriptions`: the names a user subscribed to, in Dovecot's format.
//!
//! Version 2 begins with `V\t2` and an empty line; levels are separated by tabs. Version 1 has one name per line, as it is on
//! disk. Both are read. Names are in modified UTF-7. What we cannot name is kept when the file is written.

use super::folder::{read_small_file, replace_file};
use super::{MailboxName, mutf7};
use crate::Result;
use std::path::Path;

const FILE: &str = "subscriptions";
const VERSION_2: &str = "V\t2";

/// The subscribed names, sorted.
pub(crate) fn read(maildir: &Path) -> Result<Vec<MailboxName>> {
    let mut names: Vec<_> =
        lines(&read_small_file(&maildir.join(FILE))?).iter().filter_map(|line| name(line)).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Adds and removes names; writes only if that changes something.
pub(crate) fn change(maildir: &Path, add: &[MailboxName], remove: &[MailboxName]) -> Result<()> {
    let path = maildir.join(FILE);
    let old = lines(&read_small_file(&path)?);
    let mut new = old.clone();
    new.retain(|line| name(line).is_none_or(|name| !remove.contains(&name)));
    for added in add {
        if !new.iter().any(|line| name(line).as_ref() == Some(added)) {
            new.push(mutf7::encode(added.as_str()).replace('.', "\t"));
        }
    }
    if new == old {
        return Ok(());
    }
    let text: String = new.iter().map(|line| format!("{line}\n")).collect();
    replace_file(&path, &format!("{VERSION_2}\n\n{text}"))
}

/// The lines of either version, in the form of version 2.
fn lines(text: &str) -> Vec<String> {
    let mut lines = text.lines().peekable();
    let is_version_2 = lines.next_if_eq(&VERSION_2).is_some();
    lines
        .filter(|line| !line.is_empty())
        .map(|line| if is_version_2 { line.to_owned() } else { line.replace('.', "\t") })
        .collect()
}

fn name(line: &str) -> Option<MailboxName> {
    MailboxName::parse(&mutf7::decode(&line.replace('\t', "."))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<MailboxName> {
        list.iter().map(|name| MailboxName::parse(name).unwrap()).collect()
    }

    #[test]
    fn both_versions_are_read() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["V\t2\n\nINBOX\nArchive\t2024\nPapeler&AO0-a\n", "INBOX\nArchive.2024\nPapeler&AO0-a\n"]
        {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            assert_eq!(read(folder.path()).unwrap(), names(&["Archive.2024", "INBOX", "Papelería"]));
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "Old.One\nbad&name\n").unwrap();
        change(folder.path(), &names(&["Sent", "Sent"]), &names(&["Missing"])).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text, "V\t2\n\nOld\tOne\nbad&name\nSent\n");
        change(folder.path(), &[], &names(&["Old.One"])).unwrap();
        assert_eq!(read(folder.path()).unwrap(), names(&["Sent"]));
    }
}
