//! Which port each service gets, and why.
//!
//! Does: try the ports a plan asks for on this machine, look for another one where the plan allows it, name what is in the way.
//! Does not: keep a port open. Between the answer and the listener another program may take it; the listener says so then.
//!
//! Invariants:
//! 1. A port that the user named (a base, or one port for one service) is never exchanged for another.
//! 2. No two services get the same port.

mod holder;
mod probe;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use postigo_api::{PortChoice, PortPlan, PortReason, Service};

use probe::Probe;

/// Every service that listens, in the order it is shown. POP3 (110, 995) is not served yet.
pub(crate) const SERVICES: [Service; 5] =
    [Service::Smtp, Service::Submission, Service::Submissions, Service::Imap, Service::Imaps];

/// How far apart the ports lie that are tried when a practice port is held: 2525, 12525, 22525, ...
const STEP: u16 = 10_000;

/// The highest base: IMAPS has the highest of the standard ports.
pub(crate) const HIGHEST_BASE: u16 = u16::MAX - standard_port(Service::Imaps);

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// The address of all listeners.
    pub listen: IpAddr,
    /// How ports are chosen.
    pub plan: PortPlan,
    /// Ports that the configuration gives to single services; they go before the plan.
    pub named: BTreeMap<Service, u16>,
    /// Ports that this engine holds at `listen` already. They count as free: it can have them again.
    pub ours: BTreeSet<u16>,
}

/// The base leaves no room for the service with the highest port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BaseTooHigh {
    /// The base that was asked for.
    pub base: u16,
}

/// Chooses a port for each of [`SERVICES`] by trying them on this machine.
///
/// # Errors
/// [`BaseTooHigh`] if a port of the plan would lie above 65535.
pub(crate) fn choose(wish: &Wish) -> Result<Vec<PortChoice>, BaseTooHigh> {
    choose_with(
        wish,
        |port| if wish.ours.contains(&port) { Probe::Free } else { probe::probe(wish.listen, port) },
    )
}

/// Whether a plan has room for all services.
///
/// # Errors
/// [`BaseTooHigh`] as for [`choose`].
pub(crate) const fn check(plan: PortPlan) -> Result<(), BaseTooHigh> {
    match plan {
        PortPlan::Base(base) if base > HIGHEST_BASE => Err(BaseTooHigh { base }),
        _ => Ok(()),
    }
}

/// The port that the standards give a service.
pub(crate) const fn standard_port(service: Service) -> u16 {
    match service {
        Service::Smtp => 25,
        Service::Submission => 587,
        Service::Submissions => 465,
        Service::Imap => 143,
        Service::Imaps => 993,
        // Where others listen for us.
        Service::Outgoing => 25,
        // It has a socket without ports.
        Service::Local => 0,
    }
}

/// The port used where nobody may open the standard one. It is above 1023 and easy to remember.
pub(crate) const fn practice_port(service: Service) -> u16 {
    2_000
        + match service {
            // 2025 would follow the rule, but every tutorial says 2525.
            Service::Smtp => 525,
            Service::Submission
            | Service::Submissions
            | Service::Imap
            | Service::Imaps
            | Service::Outgoing
            | Service::Local => standard_port(service),
        }
}

fn choose_with(wish: &Wish, mut probe: impl FnMut(u16) -> Probe) -> Result<Vec<PortChoice>, BaseTooHigh> {
    let mut taken: BTreeSet<u16> = wish.named.values().copied().collect();
    let mut choices = Vec::with_capacity(SERVICES.len());
    for service in SERVICES {
        let (candidates, welcome) = candidates(wish, service)?;
        let named = wish.named.contains_key(&service);
        let candidates: Vec<u16> =
            candidates.into_iter().filter(|port| named || !taken.contains(port)).collect();
        let (port, reason) = first_free(&candidates, welcome, &mut probe);
        let port = port.unwrap_or(standard_port(service));
        taken.insert(port);
        choices.push(PortChoice { service, standard_port: standard_port(service), port, reason });
    }
    Ok(choices)
}

