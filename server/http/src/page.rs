//! The page of `ui/`, built into the program.

use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use crate::router::App;

/// Inline styles are what Svelte sets sizes with; scripts come only from our files. Frames show messages.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files Vite gives a hash of their content as part of their name.
const HASHED: &str = "assets/";

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Files;

#[derive(Deserialize)]
struct SignIn {
    token: String,
}

/// The page holds no secret, so it needs no token; all it shows comes from the API.
pub(crate) async fn page(State(app): State<App>, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    if path.is_empty()
        && let Ok(Query(SignIn { token })) = Query::try_from_uri(request.uri())
    {
        return sign_in(&app, &token);
    }
    if !app.page {
        return plain(StatusCode::NOT_FOUND, "This process answers programs only. It shows no page.\n");
    }
    let name = if path.is_empty() { "index.html" } else { path };
    match Files::get(name) {
        Some(file) => serve(name, file),
        None if path.is_empty() => plain(
            StatusCode::NOT_FOUND,
            "This build of Postigo carries no page. Build ui/ (npm ci, npm run build) and then this program again.\n",
        ),
        None => plain(StatusCode::NOT_FOUND, "There is no such file.\n"),
    }
}

/// Trades the token of the address for a cookie, and takes it out of the address bar and the history.
fn sign_in(app: &App, token: &str) -> Response {
    if !app.doors.is_token(token) {
        let text =
            "This address is no longer valid: the server was started again since. Ask it for the new one.\n";
        return plain(StatusCode::UNAUTHORIZED, text);
    }
    let headers = [
        (header::SET_COOKIE, app.doors.cookie()),
        (header::LOCATION, "/".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn serve(name: &str, file: EmbeddedFile) -> Response {
    let media_type = file.metadata.mimetype();
    let media_type = if media_type.starts_with("text/") {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    };
    let keep = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY.to_owned()),
    ];
    (headers, file.data).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], text).into_response()
}
