//! Address lists as ENVELOPE shows them (RFC 3501 §7.4.2): nothing is decoded, groups are kept.

use crate::limits::ADDRESSES;
use crate::word::{Word, Words};
use serde::{Deserialize, Serialize};

/// One address of ENVELOPE, or the beginning or end of a group.
///
/// A group begins with an entry that has only a `mailbox` (its name) and ends with one that has nothing
/// (RFC 3501 §7.4.2). In every other entry `host` is there, and empty if the field has no domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvelopeAddress {
    /// The display name, with encoded words as written; a comment where there is no name.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The source route of RFC 822, `@a,@b`.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The local part without quotes, or a group's name.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// The domain.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// Reads an unfolded address list leniently.
pub(crate) fn parse_addresses(field: &str) -> Vec<EnvelopeAddress> {
    let mut list = List::default();
    for word in Words::new(field) {
        if list.found.len() >= ADDRESSES {
            break;
        }
        list.word(word);
    }
    list.end_address();
    list.end_group();
    list.found
}

#[derive(Default)]
struct List {
    found: Vec<EnvelopeAddress>,
    in_group: bool,
    /// Words before `@` or `<`: a display name or a local part.
    words: Vec<String>,
    comment: Option<String>,
    /// Within `<...>`.
    angle: Angle,
    /// After `@` of an address without angle brackets.
    domain: Option<String>,
    /// Local part and domain of `<...>`.
    spec: (String, Option<String>),
    route: String,
}

#[derive(Default, PartialEq, Eq)]
enum Angle {
    #[default]
    None,
    Open,
    Closed,
}

impl List {
    fn word(&mut self, word: Word) {
        match word {
            Word::Comment(text) => self.comment = Some(text),
            _ if self.angle == Angle::Open => self.angle_word(word),
            Word::Special(',') => self.end_address(),
            Word::Special(';') => {
                self.end_address();
                self.end_group();
            }
            Word::Special(':') => self.begin_group(),
            Word::Special('<') => self.angle = Angle::Open,
            Word::Special('@') => self.domain = Some(String::new()),
            Word::Special(_) => {}
            Word::Atom(text) | Word::Quoted(text) | Word::Literal(text) => match &mut self.domain {
                // A name after the address without brackets belongs to nothing that ENVELOPE could show.
                Some(domain) => domain.push_str(&text),
                None => self.words.push(text),
            },
        }
    }

    fn angle_word(&mut self, word: Word) {
        let (local, domain) = &mut self.spec;
        match word {
            Word::Special('>') => self.angle = Angle::Closed,
            Word::Special('@') => *domain = Some(String::new()),
            // `<@a,@b:local@domain>`: what came so far is the route (RFC 5322 §4.4).
            Word::Special(':') => {
                if let Some(last) = domain.take() {
                    self.route.push('@');
                    self.route.push_str(&last);
                }
                local.clear();
            }
            Word::Special(',') => {
                if let Some(last) = domain.take() {
                    self.route.push('@');
                    self.route.push_str(&last);
                    self.route.push(',');
                }
            }
            Word::Atom(text) | Word::Quoted(text) | Word::Literal(text) => {
                domain.as_mut().unwrap_or(local).push_str(&text);
            }
            Word::Special(_) | Word::Comment(_) => {}
        }
    }

    fn begin_group(&mut self) {
        self.end_group();
        let name = std::mem::take(&mut self.words).join(" ");
        (self.comment, self.domain) = (None, None);
        self.in_group = true;
        self.found.push(EnvelopeAddress { mailbox: Some(name), ..EnvelopeAddress::default() });
    }

    fn end_group(&mut self) {
        if std::mem::take(&mut self.in_group) {
            self.found.push(EnvelopeAddress::default());
        }
    }

    fn end_address(&mut self) {
        let this = std::mem::take(self);
        (self.found, self.in_group) = (this.found, this.in_group);
        let address = if this.angle == Angle::None {
            if this.words.is_empty() && this.domain.is_none() {
                return;
            }
            EnvelopeAddress {
                name: this.comment,
                route: None,
                // A local part in several words is joined as RFC 822 §3.4.4 reads it.
                mailbox: Some(this.words.concat()),
                host: Some(this.domain.unwrap_or_default()),
            }
        } else {
            let name = this.words.join(" ");
            let (local, domain) = this.spec;
            EnvelopeAddress {
                name: if name.is_empty() { this.comment } else { Some(name) },
                route: Some(this.route).filter(|route| !route.is_empty()),
                mailbox: Some(local),
                host: Some(domain.unwrap_or_default()),
            }
        };
        self.found.push(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name|route|mailbox|host`, `-` for none.
    fn shown(field: &str) -> Vec<String> {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        parse_addresses(field)
            .iter()
            .map(|a| [&a.name, &a.route, &a.mailbox, &a.host].map(part).join("|"))
            .collect()
    }

    #[test]
    fn addresses_are_read_as_envelope_shows_them() {
        let cases: [(&str, &str, &[&str]); 14] = [
            ("empty", "", &[]),
            ("bare", "ana@lab.test", &["-|-|ana|lab.test"]),
            ("angle", "Ana G <ana@lab.test>", &["Ana G|-|ana|lab.test"]),
            ("quoted name", "\"G, Ana\" <ana@lab.test>", &["G, Ana|-|ana|lab.test"]),
            ("encoded word stays", "=?utf-8?q?Jos=C3=A9?= <j@x>", &["=?utf-8?q?Jos=C3=A9?=|-|j|x"]),
            ("comment as name", "ana@lab.test (Ana)", &["Ana|-|ana|lab.test"]),
            ("quoted local part", "\"a b\"@lab.test", &["-|-|a b|lab.test"]),
            ("two", "a@x, b@y", &["-|-|a|x", "-|-|b|y"]),
            ("empty members", ",, a@x,,", &["-|-|a|x"]),
            ("group", "Team: a@x, B <b@y>; c@z", &["-|-|Team|-", "-|-|a|x", "B|-|b|y", "-|-|-|-", "-|-|c|z"]),
            ("empty group", "undisclosed-recipients:;", &["-|-|undisclosed-recipients|-", "-|-|-|-"]),
            ("group never closed", "T: a@x", &["-|-|T|-", "-|-|a|x", "-|-|-|-"]),
            ("route", "<@a.test,@b.test:c@d.test>", &["-|@a.test,@b.test|c|d.test"]),
            ("no domain", "root", &["-|-|root|"]),
        ];
        for (name, field, expected) in cases {
            assert_eq!(shown(field), expected, "{name}");
        }
    }
}
