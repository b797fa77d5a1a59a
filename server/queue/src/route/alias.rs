//! The right side of alias tables: aliases(5) and virtual(5).

use super::{BadSetting, domain_key};
use postigo_smtp::Address;
use std::collections::BTreeMap;
use std::fmt;

/// Where an alias or a forward leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An address.
    Address(Address),
    /// A name without a domain: of the main local domain (`myorigin`).
    Name(String),
    /// `@example.net`: the same local part in another domain.
    Domain(String),
}

impl Target {
    /// Reads a list: `ana, "ana maria", luis@example.net, @example.net`. A backslash before a name, which keeps Postfix from
    /// looking it up again, is not needed here and dropped.
    ///
    /// Errors: [`BadSetting::UnsupportedTarget`] for programs, files and `:include:`; [`BadSetting::Target`].
    pub fn parse_list(text: &str) -> Result<Vec<Self>, BadSetting> {
        let entries = split_outside_quotes(text);
        entries.into_iter().map(str::trim).filter(|e| !e.is_empty()).map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, BadSetting> {
        let bad = || BadSetting::Target(text.to_owned());
        let bare = text.trim_start_matches('"');
        if bare.starts_with(['|', '/']) || bare.get(..9).is_some_and(|t| t.eq_ignore_ascii_case(":include:"))
        {
            return Err(BadSetting::UnsupportedTarget(text.to_owned()));
        }
        let text = text.strip_prefix('\\').unwrap_or(text);
        if let Some(domain) = text.strip_prefix('@') {
            return domain_key(domain).map(Self::Domain).ok_or_else(bad);
        }
        if let Ok(address) = Address::parse_utf8(text.as_bytes()) {
            return Ok(Self::Address(address));
        }
        // What is a local part of some address is a name.
        let named = Address::parse_utf8(format!("{text}@localhost").as_bytes()).map_err(|_| bad())?;
        Ok(Self::Name(named.local_part().to_owned()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
            Self::Domain(domain) => write!(f, "@{domain}"),
        }
    }
}

/// An alias table. Keys are compared without case; which forms they have depends on the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AliasTable(BTreeMap<String, Vec<Target>>);

impl AliasTable {
    /// Adds an entry, or replaces it: `name` in `alias_maps`; `user@domain`, `user` or `@domain` in `virtual_alias_maps`;
    /// the domain in `luser_relay`, which here is kept for each domain.
    pub fn insert(&mut self, key: &str, targets: Vec<Target>) {
        self.0.insert(normal_key(key), targets);
    }

    /// The entries, by key.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[Target])> {
        self.0.iter().map(|(key, targets)| (key.as_str(), targets.as_slice()))
    }

    /// The entry of a key in lower case.
    pub(crate) fn get(&self, key: &str) -> Option<(&str, &[Target])> {
        self.0.get_key_value(key).map(|(key, targets)| (key.as_str(), targets.as_slice()))
    }
}

impl<'a> FromIterator<(&'a str, Vec<Target>)> for AliasTable {
    fn from_iter<I: IntoIterator<Item = (&'a str, Vec<Target>)>>(entries: I) -> Self {
        let mut table = Self::default();
        entries.into_iter().for_each(|(key, targets)| table.insert(key, targets));
        table
    }
}

fn normal_key(key: &str) -> String {
    let (local_part, domain) = match key.rsplit_once('@') {
        Some((local_part, domain)) => (local_part, Some(domain)),
        None => (key, None),
    };
    let local_part = local_part.to_lowercase();
    match domain {
        None => local_part,
        Some(domain) => {
            let domain = domain_key(domain).unwrap_or_else(|| domain.to_lowercase());
            format!("{local_part}@{domain}")
        }
    }
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let (mut in_quotes, mut escaped) = (false, false);
    text.split(|c| {
        let is_escaped = escaped;
        escaped = c == '\\' && !is_escaped;
        if c == '"' && !is_escaped {
            in_quotes = !in_quotes;
        }
        matches!(c, ',' | '\n') && !in_quotes
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_from_a_list() {
        let list =
            Target::parse_list("root, \\ana, luis@B.test,\n \"ana maria\", \"a,b\"@c.test,, @Other.test")
                .unwrap();
        let written: Vec<_> = list.iter().map(Target::to_string).collect();
        assert_eq!(written, ["root", "ana", "luis@B.test", "ana maria", "\"a,b\"@c.test", "@other.test"]);
        assert_eq!(Target::parse_list(" "), Ok(vec![]));
    }

    #[test]
    fn programs_and_files_are_no_targets() {
        for text in ["|/usr/bin/vacation", "\"|/usr/bin/procmail -a x\"", "/dev/null", ":include:/etc/list"] {
            assert_eq!(Target::parse_list(text), Err(BadSetting::UnsupportedTarget(text.into())));
        }
        for text in ["a b", "a@b@c", "<ana@b.test>", "@"] {
            assert_eq!(Target::parse_list(text), Err(BadSetting::Target(text.into())));
        }
    }

    #[test]
    fn keys_are_compared_without_case() {
        let table: AliasTable =
            [("Ana@Español.test", vec![]), ("@B.test", vec![]), ("Root", vec![])].into_iter().collect();
        let keys: Vec<_> = table.entries().map(|(key, _)| key).collect();
        assert_eq!(keys, ["@b.test", "ana@xn--espaol-zwa.test", "root"]);
    }
}
