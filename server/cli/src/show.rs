//! Commands that show something.

use std::path::Path;

use postigo_api::{
    Code, Error, Event, Handler, JourneyRef, LogFilter, LogQuery, Nothing, Phase, SessionQuery, SessionRef,
};
use postigo_http::Incoming;

use crate::arguments::{Command, Json, LogOptions, SessionOptions};
use crate::host::Host;
use crate::print;

/// Asks whoever serves the folder, and prints.
pub(crate) async fn run(data: &Path, command: Command) -> Result<(), Error> {
    match command {
        Command::Tail(json) => tail(data, json).await,
        Command::Reload => {
            Host::running(data).await?.handler().server_reload(Nothing {}).await?;
            println!("The configuration was read again.");
            Ok(())
        }
        command => Host::ask(data, async |handler: &dyn Handler| show(handler, command).await).await,
    }
}

async fn show(handler: &dyn Handler, command: Command) -> Result<(), Error> {
    match command {
        Command::Status(json) => status(handler, json).await,
        Command::Log(options) => log(handler, options).await,
        Command::Session(options) => session(handler, options).await,
        Command::Journey { queue_id, json } => {
            let journey = handler.journey_get(JourneyRef { queue_id }).await?;
            print::either(&journey, json, || print::journey(&journey));
            Ok(())
        }
        Command::Tls(json) => {
            let status = handler.tls_status(Nothing {}).await?;
            print::either(&status, json, || print::tls(&status));
            Ok(())
        }
        Command::Ca => {
            print!("{}", handler.tls_authority(Nothing {}).await?.text);
            Ok(())
        }
        // The others never come here: `main` and `run` take them.
        Command::Setup(_)
        | Command::Serve(_)
        | Command::User(_)
        | Command::Config(_)
        | Command::Route(_)
        | Command::Relay(_)
        | Command::Queue(_)
        | Command::Suppression(_)
        | Command::Alias(_)
        | Command::Forward(_)
        | Command::Zone(_)
        | Command::Dns(_)
        | Command::Import(_)
        | Command::Export(_)
        | Command::Newaliases { .. }
        | Command::Sendmail(_)
        | Command::Tail(_)
        | Command::Reload => Err(Error::new(Code::Internal, "A command went astray")),
    }
}

async fn status(handler: &dyn Handler, json: Json) -> Result<(), Error> {
    let status = handler.server_status(Nothing {}).await?;
    print::either(&status, json, || {
        match status.phase {
            Phase::NotSetUp => println!("Not set up: {}", status.data_dir),
            Phase::Running => {
                let since = status.started_at.map(print::moment).unwrap_or_default();
                println!("Running since {since} (pid {}): {}", status.pid, status.data_dir);
            }
            _ => println!("Not running: {}", status.data_dir),
        }
        if status.phase != Phase::NotSetUp {
            println!("{} for {}", status.host, status.domains.join(", "));
        }
        for listener in &status.listeners {
            println!("  {}", print::listener(listener, &status.listen));
        }
    });
    Ok(())
}

async fn log(handler: &dyn Handler, options: LogOptions) -> Result<(), Error> {
    let filter = LogFilter {
        text: options.text,
        queue_id: options.queue_id,
        session: options.session,
        ..LogFilter::default()
    };
    let page = handler.log_list(LogQuery { filter, limit: options.limit, ..LogQuery::default() }).await?;
    print::either(&page, options.json, || {
        for line in &page.lines {
            println!("{} {}", print::moment(line.at), line.whole(&page.host));
        }
    });
    Ok(())
}

async fn session(handler: &dyn Handler, options: SessionOptions) -> Result<(), Error> {
    if let Some(id) = options.id {
        let detail = handler.session_get(SessionRef { id, from_line: 0 }).await?;
        print::either(&detail, options.json, || print::transcript(&detail));
        return Ok(());
    }
    let page =
        handler.session_list(SessionQuery { refused: options.refused, ..SessionQuery::default() }).await?;
    print::either(&page, options.json, || page.sessions.iter().for_each(print::session));
    Ok(())
}

/// Prints lines as they come, until interrupted or until the server ends.
async fn tail(data: &Path, json: Json) -> Result<(), Error> {
    let Host::Remote(client) = Host::running(data).await? else {
        return Err(Error::new(Code::NotRunning, "No server runs here"));
    };
    let host = client.server_status(Nothing {}).await?.host;
    let mut events = client.events().await?;
    while let Some(incoming) = events.next().await? {
        let Incoming::Batch(batch) = incoming else {
            eprintln!("(some lines were left out: there were too many at once)");
            continue;
        };
        for event in batch {
            if let Event::Log { lines, skipped } = event {
                print_lines(&lines, skipped, &host, json);
            }
        }
    }
    Ok(())
}

fn print_lines(lines: &[postigo_api::LogLine], skipped: u32, host: &str, json: Json) {
    if skipped > 0 {
        eprintln!("({skipped} lines were left out: there were too many at once)");
    }
    for line in lines {
        if json.json {
            println!("{}", serde_json::to_string(line).unwrap_or_default());
        } else {
            println!("{} {}", print::moment(line.at), line.whole(host));
        }
    }
}
