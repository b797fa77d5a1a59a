//! Which path is answered by what.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use postigo_api::{Code, Error};
use tokio_util::sync::CancellationToken;

use crate::{Source, events, frame, guard, guard::Doors, page, reply, rpc};

/// What every request is answered from.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) source: Source,
    pub(crate) doors: Arc<Doors>,
    pub(crate) page: bool,
    /// Ends the streams of events.
    pub(crate) stopping: CancellationToken,
}

pub(crate) fn router(app: App) -> Router {
    let api = Router::new()
        .route("/rpc", post(rpc::rpc))
        .route("/events", get(events::events))
        .route("/message/frame", get(frame::frame))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(app.clone(), guard::authorized));
    Router::new()
        .nest("/api", api)
        .fallback(page::page)
        .layer(middleware::from_fn_with_state(app.clone(), guard::own_host))
        .layer(middleware::map_response(with_safe_defaults))
        .with_state(app)
}

async fn unknown() -> Response {
    let mut response =
        reply::error(&Error::new(Code::BadRequest, "There is nothing here").with("detail", "Unknown path"));
    *response.status_mut() = axum::http::StatusCode::NOT_FOUND;
    response
}

/// What holds for every response that does not say otherwise.
async fn with_safe_defaults(mut response: Response) -> Response {
    const DEFAULTS: [(HeaderName, HeaderValue); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // The first request carries the token in its address, which no other site may learn.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        ),
    ];
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
