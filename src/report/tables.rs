//! The tables that the text and the Markdown report share.

use std::array;

use crate::gate::{Compared, Comparison, FailureKind, GatedMetric, GuardKind, Row, RowOutcome, ThresholdResult};
use crate::measurement::{ErrorClass, Evidence, RequestTally};
use crate::number::{self, NONE};

use super::Report;
use super::metrics::Distribution;
use super::sparkline::sparkline;
use super::table::{Mark, Table, left, right};

/// Every request of the judged phase: how many, how fast, how many failed, and the distribution of its duration.
pub fn requests(report: &Report<'_>) -> Table {
    let mut table = Table::new([
        left("request"),
        right("count"),
        right("rate"),
        right("failed"),
        right("avg"),
        right("min"),
        right("med"),
        right("max"),
        right("p(90)"),
        right("p(95)"),
        right("p(99)"),
    ]);
    for (name, tally) in judged_requests(report) {
        let mut cells = vec![
            name.to_owned(),
            tally.attempts.to_string(),
            number::per_second(tally.attempts as f64 / report.measurement.judged_for.as_secs_f64()),
            failed(tally),
        ];
        cells.extend(durations(Distribution::of(&tally.duration)));
        table.push(Mark::None, cells);
        // Where some answers were unexpected, what they do to the latency is shown by leaving them out.
        if tally.expected.count() != tally.duration.count() && !tally.expected.is_empty() {
            let mut cells =
                vec!["↳ expected only".to_owned(), tally.expected.count().to_string(), String::new(), String::new()];
            cells.extend(durations(Distribution::of(&tally.expected)));
            table.push(Mark::None, cells);
        }
    }
    table
}

/// The requests that were attempted in the judged phase, with their names.
pub fn judged_requests<'a>(report: &Report<'a>) -> impl Iterator<Item = (&'a str, &'a RequestTally)> {
    let measurement = report.measurement;
    let labels = measurement.layout.requests.iter().map(|label| &*label.name);
    labels.zip(&measurement.judged.requests).filter(|(_, tally)| tally.attempts + tally.interrupted > 0)
}

fn failed(tally: &RequestTally) -> String {
    match tally.attempts {
        0 => NONE.to_owned(),
        _ if tally.failed == 0 => "0".to_owned(),
        attempts => format!("{} ({})", tally.failed, number::percent(tally.failed as f64 / attempts as f64)),
    }
}

fn durations(distribution: Option<Distribution>) -> [String; 7] {
    match distribution {
        Some(distribution) => distribution.figures().map(number::duration),
        None => array::from_fn(|_| NONE.to_owned()),
    }
}

/// What went wrong, by request and class or status, and by scenario and reason.
pub fn errors(report: &Report<'_>) -> Table {
    let mut table = Table::new([left("where"), left("what"), right("count")]);
    for (name, tally) in judged_requests(report).filter(|(_, tally)| tally.failed > 0) {
        for class in ErrorClass::ALL.into_iter().filter(|class| tally.errors_of(*class) > 0) {
            table.push(Mark::None, [name.into(), format!("{class} error"), tally.errors_of(class).to_string()]);
        }
        for (status, count) in &tally.unexpected {
            table.push(Mark::None, [name.into(), format!("status {status}"), count.to_string()]);
        }
    }
    let scenarios = report.measurement.layout.scenarios.iter().zip(&report.measurement.judged.scenarios);
    for (label, tally) in scenarios {
        for (what, reasons) in [("stopped", &tally.stopped), ("failed", &tally.errors)] {
            for (reason, count) in reasons {
                let place = format!("scenario {}", label.name);
                table.push(Mark::None, [place, format!("iterations {what}: {reason}"), count.to_string()]);
            }
        }
    }
    table
}

/// Every threshold with what was measured.
pub fn thresholds(report: &Report<'_>) -> Table {
    threshold_table(&report.judgement.thresholds.iter().collect::<Vec<_>>())
}

fn threshold_table(results: &[&ThresholdResult]) -> Table {
    let mut table = Table::new([left("threshold"), left("limit"), right("measured")]);
    for result in results {
        let aborted = if result.aborted { " (ended the run)" } else { "" };
        let limit = format!("{} {}{aborted}", result.statistic(), result.limit_text());
        table.push(Mark::of(result.passed), [result.selector.clone(), limit, result.figure_text()]);
    }
    table
}

/// What a failure is called.
pub fn failure_name(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NoResponse => "no response",
        FailureKind::FellBehind => "fell behind",
        FailureKind::Aborted => "ended early",
    }
}

/// What a guard looks at.
pub fn guard_name(kind: GuardKind) -> &'static str {
    match kind {
        GuardKind::Incomplete => "run complete",
        GuardKind::Shards => "all shards there",
        GuardKind::NeverAttempted => "request attempted",
        GuardKind::Refused => "not refused",
        GuardKind::Rate => "planned rate",
        GuardKind::NoBaseline => "baseline there",
        GuardKind::Reference => "reference sound",
        GuardKind::Generator => "generator healthy",
    }
}

/// Every guard, those that fired first.
pub fn guards(report: &Report<'_>) -> Table {
    let mut table = Table::new([left("guard"), left("about"), left("finding")]);
    let (fired, quiet): (Vec<_>, Vec<_>) = report.judgement.guards.iter().partition(|guard| guard.fired);
    for guard in fired.into_iter().chain(quiet) {
        let subject = guard.subject.clone().unwrap_or_else(|| NONE.to_owned());
        let finding = if guard.fired { format!("{}; {}", guard.finding, guard.cure) } else { guard.finding.clone() };
        table.push(Mark::of(!guard.fired), [guard_name(guard.kind).to_owned(), subject, finding]);
    }
    table
}

