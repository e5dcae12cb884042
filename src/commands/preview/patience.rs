//! Waiting for GitHub to know of a deployment, with a line of progress.

use std::thread;
use std::time::{Duration, Instant};

/// What is the same is said again after this long.
const SAY_EVERY: Duration = Duration::from_secs(15);

/// A wait with an end.
pub struct Patience {
    began: Instant,
    within: Duration,
    waits: u32,
    said: Option<(String, Instant)>,
}

impl Patience {
    /// The time begins now.
    pub fn new(within: Duration) -> Patience {
        Patience { began: Instant::now(), within, waits: 0, said: None }
    }

    /// Says what is waited for, if that is new, and waits for a while. False when the time is over.
    pub fn wait(&mut self, for_what: &str) -> bool {
        let left = self.within.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        let said = |(text, at): &(String, Instant)| text == for_what && at.elapsed() < SAY_EVERY;
        if !self.said.as_ref().is_some_and(said) {
            eprintln!("waiting for {for_what}");
            self.said = Some((for_what.to_owned(), Instant::now()));
        }
        thread::sleep(pause(self.waits).min(left));
        self.waits += 1;
        true
    }
}

/// The pause after so many others. A deployment is often there already, or minutes away; a repository has a thousand requests
/// an hour.
fn pause(before: u32) -> Duration {
    Duration::from_secs(1 << before.min(4)).min(Duration::from_secs(15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_a_minute() {
        let seconds: Vec<u64> = (0..6).map(|before| pause(before).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15]);
    }

    #[test]
    fn the_wait_ends() {
        let mut patience = Patience::new(Duration::from_millis(20));
        assert!(patience.wait("the end"));
        assert!(!patience.wait("the end"));
    }
}
