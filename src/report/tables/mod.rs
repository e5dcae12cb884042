//! The tables that the text and the Markdown report share.

mod arms;
mod comparison;

use std::array;

use crate::gate::{FailureKind, GuardKind, RowOutcome, ThresholdResult};
use crate::measurement::{ErrorClass, Evidence, Measurement, RequestTally};
use crate::number::{self, NONE};

use super::Report;
use super::metrics::Distribution;
use super::table::{Column, Mark, Table, left, right};

pub use arms::{failed_checks, totals};
pub use comparison::{MOST_DECIDING, comparison, deciding, not_judged, rows, without_row};

/// What the run is called in a column's title.
fn candidate(report: &Report<'_>) -> &'static str {
    match (report.context.pull_request, report.reference) {
        (Some(_), _) => "this PR",
        (None, Some(_)) => "candidate",
        (None, None) => "this run",
    }
}

/// Every request of the judged phase: how many, how fast, how many failed, and the distribution of its duration; of a paired
/// run in both arms, the reference first.
pub fn requests(report: &Report<'_>) -> Table {
    let Some(reference) = report.reference else {
        let mut table = Table::new([&[left("request")], &REQUEST[..]].concat());
        for (name, tally) in judged_requests(report.measurement) {
            push_request(&mut table, &[name], report.measurement, tally);
        }
        return table;
    };
    let mut table = Table::new([&[left("request"), left("arm")], &REQUEST[..]].concat());
    let arms = [("base", &reference.measurement), (candidate(report), report.measurement)];
    for name in names(report.measurement, &reference.measurement) {
        let mut shown = name;
        for (arm, run) in arms {
            if let Some((_, tally)) = judged_requests(run).find(|(known, _)| *known == name) {
                push_request(&mut table, &[shown, arm], run, tally);
                // Its name stands once.
                shown = "";
            }
        }
    }
    table
}

/// What stands behind the name of a request.
pub const REQUEST: [Column; 10] = [
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
];

fn push_request(table: &mut Table, names: &[&str], run: &Measurement, tally: &RequestTally) {
    let rate = number::per_second(tally.attempts as f64 / run.judged_for.as_secs_f64());
    let mut cells: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    cells.extend([tally.attempts.to_string(), rate, failed(tally)]);
    cells.extend(durations(Distribution::of(&tally.duration)));
    table.push(Mark::None, cells);
    // Where some answers were unexpected, what they do to the latency is shown by leaving them out.
    if tally.expected.count() != tally.duration.count() && !tally.expected.is_empty() {
        let mut cells = vec!["↳ expected only".to_owned()];
        cells.extend(names.iter().skip(1).map(|&name| name.to_owned()));
        cells.extend([tally.expected.count().to_string(), String::new(), String::new()]);
        cells.extend(durations(Distribution::of(&tally.expected)));
        table.push(Mark::None, cells);
    }
}

/// The names of the requests of both: in the order of the candidate, then those of the reference alone.
fn names<'a>(candidate: &'a Measurement, reference: &'a Measurement) -> Vec<&'a str> {
    let of = |run: &'a Measurement| judged_requests(run).map(|(name, _)| name);
    let mut names: Vec<&str> = of(candidate).collect();
    let alone: Vec<&str> = of(reference).filter(|name| !names.contains(name)).collect();
    names.extend(alone);
    names
}

/// The requests that were attempted in the judged phase, with their names.
pub fn judged_requests(run: &Measurement) -> impl Iterator<Item = (&str, &RequestTally)> {
    let labels = run.layout.requests.iter().map(|label| &*label.name);
    labels.zip(&run.judged.requests).filter(|(_, tally)| tally.attempts + tally.interrupted > 0)
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

/// What went wrong, by request and class or status, and by scenario and reason; of a paired run in both arms.
pub fn errors(report: &Report<'_>) -> Table {
    if report.reference.is_some() {
        return arms::failures(report);
    }
    let mut table = Table::new([left("where"), left("what"), right("count")]);
    for (name, tally) in judged_requests(report.measurement).filter(|(_, tally)| tally.failed > 0) {
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
    threshold_table(report, &report.judgement.thresholds.iter().collect::<Vec<_>>())
}

/// Thresholds with what was measured.
pub fn threshold_table(report: &Report<'_>, results: &[&ThresholdResult]) -> Table {
    let mut table = Table::new([left("threshold"), left("limit"), right("measured")]);
    for result in results {
        let aborted = if result.aborted { " (ended the run)" } else { "" };
        let limit = format!("{} {}{aborted}", result.statistic(), result.limit_text());
        table.push(report.mark(result.passed), [result.selector.clone(), limit, result.figure_text()]);
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
        GuardKind::Environment => "environment steady",
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

/// The failure to show, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct FirstFailure<'a> {
    pub evidence: &'a Evidence,
    /// Of the reference: the candidate has none.
    pub of_reference: bool,
}

impl FirstFailure<'_> {
    /// `reserve`, or `reserve of the reference`
    pub fn place(&self) -> String {
        let of = if self.of_reference { " of the reference" } else { "" };
        format!("{}{of}", self.evidence.request)
    }
}

/// The failure to show: the first one of a request that failed its comparison, else the first of all; the reference's where
/// the candidate has none.
pub fn first_failure<'a>(report: &Report<'a>) -> Option<FirstFailure<'a>> {
    let failed = rows(&report.judgement.comparison).iter().filter(|row| row.outcome == RowOutcome::Fail);
    let failed: Vec<&str> = failed.map(|row| &*row.request).collect();
    let first = |of_reference, evidence: &'a [Evidence]| {
        let first = evidence.iter().min_by_key(|one| (!failed.contains(&&*one.request), one.at_ms));
        first.map(|evidence| FirstFailure { evidence, of_reference })
    };
    let reference = report.reference.map_or(&[][..], |reference| &reference.measurement.evidence);
    first(false, &report.measurement.evidence).or_else(|| first(true, reference))
}
