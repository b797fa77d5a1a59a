//! Decoded text, for searching and for previews.

use mail_parser::{HeaderForm, MessageParser, PartKind};

/// The value of a header field in one line, with encoded words decoded (RFC 2047).
pub fn decoded_field(value: &[u8]) -> String {
    let unfolded = crate::header::unfold(value);
    if !unfolded.contains("=?") {
        return unfolded;
    }
    let parsed = HeaderForm::Text.parse(unfolded.as_bytes());
    parsed.value().as_text().map_or_else(|| unfolded.clone(), str::to_owned)
}

/// The text of a leaf part, decoded from its transfer encoding and charset; HTML becomes text. `None` if it is no text.
///
/// `header` is the part's own header (for a message without parts, the message's), `body` its body.
pub fn part_text(header: &[u8], body: &[u8]) -> Option<String> {
    let mut octets = Vec::with_capacity(header.len() + body.len() + 2);
    octets.extend_from_slice(header);
    if !(header.ends_with(b"\r\n\r\n") || header == b"\r\n") {
        octets.extend_from_slice(if header.is_empty() || header.ends_with(b"\n") {
            b"\r\n"
        } else {
            b"\r\n\r\n"
        });
    }
    octets.extend_from_slice(body);
    let message = MessageParser::new().parse(&octets)?;
    let part = message.root_part();
    match part.kind() {
        PartKind::Text => Some(part.text()?.into_owned()),
        PartKind::Html => Some(mail_parser::html_to_text(&part.text()?)),
        _ => None,
    }
}

/// The beginning of a text, at most `max_octets` octets, in one line without runs of white space.
pub fn preview(text: &str, max_octets: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let separator = usize::from(!line.is_empty());
        let room = max_octets.saturating_sub(line.len() + separator);
        if room == 0 {
            break;
        }
        if separator > 0 {
            line.push(' ');
        }
        let end = word.floor_char_boundary(room);
        line.push_str(&word[..end]);
        if end < word.len() {
            break;
        }
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        assert_eq!(decoded_field(b" =?utf-8?q?Papeler=C3=ADa?=\r\n =?utf-8?b?IHk=?= \r\n"), "Papelería y");
        assert_eq!(decoded_field(b" plain text\r\n"), "plain text");
        assert_eq!(decoded_field("José <j@x>".as_bytes()), "José <j@x>");
    }

    #[test]
    fn parts_are_decoded_to_text() {
        let quoted = b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
        assert_eq!(part_text(quoted, b"caf=E9").as_deref(), Some("café"));
        let html = b"Content-Type: text/html\r\n\r\n";
        assert!(part_text(html, b"<p>a<b>b</b></p>").unwrap().contains("ab"));
        assert_eq!(part_text(b"Content-Type: image/png\r\n\r\n", b"x"), None);
        assert_eq!(part_text(b"", b"no header").as_deref(), Some("no header"));
    }

    #[test]
    fn a_preview_is_one_line_and_cut_between_characters() {
        assert_eq!(preview("  Hola,\r\n\r\n\tana  ", 100), "Hola, ana");
        assert_eq!(preview("ñññ", 3), "ñ");
        assert_eq!(preview("ab cd", 4), "ab c");
        assert_eq!(preview("ab cd", 3), "ab");
        assert_eq!(preview("", 3), "");
    }
}
