//! Modified UTF-7 (RFC 3501 §5.1.3), for folder names on disk.

use std::fmt::Write as _;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Encodes Unicode text.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut shifted: Vec<u16> = Vec::new();
    for c in text.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut shifted, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            shifted.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    flush(&mut shifted, &mut out);
    out
}

/// Writes collected UTF-16 units as one `&...-` run.
fn flush(units: &mut Vec<u16>, out: &mut String) {
    if units.is_empty() {
        return;
    }
    out.push('&');
    let (mut bits, mut count) = (0_u32, 0_u32);
    for unit in units.drain(..) {
        bits = (bits << 16) | u32::from(unit);
        count += 16;
        while count >= 6 {
            count -= 6;
            out.push(digit(bits >> count));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        out.push(digit(bits << (6 - count)));
    }
    out.push('-');
}

fn digit(value: u32) -> char {
    char::from(ALPHABET[(value & 63) as usize])
}

/// Decodes; `None` for what no encoder writes: bad digits, unpaired surrogates, needless or unfinished runs, 8-bit text.
pub(crate) fn decode(encoded: &str) -> Option<String> {
    let mut out = String::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(start) = rest.find('&') {
        let (plain, run) = rest.split_at(start);
        let end = run.find('-')?;
        out.write_str(plain).ok()?;
        match &run[1..end] {
            "" => out.push('&'),
            digits => out.push_str(&decode_run(digits)?),
        }
        rest = &run[end + 1..];
    }
    out.push_str(rest);
    // One name has one spelling, else two folders would be the same mailbox.
    (encode(&out) == encoded).then_some(out)
}

fn decode_run(digits: &str) -> Option<String> {
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut units = Vec::new();
    for byte in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from((bits >> count) & 0xFFFF).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn encodes_and_decodes_the_known_names() {
        for (text, encoded) in [
            ("Drafts", "Drafts"),
            ("Sent & gone", "Sent &- gone"),
            ("Papelería", "Papeler&AO0-a"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encode(text), encoded);
            assert_eq!(decode(encoded).as_deref(), Some(text));
        }
    }

    #[test]
    fn refuses_what_no_encoder_writes() {
        for bad in ["&", "&AO0", "&AGE-", "&2D0-", "&AO0=-", "&AO0-&AO0-", "í", "&A-"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
