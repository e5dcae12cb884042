//! What the gate made of it, in the JSON report.

use serde::Serialize;

use crate::gate::{Failure, FailureKind, Guard, GuardKind, ThresholdResult};
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
