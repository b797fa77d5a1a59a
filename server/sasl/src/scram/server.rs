//! The server's side of the dialogue after the client's first message (RFC 5802 §3).

use super::keys::{HASH_OCTETS, Hash, ScramVerifier, hmac_sha256};
use super::message::{ClientFinal, ClientFirst};
use crate::exchange::Failure;
use crate::nonce::Nonce;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// The first messages are exchanged; the client's proof is awaited.
pub(crate) struct AwaitingFinal {
    first: ClientFirst,
    server_first: String,
    /// The client's and the server's part together.
    nonce: String,
    keys: ScramVerifier,
}

impl AwaitingFinal {
    /// The state, and the server's first message.
    pub(crate) fn new(first: ClientFirst, nonce: &Nonce, keys: ScramVerifier) -> (Self, Vec<u8>) {
        let nonce = format!("{}{}", first.nonce(), nonce.as_str());
        let server_first = format!("r={nonce},s={},i={}", STANDARD.encode(&keys.salt), keys.iterations);
        let message = server_first.clone().into_bytes();
        (Self { first, server_first, nonce, keys }, message)
    }

    /// Checks the client's proof; gives the user and the server's final message.
    pub(crate) fn finish(self, response: &[u8]) -> Result<(String, Vec<u8>), Failure> {
        let last = ClientFinal::parse(response)?;
        if last.channel_binding != self.first.gs2_header().as_bytes() || last.nonce != self.nonce {
            return Err(Failure::Malformed);
        }
        // AuthMessage = client-first-bare "," server-first "," client-final-without-proof
        let auth_message =
            [self.first.bare(), ",", &self.server_first, ",", last.without_proof].map(str::as_bytes);
        let client_key = Zeroizing::new(xor(&last.proof, &hmac_sha256(&self.keys.stored_key, &auth_message)));
        if !self.keys.accepts_client_key(&client_key) {
            return Err(Failure::Credentials);
        }
        let signature = hmac_sha256(&*self.keys.server_key, &auth_message);
        Ok((self.first.into_user(), format!("v={}", STANDARD.encode(signature)).into_bytes()))
    }
}

fn xor(one: &Hash, two: &Hash) -> Hash {
    let mut result = [0; HASH_OCTETS];
    for (out, (a, b)) in result.iter_mut().zip(one.iter().zip(two)) {
        *out = a ^ b;
    }
    result
}
