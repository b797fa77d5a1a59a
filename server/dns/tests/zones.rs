//! Zone files: read, checked, written, kept in a folder.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::{LAB, REVERSE, name, zone};
use postigo_dns::{Code, Data, Kind, Record, Zone, ZoneFile, ZoneFolder};
use proptest::prelude::*;

/// What every zone needs, in two lines.
const HEAD: &str = "$ORIGIN lab.test.\n@ 60 SOA ns root 1 1h 1h 1w 60\n@ NS ns\n";

/// The faults of `HEAD` and these lines: `line id`.
fn faults(lines: &str) -> Vec<String> {
    let faults = Zone::parse(&format!("{HEAD}{lines}"), None).err().unwrap_or_default();
    faults
        .iter()
        .map(|fault| {
            format!("{} {}", fault.line.unwrap_or(0), fault.kind.id().trim_start_matches("dns.zone."))
        })
        .collect()
}

#[test]
fn a_zone_file_is_read_as_other_servers_read_it() {
    let zone = zone(LAB);
    assert_eq!((zone.origin.to_string().as_str(), zone.default_ttl), ("lab.test", 3600));
    assert_eq!(zone.soa().unwrap().serial, 2_026_112_401);
    assert_eq!(zone.soa().unwrap().expire, 604_800);
    let shown: Vec<_> = zone.records.iter().map(ToString::to_string).collect();
    assert_eq!(shown[1], "lab.test. 3600 IN NS ns.lab.test.");
    assert_eq!(shown[7], "mail.lab.test. 300 IN A 192.0.2.25");
    let tlsa = zone.find(&name("_25._tcp.mail.lab.test"), Kind::Tlsa).next().unwrap();
    let Data::Tlsa(tlsa) = &tlsa.data else { panic!() };
    assert_eq!(tlsa.data, (0..32).collect::<Vec<u8>>());
}

#[test]
fn what_is_written_is_read_back_the_same() {
    for text in [LAB, REVERSE] {
        let mut first = zone(text);
        first.records.push(Record::new(
            first.origin.with_label("long").unwrap(),
            7,
            Data::text(&"ñ\"\\;".repeat(200)),
        ));
        let written = first.to_zone_file();
        assert_eq!(zone(&written), first, "{written}");
    }
    let root = Zone::new(name("."), name("ns.test"));
    assert_eq!(zone(&root.to_zone_file()), root);
}

#[test]
fn owners_ttls_and_classes_are_inherited_and_in_any_order() {
    let text = "$ORIGIN test.\nlab IN 60 SOA ns.lab root.lab 1 1h 1h 1w 90\n\tNS ns.lab\n$TTL 5m\n$ORIGIN lab.test.\n\
        ns A 192.0.2.1\n 7 IN AAAA 2001:db8::1\na.b in 1w TXT plain \"quoted ; text\"\n";
    let shown: Vec<_> = zone(text).records.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown[1..],
        [
            "lab.test. 60 IN NS ns.lab.test.",
            "ns.lab.test. 300 IN A 192.0.2.1",
            "ns.lab.test. 7 IN AAAA 2001:db8::1",
            "a.b.lab.test. 604800 IN TXT \"plain\" \"quoted ; text\"",
        ]
    );
}

#[test]
fn faults_name_their_line_and_all_are_told() {
    let rows = [
        ("www A 192.0.2.256", "4 field"),
        ("www A", "4 missing"),
        ("www A 192.0.2.1 192.0.2.2", "4 extra"),
        ("www AX 192.0.2.1", "4 type"),
        ("www TYPE65 x", "4 kind_not_supported"),
        ("www CH TXT x", "4 class"),
        ("www 99999999999 A 192.0.2.1", "4 ttl_too_long"),
        ("www 5x A 192.0.2.1", "4 field"),
        ("www", "4 no_record"),
        ("a..b A 192.0.2.1", "4 name"),
        ("$INCLUDE /etc/passwd", "4 directive"),
        ("$GENERATE 1-9 h$ A 192.0.2.1", "4 directive"),
        ("www TXT \"open", "4 unclosed_quote"),
        ("\n\nwww TXT (\n\"x\"", "6 unclosed_parenthesis"),
        ("www TXT \"\\999\"", "4 field"),
        ("@ MX 70000 mail", "4 field"),
        ("_25._tcp TLSA 3 1 1 abc", "4 field"),
        ("_25._tcp TLSA 3 1 1 abcd", "4 digest_length"),
        ("_25._tcp TLSA 4 1 1 abcd", "4 tlsa_number"),
        ("@ CAA 0 is-sue \"x\"", "4 caa_tag"),
        ("www.other.test. A 192.0.2.1", "4 outside"),
        ("www CNAME ns\nwww A 192.0.2.1", "4 alias_beside_others"),
        ("www CNAME ns\nwww CNAME mail", "4 alias_beside_others|5 alias_beside_others"),
        ("@ CNAME www", "4 alias_beside_others"),
        ("@ MX 10 192.0.2.1", "4 address_for_name"),
        ("@ MX 10 192.0.2.1.", "4 address_for_name"),
        ("sub NS 192.0.2.1.", "4 address_for_name"),
        ("www CNAME 192.0.2.1", "4 address_for_name"),
        ("@ MX 10 www\nwww CNAME ns", "4 target_is_alias"),
        ("@ MX 0 .\n@ MX 10 mail", "4 null_mx_beside_others"),
        ("www A 192.0.2.1\nWWW A 192.0.2.1", "5 duplicate"),
        ("www 60 A 192.0.2.1\nwww 61 A 192.0.2.2", "5 mixed_ttl"),
        ("@ SOA ns root 2 1h 1h 1w 60", "4 second_soa"),
        ("sub SOA ns root 2 1h 1h 1w 60", "4 soa_below"),
        ("a A x\nb A 192.0.2.1\nc A y", "4 field|6 field"),
    ];
    for (lines, expected) in rows {
        assert_eq!(faults(lines).join("|"), expected, "{lines}");
    }
    assert_eq!(faults(&format!("www TXT \"{}\"", "x".repeat(256))), ["4 string_too_long"]);
    assert_eq!(faults(&"x A y\n".repeat(1000)).len(), 100);
}

