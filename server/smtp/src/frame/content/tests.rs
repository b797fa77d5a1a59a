use super::*;
use proptest::prelude::*;

fn decoder(bare_newlines: BareNewlines) -> ContentDecoder {
    ContentDecoder::new(bare_newlines, 1000, 100)
}

/// Feeds the chunks as a driver does; gives the data, the end, and the octets left over after the end.
fn decode(mut decoder: ContentDecoder, chunks: &[&[u8]]) -> (Vec<u8>, Option<ContentEnd>, Vec<u8>) {
    let mut data = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        let mut at = 0;
        loop {
            let (used, content) = decoder.next(&chunk[at..]);
            at += used;
            match content {
                Content::Data(piece) => data.extend_from_slice(piece),
                Content::NeedInput => break assert_eq!(at, chunk.len()),
                Content::End(end) => {
                    let left = [&chunk[at..], &chunks[index + 1..].concat()].concat();
                    return (data, Some(end), left);
                }
            }
        }
    }
    (data, None, Vec::new())
}

/// Decodes every way of cutting the input in two, and octet by octet; all must agree.
fn all_cuts(bare_newlines: BareNewlines, input: &[u8]) -> (Vec<u8>, Option<ContentEnd>, Vec<u8>) {
    let whole = decode(decoder(bare_newlines), &[input]);
    for cut in 0..=input.len() {
        let (head, tail) = input.split_at(cut);
        assert_same(&whole, &decode(decoder(bare_newlines), &[head, tail]));
    }
    let octets: Vec<_> = input.chunks(1).collect();
    assert_same(&whole, &decode(decoder(bare_newlines), &octets));
    whole
}

/// After a fault the data is thrown away, so it need not be the same.
fn assert_same(one: &(Vec<u8>, Option<ContentEnd>, Vec<u8>), other: &(Vec<u8>, Option<ContentEnd>, Vec<u8>)) {
    assert_eq!((one.1, &one.2), (other.1, &other.2));
    if !matches!(one.1, Some(ContentEnd::Faulty(_))) {
        assert_eq!(one.0, other.0);
    }
}

fn complete(input: &[u8]) -> (String, String) {
    let (data, end, left) = all_cuts(BareNewlines::Refuse, input);
    assert_eq!(end, Some(ContentEnd::Complete { octets: data.len() as u64 }));
    (String::from_utf8(data).unwrap(), String::from_utf8(left).unwrap())
}

#[test]
fn content_ends_at_a_dot_alone_on_its_line() {
    assert_eq!(complete(b"a\r\nb\r\n.\r\nQUIT\r\n"), ("a\r\nb\r\n".into(), "QUIT\r\n".into()));
    assert_eq!(complete(b".\r\n"), (String::new(), String::new()));
    assert_eq!(complete(b"\r\n.\r\n").0, "\r\n");
}

#[test]
fn stuffed_dots_are_dropped() {
    assert_eq!(complete(b"..\r\n...\r\n.a\r\na.\r\n.\r\n").0, ".\r\n..\r\na\r\na.\r\n");
}

#[test]
fn long_runs_come_out_in_one_piece() {
    let input = b"one\r\ntwo\r\nthree\r\n.\r\n";
    let (used, content) = decoder(BareNewlines::Refuse).next(input);
    assert_eq!((used, content), (17, Content::Data(b"one\r\ntwo\r\nthree\r\n")));
}

/// Every sequence that some server has taken for the end of data.
const SMUGGLED: [&[u8]; 16] = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n.\rx\n",
    b"\n.\r",
    b"\r.\n",
    b"\n\n.\r\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
    b"\r\n. \r\n",
    b"\r\n \r.\r\n",
];

#[test]
fn nothing_but_crlf_dot_crlf_ends_content() {
    for smuggled in SMUGGLED {
        let input = [b"a", smuggled, b"MAIL FROM:<evil@x.test>\r\n.\r\nQUIT\r\n"].concat();
        for bare_newlines in [BareNewlines::Refuse, BareNewlines::Normalise] {
            let (data, end, left) = all_cuts(bare_newlines, &input);
            assert_eq!(left, b"QUIT\r\n", "{smuggled:?}");
            if let Some(ContentEnd::Complete { .. }) = end {
                let text = String::from_utf8(data).unwrap();
                assert!(text.contains("MAIL FROM"), "{smuggled:?} lost the text after it");
                assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{smuggled:?} left {text:?}");
            }
        }
    }
}

