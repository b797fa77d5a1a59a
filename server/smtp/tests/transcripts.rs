//! Whole dialogues, one in each file of `transcripts/`.

mod common;

use std::fs;
use std::path::Path;

fn play(name: &str) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(name).with_extension("txt");
    common::check(&fs::read_to_string(path).expect("the transcript is there"));
}

#[test]
fn a_message_from_another_server() {
    play("mta_message");
}

#[test]
fn a_pipelined_message() {
    play("mta_pipelined");
}

#[test]
fn submission_over_starttls_with_plain() {
    play("submission_starttls_plain");
}

#[test]
fn submission_over_implicit_tls_with_login() {
    play("submission_implicit_tls_login");
}

#[test]
fn submission_with_scram_sha_256() {
    play("submission_scram");
}

#[test]
fn what_a_submission_client_must_do_first() {
    play("submission_order");
}

#[test]
fn what_the_log_is_told() {
    play("notes");
}

/// A transcript that no test plays would rot.
#[test]
fn every_transcript_is_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let source = include_str!("transcripts.rs");
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        assert!(source.contains(&format!("play(\"{name}\")")), "{name} is not played");
    }
}
