//! Reads a list in Postfix's syntax: names between commas or white space, some with an argument, `{ }` around what
//! belongs together.

use thiserror::Error;

use crate::access::AccessTable;
use crate::dns_list::DnsList;
use crate::restriction::{Named, Restriction, Unsupported, named};

/// Entries of one list. Postfix has no limit; who needs more has a table.
const MAX_ENTRIES: usize = 100;

/// Octets of one list. Each session reads it once for each recipient.
const MAX_OCTETS: usize = 256 << 10;

/// What makes the restriction behind it only tell what it would do.
const WARN: &str = "warn_if_reject";

/// A list, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List(pub(crate) Vec<Entry>);

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub restriction: Restriction,
    /// `warn_if_reject`: a refusal is told and does not count.
    pub warn_only: bool,
    /// As it was written, without its table.
    pub text: String,
}

/// Where a list is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at character {position}: {fault}")]
pub struct BadRestriction {
    /// The place in the text, counted in characters from 1.
    pub position: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong in a list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Neither Postfix nor Postigo knows the name.
    #[error("{0} is not a restriction")]
    Unknown(String),
    /// Postfix knows it.
    #[error("{0} is not supported: clients are not asked for certificates")]
    NoClientCertificates(String),
    /// Postfix knows it.
    #[error("{0} is not supported: no other program is asked")]
    NoPrograms(String),
    /// Postfix knows it.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// The list ends, or goes on with another name, where an argument belongs.
    #[error("{0} needs {1} behind it")]
    ArgumentMissing(String, &'static str),
    /// Not the name of a DNS list.
    #[error("{0} is not a DNS list: write zen.example.net or zen.example.net=127.0.0.[2..11]")]
    DnsList(String),
    /// A table that is not written into the list.
    #[error(
        "{0} is not supported: a table is written as inline:{{ key=ACTION, {{ key = ACTION and words }} }}"
    )]
    Table(String),
    /// A line of a table without its action.
    #[error("{0} is not of the form key=ACTION, or {{ key = ACTION and words }}")]
    TableEntry(String),
    /// A key that the table has already.
    #[error("{0} is in the table twice")]
    TwiceInTable(String),
    /// An action that there is not.
    #[error(
        "{0} is not supported as an action: write OK, DUNNO, REJECT, DEFER, DEFER_IF_PERMIT, DEFER_IF_REJECT, or a reply like 550 5.7.1 text"
    )]
    Action(String),
    /// `warn_if_reject` before nothing that refuses.
    #[error("warn_if_reject stands before a restriction that refuses")]
    NothingToWarnOf,
    /// A brace that is not closed, or closes nothing.
    #[error("the braces do not match")]
    Braces,
    /// Too much.
    #[error("the list is too long: {0} entries at most")]
    TooLong(usize),
}

/// A word, or a group in braces, and its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub position: usize,
    pub text: &'a str,
}

impl Token<'_> {
    fn bad(&self, fault: Fault) -> BadRestriction {
        BadRestriction { position: self.position, fault }
    }
}

impl List {
    /// Reads a list. Empty is a list that judges nothing.
    ///
    /// Errors: the first fault, with its place.
    pub fn parse(text: &str) -> Result<Self, BadRestriction> {
        if text.len() > MAX_OCTETS {
            return Err(BadRestriction { position: 1, fault: Fault::TooLong(MAX_ENTRIES) });
        }
        let mut tokens = Vec::new();
        for token in split(text, 1)? {
            match inside(&token) {
                Some(group) => tokens.extend(split(group.text, group.position)?),
                None => tokens.push(token),
            }
        }
        let mut entries = Vec::new();
        let mut tokens = tokens.into_iter();
        while let Some(token) = tokens.next() {
            if entries.len() == MAX_ENTRIES {
                return Err(token.bad(Fault::TooLong(MAX_ENTRIES)));
            }
            entries.push(entry(token, &mut tokens)?);
        }
        Ok(Self(entries))
    }

    /// The entries, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }
}

fn entry<'a>(token: Token<'a>, rest: &mut impl Iterator<Item = Token<'a>>) -> Result<Entry, BadRestriction> {
    if !token.text.eq_ignore_ascii_case(WARN) {
        let (restriction, text) = restriction(token, rest)?;
        return Ok(Entry { restriction, warn_only: false, text });
    }
    let named = rest.next().ok_or_else(|| token.bad(Fault::NothingToWarnOf))?;
    let (restriction, text) = restriction(named, rest)?;
    if !restriction.can_refuse() {
        return Err(named.bad(Fault::NothingToWarnOf));
    }
    Ok(Entry { restriction, warn_only: true, text: format!("{WARN} {text}") })
}

