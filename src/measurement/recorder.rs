//! A worker's own tallies. Recording takes no lock; the run collects what was recorded about once a second.

use std::sync::Arc;
use std::time::Duration;

use crate::metric::{Builtin, Metric};

use super::bucket;
use super::layout::{Layout, Slot};
use super::sample::{ErrorClass, HttpSample, IterationEnd};
use super::series::Series;
use super::tally::{RequestTally, Tally, row};
use super::trend::{InvalidValue, steps_of};

/// Where one worker records its samples.
#[derive(Debug)]
pub struct Recorder {
    layout: Arc<Layout>,
    tallies: Tallies,
}

/// The samples of the judged phase and all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Tallies {
    pub judged: Tally,
    pub unjudged: Tally,
}

impl Recorder {
    pub fn new(layout: Arc<Layout>) -> Self {
        Recorder { tallies: Tallies::new(&layout), layout }
    }

    /// Records a request: the row `request`, and those submetrics of `http_*` and `data_*` metrics that it belongs to.
    pub fn http(
        &mut self,
        slot: Slot,
        request: usize,
        sample: &HttpSample,
        submetrics: impl IntoIterator<Item = usize>,
    ) {
        // What no plan names is compared as well.
        let gated = self.layout.requests.get(request).is_none_or(|label| label.gated);
        let compared = gated || self.layout.is_control_request(request);
        let tally = self.tallies.of(slot);
        let row = row(&mut tally.requests, request);
        count_request(row, sample);
        if let (true, Slot::Block(block)) = (compared, slot) {
            let block = row.blocks.entry(block).or_default();
            block.attempts += 1;
            block.failed += u32::from(!sample.expected);
            if let Some(time) = comparable(sample) {
                block.counts.add(bucket::index_of(steps_of(time)), 1);
            }
        }
        for submetric in submetrics {
            if let Metric::Builtin(metric) = self.layout.submetrics[submetric].metric {
                count_http_submetric(&mut tally.submetrics[submetric], metric, sample);
            }
        }
    }

    /// Records a request that was cut off with its iteration.
    pub fn http_interrupted(&mut self, slot: Slot, request: usize) {
        row(&mut self.tallies.of(slot).requests, request).interrupted += 1;
    }

    /// Records a check's outcome.
    pub fn check(&mut self, slot: Slot, check: usize, passed: bool, submetrics: impl IntoIterator<Item = usize>) {
        let tally = self.tallies.of(slot);
        row(&mut tally.checks, check).record(passed);
        for submetric in submetrics {
            if let Series::Rate(ratio) = &mut tally.submetrics[submetric] {
                ratio.record(passed);
            }
        }
    }

    /// Records one pass through a group.
    pub fn group(&mut self, slot: Slot, group: usize, time: Duration, submetrics: impl IntoIterator<Item = usize>) {
        let tally = self.tallies.of(slot);
        row(&mut tally.groups, group).record(time);
        for submetric in submetrics {
            count_time(&mut tally.submetrics[submetric], time);
        }
    }

    /// Records a sample of a metric that the plan declares: any number other than 0 is true for a rate.
    ///
    /// # Errors
    /// A trend refuses negative values; every kind refuses what is not finite. Nothing is recorded then.
    pub fn custom(
        &mut self,
        slot: Slot,
        metric: usize,
        value: f64,
        submetrics: impl IntoIterator<Item = usize>,
    ) -> Result<(), InvalidValue> {
        let tally = self.tallies.of(slot);
        tally.custom[metric].record(value)?;
        for submetric in submetrics {
            tally.submetrics[submetric].record(value)?;
        }
        Ok(())
    }

    /// Records the start of an iteration by a clock: how late it was.
    pub fn schedule_lag(
        &mut self,
        slot: Slot,
        scenario: usize,
        lag: Duration,
        submetrics: impl IntoIterator<Item = usize>,
    ) {
        let tally = self.tallies.of(slot);
        tally.scenarios[scenario].schedule_lag.record(lag);
        for submetric in submetrics {
            if self.layout.submetrics[submetric].metric == Metric::Builtin(Builtin::ScheduleLag) {
                count_time(&mut tally.submetrics[submetric], lag);
            }
        }
    }

    /// Records an iteration's end. Submetrics are those of the scenario.
    pub fn iteration(
        &mut self,
        slot: Slot,
        scenario: usize,
        time: Duration,
        end: &IterationEnd,
        submetrics: impl IntoIterator<Item = usize>,
    ) {
        let tally = self.tallies.of(slot);
        let row = &mut tally.scenarios[scenario];
        match end {
            IterationEnd::Interrupted => {
                row.interrupted += 1;
                return;
            }
            IterationEnd::Complete => {}
            IterationEnd::Stopped(reason) => *row.stopped.entry(reason.clone()).or_default() += 1,
            IterationEnd::Failed(reason) => *row.errors.entry(reason.clone()).or_default() += 1,
        }
        row.iterations += 1;
        row.duration.record(time);
        for submetric in submetrics {
            let series = &mut tally.submetrics[submetric];
            match (&self.layout.submetrics[submetric].metric, end) {
                (Metric::Builtin(Builtin::Iterations), _)
                | (Metric::Builtin(Builtin::IterationsStopped), IterationEnd::Stopped(_))
                | (Metric::Builtin(Builtin::IterationErrors), IterationEnd::Failed(_)) => count(series, 1),
                (Metric::Builtin(Builtin::IterationDuration), _) => count_time(series, time),
                _ => {}
            }
        }
    }

