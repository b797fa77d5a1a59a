//! The Content-* fields of a part's header.

use crate::header::fields;
use crate::limits::{LANGUAGES, PARAMETERS};
use crate::structure::{Disposition, Parameter, Part};

/// The type a part without a usable Content-Type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultType {
    /// RFC 2045 §5.2.
    TextPlain,
    /// In multipart/digest: RFC 2046 §5.1.5.
    MessageRfc822,
}

/// Fills everything of a part that its header says. The spans are left alone.
pub(crate) fn read_content_fields(part: &mut Part, block: &[u8], default: DefaultType) {
    "7bit".clone_into(&mut part.encoding);
    for field in fields(block) {
        if !field.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-")) {
            continue;
        }
        let value = field.unfolded();
        match field.name[8..].to_ascii_lowercase().as_slice() {
            b"type" if part.media_type.is_empty() => read_type(part, &value),
            b"transfer-encoding" if !value.is_empty() => {
                part.encoding =
                    value.split([' ', '\t', '(', ';']).next().unwrap_or("7bit").to_ascii_lowercase();
            }
            b"disposition" => part.disposition = read_disposition(&value),
            b"id" => part.id = Some(value),
            b"description" => part.description = Some(value),
            b"md5" => part.md5 = Some(value),
            b"location" => part.location = Some(value),
            b"language" => {
                let languages = value.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                part.language = languages.take(LANGUAGES).map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    if part.media_type.is_empty() {
        set_default(part, default);
    }
}

/// Makes a part what it is without a usable Content-Type.
pub(crate) fn set_default(part: &mut Part, default: DefaultType) {
    let (media_type, subtype) = match default {
        DefaultType::TextPlain => ("text", "plain"),
        DefaultType::MessageRfc822 => ("message", "rfc822"),
    };
    part.media_type = media_type.to_owned();
    part.subtype = subtype.to_owned();
    part.parameters.clear();
}

fn read_type(part: &mut Part, value: &str) {
    let (head, parameters) = split_parameters(value);
    let Some((media_type, subtype)) = head.split_once('/') else { return };
    let token = |text: &str| without_comments(text).trim().to_ascii_lowercase();
    let (media_type, subtype) = (token(media_type), token(subtype));
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
    if is_token(&media_type) && is_token(&subtype) {
        (part.media_type, part.subtype, part.parameters) = (media_type, subtype, parameters);
    }
}

fn read_disposition(value: &str) -> Option<Disposition> {
    let (head, parameters) = split_parameters(value);
    let kind = without_comments(head).trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(Disposition { kind, parameters })
}

/// The value before the first `;`, and the parameters after it.
fn split_parameters(value: &str) -> (&str, Vec<Parameter>) {
    let Some((head, mut rest)) = value.split_once(';') else { return (value, Vec::new()) };
    let mut parameters = Vec::new();
    while !rest.is_empty() && parameters.len() < PARAMETERS {
        let (parameter, after) = split_unquoted(rest);
        rest = after;
        let Some((name, value)) = parameter.split_once('=') else { continue };
        let name = without_comments(name).trim().to_ascii_lowercase();
        if !name.is_empty() {
            parameters.push(Parameter { name, value: unquoted(value.trim()) });
        }
    }
    (head, parameters)
}

/// Splits at the first `;` that is not within quotes.
fn split_unquoted(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// The value of a parameter: the inside of a quoted string, or a token up to white space or a comment.
fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"') else {
        return value.split([' ', '\t', '(']).next().unwrap_or_default().to_owned();
    };
    let (mut text, mut escaped) = (String::new(), false);
    for c in inside.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                text.push(c);
            }
            '\\' => escaped = true,
            '"' => break,
            _ => text.push(c),
        }
    }
    text
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_u32;
    let outside = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(block: &str) -> Part {
        let mut part = Part::default();
        read_content_fields(&mut part, block.as_bytes(), DefaultType::TextPlain);
        part
    }

    #[test]
    fn content_types_are_read_leniently() {
        let cases = [
            ("missing", "", "text/plain"),
            ("usual", "Text/HTML; Charset=\"utf-8\"", "text/html charset=utf-8"),
            ("no subtype", "text", "text/plain"),
            ("junk", "///", "text/plain"),
            ("semicolon in quotes", "a/b; n=\"x;\\\"y\"; z=1", "a/b n=x;\"y z=1"),
            ("comments", "text (c) / plain (d); charset=us-ascii (e)", "text/plain charset=us-ascii"),
            ("rfc 2231 stays", "a/b; name*0*=utf-8''a%20; name*1=b", "a/b name*0*=utf-8''a%20 name*1=b"),
            ("no value", "a/b; x; =y; c=", "a/b c="),
            ("never closed", "a/b; c=\"d", "a/b c=d"),
        ];
        for (name, value, expected) in cases {
            let part = read(&format!("Content-Type: {value}\r\n\r\n"));
            let parameters: String =
                part.parameters.iter().map(|p| format!(" {}={}", p.name, p.value)).collect();
            assert_eq!(format!("{}/{}{parameters}", part.media_type, part.subtype), expected, "{name}");
        }
    }

    #[test]
    fn the_other_fields_are_read() {
        let part = read(concat!(
            "Content-Transfer-Encoding: Base64 (x)\r\nContent-ID: <a@b>\r\nContent-Description: d\r\n",
            "Content-Disposition: Attachment; filename=\"a.pdf\"\r\nContent-Language: es, en\r\n",
            "Content-Location: http://x\r\nContent-MD5: Q2hlY2s=\r\n\r\n"
        ));
        assert_eq!(part.encoding, "base64");
        assert_eq!(part.id.as_deref(), Some("<a@b>"));
        assert_eq!(part.description.as_deref(), Some("d"));
        let parameters = vec![Parameter { name: "filename".into(), value: "a.pdf".into() }];
        assert_eq!(part.disposition, Some(Disposition { kind: "attachment".into(), parameters }));
        assert_eq!(part.language, ["es", "en"]);
        assert_eq!(part.location.as_deref(), Some("http://x"));
        assert_eq!(part.md5.as_deref(), Some("Q2hlY2s="));
    }
}
