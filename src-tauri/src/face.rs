//! What the page asks for: one command for all requests, one channel for all events.

use std::sync::{Mutex, PoisonError};

use postigo_api::{Code, Error, Event, Request};
use serde_json::Value;
use tauri::{
    State,
    ipc::{Channel, InvokeResponseBody},
};

use crate::desk::{Desk, Intent};

/// The page's end of the one channel. It carries arrays of events; `"up"` or `"down"` when there is an engine at the other
/// end or not; and `"resync"` when events were lost.
#[derive(Default)]
pub struct Page(Mutex<Listening>);

#[derive(Default)]
struct Listening {
    channel: Option<Channel<InvokeResponseBody>>,
    link: Option<&'static str>,
}

#[tauri::command]
pub async fn rpc(desk: State<'_, Desk>, request: Value) -> Result<Value, Error> {
    let request: Request = serde_json::from_value(request)
        .map_err(|failure| Error::new(Code::BadRequest, "This is not a request").with("detail", failure))?;
    let intent = if matches!(request, Request::ServerStart(_)) { Intent::Start } else { Intent::Use };
    let line = desk.line(intent).await?;
    request.answer(&*line.handler).await
}

/// A page that is loaded anew takes the place of the old one.
#[tauri::command]
pub fn events(page: State<'_, Page>, channel: Channel<InvokeResponseBody>) {
    let mut listening = page.0.lock().unwrap_or_else(PoisonError::into_inner);
    listening.channel = Some(channel);
    if let Some(link) = listening.link {
        listening.send(&link);
    }
}

impl Page {
    pub fn batch(&self, events: &[Event]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).send(&events);
    }

    pub fn resync(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).send(&"resync");
    }

    pub fn link(&self, up: bool) {
        let link = if up { "up" } else { "down" };
        let mut listening = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if listening.link.replace(link) != Some(link) {
            listening.send(&link);
        }
    }
}

impl Listening {
    fn send(&mut self, message: &impl serde::Serialize) {
        let Some(channel) = &self.channel else { return };
        let Ok(text) = serde_json::to_string(message) else { return };
        if channel.send(InvokeResponseBody::Json(text)).is_err() {
            self.channel = None;
        }
    }
}
