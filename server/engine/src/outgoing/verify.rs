//! Asks a next hop whether it takes a recipient (`reject_unverified_recipient`).

use postigo_policy::Verification;
use postigo_queue::route::NextHop;
use postigo_smtp::Recipient;
use postigo_smtp::client::{Outcome, Stage, Status};

use super::agent::{Agent, unreachable};
use super::link::{Link, Opened};
use super::targets;

/// What was found out.
pub(crate) struct Asked {
    pub verification: Verification,
    /// The session in which it was said.
    pub session: Option<i64>,
}

impl Agent {
    /// Connects to the hosts of a next hop in turn, until one says what it would do with the recipient: MAIL with the null
    /// sender, RCPT, RSET, QUIT; never content.
    pub async fn verify(&self, next_hop: &NextHop, recipient: &Recipient) -> Asked {
        let found = targets::find(next_hop, &self.resolver, &self.ourselves, fastrand::shuffle).await;
        let targets = match found.targets {
            Ok(targets) => targets,
            Err(none) if none.permanent => return unasked(Verification::Undeliverable(none.text)),
            Err(none) => return unasked(Verification::Unknown(none.text)),
        };
        let mut last = unasked(Verification::Unknown("there is no host to ask".to_owned()));
        for target in &targets {
            last = match Link::open(target, &self.way(next_hop), &self.trace).await {
                Opened::Ready(link) => {
                    let session = Some(link.session());
                    let Some(outcome) = link.verify(recipient.clone()).await else { continue };
                    let said = outcome.describe(&target.label());
                    let asked = Asked { verification: verification(&outcome, said), session };
                    if !matches!(asked.verification, Verification::Unknown(_)) {
                        return asked;
                    }
                    asked
                }
                Opened::Failed(outcome, session) => {
                    Asked { verification: Verification::Unknown(outcome.describe(&target.label())), session }
                }
                Opened::Unreachable(error) => {
                    unasked(Verification::Unknown(unreachable(target, &error).said.text()))
                }
            };
        }
        last
    }
}

/// Only a reply to RCPT says something about the recipient.
fn verification(outcome: &Outcome, said: String) -> Verification {
    match (outcome.status, outcome.stage) {
        (Status::Delivered, _) => Verification::Deliverable,
        (Status::Failed, Stage::Rcpt) => Verification::Undeliverable(said),
        _ => Verification::Unknown(said),
    }
}

fn unasked(verification: Verification) -> Asked {
    Asked { verification, session: None }
}
