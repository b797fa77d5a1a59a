//! Down-conversion (RFC 6152 §3), checked by another program's decoder: mail-parser's.

use mail_parser::{MessageParser, MessagePart, PartKind};
use postigo_message::ParsedMessage;
use postigo_smtp::client::{ContentScanner, Conversion, ConversionPlanner, Converter, Unconvertible};
use proptest::prelude::*;

fn plan(content: &[u8], chunk: usize) -> Result<Conversion, Unconvertible> {
    let parsed = ParsedMessage::parse(content);
    let mut planner = ConversionPlanner::new(&parsed.structure);
    content.chunks(chunk).for_each(|chunk| planner.feed(chunk));
    planner.finish()
}

fn convert(content: &[u8]) -> Result<String, Unconvertible> {
    let whole = convert_in(content, content.len().max(1))?;
    for chunk in [1, 2, 7, 64] {
        assert_eq!(convert_in(content, chunk)?, whole, "in chunks of {chunk}");
    }
    Ok(whole)
}

fn convert_in(content: &[u8], chunk: usize) -> Result<String, Unconvertible> {
    let conversion = plan(content, chunk)?;
    let mut converter = Converter::new(&conversion);
    let mut out = Vec::new();
    content.chunks(chunk).for_each(|chunk| converter.convert(chunk, &mut out));
    converter.finish(&mut out);
    assert!(out.is_ascii() && !out.contains(&0), "not 7-bit: {}", out.escape_ascii());
    assert!(out.split(|&octet| octet == b'\n').all(|line| line.len() <= 999), "a line is too long");
    assert!(
        out.len() as u64 <= conversion.octets(),
        "{} octets, {} announced",
        out.len(),
        conversion.octets()
    );
    Ok(String::from_utf8(out).unwrap())
}

/// The decoded leaves, in order; nested messages opened.
fn leaves(content: &[u8]) -> Vec<Vec<u8>> {
    let message = MessageParser::default().parse(content).unwrap();
    message.parts().filter(|part| !is_container(part)).map(|part| part.decoded().into_owned()).collect()
}

fn is_container(part: &MessagePart<'_>) -> bool {
    matches!(part.kind(), PartKind::Multipart | PartKind::Message(..))
}

#[test]
fn text_becomes_quoted_printable() {
    let content = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\
                   Subject: x\r\n\r\nmañana = otro día \r\n.\r\nfin\t\r\n";
    assert_eq!(
        convert(content.as_bytes()).unwrap(),
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nSubject: x\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\nma=C3=B1ana =3D otro d=C3=ADa=20\r\n.\r\nfin=09\r\n"
    );
    assert_eq!(leaves(convert(content.as_bytes()).unwrap().as_bytes()), leaves(content.as_bytes()));
}

/// RFC 1428 §3.
#[test]
fn a_message_without_mime_becomes_mime() {
    assert_eq!(
        convert(b"Subject: x\r\n\r\nma\xf1ana\r\n").unwrap(),
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\nma=F1ana\r\n"
    );
}

const NESTED: &str = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\npreamble\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\nseñor \r\n--a\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\
    ñ\0\rñ\r\nñ\r\n--a\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: inner\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\
    Content-Type: text/html; charset=utf-8\r\n\r\n<p>día</p>\r\n--b\r\nContent-Type: text/plain\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\nonly ascii\r\n--b--\r\n--a--\r\nepilogue\r\n";

#[test]
fn nested_parts_are_converted_each_by_its_kind() {
    let converted = convert(NESTED.as_bytes()).unwrap();
    assert_eq!(leaves(converted.as_bytes()), leaves(NESTED.as_bytes()));
    assert_eq!(leaves(converted.as_bytes())[1], "ñ\0\rñ\r\nñ".as_bytes());
    assert!(!converted.contains("8bit") && !converted.contains("binary"), "{converted}");
    for kept in ["\r\npreamble\r\n--a\r\n", "\r\n\r\nonly ascii\r\n--b--\r\n--a--\r\nepilogue\r\n"] {
        assert!(converted.contains(kept), "{converted}");
    }
    let message = MessageParser::default().parse(converted.as_bytes()).unwrap();
    let encodings: Vec<_> = message.parts().map(|part| part.content_transfer_encoding()).collect();
    assert_eq!(
        encodings,
        [
            Some("7bit"),
            Some("quoted-printable"),
            Some("base64"),
            Some("7bit"),
            None,
            Some("quoted-printable"),
            Some("7bit")
        ]
    );
}

