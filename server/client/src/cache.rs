//! The last few messages, so that the tabs of one do not fetch it again.

use std::collections::VecDeque;
use std::sync::Arc;

/// Octets of all messages kept.
const LIMIT: usize = 64 * 1024 * 1024;
/// How many at most.
const MESSAGES: usize = 16;

/// Which message. A UID means nothing without its UIDVALIDITY (RFC 3501 §2.3.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub account: String,
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
}

/// Messages as they came over the wire, the last used one in front.
#[derive(Default)]
pub(crate) struct Cache {
    messages: VecDeque<(Key, Arc<Vec<u8>>)>,
}

impl Cache {
    /// The message, if it is kept.
    pub fn get(&mut self, key: &Key) -> Option<Arc<Vec<u8>>> {
        let at = self.messages.iter().position(|(known, _)| known == key)?;
        let found = self.messages.remove(at)?;
        let message = Arc::clone(&found.1);
        self.messages.push_front(found);
        Some(message)
    }

    /// Keeps a message; the longest unused ones go.
    pub fn put(&mut self, key: Key, message: Arc<Vec<u8>>) {
        self.messages.retain(|(known, _)| *known != key);
        self.messages.push_front((key, message));
        let mut octets = 0;
        let mut count = 0;
        self.messages.retain(|(_, message)| {
            octets += message.len();
            count += 1;
            octets <= LIMIT && count <= MESSAGES
        });
    }

    /// Lets go of an account's messages.
    pub fn forget(&mut self, account: &str) {
        self.messages.retain(|(key, _)| key.account != account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(uid: u32) -> Key {
        Key { account: "ana".into(), folder: "INBOX".into(), uid_validity: 1, uid }
    }

    #[test]
    fn the_longest_unused_message_goes_first() {
        let mut cache = Cache::default();
        let large = || Arc::new(vec![0; 24 * 1024 * 1024]);
        cache.put(key(1), large());
        cache.put(key(2), large());
        assert!(cache.get(&key(1)).is_some());
        cache.put(key(3), large());
        assert!(cache.get(&key(1)).is_some());
        assert!(cache.get(&key(2)).is_none());
        assert!(cache.get(&Key { uid_validity: 2, ..key(1) }).is_none());
    }
}
