//! Header blocks: their fields in order, with offsets.

use memchr::memchr;
use std::borrow::Cow;
use std::ops::Range;

/// One field of a header block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as written; empty for a line without a colon.
    pub name: &'a [u8],
    /// Everything after the colon, folded as written, with the last line end.
    pub value: &'a [u8],
    /// Where the whole field lies in the block, with its last line end.
    pub span: Range<usize>,
}

impl Field<'_> {
    /// Whether this is the field of that name; the case of ASCII letters does not matter.
    pub fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value in one line, trimmed. Octets that are not UTF-8 are taken for Windows-1252, which is what they mostly are.
    pub fn unfolded(&self) -> String {
        unfold(self.value)
    }
}

/// The fields of a header block, up to the blank line that ends it or the end of the block. Lines may end in CRLF or LF.
pub fn fields(block: &[u8]) -> Fields<'_> {
    Fields { block, at: 0 }
}

/// See [`fields`].
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    block: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let start = self.at;
        let rest = &self.block[start..];
        if rest.is_empty() || rest.starts_with(b"\r\n") || rest.starts_with(b"\n") {
            return None;
        }
        let mut end = line_end(self.block, start);
        while matches!(self.block.get(end), Some(b' ' | b'\t')) {
            end = line_end(self.block, end);
        }
        self.at = end;
        let field = &self.block[start..end];
        let (name, value) = match memchr(b':', field) {
            Some(colon) => (field[..colon].trim_ascii_end(), &field[colon + 1..]),
            None => (&field[..0], field),
        };
        Some(Field { name, value, span: start..end })
    }
}

fn line_end(block: &[u8], from: usize) -> usize {
    memchr(b'\n', &block[from..]).map_or(block.len(), |at| from + at + 1)
}

/// Which fields of a header block are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldChoice {
    /// `HEADER.FIELDS`: the named ones.
    Named,
    /// `HEADER.FIELDS.NOT`: all but the named ones.
    NotNamed,
}

/// The chosen fields of a block in their order, and the blank line that RFC 3501 §6.4.5 demands after them.
pub fn select_fields(block: &[u8], choice: FieldChoice, names: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields(block) {
        let is_named = names.iter().any(|name| field.is(name.as_ref()));
        if is_named == (choice == FieldChoice::Named) {
            out.extend_from_slice(&block[field.span]);
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// Removes line ends and surrounding white space (RFC 5322 §2.2.3).
pub(crate) fn unfold(value: &[u8]) -> String {
    let text = to_text(value);
    let mut line = String::with_capacity(text.len());
    line.extend(text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')));
    let trimmed = line.trim_matches([' ', '\t']);
    if trimmed.len() == line.len() { line } else { trimmed.to_owned() }
}

fn to_text(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(mail_parser::Charset::Windows1252.decode(octets).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_with_their_folds_and_offsets() {
        let block = b"To: a@b.test,\r\n\tc@d.test\r\nnonsense\r\nSubject :  x \nX:\r\n\r\nbody: no\r\n";
        let found: Vec<_> = fields(block).map(|field| (field.name, field.unfolded(), field.span)).collect();
        assert_eq!(
            found,
            [
                (&b"To"[..], "a@b.test,\tc@d.test".to_owned(), 0..26),
                (b"", "nonsense".to_owned(), 26..36),
                (b"Subject", "x".to_owned(), 36..50),
                (b"X", String::new(), 50..54),
            ]
        );
    }

    #[test]
    fn fields_are_selected_by_name_and_end_in_a_blank_line() {
        let block = b"To: a\r\nX-A: 1\r\n 2\r\nSUBJECT: s\r\n\r\n";
        let cases: [(FieldChoice, &[&str], &[u8]); 4] = [
            (FieldChoice::Named, &["subject", "x-a"], b"X-A: 1\r\n 2\r\nSUBJECT: s\r\n\r\n"),
            (FieldChoice::NotNamed, &["subject", "x-a"], b"To: a\r\n\r\n"),
            (FieldChoice::Named, &["cc"], b"\r\n"),
            (FieldChoice::NotNamed, &[], block),
        ];
        for (choice, names, expected) in cases {
            assert_eq!(select_fields(block, choice, names), expected, "{choice:?} {names:?}");
        }
    }

    #[test]
    fn eight_bit_values_become_text() {
        let field = |value| Field { name: b"Subject", value, span: 0..0 }.unfolded();
        assert_eq!(field("  Papelería\r\n".as_bytes()), "Papelería");
        assert_eq!(field(b"Papeler\xEDa\r\n"), "Papelería");
    }
}
