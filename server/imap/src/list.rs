//! LIST and LSUB: which names match a pattern, and what is said of them (RFC 3501 §6.3.8, RFC 3348, RFC 6154).

use crate::mutf7::encode_mailbox;
use crate::session::MailboxEntry;
use std::collections::BTreeMap;

/// A line of LIST or LSUB.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub name: String,
    pub attributes: Vec<&'static str>,
}

#[derive(Default)]
struct Found {
    exists: bool,
    is_wanted: bool,
    has_children: bool,
    special_use: Option<&'static str>,
}

/// The names that match `pattern` (in modified UTF-7, after the reference), in order.
pub(crate) fn listed(
    mailboxes: Vec<MailboxEntry>,
    pattern: &str,
    delimiter: char,
    only_subscribed: bool,
) -> Vec<Listed> {
    let mut names: BTreeMap<String, Found> = BTreeMap::new();
    for mailbox in mailboxes {
        let is_wanted = if only_subscribed { mailbox.subscribed } else { mailbox.exists };
        if !is_wanted && !mailbox.exists {
            continue;
        }
        for (at, _) in mailbox.name.match_indices(delimiter) {
            let parent = names.entry(mailbox.name[..at].to_owned()).or_default();
            parent.has_children |= is_wanted;
        }
        let found = names.entry(mailbox.name).or_default();
        found.exists |= mailbox.exists;
        found.is_wanted |= is_wanted;
        found.special_use = mailbox.special_use.or(found.special_use);
    }
    names
        .into_iter()
        // A name that is only the parent of others is listed, too: RFC 3501 §6.3.8 and §6.3.9 for `%`.
        .filter(|(_, found)| found.is_wanted || found.has_children)
        .filter(|(name, _)| matches(pattern, name, delimiter))
        .map(|(name, found)| Listed { attributes: attributes(&found, only_subscribed), name })
        .collect()
}

fn attributes(found: &Found, only_subscribed: bool) -> Vec<&'static str> {
    let mut attributes = Vec::new();
    if !found.exists || only_subscribed && !found.is_wanted {
        attributes.push("\\Noselect");
    }
    attributes.push(if found.has_children { "\\HasChildren" } else { "\\HasNoChildren" });
    attributes.extend(found.special_use);
    attributes
}

fn matches(pattern: &str, name: &str, delimiter: char) -> bool {
    let wire = encode_mailbox(name);
    matches_wire(pattern.as_bytes(), wire.as_bytes(), delimiter)
        // INBOX is INBOX in any case (RFC 3501 §5.1).
        || name == "INBOX" && matches_wire(pattern.to_ascii_uppercase().as_bytes(), wire.as_bytes(), delimiter)
}

/// `*` matches anything, `%` anything without a delimiter. No backtracking: the time is at most the product of both
/// lengths.
fn matches_wire(pattern: &[u8], name: &[u8], delimiter: char) -> bool {
    // Which prefixes of the name the pattern so far matches.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    let is_delimiter = |octet: u8| char::from(octet) == delimiter;
    for octet in pattern {
        match octet {
            b'*' | b'%' => {
                for at in 0..name.len() {
                    let goes_on = *octet == b'*' || !is_delimiter(name[at]);
                    reached[at + 1] |= reached[at] && goes_on;
                }
            }
            _ => {
                for at in (0..name.len()).rev() {
                    reached[at + 1] = reached[at] && name[at] == *octet;
                }
                reached[0] = false;
            }
        }
    }
    reached[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match() {
        for (pattern, name, expected) in [
            ("*", "A.B.C", true),
            ("%", "A", true),
            ("%", "A.B", false),
            ("A.%", "A.B", true),
            ("A.%", "A.B.C", false),
            ("A*C", "A.B.C", true),
            ("%.%", "A.B", true),
            ("inbox", "INBOX", true),
            ("in%", "INBOX", true),
            ("a", "A", false),
            ("", "A", false),
            ("**%%", "A.B", true),
            ("Papeler&AO0-a", "Papelería", true),
        ] {
            assert_eq!(matches(pattern, name, '.'), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let name = "a".repeat(200);
        assert!(!matches(&"*a%".repeat(300), &format!("{name}b"), '.'));
    }

    fn entry(name: &str, exists: bool, subscribed: bool) -> MailboxEntry {
        MailboxEntry { name: name.into(), exists, subscribed, special_use: None }
    }

    fn shown(pattern: &str, only_subscribed: bool) -> Vec<String> {
        let mut mailboxes = vec![
            entry("INBOX", true, true),
            entry("A.B", true, false),
            entry("C", true, false),
            entry("C.D", true, true),
            entry("Gone", false, true),
        ];
        mailboxes[0].special_use = Some("\\Sent");
        listed(mailboxes, pattern, '.', only_subscribed)
            .into_iter()
            .map(|listed| format!("{} {}", listed.name, listed.attributes.join(" ")))
            .collect()
    }

    #[test]
    fn parents_without_a_mailbox_are_listed() {
        let all = [
            "A \\Noselect \\HasChildren",
            "A.B \\HasNoChildren",
            "C \\HasChildren",
            "C.D \\HasNoChildren",
            "INBOX \\HasNoChildren \\Sent",
        ];
        assert_eq!(shown("*", false), all);
        assert_eq!(shown("%", false), [all[0], all[2], all[4]]);
        assert_eq!(shown("A.%", false), [all[1]]);
    }

    #[test]
    fn subscribed_names_are_listed_even_if_they_are_gone() {
        assert_eq!(
            shown("%", true),
            ["C \\Noselect \\HasChildren", "Gone \\Noselect \\HasNoChildren", "INBOX \\HasNoChildren \\Sent"]
        );
    }
}
