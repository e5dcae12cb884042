//! Checks and metrics of the candidate, as k6's end-of-test summary lists them.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::number;
use crate::report::Report;
use crate::report::metrics::{self, Distribution, Figures, MetricRow};
use crate::report::table::{Align, Mark, one_line, pad};

use super::Paint;

/// Writes both lists.
///
/// # Errors
/// The writer's.
pub fn write(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    write_checks(report, paint, out)?;
    write_metrics(report, paint, out)
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

fn write_metrics(report: &Report<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let rows = metrics::rows(report.measurement, &report.judgement.thresholds);
    let names: Vec<String> = rows
        .iter()
        .map(|row| if row.part { format!("  {}", one_line(&row.name)) } else { one_line(&row.name) })
        .collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let columns = Columns::of(&rows);
    for (row, name) in rows.iter().zip(&names) {
        let mark = row.passed.map_or(Mark::None, |passed| report.mark(passed));
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
