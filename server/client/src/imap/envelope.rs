//! ENVELOPE and dates (RFC 3501 §7.4.2).

use mail_parser::HeaderForm;
use postigo_api::{Micros, Person};

use super::value::Value;

/// What the list shows of a message's header.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ImapEnvelope {
    pub date: Option<Micros>,
    pub subject: String,
    pub from: Option<Person>,
    pub to: Vec<Person>,
}

/// Recipients a row shows.
const RECIPIENTS_LIMIT: usize = 10;

impl ImapEnvelope {
    /// Reads what it can; what cannot be read is left empty.
    pub fn read(value: &Value) -> Self {
        let items = value.list();
        let people = |at: usize, limit| items.get(at).map(|list| people(list, limit)).unwrap_or_default();
        Self {
            date: items.first().and_then(Value::octets).and_then(rfc822_date),
            subject: items.get(1).and_then(Value::octets).map(decoded).unwrap_or_default(),
            from: people(2, 1).into_iter().next(),
            to: people(5, RECIPIENTS_LIMIT),
        }
    }
}

fn people(list: &Value, limit: usize) -> Vec<Person> {
    list.list().iter().filter_map(person).take(limit).collect()
}

/// `(name route mailbox host)`; without a host it begins or ends a group, which is no person.
fn person(value: &Value) -> Option<Person> {
    let [name, _, mailbox, host, ..] = value.list() else { return None };
    let address = format!("{}@{}", mailbox.text()?, host.text()?);
    Some(Person { name: name.octets().map(decoded).unwrap_or_default(), address })
}

/// Text of a header field with its encoded words decoded, on one line.
pub(crate) fn decoded(octets: &[u8]) -> String {
    let field = [octets, b"\r\n"].concat();
    let parsed = HeaderForm::Text.parse(&field);
    let text = parsed.value().as_text().map(str::to_owned);
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(octets).into_owned());
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect::<String>().trim().to_owned()
}

/// A Date field, RFC 5322 §3.3.
pub(crate) fn rfc822_date(octets: &[u8]) -> Option<Micros> {
    let date = mail_parser::DateTime::parse_rfc822(std::str::from_utf8(octets).ok()?)?;
    date.is_valid().then(|| date.to_timestamp().saturating_mul(1_000_000))
}

/// `17-Jul-1996 02:44:25 -0700` (RFC 3501 §9, `date-time`): a Date field once its hyphens are spaces.
pub(crate) fn internal_date(octets: &[u8]) -> Option<Micros> {
    let text = std::str::from_utf8(octets).ok()?.trim();
    let (day, time) = text.split_once(' ')?;
    rfc822_date(format!("{} {time}", day.replace('-', " ")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::value::{Raw, parse};
    use super::*;

    fn envelope(text: &str) -> ImapEnvelope {
        let raw = Raw { lines: vec![text.as_bytes().to_vec()], literals: Vec::new() };
        ImapEnvelope::read(&parse(raw, 0).expect("a tree")[0])
    }

    #[test]
    fn names_and_subject_are_decoded() {
        let read = envelope(
            r#"("Sat, 21 Nov 2026 10:00:00 +0100" "=?utf-8?Q?ma=C3=B1ana?=" (("=?iso-8859-1?Q?Jos=E9?=" NIL "jose" "lab.test")) NIL NIL ((NIL NIL "ana" "lab.test")(NIL NIL "group" NIL)(NIL NIL NIL NIL)) NIL NIL NIL "<1@x>")"#,
        );
        assert_eq!(read.subject, "mañana");
        assert_eq!(read.date, Some(1_795_251_600_000_000));
        assert_eq!(read.from, Some(Person { name: "José".into(), address: "jose@lab.test".into() }));
        assert_eq!(read.to, [Person { name: String::new(), address: "ana@lab.test".into() }]);
    }

    #[test]
    fn an_empty_envelope_is_empty() {
        assert_eq!(envelope("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"), ImapEnvelope::default());
        assert_eq!(envelope("NIL"), ImapEnvelope::default());
    }

    #[test]
    fn internal_dates_are_read() {
        assert_eq!(internal_date(b"17-Jul-1996 02:44:25 -0700"), Some(837_596_665_000_000));
        assert_eq!(internal_date(b" 1-Jan-1970 00:00:01 +0000"), Some(1_000_000));
        assert_eq!(internal_date(b"yesterday"), None);
    }
}
