//! What a server says, told apart (RFC 3501 §7).

use super::value::{Raw, Value, parse};

/// How a status response ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    No,
    Bad,
    Bye,
    PreAuth,
}

/// One response.
#[derive(Debug)]
pub(crate) enum Response {
    /// `+`: go on with the command.
    Continue,
    /// The end of a command, or, without a tag, a remark.
    Status { tag: Option<String>, status: Status, code: Option<String>, text: String },
    /// Everything else.
    Data(Data),
}

/// Data a server sends (RFC 3501 §7.2 to §7.4).
#[derive(Debug)]
pub(crate) enum Data {
    Capability(Vec<String>),
    List {
        attributes: Vec<String>,
        delimiter: Option<String>,
        mailbox: Vec<u8>,
    },
    Status {
        mailbox: Vec<u8>,
        items: Vec<Value>,
    },
    Namespace(Vec<Value>),
    Search(Vec<u32>),
    Exists(u32),
    Expunge,
    Fetch(Fetch),
    /// What this client has no use for, or could not read.
    Other,
}

/// The items of one message.
#[derive(Debug, Default)]
pub(crate) struct Fetch(Vec<(String, Value)>);

impl Fetch {
    /// An item by its name, e.g. `UID` or `BODY[1]`. A partial one is found without its `<0>`.
    pub fn item(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The same, taken out without copying.
    pub fn take_octets(&mut self, name: &str) -> Option<Vec<u8>> {
        let item = self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        match &mut item.1 {
            Value::Text(text) => Some(std::mem::take(text)),
            other => other.octets().map(<[u8]>::to_vec),
        }
    }

    /// The UID, when it was asked for.
    pub fn uid(&self) -> Option<u32> {
        self.item("UID")?.number()
    }
}

/// Tells a response from its first line whether literals may follow its lines. In a status response `{5}` at the end is
/// text for people (RFC 3501 §7.1).
pub(crate) fn may_have_literals(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"* ") else { return false };
    let word = rest.split(|octet| *octet == b' ').next().unwrap_or_default();
    status_of(word).is_none()
}

fn status_of(word: &[u8]) -> Option<Status> {
    let known: [(&[u8], Status); 5] = [
        (b"OK", Status::Ok),
        (b"NO", Status::No),
        (b"BAD", Status::Bad),
        (b"BYE", Status::Bye),
        (b"PREAUTH", Status::PreAuth),
    ];
    known.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, status)| status)
}

/// Reads one response. `None` when it is not IMAP at all.
pub(crate) fn read(raw: Raw) -> Option<Response> {
    let first = raw.lines.first()?;
    if first.starts_with(b"+") {
        return Some(Response::Continue);
    }
    let mut words = first.splitn(3, |octet| *octet == b' ');
    let tag = words.next().filter(|tag| !tag.is_empty())?;
    let word = words.next()?;
    if let Some(status) = status_of(word) {
        let (code, text) = code_and_text(words.next().unwrap_or_default());
        let tag = (tag != b"*").then(|| String::from_utf8_lossy(tag).into_owned());
        return Some(Response::Status { tag, status, code, text });
    }
    if tag != b"*" {
        return None;
    }
    let word = String::from_utf8_lossy(word).to_ascii_uppercase();
    Some(Response::Data(data(&word, raw).unwrap_or(Data::Other)))
}

/// `[CODE args] text`.
fn code_and_text(rest: &[u8]) -> (Option<String>, String) {
    let rest = String::from_utf8_lossy(rest);
    match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((code, text)) => (Some(code.to_owned()), text.trim().to_owned()),
        None => (None, rest.trim().to_owned()),
    }
}

fn data(word: &str, raw: Raw) -> Option<Data> {
    let start = 2 + word.len();
    if word == "SEARCH" {
        let line = std::str::from_utf8(raw.lines.first()?.get(start..)?).ok()?;
        return Some(Data::Search(line.split(' ').filter_map(|number| number.parse().ok()).collect()));
    }
    let mut values = parse(raw, start)?.into_iter();
    if let Ok(number) = word.parse::<u32>() {
        let what = values.next()?.text()?.to_ascii_uppercase();
        return Some(match what.as_str() {
            "EXISTS" => Data::Exists(number),
            "EXPUNGE" => Data::Expunge,
            "FETCH" => Data::Fetch(fetch(values.next()?)?),
            _ => Data::Other,
        });
    }
    Some(match word {
        "CAPABILITY" => Data::Capability(
            values.filter_map(|value| value.text()).map(|name| name.to_ascii_uppercase()).collect(),
        ),
        "LIST" => Data::List {
            attributes: values.next()?.list().iter().filter_map(Value::text).collect(),
            delimiter: values.next()?.text(),
            mailbox: values.next()?.octets().unwrap_or(b"NIL").to_vec(),
        },
        "STATUS" => Data::Status {
            mailbox: values.next()?.octets().unwrap_or(b"NIL").to_vec(),
            items: values.next()?.list().to_vec(),
        },
        "NAMESPACE" => Data::Namespace(values.collect()),
        _ => Data::Other,
    })
}

fn fetch(items: Value) -> Option<Fetch> {
    let Value::List(items) = items else { return None };
    let mut items = items.into_iter();
    let mut known = Vec::new();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        let name = name.text()?;
        // `BODY[1]<0>`: the origin octet is known to whoever asked for it.
        let name = name.split_once('<').map_or(name.as_str(), |(name, _)| name).to_owned();
        known.push((name, value));
    }
    Some(Fetch(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(line: &[u8]) -> Option<Response> {
        read(Raw { lines: vec![line.to_vec()], literals: Vec::new() })
    }

    #[test]
    fn a_tagged_status_has_code_and_text() {
        let Some(Response::Status { tag, status, code, text }) =
            response(b"A7 OK [APPENDUID 1700000000 42] Append completed.")
        else {
            panic!("not a status")
        };
        assert_eq!(tag.as_deref(), Some("A7"));
        assert_eq!(status, Status::Ok);
        assert_eq!(code.as_deref(), Some("APPENDUID 1700000000 42"));
        assert_eq!(text, "Append completed.");
    }

    #[test]
    fn search_may_be_empty() {
        assert!(
            matches!(response(b"* SEARCH"), Some(Response::Data(Data::Search(found))) if found.is_empty())
        );
        assert!(
            matches!(response(b"* SEARCH 3 1"), Some(Response::Data(Data::Search(found))) if found == [3, 1])
        );
    }

    #[test]
    fn fetch_items_are_found_by_name() {
        let Some(Response::Data(Data::Fetch(fetch))) = response(b"* 3 FETCH (UID 9 BODY[1]<0> \"hi\")")
        else {
            panic!("not a fetch")
        };
        assert_eq!(fetch.uid(), Some(9));
        assert_eq!(fetch.item("BODY[1]").and_then(Value::text).as_deref(), Some("hi"));
    }

    #[test]
    fn a_broken_fetch_harms_only_itself() {
        assert!(matches!(response(b"* 3 FETCH (UID 9"), Some(Response::Data(Data::Other))));
        assert!(response(b"HTTP/1.1 400 Bad").is_none());
        assert!(response(b"").is_none());
    }

    #[test]
    fn braces_at_the_end_of_text_announce_nothing() {
        assert!(!may_have_literals(b"* OK it is {5}"));
        assert!(!may_have_literals(b"A1 NO {5}"));
        assert!(may_have_literals(b"* 1 FETCH (BODY[] {5}"));
    }
}