#[test]
fn bare_newlines_are_refused_or_normalised() {
    let table: [(&[u8], &str); 7] = [
        (b"a\nb\r\n.\r\n", "a\r\nb\r\n"),
        (b"a\rb\r\n.\r\n", "a b\r\n"),
        (b"a\n.\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n"),
        (b"a\r\r\n.\r\n", "a \r\n"),
        (b"\n\r\n.\r\n", "\r\n\r\n"),
        (b".\nb\r\n.\r\n", "\r\nb\r\n"),
        (b".\rb\r\n.\r\n", " b\r\n"),
    ];
    for (input, normalised) in table {
        let (_, end, _) = all_cuts(BareNewlines::Refuse, input);
        assert_eq!(end, Some(ContentEnd::Faulty(ContentFault::BareNewline)), "{input:?}");
        let (data, end, _) = all_cuts(BareNewlines::Normalise, input);
        assert_eq!(String::from_utf8(data).unwrap(), normalised);
        assert_eq!(end, Some(ContentEnd::Complete { octets: normalised.len() as u64 }));
    }
}

#[test]
fn size_counts_what_is_stored_and_its_limit_is_exact() {
    // The first line is stored as three octets.
    let content = |octets: usize| [b"..\r\n", &vec![b'a'; octets - 5][..], b"\r\n.\r\nNOOP"].concat();
    let end_of = |octets| {
        let decoder = || ContentDecoder::new(BareNewlines::Refuse, 20, 100);
        let (_, end, left) = decode(decoder(), &[&content(octets)]);
        assert_eq!(left, b"NOOP");
        let by_octets = decode(decoder(), &content(octets).chunks(1).collect::<Vec<_>>());
        assert_eq!(by_octets.1, end);
        end
    };
    assert_eq!(end_of(20), Some(ContentEnd::Complete { octets: 20 }));
    assert_eq!(end_of(21), Some(ContentEnd::Faulty(ContentFault::TooBig)));
}

#[test]
fn a_line_has_a_limit() {
    let line = |octets: usize| [vec![b'a'; octets - 2], b"\r\n.\r\n".to_vec()].concat();
    assert_eq!(complete(&line(100)).0.len(), 100);
    let (_, end, _) = all_cuts(BareNewlines::Refuse, &line(101));
    assert_eq!(end, Some(ContentEnd::Faulty(ContentFault::LineTooLong)));
}

#[test]
fn after_a_fault_patience_ends() {
    let mut decoder = decoder(BareNewlines::Refuse);
    let chunk = vec![b'a'; 1024 * 1024];
    let mut ends = Vec::new();
    for _ in 0..20 {
        if let (_, Content::End(end)) = decoder.next(&chunk) {
            ends.push(end);
            break;
        }
    }
    assert_eq!(ends, [ContentEnd::Endless(ContentFault::LineTooLong)]);
}

proptest! {
    #[test]
    fn any_cuts_give_the_same(
        text in prop::collection::vec(prop::sample::select(&b"\r\n.a\0"[..]), 0..60),
        cuts in prop::collection::vec(1_usize..5, 0..60),
    ) {
        for bare_newlines in [BareNewlines::Refuse, BareNewlines::Normalise] {
            let whole = decode(decoder(bare_newlines), &[&text]);
            let mut rest = &text[..];
            let mut chunks = Vec::new();
            for cut in &cuts {
                let (head, tail) = rest.split_at((*cut).min(rest.len()));
                chunks.push(head);
                rest = tail;
            }
            chunks.push(rest);
            assert_same(&whole, &decode(decoder(bare_newlines), &chunks));
        }
    }

    /// Stuffing is undone by the decoder, whatever the text.
    #[test]
    fn content_comes_out_as_it_was_before_stuffing(lines in prop::collection::vec("[.a-z\\x00]{0,8}", 0..12)) {
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let stuffed: String =
            lines.iter().map(|line| format!("{}{line}\r\n", if line.starts_with('.') { "." } else { "" })).collect();
        let (data, end, left) = decode(decoder(BareNewlines::Refuse), &[stuffed.as_bytes(), b".\r\nNOOP\r\n"]);
        prop_assert_eq!(String::from_utf8(data).unwrap(), text.clone());
        prop_assert_eq!(end, Some(ContentEnd::Complete { octets: text.len() as u64 }));
        prop_assert_eq!(left, b"NOOP\r\n");
    }
}
