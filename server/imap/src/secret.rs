//! What of a client's octets nobody may see, not even in a transcript.

use crate::command::Cursor;
use std::ops::Range;

/// The part of a command, or of its beginning, that is secret: the password of LOGIN and the initial response of
/// AUTHENTICATE. `None` if there is none.
///
/// What cannot be read as far as the user name is secret from there on: a mistyped LOGIN still has a password in it.
pub fn secret_of_command(text: &[u8]) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(text);
    cursor.tag().ok()?;
    cursor.space().ok()?;
    let name = cursor.word().ok()?;
    let after_name = cursor.clone();
    let first_argument = |cursor: &mut Cursor<'_>| {
        cursor.space()?;
        cursor.astring()?;
        cursor.space()
    };
    match name.as_str() {
        "LOGIN" | "AUTHENTICATE" => match first_argument(&mut cursor) {
            Ok(()) => Some(text.len() - cursor.left()..text.len()),
            // The mechanism or the user alone, or a literal that is only announced.
            Err(_) if is_one_word(&after_name, text) => None,
            Err(_) => Some(text.len() - after_name.left()..text.len()),
        },
        _ => None,
    }
    .filter(|secret| !secret.is_empty())
}

/// Whether what follows is a single word without quotes, or an announcement.
fn is_one_word(cursor: &Cursor<'_>, text: &[u8]) -> bool {
    let rest = &text[text.len() - cursor.left()..];
    let words = rest.trim_ascii();
    !words.contains(&b' ') && !words.contains(&b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_secret_and_nothing_else() {
        for (text, shown) in [
            ("a LOGIN ana secret", "a LOGIN ana "),
            ("a login \"ana b\" \"se cret\"", "a login \"ana b\" "),
            ("a LOGIN {3}\r\nana {6}\r\nsecret", "a LOGIN {3}\r\nana "),
            ("a LOGIN {3}\r\n", "a LOGIN {3}\r\n"),
            ("a LOGIN ana", "a LOGIN ana"),
            ("a LOGIN \"ana secret", "a LOGIN"),
            ("a LOGIN (x secret", "a LOGIN"),
            ("a AUTHENTICATE PLAIN AGFuYQBz", "a AUTHENTICATE PLAIN "),
            ("a AUTHENTICATE PLAIN", "a AUTHENTICATE PLAIN"),
            ("a SELECT INBOX", "a SELECT INBOX"),
            ("", ""),
        ] {
            let secret = secret_of_command(text.as_bytes()).unwrap_or(text.len()..text.len());
            assert_eq!(&text[..secret.start], shown, "{text}");
            assert_eq!(secret.end, text.len());
        }
    }
}
