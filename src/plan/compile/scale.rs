//! `--scale-load` and `--scale-time`: the same plan, smaller.

use std::time::Duration;

/// Factors that the whole plan is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub load: f64,
    pub time: f64,
}

impl Scale {
    /// Virtual users, or a whole rate: none stays none, any stays at least one.
    pub fn count(self, count: u64) -> u64 {
        if count == 0 { 0 } else { ((count as f64 * self.load).round() as u64).max(1) }
    }

    /// A rate.
    pub fn rate(self, rate: f64) -> f64 {
        rate * self.load
    }

    /// A time of the load: stages, start times, think times, polls, delays.
    pub fn time(self, time: Duration) -> Duration {
        if self.time == 1.0 {
            return time;
        }
        Duration::try_from_secs_f64(time.as_secs_f64() * self.time).unwrap_or(Duration::MAX)
    }

    /// A scaled time as the plan writes it, to the millisecond.
    pub fn as_written(self, time: Duration) -> Duration {
        if self.time == 1.0 {
            return time;
        }
        let seconds = time.as_secs_f64() / self.time;
        Duration::try_from_secs_f64((seconds * 1e3).round() / 1e3).unwrap_or(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_load_never_vanishes() {
        let scale = Scale { load: 0.01, time: 0.1 };
        assert_eq!([0, 1, 50, 5000].map(|vus| scale.count(vus)), [0, 1, 1, 50]);
        assert_eq!(scale.time(Duration::from_secs(60)), Duration::from_secs(6));
        assert_eq!(Scale { load: 3.0, time: 1.0 }.count(7), 21);
    }
}
