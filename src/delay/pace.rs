//! By how much an answer is held back.

use std::time::{Duration, Instant};

use crate::timer::Timer;

use super::Delay;
use super::proxy::Counters;

/// One answer on its way through.
pub struct Pace {
    delay: Delay,
    timer: Timer,
    counters: Counters,
    /// Since when the deployment has been waited for.
    waiting_since: Instant,
}

impl Pace {
    /// A request that is passed on now.
    pub fn begin(delay: Delay, timer: Timer, counters: Counters) -> Self {
        Pace { delay, timer, counters, waiting_since: Instant::now() }
    }

    /// The head of the answer has come: holds it back for what it owes.
    pub async fn head(&mut self) {
        self.hold(|delay, service| match delay {
            Delay::None => Duration::ZERO,
            Delay::Share(share) => service.mul_f64(share),
            Delay::Fixed(fixed) => fixed,
        })
        .await;
        self.counters.answered();
    }

    /// A piece of the body has come. Only a share is owed again: what is fixed was paid with the head.
    pub async fn piece(&mut self) {
        self.hold(|delay, service| match delay {
            Delay::None | Delay::Fixed(_) => Duration::ZERO,
            Delay::Share(share) => service.mul_f64(share),
        })
        .await;
    }

    /// What the deployment does while its answer is held back costs nothing again: the next wait is counted from the end of
    /// this one. A wait ends by what timers are late here before its time, so that no more is added than was asked for.
    async fn hold(&mut self, owed: impl FnOnce(Delay, Duration) -> Duration) {
        let came = Instant::now();
        let service = came.saturating_duration_since(self.waiting_since);
        let owed = owed(self.delay, service);
        let due = came + owed.saturating_sub(self.counters.lateness());
        let waits = due > came;
        self.timer.sleep_until(due).await;
        self.waiting_since = Instant::now();
        if waits {
            self.counters.woken(self.waiting_since.saturating_duration_since(due));
        }
        self.counters.held(service, self.waiting_since.saturating_duration_since(came));
    }
}

/// How late the timers of a proxy usually are, after one more of them was this late: the mean of about the latest sixteen. A
/// stall counts as a few times the usual, for it says nothing about the next wait.
pub fn usual_lateness(usual: Duration, late: Duration) -> Duration {
    let bounded = late.min(4 * usual + Duration::from_micros(100));
    usual.saturating_sub(usual / 16) + bounded / 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_lateness_is_learnt_and_no_stall_changes_it_much() {
        let micros = Duration::from_micros;
        let after =
            |from: Duration, late: &[Duration]| late.iter().fold(from, |usual, late| usual_lateness(usual, *late));
        let near = |a: Duration, b: Duration| a.abs_diff(b) < b / 20;
        assert!(near(after(Duration::ZERO, &[micros(60); 80]), micros(60)));
        assert!(near(after(micros(500), &[micros(60); 120]), micros(60)));
        assert!(near(after(Duration::ZERO, &[micros(400); 150]), micros(400)));
        let stalled = usual_lateness(micros(60), Duration::from_millis(50));
        assert!(stalled < micros(80), "{stalled:?}");
    }
}
