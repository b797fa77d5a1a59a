//! Addresses of loopback that nobody else uses, so that each server of a test has the ports it has in life: mail goes by MX
//! to port 25 and nowhere else, and the system's resolver asks port 53.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};

/// The ports a server of a test may listen on.
const PORTS: [u16; 7] = [25, 53, 143, 465, 587, 993, 2525];

/// An address of 127.0.0.0/8 with the ports of mail and names free. Tests of one process never get the same; other
/// processes are told apart by their process id, and what is taken all the same is passed over.
#[track_caller]
pub fn address() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..500 {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let [_, _, high, low] = std::process::id().wrapping_mul(61).wrapping_add(n).to_be_bytes();
        // 127.0.0.x is left to whoever writes addresses down.
        let address = Ipv4Addr::new(127, 64 + high % 64, low, 10 + (n % 200) as u8);
        if is_free(address) {
            return address;
        }
    }
    panic!("no address of loopback whose ports {PORTS:?} can be had: these tests need root");
}

fn is_free(address: Ipv4Addr) -> bool {
    PORTS.iter().all(|&port| TcpListener::bind((address, port)).is_ok())
        && UdpSocket::bind((address, 53)).is_ok()
}
