//! Both arms of a paired run beside each other. Their difference is for the comparison to say.

use crate::report::Report;
use crate::report::side_by_side::{Side, SideBySide, Subject, tables};
use crate::report::table::{Mark, Table, left, right};

use super::candidate;

/// The reference and the candidate, described; none of a run of one arm.
fn described<'a>(report: &Report<'a>) -> Option<SideBySide<'a>> {
    let side = |run| Side { path: "", arm: None, run, guards: &[] };
    let reference = report.reference?;
    Some(SideBySide::of(Subject::ArmsOfOneRun, side(&reference.measurement), side(report.measurement)))
}

/// The whole run's metrics; empty of a run of one arm.
pub fn totals(report: &Report<'_>) -> Table {
    let mut table = Table::unmarked([left("metric"), left("figure"), right("base"), right(candidate(report))]);
    for metric in described(report).iter().flat_map(|described| &described.totals) {
        for figure in &metric.figures {
            let [base, candidate] = tables::figures(&figure.pair);
            table.push(Mark::None, [metric.name.clone(), figure.figure.clone(), base, candidate]);
        }
    }
    table
}

/// What went wrong, by place and reason.
pub fn failures(report: &Report<'_>) -> Table {
    let mut table = Table::unmarked([left("where"), left("what"), right("base"), right(candidate(report))]);
    for failure in described(report).iter().flat_map(|described| &described.failures) {
        let [base, candidate] = tables::shares(&failure.figures);
        table.push(Mark::None, [failure.place.clone(), failure.what.clone(), base, candidate]);
    }
    table
}

/// The checks that failed in either arm; empty of a run of one arm, and where none failed.
pub fn failed_checks(report: &Report<'_>) -> Table {
    let mut table = Table::unmarked([left("check"), right("base"), right(candidate(report))]);
    for check in described(report).iter().flat_map(|described| &described.checks) {
        if !check.failed.count.is_nothing() {
            let [base, candidate] = tables::shares(&check.failed);
            table.push(Mark::None, [check.name.clone(), base, candidate]);
        }
    }
    table
}
