//! `postigo serve`: the server in the foreground, with its UI over HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use postigo_api::{Code, Error, Nothing, Phase, ServerStatus};
use postigo_engine::Engine;
use postigo_http::{Options, Server, Source, Token};

use crate::arguments::ServeOptions;

/// Runs until a signal says otherwise.
pub(crate) async fn run(data: &Path, options: ServeOptions) -> Result<(), Error> {
    // rustls warns of what peers do wrong; they must not be able to fill a log with it. The trace has it, with its session.
    // notify warns of folders that were deleted before it stopped to watch them, which is no fault.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,rustls=error,notify=error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let mut signals = Signals::new()?;
    let engine = Engine::open_with_keyring(data).await?;
    if let Some(folder) = crate::notice::public_folder() {
        engine.serve_all_local_users(&folder);
    }
    let noticing = tokio::spawn(crate::notice::keep(engine.clone()));
    let done = serve(data, options, &engine, &mut signals).await;
    noticing.abort();
    crate::notice::forget();
    engine.close().await;
    done
}

async fn serve(
    data: &Path,
    options: ServeOptions,
    engine: &Engine,
    signals: &mut Signals,
) -> Result<(), Error> {
    let events = engine.clone();
    let source = Source::new(engine.handler(), move || events.events());
    let http = Options {
        address: options.http.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        page: true,
        token: Token::generate()?,
        beyond_loopback: options.http_insecure,
    };
    let server = Server::bind(http, source).await?;
    let started = engine.start().await;
    let published = server.publish(data)?;
    match started {
        Ok(()) => {}
        // The wizard in the browser does the rest.
        Err(error) if error.code == Code::NotSetUp => {}
        Err(error) => eprintln!("postigo: {error}"),
    }
    greet(&engine.handler().server_status(Nothing {}).await?, &server.url_with_token());
    loop {
        match signals.next().await {
            Signal::Stop => break,
            Signal::Reload => match engine.reload().await {
                Ok(()) => println!("The configuration was read again."),
                Err(error) => eprintln!("postigo: {error}; the old configuration goes on"),
            },
        }
    }
    drop(published);
    server.stop().await;
    Ok(())
}

fn greet(status: &ServerStatus, url: &str) {
    match status.phase {
        Phase::NotSetUp => println!("Postigo is not set up yet. Open its page and the wizard does it:"),
        _ => println!("Postigo serves {} from {}", status.domains.join(", "), status.data_dir),
    }
    for listener in &status.listeners {
        println!("  {}", crate::print::listener(listener, &status.listen));
    }
    println!("UI: {url}");
}

/// What the process is told from outside.
enum Signal {
    Stop,
    Reload,
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on signals do not end the process by themselves.
    fn new() -> Result<Self, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|e| Error::new(Code::Internal, format!("Signals cannot be caught: {e}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self, Error> {
        Ok(Self)
    }

    /// Ctrl+C; `postigo reload` does what SIGHUP does elsewhere.
    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::Stop
    }
}
