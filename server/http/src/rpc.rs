//! `POST /api/rpc`: one request, one reply.

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use postigo_api::{Code, Error, Request};
use serde_json::Value;
use tokio::time::timeout;

use crate::{limits, reply, router::App};

pub(crate) async fn rpc(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let result = match read(&headers, body).await {
        Ok(request) => answer(&app, request).await,
        Err(error) => Err(error),
    };
    reply::answer(result)
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Request, Error> {
    // A form of another site cannot send this type without asking first (the Fetch Standard's CORS preflight).
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(bad_request("The media type must be application/json"));
    }
    let octets = match timeout(limits::BODY_TIME, read_body(body)).await {
        Ok(read) => read?,
        Err(_) => return Err(bad_request("The request took too long to arrive")),
    };
    serde_json::from_slice(&octets).map_err(bad_request)
}

async fn read_body(body: Body) -> Result<Bytes, Error> {
    if let Some(octets) = body.size_hint().exact().filter(|octets| *octets > limits::REQUEST_OCTETS as u64) {
        discard(body).await;
        return Err(too_large(octets));
    }
    match Limited::new(body, limits::REQUEST_OCTETS).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(failure) if failure.is::<LengthLimitError>() => Err(too_large(limits::REQUEST_OCTETS as u64 + 1)),
        Err(failure) => Err(bad_request(failure)),
    }
}

/// A sender reads the answer only when it got rid of its request; what comes is dropped piece by piece.
async fn discard(mut body: Body) {
    let mut octets = 0;
    while let Some(Ok(piece)) = body.frame().await {
        octets += piece.data_ref().map_or(0, |data| data.len() as u64);
        if octets > limits::DISCARD_OCTETS {
            return;
        }
    }
}

/// Carried out in a task of its own: dropping the connection must not leave half a deletion behind.
async fn answer(app: &App, request: Request) -> Result<Value, Error> {
    let handler = app.source.handler.clone();
    let method = request.method();
    let task = tokio::spawn(async move { request.answer(&*handler).await });
    match timeout(limits::ANSWER_TIME, task).await {
        Ok(Ok(result)) => result,
        Ok(Err(failure)) => {
            tracing::error!(method, %failure, "a command ended without a reply");
            Err(Error::new(Code::Internal, "The command ended without a reply").with("detail", method))
        }
        Err(_) => {
            Err(Error::new(Code::Unreachable, "The command takes too long; it goes on without an answer")
                .with("detail", method))
        }
    }
}

fn bad_request(detail: impl ToString) -> Error {
    Error::new(Code::BadRequest, "This is not a request").with("detail", detail)
}

fn too_large(octets: u64) -> Error {
    Error::new(Code::MailTooLarge, "The request is too large")
        .with("octets", octets)
        .with("limit", limits::REQUEST_OCTETS)
}
