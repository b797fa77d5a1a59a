//! Requests and replies.

use hyper::StatusCode;
use serde_json::json;

use crate::support::{Face, STATUS};

#[tokio::test]
async fn the_page_asks_and_gets_the_reply() {
    let face = Face::start().await;
    let answer = face.rpc(face.browser("POST", "/api/rpc").header("origin", face.origin()), STATUS).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["pid"], 4242);
}

#[tokio::test]
async fn an_error_arrives_as_code_text_and_params() {
    let face = Face::start().await;
    let request = r#"{"method":"account.get","params":{"address":"eva"}}"#;
    let answer = face.rpc(face.program("POST", "/api/rpc"), request).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let expected =
        json!({"code": "account.unknown", "text": "Nobody is called that", "params": {"address": "eva"}});
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let face = Face::start().await;
    let deep = format!(r#"{{"method":"server.status","params":{}}}"#, "[".repeat(100_000));
    for body in [
        "",
        "{",
        "[]",
        r#"{"method":"server.destroy","params":{}}"#,
        r#"{"method":"account.get","params":{}}"#,
        &deep,
    ] {
        let answer = face.rpc(face.program("POST", "/api/rpc"), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:.40}");
        assert_eq!(answer.json()["code"], "request.bad");
    }
    // A form of another site may be sent without the browser asking first, and has one of these types.
    let as_form = face.program("POST", "/api/rpc").header("content-type", "text/plain");
    assert_eq!(face.ask(as_form, STATUS).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(face.ask(face.program("GET", "/api/rpc"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(face.ask(face.program("GET", "/api/x"), "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_request_that_is_too_large_is_told_so() {
    let face = Face::start().await;
    let limit = 40 * 1024 * 1024;
    let answer = face.rpc(face.program("POST", "/api/rpc"), &" ".repeat(limit + 1)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json()["code"], "mail.too_large");
    assert_eq!(answer.json()["params"]["octets"], (limit + 1).to_string());

    let mut fits = " ".repeat(limit - STATUS.len());
    fits.push_str(STATUS);
    assert_eq!(face.rpc(face.program("POST", "/api/rpc"), &fits).await.status, StatusCode::OK);
}

/// A connection that breaks must not leave half of a command behind.
#[tokio::test]
async fn a_command_is_carried_out_when_the_asker_has_gone() {
    let face = Face::start().await;
    let request = r#"{"method":"account.delete","params":{"address":"ana","mail":"keep"}}"#;
    let asking = face.rpc(face.program("POST", "/api/rpc"), request);
    tokio::select! {
        _ = asking => panic!("nobody let it go on"),
        () = face.deletion.begun.notified() => {}
    }
    face.deletion.go.notify_one();
    face.deletion.done.notified().await;
}
