//! The tables that the text and the Markdown report share.

use std::array;

use crate::gate::{Comparison, GuardKind, Row, RowOutcome, ThresholdResult};
use crate::measurement::{ErrorClass, Evidence, RequestTally};
use crate::metric::Unit;

use super::Report;
use super::metrics::Distribution;
use super::number::{self, NONE};
use super::sparkline::sparkline;
use super::table::{Mark, Table, TableRow, left, right};

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
        for (status, count) in unexpected(tally) {
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

/// The statuses that failed requests were answered with. Which ones a plan expects is not kept: errors of client and server
/// stand for them, and all statuses where those are too few to explain the failures.
fn unexpected(tally: &RequestTally) -> Vec<(u16, u64)> {
    let failed_answers = tally.failed.saturating_sub(tally.errors.iter().sum());
    let all = || tally.statuses.iter().map(|(status, count)| (*status, *count));
    let errors: Vec<_> = all().filter(|(status, _)| *status >= 400).collect();
    if errors.iter().map(|(_, count)| count).sum::<u64>() >= failed_answers { errors } else { all().collect() }
}

/// Every threshold with what was measured.
pub fn thresholds(report: &Report<'_>) -> Table {
    let mut table = Table::new([left("threshold"), left("limit"), right("measured")]);
    for result in &report.judgement.thresholds {
        let ThresholdCells { statistic, limit, measured } = threshold_cells(result);
        let aborted = if result.aborted { " (ended the run)" } else { "" };
        let cells = [result.selector.clone(), format!("{statistic} {limit}{aborted}"), measured];
        table.push(Mark::of(result.passed), cells);
    }
    table
}

struct ThresholdCells {
    /// `p(95)`
    statistic: String,
    /// `< 300ms`
    limit: String,
    measured: String,
}

fn threshold_cells(result: &ThresholdResult) -> ThresholdCells {
    let condition = &result.condition;
    let at = condition.find(['<', '>', '=', '!']).unwrap_or(condition.len());
    let (statistic, rest) = condition.split_at(at);
    let operator_ends = rest.find(|c| !matches!(c, '<' | '>' | '=' | '!')).unwrap_or(rest.len());
    let limit = match result.unit {
        Unit::Plain => rest[operator_ends..].trim().to_owned(),
        unit => number::with_unit(result.limit, unit),
    };
    let measured = match result.figure {
        Some(figure) => number::beside_limit(figure, result.limit, result.unit),
        None => "no sample".to_owned(),
    };
    ThresholdCells {
        statistic: statistic.trim().to_owned(),
        limit: format!("{} {limit}", &rest[..operator_ends]),
        measured,
    }
}

/// A threshold and what was measured as a sentence: `http_req_duration p(95) is 312.4ms, limit < 300ms`.
pub fn threshold_sentence(result: &ThresholdResult) -> String {
    let ThresholdCells { statistic, limit, measured } = threshold_cells(result);
    format!("{} {statistic} is {measured}, limit {limit}", result.selector)
}

/// What a guard looks at.
pub fn guard_name(kind: GuardKind) -> &'static str {
    match kind {
        GuardKind::Incomplete => "run complete",
        GuardKind::NeverAttempted => "request attempted",
        GuardKind::Refused => "not refused",
        GuardKind::Rate => "planned rate",
        GuardKind::NoBaseline => "baseline there",
        GuardKind::Generator => "generator healthy",
    }
}

/// Every guard, fired or not.
pub fn guards(report: &Report<'_>) -> Table {
    let mut table = Table::new([left("guard"), left("about"), left("finding")]);
    for guard in &report.judgement.guards {
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
    for row in rows(&report.judgement.comparison) {
        let cells = comparison_cells(row);
        let history = sparkline(&[&row.history[..], &[row.candidate]].concat());
        table.push(
            outcome_mark(row.outcome),
            [
                row.request.clone(),
                row.metric.name().to_owned(),
                cells.base,
                cells.candidate,
                cells.change,
                cells.interval,
                cells.limit,
                row.detectable.map_or_else(|| NONE.to_owned(), |change| of_kind(row, change)),
                row.p_adjusted.map_or_else(|| NONE.to_owned(), probability),
                row.samples.to_string(),
                history,
            ],
        );
    }
    table
}

/// The rows that decide, at most ten, the failing ones first: thresholds and comparison in one table.
pub fn deciding(report: &Report<'_>) -> Table {
    const MOST: usize = 10;
    let mut table = Table::new([
        left("request"),
        left("metric"),
        right("base"),
        right(if report.context.pull_request.is_some() { "this PR" } else { "this run" }),
        right("change"),
        right("limit"),
        left("history"),
    ]);
    for row in rows(&report.judgement.comparison) {
        let cells = comparison_cells(row);
        let change = match row.outcome {
            RowOutcome::TooFewSamples => "too few samples".to_owned(),
            _ => format!("{} {}", cells.change, cells.interval),
        };
        let history = sparkline(&[&row.history[..], &[row.candidate]].concat());
        let name = row.metric.name().to_owned();
        let cells = [row.request.clone(), name, cells.base, cells.candidate, change, cells.limit, history];
        table.push(outcome_mark(row.outcome), cells);
    }
    for result in &report.judgement.thresholds {
        let ThresholdCells { statistic, limit, measured } = threshold_cells(result);
        let none = || NONE.to_owned();
        let cells = [result.selector.clone(), statistic, none(), measured, none(), limit, String::new()];
        table.push(Mark::of(result.passed), cells);
    }
    table.rows.sort_by_key(|TableRow { mark, .. }| match mark {
        Mark::Fail => 0,
        Mark::Unclear => 1,
        Mark::Pass => 2,
        Mark::None => 3,
    });
    table.rows.truncate(MOST);
    table
}

/// A failed row as a sentence: `reserve p95 rose by 22.1% [+15.0%, +29.6%] from 8.2ms to 10.01ms, limit +10.0%`.
pub fn regression_sentence(row: &Row) -> String {
    let cells = comparison_cells(row);
    format!(
        "{} {} changed by {} {} from {} to {}, limit {}",
        row.request,
        row.metric.name(),
        cells.change,
        cells.interval,
        cells.base,
        cells.candidate,
        cells.limit
    )
}

/// The rows of a comparison; none where nothing was compared.
pub fn rows(comparison: &Comparison) -> &[Row] {
    match comparison {
        Comparison::History(history) => &history.rows,
        Comparison::None(_) => &[],
    }
}

struct ComparisonCells {
    base: String,
    candidate: String,
    change: String,
    interval: String,
    limit: String,
}

fn comparison_cells(row: &Row) -> ComparisonCells {
    let figure = if is_quantile(row) { number::duration } else { number::percent };
    ComparisonCells {
        base: figure(row.base),
        candidate: figure(row.candidate),
        change: of_kind(row, row.change),
        interval: format!("[{}, {}]", of_kind(row, row.interval.0), of_kind(row, row.interval.1)),
        limit: of_kind(row, row.limit),
    }
}

/// A change in the terms of the row's metric: relative for quantiles, points for shares.
fn of_kind(row: &Row, change: f64) -> String {
    if is_quantile(row) { number::change(change) } else { number::points(change) }
}

fn is_quantile(row: &Row) -> bool {
    row.metric.quantile().is_some()
}

fn probability(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

fn outcome_mark(outcome: RowOutcome) -> Mark {
    match outcome {
        RowOutcome::Pass => Mark::Pass,
        RowOutcome::Fail => Mark::Fail,
        RowOutcome::TooNoisy => Mark::Unclear,
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
