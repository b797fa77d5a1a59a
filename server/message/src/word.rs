//! The words of structured fields (RFC 5322 §3.2), read leniently: nothing is an error.

/// A word or a special character of an unfolded field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// A run of anything that is not special, dots included.
    Atom(String),
    /// A quoted string, without its quotes and backslashes.
    Quoted(String),
    /// A domain literal, with its brackets.
    Literal(String),
    /// A comment, without its outer parentheses.
    Comment(String),
    /// One of `< > @ , ; :`
    Special(char),
}

/// Cuts a field into words. White space separates words and is not kept.
pub(crate) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(crate) fn new(field: &'a str) -> Self {
        Self { rest: field }
    }

    /// Reads up to an unescaped `end`, which is consumed; what is never closed runs to the end of the field.
    fn delimited(&mut self, end: char) -> String {
        let (mut text, mut escaped) = (String::new(), false);
        let mut chars = self.rest.chars();
        for c in chars.by_ref() {
            match c {
                _ if escaped => {
                    text.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                _ if c == end => break,
                _ => text.push(c),
            }
        }
        self.rest = chars.as_str();
        text
    }

    /// Comments nest (RFC 5322 §3.2.2).
    fn comment(&mut self) -> String {
        let (mut text, mut escaped, mut depth) = (String::new(), false, 1_u32);
        let mut chars = self.rest.chars();
        for c in chars.by_ref() {
            match c {
                _ if escaped => escaped = false,
                '\\' => {
                    escaped = true;
                    continue;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            text.push(c);
        }
        self.rest = chars.as_str();
        text
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        let first = self.rest.chars().next()?;
        let after = &self.rest[first.len_utf8()..];
        match first {
            '"' => {
                self.rest = after;
                Some(Word::Quoted(self.delimited('"')))
            }
            '[' => {
                self.rest = after;
                Some(Word::Literal(format!("[{}]", self.delimited(']'))))
            }
            '(' => {
                self.rest = after;
                Some(Word::Comment(self.comment()))
            }
            '<' | '>' | '@' | ',' | ';' | ':' => {
                self.rest = after;
                Some(Word::Special(first))
            }
            _ => {
                let is_end =
                    |c| matches!(c, ' ' | '\t' | '"' | '[' | '(' | '<' | '>' | '@' | ',' | ';' | ':');
                let end = self.rest.find(is_end).unwrap_or(self.rest.len());
                let (atom, rest) = self.rest.split_at(end);
                self.rest = rest;
                Some(Word::Atom(atom.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_unquoted() {
        let found: Vec<_> = Words::new(r#" Ana "G. \"x" (a (b) \) c) <ana@[::1]>;"#).collect();
        let expected = [
            Word::Atom("Ana".into()),
            Word::Quoted("G. \"x".into()),
            Word::Comment("a (b) ) c".into()),
            Word::Special('<'),
            Word::Atom("ana".into()),
            Word::Special('@'),
            Word::Literal("[::1]".into()),
            Word::Special('>'),
            Word::Special(';'),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_never_closed_runs_to_the_end() {
        for (field, word) in [
            ("\"a b", Word::Quoted("a b".into())),
            ("(a (b)", Word::Comment("a (b)".into())),
            ("[1", Word::Literal("[1]".into())),
            ("\"a\\", Word::Quoted("a".into())),
        ] {
            assert_eq!(Words::new(field).collect::<Vec<_>>(), [word], "{field}");
        }
    }
}
