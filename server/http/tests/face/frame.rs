//! The HTML of messages.

use hyper::StatusCode;

use crate::support::Face;

#[tokio::test]
async fn a_message_is_shown_under_its_policy_in_a_sandbox() {
    let face = Face::start().await;
    let path = "/api/message/frame?account=ana%40lab.test&folder=INBOX&uid=7&remote=1";
    let answer = face.ask(face.browser("GET", path), "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, "<p>ana@lab.test in INBOX, remote: true</p>");
    let policy = answer.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; img-src data:, sandbox allow-popups allow-popups-to-escape-sandbox"
    );
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN");
}

#[tokio::test]
async fn a_message_that_is_gone_says_so_as_text() {
    let face = Face::start().await;
    let answer = face.ask(face.browser("GET", "/api/message/frame?account=a&folder=INBOX&uid=8"), "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.body, "The message is not there any more");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let answer = face.ask(face.browser("GET", "/api/message/frame?account=a&folder=%3Cscript%3E"), "").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.header("content-security-policy").contains("sandbox"));
}
