//! What the engine says by itself.

use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::{StatusCode, body::Incoming};
use postigo_api::Event;

use crate::support::Face;

fn mail(arrived: u32) -> Arc<Vec<Event>> {
    Arc::new(vec![Event::Mail { account: "ana".to_owned(), folder: "INBOX".to_owned(), arrived }])
}

async fn read_until(body: &mut Incoming, end: &str) -> String {
    let mut read = String::new();
    while !read.ends_with(end) {
        let octets = body.frame().await.expect("the stream ended").unwrap().into_data().unwrap();
        read.push_str(std::str::from_utf8(&octets).unwrap());
    }
    read
}

#[tokio::test]
async fn each_message_is_an_array_of_events() {
    let face = Face::start().await;
    let mut response = face.send(face.browser("GET", "/api/events"), "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    face.batches.send(mail(1)).unwrap();
    let message = read_until(response.body_mut(), "\n\n").await;
    assert_eq!(
        message,
        "data: [{\"kind\":\"mail\",\"account\":\"ana\",\"folder\":\"INBOX\",\"arrived\":1}]\n\n"
    );
}

#[tokio::test]
async fn who_is_too_slow_is_told_to_ask_anew() {
    let face = Face::start().await;
    let mut response = face.send(face.browser("GET", "/api/events"), "").await;
    // No task of the server runs between these: the test's runtime has one thread, and nothing here waits.
    for arrived in 0..6 {
        face.batches.send(mail(arrived)).unwrap();
    }
    let messages = read_until(response.body_mut(), "\"arrived\":5}]\n\n").await;
    assert!(messages.starts_with("event: resync\ndata: []\n\n"), "{messages}");
    assert!(!messages.contains("\"arrived\":1}"), "{messages}");
}

#[tokio::test]
async fn a_stream_ends_when_the_server_stops() {
    let face = Face::start().await;
    let mut response = face.send(face.browser("GET", "/api/events"), "").await;
    face.server.stop().await;
    assert!(response.body_mut().frame().await.is_none_or(|frame| frame.is_err()));
}