fn restriction<'a>(
    token: Token<'a>,
    rest: &mut impl Iterator<Item = Token<'a>>,
) -> Result<(Restriction, String), BadRestriction> {
    let name = token.text.to_ascii_lowercase();
    let mut argument =
        |what| rest.next().ok_or_else(|| token.bad(Fault::ArgumentMissing(name.clone(), what)));
    match named(token.text) {
        Some(Named::Whole(restriction)) => Ok((restriction, name)),
        Some(Named::WithList(make)) => {
            let list = argument("a DNS list")?;
            let parsed = DnsList::parse(list.text);
            let parsed = parsed.ok_or_else(|| list.bad(Fault::DnsList(list.text.to_owned())))?;
            Ok((make(parsed), format!("{name} {}", list.text)))
        }
        Some(Named::WithTable(key)) => {
            let table = argument("a table")?;
            Ok((Restriction::CheckAccess(key, AccessTable::parse(&table)?), name))
        }
        Some(Named::Unsupported(why)) => Err(token.bad(match why {
            Unsupported::NoClientCertificates => Fault::NoClientCertificates(name),
            Unsupported::NoPrograms => Fault::NoPrograms(name),
            Unsupported::NotHere => Fault::Unsupported(name),
        })),
        None => Err(token.bad(Fault::Unknown(token.text.to_owned()))),
    }
}

/// Cuts a text at commas and white space outside of braces. `base` is the place of its first character.
pub(crate) fn split(text: &str, base: usize) -> Result<Vec<Token<'_>>, BadRestriction> {
    let mut tokens = Vec::new();
    let (mut depth, mut begun): (usize, Option<(usize, usize)>) = (0, None);
    for (position, (at, character)) in (base..).zip(text.char_indices()) {
        let separates = depth == 0 && (character == ',' || character.is_whitespace());
        match (separates, begun) {
            (true, Some((start, place))) => {
                tokens.push(Token { position: place, text: &text[start..at] });
                begun = None;
            }
            (false, None) => begun = Some((at, position)),
            _ => {}
        }
        match character {
            '{' => depth += 1,
            '}' => {
                let outer = depth.checked_sub(1);
                depth = outer.ok_or(BadRestriction { position, fault: Fault::Braces })?;
            }
            _ => {}
        }
    }
    if let Some((start, position)) = begun {
        if depth > 0 {
            return Err(BadRestriction { position, fault: Fault::Braces });
        }
        tokens.push(Token { position, text: &text[start..] });
    }
    Ok(tokens)
}

/// What stands in the braces of a token that is a group.
pub(crate) fn inside<'a>(token: &Token<'a>) -> Option<Token<'a>> {
    let text = token.text.strip_prefix('{')?.strip_suffix('}')?;
    Some(Token { position: token.position + 1, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &str) -> Vec<String> {
        List::parse(list).unwrap().entries().iter().map(|entry| entry.text.clone()).collect()
    }

    #[test]
    fn a_list_is_read_between_commas_and_white_space() {
        assert_eq!(
            texts("permit_mynetworks, PERMIT_SASL_AUTHENTICATED\n  reject_unauth_destination,"),
            ["permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination"]
        );
        assert_eq!(texts(" , "), Vec::<String>::new());
    }

    #[test]
    fn arguments_and_groups_belong_to_their_restriction() {
        let list = "reject_rbl_client zen.test=127.0.0.[2..11], { check_client_access inline:{ {192.0.2.7 = REJECT no, really}, 10=OK } }, warn_if_reject reject_rhsbl_sender dbl.test, reject";
        assert_eq!(
            texts(list),
            [
                "reject_rbl_client zen.test=127.0.0.[2..11]",
                "check_client_access",
                "warn_if_reject reject_rhsbl_sender dbl.test",
                "reject"
            ]
        );
        assert!(List::parse(list).unwrap().entries()[2].warn_only);
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        for (text, position, said) in [
            ("permit_mynetworks, reject_everything", 20, "reject_everything is not a restriction"),
            ("permit_tls_all_clientcerts", 1, "clients are not asked for certificates"),
            ("reject,\ncheck_policy_service unix:x", 9, "no other program is asked"),
            ("reject_unverified_sender", 1, "is not supported"),
            ("permit, reject_rbl_client", 9, "reject_rbl_client needs a DNS list behind it"),
            ("reject_rbl_client ??", 19, "is not a DNS list"),
            ("check_sender_access hash:/etc/postfix/access", 21, "write"),
            ("check_sender_access inline:{ a@b.test }", 30, "a@b.test is not of the form key=ACTION"),
            ("check_sender_access inline:{ a.test=OK, a.test=OK }", 41, "twice"),
            ("check_sender_access inline:{ {a.test = HOLD} }", 30, "HOLD is not supported as an action"),
            ("warn_if_reject", 1, "stands before"),
            ("warn_if_reject permit", 16, "stands before"),
            ("ñ, reject, { permit", 12, "braces"),
            ("permit }", 8, "braces"),
        ] {
            let error = List::parse(text).unwrap_err();
            assert_eq!(error.position, position, "{text}: {error}");
            let written = error.to_string();
            assert!(written.contains(said) || matches!(error.fault, Fault::Table(_)), "{text}: {written}");
        }
    }

    #[test]
    fn a_list_has_an_end() {
        assert!(List::parse(&"permit, ".repeat(MAX_ENTRIES)).is_ok());
        let error = List::parse(&"permit, ".repeat(MAX_ENTRIES + 1)).unwrap_err();
        assert_eq!(error.fault, Fault::TooLong(MAX_ENTRIES));
        assert!(List::parse(&" ".repeat(MAX_OCTETS + 1)).is_err());
    }
}
