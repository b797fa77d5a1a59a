//! `postigo suppression`.

use std::path::Path;

use postigo_api::{
    Error, Handler, NewSuppression, Suppression, SuppressionQuery, SuppressionReason, SuppressionRef,
};

use crate::arguments::SuppressionCommand;
use crate::host::Host;
use crate::print::{self, moment, plain};

/// Asks whoever serves the folder.
pub(crate) async fn run(data: &Path, command: SuppressionCommand) -> Result<(), Error> {
    Host::ask(data, async |handler: &dyn Handler| ask(handler, command).await).await
}

async fn ask(handler: &dyn Handler, command: SuppressionCommand) -> Result<(), Error> {
    match command {
        SuppressionCommand::List { text, json } => {
            let mut query = SuppressionQuery { text, ..SuppressionQuery::default() };
            let mut entries = Vec::new();
            loop {
                let page = handler.suppression_list(query.clone()).await?;
                entries.extend(page.entries);
                query.after = page.next;
                if query.after.is_none() {
                    break;
                }
            }
            print::either(&entries, json, || match entries.as_slice() {
                [] => println!("Nobody is on the list."),
                entries => entries.iter().for_each(|entry| println!("{}", line(entry))),
            });
            Ok(())
        }
        SuppressionCommand::Add { address, note } => {
            let added = handler.suppression_add(NewSuppression { address, note }).await?;
            println!("Nothing is sent to {} any more.", plain(&added.address));
            Ok(())
        }
        SuppressionCommand::Remove { address } => {
            handler.suppression_remove(SuppressionRef { address: address.clone() }).await?;
            println!("{} gets mail again.", plain(&address));
            Ok(())
        }
    }
}

fn line(entry: &Suppression) -> String {
    let why = match entry.reason {
        SuppressionReason::Bounced => "its server said",
        SuppressionReason::Manual => "added by hand",
    };
    let until = entry.until.map_or_else(|| "for good".to_owned(), |at| format!("until {}", moment(at)));
    let reply = if entry.reply.is_empty() { String::new() } else { format!(": {}", plain(&entry.reply)) };
    format!("{}  since {}, {until}; {why}{reply}", plain(&entry.address), moment(entry.since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_why_and_until_when() {
        let bounced = Suppression {
            address: "eva@far.test".into(),
            reason: SuppressionReason::Bounced,
            since: 0,
            until: Some(60_000_000),
            reply: "550 5.1.1 No\u{7} such user".into(),
            queue_id: None,
        };
        let expected = format!(
            "eva@far.test  since {}, until {}; its server said: 550 5.1.1 No? such user",
            moment(0),
            moment(60_000_000)
        );
        assert_eq!(line(&bounced), expected);
        let manual =
            Suppression { reason: SuppressionReason::Manual, until: None, reply: String::new(), ..bounced };
        assert!(line(&manual).ends_with("for good; added by hand"), "{}", line(&manual));
    }
}
