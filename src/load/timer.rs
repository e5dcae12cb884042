//! Waking up on time. Tokio's own timer steps in milliseconds, and what an arrival is late enters the result.

use std::io;

use tokio::time::Instant;

/// What a worker's pacing and heartbeat wait on.
#[derive(Debug)]
pub enum Timer {
    /// A timer of the kernel, exact to some microseconds.
    #[cfg(target_os = "linux")]
    Precise(precise::TimerFd),
    /// Tokio's timer: everywhere else, and for tests in virtual time.
    Tokio,
}

impl Timer {
    /// The best timer of this platform. Call it within a runtime.
    ///
    /// # Errors
    /// The process has no file descriptor left.
    pub fn precise() -> io::Result<Timer> {
        #[cfg(target_os = "linux")]
        return precise::TimerFd::new().map(Timer::Precise);
        #[cfg(not(target_os = "linux"))]
        Ok(Timer::Tokio)
    }

    /// Waits until the deadline; returns at once when it has passed. It may be dropped and called again.
    ///
    /// # Errors
    /// The kernel refuses the timer.
    pub async fn sleep_until(&mut self, deadline: Instant) -> io::Result<()> {
        if Instant::now() >= deadline {
            return Ok(());
        }
        match self {
            #[cfg(target_os = "linux")]
            Timer::Precise(timer) => timer.sleep_until(deadline).await,
            Timer::Tokio => {
                tokio::time::sleep_until(deadline).await;
                Ok(())
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod precise {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    use tokio::time::Instant;

    #[derive(Debug)]
    pub struct TimerFd {
        fd: AsyncFd<OwnedFd>,
        /// What the kernel's timer is set to: a wait that was dropped and taken up again need not set it anew.
        set_to: Option<Instant>,
    }

    impl TimerFd {
        pub fn new() -> io::Result<Self> {
            let fd = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            // SAFETY: the descriptor is valid and open, and `AsyncFd` owns it: it is neither closed nor exchanged before.
            let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?;
            Ok(TimerFd { fd, set_to: None })
        }

        pub async fn sleep_until(&mut self, deadline: Instant) -> io::Result<()> {
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(());
                }
                if self.set_to != Some(deadline) {
                    self.set(left)?;
                    self.set_to = Some(deadline);
                }
                let mut ready = self.fd.readable().await?;
                let expirations = ready.try_io(|fd| Ok(rustix::io::read(fd, &mut [0; 8])?));
                if let Ok(read) = expirations {
                    read?;
                    self.set_to = None;
                }
            }
        }

        /// Sets the timer off once; a time of zero would switch it off.
        fn set(&self, left: Duration) -> io::Result<()> {
            let once = Itimerspec { it_interval: Timespec::default(), it_value: timespec(left) };
            timerfd_settime(&self.fd, TimerfdTimerFlags::empty(), &once)?;
            Ok(())
        }
    }

    fn timespec(time: Duration) -> Timespec {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Timespec { tv_sec: seconds, tv_nsec: time.subsec_nanos().into() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_precise_timer_never_fires_early_and_can_be_taken_up_again() {
        let mut timer = Timer::precise().unwrap();
        let start = Instant::now();
        timer.sleep_until(start).await.unwrap();
        let later = start + Duration::from_millis(20);
        let cut = tokio::time::timeout(Duration::from_millis(2), timer.sleep_until(later)).await;
        assert!(cut.is_err(), "the wait was dropped");
        timer.sleep_until(later).await.unwrap();
        assert!(Instant::now() >= later);
        let sooner = Instant::now() + Duration::from_micros(300);
        timer.sleep_until(sooner).await.unwrap();
        assert!(Instant::now() >= sooner);
    }
}
