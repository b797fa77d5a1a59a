//! Whole messages: what tree comes out, and where its parts lie.

use postigo_message::{
    Content, FieldChoice, ParsedMessage, Part, Scanner, Section, SectionSource, SectionText, limits, served,
};
use proptest::prelude::*;

/// The tree in one line: `multipart/mixed(text/plain[body] ...)`.
fn shown(message: &[u8]) -> String {
    let parsed = ParsedMessage::parse(message);
    part(&parsed.structure.root, &served(message))
}

fn part(part_: &Part, message: &[u8]) -> String {
    let name = format!("{}/{}", part_.media_type, part_.subtype);
    match &part_.content {
        Content::Multipart(parts) => {
            let parts: Vec<_> = parts.iter().map(|child| part(child, message)).collect();
            format!("{name}({})", parts.join(" "))
        }
        Content::Message(nested) => {
            let subject = nested.envelope.subject.as_deref().unwrap_or("-");
            format!("{name}<{subject}>({})", part(&nested.root, message))
        }
        Content::Leaf => {
            let body = &message[part_.body.range().expect("fits memory")];
            format!("{name}[{}]", String::from_utf8_lossy(body).escape_debug())
        }
    }
}

#[test]
fn trees_of_damaged_and_sound_messages() {
    let cases: [(&str, &str, &str); 17] = [
        ("empty message", "", "text/plain[]"),
        ("only a blank line", "\r\n", "text/plain[]"),
        ("no blank line", "Subject: x\r\nTo: y", "text/plain[]"),
        ("no header", "\r\nhello\r\n", "text/plain[hello\\r\\n]"),
        ("single part", "Content-Type: text/html\r\n\r\n<p>\r\n", "text/html[<p>\\r\\n]"),
        (
            "two parts",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: a/b\r\n\r\ntwo\r\n--b--\r\nepilogue\r\n--b\r\n",
            "multipart/mixed(text/plain[one] a/b[two])",
        ),
        (
            "line feeds only",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\nline\n--b--\n",
            "multipart/mixed(text/plain[one\\r\\nline])",
        ),
        (
            "never closed",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n",
            "multipart/mixed(text/plain[one\\r\\n])",
        ),
        ("no boundary", "Content-Type: multipart/mixed\r\n\r\nx\r\n", "text/plain[x\\r\\n]"),
        ("no delimiter", "Content-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n", "text/plain[x\\r\\n]"),
        (
            "only a close delimiter",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
            "text/plain[--b--\\r\\n]",
        ),
        (
            "delimiter in a header",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n--b\r\n\r\n\r\n--b--",
            "multipart/mixed(text/html[] text/plain[])",
        ),
        (
            "outer boundary ends the inner multipart",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=\"b b\"\r\n\r\n--b b\r\n\r\none\r\n--b \r\n\r\ntwo\r\n--b--\r\n",
            "multipart/mixed(multipart/alternative(text/plain[one]) text/plain[two])",
        ),
        (
            "nested message",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: multipart/digest; boundary=c\r\n\r\n--c\r\n\r\nSubject: deep\r\n\r\nhi\r\n--c--\r\n--b--\r\n",
            "multipart/mixed(message/rfc822<in>(multipart/digest(message/rfc822<deep>(text/plain[hi]))))",
        ),
        (
            "encoded message",
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==",
            "application/octet-stream[U3ViamVjdDogeA==]",
        ),
        ("empty nested message", "Content-Type: message/rfc822\r\n\r\n", "message/rfc822<->(text/plain[])"),
        ("message without body", "Content-Type: message/rfc822\r\n", "application/octet-stream[]"),
    ];
    for (name, message, expected) in cases {
        assert_eq!(shown(message.as_bytes()), expected, "{name}");
    }
}

#[test]
fn lines_and_octets_are_those_of_the_served_form() {
    let parsed = ParsedMessage::parse(b"Subject: x\n\none\ntwo\n");
    assert!(parsed.structure.bare_line_feeds);
    assert_eq!(parsed.structure.octets, 24);
    assert_eq!((parsed.structure.root.body.octets(), parsed.structure.root.lines), (10, 2));
    let crlf = ParsedMessage::parse(b"Subject: x\r\n\r\none\r\ntwo");
    assert!(!crlf.structure.bare_line_feeds);
    assert_eq!((crlf.structure.octets, crlf.structure.root.lines), (22, 1));
}

