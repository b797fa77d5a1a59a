//! `dovecot-keywords`: which keyword has which letter in the file names of a folder.
//!
//! Lines of `NUMBER NAME`; number 0 is the letter `a`, 25 is `z`. Dovecot reads and writes the same file.

use super::LETTERED_KEYWORDS;
use super::folder::{read_small_file, replace_file};
use crate::Result;
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "dovecot-keywords";

/// Numbers with their keywords, below 26. Lines that make no sense are skipped.
pub(crate) fn read(folder: &Path) -> Result<BTreeMap<u32, String>> {
    Ok(parse(&read_small_file(&folder.join(FILE))?))
}

/// Writes the lettered ones of `keywords`.
pub(crate) fn write(folder: &Path, keywords: &BTreeMap<u32, String>) -> Result<()> {
    let lines = keywords.range(..LETTERED_KEYWORDS).map(|(number, name)| format!("{number} {name}\n"));
    replace_file(&folder.join(FILE), &lines.collect::<String>())
}

fn parse(text: &str) -> BTreeMap<u32, String> {
    text.lines()
        .filter_map(|line| {
            let (number, name) = line.split_once(' ')?;
            let number = number.parse().ok().filter(|number| *number < LETTERED_KEYWORDS)?;
            is_keyword(name).then(|| (number, name.to_owned()))
        })
        .collect()
}

/// RFC 3501 §9 `flag-keyword` is an atom; also not longer than any program expects.
pub(crate) fn is_keyword(name: &str) -> bool {
    let is_atom_char = |byte: u8| byte.is_ascii_graphic() && !br#"(){%*"\]"#.contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_atom_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_dovecot_writes_and_skips_nonsense() {
        let text = "0 $Forwarded\n1 Junk\n26 TooFar\nx y\n2\n3 bad name\n4 \\Seen\n";
        let expected = BTreeMap::from([(0, "$Forwarded".to_owned()), (1, "Junk".to_owned())]);
        assert_eq!(parse(text), expected);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let keywords = BTreeMap::from([(0, "a".to_owned()), (25, "$Label1".to_owned())]);
        write(folder.path(), &keywords).unwrap();
        assert_eq!(read(folder.path()).unwrap(), keywords);
    }
}
