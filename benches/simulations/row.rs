//! A row of the table: what is simulated, how often it happens, and how often it must.

use std::fmt;
use std::thread;

use loadgate::gate::statistics::Share;

/// Most rows have so many runs.
pub const RUNS: u64 = 2000;

/// What is simulated.
pub struct Row {
    pub what: &'static str,
    pub must_be: Bound,
    pub runs: u64,
    /// Simulates one run from its seed: whether the row's event came to pass.
    pub happens: fn(seed: u64) -> bool,
}

/// How often an event must come to pass, as a share of runs.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
    Between(f64, f64),
}

impl Bound {
    pub fn holds(self, share: f64) -> bool {
        match self {
            Bound::AtMost(limit) => share <= limit,
            Bound::AtLeast(limit) => share >= limit,
            Bound::Between(low, high) => (low..=high).contains(&share),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 0.035 × 100 is 3.5000000000000004.
        let percent = |share: &f64| (share * 1e4).round() / 100.0;
        match self {
            Bound::AtMost(limit) => write!(f, "≤ {}%", percent(limit)),
            Bound::AtLeast(limit) => write!(f, "≥ {}%", percent(limit)),
            Bound::Between(low, high) => write!(f, "{}–{}%", percent(low), percent(high)),
        }
    }
}

impl Row {
    /// A row of [`RUNS`] runs.
    pub fn new(what: &'static str, must_be: Bound, happens: fn(u64) -> bool) -> Row {
        Row { what, must_be, runs: RUNS, happens }
    }

    /// Simulates its runs on all cores. `index` is the row's own: no two rows share a seed.
    pub fn find(&self, index: u64, most: u64) -> Share {
        let runs = self.runs.min(most);
        let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
        let (happens, first) = (self.happens, index << 32);
        let count = |core: u64| (core..runs).step_by(cores as usize).filter(|run| happens(first + run)).count() as u64;
        let events = thread::scope(|scope| {
            let counts: Vec<_> = (0..cores).map(|core| scope.spawn(move || count(core))).collect();
            counts.into_iter().map(|count| count.join().expect("a simulation does not panic")).sum()
        });
        Share { events, trials: runs }
    }
}
