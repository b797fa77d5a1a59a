//! The page. Whether a build has one depends on whether `ui/` was built before.

use hyper::StatusCode;

use crate::support::Face;

#[tokio::test]
async fn the_page_comes_with_a_strict_policy_or_says_that_it_is_missing() {
    let face = Face::start().await;
    let answer = face.ask(face.stranger("GET", "/"), "").await;
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    if std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist/index.html").exists() {
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert!(policy.contains("script-src 'self';"), "{policy}");
    } else {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.body.contains("carries no page"), "{}", answer.body);
    }
}

#[tokio::test]
async fn only_files_of_the_page_are_served() {
    let face = Face::start().await;
    for path in [
        "/nothing.js",
        "/../Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "/assets/../../package.json",
        "//etc/passwd",
    ] {
        assert_eq!(face.ask(face.stranger("GET", path), "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(face.ask(face.stranger("PUT", "/"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_face_for_programs_shows_no_page() {
    let face = Face::start_with(false).await;
    let answer = face.ask(face.stranger("GET", "/"), "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("programs only"), "{}", answer.body);
}
