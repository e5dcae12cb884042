//! The time limit of a request, and the timer that wakes whoever waits for it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;

/// A time limit that is too far away for the clock is this far away.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// For a whole exchange, redirects included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub timeout: Duration,
    pub deadline: Instant,
}

impl Limit {
    pub fn new(start: Instant, timeout: Duration) -> Limit {
        Limit { timeout, deadline: start.checked_add(timeout).unwrap_or(start + FOREVER) }
    }
}

/// A connection's timer. Setting a timer costs more than the rest of a time limit, and almost no request reaches its own: this
/// one is left at an earlier deadline, and set anew when it fires too soon.
#[derive(Default)]
pub(super) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Whether the deadline has passed; wakes the task when it does. It asks the clock first, for a task that has used up its
    /// budget (an answer without end does that) is told nothing by timers.
    pub fn poll_passed(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline.into())));
        if sleep.deadline().into_std() > deadline {
            sleep.as_mut().reset(deadline.into());
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline.into());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn one_alarm_serves_limits_in_any_order() {
        let mut alarm = Alarm::default();
        let start = Instant::now();
        for milliseconds in [30, 60, 45, 200, 61, 0] {
            let deadline = start + Duration::from_millis(milliseconds);
            let looked = poll_fn(|cx| Poll::Ready(alarm.poll_passed(cx, deadline))).await;
            assert!(looked.is_pending() || Instant::now() >= deadline, "{milliseconds} too soon");
            poll_fn(|cx| alarm.poll_passed(cx, deadline)).await;
            assert!(Instant::now() >= deadline, "{milliseconds}");
        }
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_limit_without_end_is_no_overflow() {
        let start = Instant::now();
        assert!(Limit::new(start, Duration::MAX).deadline > start);
    }
}
