//! Peers that guess passwords: each one waits after a failure, and none takes the processor from the others.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// What the first wrong password costs; each further one costs twice as much as the one before.
const FIRST: Duration = Duration::from_millis(500);

/// What a wrong password costs at most. Mail programs wait longer than this for an answer.
const LONGEST: Duration = Duration::from_secs(5);

/// After so long without a failure a peer begins anew.
const FORGIVEN: Duration = Duration::from_secs(15 * 60);

/// Peers remembered. Then the one that was heard of least lately is forgotten.
const PEERS: usize = 4_096;

/// Hashes that one peer may have under way; its other sessions wait for each other.
const HASHES: usize = 1;

/// What is remembered of all peers.
#[derive(Debug, Default)]
pub(crate) struct Peers(Mutex<HashMap<IpAddr, Peer>>);

#[derive(Debug)]
struct Peer {
    failures: u32,
    seen: Instant,
    hashing: Arc<Semaphore>,
}

impl Peers {
    /// Counts a failed login at `now`. Answers how long the peer has to wait for the next one; on this computer always the
    /// shortest time, for its people share one address.
    pub fn failed(&self, peer: IpAddr, now: Instant) -> Duration {
        let loopback = peer.to_canonical().is_loopback();
        self.with(peer, now, |peer| {
            peer.failures = peer.failures.saturating_add(1);
            let longest = if loopback { FIRST } else { LONGEST };
            // Beyond a few doublings it is the longest anyway.
            (FIRST * 2_u32.pow((peer.failures - 1).min(8))).min(longest)
        })
    }

    /// The peer's turn to have a password hashed.
    pub fn hashing(&self, peer: IpAddr, now: Instant) -> Arc<Semaphore> {
        self.with(peer, now, |peer| Arc::clone(&peer.hashing))
    }

    fn with<T>(&self, peer: IpAddr, now: Instant, work: impl FnOnce(&mut Peer) -> T) -> T {
        let mut peers = self.peers();
        let network = network(peer);
        if peers.len() >= PEERS && !peers.contains_key(&network) {
            let oldest = peers.iter().min_by_key(|(_, peer)| peer.seen).map(|(network, _)| *network);
            oldest.and_then(|oldest| peers.remove(&oldest));
        }
        let fresh = || Peer { failures: 0, seen: now, hashing: Arc::new(Semaphore::new(HASHES)) };
        let peer = peers.entry(network).or_insert_with(fresh);
        if now.saturating_duration_since(peer.seen) >= FORGIVEN {
            peer.failures = 0;
        }
        peer.seen = now;
        work(peer)
    }

    fn peers(&self) -> MutexGuard<'_, HashMap<IpAddr, Peer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom an address belongs to: in IPv6 one customer has a whole /64 (RFC 6177), and could otherwise be somebody new each time.
pub(crate) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(peers: &Peers, peer: &str, times: usize, now: Instant) -> Vec<u128> {
        (0..times).map(|_| peers.failed(peer.parse().unwrap(), now).as_millis()).collect()
    }

    #[test]
    fn a_peer_waits_longer_each_time_and_others_do_not() {
        let (peers, now) = (Peers::default(), Instant::now());
        assert_eq!(waits(&peers, "192.0.2.7", 6, now), [500, 1_000, 2_000, 4_000, 5_000, 5_000]);
        assert_eq!(waits(&peers, "192.0.2.8", 1, now), [500]);
        assert_eq!(waits(&peers, "::ffff:192.0.2.8", 1, now), [1_000]);
        assert_eq!(waits(&peers, "127.0.0.1", 3, now), [500, 500, 500]);
        assert_eq!(waits(&peers, "192.0.2.7", 100, now).last(), Some(&5_000));
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let (peers, now) = (Peers::default(), Instant::now());
        assert_eq!(waits(&peers, "2001:db8::1", 1, now), [500]);
        assert_eq!(waits(&peers, "2001:db8::ffff:2", 1, now), [1_000]);
        assert_eq!(waits(&peers, "2001:db8:0:1::1", 1, now), [500]);
    }

    #[test]
    fn who_fails_no_more_is_forgiven() {
        let (peers, now) = (Peers::default(), Instant::now());
        waits(&peers, "192.0.2.7", 4, now);
        assert_eq!(waits(&peers, "192.0.2.7", 1, now + FORGIVEN / 2), [5_000]);
        assert_eq!(waits(&peers, "192.0.2.7", 1, now + FORGIVEN / 2 + FORGIVEN), [500]);
    }

    #[test]
    fn no_more_peers_are_remembered_than_the_limit() {
        let (peers, now) = (Peers::default(), Instant::now());
        for n in 0..u32::try_from(PEERS).unwrap() + 10 {
            peers.failed(IpAddr::from(n.to_be_bytes()), now + Duration::from_millis(n.into()));
        }
        assert_eq!(peers.peers().len(), PEERS);
        let last = now + Duration::from_secs(5);
        assert_eq!(waits(&peers, "0.0.0.1", 1, last), [500]);
        assert_eq!(waits(&peers, "0.0.16.9", 1, last), [1_000]);
    }
}
