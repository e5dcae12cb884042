//! A worker's own tallies. Recording takes no lock; the run collects what was recorded about once a second.

use std::sync::Arc;
use std::time::Duration;

use super::layout::{Layout, Slot};
use super::sample::{HttpSample, IterationEnd};
use super::tally::Tally;

/// Where one worker records its samples.
#[derive(Debug)]
pub struct Recorder {
    layout: Arc<Layout>,
    tallies: Tallies,
}

/// The samples of the judged phase and all others.
#[derive(Clone, Debug)]
pub struct Tallies {
    pub judged: Tally,
    pub unjudged: Tally,
}

impl Recorder {
    pub fn new(_layout: Arc<Layout>) -> Self {
        todo!()
    }

    /// Records a request: the row `request`, and those submetrics of `http_*` and `data_*` metrics that it belongs to.
    pub fn http(
        &mut self,
        _slot: Slot,
        _request: usize,
        _sample: &HttpSample,
        _submetrics: impl IntoIterator<Item = usize>,
    ) {
        todo!()
    }

    /// Records a request that was cut off with its iteration.
    pub fn http_interrupted(&mut self, _slot: Slot, _request: usize) {
        todo!()
    }

    pub fn check(&mut self, _slot: Slot, _check: usize, _passed: bool, _submetrics: impl IntoIterator<Item = usize>) {
        todo!()
    }

    pub fn group(&mut self, _slot: Slot, _group: usize, _time: Duration, _submetrics: impl IntoIterator<Item = usize>) {
        todo!()
    }

    /// Records a sample of a metric that the plan declares: any number other than 0 is true for a rate.
    ///
    /// # Errors
    /// A trend refuses negative values; every kind refuses what is not finite.
    pub fn custom(
        &mut self,
        _slot: Slot,
        _metric: usize,
        _value: f64,
        _submetrics: impl IntoIterator<Item = usize>,
    ) -> Result<(), super::trend::InvalidValue> {
        todo!()
    }

    /// Records the start of an iteration by a clock: how late it was.
    pub fn schedule_lag(&mut self, _slot: Slot, _scenario: usize, _lag: Duration) {
        todo!()
    }

    /// Records an iteration's end. Submetrics are those of the scenario.
    pub fn iteration(
        &mut self,
        _slot: Slot,
        _scenario: usize,
        _time: Duration,
        _end: &IterationEnd,
        _submetrics: impl IntoIterator<Item = usize>,
    ) {
        todo!()
    }

    /// Records iterations that were due in the slot but never started.
    pub fn dropped(
        &mut self,
        _slot: Slot,
        _scenario: usize,
        _iterations: u64,
        _submetrics: impl IntoIterator<Item = usize>,
    ) {
        todo!()
    }

    /// Hands over all that was recorded since the last time and goes on with `empty`, which has been cleared.
    pub fn swap(&mut self, _empty: Tallies) -> Tallies {
        todo!()
    }
}

impl Tallies {
    pub fn new(_layout: &Layout) -> Self {
        todo!()
    }

    pub fn merge(&mut self, _other: &Tallies) {
        todo!()
    }

    pub fn clear(&mut self) {
        todo!()
    }
}
