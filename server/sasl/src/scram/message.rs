//! The client's messages (RFC 5802 §7).

use super::keys::ScramHash;
use crate::exchange::Failure;
use crate::password::prepare_user;
use crate::plaintext::check_authorization;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// `client-first-message = gs2-header client-first-message-bare`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst {
    /// The gs2 header as sent, which the final message repeats.
    gs2_header: String,
    /// What enters the signature.
    bare: String,
    user: String,
    nonce: String,
}

impl ClientFirst {
    pub(crate) fn parse(message: &[u8], binding: Binding<'_>) -> Result<Self, Failure> {
        let text = std::str::from_utf8(message).map_err(|_| Failure::Malformed)?;
        let mut commas = text.match_indices(',').map(|(at, _)| at);
        let (Some(flag_end), Some(header_end)) = (commas.next(), commas.next()) else {
            return Err(Failure::Malformed);
        };
        check_channel_binding_flag(&text[..flag_end], binding)?;
        let (gs2_header, bare) = text.split_at(header_end + 1);
        let authzid = match &text[flag_end + 1..header_end] {
            "" => String::new(),
            attribute => {
                let name = attribute.strip_prefix("a=").ok_or(Failure::Malformed)?;
                decode_name(name).ok_or(Failure::Malformed)?
            }
        };
        // A message that begins with the reserved `m=` demands an extension that nobody defined: it fails here,
        // because `n=` must come first.
        let mut attributes = bare.split(',');
        let name = attributes.next().and_then(|a| a.strip_prefix("n=")).ok_or(Failure::Malformed)?;
        let nonce = attributes.next().and_then(|a| a.strip_prefix("r=")).ok_or(Failure::Malformed)?;
        if nonce.is_empty() || !nonce.bytes().all(is_printable) || !attributes.all(is_attribute) {
            return Err(Failure::Malformed);
        }
        let authcid = decode_name(name).ok_or(Failure::Malformed)?;
        check_authorization(authzid.as_bytes(), authcid.as_bytes())?;
        Ok(Self {
            gs2_header: gs2_header.to_owned(),
            bare: bare.to_owned(),
            user: prepare_user(&authcid).ok_or(Failure::Credentials)?,
            nonce: nonce.to_owned(),
        })
    }

    pub(crate) fn gs2_header(&self) -> &str {
        &self.gs2_header
    }

    pub(crate) fn bare(&self) -> &str {
        &self.bare
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    pub(crate) fn into_user(self) -> String {
        self.user
    }
}

/// `client-final-message = channel-binding "," nonce ["," extensions] "," proof`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFinal<'a> {
    /// The gs2 header that the client repeats (with channel binding, its data follows).
    pub(crate) channel_binding: Vec<u8>,
    pub(crate) nonce: &'a str,
    /// What enters the signature.
    pub(crate) without_proof: &'a str,
    pub(crate) proof: Vec<u8>,
}

impl<'a> ClientFinal<'a> {
    pub(crate) fn parse(message: &'a [u8], hash: ScramHash) -> Result<Self, Failure> {
        Self::parse_grammar(message, hash).ok_or(Failure::Malformed)
    }

    fn parse_grammar(message: &'a [u8], hash: ScramHash) -> Option<Self> {
        let text = std::str::from_utf8(message).ok()?;
        let (without_proof, proof) = text.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let channel_binding = attributes.next()?.strip_prefix("c=")?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        if !attributes.all(is_attribute) {
            return None;
        }
        Some(Self {
            channel_binding: STANDARD.decode(channel_binding).ok()?,
            nonce,
            without_proof,
            proof: STANDARD.decode(proof).ok().filter(|proof| proof.len() == hash.octets())?,
        })
    }
}

/// The server's side of channel binding in one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding<'a> {
    /// No -PLUS mechanism is offered.
    NotOffered,
    /// One is offered, and the client chose another.
    Offered,
    /// The client chose one: it has to bind to what has this name.
    Chosen(&'a str),
}

/// RFC 5802 §6: `n`, the client cannot bind; `y`, it can but believes that the server cannot, which is true only where no
/// -PLUS mechanism is offered: else somebody took the offer out; `p=`, it wants to, which only a -PLUS mechanism accepts.
fn check_channel_binding_flag(flag: &str, binding: Binding<'_>) -> Result<(), Failure> {
    match (flag, binding) {
        ("n", Binding::NotOffered | Binding::Offered) | ("y", Binding::NotOffered) => Ok(()),
        ("y", Binding::Offered) => Err(Failure::Downgraded),
        ("n" | "y", Binding::Chosen(_)) => Err(Failure::Malformed),
        _ => match (flag.strip_prefix("p="), binding) {
            (Some(name), Binding::Chosen(ours)) if name == ours => Ok(()),
            (Some(_), _) => Err(Failure::ChannelBinding),
            (None, _) => Err(Failure::Malformed),
        },
    }
}

