//! Quoted-printable (RFC 2045 §6.7).

/// The longest line, with the `=` of a soft line break.
const LINE_OCTETS: usize = 76;

/// Encodes text, or anything that is made of lines. Lines end in LF or CRLF here and in CRLF in the result.
pub fn quoted_printable(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() + octets.len() / 4);
    let mut lines = octets.split(|&octet| octet == b'\n').peekable();
    while let Some(line) = lines.next() {
        let line = match lines.peek() {
            Some(_) => line.strip_suffix(b"\r").unwrap_or(line),
            None => line,
        };
        encode_line(line, &mut out);
        if lines.peek().is_some() {
            out.push_str("\r\n");
        }
    }
    out
}

fn encode_line(line: &[u8], out: &mut String) {
    let mut column = 0;
    for (at, &octet) in line.iter().enumerate() {
        let is_last = at + 1 == line.len();
        let is_plain = match octet {
            // White space at the end of a line may be lost on the way.
            b' ' | b'\t' => !is_last,
            // `From ` gets a `>` in mbox files, and a dot alone on a line must be doubled in SMTP: both better not there.
            b'F' => column > 0 || !line.starts_with(b"From "),
            b'.' => column > 0,
            b'=' => false,
            b'!'..=b'~' => true,
            _ => false,
        };
        let octets = if is_plain { 1 } else { 3 };
        // The last one needs no room for a soft line break behind it.
        if column + octets + usize::from(!is_last) > LINE_OCTETS {
            out.push_str("=\r\n");
            column = 0;
        }
        if is_plain {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("={octet:02X}"));
        }
        column += octets;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_encoded_as_its_rules_say() {
        for (text, encoded) in [
            ("", ""),
            ("plain\n", "plain\r\n"),
            ("a\r\nb", "a\r\nb"),
            ("coraz\u{f3}n = \u{2665}", "coraz=C3=B3n =3D =E2=99=A5"),
            ("ends in a space \nand a tab\t", "ends in a space=20\r\nand a tab=09"),
            ("From me\n.\n..", "=46rom me\r\n=2E\r\n=2E."),
            ("bare\rcr", "bare=0Dcr"),
        ] {
            assert_eq!(quoted_printable(text.as_bytes()), encoded);
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            let encoded = quoted_printable(&octets);
            prop_assert!(encoded.is_ascii());
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']), "{line}");
            }
            let decoded = decode(&encoded);
            let lines = |octets: &[u8]| String::from_utf8_lossy(octets).replace("\r\n", "\n");
            prop_assert_eq!(lines(&decoded), lines(&octets));
        }
    }

    /// As a reader does it: soft breaks away, `=XX` to octets.
    fn decode(text: &str) -> Vec<u8> {
        let text = text.replace("=\r\n", "");
        let (mut out, mut rest) = (vec![], text.as_bytes());
        while let [octet, after @ ..] = rest {
            if *octet == b'=' {
                let hex = std::str::from_utf8(&after[..2]).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &after[2..];
            } else {
                out.push(*octet);
                rest = after;
            }
        }
        out
    }
}
