//! Pictures that lie in the message itself (RFC 2392).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use mail_parser::MessageRef;

/// Octets of all pictures shown in one document. A picture shown often counts each time.
const LIMIT: usize = 32 * 1024 * 1024;
/// No SVG: it is a document of its own, with links and styles.
const MEDIA_TYPES: [&str; 6] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"];

/// The pictures of a message by their Content-ID.
#[derive(Default, Clone)]
pub(crate) struct Pictures(HashMap<String, String>);

impl Pictures {
    /// Of all parts of the message, not those of attached ones.
    pub fn of(message: MessageRef<'_>) -> Self {
        let mut found = HashMap::new();
        let mut octets = 0;
        for part in message.parts() {
            let (Some(id), Some(kind)) = (part.content_id(), part.content_type()) else { continue };
            let media_type =
                format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase();
            // `image/jpg` is not registered, but written.
            let media_type = if media_type == "image/jpg" { "image/jpeg".to_owned() } else { media_type };
            octets += part.decoded_len();
            if !MEDIA_TYPES.contains(&media_type.as_str()) || octets > LIMIT {
                continue;
            }
            let content = base64::engine::general_purpose::STANDARD.encode(part.decoded());
            let id = id.trim_matches(['<', '>', ' ']).to_owned();
            found.entry(id).or_insert_with(|| format!("data:{media_type};base64,{content}"));
        }
        Self(found)
    }

    /// The data URL for what follows `cid:`, as long as `spent` leaves room for it.
    pub(super) fn url(&self, id: &str, spent: &AtomicUsize) -> Option<&str> {
        let url = self.0.get(id).or_else(|| self.0.get(&percent_decoded(id)))?;
        let before = spent.fetch_add(url.len(), Ordering::Relaxed);
        (before.saturating_add(url.len()) <= 2 * LIMIT).then_some(url)
    }
}

/// RFC 2392 §2: characters of the Content-ID that a URL cannot hold are written `%40`.
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        let ahead = octets.clone().take(2).collect::<Vec<_>>();
        let code = std::str::from_utf8(&ahead).ok().filter(|_| octet == b'%' && ahead.len() == 2);
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                octets.nth(1);
            }
            None => out.push(octet),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A picture that is written out in the HTML, if it is of a kind that is shown.
pub(super) fn is_shown_data_url(url: &str) -> bool {
    let Some(rest) = url.trim().get(5..) else { return false };
    let head = rest.split_once(',').map_or("", |(head, _)| head).to_ascii_lowercase();
    MEDIA_TYPES.contains(&head.trim_end_matches(";base64").trim())
}
