//! How a message's text begins.

use mail_parser::{MessageParser, PartKind, html_to_text};

use crate::part::Part;

/// Characters of a preview.
const LIMIT: usize = 200;

/// From the first octets of a part, as they came over the wire.
pub(crate) fn of_part(part: &Part, octets: &[u8]) -> String {
    // The parser knows transfer encodings and charsets, so it gets a message with just this part.
    let mut message = format!("Content-Type: {}", token(&part.media_type)).into_bytes();
    if let Some(charset) = &part.charset {
        message.extend(format!("; charset=\"{}\"", token(charset)).into_bytes());
    }
    if let Some(encoding) = &part.encoding {
        message.extend(format!("\r\nContent-Transfer-Encoding: {}", token(encoding)).into_bytes());
    }
    message.extend(b"\r\n\r\n");
    message.extend(octets);
    let Some(parsed) = MessageParser::new().parse(&message) else { return String::new() };
    let root = parsed.root_part();
    let text = root.text().unwrap_or_default();
    match root.kind() {
        PartKind::Html => of_text(&html_to_text(&text)),
        _ => of_text(&text),
    }
}

/// The first characters on one line. A character that was cut off by the limit of the fetch is left out.
pub(crate) fn of_text(text: &str) -> String {
    let mut out = String::new();
    let mut count = 0;
    for word in text.split(|char: char| char.is_whitespace() || char.is_control()).filter(|w| !w.is_empty()) {
        if count > 0 {
            out.push(' ');
            count += 1;
        }
        for char in word.chars().take(LIMIT.saturating_sub(count)) {
            out.push(char);
            count += 1;
        }
        if count >= LIMIT {
            break;
        }
    }
    out.trim_end_matches(['\u{fffd}', ' ']).to_owned()
}

/// What the server sent, without what could end the field it is put into.
fn token(text: &str) -> String {
    text.chars().filter(|char| char.is_ascii_graphic() && !matches!(char, '"' | ';' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(media_type: &str, charset: &str, encoding: &str) -> Part {
        Part {
            media_type: media_type.to_owned(),
            charset: Some(charset.to_owned()),
            encoding: Some(encoding.to_owned()),
            ..Part::default()
        }
    }

    #[test]
    fn transfer_encoding_and_charset_are_decoded() {
        let quoted = part("text/plain", "iso-8859-1", "quoted-printable");
        assert_eq!(of_part(&quoted, b"ma=F1ana\r\n\r\n  a las=\r\n 5"), "mañana a las 5");
        let base64 = part("text/plain", "utf-8", "base64");
        assert_eq!(of_part(&base64, b"SG9sYQ=="), "Hola");
    }

    #[test]
    fn html_is_shown_as_text_without_its_styles() {
        let html = part("text/html", "utf-8", "8bit");
        let source = b"<html><head><style>p{color:red}</style></head><body><p>Hola <b>Luis</b></p></body>";
        assert_eq!(of_part(&html, source), "Hola Luis");
    }

    #[test]
    fn it_has_200_characters_at_most() {
        assert_eq!(of_text(&"ñ ".repeat(500)).chars().count(), 199);
        assert_eq!(of_text(&"x".repeat(500)).chars().count(), 200);
    }

    #[test]
    fn a_name_from_the_server_cannot_add_fields() {
        let bad = part("text/plain\r\nX: y", "a\"b;c", "7bit\r\n\r\n");
        assert_eq!(of_part(&bad, b"text"), "text");
    }
}
