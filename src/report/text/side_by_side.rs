//! Two runs side by side, for the terminal.

use std::io::{self, Write};

use crate::report::side_by_side::{FEW_SAMPLES, GUARDS, MetricPair, SideBySide, tables};
use crate::report::table::one_line;

use super::{Paint, write_table};

/// Writes the description. There is nothing to colour.
///
/// # Errors
/// The writer's.
pub fn write(described: &SideBySide<'_>, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint { colour: false };
    let subject = described.subject;
    writeln!(out, "{}: {}", subject.title(), subject.not_judged())?;
    writeln!(out, "{}\n", subject.judged_by())?;
    write_table("runs", &tables::runs(described), paint, out)?;
    write_lines(subject.incomparable(), &tables::hard_lines(described), out)?;
    write_lines(subject.differs(), &tables::soft_lines(described), out)?;
    write_lines("what is missing:", &described.differences.incomplete, out)?;
    write_lines(GUARDS, &tables::guard_lines(described), out)?;
    let metrics = |title, metrics: &[MetricPair]| tables::metrics(subject, title, metrics);
    write_table("totals of the judged phase", &metrics("metric", &described.totals), paint, out)?;
    write_table("requests", &tables::requests(described), paint, out)?;
    write_table("phases", &tables::phases(described), paint, out)?;
    write_table("failures and stopped iterations", &tables::failures(described), paint, out)?;
    write_table("checks", &tables::checks(described), paint, out)?;
    write_table("scenarios", &metrics("scenario", &described.scenarios), paint, out)?;
    write_table("groups", &metrics("group", &described.groups), paint, out)?;
    write_table("metrics with a threshold on a part", &metrics("part", &described.submetrics), paint, out)?;
    write_table("metrics of the plan", &metrics("metric", &described.custom), paint, out)?;
    if described.few_samples {
        writeln!(out, "   {FEW_SAMPLES}")?;
    }
    Ok(())
}

fn write_lines(title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "   {title}")?;
    for line in lines {
        writeln!(out, "     - {}", one_line(line))?;
    }
    writeln!(out)
}