const NESTED: &str = "Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX-A: 1\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nTo: a@b.test\r\n\r\ninner\r\n--b--\r\n";

#[test]
fn sections_are_found_by_their_numbers() {
    let parsed = ParsedMessage::parse(NESTED.as_bytes());
    let whole = NESTED.split_once("\r\n\r\n").unwrap().1;
    type Case = (&'static str, &'static [u32], Option<SectionText>, Option<&'static str>);
    let cases: [Case; 14] = [
        ("everything", &[], None, Some(NESTED)),
        ("TEXT", &[], Some(SectionText::Text), Some(whole)),
        (
            "HEADER",
            &[],
            Some(SectionText::Header),
            Some("Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"),
        ),
        ("1", &[1], None, Some("one")),
        ("1.MIME", &[1], Some(SectionText::Mime), Some("X-A: 1\r\n\r\n")),
        ("1.HEADER is for messages", &[1], Some(SectionText::Header), None),
        ("1.1", &[1, 1], None, None),
        ("2", &[2], None, Some("Subject: in\r\nTo: a@b.test\r\n\r\ninner")),
        ("2.MIME", &[2], Some(SectionText::Mime), Some("Content-Type: message/rfc822\r\n\r\n")),
        ("2.HEADER", &[2], Some(SectionText::Header), Some("Subject: in\r\nTo: a@b.test\r\n\r\n")),
        ("2.TEXT", &[2], Some(SectionText::Text), Some("inner")),
        ("2.1", &[2, 1], None, Some("inner")),
        ("2.2", &[2, 2], None, None),
        ("3", &[3], None, None),
    ];
    for (name, path, text, expected) in cases {
        let section = Section::new(path.to_vec(), text).unwrap();
        let found = section.find(&parsed.structure).map(|source| match source {
            SectionSource::Octets(span) => &NESTED[span.range().unwrap()],
            SectionSource::Fields { .. } => unreachable!("no case asks for fields"),
        });
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn fields_of_a_nested_header_are_found() {
    let parsed = ParsedMessage::parse(NESTED.as_bytes());
    let names = vec!["TO".to_owned()];
    let section =
        Section::new(vec![2], Some(SectionText::HeaderFields(FieldChoice::Named, names.clone()))).unwrap();
    let Some(SectionSource::Fields { header, choice, names: found }) = section.find(&parsed.structure) else {
        panic!("the nested message has a header");
    };
    assert_eq!(found, names);
    let block = &NESTED.as_bytes()[header.range().unwrap()];
    assert_eq!(postigo_message::select_fields(block, choice, found), b"To: a@b.test\r\n\r\n");
}

#[test]
fn sections_outside_of_the_grammar_are_refused() {
    assert!(Section::new(vec![0], None).is_err());
    assert!(Section::new(vec![], Some(SectionText::Mime)).is_err());
    assert!(Section::new(vec![1; limits::SECTION_NUMBERS + 1], None).is_err());
}

#[test]
fn parts_and_depth_are_limited() {
    let mut many = String::from("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    many.push_str(&"--b\r\n\r\nx\r\n".repeat(limits::PARTS + 50));
    let Content::Multipart(parts) = ParsedMessage::parse(many.as_bytes()).structure.root.content else {
        panic!("a multipart");
    };
    assert_eq!(parts.len(), limits::PARTS - 1);
    assert_eq!(parts.last().unwrap().body.end, many.len() as u64);

    let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(limits::DEPTH + 10);
    let mut depth = 0;
    let mut part = ParsedMessage::parse(deep.as_bytes()).structure.root;
    while let Content::Message(nested) = part.content {
        depth += 1;
        part = nested.root;
    }
    assert_eq!(depth, limits::DEPTH);
    assert!(part.is("application", "octet-stream"));
}

#[test]
fn a_huge_header_is_cut_for_parsing_and_still_counted() {
    let mut message = b"Subject: kept\r\nX-Long: ".to_vec();
    message.resize(limits::HEADER_OCTETS * 2, b'x');
    message.extend_from_slice(b"\r\nTo: a@b.test\r\n\r\nbody");
    let mut scanner = Scanner::new();
    message.chunks(4096).for_each(|chunk| scanner.feed(chunk));
    let parsed = scanner.finish();
    assert_eq!(parsed.envelope.subject.as_deref(), Some("kept"));
    assert_eq!(parsed.structure.octets, message.len() as u64);
    assert_eq!(parsed.structure.root.body.octets(), 4);
    assert_eq!(parsed, ParsedMessage::parse(&message));
}

#[test]
fn attachments_are_told_from_bodies() {
    let with = |fields: &str| {
        let message = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n{fields}\r\n\r\nx\r\n--b--\r\n"
        );
        ParsedMessage::parse(message.as_bytes()).structure.has_attachment()
    };
    assert!(with("Content-Type: application/pdf"));
    assert!(with("Content-Disposition: attachment"));
    assert!(with("Content-Type: message/rfc822"));
    assert!(with("Content-Type: text/plain; name=a.txt"));
    assert!(!with("Content-Type: text/html"));
    assert!(!with("Content-Type: image/png\r\nContent-ID: <a>"));
    assert!(!with("Content-Type: image/png\r\nContent-Disposition: inline"));
}

#[test]
fn the_cached_form_gives_the_same_back() {
    let parsed = ParsedMessage::parse(NESTED.as_bytes());
    assert_eq!(ParsedMessage::from_cache(&parsed.to_cache()).unwrap(), parsed);
    assert!(ParsedMessage::from_cache(b"{}").is_err());
}

/// Octets that look like a message often enough to reach the interesting branches.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: message/rfc822\n",
        "Subject: =?utf-8?q?x?=\r\n",
        "To: a <a@b>, (c\r\n",
        "\r\n",
        "\n",
        "--b\r\n",
        "--b--\r\n",
        "--b",
        " folded\r\n",
        "\r",
        "text\r\n",
        "\u{e9}\0:",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn assert_spans(part: &Part, within: std::ops::RangeInclusive<u64>) {
    assert!(part.header.start <= part.header.end && part.header.end <= part.body.start);
    assert!(part.body.start <= part.body.end);
    assert!(within.contains(&part.header.start) && within.contains(&part.body.end), "{part:?} {within:?}");
    let inside = part.body.start..=part.body.end;
    match &part.content {
        Content::Multipart(parts) => parts.iter().for_each(|child| assert_spans(child, inside.clone())),
        Content::Message(nested) => assert_spans(&nested.root, inside),
        Content::Leaf => {}
    }
}

/// The line end behind an empty header belongs to the header and to the delimiter: the nested part stuck out of the one
/// that holds it.
#[test]
fn a_part_that_ends_with_its_header_lies_within_the_part_that_holds_it() {
    for nested in
        ["\r\n", "X: y\r\n\r\n", "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nX: y\r\n\r\n"]
    {
        let text = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{nested}--b--\r\n"
        );
        let structure = ParsedMessage::parse(text.as_bytes()).structure;
        assert_spans(&structure.root, 0..=structure.octets);
    }
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_and_spans_nest(message in messages(), size in 1_usize..9) {
        let whole = ParsedMessage::parse(&message);
        let mut scanner = Scanner::new();
        message.chunks(size).for_each(|chunk| scanner.feed(chunk));
        prop_assert_eq!(scanner.finish(), whole.clone());
        prop_assert_eq!(whole.structure.octets, served(&message).len() as u64);
        assert_spans(&whole.structure.root, 0..=whole.structure.octets);
        let served_again = ParsedMessage::parse(&served(&message)).structure;
        prop_assert_eq!(served_again.root, whole.structure.root);
    }

    #[test]
    fn arbitrary_octets_never_panic(message in prop::collection::vec(any::<u8>(), 0..400)) {
        let parsed = ParsedMessage::parse(&message);
        postigo_message::part_text(&message, &message);
        postigo_message::decoded_field(&message);
        prop_assert_eq!(ParsedMessage::from_cache(&parsed.to_cache()).unwrap(), parsed);
    }
}
