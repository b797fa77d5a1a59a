//! `postigo zone` and `postigo dns`.

use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;

use postigo_api::{
    Code, DnsOutcome, DnsQuestion, Error, Handler, Nothing, Zone, ZoneEdit, ZoneRecord, ZoneRef, ZoneText,
};

use crate::arguments::{DnsOptions, RecordOptions, ZoneCommand};
use crate::host::Host;
use crate::{exit, input, print};

/// The longest piece of a TXT record (RFC 1035 §3.3), in octets.
const MAX_PIECE: usize = 255;

/// Zones of the name server here.
pub(crate) async fn zone(data: &Path, command: ZoneCommand) -> Result<(), Error> {
    Host::ask(data, async |handler: &dyn Handler| ask_zone(handler, command).await).await
}

async fn ask_zone(handler: &dyn Handler, command: ZoneCommand) -> Result<(), Error> {
    match command {
        ZoneCommand::List(json) => {
            let zones = handler.zone_list(Nothing {}).await?;
            print::either(&zones, json, || {
                zones.iter().for_each(|z| {
                    println!("{:<40} serial {:<10} {} records", z.origin, z.serial, z.records);
                });
            });
        }
        ZoneCommand::Show { origin, json } => {
            let zone = handler.zone_get(ZoneRef { origin }).await?;
            print::either(&zone, json, || print!("{}", print::names::zone(&zone)));
        }
        ZoneCommand::Import { file, origin, json } => {
            let text = input::file(&file)?;
            let origin = match origin.or_else(|| said_origin(&text)) {
                Some(origin) => origin,
                None => {
                    let text = "The file does not say $ORIGIN: name the zone with --origin";
                    return Err(Error::new(Code::ZoneInvalid, text).with("detail", "$ORIGIN"));
                }
            };
            let zone = handler.zone_set(ZoneText { origin, text }).await?;
            print::either(&zone, json, || println!("{}", changed(&zone)));
        }
        ZoneCommand::Export { origin, json } => {
            let zone = handler.zone_get(ZoneRef { origin }).await?;
            print::either(&zone, json, || print!("{}", zone.text));
        }
        ZoneCommand::Add { origin, record, ttl } => {
            let edit = ZoneEdit { origin, record: self::record(record, ttl) };
            println!("{}", changed(&handler.zone_add(edit).await?));
        }
        ZoneCommand::Del { origin, name: Some(name), kind: Some(kind), value } => {
            let record = self::record(RecordOptions { name, kind, value }, None);
            println!("{}", changed(&handler.zone_remove(ZoneEdit { origin, record }).await?));
        }
        // Half a record never comes here: the definition of the arguments asks for all of it.
        ZoneCommand::Del { origin, .. } => {
            handler.zone_delete(ZoneRef { origin: origin.clone() }).await?;
            println!("{origin} deleted.");
        }
    }
    Ok(())
}

fn changed(zone: &Zone) -> String {
    format!("{}: {} records, serial {}.", zone.row.origin, zone.row.records, zone.row.serial)
}

/// What a zone file says first with `$ORIGIN` (RFC 1035 §5.1).
fn said_origin(text: &str) -> Option<String> {
    let said = text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|first| first.eq_ignore_ascii_case("$ORIGIN"))?;
        words.next()
    })?;
    Some(said.trim_end_matches('.').to_owned()).filter(|origin| !origin.is_empty())
}

fn record(typed: RecordOptions, ttl: Option<u32>) -> ZoneRecord {
    let value = typed.value.join(" ");
    let is_text = typed.kind.eq_ignore_ascii_case("TXT");
    let value = if is_text && !value.starts_with('"') { quoted(&value) } else { value };
    ZoneRecord { name: typed.name, ttl, kind: typed.kind, value }
}

/// The shell has taken the quotes away, and without them `v=DMARC1; p=none` ends at the semicolon and words lose what is
/// between them. Long texts come in pieces, which readers join (RFC 7208 §3.3).
fn quoted(text: &str) -> String {
    let mut pieces = vec![String::new()];
    let mut octets = 0;
    for letter in text.chars() {
        if octets + letter.len_utf8() > MAX_PIECE {
            pieces.push(String::new());
            octets = 0;
        }
        octets += letter.len_utf8();
        if let Some(piece) = pieces.last_mut() {
            if matches!(letter, '"' | '\\') {
                piece.push('\\');
            }
            piece.push(letter);
        }
    }
    let pieces: Vec<String> = pieces.iter().map(|piece| format!("\"{piece}\"")).collect();
    pieces.join(" ")
}

/// Asks a name server. The exit code says whether something was found.
pub(crate) async fn dns(data: &Path, options: DnsOptions) -> Result<ExitCode, Error> {
    let of_address = options.name.parse::<IpAddr>().is_ok();
    let kind = options.kind.unwrap_or_else(|| if of_address { "PTR" } else { "A" }.to_owned());
    let question = DnsQuestion { name: options.name, kind };
    let asked = async |handler: &dyn Handler| handler.dns_query(question).await;
    let answer = Host::ask(data, asked).await?;
    print::either(&answer, options.json, || print!("{}", print::names::answer(&answer)));
    Ok(exit::answered(answer.outcome == DnsOutcome::Found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::Parser;

    /// Deleting a zone for a record that was not typed to its end would be a dear mistake.
    #[test]
    fn a_whole_record_is_deleted_or_a_zone_but_nothing_between() {
        let typed = |line: &str| Arguments::try_parse_from(line.split(' ')).map(drop).map_err(|e| e.kind());
        let missing = Err(clap::error::ErrorKind::MissingRequiredArgument);
        for (line, expected) in [
            ("postigo zone del lab.test", Ok(())),
            ("postigo zone del lab.test mail", missing),
            ("postigo zone del lab.test mail A", missing),
            ("postigo zone del lab.test mail A 192.0.2.7", Ok(())),
            ("postigo zone del lab.test @ MX 10 mail", Ok(())),
        ] {
            assert_eq!(typed(line), expected, "{line}");
        }
    }

    #[test]
    fn the_origin_is_what_the_file_says_first() {
        let text = "; $ORIGIN not.this\n$TTL 60\n$ORIGIN lab.test. ; ours\n@ NS ns\n$ORIGIN sub.lab.test.\n";
        assert_eq!(said_origin(text).as_deref(), Some("lab.test"));
        assert_eq!(said_origin("@ A 192.0.2.1\n"), None);
        assert_eq!(said_origin("$ORIGIN .\n"), None);
    }

    #[test]
    fn texts_get_the_quotes_that_the_shell_took() {
        let typed = |kind: &str, value: &[&str]| {
            let value = value.iter().map(ToString::to_string).collect();
            record(RecordOptions { name: "@".into(), kind: kind.into(), value }, None).value
        };
        assert_eq!(typed("MX", &["10", "mail"]), "10 mail");
        assert_eq!(typed("txt", &["v=DMARC1; p=none"]), "\"v=DMARC1; p=none\"");
        assert_eq!(typed("TXT", &["\"a\" \"b\""]), "\"a\" \"b\"");
        assert_eq!(typed("TXT", &["say \"no\" \\"]), r#""say \"no\" \\""#);
        let long = "x".repeat(300);
        assert_eq!(typed("TXT", &[&long]), format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
    }
}
