//! The tree that every IMAP response is made of: atoms, strings, lists (RFC 3501 §4).
//!
//! It takes more than the grammar allows: servers send 8-bit text in quoted strings, empty lists, and spaces too many. What
//! matters is that no response, however odd, harms more than itself.

/// Lists may lie in one another this deep; deeper ones come from no real message.
const DEPTH_LIMIT: usize = 100;
/// So many values may one response have.
const VALUES_LIMIT: usize = 200_000;

/// A response as it was read: lines, with the literals between them.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    /// Line, then the literal that its end announces, and so on; the last line has none.
    pub lines: Vec<Vec<u8>>,
    /// One fewer than lines.
    pub literals: Vec<Vec<u8>>,
}

/// A value of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// An atom, flag or number; `BODY[...]<...>` with its brackets counts as one.
    Atom(String),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// A list in parentheses.
    List(Vec<Value>),
}

impl Value {
    /// The octets of an atom or string; `NIL` has none.
    pub fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::Atom(atom) if atom.eq_ignore_ascii_case("NIL") => None,
            Self::Atom(atom) => Some(atom.as_bytes()),
            Self::Text(text) => Some(text),
            Self::List(_) => None,
        }
    }

    /// The same as text; octets that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> Option<String> {
        self.octets().map(|octets| String::from_utf8_lossy(octets).into_owned())
    }

    /// A number, when it is one.
    pub fn number<N: std::str::FromStr>(&self) -> Option<N> {
        std::str::from_utf8(self.octets()?).ok()?.parse().ok()
    }

    /// The members of a list; anything else has none.
    pub fn list(&self) -> &[Value] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }
}

/// Reads the values of `raw` from octet `start` of its first line on. `None` when they make no tree.
pub(crate) fn parse(raw: Raw, start: usize) -> Option<Vec<Value>> {
    let mut open: Vec<Vec<Value>> = vec![Vec::new()];
    let mut literals = raw.literals.into_iter();
    let mut count = 0;
    for (index, line) in raw.lines.iter().enumerate() {
        let mut rest = if index == 0 { line.get(start..)? } else { line };
        while let Some((&first, after)) = rest.split_first() {
            count += 1;
            if count > VALUES_LIMIT {
                return None;
            }
            rest = match first {
                b' ' | b'\r' | b'\n' => after,
                b'(' if open.len() > DEPTH_LIMIT => return None,
                b'(' => {
                    open.push(Vec::new());
                    after
                }
                b')' => {
                    let list = open.pop()?;
                    open.last_mut()?.push(Value::List(list));
                    after
                }
                b'"' => {
                    let (text, after) = quoted(after)?;
                    open.last_mut()?.push(Value::Text(text));
                    after
                }
                _ if literal_length(rest).is_some() => {
                    open.last_mut()?.push(Value::Text(literals.next()?));
                    b""
                }
                _ => {
                    let (atom, after) = atom(rest);
                    open.last_mut()?.push(Value::Atom(atom));
                    after
                }
            };
        }
    }
    let values = open.pop()?;
    open.is_empty().then_some(values)
}

/// `{n}` or `~{n}` (RFC 3516 §4.4) and nothing after it: how many octets follow the line.
pub(crate) fn literal_length(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"~").unwrap_or(text);
    let digits = text.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// After the opening quote: the string, and what follows the closing one.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut out = Vec::new();
    let mut octets = text.iter().enumerate();
    while let Some((at, &octet)) = octets.next() {
        match octet {
            b'"' => return Some((out, text.get(at + 1..)?)),
            b'\\' => out.push(*octets.next()?.1),
            _ => out.push(octet),
        }
    }
    None
}

/// An atom ends at a space, a parenthesis or a quote, but what stands in square brackets belongs to it.
fn atom(text: &[u8]) -> (String, &[u8]) {
    let mut in_brackets = false;
    let end = text
        .iter()
        .position(|&octet| {
            match octet {
                b'[' => in_brackets = true,
                b']' => in_brackets = false,
                _ => {}
            }
            !in_brackets && matches!(octet, b' ' | b'(' | b')' | b'"' | b'\r' | b'\n')
        })
        .unwrap_or(text.len());
    let (atom, rest) = text.split_at(end);
    (String::from_utf8_lossy(atom).into_owned(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(lines: &[&[u8]], literals: &[&[u8]]) -> Option<Vec<Value>> {
        let own = |parts: &[&[u8]]| parts.iter().map(|part| part.to_vec()).collect();
        parse(Raw { lines: own(lines), literals: own(literals) }, 0)
    }

    fn atom(text: &str) -> Value {
        Value::Atom(text.to_owned())
    }

    fn text(text: &[u8]) -> Value {
        Value::Text(text.to_vec())
    }

    #[test]
    fn lists_strings_and_literals_make_a_tree() {
        let read = values(&[b"1 (FLAGS (\\Seen) BODY[TEXT]<0> {3}", b" X \"a \\\"b\\\\\")"], &[b"a)\""]);
        let inner = vec![
            atom("FLAGS"),
            Value::List(vec![atom("\\Seen")]),
            atom("BODY[TEXT]<0>"),
            text(b"a)\""),
            atom("X"),
            text(b"a \"b\\"),
        ];
        assert_eq!(read, Some(vec![atom("1"), Value::List(inner)]));
    }

    #[test]
    fn fields_in_brackets_belong_to_the_atom() {
        let read = values(&[b"BODY[HEADER.FIELDS (To Cc)] NIL"], &[]);
        assert_eq!(read, Some(vec![atom("BODY[HEADER.FIELDS (To Cc)]"), atom("NIL")]));
    }

    #[test]
    fn eight_bit_text_in_quotes_is_taken() {
        assert_eq!(values(&["\"año\"".as_bytes()], &[]), Some(vec![text("año".as_bytes())]));
    }

    #[test]
    fn broken_trees_are_none_not_a_panic() {
        for bad in [&b"(a"[..], b"a)", b"\"open", b"\"open\\", b"{3}", b"(((", b"))"] {
            assert_eq!(values(&[bad], &[]), None, "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn lists_deeper_than_any_message_are_refused() {
        let deep = [vec![b'('; 5000], vec![b')'; 5000]].concat();
        assert_eq!(values(&[&deep], &[]), None);
    }
}