#[test]
fn a_fault_is_told_in_words() {
    let text = format!("{HEAD}@ MX 10 www\nwww CNAME ns\n");
    let fault = Zone::parse(&text, None).unwrap_err().remove(0);
    assert_eq!(
        fault.to_string(),
        "line 4, @ MX 10 www: www.lab.test is an alias, where a name with addresses belongs"
    );
    assert_eq!(fault.kind.detail().as_deref(), Some("www.lab.test"));
}

#[test]
fn a_file_needs_its_top_and_has_the_expected_name() {
    let id = |text: &str, origin: Option<&str>| {
        let origin = origin.map(name);
        Zone::parse(text, origin.as_ref()).unwrap_err().remove(0).kind.id()
    };
    assert_eq!(id("", None), "dns.zone.no_soa");
    assert_eq!(id("www.lab.test. 60 A 192.0.2.1", None), "dns.zone.no_soa");
    assert_eq!(id("www 60 A 192.0.2.1", None), "dns.zone.no_origin");
    assert_eq!(id("www A 192.0.2.1", Some("lab.test")), "dns.zone.missing");
    assert_eq!(id(" A 192.0.2.1", Some("lab.test")), "dns.zone.no_owner");
    assert_eq!(id("@ 60 SOA ns root 1 1 1 1 1", Some("lab.test")), "dns.zone.no_ns");
    assert_eq!(id(HEAD, Some("other.test")), "dns.zone.other_zone");
    assert!(Zone::parse(HEAD, Some(&name("lab.test"))).is_ok());
}

#[test]
fn a_folder_keeps_zones_and_tells_which_files_are_broken() {
    let parent = tempfile::tempdir().unwrap();
    let folder = ZoneFolder::new(parent.path().join("dns"));
    assert_eq!(folder.load().unwrap(), []);
    let (lab, reverse, root) = (zone(LAB), zone(REVERSE), Zone::new(name("."), name("ns.test")));
    for zone in [&lab, &reverse, &root] {
        folder.save(zone).unwrap();
    }
    fs::write(parent.path().join("dns/bad.test.zone"), "nonsense").unwrap();
    fs::write(parent.path().join("dns/latin.test.zone"), b"; a\n; a\xf1o\n").unwrap();
    fs::write(parent.path().join("dns/notes.txt"), "nothing of ours").unwrap();
    fs::write(parent.path().join("dns/LAB.test.zone"), LAB).unwrap();
    let loaded = folder.load().unwrap();
    let good: Vec<_> = loaded.iter().filter_map(|file| file.zone.as_ref().ok()).collect();
    assert_eq!(good, [&root, &reverse, &lab]);
    let first = |file: &ZoneFile| Some(format!("{}: {}", file.origin, file.zone.as_ref().err()?.first()?));
    let bad: Vec<_> = loaded.iter().filter_map(first).collect();
    assert_eq!(
        bad,
        ["bad.test: line 1: there is no record", "latin.test: line 2: the file is not text in UTF-8"]
    );

    folder.delete(&lab.origin).unwrap();
    assert_eq!(folder.delete(&lab.origin).unwrap_err().code(), Code::ZoneUnknown);
    assert_eq!(folder.load().unwrap().len(), 4);
}

#[cfg(unix)]
#[test]
fn a_saved_zone_is_for_its_owner_only_and_replaced_whole() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = ZoneFolder::new(parent.path());
    let mut lab = zone(LAB);
    folder.save(&lab).unwrap();
    lab.bump_serial();
    folder.save(&lab).unwrap();
    let files: Vec<_> = fs::read_dir(parent.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.load().unwrap()[0].zone.as_ref().unwrap().soa().unwrap().serial, 2_026_112_402);
}

#[test]
fn no_zone_leads_out_of_the_folder_and_none_with_faults_is_saved() {
    let parent = tempfile::tempdir().unwrap();
    let folder = ZoneFolder::new(parent.path().join("dns"));
    for bad in ["..\\/..\\/etc.test", "a/b.test", "a\\000b.test", "\\..test", "ñ\\032.test"] {
        let Ok(origin) = postigo_dns::Name::parse(bad) else { continue };
        let zone = Zone::new(origin.clone(), name("ns.test"));
        assert_eq!(folder.save(&zone).unwrap_err().code(), Code::BadZoneName, "{bad}");
        assert_eq!(folder.delete(&origin).unwrap_err().code(), Code::BadZoneName, "{bad}");
    }
    let mut faulty = zone(LAB);
    faulty.records.remove(0);
    let error = folder.save(&faulty).unwrap_err();
    assert_eq!(error.code(), Code::BadZone);
    assert!(!parent.path().join("dns").exists());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[ -~ñ\n\t]{0,200}") {
        let _ = Zone::parse(&text, Some(&name("lab.test")));
        let _ = Zone::parse(&format!("{HEAD}{text}"), None);
    }

    #[test]
    fn every_text_survives_the_file(strings in proptest::collection::vec(proptest::collection::vec(0u8.., 0..255), 1..4)) {
        let mut zone = zone(HEAD);
        zone.records.push(Record::new(name("x.lab.test"), 60, Data::Txt(strings)));
        prop_assert_eq!(Zone::parse(&zone.to_zone_file(), None), Ok(zone));
    }
}
