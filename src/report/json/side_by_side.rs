//! Two runs side by side, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::side_by_side::{
    CheckPair, Differences, FailurePair, MetricPair, RequestPair, Side, SideBySide, Subject,
};

use super::Run;
use super::judged::GuardFigures;

/// Version of this format.
const SCHEMA_VERSION: u32 = 1;

/// Writes the description.
///
/// # Errors
/// The writer's.
pub fn write(described: &SideBySide<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        judged: false,
        subject: described.subject,
        comparable: described.differences.comparable(),
        old: Run::of(described.old.run, Some(described.old.path)),
        new: Run::of(described.new.run, Some(described.new.path)),
        differences: &described.differences,
        totals: &described.totals,
        requests: &described.requests,
        phases: &described.phases,
        failures: &described.failures,
        checks: &described.checks,
        scenarios: &described.scenarios,
        groups: &described.groups,
        submetrics: &described.submetrics,
        custom: &described.custom,
        old_guards: fired(described.old),
        new_guards: fired(described.new),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// Guards that fired, by loadgate's own limits.
fn fired(side: Side<'_>) -> Vec<GuardFigures<'_>> {
    side.guards.iter().filter(|guard| guard.fired).map(GuardFigures::of).collect()
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// Always false.
    judged: bool,
    /// `two_runs`, or `arms_of_one_run`: then `old` is the reference and `new` the candidate.
    subject: Subject,
    /// Whether no hard term of the contract differs.
    comparable: bool,
    old: Run<'a>,
    new: Run<'a>,
    differences: &'a Differences,
    totals: &'a [MetricPair],
    requests: &'a [RequestPair],
    phases: &'a [MetricPair],
    failures: &'a [FailurePair],
    checks: &'a [CheckPair],
    scenarios: &'a [MetricPair],
    groups: &'a [MetricPair],
    submetrics: &'a [MetricPair],
    custom: &'a [MetricPair],
    old_guards: Vec<GuardFigures<'a>>,
    new_guards: Vec<GuardFigures<'a>>,
}
