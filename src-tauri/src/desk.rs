//! Keeps the one line to the engine, and makes it again when it broke.

use std::path::{Path, PathBuf};

use postigo_api::{Code, Error};
use tokio::sync::Mutex;

use crate::attach::{self, Line, Own};

/// Whoever asks waits until the folder is open. A failure is not kept: the next who asks tries again.
pub struct Desk {
    data: PathBuf,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    line: Option<Line>,
    own: Option<Own>,
    /// We were attached to another process, and it has gone.
    deserted: bool,
    closed: bool,
}

/// Why somebody asks for the line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// To use it. When a process we were attached to has gone, this waits for it to come back: taking the folder ourselves
    /// would keep its owner from starting it again.
    Use,
    /// To start the server, here if nowhere else.
    Start,
}

impl Desk {
    pub fn new(data: PathBuf) -> Self {
        Self { data, slot: Mutex::default() }
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The line, made if there is none.
    ///
    /// # Errors
    /// Why the folder cannot be opened; [`Code::NotRunning`] when the program is about to end.
    pub async fn line(&self, intent: Intent) -> Result<Line, Error> {
        let mut slot = self.slot.lock().await;
        if slot.closed {
            return Err(Error::new(Code::NotRunning, "Postigo is closing"));
        }
        if let Some(line) = &slot.line {
            return Ok(line.clone());
        }
        let line = if slot.deserted && intent == Intent::Use {
            attach::attach(&self.data).await?
        } else {
            let (line, own) = attach::open(&self.data).await?;
            if let Some(own) = &own {
                own.start();
            }
            slot.own = own;
            line
        };
        slot.deserted = false;
        slot.line = Some(line.clone());
        Ok(line)
    }

    /// Forgets a line that broke. Our own does not break.
    pub async fn lost(&self) {
        let mut slot = self.slot.lock().await;
        if slot.own.is_none() {
            slot.deserted = slot.line.take().is_some();
        }
    }

    /// The line that is there; none while the folder is being opened.
    pub fn current(&self) -> Option<Line> {
        self.slot.try_lock().ok()?.line.clone()
    }

    /// Ends everything. Whoever asks afterwards gets an error.
    pub async fn close(&self) {
        let mut slot = self.slot.lock().await;
        slot.closed = true;
        slot.line = None;
        if let Some(own) = slot.own.take() {
            own.close().await;
        }
    }
}
