//! The rules of the service extensions, one file for each RFC.

mod common;
#[path = "extensions/rfc1985.rs"]
mod rfc1985;
#[path = "extensions/rfc3030.rs"]
mod rfc3030;
#[path = "extensions/rfc3461.rs"]
mod rfc3461;
#[path = "extensions/rfc4865.rs"]
mod rfc4865;
#[path = "extensions/rfc6531.rs"]
mod rfc6531;
#[path = "extensions/rfc8689.rs"]
mod rfc8689;
#[path = "extensions/rfc9422.rs"]
mod rfc9422;
#[path = "extensions/xclient.rs"]
mod xclient;

/// Plays a dialogue that begins after the greeting and `HELO x`.
fn after_hello(settings: &str, dialogue: &str) {
    common::check(&format!(
        "! {settings}\nS: 220 mail.lab.test ESMTP Postigo\nC: HELO x\nS: 250 mail.lab.test\n{dialogue}"
    ));
}

/// Plays a dialogue that begins within a transaction with one recipient; `parameters` are those of MAIL, and `asked` is what
/// the driver is asked of them.
fn in_transaction(settings: &str, parameters: &str, asked: &str, dialogue: &str) {
    after_hello(
        settings,
        &format!(
            "C: MAIL FROM:<a@x.test>{parameters}\n? sender <a@x.test>{asked} -> accept\nS: 250 2.1.0 Ok\n\
             C: RCPT TO:<luis@lab.test>\n? recipient <luis@lab.test> -> accept\nS: 250 2.1.5 Ok\n{dialogue}"
        ),
    );
}
