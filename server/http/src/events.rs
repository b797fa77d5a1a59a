//! `GET /api/events`: what the engine says by itself, as server-sent events.

use std::sync::Arc;

use axum::{
    Error,
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event as Message, KeepAlive},
    },
};
use futures::{Stream, stream};
use postigo_api::Event;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::{limits, reply::NEVER_STORED, router::App};

/// The name of the message that says: events were lost, ask anew for what you show.
pub(crate) const RESYNC: &str = "resync";

/// Each message is a JSON array of events.
pub(crate) async fn events(State(app): State<App>) -> Response {
    let messages = follow(app.source.subscribe(), app.stopping.clone());
    let stream = Sse::new(messages).keep_alive(KeepAlive::new().interval(limits::KEEP_ALIVE));
    ([NEVER_STORED], stream).into_response()
}

fn follow(
    receiver: broadcast::Receiver<Arc<Vec<Event>>>,
    stopping: CancellationToken,
) -> impl Stream<Item = Result<Message, Error>> {
    stream::unfold((receiver, stopping), async |(mut receiver, stopping)| {
        let received = tokio::select! {
            () = stopping.cancelled() => return None,
            received = receiver.recv() => received,
        };
        let message = match received {
            Ok(batch) => Message::default().json_data(&*batch),
            // The reader is slower than the engine; the channel is bounded and dropped the oldest.
            Err(RecvError::Lagged(_)) => Ok(Message::default().event(RESYNC).data("[]")),
            Err(RecvError::Closed) => return None,
        };
        Some((message, (receiver, stopping)))
    })
}
