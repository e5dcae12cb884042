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
    /// this one.
    async fn hold(&mut self, owed: impl FnOnce(Delay, Duration) -> Duration) {
        let came = Instant::now();
        let service = came.saturating_duration_since(self.waiting_since);
        self.timer.sleep_until(came + owed(self.delay, service)).await;
        self.waiting_since = Instant::now();
        self.counters.held(service, self.waiting_since.saturating_duration_since(came));
    }
}