/// Every row of the comparison with history; empty where there is none.
pub fn comparison(report: &Report<'_>) -> Table {
    let mut table = Table::new([
        left("request"),
        left("metric"),
        right("base"),
        right("this run"),
        right("change"),
        right("95% interval"),
        right("limit"),
        right("detectable"),
        right("p"),
        right("samples"),
        left("history"),
    ]);
    let Comparison::Made(compared) = &report.judgement.comparison else { return table };
    for row in &compared.rows {
        table.push(
            row_mark(compared, row),
            [
                row.request.clone(),
                row.metric.name().to_owned(),
                row.figure_text(row.base),
                row.figure_text(row.candidate),
                row.change_text(row.change),
                row.interval_text(),
                row.limit_text(),
                row.detectable.map_or_else(|| NONE.to_owned(), |change| row.change_text(change)),
                row.p_adjusted.map_or_else(|| NONE.to_owned(), probability),
                row.samples.to_string(),
                trail(row),
            ],
        );
    }
    table
}

/// What a reader looks at first: whatever does not pass, and the largest changes of p50 and p95. Thresholds stand beside the
/// comparison if they are broken, and alone where nothing was compared.
pub fn deciding(report: &Report<'_>) -> Table {
    let results = &report.judgement.thresholds;
    match &report.judgement.comparison {
        Comparison::Made(compared) if !compared.rows.is_empty() => deciding_rows(report, compared),
        _ => {
            let (passed, broken): (Vec<_>, Vec<_>) = results.iter().partition(|result| result.passed);
            let mut first: Vec<&ThresholdResult> = broken.into_iter().chain(passed).collect();
            first.truncate(MOST_DECIDING);
            threshold_table(&first)
        }
    }
}

/// Rows of [`deciding`] at most.
pub const MOST_DECIDING: usize = 10;

/// As many rows, at least, if there are any that pass.
const FEWEST_DECIDING: usize = 4;

fn deciding_rows(report: &Report<'_>, compared: &Compared) -> Table {
    let this = if report.context.pull_request.is_some() { "this PR" } else { "this run" };
    let mut table = Table::new([
        left("request"),
        left("metric"),
        right("base"),
        right(this),
        right("change"),
        right("95% interval"),
        right("limit"),
        left("history"),
    ]);
    let push = |table: &mut Table, row: &Row| {
        let cells = [
            row.request.clone(),
            row.metric.name().to_owned(),
            row.figure_text(row.base),
            row.figure_text(row.candidate),
            row.change_text(row.change),
            row.interval_text(),
            row.limit_text(),
            trail(row),
        ];
        table.push(row_mark(compared, row), cells);
    };
    let with = |outcome| compared.rows.iter().filter(move |row| row.outcome == outcome);
    for result in report.judgement.thresholds.iter().filter(|result| !result.passed) {
        let (none, statistic) = (|| NONE.to_owned(), result.statistic().to_owned());
        let (figure, limit) = (result.figure_text(), result.limit_text());
        let cells = [result.selector.clone(), statistic, none(), figure, none(), none(), limit, String::new()];
        table.push(Mark::Fail, cells);
    }
    with(RowOutcome::Fail).for_each(|row| push(&mut table, row));
    with(RowOutcome::TooNoisy).for_each(|row| push(&mut table, row));
    table.rows.truncate(MOST_DECIDING);
    let mut passed: Vec<&Row> = with(RowOutcome::Pass).filter(|row| is_usual(row)).collect();
    passed.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
    let room = FEWEST_DECIDING.saturating_sub(table.rows.len());
    passed.into_iter().take(room).for_each(|row| push(&mut table, row));
    table
}

/// p50 or p95: what most readers look at.
fn is_usual(row: &Row) -> bool {
    matches!(row.metric, GatedMetric::P50 | GatedMetric::P95)
}

/// The runs of the window and this one as a line of blocks.
fn trail(row: &Row) -> String {
    sparkline(&[&row.history[..], &[row.candidate]].concat())
}

/// The rows of a comparison; none where nothing was compared.
pub fn rows(comparison: &Comparison) -> &[Row] {
    match comparison {
        Comparison::Made(compared) => &compared.rows,
        Comparison::None(_) => &[],
    }
}

fn probability(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

/// A regression is no failure while the history is too short to block.
fn row_mark(compared: &Compared, row: &Row) -> Mark {
    match row.outcome {
        RowOutcome::Pass => Mark::Pass,
        RowOutcome::Fail if compared.blocks(row) => Mark::Fail,
        RowOutcome::Fail | RowOutcome::TooNoisy => Mark::Unclear,
        RowOutcome::TooFewSamples => Mark::None,
    }
}

/// The failure to show: the first one of a request that failed its comparison, else the first of all.
pub fn first_evidence<'a>(report: &Report<'a>) -> Option<&'a Evidence> {
    let failed = rows(&report.judgement.comparison).iter().filter(|row| row.outcome == RowOutcome::Fail);
    let failed: Vec<&str> = failed.map(|row| &*row.request).collect();
    let evidence = &report.measurement.evidence;
    evidence.iter().min_by_key(|one| (!failed.contains(&&*one.request), one.at_ms))
}
