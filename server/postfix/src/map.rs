//! Tables: a setting's `type:name`, the files they name, and what is in them.

use postigo_api::Mapping;

use crate::expand::group;
use crate::logical::{Logical, lines};
use crate::{Fate, Files, Line, Reason};

/// A line of a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The base name of the file, or the setting for an inline table.
    pub file: String,
    /// Where, from 1.
    pub line: usize,
    /// What is looked up, and what is found.
    pub mapping: Mapping,
}

impl Row {
    /// What became of it.
    pub fn told(&self, fate: Fate) -> Line {
        let Mapping { key, value } = self.mapping.clone();
        Line { file: self.file.clone(), line: self.line, name: key, value, fate }
    }
}

/// How the text of a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// `key value` (postmap(1)).
    Table,
    /// `name: value` (aliases(5)).
    Aliases,
}

/// Cuts a value between commas and blanks, but not inside braces.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' | ' ' | '\t' | '\n' if depth == 0 => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a word names a table or a file instead of being a value.
pub(crate) fn is_table(word: &str) -> bool {
    word.starts_with('/') || word.split_once(':').is_some_and(|(kind, _)| kind_is_known(kind))
}

fn kind_is_known(kind: &str) -> bool {
    let kinds = [
        "hash",
        "lmdb",
        "btree",
        "texthash",
        "cdb",
        "dbm",
        "sdbm",
        "inline",
        "static",
        "proxy",
        "regexp",
        "pcre",
        "cidr",
        "ldap",
        "mysql",
        "pgsql",
        "sqlite",
        "nis",
        "nisplus",
        "unix",
        "tcp",
        "socketmap",
        "memcache",
        "pipemap",
        "unionmap",
        "randmap",
        "environ",
        "fail",
        "internal",
    ];
    kinds.contains(&kind)
}

/// The rows of one `type:name`; a bad row is reported. Errors: why the table as a whole is not read.
pub(crate) fn rows(
    word: &str,
    setting: &str,
    grammar: Grammar,
    files: &Files,
    report: &mut Vec<Line>,
) -> Result<Vec<Row>, Reason> {
    let (kind, name) = word.split_once(':').ok_or(Reason::Syntax)?;
    match kind {
        "proxy" => rows(name, setting, grammar, files, report),
        // aliases(5) is the form of the files that newaliases(1) reads, not of plain text tables.
        "texthash" => file_rows(name, Grammar::Table, files, report),
        "hash" | "lmdb" | "btree" | "cdb" | "dbm" | "sdbm" => file_rows(name, grammar, files, report),
        "inline" => inline_rows(name, setting),
        "static" => {
            let value = group(name, '{', '}').map_or(name, |(inside, _)| inside);
            Ok(vec![row(setting, 0, "*", value)])
        }
        _ => Err(Reason::MapType),
    }
}

fn file_rows(
    name: &str,
    grammar: Grammar,
    files: &Files,
    report: &mut Vec<Line>,
) -> Result<Vec<Row>, Reason> {
    let base = base_name(name);
    let text = files.get(base).ok_or(Reason::FileMissing)?;
    let mut found = Vec::new();
    for Logical { line, text } in lines(text) {
        match cut(&text, grammar) {
            Some((key, value)) if !key.is_empty() => found.push(row(base, line, key, value)),
            _ => report.push(row(base, line, &text, "").told(Fate::Unsupported(Reason::Syntax))),
        }
    }
    if found.is_empty() {
        report.push(row(base, 0, "", "").told(Fate::Taken));
    }
    Ok(found)
}

fn cut(text: &str, grammar: Grammar) -> Option<(&str, &str)> {
    let (key, value) = match (text.strip_prefix('"').and_then(|rest| rest.split_once('"')), grammar) {
        (Some((key, rest)), Grammar::Aliases) => (key, rest.trim_start().strip_prefix(':')?),
        (Some((key, rest)), Grammar::Table) => (key, rest),
        (None, Grammar::Aliases) => text.split_once(':')?,
        (None, Grammar::Table) => text.split_once([' ', '\t'])?,
    };
    Some((key.trim(), value.trim()))
}

fn inline_rows(name: &str, setting: &str) -> Result<Vec<Row>, Reason> {
    let (inside, _) = group(name.trim(), '{', '}').ok_or(Reason::Syntax)?;
    let read = |word: &str| {
        let pair = group(word, '{', '}').map_or(word, |(inside, _)| inside);
        let (key, value) = pair.split_once('=').ok_or(Reason::Syntax)?;
        Ok(row(setting, 0, key.trim(), value.trim()))
    };
    words(inside).into_iter().map(read).collect()
}

fn row(file: &str, line: usize, key: &str, value: &str) -> Row {
    let mapping = Mapping { key: key.to_owned(), value: value.to_owned() };
    Row { file: file.to_owned(), line, mapping }
}

/// The last part of a path.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
