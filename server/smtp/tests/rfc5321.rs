//! The rules of RFC 5321 that the session enforces, by section.

mod common;
#[path = "rfc5321/section_2_3_8.rs"]
mod section_2_3_8;
#[path = "rfc5321/section_3_8.rs"]
mod section_3_8;
#[path = "rfc5321/section_4_1_1.rs"]
mod section_4_1_1;
#[path = "rfc5321/section_4_1_4.rs"]
mod section_4_1_4;
#[path = "rfc5321/section_4_5_2.rs"]
mod section_4_5_2;
#[path = "rfc5321/section_4_5_3.rs"]
mod section_4_5_3;

/// Plays a dialogue that begins after the greeting and `HELO x`.
fn after_hello(settings: &str, dialogue: &str) {
    common::check(&format!(
        "! {settings}\nS: 220 mail.lab.test ESMTP Postigo\nC: HELO x\nS: 250 mail.lab.test\n{dialogue}"
    ));
}

/// Plays a dialogue that begins within a transaction with one recipient.
fn in_transaction(settings: &str, dialogue: &str) {
    after_hello(
        settings,
        &format!(
            "C: MAIL FROM:<a@x.test>\n? sender <a@x.test> -> accept\nS: 250 2.1.0 Ok\n\
             C: RCPT TO:<luis@lab.test>\n? recipient <luis@lab.test> -> accept\nS: 250 2.1.5 Ok\n{dialogue}"
        ),
    );
}

/// Plays a dialogue that begins with the content.
fn in_content(settings: &str, dialogue: &str) {
    in_transaction(settings, &format!("C: DATA\nS: 354 End data with <CR><LF>.<CR><LF>\n{dialogue}"));
}