#[test]
fn a_part_without_fields_gets_them() {
    let content =
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nñ\r\n--a--\r\n";
    assert!(convert(content.as_bytes()).unwrap().contains(
        "--a\r\nContent-Type: text/plain; charset=unknown-8bit\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=B1\r\n--a--\r\n"
    ));
}

#[test]
fn what_is_7_bit_already_stays_as_it_is() {
    for content in [
        "Subject: x\r\n\r\nhello\r\n",
        "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n",
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=a\r\n\r\n--a\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\nx\r\n--a\r\n\r\nsignature\r\n--a--\r\n",
    ] {
        assert_eq!(convert(content.as_bytes()).unwrap(), content);
    }
}

/// RFC 1847 §2.1, RFC 2045 §6.4.
#[test]
fn what_must_not_be_changed_makes_it_impossible() {
    let part = |kind: &str, header: &str| {
        format!(
            "MIME-Version: 1.0\r\nContent-Type: {kind}; boundary=a\r\n\r\n--a\r\n{header}\r\n\r\nñ\r\n--a--\r\n"
        )
    };
    let table = [
        (part("multipart/signed", "Content-Type: text/plain"), Unconvertible::Protected),
        (part("multipart/encrypted", "Content-Type: text/plain"), Unconvertible::Protected),
        (part("multipart/mixed", "Content-Transfer-Encoding: base64"), Unconvertible::Mislabelled),
        (part("multipart/mixed", "Content-Type: message/partial"), Unconvertible::Misplaced),
        (part("multipart/mixed", "Content-Type: multipart/mixed"), Unconvertible::Misplaced),
        (part("multipart/mixed", "Subject: ñ"), Unconvertible::Header),
        ("Subject: ñ\r\n\r\nx\r\n".to_owned(), Unconvertible::Header),
        (
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\nñ\r\n--a\r\n\r\nx\r\n--a--\r\n".into(),
            Unconvertible::Misplaced,
        ),
    ];
    for (content, reason) in table {
        assert_eq!(convert(content.as_bytes()), Err(reason), "{content}");
    }
}

#[test]
fn a_large_part_is_converted_in_bounded_pieces() {
    let line = format!("{}\r\n", "ñandú ".repeat(20));
    let content =
        format!("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}", line.repeat(20_000));
    let conversion = plan(content.as_bytes(), 64 * 1024).unwrap();
    let mut converter = Converter::new(&conversion);
    let (mut out, mut all) = (Vec::new(), Vec::new());
    for chunk in content.as_bytes().chunks(64 * 1024) {
        out.clear();
        converter.convert(chunk, &mut out);
        assert!(out.len() <= 3 * chunk.len() + 1024);
        all.extend_from_slice(&out);
    }
    converter.finish(&mut all);
    assert_eq!(leaves(&all), leaves(content.as_bytes()));
}

proptest! {
    /// Whatever the text, the other end reads what was written.
    #[test]
    fn any_text_is_decoded_to_what_it_was(lines in prop::collection::vec("[a =\\t.ñ\u{20ac}]{0,90}", 1..6)) {
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let content = format!("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}");
        let converted = convert(content.as_bytes()).unwrap();
        prop_assert!(converted.lines().all(|line| line.len() <= 998));
        prop_assert_eq!(leaves(converted.as_bytes()), vec![text.into_bytes()]);
    }

    #[test]
    fn any_octets_are_decoded_to_what_they_were(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        let head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: image/x\r\n\r\n";
        // Lines are served with CRLF; that is what is sent.
        let body = postigo_message::served(&octets).into_owned();
        prop_assume!(!body.windows(3).any(|window| window == b"--a"));
        let content = [&head[..], &body, b"\r\n--a--\r\n"].concat();
        let expected = leaves(&content);
        let converted = convert(&content).unwrap();
        prop_assert_eq!(leaves(converted.as_bytes()), expected);
    }

    #[test]
    fn noise_is_planned_without_panic(octets in prop::collection::vec(prop::sample::select(&b"\r\n-a: \xf1\0C"[..]), 0..200)) {
        let content = [&b"Content-Type: multipart/mixed; boundary=a\r\n"[..], &octets].concat();
        let served = postigo_message::served(&content);
        let _ = convert(&served);
        let mut scanner = ContentScanner::new();
        scanner.feed(&content);
        prop_assert_eq!(scanner.finish().line_octets, served.len() as u64);
    }
}
