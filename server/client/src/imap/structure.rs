//! BODYSTRUCTURE (RFC 3501 §7.4.2) as the tree of parts that [`crate::part`] knows.

use super::envelope::decoded;
use super::value::Value;
use crate::part::Part;

/// Reads the structure of a message. Values that are not as the grammar says are taken for empty.
pub(crate) fn read(value: &Value) -> Part {
    let mut root = node(value, "");
    if root.children.is_empty() && !root.is_multipart() {
        // RFC 3501 §6.4.5: the text of a message without parts is its part 1.
        root.section = "1".to_owned();
    }
    root
}

fn node(value: &Value, section: &str) -> Part {
    let items = value.list();
    let nested = items.iter().take_while(|item| matches!(item, Value::List(_))).count();
    if nested > 0 { multipart(items, nested, section) } else { leaf(items, section) }
}

fn multipart(items: &[Value], nested: usize, section: &str) -> Part {
    let (children, rest) = items.split_at(nested);
    let subtype = rest.first().and_then(Value::text).unwrap_or_default();
    let prefix = section.strip_suffix(".TEXT").unwrap_or(section);
    let children = children.iter().enumerate().map(|(index, child)| {
        let number = index + 1;
        node(child, &if prefix.is_empty() { number.to_string() } else { format!("{prefix}.{number}") })
    });
    Part {
        section: section.to_owned(),
        media_type: format!("multipart/{}", subtype.to_ascii_lowercase()),
        children: children.collect(),
        ..Part::default()
    }
}

fn leaf(items: &[Value], section: &str) -> Part {
    let text = |at: usize| items.get(at).and_then(Value::text).unwrap_or_default();
    let media_type = format!("{}/{}", text(0), text(1)).to_ascii_lowercase();
    let parameters = items.get(2).map(Value::list).unwrap_or_default();
    // After the octets: lines of a text; envelope, structure and lines of a message.
    let (extra, child) = match media_type.as_str() {
        "message/rfc822" | "message/global" if items.len() > 9 => (3, items.get(8)),
        _ if media_type.starts_with("text/") => (1, None),
        _ => (0, None),
    };
    // Extension data begin with the MD5, then the disposition.
    let disposition = items.get(8 + extra).map(Value::list).unwrap_or_default();
    let disposition_parameters = disposition.get(1).map(Value::list).unwrap_or_default();
    Part {
        section: section.to_owned(),
        media_type,
        charset: parameter(parameters, "charset"),
        encoding: Some(text(5).to_ascii_lowercase()).filter(|encoding| !encoding.is_empty()),
        disposition: disposition.first().and_then(Value::text).map(|kind| kind.to_ascii_lowercase()),
        name: parameter(disposition_parameters, "filename").or_else(|| parameter(parameters, "name")),
        content_id: items.get(3).and_then(Value::text),
        octets: items.get(6).and_then(Value::number).unwrap_or(0),
        decoded_octets: 0,
        children: child.map(|child| nested_message(child, section)).into_iter().collect(),
    }
}

/// The message in a message: its text is `SECTION.TEXT` when it has parts, else `SECTION.1`.
fn nested_message(value: &Value, section: &str) -> Part {
    let multipart = matches!(value.list().first(), Some(Value::List(_)));
    node(value, &format!("{section}.{}", if multipart { "TEXT" } else { "1" }))
}

/// A parameter, also when it is in the pieces of RFC 2231: what matters here is that there is one.
fn parameter(list: &[Value], name: &str) -> Option<String> {
    let (pairs, _) = list.as_chunks::<2>();
    let found = pairs.iter().find(|[known, _]| {
        let known = known.text().unwrap_or_default().to_ascii_lowercase();
        known.split('*').next() == Some(name)
    });
    found.and_then(|[_, value]| value.octets()).map(decoded)
}

#[cfg(test)]
mod tests {
    use super::super::value::{Raw, parse};
    use super::*;

    fn structure(text: &str) -> Part {
        let raw = Raw { lines: vec![text.as_bytes().to_vec()], literals: Vec::new() };
        read(&parse(raw, 0).expect("a tree")[0])
    }

    #[test]
    fn a_plain_message_is_part_1() {
        let part = structure(
            r#"("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 12 1 NIL NIL NIL NIL)"#,
        );
        assert_eq!(part.section, "1");
        assert_eq!(part.media_type, "text/plain");
        assert_eq!(part.charset.as_deref(), Some("utf-8"));
        assert_eq!(part.octets, 12);
    }

    #[test]
    fn parts_are_numbered_as_fetch_wants_them() {
        let part = structure(concat!(
            r#"((("text" "plain" NIL NIL NIL "7bit" 1 1)("text" "html" NIL NIL NIL "7bit" 1 1) "alternative")"#,
            r#"("message" "rfc822" NIL NIL NIL "7bit" 100 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "#,
            r#"(("text" "plain" NIL NIL NIL "7bit" 1 1)("image" "png" NIL "<i@x>" NIL "base64" 9) "mixed") 5)"#,
            r#"("application" "pdf" ("name" "a.pdf") NIL NIL "base64" 40 NIL ("attachment" ("filename" "b.pdf")) NIL NIL)"#,
            r#" "mixed")"#,
        ));
        let sections: Vec<_> = part.outline().into_iter().map(|(section, _)| section).collect();
        assert_eq!(sections, ["", "1", "1.1", "1.2", "2", "2.TEXT", "2.1", "2.2", "3"]);
        assert_eq!(part.children[2].name.as_deref(), Some("b.pdf"));
        assert_eq!(part.children[2].disposition.as_deref(), Some("attachment"));
        assert_eq!(part.first_text().map(|part| part.section.as_str()), Some("1.1"));
    }

    #[test]
    fn nonsense_is_an_empty_part() {
        for text in ["NIL", "()", "(())", "(\"text\")", "(1 2 3 4 5 6 7 8 9 10 11 12)"] {
            structure(text);
        }
    }
}
