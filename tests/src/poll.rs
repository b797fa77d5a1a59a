//! Waiting for what happens in another process.

use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until there is something, and gives it. What was awaited stands in the failure, with what was seen
/// last.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) => assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}; last seen:\n{seen}"),
        }
        std::thread::sleep(Duration::from_millis(40));
    }
}
