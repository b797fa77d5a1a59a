//! Names of mailboxes: modified UTF-7 (RFC 3501 §5.1.3).

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, CONFIG);

/// The name as a server wants it.
pub(crate) fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut pending: Vec<u8> = Vec::new();
    for char in name.chars() {
        if matches!(char, ' '..='~') {
            flush(&mut pending, &mut out);
            out.push(char);
            if char == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                pending.extend(unit.to_be_bytes());
            }
        }
    }
    flush(&mut pending, &mut out);
    out
}

fn flush(pending: &mut Vec<u8>, out: &mut String) {
    if !pending.is_empty() {
        out.push('&');
        out.push_str(&BASE64.encode(&*pending));
        out.push('-');
        pending.clear();
    }
}

/// The name for people. A name that is not modified UTF-7 stays as the server sent it; [`encode`] of such a name would name
/// another mailbox, so raw UTF-8 (which some servers send) is the only lenience.
pub(crate) fn decode(name: &[u8]) -> String {
    let raw = String::from_utf8_lossy(name);
    decode_strictly(&raw).unwrap_or_else(|| raw.into_owned())
}

fn decode_strictly(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (shifted, after) = after.split_once('-')?;
        if shifted.is_empty() {
            out.push('&');
        } else {
            let octets = BASE64.decode(shifted).ok()?;
            let (units, odd) = octets.as_chunks::<2>();
            if !odd.is_empty() {
                return None;
            }
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            for char in char::decode_utf16(units) {
                out.push(char.ok()?);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for (name, encoded) in [
            ("INBOX", "INBOX"),
            ("A & B", "A &- B"),
            ("Año", "A&APE-o"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("📬", "&2D3c7A-"),
        ] {
            assert_eq!(encode(name), encoded);
            assert_eq!(decode(encoded.as_bytes()), name);
        }
    }

    #[test]
    fn what_is_not_utf7_stays_as_it_is() {
        for name in ["a&b", "&!!!-", "&A-", "&2D0-"] {
            assert_eq!(decode(name.as_bytes()), name);
        }
        assert_eq!(decode("Año".as_bytes()), "Año");
    }
}
