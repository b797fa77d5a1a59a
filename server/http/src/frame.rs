//! The HTML of a message, as a document for a frame of its own. Both faces serve it from here.

use axum::{
    body::Body,
    extract::{Query, State},
    http::{HeaderName, HeaderValue, Response, StatusCode, Uri, header},
};
use postigo_api::{Code, Error, Handler, MessageHtmlRef};
use serde::Deserialize;

use crate::{reply, router::App};

/// No scripts and no origin: the document can reach neither the page around it nor its cookies. Links open outside.
const SANDBOX: &str = "sandbox allow-popups allow-popups-to-escape-sandbox";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameQuery {
    account: String,
    folder: String,
    uid: u32,
    #[serde(default)]
    remote: u8,
}

/// Reads `?account=…&folder=…&uid=…&remote=0|1`.
///
/// # Errors
/// [`Code::BadRequest`] when something is missing, doubled, unknown, or not a number.
pub fn parse(uri: &Uri) -> Result<MessageHtmlRef, Error> {
    let bad = |detail: String| Error::new(Code::BadRequest, "This is not a message").with("detail", detail);
    let Query(FrameQuery { account, folder, uid, remote }) =
        Query::try_from_uri(uri).map_err(|failure| bad(failure.body_text()))?;
    let remote = match remote {
        0 => false,
        1 => true,
        other => return Err(bad(format!("remote is 0 or 1, not {other}"))),
    };
    Ok(MessageHtmlRef { account, folder, uid, remote })
}

/// The document that `uri` asks for, or a plain text that says why not. It is never cached: what may be shown depends on
/// what the reader allowed.
pub async fn document(handler: &dyn Handler, uri: &Uri) -> Response<Vec<u8>> {
    let result = match parse(uri) {
        Ok(message) => handler.mail_html(message).await,
        Err(error) => Err(error),
    };
    match result {
        // Policies in one field, divided by commas, hold all at once (Content Security Policy Level 3 §2.2).
        Ok(html) => match HeaderValue::try_from(format!("{}, {SANDBOX}", html.policy)) {
            Ok(policy) => respond(StatusCode::OK, "text/html; charset=utf-8", policy, html.html),
            Err(_) => {
                failure(&Error::new(Code::Internal, "The message has no policy it could be shown with"))
            }
        },
        Err(error) => failure(&error),
    }
}

pub(crate) async fn frame(State(app): State<App>, uri: Uri) -> Response<Body> {
    let mut response = document(&*app.source.handler, &uri).await.map(Body::from);
    // The page shows it, nobody else's does.
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}

fn failure(error: &Error) -> Response<Vec<u8>> {
    let policy = HeaderValue::from_static("default-src 'none', sandbox");
    respond(reply::status_of(error.code), "text/plain; charset=utf-8", policy, error.text.clone())
}

fn respond(
    status: StatusCode,
    media_type: &'static str,
    policy: HeaderValue,
    text: String,
) -> Response<Vec<u8>> {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        reply::NEVER_STORED,
    ];
    let mut response = Response::new(text.into_bytes());
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_address_names_a_message() {
        let rows = [
            (
                "/f?account=ana%40lab.test&folder=Sent%20%26%20more&uid=7&remote=1",
                Some(("Sent & more", true)),
            ),
            ("/f?account=ana%40lab.test&folder=A%C3%B1o&uid=7&remote=0", Some(("Año", false))),
            ("mail://localhost/message?account=ana%40lab.test&folder=INBOX&uid=7", Some(("INBOX", false))),
            ("/f?account=ana%40lab.test&folder=INBOX&uid=-7", None),
            ("/f?account=ana%40lab.test&folder=INBOX&uid=4294967296", None),
            ("/f?account=ana%40lab.test&folder=INBOX&uid=7&remote=2", None),
            ("/f?account=ana%40lab.test&folder=INBOX&uid=7&uid=8", None),
            ("/f?account=ana%40lab.test&folder=INBOX&uid=7&html=x", None),
            ("/f?folder=INBOX&uid=7", None),
            ("/f", None),
        ];
        for (address, expected) in rows {
            let parsed = parse(&address.parse().unwrap());
            let expected = expected.map(|(folder, remote)| MessageHtmlRef {
                account: "ana@lab.test".to_owned(),
                folder: folder.to_owned(),
                uid: 7,
                remote,
            });
            assert_eq!(parsed.as_ref().ok(), expected.as_ref(), "{address}: {parsed:?}");
        }
    }
}
