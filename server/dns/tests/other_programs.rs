//! Debian's dig, kdig and delv ask our authority; our resolver asks Debian's nsd, which serves a zone file that we wrote.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{LAB, REVERSE, authority, name, zone};
use postigo_dns::{
    Answer, Kind, MailHosts, Question, Resolver, Reverse, Servers, Transport, Zone, ZoneFolder,
};

/// A zone with an answer too long for a datagram, beside that of the classroom.
fn long_zone() -> Zone {
    let mut zone = Zone::new(name("long.test"), name("ns.lab.test"));
    for number in 0..60 {
        let line = format!("@ TXT \"number {number} {}\"", "x".repeat(40));
        zone.records.push(zone.parse_record(&line).unwrap());
    }
    zone
}

/// What a program prints. Run aside, so that the authority in this process can answer it.
async fn run(program: &'static str, arguments: Vec<String>) -> String {
    let output = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|e| panic!("{program}: {e}"))
    })
    .await
    .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn ask(program: &'static str, server: SocketAddr, arguments: &str) -> String {
    let mut all = vec![format!("@{}", server.ip()), "-p".into(), server.port().to_string()];
    all.extend(arguments.split(' ').map(str::to_owned));
    run(program, all).await
}

/// The lines, in order of the alphabet: servers may order records as they like.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn dig_reads_every_type_of_record() {
    let authority = authority().await;
    let rows = [
        ("lab.test SOA", "ns.lab.test. hostmaster.lab.test. 2026112401 3600 900 604800 300"),
        ("lab.test NS", "ns.lab.test."),
        ("lab.test MX", "10 mail.lab.test.\n20 backup.other.test."),
        ("lab.test TXT", "\"v=spf1 mx -all\""),
        ("lab.test CAA", "0 issue \"ca.test\""),
        ("mail.lab.test A", "192.0.2.25"),
        ("mail.lab.test AAAA", "2001:db8::25"),
        ("www.lab.test A", "192.0.2.25\nmail.lab.test."),
        ("silent.lab.test TXT", "\"one \" \"two\""),
        ("nomail.lab.test MX", "0 ."),
        ("_submissions._tcp.lab.test SRV", "10 5 465 mail.lab.test.\n20 5 465 backup.other.test."),
        (
            "_25._tcp.mail.lab.test TLSA",
            "3 1 1 000102030405060708090A0B0C0D0E0F101112131415161718191A1B 1C1D1E1F",
        ),
        ("-x 192.0.2.25", "mail.lab.test."),
        ("ana.people.lab.test MX", "10 mail.lab.test."),
    ];
    for (question, expected) in rows {
        for transport in ["+notcp", "+tcp"] {
            let printed = ask("dig", authority.local_addr(), &format!("+short {transport} {question}")).await;
            assert_eq!(sorted(&printed), sorted(expected), "{question} {transport}");
        }
    }
}

#[tokio::test]
async fn dig_and_kdig_see_codes_flags_and_the_soa() {
    let authority = authority().await;
    let server = authority.local_addr();
    let soa = "SOA\tns.lab.test. hostmaster.lab.test. 2026112401 3600 900 604800 300";
    let nothing = ask("dig", server, "nobody.lab.test A").await;
    assert!(nothing.contains("status: NXDOMAIN") && nothing.contains("flags: qr aa rd;"), "{nothing}");
    assert!(nothing.contains(&format!("lab.test.\t\t300\tIN\t{soa}")), "{nothing}");
    let no_data = ask("dig", server, "mail.lab.test TXT").await;
    assert!(no_data.contains("status: NOERROR") && no_data.contains("ANSWER: 0, AUTHORITY: 1"), "{no_data}");
    let refused = ask("dig", server, "example.com A").await;
    assert!(refused.contains("status: REFUSED"), "{refused}");
    let transfer = ask("dig", server, "lab.test AXFR").await;
    assert!(transfer.contains("Transfer failed"), "{transfer}");
    let old = ask("dig", server, "+noedns lab.test MX").await;
    assert!(!old.contains("OPT PSEUDOSECTION") && old.contains("ANSWER: 2"), "{old}");
    let kdig = ask("kdig", server, "nobody.lab.test A").await;
    assert!(kdig.contains("status: NXDOMAIN") && kdig.contains("Flags: qr aa rd;"), "{kdig}");
    let kdig = ask("kdig", server, "+edns +bufsize=4096 lab.test MX").await;
    assert!(kdig.contains("UDP size: 1232 B") && kdig.contains("ANSWER: 2"), "{kdig}");
    assert!(!kdig.contains("WARNING"), "{kdig}");
    let delv = ask("delv", server, "-i +short mail.lab.test A").await;
    assert_eq!(delv.trim(), "192.0.2.25");
}

