//! Why a recipient is taken or refused, as a face tells it.

use postigo_policy::{Decision, Effect};
use postigo_queue::route::Step;

use super::{Asked, Rules};

/// A step of a decision.
pub(crate) enum Reason {
    /// Routing's.
    Route(Step),
    /// A list's.
    List(postigo_policy::Step),
}

impl Reason {
    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Route(step) => step.code(),
            Self::List(step) => match step.effect {
                Effect::Permits => "listPermits",
                Effect::Refuses(_) => "listRefuses",
                Effect::Warns(_) => "listWarns",
                Effect::Defers(_) => "listDefers",
                Effect::Softens => "listSoftens",
            },
        }
    }

    /// Postfix's name of the setting that decided.
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            Self::Route(step) => step.setting(),
            Self::List(step) => Some(step.list.setting()),
        }
    }

    /// What to put into its text, by name.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Route(step) => step.params(),
            Self::List(step) => {
                let reply = match &step.effect {
                    Effect::Refuses(reply) | Effect::Warns(reply) | Effect::Defers(reply) => {
                        Some(("reply", reply.to_string()))
                    }
                    Effect::Permits | Effect::Softens => None,
                };
                let list = step.list.setting().to_owned();
                [Some(("entry", step.entry.clone())), Some(("list", list)), reply]
                    .into_iter()
                    .flatten()
                    .collect()
            }
        }
    }
}

/// What the lists said. The rights to relay, and their lack, have words of their own.
pub(super) fn of_lists(rules: &Rules, asked: &Asked<'_>, decision: &Decision) -> Vec<Reason> {
    decision.steps.iter().flat_map(|step| of_step(rules, asked, step)).collect()
}

fn of_step(rules: &Rules, asked: &Asked<'_>, step: &postigo_policy::Step) -> Vec<Reason> {
    let address = asked.client.to_canonical();
    let special = match (step.entry.as_str(), &step.effect) {
        ("permit_mynetworks", Effect::Permits) => rules
            .routes
            .trusts(address)
            .map(|network| vec![Step::TrustedNetwork { address, network: network.to_string() }]),
        ("permit_sasl_authenticated", Effect::Permits) => {
            asked.user.map(|user| vec![Step::LoggedIn { user: user.address() }])
        }
        ("reject_unauth_destination" | "defer_unauth_destination", Effect::Refuses(_)) => {
            let why = asked.recipient.and_then(|recipient| rules.routes.relays(recipient));
            Some(why.into_iter().chain([Step::RelayDenied { address }]).collect())
        }
        _ => None,
    };
    match special {
        Some(steps) => steps.into_iter().map(Reason::Route).collect(),
        None => vec![Reason::List(step.clone())],
    }
}
