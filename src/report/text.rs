//! The terminal's summary, in the manner of k6's end-of-test summary, with the verdict as its first and its last line.

mod comparison;
mod metrics;
mod side_by_side;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::time::Duration;

use crate::gate::{Standing, Verdict};
use crate::measurement::Ending;
use crate::number;

use super::table::{Mark, Table, one_line};
use super::tables::FirstFailure;
use super::{Report, base, tables};

pub use comparison::no_comparison;
pub use side_by_side::write as write_side_by_side;

/// Writes the summary; `colour` only for a terminal whose user has not set NO_COLOR.
///
/// # Errors
/// The writer's.
pub fn write(report: &Report<'_>, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint { colour };
    let verdict = paint.verdict(report.judgement.verdict, &one_line(&report.judgement.headline()));
    writeln!(out, "{verdict}\n")?;
    write_run(report, out)?;
    metrics::write(report, paint, out)?;
    write_table("totals of both arms", &tables::totals(report), paint, out)?;
    write_table("requests", &tables::requests(report), paint, out)?;
    write_table("errors and stopped iterations", &tables::errors(report), paint, out)?;
    write_table("failed checks of both arms", &tables::failed_checks(report), paint, out)?;
    if let Some(failure) = tables::first_failure(report) {
        write_first_failure(&failure, out)?;
    }
    write_failures(report, paint, out)?;
    write_table("thresholds", &tables::thresholds(report), paint, out)?;
    write_guards(report, paint, out)?;
    write_base(report, paint, out)?;
    comparison::write(report, paint, out)?;
    for note in &report.context.notes {
        writeln!(out, "   note: {}", one_line(note))?;
    }
    if let Some(rerun) = &report.context.rerun {
        writeln!(out, "   again: {}", one_line(rerun))?;
    }
    if let Some(path) = &report.context.measurement_path {
        writeln!(out, "   measurement: {}", one_line(path))?;
    }
    writeln!(out, "\n{verdict}")
}

#[derive(Clone, Copy)]
struct Paint {
    colour: bool,
}

impl Paint {
    fn in_colour(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn verdict(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Pass => "1;32",
            Verdict::Fail => "1;31",
            Verdict::TooNoisy | Verdict::NotMeasured => "1;33",
        };
        self.in_colour(code, text)
    }

    fn mark(self, mark: Mark, text: &str) -> String {
        match mark {
            Mark::Fail => self.in_colour("31", text),
            Mark::Unclear => self.in_colour("33", text),
            Mark::Pass | Mark::NotJudged | Mark::None => text.to_owned(),
        }
    }
}

fn write_run(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = report.measurement;
    let seconds = |time: Duration| number::duration(time.as_secs_f64() * 1e3);
    let profile = run.profile.as_ref().map(|profile| format!(" ({profile})")).unwrap_or_default();
    let commit = run.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
    writeln!(
        out,
        "   plan {}{}, target {}{}",
        one_line(&run.plan),
        one_line(&profile),
        one_line(&run.target),
        one_line(&commit)
    )?;
    if let Some(reference) = report.reference {
        let run = &reference.measurement;
        let commit = run.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
        writeln!(out, "   reference {}{}", one_line(&run.target), one_line(&commit))?;
    }
    let ending = match &run.ending {
        Ending::Completed => String::new(),
        Ending::Interrupted => ", interrupted".to_owned(),
        Ending::Aborted { threshold } => format!(", ended early by {}", one_line(threshold)),
    };
    let scenarios = || run.layout.own_scenarios(&run.judged.scenarios);
    let interrupted: u64 = scenarios().map(|scenario| scenario.interrupted).sum();
    let complete: u64 = scenarios().map(|scenario| scenario.iterations).sum();
    writeln!(
        out,
        "   ran {} of which {} are judged, {complete} complete and {interrupted} interrupted iterations, seed {}{ending}\n",
        seconds(run.elapsed),
        seconds(run.judged_for),
        run.seed
    )
}

fn write_table(title: &str, table: &Table, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out, "   {title}")?;
    table.write_text(|mark, line| paint.mark(mark, line), out)?;
    writeln!(out)
}

fn write_first_failure(failure: &FirstFailure<'_>, out: &mut dyn Write) -> io::Result<()> {
    let evidence = failure.evidence;
    let at = number::duration(evidence.at_ms as f64);
    let (place, class) = (one_line(&failure.place()), one_line(&evidence.class));
    writeln!(out, "   first failure of {place} ({class}, {at} after the start)")?;
    writeln!(out, "     {} {}", one_line(&evidence.method), one_line(&evidence.url))?;
    if let Some(body) = &evidence.request_body {
        writeln!(out, "     {}", one_line(body))?;
    }
    writeln!(out, "     {}", one_line(&evidence.message))?;
    if let Some(status) = evidence.status {
        writeln!(out, "     answered {status}")?;
    }
    for line in evidence.response_body.iter().flat_map(|body| body.lines()) {
        writeln!(out, "     │ {}", one_line(line))?;
    }
    writeln!(out)
}

/// What needs no threshold to fail the run.
fn write_failures(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for failure in &report.judgement.failures {
        let line = format!("   ✗ {}", one_line(&failure.sentence()));
        writeln!(out, "{}", paint.mark(Mark::Fail, &line))?;
        writeln!(out, "     {}\n", one_line(&failure.cure))?;
    }
    Ok(())
}

/// What base's rules say of the run, where they are others.
fn write_base(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let Some(base) = &report.judgement.base else { return Ok(()) };
    writeln!(out, "   {}", one_line(&base::line(base)))?;
    let mark = if base.standing == Standing::Waived { Mark::Unclear } else { Mark::Fail };
    for loosened in &base.loosened {
        let line = format!("   {} {}", mark.symbol(), one_line(&loosened.sentence()));
        writeln!(out, "{}", paint.mark(mark, &line))?;
    }
    writeln!(out)
}

fn write_guards(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for guard in report.judgement.guards.iter().filter(|guard| guard.fired) {
        let line = format!("   ✗ not measured: {}", one_line(&guard.sentence()));
        writeln!(out, "{}", paint.mark(Mark::Fail, &line))?;
        writeln!(out, "     {}\n", one_line(&guard.cure))?;
    }
    Ok(())
}