/// Undoes `=2C` and `=3D` of `saslname`; any other `=` is an error (RFC 5802 §5.1).
fn decode_name(name: &str) -> Option<String> {
    let mut parts = name.split('=');
    let mut decoded = parts.next()?.to_owned();
    for part in parts {
        let (character, rest) = match part.get(..2)? {
            "2C" => (',', &part[2..]),
            "3D" => ('=', &part[2..]),
            _ => return None,
        };
        decoded.push(character);
        decoded.push_str(rest);
    }
    (!decoded.is_empty()).then_some(decoded)
}

fn is_printable(octet: u8) -> bool {
    matches!(octet, 0x21..=0x7e)
}

/// `attr-val = ALPHA "=" value`: an optional extension, which is ignored.
fn is_attribute(attribute: &str) -> bool {
    matches!(attribute.as_bytes(), [letter, b'=', _, ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Result<ClientFirst, Failure> {
        ClientFirst::parse(text.as_bytes(), Binding::NotOffered)
    }

    #[test]
    fn a_first_message_is_taken_apart() {
        let message = first("y,a=ana,n=ana,r=abc,x=1").unwrap();
        assert_eq!(message.gs2_header(), "y,a=ana,");
        assert_eq!(message.bare(), "n=ana,r=abc,x=1");
        assert_eq!(message.user(), "ana");
        assert_eq!(message.nonce(), "abc");
        assert_eq!(first("n,,n=a=2Cb=3Dc,r=x").unwrap().user(), "a,b=c");
    }

    #[test]
    fn channel_binding_and_foreign_identities_are_refused_by_name() {
        assert_eq!(first("p=tls-exporter,,n=ana,r=abc"), Err(Failure::ChannelBinding));
        assert_eq!(first("n,a=root,n=ana,r=abc"), Err(Failure::Authorization));
    }

    /// RFC 5802 §6.
    #[test]
    fn the_flag_of_channel_binding_has_to_fit_what_is_offered() {
        let flag = |flag: &str, binding| {
            ClientFirst::parse(format!("{flag},,n=ana,r=abc").as_bytes(), binding).map(|_| ())
        };
        let chosen = Binding::Chosen("tls-exporter");
        assert_eq!(flag("n", Binding::Offered), Ok(()));
        assert_eq!(flag("y", Binding::Offered), Err(Failure::Downgraded));
        assert_eq!(flag("p=tls-exporter", Binding::Offered), Err(Failure::ChannelBinding));
        assert_eq!(flag("p=tls-exporter", chosen), Ok(()));
        assert_eq!(flag("p=tls-unique", chosen), Err(Failure::ChannelBinding));
        assert_eq!(flag("y", chosen), Err(Failure::Malformed));
        assert_eq!(flag("n", chosen), Err(Failure::Malformed));
    }

    #[test]
    fn a_first_message_with_a_fault_is_malformed() {
        let faults = [
            "",
            "n",
            "n,",
            "n,,",
            "n,,n=ana",
            "n,,r=abc,n=ana",
            "n,,n=,r=abc",
            "n,,n=ana,r=",
            "n,,m=1,n=ana,r=abc",
            "x,,n=ana,r=abc",
            "n,b=ana,n=ana,r=abc",
            "n,,n=a=2cb,r=x",
            "n,,n=a=,r=x",
            "n,,n=a=ñ,r=x",
            "n,,n=ana,r=a c",
            "n,,n=ana,r=abc,",
            "n,,n=ana,r=abc,1=2",
            "n,,n=ana,r=abc,x=",
        ];
        for fault in faults {
            assert_eq!(first(fault), Err(Failure::Malformed), "{fault:?}");
        }
        assert_eq!(ClientFirst::parse(b"n,,n=\xff,r=abc", Binding::NotOffered), Err(Failure::Malformed));
    }

    #[test]
    fn a_final_message_needs_a_proof_of_the_hash_length() {
        let proof = STANDARD.encode([5; 32]);
        let text = format!("c=biws,r=abc,x=1,p={proof}");
        let message = ClientFinal::parse(text.as_bytes(), ScramHash::Sha256).unwrap();
        assert_eq!(message.channel_binding, b"n,,");
        assert_eq!(message.nonce, "abc");
        assert_eq!(message.without_proof, "c=biws,r=abc,x=1");
        assert_eq!(message.proof, [5; 32]);
        assert_eq!(ClientFinal::parse(text.as_bytes(), ScramHash::Sha1), Err(Failure::Malformed));
        for fault in [
            "",
            "c=biws,r=abc",
            "c=biws,r=abc,p=",
            "c=biws,r=abc,p=AAAA",
            "r=abc,c=biws,p=AAAA",
            "c=*,r=a,p=A",
        ] {
            assert_eq!(
                ClientFinal::parse(fault.as_bytes(), ScramHash::Sha256),
                Err(Failure::Malformed),
                "{fault:?}"
            );
        }
    }
}
