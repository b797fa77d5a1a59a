//! Who is let in, and who is not.

use hyper::StatusCode;
use postigo_api::Code;
use postigo_http::{Server, Source};

use crate::support::{Face, STATUS, options};

#[tokio::test]
async fn nothing_of_the_api_is_answered_without_the_token() {
    let face = Face::start().await;
    for (method, path) in
        [("POST", "/api/rpc"), ("GET", "/api/events"), ("GET", "/api/message/frame"), ("GET", "/api/x")]
    {
        for wrong in ["", "Bearer", "Bearer x", "Basic eDp4"] {
            let request = face.stranger(method, path).header("authorization", wrong);
            let answer = face.rpc(request, STATUS).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} {wrong}");
            assert_eq!(answer.json()["code"], "face.unauthorized");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
}

#[tokio::test]
async fn a_program_comes_in_with_the_token() {
    let face = Face::start().await;
    let answer = face.rpc(face.program("POST", "/api/rpc"), STATUS).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["host"], "mail.lab.test");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_address_with_the_token_signs_a_browser_in_and_hides_the_token() {
    let face = Face::start().await;
    let answer = face.ask(face.stranger("GET", &format!("/?token={}", face.token)), "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");

    let pair = cookie.split(';').next().unwrap();
    let request = face.stranger("POST", "/api/rpc").header("cookie", pair).header("origin", face.origin());
    assert_eq!(face.rpc(request, STATUS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_with_an_old_token_signs_nobody_in() {
    let face = Face::start().await;
    let answer = face.ask(face.stranger("GET", "/?token=old"), "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("set-cookie"), "");
}

/// DNS rebinding: the browser believes it speaks to evil.test, whose address has become ours.
#[tokio::test]
async fn a_request_meant_for_another_host_reaches_nothing() {
    let face = Face::start().await;
    for (method, path) in [("GET", "/"), ("POST", "/api/rpc"), ("GET", "/api/events")] {
        let host = format!("evil.test:{}", face.port());
        let answer = face.rpc(face.program(method, path).header("host", host), STATUS).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{method} {path}");
    }
    let host = format!("localhost:{}", face.port());
    let answer = face.rpc(face.program("POST", "/api/rpc").header("host", host), STATUS).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// All ports of 127.0.0.1 are one site, so a page that another program serves there makes the browser send our cookie.
#[tokio::test]
async fn a_page_of_another_origin_can_do_nothing_with_the_cookie() {
    let face = Face::start().await;
    for origin in ["http://127.0.0.1:9", "http://evil.test", "null", "https://127.0.0.1"] {
        let request = face.browser("POST", "/api/rpc").header("origin", origin);
        let answer = face.rpc(request, STATUS).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
    }
    let without_origin = face.browser("POST", "/api/rpc");
    assert_eq!(face.rpc(without_origin, STATUS).await.status, StatusCode::UNAUTHORIZED);

    let cookie = format!("postigo-{}={}", face.port(), face.token);
    for site in ["cross-site", "same-site"] {
        let request = face.stranger("GET", "/api/message/frame?account=a&folder=INBOX&uid=7");
        let answer = face.ask(request.header("cookie", &cookie).header("sec-fetch-site", site), "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site}");
    }
}

#[tokio::test]
async fn an_address_that_others_reach_needs_leave() {
    let face = Face::start().await;
    let batches = face.batches.clone();
    let source = || {
        let batches = batches.clone();
        Source::new(std::sync::Arc::new(Nobody), move || batches.subscribe())
    };
    let error = Server::bind(options("0.0.0.0:0", false), source()).await.err().unwrap();
    assert_eq!((error.code, error.params["setting"].as_str()), (Code::SettingInvalid, "http"));

    let taken = options(&format!("127.0.0.1:{}", face.port()), false);
    let error = Server::bind(taken, source()).await.err().unwrap();
    assert_eq!((error.code, error.params["port"].clone()), (Code::PortTaken, face.port().to_string()));
}

struct Nobody;

#[async_trait::async_trait]
impl postigo_api::Carrier for Nobody {
    async fn carry(&self, request: postigo_api::Request) -> Result<serde_json::Value, postigo_api::Error> {
        Err(postigo_api::Error::new(Code::Internal, request.method()))
    }
}
