//! `authorized_submit_users`, as postdrop(1) reads it.

/// Whether a user may hand in mail: the first entry that fits counts, and whom none fits may not.
pub(crate) fn may_submit(list: &[String], user: &str) -> bool {
    let fits = |entry: &str| entry.starts_with("static:") || entry == user;
    let decided = list.iter().find_map(|entry| match entry.strip_prefix('!') {
        Some(entry) => fits(entry).then_some(false),
        None => fits(entry).then_some(true),
    });
    decided.unwrap_or(false)
}

/// Errors: the entry that is neither a name nor `static:`; other tables are not read.
pub(crate) fn check(list: &[String]) -> Result<(), String> {
    let is_known = |entry: &&String| {
        let name = entry.strip_prefix('!').unwrap_or(entry);
        name.starts_with("static:") || !(name.is_empty() || name.contains([':', '/', '!']))
    };
    match list.iter().find(|entry| !is_known(entry)) {
        Some(entry) => Err(format!("{entry} is neither the name of a user nor static:anyone")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_first_entry_that_fits_counts() {
        let rows = [
            ("static:anyone", "luis", true),
            ("static:all", "unknown", true),
            ("", "root", false),
            ("ana luis", "luis", true),
            ("ana luis", "eva", false),
            ("!eva static:anyone", "eva", false),
            ("!eva static:anyone", "ana", true),
            ("static:anyone !eva", "eva", true),
            ("!static:anyone ana", "ana", false),
        ];
        for (entries, user, expected) in rows {
            assert_eq!(may_submit(&list(entries), user), expected, "{entries}: {user}");
        }
    }

    #[test]
    fn tables_are_not_read() {
        assert_eq!(check(&list("ana !eva static:anyone www-data")), Ok(()));
        for entries in ["hash:/etc/postfix/users", "/etc/users", "!", "!!ana"] {
            assert!(check(&list(entries)).is_err(), "{entries}");
        }
    }
}
