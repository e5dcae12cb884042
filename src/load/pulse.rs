//! A worker's heartbeat: whether its event loop gets to its work on time.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::timer::Timer;
use crate::measurement::{Grid, Slot, Trend};

/// Its period.
const BEAT: Duration = Duration::from_millis(10);

/// How late the beats of the judged phase were.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Every beat. A stall delays all that fall into it: the share of late beats is the share of late moments.
    pub lag: Trend,
    /// The first beat of each wake-up: a stall is one sample, however long.
    pub stalls: Trend,
}

impl Pulse {
    /// Records a wake-up at `now` for a beat that was due at `due` and for those that were due since. The answer is the
    /// beat to wait for next.
    fn wake(&mut self, now: Instant, due: Instant, judged: impl Fn(Instant) -> bool) -> Instant {
        if judged(due) {
            self.stalls.record(now.saturating_duration_since(due));
        }
        let mut next = due;
        while next <= now {
            if judged(next) {
                self.lag.record(now - next);
            }
            next += BEAT;
        }
        next
    }
}

/// Beats from the start of the load on, until it is dropped.
pub(super) async fn beat(
    timer: &mut Timer,
    epoch: Instant,
    grid: Grid,
    pulse: &RefCell<Pulse>,
) -> io::Result<Infallible> {
    let judged = |at: Instant| grid.slot(at.saturating_duration_since(epoch)) != Slot::Unjudged;
    let mut due = epoch + BEAT;
    loop {
        timer.sleep_until(due).await?;
        due = pulse.borrow_mut().wake(Instant::now(), due, judged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wakes up at these times, in milliseconds; the judged phase ends after 100 ms.
    fn woken_at(times: &[u64]) -> (Pulse, Instant) {
        let epoch = Instant::now();
        let (mut pulse, mut due) = (Pulse::default(), epoch + BEAT);
        for time in times {
            let now = epoch + Duration::from_millis(*time);
            due = pulse.wake(now, due, |at| at < epoch + Duration::from_millis(100));
        }
        (pulse, epoch)
    }

    #[test]
    fn every_beat_of_a_stall_is_late_and_the_stall_is_one() {
        let (pulse, _) = woken_at(&[10, 20, 65, 70]);
        assert_eq!((pulse.lag.count(), pulse.stalls.count()), (7, 4));
        assert_eq!(pulse.lag.share_above(2.0), Some(4.0 / 7.0), "those due at 30, 40, 50 and 60 ms");
        assert_eq!((pulse.lag.max(), pulse.stalls.max()), (Some(35.0), Some(35.0)));
    }

    #[test]
    fn what_lies_outside_of_the_judged_phase_is_not_recorded() {
        let (pulse, _) = woken_at(&[10, 95, 130]);
        assert_eq!((pulse.lag.count(), pulse.stalls.count()), (9, 2), "the beats from 100 ms on are not judged");
    }
}
