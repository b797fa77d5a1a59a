//! Follows the engine and hands on what it says, to the page and to the tray.

use std::time::Duration;

use postigo_api::{Error, Event, Nothing};
use tauri::{AppHandle, Manager};

use crate::{
    attach::{Line, Told},
    desk::{Desk, Intent},
    face::Page,
    tray::Tray,
};

/// Between two tries to reach an engine.
const PAUSE: Duration = Duration::from_secs(2);

/// Opens the line for the first time, and again whenever it broke. Never ends.
pub async fn follow(app: AppHandle) {
    loop {
        let line = app.state::<Desk>().line(Intent::Use).await;
        if let Ok(line) = line {
            if let Err(error) = hand_on(&app, &line).await {
                tracing::debug!(%error, "the engine cannot be followed");
            }
            app.state::<Desk>().lost().await;
        }
        app.state::<Page>().link(false);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Ends when the line breaks.
async fn hand_on(app: &AppHandle, line: &Line) -> Result<(), Error> {
    let (page, tray) = (app.state::<Page>(), app.state::<Tray>());
    let mut events = line.events().await?;
    tray.show_phase(line.handler.server_status(Nothing {}).await?.phase);
    page.link(true);
    while let Some(told) = events.next().await {
        match told {
            Told::Batch(batch) => {
                page.batch(&batch);
                for event in &*batch {
                    if let Event::Status { status } = event {
                        tray.show_phase(status.phase);
                    }
                }
            }
            Told::Missed => page.resync(),
        }
    }
    Ok(())
}
