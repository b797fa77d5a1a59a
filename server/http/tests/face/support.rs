//! A face over a scripted engine, and a peer that sends exactly what a test says.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request as HttpRequest, Response, StatusCode, body::Incoming, http::request::Builder,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use postigo_api::{Carrier, Code, Error, Event, Request};
use postigo_http::{Options, Server, Source, Token};
use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast};

/// Answers a few commands with what the tests expect, and the rest with an error.
struct Scripted {
    deletion: Deletion,
}

/// `account.delete` rings `begun`, waits for `go`, and rings `done`.
#[derive(Clone, Default)]
pub struct Deletion {
    pub begun: Arc<Notify>,
    pub go: Arc<Notify>,
    pub done: Arc<Notify>,
}

#[async_trait]
impl Carrier for Scripted {
    async fn carry(&self, request: Request) -> Result<Value, Error> {
        match request {
            Request::ServerStatus(_) => Ok(json!({
                "phase": "running", "error": null, "startedAt": 7, "pid": 4242, "version": "0.1.0",
                "dataDir": "/srv/postigo", "domains": ["lab.test"], "host": "mail.lab.test", "mode": "lab", "role": "standalone",
                "listen": "127.0.0.1", "listeners": [],
            })),
            Request::AccountGet(account) => {
                Err(Error::new(Code::AccountUnknown, "Nobody is called that")
                    .with("address", account.address))
            }
            Request::AccountDelete(_) => {
                self.deletion.begun.notify_one();
                self.deletion.go.notified().await;
                self.deletion.done.notify_one();
                Ok(json!({"path": null}))
            }
            Request::MailHtml(message) if message.uid == 7 => Ok(json!({
                "html": format!("<p>{} in {}, remote: {}</p>", message.account, message.folder, message.remote),
                "policy": "default-src 'none'; img-src data:",
            })),
            Request::MailHtml(_) => {
                Err(Error::new(Code::MailMessageGone, "The message is not there any more"))
            }
            other => Err(Error::new(Code::NotRunning, format!("{} is not scripted", other.method()))),
        }
    }
}

pub struct Face {
    pub server: Server,
    pub token: String,
    pub batches: broadcast::Sender<Arc<Vec<Event>>>,
    pub deletion: Deletion,
    http: Client<HttpConnector, Full<Bytes>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Face {
    pub async fn start() -> Self {
        Self::start_with(true).await
    }

    pub async fn start_with(page: bool) -> Self {
        let (batches, _) = broadcast::channel(4);
        let deletion = Deletion::default();
        let source = Source::new(Arc::new(Scripted { deletion: deletion.clone() }), {
            let batches = batches.clone();
            move || batches.subscribe()
        });
        let server = Server::bind(options("127.0.0.1:0", page), source).await.unwrap();
        let token = server.url_with_token().split_once("?token=").unwrap().1.to_owned();
        Self { server, token, batches, deletion, http: Client::builder(TokioExecutor::new()).build_http() }
    }

    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// A request with nothing in it that would open a door.
    pub fn stranger(&self, method: &str, path: &str) -> Builder {
        HttpRequest::builder().method(method).uri(format!("http://127.0.0.1:{}{path}", self.port()))
    }

    /// A request of a program that has the token.
    pub fn program(&self, method: &str, path: &str) -> Builder {
        self.stranger(method, path).header("authorization", format!("Bearer {}", self.token))
    }

    /// A request of the page in a browser that is signed in.
    pub fn browser(&self, method: &str, path: &str) -> Builder {
        let cookie = format!("postigo-{}={}", self.port(), self.token);
        self.stranger(method, path).header("cookie", cookie).header("sec-fetch-site", "same-origin")
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    pub async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Response<Incoming> {
        self.http.request(request.body(Full::new(body.into())).unwrap()).await.unwrap()
    }

    pub async fn ask(&self, request: Builder, body: impl Into<Bytes>) -> Answer {
        let response = self.send(request, body).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub async fn rpc(&self, request: Builder, body: &str) -> Answer {
        self.ask(request.header("content-type", "application/json"), body.to_owned()).await
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn options(address: &str, page: bool) -> Options {
    Options {
        address: address.parse().unwrap(),
        page,
        token: Token::generate().unwrap(),
        beyond_loopback: false,
    }
}

pub const STATUS: &str = r#"{"method":"server.status","params":{}}"#;
