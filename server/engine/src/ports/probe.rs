//! Trying a port as the listener will.

use std::io;
use std::net::{IpAddr, TcpListener};

use super::holder::{self, Holder};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Probe {
    /// It can be had.
    Free,
    /// The system gives it to administrators only.
    NeedsPrivilege,
    /// Another socket has it.
    Held(Holder),
    /// The address is not one of this machine.
    AddressNotHere,
}

/// Opens a listener and closes it at once. The standard library sets the same options as the runtime's listener
/// (`SO_REUSEADDR` on Unix), so both get the same answer. Only `listen` finds a holder that used the option too, so it
/// is part of the trial.
pub(super) fn probe(listen: IpAddr, port: u16) -> Probe {
    match TcpListener::bind((listen, port)) {
        Ok(_) => Probe::Free,
        Err(error) => match obstacle(&error) {
            Some(Obstacle::Privilege) => Probe::NeedsPrivilege,
            Some(Obstacle::Address) => Probe::AddressNotHere,
            Some(Obstacle::Holder) => Probe::Held(holder::of(listen, port)),
            // Out of file descriptors, say. That tells nothing about the port: let the listener try, and report what it meets.
            None => Probe::Free,
        },
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Obstacle {
    Privilege,
    Address,
    Holder,
}

fn obstacle(error: &io::Error) -> Option<Obstacle> {
    match error.kind() {
        io::ErrorKind::AddrInUse => Some(Obstacle::Holder),
        // Windows has no privileged ports. There this error means that the port is reserved or held exclusively.
        io::ErrorKind::PermissionDenied if cfg!(windows) => Some(Obstacle::Holder),
        io::ErrorKind::PermissionDenied => Some(Obstacle::Privilege),
        io::ErrorKind::AddrNotAvailable => Some(Obstacle::Address),
        // A machine without IPv6 has no IPv6 address.
        _ if error.raw_os_error() == Some(NO_SUCH_FAMILY) => Some(Obstacle::Address),
        _ => None,
    }
}

/// `EAFNOSUPPORT`, which has no [`io::ErrorKind`].
const NO_SUCH_FAMILY: i32 = if cfg!(windows) {
    10_047
} else if cfg!(target_os = "linux") {
    97
} else {
    47
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_free_and_stays_free() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(probe(address, port), Probe::Free);
        assert_eq!(probe(address, port), Probe::Free);
    }

    #[test]
    fn a_holder_on_every_address_holds_loopback_too() {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(matches!(probe([127, 0, 0, 1].into(), port), Probe::Held(_)));
    }

    #[test]
    fn an_address_of_nobody_here_is_said_to_be_so() {
        // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
        assert_eq!(probe([192, 0, 2, 1].into(), 2525), Probe::AddressNotHere);
    }

    #[test]
    fn each_error_of_the_system_has_its_meaning() {
        let of = |kind: io::ErrorKind| obstacle(&kind.into());
        assert_eq!(of(io::ErrorKind::AddrInUse), Some(Obstacle::Holder));
        assert_eq!(of(io::ErrorKind::AddrNotAvailable), Some(Obstacle::Address));
        let denied = if cfg!(windows) { Obstacle::Holder } else { Obstacle::Privilege };
        assert_eq!(of(io::ErrorKind::PermissionDenied), Some(denied));
        assert_eq!(obstacle(&io::Error::from_raw_os_error(NO_SUCH_FAMILY)), Some(Obstacle::Address));
        assert_eq!(of(io::ErrorKind::OutOfMemory), None);
    }
}
