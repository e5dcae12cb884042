//! Two runs side by side, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::side_by_side::{CheckPair, Differences, FailurePair, MetricPair, RequestPair, SideBySide};

use super::Run;

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
        comparable: described.differences.comparable(),
        old: Run::of(described.old.run, Some(described.old.path)),
        new: Run::of(described.new.run, Some(described.new.path)),
        differences: &described.differences,
        totals: &described.totals,
        requests: &described.requests,
        failures: &described.failures,
        checks: &described.checks,
        custom: &described.custom,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// Always false.
    judged: bool,
    /// Whether no hard term of the contract differs.
    comparable: bool,
    old: Run<'a>,
    new: Run<'a>,
    differences: &'a Differences,
    totals: &'a [MetricPair],
    requests: &'a [RequestPair],
    failures: &'a [FailurePair],
    checks: &'a [CheckPair],
    custom: &'a [MetricPair],
}