#[tokio::test]
async fn dig_gets_a_long_answer_over_tcp() {
    let authority = authority().await;
    authority.replace(vec![long_zone()]).unwrap();
    let cut = ask("dig", authority.local_addr(), "+ignore long.test TXT").await;
    assert!(cut.contains("flags: qr aa tc rd;"), "{cut}");
    let whole = ask("dig", authority.local_addr(), "+short long.test TXT").await;
    assert_eq!(whole.lines().filter(|line| line.starts_with("\"number")).count(), 60, "{whole}");
}

/// An nsd of its own, killed when the test ends.
struct Nsd {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Nsd {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Nsd {
    async fn start(zones: &[Zone]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = ZoneFolder::new(folder.path().join("zones"));
        for zone in zones {
            files.save(zone).unwrap();
        }
        let address = free_port();
        let config = folder.path().join("nsd.conf");
        fs::write(&config, configuration(folder.path(), address, zones)).unwrap();
        let log = fs::File::create(folder.path().join("output")).unwrap();
        let process = Command::new("/usr/sbin/nsd")
            .args(["-d", "-c"])
            .arg(&config)
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nsd is installed");
        let mut nsd = Self { process, address, _folder: folder };
        let start = Instant::now();
        while !ask("dig", address, "+short +time=1 +tries=1 version.server CH TXT").await.contains("NSD") {
            let output = fs::read_to_string(nsd._folder.path().join("output")).unwrap();
            assert!(nsd.process.try_wait().unwrap().is_none(), "nsd ended: {output}");
            assert!(start.elapsed() < Duration::from_secs(20), "nsd does not answer: {output}");
        }
        nsd
    }

