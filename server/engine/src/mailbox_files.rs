//! Says in the log which mailbox files fell behind, and when they follow again.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use postigo_api::Event;
use tokio_util::sync::CancellationToken;

use crate::answers::explain_mailbox_file;
use crate::engine::Shared;

/// How often the store is asked; it answers from memory.
const ASK: Duration = Duration::from_secs(5);

/// Runs for as long as this start of the server lasts.
pub(crate) async fn tell(engine: Weak<Shared>, stopping: CancellationToken) {
    let mut told = BTreeMap::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(ASK) => {}
            () = stopping.cancelled() => return,
        }
        let Some(engine) = engine.upgrade() else { return };
        let now: BTreeMap<_, _> = engine
            .store
            .mbox_troubles()
            .into_iter()
            .map(|trouble| (trouble.account, explain_mailbox_file(&trouble)))
            .collect();
        if now == told {
            continue;
        }
        let fault = |text: String| engine.trace.event(postigo_trace::Event::Fault { service: None, text });
        for (account, error) in &now {
            if told.get(account) != Some(error) {
                fault(format!("mailbox file: {error}; its mail waits in INBOX"));
            }
        }
        for (account, error) in &told {
            if !now.contains_key(account) {
                let path = error.params.get("path").map_or("", String::as_str);
                fault(format!("mailbox file: {path} follows again"));
            }
        }
        engine.feed.say(Event::Accounts);
        told = now;
    }
}
