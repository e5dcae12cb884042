//! What the gate made of it, in the JSON report.

use serde::Serialize;

use crate::gate::{
    Base, Compared, Comparison, Failure, FailureKind, Guard, GuardKind, History, LostFigure, NoComparison, Row,
    RowOutcome, ThresholdResult,
};
use crate::metric::Unit;

#[derive(Serialize)]
pub struct GuardFigures<'a> {
    kind: GuardKind,
    subject: Option<&'a str>,
    fired: bool,
    finding: &'a str,
    cure: &'a str,
}

impl<'a> GuardFigures<'a> {
    pub fn of(guard: &'a Guard) -> GuardFigures<'a> {
        let Guard { kind, subject, fired, finding, cure } = guard;
        GuardFigures { kind: *kind, subject: subject.as_deref(), fired: *fired, finding, cure }
    }
}

#[derive(Serialize)]
pub struct FailureFigures<'a> {
    kind: FailureKind,
    subject: Option<&'a str>,
    finding: &'a str,
    cure: &'a str,
}

impl<'a> FailureFigures<'a> {
    pub fn of(failure: &'a Failure) -> FailureFigures<'a> {
        let Failure { kind, subject, finding, cure } = failure;
        FailureFigures { kind: *kind, subject: subject.as_deref(), finding, cure }
    }
}

#[derive(Serialize)]
pub struct Threshold<'a> {
    selector: &'a str,
    condition: &'a str,
    unit: Unit,
    figure: Option<f64>,
    limit: f64,
    passed: bool,
    aborted: bool,
}

impl<'a> Threshold<'a> {
    pub fn of(result: &'a ThresholdResult) -> Threshold<'a> {
        let ThresholdResult { selector, condition, unit, figure, limit, passed, aborted } = result;
        Threshold {
            selector,
            condition,
            unit: *unit,
            figure: *figure,
            limit: *limit,
            passed: *passed,
            aborted: *aborted,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum ComparisonFigures<'a> {
    None {
        /// `no_baseline`, `too_few` or `incomparable`.
        reason: &'static str,
        runs: usize,
        needed: Option<usize>,
        difference: Option<&'a str>,
    },
    History {
        runs: usize,
        needed: usize,
        blocking: bool,
        alpha: f64,
        rows: Vec<ComparisonRow<'a>>,
        /// Figures of the window that this run has too few samples for.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        lost: Vec<Lost<'a>>,
        new_requests: &'a [String],
        differences: &'a [String],
    },
}

impl<'a> ComparisonFigures<'a> {
    pub fn of(comparison: &'a Comparison) -> ComparisonFigures<'a> {
        match comparison {
            Comparison::None(NoComparison::NoBaseline { needed }) => {
                ComparisonFigures::None { reason: "no_baseline", runs: 0, needed: Some(*needed), difference: None }
            }
            Comparison::None(NoComparison::TooFew { runs, needed }) => {
                ComparisonFigures::None { reason: "too_few", runs: *runs, needed: Some(*needed), difference: None }
            }
            Comparison::None(NoComparison::Incomparable { runs, difference }) => ComparisonFigures::None {
                reason: "incomparable",
                runs: *runs,
                needed: None,
                difference: Some(difference),
            },
            Comparison::Made(Compared {
                with: Base::History(history),
                alpha,
                rows,
                lost,
                new_requests,
                differences,
                ..
            }) => {
                let History { runs, needed, blocking } = history;
                ComparisonFigures::History {
                    runs: *runs,
                    needed: *needed,
                    blocking: *blocking,
                    alpha: *alpha,
                    rows: rows.iter().map(ComparisonRow::of).collect(),
                    lost: lost.iter().map(Lost::of).collect(),
                    new_requests,
                    differences,
                }
            }
            Comparison::Made(Compared { with: Base::Reference(_), .. }) => {
                todo!("the JSON report of a paired run")
            }
        }
    }
}

#[derive(Serialize)]
pub struct Lost<'a> {
    request: &'a str,
    metric: &'static str,
    samples: u64,
    /// The fewest of a run of the window.
    window: u64,
}

impl<'a> Lost<'a> {
    fn of(figure: &'a LostFigure) -> Lost<'a> {
        let LostFigure { request, metric, samples, base } = figure;
        Lost { request, metric: metric.name(), samples: *samples, window: *base }
    }
}

#[derive(Serialize)]
pub struct ComparisonRow<'a> {
    request: &'a str,
    metric: &'static str,
    outcome: RowOutcome,
    base: f64,
    candidate: f64,
    change: f64,
    interval: [f64; 2],
    limit: f64,
    samples: u64,
    t: Option<f64>,
    p_adjusted: Option<f64>,
    detectable: Option<f64>,
    history: &'a [f64],
}

impl<'a> ComparisonRow<'a> {
    pub fn of(row: &'a Row) -> ComparisonRow<'a> {
        ComparisonRow {
            request: &row.request,
            metric: row.metric.name(),
            outcome: row.outcome,
            base: row.base,
            candidate: row.candidate,
            change: row.change,
            interval: [row.interval.0, row.interval.1],
            limit: row.limit,
            samples: row.samples,
            t: row.t,
            p_adjusted: row.p_adjusted,
            detectable: row.detectable,
            history: &row.history,
        }
    }
}
