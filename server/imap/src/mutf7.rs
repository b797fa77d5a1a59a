//! Modified UTF-7, in which mailbox names travel (RFC 3501 §5.1.3).

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Encodes a mailbox name for the wire.
pub fn encode_mailbox(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut units = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            end_run(&mut units, &mut out);
            if c == '&' { out.push_str("&-") } else { out.push(c) }
        } else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    end_run(&mut units, &mut out);
    out
}

fn end_run(units: &mut Vec<u16>, out: &mut String) {
    if units.is_empty() {
        return;
    }
    out.push('&');
    let octets: Vec<u8> = units.drain(..).flat_map(u16::to_be_bytes).collect();
    for three in octets.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            let value = bits >> (18 - 6 * digit) & 63;
            out.push(char::from(DIGITS[value as usize]));
        }
    }
    out.push('-');
}

/// Decodes a mailbox name from the wire. `None` for what no encoder writes, so that a mailbox has one spelling.
pub fn decode_mailbox(wire: &str) -> Option<String> {
    let mut out = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some((plain, run)) = rest.split_once('&') {
        out.push_str(plain);
        let (digits, after) = run.split_once('-')?;
        out.push_str(&if digits.is_empty() { "&".to_owned() } else { decode_run(digits)? });
        rest = after;
    }
    out.push_str(rest);
    (encode_mailbox(&out) == wire).then_some(out)
}

fn decode_run(digits: &str) -> Option<String> {
    let (mut bits, mut count, mut units) = (0_u32, 0, Vec::new());
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count & 0xFFFF).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_both_ways() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("", ""),
            ("R&D", "R&-D"),
            ("Papelería", "Papeler&AO0-a"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("😀a", "&2D3eAA-a"),
        ] {
            assert_eq!(encode_mailbox(name), wire);
            assert_eq!(decode_mailbox(wire).as_deref(), Some(name));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for wire in ["&", "&AO0", "&AGE-", "&2D0-", "&AO0=-", "&AO0-&AO0-", "ñ", "&A-", "a\tb"] {
            assert_eq!(decode_mailbox(wire), None, "{wire}");
        }
    }
}
