//! The HTML of messages under a scheme of its own, `mail:`, and so in another origin than the page:
//! `mail://localhost/message?…`, on Windows `http://mail.localhost/message?…`.

use postigo_http::frame::document;
use tauri::{
    AppHandle, Manager, UriSchemeContext, UriSchemeResponder, Wry,
    http::{Request, Response, StatusCode, Uri, header},
};

use crate::desk::{Desk, Intent};

/// Also in `tauri.conf.json`, which lets the page frame nothing else.
pub const SCHEME: &str = "mail";
const PATH: &str = "/message";

pub fn answer(context: UriSchemeContext<'_, Wry>, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move { responder.respond(respond(&app, request.uri()).await) });
}

async fn respond(app: &AppHandle, uri: &Uri) -> Response<Vec<u8>> {
    if uri.path() != PATH {
        return plain(StatusCode::NOT_FOUND, "There is nothing here.");
    }
    match app.state::<Desk>().line(Intent::Use).await {
        Ok(line) => document(&*line.handler, uri).await,
        Err(error) => plain(StatusCode::BAD_GATEWAY, &error.text),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(text.as_bytes().to_vec());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
