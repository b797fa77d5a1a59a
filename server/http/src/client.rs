//! Speaks to the process that serves a data folder.

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request as HttpRequest, Response, StatusCode,
    body::Incoming as Body,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use postigo_api::{Carrier, Code, Error, Event, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use crate::{ControlFile, events::RESYNC, limits, sse};

/// A connection to another process. It answers every command, because it is a [`Carrier`].
#[derive(Clone)]
pub struct Client {
    control: ControlFile,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

/// What the other process says by itself.
pub struct EventStream {
    body: Body,
    reader: sse::Reader,
    waiting: std::collections::VecDeque<sse::Message>,
}

/// One message of the other process.
#[derive(Debug)]
pub enum Incoming {
    /// Events, oldest first.
    Batch(Vec<Event>),
    /// Events were lost: ask anew for what you show.
    Resync,
}

impl Client {
    /// Connects to the process that serves `data`.
    ///
    /// # Errors
    /// [`Code::Unreachable`] when none does, or none that answers; [`Code::Unauthorized`] when another server has taken
    /// its port.
    pub async fn from_data_dir(data: &Path) -> Result<Self, Error> {
        let control = ControlFile::read(data)?.ok_or_else(|| unreachable("No process serves this folder"))?;
        Self::connect(control).await
    }

    /// Connects to a process, and asks for its status to see that it is there.
    ///
    /// # Errors
    /// [`Code::Unreachable`], [`Code::Unauthorized`].
    pub async fn connect(control: ControlFile) -> Result<Self, Error> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(limits::CONNECT_TIME));
        connector.set_nodelay(true);
        let client = Self { control, http: HttpClient::builder(TokioExecutor::new()).build(connector) };
        client.carry(Request::ServerStatus(postigo_api::Nothing {})).await?;
        Ok(client)
    }

    /// Where it is and who it is.
    pub fn control(&self) -> &ControlFile {
        &self.control
    }

    /// Follows what the process says by itself from now on.
    ///
    /// # Errors
    /// [`Code::Unreachable`], [`Code::Unauthorized`].
    pub async fn events(&self) -> Result<EventStream, Error> {
        let response = self.send(Method::GET, "api/events", Bytes::new(), limits::CONNECT_TIME).await?;
        if response.status() != StatusCode::OK {
            return Err(read_json::<Error>(response).await.unwrap_or_else(|error| error));
        }
        Ok(EventStream {
            body: response.into_body(),
            reader: sse::Reader::new(limits::EVENT_OCTETS),
            waiting: std::collections::VecDeque::new(),
        })
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        limit: Duration,
    ) -> Result<Response<Body>, Error> {
        let request = HttpRequest::builder()
            .method(method)
            .uri(format!("{}{path}", self.control.url))
            .header(AUTHORIZATION, format!("Bearer {}", self.control.token.reveal()))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .body(Full::new(body))
            .map_err(unreachable)?;
        timeout(limit, self.http.request(request)).await.map_err(unreachable)?.map_err(|failure| {
            // The outer text says only that the client failed.
            let cause = std::error::Error::source(&failure).map(ToString::to_string);
            unreachable(cause.unwrap_or_else(|| failure.to_string()))
        })
    }
}

#[async_trait]
impl Carrier for Client {
    async fn carry(&self, request: Request) -> Result<Value, Error> {
        let body = serde_json::to_vec(&request).map_err(|failure| {
            Error::new(Code::Internal, "The request cannot be written").with("detail", failure)
        })?;
        let response = self.send(Method::POST, "api/rpc", body.into(), limits::CLIENT_TIME).await?;
        if response.status() == StatusCode::OK {
            read_json(response).await
        } else {
            Err(read_json(response).await?)
        }
    }
}

impl EventStream {
    /// The next message; none when the process has ended the stream in good order.
    ///
    /// # Errors
    /// [`Code::Unreachable`] when the line broke, or nothing came for too long, not even a sign of life.
    pub async fn next(&mut self) -> Result<Option<Incoming>, Error> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return incoming(&message).map(Some);
            }
            let frame = timeout(limits::SILENCE_TIME, self.body.frame()).await.map_err(unreachable)?;
            let Some(frame) = frame else { return Ok(None) };
            if let Some(octets) = frame.map_err(unreachable)?.data_ref() {
                let messages = self.reader.read(octets);
                self.waiting
                    .extend(messages.map_err(|sse::TooLarge| unreachable("A batch of events has no end"))?);
            }
        }
    }
}

fn incoming(message: &sse::Message) -> Result<Incoming, Error> {
    if message.event == RESYNC {
        return Ok(Incoming::Resync);
    }
    serde_json::from_str(&message.data).map(Incoming::Batch).map_err(unreachable)
}

async fn read_json<T: DeserializeOwned>(response: Response<Body>) -> Result<T, Error> {
    let body = Limited::new(response.into_body(), limits::REPLY_OCTETS);
    let collected =
        timeout(limits::CLIENT_TIME, body.collect()).await.map_err(unreachable)?.map_err(unreachable)?;
    serde_json::from_slice(&collected.to_bytes()).map_err(unreachable)
}

fn unreachable(detail: impl ToString) -> Error {
    Error::new(Code::Unreachable, "The process that serves the folder cannot be reached")
        .with("detail", detail)
}
