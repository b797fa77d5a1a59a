//! The server's side of the dialogue after the client's first message (RFC 5802 §3).

use super::keys::ScramVerifier;
use super::message::{ClientFinal, ClientFirst};
use crate::exchange::Failure;
use crate::nonce::Nonce;
use aws_lc_rs::constant_time;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// The first messages are exchanged; the client's proof is awaited.
pub(crate) struct AwaitingFinal {
    first: ClientFirst,
    server_first: String,
    /// The client's and the server's part together.
    nonce: String,
    keys: ScramVerifier,
    /// What the channel is bound to; empty without channel binding.
    bound: Vec<u8>,
}

impl AwaitingFinal {
    /// The state, and the server's first message.
    pub(crate) fn new(
        first: ClientFirst,
        nonce: &Nonce,
        keys: ScramVerifier,
        bound: Vec<u8>,
    ) -> (Self, Vec<u8>) {
        let nonce = format!("{}{}", first.nonce(), nonce.as_str());
        let server_first = format!("r={nonce},s={},i={}", STANDARD.encode(&keys.salt), keys.iterations);
        let message = server_first.clone().into_bytes();
        (Self { first, server_first, nonce, keys, bound }, message)
    }

    /// Checks the client's proof; gives the user and the server's final message.
    pub(crate) fn finish(self, response: &[u8]) -> Result<(String, Vec<u8>), Failure> {
        let hash = self.keys.hash();
        let last = ClientFinal::parse(response, hash)?;
        if last.nonce != self.nonce {
            return Err(Failure::Malformed);
        }
        // RFC 5802 §6: what the client is bound to has to be what we are bound to, or somebody stands between us.
        let Some(bound) = last.channel_binding.strip_prefix(self.first.gs2_header().as_bytes()) else {
            return Err(Failure::Malformed);
        };
        if constant_time::verify_slices_are_equal(bound, &self.bound).is_err() {
            return Err(Failure::OtherChannel);
        }
        // AuthMessage = client-first-bare "," server-first "," client-final-without-proof
        let auth_message =
            [self.first.bare(), ",", &self.server_first, ",", last.without_proof].map(str::as_bytes);
        let signature = hash.hmac(&self.keys.stored_key, &auth_message);
        let client_key: Zeroizing<Vec<u8>> =
            Zeroizing::new(last.proof.iter().zip(signature.iter()).map(|(a, b)| a ^ b).collect());
        if !self.keys.accepts_client_key(&client_key) {
            return Err(Failure::Credentials);
        }
        let signature = hash.hmac(&self.keys.server_key, &auth_message);
        Ok((self.first.into_user(), format!("v={}", STANDARD.encode(&*signature)).into_bytes()))
    }
}
