//! Which program has a port. Linux tells through `/proc`; elsewhere nobody is named.
//!
//! Without administrator rights the processes of other users keep their open files to themselves, so a holder is often
//! known to exist but not by name.

use std::net::IpAddr;

/// The program that holds a port, as far as the system tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) program: Option<String>,
    pub(super) pid: Option<u32>,
}

#[cfg(target_os = "linux")]
pub(super) fn of(listen: IpAddr, port: u16) -> Holder {
    linux::find(std::path::Path::new("/proc"), listen, port).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn of(_listen: IpAddr, _port: u16) -> Holder {
    Holder::default()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::path::Path;

    use super::Holder;

    /// State "listen" in the kernel's tables (`TCP_LISTEN`).
    const LISTEN: &str = "0A";

    /// A listening socket of the tables `/proc/net/tcp` and `/proc/net/tcp6`.
    #[derive(Debug, PartialEq, Eq)]
    struct Listening {
        address: IpAddr,
        port: u16,
        inode: u64,
    }

    pub(super) fn find(proc: &Path, listen: IpAddr, port: u16) -> Option<Holder> {
        let tables =
            ["net/tcp", "net/tcp6"].map(|table| fs::read_to_string(proc.join(table)).unwrap_or_default());
        let socket = tables
            .iter()
            .flat_map(|table| table.lines())
            .filter_map(listening)
            .find(|socket| socket.port == port && collide(socket.address, listen))?;
        let pid = owner(proc, socket.inode)?;
        Some(Holder { program: program(proc, pid), pid: Some(pid) })
    }

    /// One line: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...`, addresses in hexadecimal.
    fn listening(line: &str) -> Option<Listening> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, local, _, LISTEN, _, _, _, _, _, inode, ..] = fields.as_slice() else { return None };
        let (address, port) = local.split_once(':')?;
        Some(Listening {
            address: parse_address(address)?,
            port: u16::from_str_radix(port, 16).ok()?,
            inode: inode.parse().ok()?,
        })
    }

    /// The kernel prints each four octets of an address as one number in this machine's byte order.
    fn parse_address(hex: &str) -> Option<IpAddr> {
        let word = |at: usize| {
            let digits = hex.get(at * 8..at * 8 + 8)?;
            Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
        };
        match hex.len() {
            8 => Some(Ipv4Addr::from(word(0)?).into()),
            32 => {
                let words = [word(0)?, word(1)?, word(2)?, word(3)?];
                let octets: [u8; 16] = words.concat().try_into().ok()?;
                Some(Ipv6Addr::from(octets).to_canonical())
            }
            _ => None,
        }
    }

    /// Whether two listeners on the same port are in each other's way. The unspecified IPv6 address covers IPv4 as well.
    fn collide(one: IpAddr, other: IpAddr) -> bool {
        let covers =
            |wide: IpAddr, narrow: IpAddr| wide.is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4());
        one == other || covers(one, other) || covers(other, one)
    }

    /// The process with this socket among its open files. Several processes share it when a server forks; the oldest,
    /// which has the lowest number, is the one to name.
    fn owner(proc: &Path, inode: u64) -> Option<u32> {
        let link = format!("socket:[{inode}]");
        let has_it = |pid: &u32| {
            let files = fs::read_dir(proc.join(pid.to_string()).join("fd")).into_iter().flatten().flatten();
            files
                .map(|file| fs::read_link(file.path()))
                .any(|to| to.is_ok_and(|to| to.as_os_str() == link.as_str()))
        };
        fs::read_dir(proc)
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(has_it)
            .min()
    }

    fn program(proc: &Path, pid: u32) -> Option<String> {
        let folder = proc.join(pid.to_string());
        let name = fs::read_to_string(folder.join("comm")).ok()?.trim_end().to_owned();
        // Postfix calls the process that opens its ports "master", which tells a reader nothing.
        let command = fs::read_to_string(folder.join("cmdline")).unwrap_or_default();
        Some(if name == "master" && command.contains("postfix") { "postfix".to_owned() } else { name })
    }

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        #[test]
        fn our_own_listener_is_found_with_name_and_process() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let holder = find(Path::new("/proc"), [127, 0, 0, 1].into(), port).unwrap();
            assert_eq!(holder.pid, Some(std::process::id()));
            let comm = fs::read_to_string("/proc/self/comm").unwrap();
            assert_eq!(holder.program.as_deref(), Some(comm.trim_end()));
            drop(listener);
            assert_eq!(find(Path::new("/proc"), [127, 0, 0, 1].into(), port), None);
        }

        #[test]
        fn a_line_of_the_table_is_read() {
            let line = "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000   107        0 21713 1 0000";
            // The sample was printed by a little-endian kernel.
            #[cfg(target_endian = "little")]
            assert_eq!(
                listening(line),
                Some(Listening { address: [127, 0, 0, 1].into(), port: 25, inode: 21713 })
            );
            assert_eq!(listening(&line.replace(" 0A ", " 01 ")), None);
            assert_eq!(listening("  sl  local_address rem_address   st tx_queue rx_queue"), None);
            assert_eq!(listening(""), None);
            assert_eq!(listening(&line.replace("0100007F", "01é007F")), None);
        }

        #[test]
        fn listeners_collide_where_their_addresses_overlap() {
            let address = |text: &str| text.parse::<IpAddr>().unwrap();
            let rows = [
                ("127.0.0.1", "127.0.0.1", true),
                ("127.0.0.1", "127.0.0.2", false),
                ("0.0.0.0", "127.0.0.1", true),
                ("::", "127.0.0.1", true),
                ("::", "::1", true),
                ("0.0.0.0", "::1", false),
            ];
            for (one, other, expected) in rows {
                assert_eq!(collide(address(one), address(other)), expected, "{one} {other}");
                assert_eq!(collide(address(other), address(one)), expected, "{other} {one}");
            }
        }

        #[test]
        fn postfix_is_called_by_its_name_and_the_first_process_is_named() {
            let proc = tempfile::tempdir().unwrap();
            let at = |path: &str| proc.path().join(path);
            let table = "  sl\n 0: 00000000:0019 00000000:0000 0A 0:0 00:0 0 0 0 77 1\n";
            for pid in ["930", "812"] {
                fs::create_dir_all(at(&format!("{pid}/fd"))).unwrap();
                std::os::unix::fs::symlink("socket:[77]", at(&format!("{pid}/fd/13"))).unwrap();
                fs::write(at(&format!("{pid}/comm")), if pid == "812" { "master\n" } else { "smtpd\n" })
                    .unwrap();
            }
            fs::write(at("812/cmdline"), "/usr/lib/postfix/sbin/master\0-w\0").unwrap();
            fs::create_dir(at("net")).unwrap();
            fs::write(at("net/tcp"), table).unwrap();
            let holder = find(proc.path(), [127, 0, 0, 1].into(), 25);
            assert_eq!(holder, Some(Holder { program: Some("postfix".to_owned()), pid: Some(812) }));
            assert_eq!(find(proc.path(), [127, 0, 0, 1].into(), 26), None);
        }
    }
}
