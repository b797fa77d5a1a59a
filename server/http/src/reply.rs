//! Errors and replies as HTTP responses.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use postigo_api::{Code, Error};
use serde_json::Value;

/// Nothing of the API is kept by a browser or by what lies between.
pub(crate) const NEVER_STORED: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The error as JSON, `{code, text, params}`.
pub(crate) fn error(error: &Error) -> Response {
    (status_of(error.code), [NEVER_STORED], Json(error)).into_response()
}

/// The reply to a request as JSON.
pub(crate) fn answer(result: Result<Value, Error>) -> Response {
    match result {
        Ok(reply) => ([NEVER_STORED], Json(reply)).into_response(),
        Err(failure) => error(&failure),
    }
}

/// The status is for logs and for `curl --fail`; our own clients read the code.
pub(crate) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::AccountUnknown
        | Code::SessionUnknown
        | Code::JourneyUnknown
        | Code::MailAccountUnknown
        | Code::MailFolderUnknown
        | Code::MailMessageGone => StatusCode::NOT_FOUND,
        Code::AlreadySetUp
        | Code::AccountExists
        | Code::NotRunning
        | Code::NotSetUp
        | Code::PortTaken
        | Code::DataLocked => StatusCode::CONFLICT,
        Code::MailTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal | Code::DataUnusable | Code::ConfigInvalid => StatusCode::INTERNAL_SERVER_ERROR,
        Code::MailUnreachable | Code::Unreachable => StatusCode::BAD_GATEWAY,
        // The rest are wishes that cannot be granted as they are, RFC 9110 §15.5.21.
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_looks_like_success() {
        for code in Code::ALL {
            let status = status_of(*code);
            assert!(status.is_client_error() || status.is_server_error(), "{}: {status}", code.id());
        }
    }
}
