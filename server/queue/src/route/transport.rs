//! `transport_maps`: routes by recipient, before `relayhost` and MX.

use super::refusal::Refusal;
use super::{BadSetting, HostPort};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The right side of a transport table (transport(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// `:`, the usual way, as if there were no entry.
    Default,
    /// `smtp:nexthop` or `relay:nexthop`; without a next hop, by the MX of the recipient's domain, past `relayhost`.
    Smtp(Option<HostPort>),
    /// `error:text`: refused for good.
    Error(String),
    /// `retry:text`: kept for later.
    Retry(String),
    /// `discard:text`: accepted and thrown away.
    Discard,
}

impl FromStr for Transport {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let bad = || BadSetting::Transport(text.to_owned());
        let (name, rest) = text.trim().split_once(':').ok_or_else(bad)?;
        match name {
            "" if rest.is_empty() => Ok(Self::Default),
            "smtp" | "relay" if rest.is_empty() => Ok(Self::Smtp(None)),
            "" | "smtp" | "relay" => rest.parse().map(|to| Self::Smtp(Some(to))),
            "error" => Ok(Self::Error(rest.trim().to_owned())),
            "retry" => Ok(Self::Retry(rest.trim().to_owned())),
            "discard" => Ok(Self::Discard),
            _ => Err(bad()),
        }
    }
}

/// As `transport_maps` writes it.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str(":"),
            Self::Smtp(None) => f.write_str("smtp:"),
            Self::Smtp(Some(to)) => write!(f, "smtp:{to}"),
            Self::Error(text) => write!(f, "error:{text}"),
            Self::Retry(text) => write!(f, "retry:{text}"),
            Self::Discard => f.write_str("discard:"),
        }
    }
}

impl Transport {
    /// What a recipient is told by `error:` and `retry:`.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Error(text) => Some(Refusal::configured(true, text)),
            Self::Retry(text) => Some(Refusal::configured(false, text)),
            Self::Default | Self::Smtp(_) | Self::Discard => None,
        }
    }
}

/// A transport table: patterns in lower case, `user@example.net`, `example.net`, `.example.net`, `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TransportTable(BTreeMap<String, Transport>);

impl TransportTable {
    /// Adds an entry written as `pattern=transport` or, as in Postfix's file, `pattern transport`.
    ///
    /// Errors: [`BadSetting::Pattern`], [`BadSetting::Transport`], [`BadSetting::NextHop`].
    pub fn add_line(&mut self, line: &str) -> Result<(), BadSetting> {
        let line = line.trim();
        let end = line.find(['=', ' ', '\t']).ok_or_else(|| BadSetting::Pattern(line.to_owned()))?;
        let value = line[end..].trim_start_matches([' ', '\t']);
        let value = value.strip_prefix('=').unwrap_or(value).trim_start();
        self.add(&line[..end], value.parse()?)
    }

    /// Adds an entry. Errors: [`BadSetting::Pattern`].
    pub fn add(&mut self, pattern: &str, transport: Transport) -> Result<(), BadSetting> {
        let bad = || BadSetting::Pattern(pattern.to_owned());
        let (user, domain) = match pattern.rsplit_once('@') {
            Some((user, domain)) if !user.is_empty() => (Some(user), domain),
            Some(_) => return Err(bad()),
            None => (None, pattern),
        };
        let (dot, domain) = match domain.strip_prefix('.') {
            Some(parent) if user.is_none() => (".", parent),
            _ => ("", domain),
        };
        let domain = match domain {
            "*" if user.is_none() && dot.is_empty() => "*".to_owned(),
            _ => super::domain_key(domain).ok_or_else(bad)?,
        };
        let user = user.map(|user| format!("{}@", user.to_ascii_lowercase())).unwrap_or_default();
        self.0.insert(format!("{user}{dot}{domain}"), transport);
        Ok(())
    }

    /// The entries, by pattern.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Transport)> {
        self.0.iter().map(|(pattern, transport)| (pattern.as_str(), transport))
    }

    /// The entry for a recipient, in the order of transport(5): the address, the address without extension, the domain,
    /// its parents with a leading dot, `*`. All in lower case.
    pub(crate) fn find(&self, local_parts: &[&str], domain: &str) -> Option<(&str, &Transport)> {
        let addresses = local_parts.iter().map(|local_part| format!("{local_part}@{domain}"));
        let dots = domain.match_indices('.').map(|(at, _)| domain[at..].to_owned());
        addresses
            .chain([domain.to_owned()])
            .chain(dots)
            .chain(["*".to_owned()])
            .find_map(|key| self.0.get_key_value(&key))
            .map(|(pattern, transport)| (pattern.as_str(), transport))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[&str]) -> TransportTable {
        let mut table = TransportTable::default();
        for line in lines {
            table.add_line(line).unwrap();
        }
        table
    }

    #[test]
    fn transports_are_read_and_written_back() {
        for text in [
            ":",
            "smtp:",
            "smtp:[127.0.0.1]:2125",
            "smtp:example.net",
            "error:5.1.1 gone",
            "retry:x",
            "discard:",
        ] {
            assert_eq!(text.parse::<Transport>().unwrap().to_string(), text);
        }
        assert_eq!(":[h.test]".parse::<Transport>(), "relay:[h.test]".parse());
        for bad in ["", "smtp", "local:", "lmtp:unix:x", "uucp:x"] {
            assert_eq!(bad.parse::<Transport>(), Err(BadSetting::Transport(bad.into())), "{bad}");
        }
        assert_eq!("smtp:a b".parse::<Transport>(), Err(BadSetting::NextHop("a b".into())));
    }

    #[test]
    fn the_most_special_pattern_wins() {
        let table = table(&[
            "ana@a.test smtp:[one.test]",
            "a.test=smtp:[two.test]",
            ".a.test\tsmtp:[three.test]",
            ".x.a.test = error:no",
            "* smtp:[four.test]",
        ]);
        let found =
            |local_parts: &[&str], domain: &str| table.find(local_parts, domain).unwrap().0.to_owned();
        assert_eq!(found(&["ana+x", "ana"], "a.test"), "ana@a.test");
        assert_eq!(found(&["luis"], "a.test"), "a.test");
        assert_eq!(found(&["luis"], "b.a.test"), ".a.test");
        assert_eq!(found(&["luis"], "b.x.a.test"), ".x.a.test");
        assert_eq!(found(&["luis"], "xa.test"), "*");
    }

    #[test]
    fn a_bad_line_is_refused() {
        for bad in ["a.test", "@a.test smtp:", "a..b smtp:", "x@.a.test smtp:", "* *"] {
            assert!(TransportTable::default().add_line(bad).is_err(), "{bad}");
        }
    }
}
