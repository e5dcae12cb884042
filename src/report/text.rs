//! The terminal's summary, in the manner of k6's end-of-test summary, with the verdict as its first and its last line.

mod side_by_side;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::gate::{Base, Comparison, NoComparison, Verdict};
use crate::measurement::{Ending, Evidence};
use crate::number;

use super::metrics::{self, Distribution, Figures, MetricRow};
use super::table::{Align, Mark, Table, one_line, pad};
use super::{Report, tables};

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
    write_checks(report, paint, out)?;
    write_metrics(&metrics::rows(report), paint, out)?;
    write_table("requests", &tables::requests(report), paint, out)?;
    write_table("errors and stopped iterations", &tables::errors(report), paint, out)?;
    if let Some(evidence) = tables::first_evidence(report) {
        write_evidence(evidence, out)?;
    }
    write_failures(report, paint, out)?;
    write_table("thresholds", &tables::thresholds(report), paint, out)?;
    write_guards(report, paint, out)?;
    write_comparison(report, paint, out)?;
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
            Mark::Pass | Mark::None => text.to_owned(),
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

/// As k6 prints them: the counts only of a check that failed.
fn write_checks(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let checks = report.measurement.layout.checks.iter().zip(&report.measurement.judged.checks);
    let mut any = false;
    for (name, ratio) in checks.filter(|(_, ratio)| ratio.total > 0) {
        any = true;
        let (name, failed) = (one_line(name), ratio.total - ratio.trues);
        if failed == 0 {
            writeln!(out, "     ✓ {name}")?;
        } else {
            writeln!(out, "{}", paint.mark(Mark::Fail, &format!("     ✗ {name}")))?;
            let share = (ratio.trues as f64 / ratio.total as f64 * 100.0).floor();
            let counts = format!("      ↳  {share}% — ✓ {} / ✗ {failed}", ratio.trues);
            writeln!(out, "{}", paint.mark(Mark::Fail, &counts))?;
        }
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn write_metrics(rows: &[MetricRow], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = rows
        .iter()
        .map(|row| if row.part { format!("  {}", one_line(&row.name)) } else { one_line(&row.name) })
        .collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let columns = Columns::of(rows);
    for (row, name) in rows.iter().zip(&names) {
        let mark = row.passed.map_or(Mark::None, Mark::of);
        let dots = ".".repeat(width + 3 - name.width());
        let line = format!("   {} {name}{dots}: {}", mark.symbol(), columns.line(row));
        writeln!(out, "{}", paint.mark(mark, line.trim_end()))?;
    }
    writeln!(out)
}

/// Widths that line up the figures of all metrics of a kind.
struct Columns {
    trend: [usize; 7],
    first: usize,
    second: usize,
}

impl Columns {
    fn of(rows: &[MetricRow]) -> Columns {
        let mut columns = Columns { trend: [0; 7], first: 0, second: 0 };
        for row in rows {
            match cells(row) {
                Cells::Trend(texts) => {
                    columns.trend.iter_mut().zip(&texts).for_each(|(width, text)| *width = (*width).max(text.width()));
                }
                Cells::Three([first, second, _]) => {
                    columns.first = columns.first.max(first.width());
                    columns.second = columns.second.max(second.width());
                }
            }
        }
        columns
    }

    fn line(&self, row: &MetricRow) -> String {
        let left = |text: &str, width| pad(text, width, Align::Left);
        match cells(row) {
            Cells::Trend(texts) => {
                let texts = texts.iter().zip(self.trend).map(|(text, width)| left(text, width));
                texts.collect::<Vec<_>>().join(" ")
            }
            Cells::Three([first, second, third]) => {
                format!("{} {} {third}", left(&first, self.first), left(&second, self.second))
            }
        }
    }
}

enum Cells {
    Trend([String; 7]),
    Three([String; 3]),
}

fn cells(row: &MetricRow) -> Cells {
    let show = |figure: f64| number::with_unit(figure, row.unit);
    match &row.figures {
        Figures::Trend(distribution) => {
            let mut texts = Distribution::NAMES.map(str::to_owned);
            texts.iter_mut().zip(distribution.figures()).for_each(|(text, figure)| {
                text.push('=');
                text.push_str(&show(figure));
            });
            Cells::Trend(texts)
        }
        Figures::Counter { sum, per_second } => {
            let rate = per_second.map(|rate| format!("{}/s", show(rate))).unwrap_or_default();
            Cells::Three([show(*sum), rate, String::new()])
        }
        Figures::Rate(ratio) => Cells::Three([
            ratio.share().map_or_else(|| number::NONE.to_owned(), number::percent),
            format!("✓ {}", ratio.trues),
            format!("✗ {}", ratio.total - ratio.trues),
        ]),
        Figures::Gauge(gauge) => {
            let show = |figure: Option<f64>| figure.map_or_else(|| number::NONE.to_owned(), show);
            Cells::Three([show(gauge.last), format!("min={}", show(gauge.min)), format!("max={}", show(gauge.max))])
        }
    }
}

fn write_table(title: &str, table: &Table, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out, "   {title}")?;
    table.write_text(|mark, line| paint.mark(mark, line), out)?;
    writeln!(out)
}

fn write_evidence(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let at = number::duration(evidence.at_ms as f64);
    let (request, class) = (one_line(&evidence.request), one_line(&evidence.class));
    writeln!(out, "   first failure of {request} ({class}, {at} after the start)")?;
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

fn write_guards(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for guard in report.judgement.guards.iter().filter(|guard| guard.fired) {
        let line = format!("   ✗ not measured: {}", one_line(&guard.sentence()));
        writeln!(out, "{}", paint.mark(Mark::Fail, &line))?;
        writeln!(out, "     {}\n", one_line(&guard.cure))?;
    }
    Ok(())
}

fn write_comparison(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    match &report.judgement.comparison {
        Comparison::None(why) => writeln!(out, "   {}\n", one_line(&no_comparison(why))),
        Comparison::Made(compared) => {
            let title = match &compared.with {
                Base::History(history) => {
                    let blocking = if history.blocking { "" } else { ", shown only: too few runs to block" };
                    format!("compared with {} of {} runs needed{blocking}", history.runs, history.needed)
                }
                Base::Reference(paired) => format!("compared with {}", paired.target),
            };
            write_table(&title, &tables::comparison(report), paint, out)?;
            for request in &compared.new_requests {
                writeln!(out, "   new: {} has no history in this definition", one_line(request))?;
            }
            for difference in &compared.differences {
                writeln!(out, "   differs from history: {}", one_line(difference))?;
            }
            Ok(())
        }
    }
}

/// Why nothing was compared, as a sentence, and what that means.
pub fn no_comparison(why: &NoComparison) -> String {
    format!("{why}; thresholds alone decide")
}
