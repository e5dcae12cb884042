//! What a run counts: names by index, and the grid of blocks that time is cut into.

use std::sync::Arc;
use std::time::Duration;

use crate::metric::{Kind, Metric, Unit};

/// Names of all series of a run, by the indices that the plan gave out. Equal layouts can be merged.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub requests: Vec<RequestLabel>,
    pub scenarios: Vec<ScenarioLabel>,
    pub checks: Vec<Arc<str>>,
    pub groups: Vec<Arc<str>>,
    /// Metrics that the plan declares.
    pub custom: Vec<CustomLabel>,
    pub submetrics: Vec<SubmetricLabel>,
    /// The rows of the control, where the plan has one: they are in no total and judged by no rule for the deployment.
    pub control: Option<ControlRows>,
    pub grid: Grid,
}

/// Where the samples of the plan's `control` are counted: a request to something outside of the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlRows {
    /// Index of its row among the requests.
    pub request: usize,
    /// Index of its row among the scenarios.
    pub scenario: usize,
}

impl Layout {
    /// Whether this row of the requests is the control's.
    pub fn is_control_request(&self, index: usize) -> bool {
        self.control.is_some_and(|control| control.request == index)
    }

    /// Whether this row of the scenarios is the control's.
    pub fn is_control_scenario(&self, index: usize) -> bool {
        self.control.is_some_and(|control| control.scenario == index)
    }

    /// The rows of the requests but the control's.
    pub fn own_requests<'a, T>(&'a self, rows: &'a [T]) -> impl Iterator<Item = &'a T> {
        rows.iter().enumerate().filter(|(index, _)| !self.is_control_request(*index)).map(|(_, row)| row)
    }

    /// The rows of the scenarios but the control's.
    pub fn own_scenarios<'a, T>(&'a self, rows: &'a [T]) -> impl Iterator<Item = &'a T> {
        rows.iter().enumerate().filter(|(index, _)| !self.is_control_scenario(*index)).map(|(_, row)| row)
    }
}

/// A request's row.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestLabel {
    pub name: Arc<str>,
    /// Never being attempted is no guard.
    pub optional: bool,
    /// Used by a scenario, not only by setup or teardown.
    pub in_scenario: bool,
    /// Compared with a baseline, so its blocks are kept.
    pub gated: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioLabel {
    pub name: Arc<str>,
    pub arrival_rate: bool,
    /// Iterations that the schedule starts in the judged phase; arrival-rate executors only.
    pub planned: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CustomLabel {
    pub name: Arc<str>,
    pub kind: Kind,
    pub unit: Unit,
}

/// A tagged part of a metric that a threshold names.
#[derive(Clone, Debug, PartialEq)]
pub struct SubmetricLabel {
    /// As the threshold writes it: `http_req_duration{name:reserve}`.
    pub selector: String,
    pub metric: Metric,
    pub kind: Kind,
}

/// The judged phase, cut into blocks. Times are since the start of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub from: Duration,
    pub to: Duration,
    /// Length of a block; the last one takes the remainder.
    pub block: Duration,
}

/// Where a sample belongs, by the start of its iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Unjudged,
    /// In the judged phase, in this block.
    Block(u32),
}

impl Grid {
    /// Cuts the judged phase into 20 blocks of at least 1 s and at most 5 s.
    pub fn new(from: Duration, to: Duration) -> Self {
        let length = to.saturating_sub(from);
        let block = (length / 20).clamp(Duration::from_secs(1), Duration::from_secs(5));
        Grid { from, to, block }
    }

    /// Number of blocks, at least one.
    pub fn blocks(&self) -> u32 {
        let length = self.to.saturating_sub(self.from);
        ((length.as_nanos() / self.block.as_nanos().max(1)) as u32).max(1)
    }

    /// The slot of an iteration that starts at this time.
    pub fn slot(&self, start: Duration) -> Slot {
        if start < self.from || start >= self.to {
            return Slot::Unjudged;
        }
        let index = (start - self.from).as_nanos() / self.block.as_nanos().max(1);
        Slot::Block((index as u32).min(self.blocks() - 1))
    }
}
