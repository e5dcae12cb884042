//! Which workers still work, and how long a run waits for them.

use std::time::{Duration, Instant};

/// How long a worker may take to notice that its time is over. One that takes longer is kept busy by a single iteration,
/// and nothing can wake it: a thread can't be ended from outside.
pub(super) const PATIENCE: Duration = Duration::from_millis(800);

/// How far each worker has come.
#[derive(Debug)]
pub(super) struct Attendance {
    workers: Vec<State>,
    /// When a worker that has noticed nothing is left behind; none while there is time.
    deadline: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Working,
    /// It knows that its time is over and cleans up, however long that takes.
    Leaving,
    Ended,
}

impl Attendance {
    pub fn new(workers: usize) -> Self {
        Attendance { workers: vec![State::Working; workers], deadline: None }
    }

    pub fn leaving(&mut self, worker: usize) {
        self.workers[worker] = State::Leaving;
    }

    pub fn ended(&mut self, worker: usize) {
        self.workers[worker] = State::Ended;
    }

    /// Nobody is left who could say so.
    pub fn all_ended(&mut self) {
        self.workers.fill(State::Ended);
    }

    pub fn has_ended(&self, worker: usize) -> bool {
        self.workers[worker] == State::Ended
    }

    /// Their time is over, or will be then. Only a sooner end counts.
    pub fn over_at(&mut self, time: Instant) {
        let deadline = time + PATIENCE;
        self.deadline = Some(self.deadline.map_or(deadline, |known| known.min(deadline)));
    }

    /// Whether there is anyone left to wait for.
    pub fn is_over(&self, now: Instant) -> bool {
        let late = self.deadline.is_some_and(|deadline| now >= deadline);
        self.workers.iter().all(|state| match state {
            State::Ended => true,
            State::Leaving => false,
            State::Working => late,
        })
    }

    /// Workers that did not end.
    pub fn missing(&self) -> u32 {
        self.workers.iter().filter(|state| **state != State::Ended).count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_waited_for_until_they_are_late_and_those_that_leave_until_they_have() {
        let start = Instant::now();
        let mut attendance = Attendance::new(3);
        assert!(!attendance.is_over(start + Duration::from_secs(3600)), "there is time");
        attendance.over_at(start + Duration::from_secs(10));
        attendance.over_at(start + Duration::from_secs(5));
        attendance.over_at(start + Duration::from_secs(20));
        attendance.ended(0);
        attendance.leaving(1);
        let late = start + Duration::from_secs(5) + PATIENCE;
        assert!(!attendance.is_over(late), "one of them cleans up");
        attendance.ended(1);
        assert!(!attendance.is_over(late - Duration::from_millis(1)));
        assert!(attendance.is_over(late), "the third is left behind");
        assert_eq!((attendance.missing(), attendance.has_ended(2)), (1, false));
        attendance.ended(2);
        assert_eq!((attendance.missing(), attendance.is_over(start)), (0, true));
    }
}
