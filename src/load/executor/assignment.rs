//! What a scenario's VUs on one worker have in common.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::active_vu::ActiveVu;
use super::share::Share;
use crate::load::pacer::ArmClock;
use crate::load::user::Context;
use crate::measurement::{Grid, Recorder, Slot};
use crate::plan::Scenario;

/// One worker's part of one scenario: where and how its iterations are recorded.
#[derive(Debug)]
pub struct Assignment {
    pub scenario: Arc<Scenario>,
    /// The scenario's index in the plan.
    pub index: usize,
    pub worker: usize,
    /// The start of the load.
    pub epoch: Instant,
    /// Of the arm.
    pub clock: ArmClock,
    pub grid: Grid,
    pub recorder: Rc<RefCell<Recorder>>,
    pub gauges: Rc<Gauges>,
}

/// A worker's VUs over all scenarios.
#[derive(Debug, Default)]
pub struct Gauges {
    running: Cell<u64>,
    peak: Cell<u64>,
    pub allocated: Cell<u64>,
}

impl Gauges {
    /// Counts a VU as running until the answer is dropped.
    pub fn run(self: &Rc<Self>) -> RunningVu {
        self.running.update(|vus| vus + 1);
        self.peak.update(|vus| vus.max(self.running.get()));
        RunningVu(self.clone())
    }

    pub fn running(&self) -> u64 {
        self.running.get()
    }

    /// The most VUs that ran at once.
    pub fn peak(&self) -> u64 {
        self.peak.get()
    }
}

/// A VU that counts as running.
#[derive(Debug)]
pub struct RunningVu(Rc<Gauges>);

impl Drop for RunningVu {
    fn drop(&mut self) {
        self.0.running.update(|vus| vus - 1);
    }
}

impl Assignment {
    /// A time of the schedule, since the scenario's start.
    pub fn at(&self, offset: Duration) -> Instant {
        self.epoch + self.clock.at(self.scenario.start_time + offset)
    }

    /// When an iteration that goes on after the schedule's end is cut off.
    pub fn hard_end(&self) -> Instant {
        let end = self.clock.end(self.scenario.start_time + self.scenario.executor.duration());
        self.epoch + end + self.scenario.graceful_stop
    }

    /// Where an iteration belongs that starts now. Only arms whose schedule never pauses have iterations that no clock
    /// begins.
    pub fn slot_at(&self, start: Instant) -> Slot {
        self.grid.slot(start.saturating_duration_since(self.epoch))
    }

    /// Where an iteration belongs that the schedule begins at this time, since the scenario's start.
    pub fn slot_of(&self, due: Duration) -> Slot {
        self.grid.slot(self.scenario.start_time + due)
    }

    /// When an arrival comes that the schedule has due at a time since the scenario's start, `period` before the next one.
    pub fn arrival(&self, due: Duration, period: impl FnOnce() -> Duration) -> Instant {
        self.epoch + self.clock.arrival(self.scenario.start_time + due, period)
    }

    /// By how much later a closed executor's virtual user begins, by its index in the scenario.
    pub fn stagger(&self, share: &Share, index: u64) -> Duration {
        self.clock.stagger(share.number(index))
    }

    /// Submetrics that count the scenario's iterations. One that also asks for a tag of a response counts none.
    pub fn submetrics(&self) -> impl Iterator<Item = usize> {
        let known = self.scenario.submetrics.iter().filter(|matched| matched.pending.is_empty());
        known.map(|matched| usize::from(matched.submetric.0))
    }

    /// Records an arrival that no VU was free for.
    pub fn drop_arrival(&self, slot: Slot) {
        self.drop_iterations(slot, 1);
    }

    /// Records iterations that were never begun when their time was over. They were due until its last instant.
    pub fn drop_unstarted(&self, iterations: u64) {
        let last = self.scenario.executor.duration().saturating_sub(Duration::from_nanos(1));
        self.drop_iterations(self.slot_of(last), iterations);
    }

    fn drop_iterations(&self, slot: Slot, iterations: u64) {
        if iterations > 0 {
            self.recorder.borrow_mut().dropped(slot, self.index, iterations, self.submetrics());
        }
    }

    /// A VU by its index in the scenario, ready to run.
    pub fn activate<V>(self: &Rc<Self>, share: &Share, index: u64, user: V) -> ActiveVu<V> {
        let context = Context {
            scenario: self.index,
            vu: share.number(index),
            iteration: 0,
            vu_iteration: 0,
            slot: Slot::Unjudged,
            schedule_lag: None,
            epoch: self.epoch.into_std(),
            recorder: self.recorder.clone(),
        };
        ActiveVu::new(index, user, context, self.clone())
    }
}
