//! The way to the engine: our own on the data folder, or the one of the process that has the folder already.

use std::{path::Path, sync::Arc, time::Duration};

use postigo_api::{Code, Error, Event, Handler};
use postigo_engine::Engine;
use postigo_http::{Client, EventStream, Incoming, Options, Published, Server, Source, Token};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep},
};

/// A process that has just taken the folder needs this long, at most, until it says where it listens.
const ATTACH_TIME: Duration = Duration::from_secs(3);
const ATTACH_PAUSE: Duration = Duration::from_millis(100);

/// What answers, and where events come from.
#[derive(Clone)]
pub struct Line {
    pub handler: Arc<dyn Handler>,
    source: EventSource,
}

#[derive(Clone)]
enum EventSource {
    Own(Engine),
    Other(Box<Client>),
}

/// What this process has to give back when it ends: the engine, and the door for other processes.
pub struct Own {
    engine: Engine,
    door: Option<(Server, Published)>,
}

/// Events of a line.
pub enum Events {
    Own(Receiver<Arc<Vec<Event>>>),
    Other(EventStream),
}

/// What a line says.
pub enum Told {
    Batch(Arc<Vec<Event>>),
    /// Events were lost.
    Missed,
}

/// Opens the folder, or attaches to the process that has it.
///
/// # Errors
/// Those of [`Engine::open`]; [`Code::DataLocked`] when the other process does not answer.
pub async fn open(data: &Path) -> Result<(Line, Option<Own>), Error> {
    match Engine::open_with_keyring(data).await {
        Ok(engine) => {
            let line = Line { handler: engine.handler(), source: EventSource::Own(engine.clone()) };
            let door = open_door(data, &engine).await;
            Ok((line, Some(Own { engine, door })))
        }
        Err(locked) if locked.code == Code::DataLocked => {
            Ok((attach_soon(data).await.map_err(|_| locked)?, None))
        }
        Err(error) => Err(error),
    }
}

/// Attaches to the process that serves the folder now.
///
/// # Errors
/// [`Code::Unreachable`] when none does.
pub async fn attach(data: &Path) -> Result<Line, Error> {
    let client = Client::from_data_dir(data).await?;
    Ok(Line { handler: Arc::new(client.clone()), source: EventSource::Other(Box::new(client)) })
}

async fn attach_soon(data: &Path) -> Result<Line, Error> {
    let give_up = Instant::now() + ATTACH_TIME;
    loop {
        match attach(data).await {
            Err(_) if Instant::now() < give_up => sleep(ATTACH_PAUSE).await,
            result => return result,
        }
    }
}

/// Lets the command line reach this process. Without it the window works all the same.
async fn open_door(data: &Path, engine: &Engine) -> Option<(Server, Published)> {
    let door = async {
        let subscribe = engine.clone();
        let source = Source::new(engine.handler(), move || subscribe.events());
        let options = Options {
            address: ([127, 0, 0, 1], 0).into(),
            page: false,
            token: Token::generate()?,
            beyond_loopback: false,
        };
        let server = Server::bind(options, source).await?;
        let published = server.publish(data)?;
        Ok::<_, Error>((server, published))
    };
    door.await
        .inspect_err(|error| tracing::warn!(%error, "the postigo command will not reach this process"))
        .ok()
}

impl Line {
    /// Whether another process is at the end of it.
    pub fn is_attached(&self) -> bool {
        matches!(self.source, EventSource::Other(_))
    }

    /// Events from now on.
    ///
    /// # Errors
    /// [`Code::Unreachable`] when the other process has gone.
    pub async fn events(&self) -> Result<Events, Error> {
        match &self.source {
            EventSource::Own(engine) => Ok(Events::Own(engine.events())),
            EventSource::Other(client) => client.events().await.map(Events::Other),
        }
    }
}

impl Events {
    /// What is said next; none when the line is dead.
    pub async fn next(&mut self) -> Option<Told> {
        match self {
            Self::Own(receiver) => match receiver.recv().await {
                Ok(batch) => Some(Told::Batch(batch)),
                Err(RecvError::Lagged(_)) => Some(Told::Missed),
                Err(RecvError::Closed) => None,
            },
            Self::Other(stream) => match stream.next().await {
                Ok(Some(Incoming::Batch(batch))) => Some(Told::Batch(Arc::new(batch))),
                Ok(Some(Incoming::Resync)) => Some(Told::Missed),
                Ok(None) | Err(_) => None,
            },
        }
    }
}

impl Own {
    /// Starts to listen, if the server was set up. Why not, the status tells.
    pub fn start(&self) {
        let engine = self.engine.clone();
        tauri::async_runtime::spawn(async move {
            if let Err(error) = engine.start().await
                && error.code != Code::NotSetUp
            {
                tracing::warn!(%error, "the server did not start");
            }
        });
    }

    /// Ends the sessions and gives the folder free.
    pub async fn close(self) {
        if let Some((server, published)) = self.door {
            drop(published);
            server.stop().await;
        }
        self.engine.close().await;
    }
}
