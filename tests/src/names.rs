//! A name server that fails in every way there is, by the first label of the name it is asked for.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// Octets of a message's header (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// Starts it, for as long as the test runs, and gives its address.
///
/// `nada.` exists without records, `falla.` is a SERVFAIL, `calla.` gets no answer, `corta.` is truncated and cannot be had over
/// TCP, `ajeno.` is REFUSED, and everything else does not exist.
pub fn failing() -> SocketAddr {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((octets, client)) = udp.recv_from(&mut buffer) {
            if let Some(answer) = answer(&buffer[..octets]) {
                udp.send_to(&answer, client).unwrap();
            }
        }
    });
    std::thread::spawn(move || {
        for mut stream in tcp.incoming().flatten() {
            // Whoever asks again over TCP is heard and gets nothing.
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.flush();
        }
    });
    address
}

fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let length = usize::from(*question.get(HEADER)?);
    let label = question.get(HEADER + 1..)?.get(..length)?.to_ascii_lowercase();
    let (rcode, truncated) = match label.as_slice() {
        b"calla" => return None,
        b"nada" => (0, false),
        b"corta" => (0, true),
        b"falla" => (2, false),
        b"ajeno" => (5, false),
        _ => (3, false),
    };
    // The name ends with an empty label; type and class follow.
    let end = HEADER + question[HEADER..].iter().position(|&octet| octet == 0)? + 5;
    let mut out = question.get(..end)?.to_vec();
    out[2] = 0x84 | (out[2] & 0x01) | if truncated { 0x02 } else { 0 };
    out[3] = 0x80 | rcode;
    // One question, no answer, no authority, nothing additional.
    out[4..HEADER].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
    Some(out)
}
