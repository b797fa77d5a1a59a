//! The benchmark: Postigo beside Postfix on the same disk, in one run, driven by Postfix's own `smtp-source`.
//!
//! Both deliver durably to Maildirs of local people: Postfix through its queue and its virtual delivery agent, as Debian
//! packages it. Then both relay to `smtp-sink`. Rounds alternate, because a machine's speed drifts; medians and their ratio
//! are what counts.
//!
//! `make bench`, or `make bench ROUNDS=5 MESSAGES=5000`, or some of it: `make bench PARTS=relay,crowd`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on fails")]

mod crowd;
mod footprint;
mod launch;
mod local;
mod postfix;
mod relay;
mod sink;
mod source;

fn main() {
    let number =
        |name: &str, default| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (rounds, messages) = (number("ROUNDS", 3), number("MESSAGES", 4_000));
    let parts = std::env::var("PARTS").unwrap_or_default();
    let is_wanted = |part: &str| parts.is_empty() || parts.split(',').any(|wanted| wanted == part);
    assert!(rustix::process::geteuid().is_root(), "Postfix needs root to start");
    if is_wanted("local") {
        local::report(rounds, messages);
    }
    if is_wanted("relay") {
        relay::report(rounds, messages);
    }
    if is_wanted("crowd") {
        crowd::report(number("QUEUED", 100_000), number("DEAD", 10_000));
    }
    if is_wanted("footprint") {
        footprint::report();
    }
    if is_wanted("launch") {
        launch::report();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
