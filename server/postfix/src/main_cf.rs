//! `main.cf`: parameters and their values.

use std::collections::BTreeMap;

use crate::expand::{expand, references};
use crate::logical::{Logical, lines};
use crate::{Fate, Line, Reason};

/// The name of the file.
pub(crate) const FILE: &str = "main.cf";

/// A parameter that the file sets.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    /// Where.
    pub line: usize,
    /// As written.
    pub value: String,
}

/// The parameters of a file. The last line of a name counts.
#[derive(Debug, Default)]
pub(crate) struct MainCf {
    parameters: BTreeMap<String, Parameter>,
}

impl MainCf {
    /// Reads the file; what does not count is reported.
    pub fn read(text: &str, report: &mut Vec<Line>) -> Self {
        let mut parameters = BTreeMap::new();
        for Logical { line, text } in lines(text) {
            let Some((name, value)) = split(&text) else {
                report.push(entry(line, &text, "", Fate::Unsupported(Reason::Syntax)));
                continue;
            };
            let parameter = Parameter { line, value: value.to_owned() };
            if let Some(old) = parameters.insert(name.to_owned(), parameter) {
                report.push(entry(old.line, name, &old.value, Fate::Ignored(Reason::Overridden)));
            }
        }
        Self { parameters }
    }

    /// A parameter as the file sets it.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.parameters.get(name)
    }

    /// All that the file sets.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter))
    }

    /// The value with references resolved, Postfix's default where the file does not set it; none when there is neither.
    pub fn value(&self, name: &str) -> Result<Option<String>, Reason> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        expand(&raw, &|name| self.raw(name)).map(|value| Some(value.trim().to_owned()))
    }

    /// Whether another value refers to this name.
    pub fn is_referenced(&self, name: &str) -> bool {
        self.iter().any(|(_, p)| references(&p.value).iter().any(|reference| reference == name))
    }

    fn raw(&self, name: &str) -> Option<String> {
        self.get(name).map(|parameter| parameter.value.clone()).or_else(|| self.default(name))
    }

    /// Postfix's own defaults, as far as a reference to them is of use (postconf(5)).
    fn default(&self, name: &str) -> Option<String> {
        let value = match name {
            "mydomain" => {
                let host = expand(&self.get("myhostname")?.value, &|name| match name {
                    // The default of mydomain is made from myhostname, which cannot be made from mydomain then.
                    "mydomain" => None,
                    other => self.raw(other),
                });
                return Some(match host.ok()?.split_once('.') {
                    Some((_, domain)) if !domain.is_empty() => domain.to_owned(),
                    _ => "localdomain".to_owned(),
                });
            }
            "mydestination" => "$myhostname, localhost.$mydomain, localhost",
            "myorigin" => "$myhostname",
            "alias_maps" => "hash:/etc/aliases",
            "virtual_alias_domains" => "$virtual_alias_maps",
            "virtual_mailbox_domains" => "$virtual_mailbox_maps",
            "config_directory" => "/etc/postfix",
            "data_directory" => "/var/lib/postfix",
            "queue_directory" => "/var/spool/postfix",
            "default_database_type" => "hash",
            "mail_name" => "Postfix",
            "bounce_queue_lifetime" => "5d",
            _ => return None,
        };
        Some(value.to_owned())
    }
}

/// `name = value`, with blanks around the sign or none.
pub(crate) fn split(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, value.trim()))
}

/// A line of the report about this file.
pub(crate) fn entry(line: usize, name: &str, value: &str, fate: Fate) -> Line {
    Line { file: FILE.to_owned(), line, name: name.to_owned(), value: value.to_owned(), fate }
}
