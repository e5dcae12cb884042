//! A timer finer than tokio's, whose steps are of a millisecond: too coarse for an endpoint that answers in two.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

/// Wakes tasks at their instants, through one kernel timer for all of them.
#[derive(Clone, Debug)]
pub struct Timer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<BinaryHeap<Waiting>>,
    alarm: alarm::Alarm,
}

/// A task that waits. The greatest of a heap is the one that is due first.
#[derive(Debug)]
struct Waiting {
    due: Instant,
    wake: oneshot::Sender<()>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        other.due.cmp(&self.due)
    }
}

impl Timer {
    /// A timer on the current tokio runtime. Its task ends when the last handle is dropped.
    pub fn start() -> io::Result<Timer> {
        let shared = Arc::new(Shared { waiting: Mutex::default(), alarm: alarm::Alarm::new()? });
        tokio::spawn(ring(Arc::downgrade(&shared)));
        Ok(Timer { shared })
    }

    /// Waits until `due`; at once if that is past.
    pub async fn sleep_until(&self, due: Instant) {
        if due <= Instant::now() {
            return;
        }
        let (wake, woken) = oneshot::channel();
        {
            let mut waiting = self.shared.lock();
            let earliest = waiting.peek().is_none_or(|first| due < first.due);
            waiting.push(Waiting { due, wake });
            if earliest {
                self.shared.alarm.set(due);
            }
        }
        // An error means that the runtime is going away, and this task with it.
        let _ = woken.await;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, BinaryHeap<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all that are due and sets the alarm for the next.
    fn wake_due(&self) {
        let mut waiting = self.lock();
        let now = Instant::now();
        while waiting.peek().is_some_and(|first| first.due <= now) {
            if let Some(first) = waiting.pop() {
                // A receiver that is gone belonged to a connection that was closed meanwhile.
                let _ = first.wake.send(());
            }
        }
        if let Some(first) = waiting.peek() {
            self.alarm.set(first.due);
        }
    }
}

/// The longest that the task goes without looking whether anybody still holds the timer.
const IDLE_LOOK: std::time::Duration = std::time::Duration::from_secs(1);

async fn ring(shared: std::sync::Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        // A time-out only leads back to the question above.
        if let Ok(Err(error)) = tokio::time::timeout(IDLE_LOOK, shared.alarm.rung()).await {
            eprintln!("the timer failed: {error}");
            return;
        }
        shared.wake_due();
    }
}

#[cfg(target_os = "linux")]
mod alarm {
    //! A timerfd: microseconds late instead of up to a millisecond.

    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Instant;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub struct Alarm {
        fd: AsyncFd<OwnedFd>,
    }

    impl Alarm {
        pub fn new() -> io::Result<Alarm> {
            let fd = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            // SAFETY: the descriptor is owned by the `AsyncFd`, which closes it only after it has left the runtime's poll.
            let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?;
            Ok(Alarm { fd })
        }

        /// Rings once at `due`, instead of whatever was set before.
        pub fn set(&self, due: Instant) {
            // A time of zero would switch the timer off.
            let wait = due.saturating_duration_since(Instant::now()).max(std::time::Duration::from_nanos(1));
            let spec = Itimerspec {
                it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: Timespec {
                    tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                    tv_nsec: wait.subsec_nanos().into(),
                },
            };
            if let Err(error) = timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::empty(), &spec) {
                // The periodic look wakes the sleeper all the same, late.
                eprintln!("the timer can't be set: {error}");
            }
        }

        /// Waits until it rings.
        pub async fn rung(&self) -> io::Result<()> {
            loop {
                let mut ready = self.fd.readable().await?;
                let mut expirations = [0u8; 8];
                match ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut expirations)?)) {
                    Ok(read) => return read.map(|_| ()),
                    Err(_would_block) => continue,
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alarm {
    //! Tokio's own timer, in steps of a millisecond.

    use std::io;
    use std::sync::{Mutex, PoisonError};
    use std::time::Instant;

    use tokio::sync::Notify;

    #[derive(Debug)]
    pub struct Alarm {
        due: Mutex<Option<Instant>>,
        changed: Notify,
    }

    impl Alarm {
        pub fn new() -> io::Result<Alarm> {
            Ok(Alarm { due: Mutex::new(None), changed: Notify::new() })
        }

        pub fn set(&self, due: Instant) {
            *self.due.lock().unwrap_or_else(PoisonError::into_inner) = Some(due);
            self.changed.notify_one();
        }

        pub async fn rung(&self) -> io::Result<()> {
            loop {
                let due = *self.due.lock().unwrap_or_else(PoisonError::into_inner);
                match due {
                    None => self.changed.notified().await,
                    Some(due) => {
                        tokio::select! {
                            () = tokio::time::sleep_until(due.into()) => {
                                *self.due.lock().unwrap_or_else(PoisonError::into_inner) = None;
                                return Ok(());
                            }
                            () = self.changed.notified() => {}
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn sleepers_wake_in_the_order_of_their_times_and_never_early() {
        let timer = Timer::start().expect("a timer");
        let start = Instant::now();
        let (sender, mut woken) = tokio::sync::mpsc::unbounded_channel();
        for milliseconds in [30u64, 10, 20, 0, 40] {
            let (timer, sender) = (timer.clone(), sender.clone());
            tokio::spawn(async move {
                let due = start + Duration::from_millis(milliseconds);
                timer.sleep_until(due).await;
                assert!(Instant::now() >= due, "{milliseconds} ms: early");
                sender.send(milliseconds).expect("the test waits");
            });
        }
        drop(sender);
        let mut order = Vec::new();
        while let Some(milliseconds) = woken.recv().await {
            order.push(milliseconds);
        }
        assert_eq!(order, [0, 10, 20, 30, 40]);
    }

    #[tokio::test]
    async fn a_sleeper_that_gives_up_holds_up_nobody() {
        let timer = Timer::start().expect("a timer");
        let start = Instant::now();
        let first = timer.sleep_until(start + Duration::from_millis(5));
        assert!(tokio::time::timeout(Duration::from_millis(1), first).await.is_err());
        timer.sleep_until(start + Duration::from_millis(15)).await;
        assert!(start.elapsed() >= Duration::from_millis(15));
    }
}
