//! Addresses as people type them (RFC 5322 §3.4), made ready for the wire.

use lettre::Address;
use mail_parser::HeaderForm;
use postigo_api::{Code, Draft, Error, Person};

/// Recipients of one message (RFC 5321 §4.5.3.1.8 wants at least 100 to be taken).
const LIMIT: usize = 500;

/// A recipient: a name for the header, an address for header and envelope. The domain is in ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub name: String,
    pub address: Address,
}

/// All recipients of a message.
#[derive(Debug, Default)]
pub(crate) struct Recipients {
    pub to: Vec<Recipient>,
    pub cc: Vec<Recipient>,
    pub bcc: Vec<Recipient>,
}

impl Recipients {
    /// Reads all fields.
    ///
    /// # Errors
    /// `mail.address_invalid` with the first one that is none; `request.bad` for more than 500.
    pub fn of(draft: &Draft) -> Result<Self, Error> {
        let read = |typed: &[String]| -> Result<Vec<Recipient>, Error> {
            let mut all = Vec::new();
            for text in typed {
                all.extend(parse(text)?);
            }
            Ok(all)
        };
        let all = Self { to: read(&draft.to)?, cc: read(&draft.cc)?, bcc: read(&draft.bcc)? };
        if all.to.len() + all.cc.len() + all.bcc.len() > LIMIT {
            return Err(crate::failure::bad_request("500 recipients at most"));
        }
        Ok(all)
    }

    /// Each address once, in the order of the fields.
    pub fn envelope(&self) -> Vec<Address> {
        let mut all: Vec<Address> = Vec::new();
        for recipient in self.to.iter().chain(&self.cc).chain(&self.bcc) {
            if !all.contains(&recipient.address) {
                all.push(recipient.address.clone());
            }
        }
        all
    }
}

/// The addresses in a text as somebody types it, or in a field of a header; their domains in ASCII. None when one of them
/// is no address.
pub fn addresses_of(typed: &str) -> Option<Vec<String>> {
    Some(parse(typed).ok()?.into_iter().map(|recipient| recipient.address.to_string()).collect())
}

/// One or more addresses in one text; empty text has none.
pub(crate) fn parse(typed: &str) -> Result<Vec<Recipient>, Error> {
    let line = format!("{}\r\n", one_line(typed));
    let parsed = HeaderForm::Addresses.parse(line.as_bytes());
    let list = parsed.value().as_address();
    // A group (`name: a, b;`) is nothing one types; a stray colon would hide what stands before it.
    let has_groups = list.is_some_and(|list| list.has_groups());
    let people = crate::message::people(list);
    if has_groups || people.is_empty() && !typed.trim().is_empty() {
        return Err(invalid(typed));
    }
    people
        .into_iter()
        .map(|person| {
            let address = address(&person.address)
                .ok_or_else(|| invalid(if person.address.is_empty() { typed } else { &person.address }))?;
            Ok(Recipient { name: one_line(&person.name), address })
        })
        .collect()
}

fn invalid(typed: &str) -> Error {
    let typed = one_line(typed);
    Error::new(Code::MailAddressInvalid, format!("{typed} is not an address")).with("address", typed)
}

/// An address with its domain in ASCII (RFC 5890). A local part beyond ASCII would need SMTPUTF8 on the whole way to the
/// mailbox (RFC 6531), which nobody can promise, so it is refused.
pub(crate) fn address(text: &str) -> Option<Address> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    if !local.is_ascii() || local.is_empty() || text.len() > 320 {
        return None;
    }
    let domain =
        if domain.starts_with('[') { domain.to_owned() } else { idna::domain_to_ascii(domain).ok()? };
    Address::new(local, domain).ok()
}

/// A person as one types it.
pub(crate) fn typed(person: &Person) -> String {
    let name = one_line(&person.name);
    if name.is_empty() {
        return person.address.clone();
    }
    if person.address.is_empty() {
        return name;
    }
    // RFC 5322 §3.2.3: an atom needs no quotes.
    let plain = name
        .chars()
        .all(|char| char.is_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(char) || !char.is_ascii());
    if plain {
        format!("{name} <{}>", person.address)
    } else {
        format!("\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), person.address)
    }
}

/// Control characters, above all line breaks, would begin another field of the header.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Option<Vec<(String, String)>> {
        let all = parse(typed).ok()?;
        Some(all.into_iter().map(|one| (one.name, one.address.to_string())).collect())
    }

    #[test]
    fn addresses_are_read_as_people_type_them() {
        for (typed, expected) in [
            ("luis@lab.test", vec![("", "luis@lab.test")]),
            ("Luis <luis@lab.test>", vec![("Luis", "luis@lab.test")]),
            (
                "\"Diez, Eva\" <eva@lab.test>, luis@lab.test",
                vec![("Diez, Eva", "eva@lab.test"), ("", "luis@lab.test")],
            ),
            ("José Núñez <jose@lab.test>", vec![("José Núñez", "jose@lab.test")]),
            ("ana@correo.españa.test", vec![("", "ana@correo.xn--espaa-rta.test")]),
            ("  ", vec![]),
        ] {
            let expected =
                expected.into_iter().map(|(n, a)| (n.to_owned(), a.to_owned())).collect::<Vec<_>>();
            let addresses = expected.iter().map(|(_, address)| address.clone()).collect();
            assert_eq!(addresses_of(typed), Some(addresses), "{typed}");
            assert_eq!(read(typed), Some(expected), "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_named() {
        for typed in
            ["luis", "luis@", "@lab.test", "José <josé@lab.test>", "a b@lab.test", "x <>", "luis@lab test"]
        {
            let error = parse(typed).expect_err(typed);
            assert_eq!(error.code, Code::MailAddressInvalid, "{typed}");
            assert_eq!(addresses_of(typed), None, "{typed}");
        }
        let error = parse("ana@lab.test\r\nBcc: eva@lab.test").expect_err("a second field");
        assert_eq!(error.code, Code::MailAddressInvalid);
    }

    #[test]
    fn a_person_is_typed_so_that_it_is_read_again() {
        for (name, address) in
            [("Eva", "eva@lab.test"), ("Diez, \"Eva\" \\", "eva@lab.test"), ("", "eva@lab.test")]
        {
            let text = typed(&Person { name: name.into(), address: address.into() });
            assert_eq!(read(&text), Some(vec![(name.to_owned(), address.to_owned())]), "{text}");
        }
    }
}
