//! `postigo queue`, and `mailq`.

use std::path::Path;

use postigo_api::{Code, Error, Handler, QueueAct, QueueAction, QueuePage, QueueQuery, QueueRef, QueueState};

use crate::arguments::{QueueCommand, QueueListOptions, StateName, Which};
use crate::host::Host;
use crate::print;

/// Asks whoever serves the folder.
pub(crate) async fn run(data: &Path, command: QueueCommand) -> Result<(), Error> {
    Host::ask(data, async |handler: &dyn Handler| ask(handler, command).await).await
}

async fn ask(handler: &dyn Handler, command: QueueCommand) -> Result<(), Error> {
    match command {
        QueueCommand::List(options) => list(handler, options).await,
        QueueCommand::Show { id, json } => {
            let message = handler.queue_get(QueueRef { queue_id: id }).await?;
            print::either(&message, json, || print!("{}", print::queue::message(&message)));
            Ok(())
        }
        QueueCommand::Flush => act(handler, QueueAction::Retry, None).await,
        QueueCommand::Hold(which) => act(handler, QueueAction::Hold, chosen(which)?).await,
        QueueCommand::Release(which) => act(handler, QueueAction::Release, chosen(which)?).await,
        QueueCommand::Retry(which) => act(handler, QueueAction::Retry, chosen(which)?).await,
        QueueCommand::Send { ids } => act(handler, QueueAction::SendNow, Some(ids)).await,
        QueueCommand::Delete(which) => act(handler, QueueAction::Delete, chosen(which)?).await,
    }
}

/// Page after page: a queue may be longer than what one answer holds.
async fn list(handler: &dyn Handler, options: QueueListOptions) -> Result<(), Error> {
    let mut query =
        QueueQuery { state: options.state.map(state), text: options.text, ..QueueQuery::default() };
    let mut whole: Option<QueuePage> = None;
    let mut total = print::queue::Total::default();
    loop {
        let page = handler.queue_list(query.clone()).await?;
        query.after.clone_from(&page.next);
        if !options.json.json {
            // Who pipes the list into `head` has seen enough; that is no failure.
            if print::write(&total.rows(&page.rows)).is_err() {
                return Ok(());
            }
        } else if let Some(whole) = &mut whole {
            whole.rows.extend(page.rows);
        } else {
            whole = Some(QueuePage { next: None, ..page });
        }
        if query.after.is_none() {
            break;
        }
    }
    print::either(&whole, options.json, || println!("{}", total.end()));
    Ok(())
}

fn state(name: StateName) -> QueueState {
    match name {
        StateName::Active => QueueState::Active,
        StateName::Deferred => QueueState::Deferred,
        StateName::Later => QueueState::Later,
        StateName::Held => QueueState::Held,
    }
}

/// `all` is all of them, which is not a list that happens to hold that word.
fn chosen(which: Which) -> Result<Option<Vec<String>>, Error> {
    match which.ids.as_slice() {
        [all] if all == "all" => Ok(None),
        ids if ids.iter().any(|id| id == "all") => {
            let text = "Give queue ids or the word all, not both";
            Err(Error::new(Code::QueueUnknown, text).with("queueId", "all"))
        }
        _ => Ok(Some(which.ids)),
    }
}

async fn act(
    handler: &dyn Handler,
    action: QueueAction,
    queue_ids: Option<Vec<String>>,
) -> Result<(), Error> {
    let acted = handler.queue_act(QueueAct { action, queue_ids }).await?;
    let done = match action {
        QueueAction::Retry => "to be tried now",
        QueueAction::SendNow => "to be sent now",
        QueueAction::Hold => "held",
        QueueAction::Release => "released",
        QueueAction::Delete => "deleted",
    };
    println!("{} {done}.", print::queue::messages(acted.messages));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_a_word_of_its_own() {
        let chosen = |ids: &[&str]| chosen(Which { ids: ids.iter().map(ToString::to_string).collect() });
        assert_eq!(chosen(&["all"]), Ok(None));
        assert_eq!(chosen(&["4F", "5F"]), Ok(Some(vec!["4F".into(), "5F".into()])));
        assert_eq!(chosen(&["4F", "all"]).map_err(|e| e.code), Err(Code::QueueUnknown));
    }
}