    /// Records iterations that were due in the slot but never started. Submetrics are those of the scenario.
    pub fn dropped(
        &mut self,
        slot: Slot,
        scenario: usize,
        iterations: u64,
        submetrics: impl IntoIterator<Item = usize>,
    ) {
        let tally = self.tallies.of(slot);
        tally.scenarios[scenario].dropped += iterations;
        for submetric in submetrics {
            if self.layout.submetrics[submetric].metric == Metric::Builtin(Builtin::DroppedIterations) {
                count(&mut tally.submetrics[submetric], iterations);
            }
        }
    }

    /// Adds what another recorder of the same layout recorded.
    pub fn merge(&mut self, other: &Tallies) {
        self.tallies.merge(other);
    }

    /// Goes on with a layout that names more series after those that it named before.
    pub fn extend(&mut self, layout: Arc<Layout>) {
        self.tallies.extend(&layout);
        self.layout = layout;
    }

    /// What was counted in a slot, for those who count what no request, check or iteration of ours is.
    pub fn tally_mut(&mut self, slot: Slot) -> &mut Tally {
        self.tallies.of(slot)
    }

    /// Hands over all that was recorded since the last time and goes on with `empty`, which has been cleared.
    pub fn swap(&mut self, empty: Tallies) -> Tallies {
        std::mem::replace(&mut self.tallies, empty)
    }
}

impl Tallies {
    pub fn new(layout: &Layout) -> Self {
        Tallies { judged: Tally::new(layout), unjudged: Tally::new(layout) }
    }

    fn of(&mut self, slot: Slot) -> &mut Tally {
        match slot {
            Slot::Unjudged => &mut self.unjudged,
            Slot::Block(_) => &mut self.judged,
        }
    }

    /// Adds the other's samples. Both have the same layout.
    pub fn merge(&mut self, other: &Tallies) {
        self.judged.merge(&other.judged);
        self.unjudged.merge(&other.unjudged);
    }

    /// Makes room for series that were found since the tallies were made.
    pub fn extend(&mut self, layout: &Layout) {
        self.judged.extend(layout);
        self.unjudged.extend(layout);
    }

    /// Forgets all samples, keeps the memory.
    pub fn clear(&mut self) {
        self.judged.clear();
        self.unjudged.clear();
    }
}

/// What enters [`RequestTally::comparable`].
fn comparable(sample: &HttpSample) -> Option<Duration> {
    (sample.expected || sample.error == Some(ErrorClass::Timeout)).then(|| sample.duration()).flatten()
}

fn count_request(row: &mut RequestTally, sample: &HttpSample) {
    row.attempts += 1;
    row.failed += u64::from(!sample.expected);
    row.sent += sample.sent;
    row.received += sample.received;
    match sample.error {
        Some(class) => row.errors[class as usize] += 1,
        None => {
            row.responses += 1;
            if let Some(status) = sample.status {
                *row.statuses.entry(status).or_default() += 1;
                if !sample.expected {
                    *row.unexpected.entry(status).or_default() += 1;
                }
            }
            let phases = &sample.phases;
            row.blocked.record(phases.blocked);
            row.connecting.record(phases.connecting);
            row.tls_handshaking.record(phases.tls_handshaking);
            row.sending.record(phases.sending);
            row.waiting.record(phases.waiting);
            row.receiving.record(phases.receiving);
        }
    }
    if let Some(time) = sample.duration() {
        row.duration.record(time);
        if sample.expected {
            row.expected.record(time);
        }
        if let Some(lag) = sample.schedule_lag {
            row.scheduled.record(time + lag);
        }
    }
    if let Some(time) = comparable(sample) {
        row.comparable.record(time);
    }
}

fn count_http_submetric(series: &mut Series, metric: Builtin, sample: &HttpSample) {
    match metric {
        Builtin::HttpReqs => count(series, 1),
        Builtin::DataSent => count(series, sample.sent),
        Builtin::DataReceived => count(series, sample.received),
        Builtin::HttpReqFailed => {
            if let Series::Rate(ratio) = series {
                ratio.record(!sample.expected);
            }
        }
        _ => {
            if let Some(time) = http_time(metric, sample) {
                count_time(series, time);
            }
        }
    }
}

/// A sample's time for one of the `http_req_*` trends: the phases only of whole answers.
fn http_time(metric: Builtin, sample: &HttpSample) -> Option<Duration> {
    let phase = |time: Duration| sample.error.is_none().then_some(time);
    match metric {
        Builtin::HttpReqDuration => sample.duration(),
        Builtin::HttpReqScheduledDuration => Some(sample.duration()? + sample.schedule_lag?),
        Builtin::HttpReqBlocked => phase(sample.phases.blocked),
        Builtin::HttpReqConnecting => phase(sample.phases.connecting),
        Builtin::HttpReqTlsHandshaking => phase(sample.phases.tls_handshaking),
        Builtin::HttpReqSending => phase(sample.phases.sending),
        Builtin::HttpReqWaiting => phase(sample.phases.waiting),
        Builtin::HttpReqReceiving => phase(sample.phases.receiving),
        _ => None,
    }
}

fn count(series: &mut Series, by: u64) {
    if let Series::Counter { sum, samples } = series {
        *sum += by as f64;
        *samples += 1;
    }
}

fn count_time(series: &mut Series, time: Duration) {
    if let Series::Trend(trend) = series {
        trend.record(time);
    }
}

#[cfg(test)]
mod tests;
