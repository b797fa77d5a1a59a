//! What sendmail does to the header: recipients out of it, Bcc away, what is missing added (RFC 6409 §8).

use jiff::ZonedDateTime;
use lettre::Address;
use postigo_message::{Field, fields};

/// The addresses of To, Cc and Bcc, and bare names of people here: `mail luis`.
pub(crate) fn recipients(message: &[u8]) -> Vec<String> {
    fields(message)
        .filter(|field| [&b"To"[..], b"Cc", b"Bcc"].iter().any(|name| field.is(name)))
        .flat_map(|field| listed(&field.unfolded()))
        .collect()
}

/// Where nothing is quoted, commas divide, and a part may be a name without a domain.
fn listed(value: &str) -> Vec<String> {
    let addresses = |text: &str| postigo_client::addresses_of(text).unwrap_or_default();
    if value.contains(['"', '(', ':', ';']) {
        return addresses(value);
    }
    let is_bare = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| if is_bare(part) { vec![part.to_owned()] } else { addresses(part) }).collect()
}

/// The message with CRLF line ends, without Bcc, and with From, Date and Message-ID if they were missing.
pub(crate) fn complete(
    message: &[u8],
    sender: Option<&Address>,
    name: Option<&str>,
    domain: &str,
) -> Vec<u8> {
    // Text that does not begin with a field is a body without a header.
    let header: Vec<Field<'_>> = fields(message).take_while(|field| !field.name.is_empty()).collect();
    let has = |name: &str| header.iter().any(|field| field.is(name.as_bytes()));
    let mut out = Vec::with_capacity(message.len() + 256);
    let now = ZonedDateTime::now();
    if !has("Date") {
        out.extend_from_slice(format!("Date: {}\r\n", now.strftime("%a, %d %b %Y %H:%M:%S %z")).as_bytes());
    }
    if !has("Message-ID") {
        let unique = format!("{}.{}", now.timestamp().as_microsecond(), std::process::id());
        out.extend_from_slice(format!("Message-ID: <{unique}@{domain}>\r\n").as_bytes());
    }
    if !has("From") {
        let address = sender.map_or_else(|| format!("MAILER-DAEMON@{domain}"), ToString::to_string);
        out.extend_from_slice(from_field(&address, name).as_bytes());
    }
    for field in header.iter().filter(|field| !field.is(b"Bcc")) {
        crlf(&message[field.span.clone()], &mut out);
    }
    let body = &message[header.last().map_or(0, |field| field.span.end)..];
    // RFC 5322 §2.1: an empty line between header and body.
    if !body.starts_with(b"\n") && !body.starts_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    crlf(body, &mut out);
    out
}

fn from_field(address: &str, name: Option<&str>) -> String {
    // A name that would need encoding or quoting is left out rather than written wrongly.
    let plain = |name: &&str| {
        !name.trim().is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || " '-".contains(c))
    };
    match name.filter(plain) {
        Some(name) => format!("From: {name} <{address}>\r\n"),
        None => format!("From: {address}\r\n"),
    }
}

/// Copies with every line end as CRLF.
fn crlf(octets: &[u8], out: &mut Vec<u8>) {
    for line in octets.split_inclusive(|&b| b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(message: &str) -> String {
        let sender = "ana@lab.test".parse().unwrap();
        String::from_utf8(complete(message.as_bytes(), Some(&sender), None, "lab.test")).unwrap()
    }

    #[test]
    fn recipients_come_from_three_fields_and_bcc_goes() {
        let message = "To: Luis <luis@lab.test>, eva@lab.test\nBcc: secreta@lab.test\nCc: x@y.test\nSubject: a\n\nBcc: body\n";
        assert_eq!(
            recipients(message.as_bytes()),
            ["luis@lab.test", "eva@lab.test", "secreta@lab.test", "x@y.test"]
        );
        let bare = "To: luis, Eva <eva@lab.test>, root\nCc: \"Ruiz, Ana\" <ana@lab.test>\n\n";
        assert_eq!(recipients(bare.as_bytes()), ["luis", "eva@lab.test", "root", "ana@lab.test"]);
        let text = completed(message);
        assert!(!text.contains("secreta"), "{text}");
        assert!(text.ends_with("Cc: x@y.test\r\nSubject: a\r\n\r\nBcc: body\r\n"), "{text}");
    }

    #[test]
    fn what_is_missing_is_added_and_what_is_there_stays() {
        let text = completed("Subject: a\n\nb\n");
        assert!(text.contains("\r\nFrom: ana@lab.test\r\nSubject: a\r\n\r\nb\r\n"), "{text}");
        assert!(text.starts_with("Date: "), "{text}");
        let text = completed("Date: d\nMessage-ID: <m>\nFrom: eva@lab.test\n\nb\n");
        assert_eq!(text, "Date: d\r\nMessage-ID: <m>\r\nFrom: eva@lab.test\r\n\r\nb\r\n");
    }

    #[test]
    fn text_without_a_header_becomes_a_body() {
        let text = completed("hola, luis\n");
        assert!(text.ends_with("\r\n\r\nhola, luis\r\n"), "{text}");
    }
}
