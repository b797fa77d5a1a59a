//! Waiting for what happens in a folder (RFC 2177).

use std::time::Duration;

use postigo_api::Error;
use tokio::time::{Instant, timeout_at};

use super::command::Command;
use super::connection::Connection;
use super::response::{Data, Response, Status, read};

/// Octets of one response while waiting.
const LIMIT: u64 = 1024 * 1024;
/// After the first sign, signs within this time belong to it.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// A server that cannot wait is asked this often.
const POLL: Duration = Duration::from_secs(20);

impl Connection {
    /// Waits until something changes in the open folder, at most until `deadline`. Returns whether something did. The count
    /// of messages is up to date afterwards.
    ///
    /// `ready` is called when the server has begun to report: nothing from then on is missed.
    pub async fn wait(&mut self, deadline: Instant, ready: impl FnOnce()) -> Result<bool, Error> {
        if !self.can("IDLE") {
            ready();
            let next = deadline.min(Instant::now() + POLL);
            tokio::time::sleep_until(next).await;
            let reply = self.run(Command::new("NOOP")).await?.ok()?;
            return Ok(reply.data.iter().any(is_change));
        }
        let before = self.exists();
        let tag = self.begin().await?;
        self.stream.write(format!("{tag} IDLE\r\n").as_bytes()).await?;
        if let Some(refusal) = self.until_continue(&tag).await? {
            refusal.ok()?;
            return Ok(false);
        }
        ready();
        // News from before the server began to wait came with its answer.
        let changed = self.exists() != before || self.until_quiet(deadline).await?;
        self.stream.write(b"DONE\r\n").await?;
        let reply = self.finish(&tag, LIMIT).await?;
        Ok(changed || reply.data.iter().any(is_change))
    }

    async fn until_quiet(&mut self, deadline: Instant) -> Result<bool, Error> {
        let mut changed = false;
        let mut until = deadline;
        // A response is read whole or not at all: the clock is asked only while none has begun.
        while self.stream.has_more(until).await? {
            match read(self.stream.read(LIMIT).await?) {
                Some(Response::Data(data)) => {
                    self.notice(&data);
                    if is_change(&data) && !changed {
                        changed = true;
                        until = deadline.min(Instant::now() + DEBOUNCE);
                    }
                }
                Some(Response::Status { status: Status::Bye, text, .. }) => {
                    return Err(self.stream.peer.unreachable(text));
                }
                Some(_) => {}
                None => return Err(self.stream.peer.broken("it does not speak IMAP")),
            }
        }
        Ok(changed)
    }
}

impl super::stream::Stream {
    /// Waits for the first octet of a response. False when `until` comes first.
    async fn has_more(&mut self, until: Instant) -> Result<bool, Error> {
        match timeout_at(until, self.fill()).await {
            Ok(Ok(0)) => Err(self.peer.broken("it closed the connection")),
            Ok(Ok(_)) => Ok(true),
            Ok(Err(cause)) => Err(self.peer.lost(&cause)),
            Err(_) => Ok(false),
        }
    }
}

fn is_change(data: &Data) -> bool {
    matches!(data, Data::Exists(_) | Data::Expunge | Data::Fetch(_))
}
