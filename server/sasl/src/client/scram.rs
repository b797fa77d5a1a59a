//! SCRAM, client side (RFC 5802 §3, §7).

use super::{Binding, ClientFailure, ClientMechanism, Credentials, Response};
use crate::nonce::Nonce;
use crate::password::{Password, prepare_user};
use crate::scram::{ACCEPTED_ITERATIONS, ScramHash};
use aws_lc_rs::constant_time;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Longest salt of a server that is taken.
const MAX_SALT_OCTETS: usize = 1024;

/// The hash of a mechanism.
fn hash_of(mechanism: ClientMechanism) -> ScramHash {
    match mechanism {
        ClientMechanism::ScramSha1 | ClientMechanism::ScramSha1Plus => ScramHash::Sha1,
        _ => ScramHash::Sha256,
    }
}

/// The client's first message is said.
pub(super) struct AwaitingServerFirst {
    hash: ScramHash,
    password: Zeroizing<String>,
    /// `c=`, still unencoded: the gs2 header and what is bound to.
    channel_binding: Vec<u8>,
    first_bare: String,
    nonce: String,
}

/// The proof is sent; the server's signature has to be this one.
pub(super) struct AwaitingServerFinal {
    signature: Zeroizing<Vec<u8>>,
}

/// Makes the first message.
pub(super) fn start(
    mechanism: ClientMechanism,
    credentials: &Credentials,
    nonce: &Nonce,
    binding: Binding<'_>,
) -> Result<(Response, AwaitingServerFirst), ClientFailure> {
    let (flag, bound) = match binding {
        Binding::Bound(binding) if mechanism.binds_channel() => {
            (format!("p={}", binding.name()), binding.octets())
        }
        _ if mechanism.binds_channel() => return Err(ClientFailure::NoBinding),
        Binding::NotOffered => ("y".to_owned(), &b""[..]),
        Binding::None | Binding::Bound(_) => ("n".to_owned(), &b""[..]),
    };
    let gs2_header = format!("{flag},,");
    // What SASLprep forbids is sent as it is: only the server can say that nobody is called so.
    let user = prepare_user(&credentials.user).unwrap_or_else(|| credentials.user.clone());
    let user = user.replace('=', "=3D").replace(',', "=2C");
    let first_bare = format!("n={user},r={}", nonce.as_str());
    let message = Zeroizing::new(format!("{gs2_header}{first_bare}").into_bytes());
    let awaiting = AwaitingServerFirst {
        hash: hash_of(mechanism),
        password: credentials.password.clone(),
        channel_binding: [gs2_header.as_bytes(), bound].concat(),
        first_bare,
        nonce: nonce.as_str().to_owned(),
    };
    Ok((message, awaiting))
}

impl AwaitingServerFirst {
    /// Reads the server's first message; gives the final message with the proof. Costs one PBKDF2: 5 ms for the usual
    /// numbers of iterations, 0.3 s at the limit.
    pub(super) fn respond(self, challenge: &[u8]) -> Result<(Response, AwaitingServerFinal), ClientFailure> {
        let ServerFirst { text, nonce, salt, iterations } = ServerFirst::parse(challenge)?;
        // RFC 5802 §5.1: the nonce must begin with ours, and the server must have added to it.
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(ClientFailure::Malformed);
        }
        let prepared = Password::prepare(&self.password);
        let password = prepared.as_ref().map_or(self.password.as_bytes(), Password::as_bytes);
        let salted = self.hash.salted_password(password, &salt, iterations);
        let without_proof = format!("c={},r={nonce}", STANDARD.encode(&self.channel_binding));
        let auth_message = format!("{},{text},{without_proof}", self.first_bare);
        let client_key = self.hash.hmac(&salted, &[b"Client Key"]);
        let client_signature = self.hash.hmac(&self.hash.digest(&client_key), &[auth_message.as_bytes()]);
        let proof: Zeroizing<Vec<u8>> =
            Zeroizing::new(client_key.iter().zip(client_signature.iter()).map(|(a, b)| a ^ b).collect());
        let server_key = self.hash.hmac(&salted, &[b"Server Key"]);
        let signature = self.hash.hmac(&server_key, &[auth_message.as_bytes()]);
        let message = format!("{without_proof},p={}", STANDARD.encode(&*proof));
        Ok((Zeroizing::new(message.into_bytes()), AwaitingServerFinal { signature }))
    }
}

/// `server-first-message`
struct ServerFirst<'a> {
    text: &'a str,
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: NonZeroU32,
}

impl<'a> ServerFirst<'a> {
    fn parse(challenge: &'a [u8]) -> Result<Self, ClientFailure> {
        let text = std::str::from_utf8(challenge).map_err(|_| ClientFailure::Malformed)?;
        if text.starts_with("e=") {
            return Err(ClientFailure::ServerError);
        }
        // A reserved `m=` in front demands an extension that nobody defined: it fails here, because `r=` must come first.
        let mut attributes = text.split(',');
        let mut attribute =
            |name| attributes.next().and_then(|text| text.strip_prefix(name)).ok_or(ClientFailure::Malformed);
        let nonce = attribute("r=")?;
        let salt = STANDARD.decode(attribute("s=")?).map_err(|_| ClientFailure::Malformed)?;
        let iterations: u32 = attribute("i=")?.parse().map_err(|_| ClientFailure::Malformed)?;
        if !nonce.bytes().all(|octet| octet.is_ascii_graphic())
            || salt.is_empty()
            || salt.len() > MAX_SALT_OCTETS
        {
            return Err(ClientFailure::Malformed);
        }
        let accepted =
            NonZeroU32::new(iterations).filter(|number| ACCEPTED_ITERATIONS.contains(&number.get()));
        Ok(Self { text, nonce, salt, iterations: accepted.ok_or(ClientFailure::Iterations)? })
    }
}

impl AwaitingServerFinal {
    /// Checks the server's signature.
    pub(super) fn verify(self, challenge: &[u8]) -> Result<(), ClientFailure> {
        let text = std::str::from_utf8(challenge).map_err(|_| ClientFailure::Malformed)?;
        if text.starts_with("e=") {
            return Err(ClientFailure::ServerError);
        }
        let attribute = text.split(',').next().and_then(|attribute| attribute.strip_prefix("v="));
        let signature = attribute
            .and_then(|base64| STANDARD.decode(base64).ok())
            .ok_or(ClientFailure::ServerNotAuthentic)?;
        constant_time::verify_slices_are_equal(&signature, &self.signature)
            .map_err(|_| ClientFailure::ServerNotAuthentic)
    }
}