    fn resolver(&self) -> Resolver {
        Resolver::new(Servers::new(vec![self.address]).unwrap())
    }
}

/// A port that is free for UDP and TCP, for nsd cannot choose one.
fn free_port() -> SocketAddr {
    for _ in 0..16 {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no free port");
}

fn configuration(folder: &Path, address: SocketAddr, zones: &[Zone]) -> String {
    let folder = folder.display();
    let mut text = format!(
        "server:\n ip-address: 127.0.0.1@{}\n server-count: 1\n username: \"\"\n chroot: \"\"\n zonesdir: \"{folder}/zones\"\n \
         pidfile: \"\"\n xfrdfile: \"\"\n xfrdir: \"{folder}\"\n zonelistfile: \"{folder}/zone.list\"\n database: \"\"\n \
         rrl-ratelimit: 0\nremote-control:\n control-enable: no\n",
        address.port()
    );
    for zone in zones {
        text += &format!("zone:\n name: \"{0}\"\n zonefile: \"{0}.zone\"\n", zone.origin);
    }
    text
}

#[tokio::test]
async fn our_zone_files_please_nsd_and_its_answers_please_our_resolver() {
    let nsd = Nsd::start(&[zone(LAB), zone(REVERSE), long_zone()]).await;
    let resolver = nsd.resolver();
    let traced = resolver.mail_hosts(&name("lab.test")).await;
    let MailHosts::Hosts(hosts) = &traced.value else { panic!("{traced:?}") };
    assert_eq!((hosts.len(), hosts[0].name.to_string().as_str()), (2, "mail.lab.test"));
    assert_eq!((traced.lookups[0].authoritative, traced.lookups[0].server), (true, Some(nsd.address)));
    let rows = [
        ("nomail.lab.test", MailHosts::Null),
        ("mail.lab.test", MailHosts::Implicit),
        ("nobody.lab.test", MailHosts::NoDomain),
        ("example.com", MailHosts::Failed),
    ];
    for (domain, value) in rows {
        assert_eq!(resolver.mail_hosts(&name(domain)).await.value, value, "{domain}");
    }
    let confirmed = resolver.reverse("192.0.2.25".parse().unwrap()).await.value;
    assert_eq!(confirmed, Reverse::Confirmed(name("mail.lab.test")));
    let traced = resolver.addresses(&name("www.lab.test")).await;
    assert_eq!(traced.value.found().map(Vec::len), Some(2));
    assert_eq!(traced.lookups[0].aliases.len(), 1);
    let tlsa = resolver.tlsa(25, &name("mail.lab.test")).await.unwrap();
    assert_eq!(tlsa.value.found().unwrap()[0].data, (0..32).collect::<Vec<u8>>());
    let text = resolver.text(&name("silent.lab.test")).await.value;
    assert_eq!(text, Answer::Found(vec![b"one two".to_vec()]));
    // Negative answers are kept for as long as the SOA says.
    let question = Question::new(name("nobody.lab.test"), Kind::Mx);
    let again = resolver.lookup(question).await;
    assert!(again.from_cache && again.ttl.is_some_and(|ttl| (290..=300).contains(&ttl)), "{again:?}");
}

#[tokio::test]
async fn a_long_answer_of_nsd_comes_over_tcp() {
    let nsd = Nsd::start(&[long_zone()]).await;
    let lookup = nsd.resolver().lookup(Question::new(name("long.test"), Kind::Txt)).await;
    assert_eq!(lookup.outcome.records().len(), 60, "{lookup:?}");
    let transports: Vec<_> = lookup.attempts.iter().map(|attempt| attempt.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
}

#[tokio::test]
async fn our_authority_answers_as_nsd_does() {
    // A third zone with what servers disagree on most: wildcards, cuts, names between names, aliases to nowhere.
    let mut hard = Zone::new(name("hard.test"), name("ns.hard.test"));
    for line in [
        "ns A 192.0.2.53",
        "*.wild A 192.0.2.1",
        "below.exists.wild TXT x",
        "sub NS ns.sub",
        "ns.sub A 192.0.2.54",
        "hidden.sub A 192.0.2.55",
        "gone CNAME missing",
        "far CNAME host.example.com.",
        "one CNAME two",
        "two CNAME three.wild",
        "*.alias CNAME ns",
    ] {
        hard.records.push(hard.parse_record(line).unwrap());
    }
    hard.check().unwrap();
    let zones = [zone(LAB), hard];
    let nsd = Nsd::start(&zones).await;
    let authority = authority().await;
    authority.replace(zones.to_vec()).unwrap();
    let names = [
        "hard",
        "ns.hard",
        "wild.hard",
        "x.wild.hard",
        "x.y.wild.hard",
        "exists.wild.hard",
        "x.exists.wild.hard",
        "below.exists.wild.hard",
        "sub.hard",
        "hidden.sub.hard",
        "x.sub.hard",
        "gone.hard",
        "far.hard",
        "one.hard",
        "x.alias.hard",
        "nobody.hard",
        "lab",
        "mail.lab",
        "www.lab",
        "_tcp.lab",
        "loop1.lab",
        "x.people.lab",
    ];
    for owner in names {
        for kind in ["A", "MX", "NS", "SOA", "TXT"] {
            let question = format!("+noall +comments +answer +authority +noedns {owner}.test {kind}");
            let ours = summary(&ask("dig", authority.local_addr(), &question).await);
            let theirs = summary(&ask("dig", nsd.address, &question).await);
            assert!(ours.contains("aa: "), "{ours}");
            assert_eq!(ours, theirs, "{owner} {kind}");
        }
    }
}

/// Code, AA and records, in order of the alphabet. The NS records that nsd adds to positive answers are nobody's need (RFC 1034 §4.3.2
/// asks for them nowhere), so they are left out on both sides; SOA and referrals stay.
fn summary(printed: &str) -> String {
    let positive = printed.contains("ANSWER SECTION");
    let mut authority = false;
    let mut lines = Vec::new();
    for line in printed.lines() {
        authority |= line.contains("AUTHORITY SECTION");
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            [.., code, "id:", _] if line.contains("status:") => lines.push((*code).to_owned()),
            [";;", "flags:", ..] => {
                lines.push(format!("aa: {}", words.contains(&"aa") || words.contains(&"aa;")))
            }
            [_, _, "IN", "NS", _] if positive && authority => {}
            [_, _, "IN", ..] => lines.push(words.join(" ")),
            _ => {}
        }
    }
    lines.sort_unstable();
    lines.join("\n")
}
