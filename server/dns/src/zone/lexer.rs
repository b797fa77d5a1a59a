//! A zone file's text into entries of tokens (RFC 1035 §5.1).

use super::FaultKind;
use crate::name::unescape;

/// One entry: a record or a directive, over several lines if it has parentheses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The line where it begins, from 1.
    pub(super) line: usize,
    /// Whether it begins with white space: then it has the name of the record before.
    pub(super) indented: bool,
    pub(super) tokens: Vec<Token>,
}

/// A word, its escapes as they are written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) quoted: bool,
}

impl Token {
    /// The octets that a character string stands for; none if an escape is wrong.
    pub(super) fn octets(&self) -> Option<Vec<u8>> {
        let mut octets = Vec::with_capacity(self.text.len());
        let mut rest = self.text.as_bytes();
        while let Some((&octet, after)) = rest.split_first() {
            let (octet, after) = if octet == b'\\' { unescape(after)? } else { (octet, after) };
            octets.push(octet);
            rest = after;
        }
        Some(octets)
    }
}

/// Cuts a text into entries, without the empty ones. A fault ends it: where a quote or parenthesis ends is then anybody's guess.
pub(super) fn entries(text: &str) -> (Vec<Entry>, Option<(usize, FaultKind)>) {
    let mut lexer = Lexer { entries: Vec::new(), open: None, parentheses: None };
    // Some editors write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        if let Err(kind) = lexer.line(index + 1, line) {
            return (lexer.entries, Some((index + 1, kind)));
        }
    }
    let fault = lexer.parentheses.map(|line| (line, FaultKind::UnclosedParenthesis));
    (lexer.entries, fault)
}

struct Lexer {
    entries: Vec<Entry>,
    /// The entry that is being read.
    open: Option<Entry>,
    /// Where the outer parenthesis was opened. They do not nest (RFC 1035 knows no use for it).
    parentheses: Option<usize>,
}

impl Lexer {
    fn line(&mut self, number: usize, line: &str) -> Result<(), FaultKind> {
        let indented = line.starts_with([' ', '\t']);
        let entry = self.open.get_or_insert_with(|| Entry { line: number, indented, tokens: Vec::new() });
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let after = &rest[first.len_utf8()..];
            rest = match first {
                ';' => break,
                '(' if self.parentheses.is_some() => return Err(FaultKind::UnclosedParenthesis),
                '(' => {
                    self.parentheses = Some(number);
                    after
                }
                ')' => {
                    self.parentheses.take().ok_or(FaultKind::StrayParenthesis)?;
                    after
                }
                '"' => {
                    let end = end_of_quote(after).ok_or(FaultKind::UnclosedQuote)?;
                    entry.tokens.push(Token { text: after[..end].to_owned(), quoted: true });
                    &after[end + 1..]
                }
                _ => {
                    let end = end_of_word(rest);
                    entry.tokens.push(Token { text: rest[..end].to_owned(), quoted: false });
                    &rest[end..]
                }
            }
            .trim_start();
        }
        if self.parentheses.is_none() {
            self.entries.extend(self.open.take().filter(|entry| !entry.tokens.is_empty()));
        }
        Ok(())
    }
}

/// Where the closing quote is.
fn end_of_quote(text: &str) -> Option<usize> {
    unescaped(text).find(|(_, octet)| *octet == b'"').map(|(place, _)| place)
}

fn end_of_word(text: &str) -> usize {
    unescaped(text)
        .find(|(_, octet)| octet.is_ascii_whitespace() || matches!(octet, b'"' | b'(' | b')' | b';'))
        .map_or(text.len(), |(place, _)| place)
}

/// The octets that have no backslash before them, with their places.
fn unescaped(text: &str) -> impl Iterator<Item = (usize, u8)> + '_ {
    let mut escaped = false;
    text.bytes().enumerate().filter(move |(_, octet)| {
        let plain = !escaped;
        escaped = plain && *octet == b'\\';
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(usize, bool, String)> {
        let (entries, fault) = entries(text);
        assert_eq!(fault, None);
        let join = |entry: Entry| {
            let tokens: Vec<_> = entry
                .tokens
                .iter()
                .map(|t| if t.quoted { format!("<{}>", t.text) } else { t.text.clone() })
                .collect();
            (entry.line, entry.indented, tokens.join(" "))
        };
        entries.into_iter().map(join).collect()
    }

    #[test]
    fn comments_quotes_and_parentheses_are_understood() {
        let text =
            "; a comment\n\n@ SOA ns root ( 1 ; serial\r\n  2)\n\tTXT \"a;(b\\\"\" c\\;d;e\nx (\n) A\n";
        assert_eq!(
            words(text),
            [
                (3, false, "@ SOA ns root 1 2".into()),
                (5, true, r#"TXT <a;(b\"> c\;d"#.into()),
                (6, false, "x A".into())
            ]
        );
    }

    #[test]
    fn what_is_not_closed_is_found_where_it_was_opened() {
        for (text, line, kind) in [
            ("a A 1\nb TXT \"x\n", 2, FaultKind::UnclosedQuote),
            ("\na SOA ( 1\n2\n", 2, FaultKind::UnclosedParenthesis),
            ("a SOA ( 1\n( 2 )", 2, FaultKind::UnclosedParenthesis),
            ("a A 1 )", 1, FaultKind::StrayParenthesis),
        ] {
            assert_eq!(entries(text).1, Some((line, kind)), "{text:?}");
        }
    }

    #[test]
    fn escapes_stand_for_octets() {
        let token = |text: &str| Token { text: text.into(), quoted: true }.octets();
        assert_eq!(token(r#"a\"\\\195\177ñ"#), Some("a\"\\ññ".as_bytes().to_vec()));
        assert_eq!(token("\\999"), None);
        assert_eq!(token("\\"), None);
    }
}