/// The ports to try for a service, the best one first, and the reason to give if that one is free.
fn candidates(wish: &Wish, service: Service) -> Result<(Vec<u16>, PortReason), BaseTooHigh> {
    if let Some(port) = wish.named.get(&service) {
        return Ok((vec![*port], PortReason::Chosen));
    }
    match wish.plan {
        PortPlan::Standard => {
            let ports = std::iter::once(standard_port(service)).chain(practice_ports(service));
            Ok((ports.collect(), PortReason::Standard))
        }
        PortPlan::Practice => Ok((practice_ports(service).collect(), PortReason::Chosen)),
        PortPlan::Base(base) => {
            let port = base.checked_add(standard_port(service)).ok_or(BaseTooHigh { base })?;
            Ok((vec![port], PortReason::Chosen))
        }
    }
}

fn practice_ports(service: Service) -> impl Iterator<Item = u16> {
    std::iter::successors(Some(practice_port(service)), |port| port.checked_add(STEP))
}

/// The first free port; the reason names the last obstacle before it. If none is free: the first port, and what is in its way.
fn first_free(
    candidates: &[u16],
    welcome: PortReason,
    probe: &mut impl FnMut(u16) -> Probe,
) -> (Option<u16>, PortReason) {
    let mut obstacles: Vec<PortReason> = vec![];
    for port in candidates {
        let obstacle = match probe(*port) {
            Probe::Free => return (Some(*port), obstacles.pop().unwrap_or(welcome)),
            Probe::NeedsPrivilege => PortReason::NeedsPrivilege,
            Probe::Held(holder) => PortReason::Held { port: *port, program: holder.program, pid: holder.pid },
            // No port of a foreign address can be had, so there is no use in trying the others.
            Probe::AddressNotHere => return (candidates.first().copied(), PortReason::AddressNotHere),
        };
        obstacles.push(obstacle);
    }
    (candidates.first().copied(), obstacles.into_iter().next().unwrap_or(welcome))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::holder::Holder;
    use super::*;

    fn wish(plan: PortPlan) -> Wish {
        let listen = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Wish { listen, plan, named: BTreeMap::new(), ours: BTreeSet::new() }
    }

    fn ports(choices: &[PortChoice]) -> Vec<u16> {
        choices.iter().map(|choice| choice.port).collect()
    }

    fn held(port: u16) -> PortReason {
        PortReason::Held { port, program: Some("exim4".to_owned()), pid: Some(812) }
    }

    fn exim() -> Probe {
        Probe::Held(Holder { program: Some("exim4".to_owned()), pid: Some(812) })
    }

    /// A machine without privileges on which exim4 holds these ports.
    fn student(held: &'static [u16]) -> impl FnMut(u16) -> Probe {
        move |port| match port {
            _ if held.contains(&port) => exim(),
            0..1024 => Probe::NeedsPrivilege,
            _ => Probe::Free,
        }
    }

    #[test]
    fn free_standard_ports_are_taken() {
        let choices = choose_with(&wish(PortPlan::Standard), |_| Probe::Free).unwrap();
        assert_eq!(ports(&choices), [25, 587, 465, 143, 993]);
        assert!(choices.iter().all(|choice| choice.reason == PortReason::Standard));
    }

    #[test]
    fn without_rights_each_service_gets_its_practice_port() {
        let choices = choose_with(&wish(PortPlan::Standard), student(&[])).unwrap();
        assert_eq!(ports(&choices), [2525, 2587, 2465, 2143, 2993]);
        assert!(choices.iter().all(|choice| choice.reason == PortReason::NeedsPrivilege));
        assert_eq!(choices[0].standard_port, 25);
    }

    #[test]
    fn the_decision_is_made_for_each_service() {
        let probe = |port| if port == 25 { exim() } else { Probe::Free };
        let choices = choose_with(&wish(PortPlan::Standard), probe).unwrap();
        assert_eq!(ports(&choices), [2525, 587, 465, 143, 993]);
        assert_eq!(choices[0].reason, held(25));
        assert_eq!(choices[1].reason, PortReason::Standard);
    }

    #[test]
    fn a_held_practice_port_is_named_and_the_next_one_tried() {
        let choices = choose_with(&wish(PortPlan::Standard), student(&[2525, 12525, 2993])).unwrap();
        assert_eq!(ports(&choices), [22525, 2587, 2465, 2143, 12993]);
        assert_eq!(choices[0].reason, held(12525));
        assert_eq!(choices[4].reason, held(2993));
    }

    #[test]
    fn practice_ports_can_be_asked_for() {
        let choices = choose_with(&wish(PortPlan::Practice), student(&[2143])).unwrap();
        assert_eq!(ports(&choices), [2525, 2587, 2465, 12143, 2993]);
        assert_eq!((&choices[0].reason, &choices[3].reason), (&PortReason::Chosen, &held(2143)));
    }

    #[test]
    fn a_base_is_never_exchanged() {
        let choices = choose_with(&wish(PortPlan::Base(10_000)), student(&[10_143])).unwrap();
        assert_eq!(ports(&choices), [10_025, 10_587, 10_465, 10_143, 10_993]);
        assert_eq!((&choices[0].reason, &choices[3].reason), (&PortReason::Chosen, &held(10_143)));
        let strict = choose_with(&wish(PortPlan::Base(0)), student(&[])).unwrap();
        assert_eq!((strict[0].port, &strict[0].reason), (25, &PortReason::NeedsPrivilege));
    }

    #[test]
    fn a_base_without_room_is_refused() {
        assert!(choose_with(&wish(PortPlan::Base(HIGHEST_BASE)), |_| Probe::Free).is_ok());
        assert_eq!(check(PortPlan::Base(HIGHEST_BASE)), Ok(()));
        let base = HIGHEST_BASE + 1;
        assert_eq!(check(PortPlan::Base(base)), Err(BaseTooHigh { base }));
        assert_eq!(choose_with(&wish(PortPlan::Base(base)), |_| Probe::Free), Err(BaseTooHigh { base }));
    }

    #[test]
    fn a_named_port_goes_before_the_plan_and_nobody_else_gets_it() {
        let mut wish = wish(PortPlan::Standard);
        wish.named.insert(Service::Imaps, 2525);
        let choices = choose_with(&wish, student(&[])).unwrap();
        assert_eq!(ports(&choices), [12525, 2587, 2465, 2143, 2525]);
        assert_eq!(choices[4].reason, PortReason::Chosen);
    }

    #[test]
    fn a_foreign_address_is_said_once_for_every_service() {
        let mut asked = 0;
        let choices = choose_with(&wish(PortPlan::Standard), |_| {
            asked += 1;
            Probe::AddressNotHere
        })
        .unwrap();
        assert_eq!(ports(&choices), [25, 587, 465, 143, 993]);
        assert!(choices.iter().all(|choice| choice.reason == PortReason::AddressNotHere));
        assert_eq!(asked, 5);
    }

    #[test]
    fn when_nothing_is_free_the_first_wish_and_its_obstacle_stand() {
        let choices = choose_with(&wish(PortPlan::Practice), |_| exim()).unwrap();
        assert_eq!(ports(&choices), [2525, 2587, 2465, 2143, 2993]);
        assert_eq!(choices[0].reason, held(2525));
    }

    #[test]
    fn on_a_real_machine_a_held_port_is_found_unless_it_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut wish = wish(PortPlan::Practice);
        wish.named.insert(Service::Imap, port);
        let reason = |wish: &Wish| choose(wish).unwrap().swap_remove(3).reason;
        assert!(matches!(reason(&wish), PortReason::Held { port: held, .. } if held == port));
        wish.ours.insert(port);
        assert_eq!(reason(&wish), PortReason::Chosen);
    }
}
