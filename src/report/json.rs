//! The JSON report: every figure, in structs of its own. Times are milliseconds, shares 0 to 1, data bytes.
//!
//! A field is added without a new version; a field that changes its meaning or goes away makes one.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::gate::{Comparison, Guard, GuardKind, History, NoComparison, Row, RowOutcome, ThresholdResult, Verdict};
use crate::measurement::{Ending, ErrorClass, Evidence, RequestTally, ScenarioTally, Trend};
use crate::metric::Unit;

use super::metrics::{self, Distribution, Figures, MetricRow};
use super::{Report, tables};

/// Version of this format.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the report.
///
/// # Errors
/// The writer's.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document::of(report))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    verdict: Verdict,
    headline: String,
    run: Run<'a>,
    metrics: Vec<MetricFigures>,
    requests: Vec<Request<'a>>,
    checks: Vec<Check<'a>>,
    scenarios: Vec<Scenario<'a>>,
    guards: Vec<GuardFigures<'a>>,
    thresholds: Vec<Threshold<'a>>,
    comparison: ComparisonFigures<'a>,
    evidence: Vec<Failure<'a>>,
    notes: &'a [String],
    rerun: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(report: &Report<'a>) -> Document<'a> {
        let (run, judgement) = (report.measurement, report.judgement);
        let checks = run.layout.checks.iter().zip(&run.judged.checks);
        let scenarios = run.layout.scenarios.iter().zip(&run.judged.scenarios);
        let seconds = run.judged_for.as_secs_f64();
        Document {
            schema_version: SCHEMA_VERSION,
            verdict: judgement.verdict,
            headline: judgement.headline(),
            run: Run::of(report),
            metrics: metrics::rows(report).into_iter().map(MetricFigures::of).collect(),
            requests: tables::judged_requests(report).map(|(name, tally)| Request::of(name, tally, seconds)).collect(),
            checks: checks
                .map(|(name, ratio)| Check { name, passed: ratio.trues, failed: ratio.total - ratio.trues })
                .collect(),
            scenarios: scenarios.map(|(label, tally)| Scenario::of(&label.name, tally)).collect(),
            guards: judgement.guards.iter().map(GuardFigures::of).collect(),
            thresholds: judgement.thresholds.iter().map(Threshold::of).collect(),
            comparison: ComparisonFigures::of(&judgement.comparison),
            evidence: run.evidence.iter().map(Failure::of).collect(),
            notes: &report.context.notes,
            rerun: report.context.rerun.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Run<'a> {
    plan: &'a str,
    plan_path: Option<&'a str>,
    profile: Option<&'a str>,
    target: &'a str,
    commit: Option<&'a str>,
    job: Option<&'a str>,
    started_at: String,
    elapsed_ms: f64,
    judged_ms: f64,
    /// As a string: it needs more bits than a JSON number keeps.
    seed: String,
    /// `completed`, `interrupted` or `aborted`.
    ending: &'static str,
    aborted_by: Option<&'a str>,
    generator: &'a str,
    workers: u32,
    busiest_worker_cpu: Option<f64>,
    loop_lag: Option<Distribution>,
    cpu: Option<&'a str>,
    cores: Option<u32>,
    image: Option<&'a str>,
    region: Option<&'a str>,
    measurement: Option<&'a str>,
    baseline: Option<&'a str>,
}

impl<'a> Run<'a> {
    fn of(report: &Report<'a>) -> Run<'a> {
        let (run, context) = (report.measurement, report.context);
        let machine = &run.contract.machine;
        let (ending, aborted_by) = match &run.ending {
            Ending::Completed => ("completed", None),
            Ending::Interrupted => ("interrupted", None),
            Ending::Aborted { threshold } => ("aborted", Some(threshold.as_str())),
        };
        Run {
            plan: &run.plan,
            plan_path: context.plan_path.as_deref(),
            profile: run.profile.as_deref(),
            target: &run.target,
            commit: run.commit.as_deref(),
            job: run.job.as_deref(),
            started_at: run.started_at.to_string(),
            elapsed_ms: run.elapsed.as_secs_f64() * 1e3,
            judged_ms: run.judged_for.as_secs_f64() * 1e3,
            seed: run.seed.to_string(),
            ending,
            aborted_by,
            generator: &machine.generator,
            workers: run.generator.workers,
            busiest_worker_cpu: run.generator.busiest_worker_cpu,
            loop_lag: Distribution::of(&run.generator.loop_lag),
            cpu: machine.cpu.as_deref(),
            cores: machine.cores,
            image: machine.image.as_deref(),
            region: machine.region.as_deref(),
            measurement: context.measurement_path.as_deref(),
            baseline: context.baseline.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct MetricFigures {
    name: String,
    /// A part of the metric before it, selected by a tag or a reason.
    part: bool,
    unit: Unit,
    #[serde(flatten)]
    figures: KindFigures,
    thresholds_passed: Option<bool>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum KindFigures {
    Counter { count: f64, per_second: Option<f64> },
    Gauge { value: Option<f64>, min: Option<f64>, max: Option<f64> },
    Rate { rate: Option<f64>, trues: u64, falses: u64 },
    Trend(Distribution),
}

impl MetricFigures {
    fn of(row: MetricRow) -> MetricFigures {
        let MetricRow { name, part, unit, figures, passed } = row;
        let figures = match figures {
            Figures::Counter { sum, per_second } => KindFigures::Counter { count: sum, per_second },
            Figures::Gauge(gauge) => KindFigures::Gauge { value: gauge.last, min: gauge.min, max: gauge.max },
            Figures::Rate(ratio) => {
                KindFigures::Rate { rate: ratio.share(), trues: ratio.trues, falses: ratio.total - ratio.trues }
            }
            Figures::Trend(distribution) => KindFigures::Trend(distribution),
        };
        MetricFigures { name, part, unit, figures, thresholds_passed: passed }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    count: u64,
    per_second: f64,
    responses: u64,
    failed: u64,
    /// Cut off with their iteration: in no other count.
    interrupted: u64,
    /// By class.
    errors: BTreeMap<&'static str, u64>,
    /// Whole answers by status.
    statuses: BTreeMap<String, u64>,
    data_sent: u64,
    data_received: u64,
    duration: Option<Distribution>,
    expected_duration: Option<Distribution>,
    scheduled_duration: Option<Distribution>,
    phases: Phases,
}

#[derive(Serialize)]
struct Phases {
    blocked: Option<Distribution>,
    connecting: Option<Distribution>,
    tls_handshaking: Option<Distribution>,
    sending: Option<Distribution>,
    waiting: Option<Distribution>,
    receiving: Option<Distribution>,
}

impl<'a> Request<'a> {
    fn of(name: &'a str, tally: &RequestTally, seconds: f64) -> Request<'a> {
        let of = |trend: &Trend| Distribution::of(trend);
        let errors = ErrorClass::ALL.into_iter().map(|class| (class.name(), tally.errors_of(class)));
        Request {
            name,
            count: tally.attempts,
            per_second: tally.attempts as f64 / seconds,
            responses: tally.responses,
            failed: tally.failed,
            interrupted: tally.interrupted,
            errors: errors.filter(|(_, count)| *count > 0).collect(),
            statuses: tally.statuses.iter().map(|(status, count)| (status.to_string(), *count)).collect(),
            data_sent: tally.sent,
            data_received: tally.received,
            duration: of(&tally.duration),
            expected_duration: of(&tally.expected),
            scheduled_duration: of(&tally.scheduled),
            phases: Phases {
                blocked: of(&tally.blocked),
                connecting: of(&tally.connecting),
                tls_handshaking: of(&tally.tls_handshaking),
                sending: of(&tally.sending),
                waiting: of(&tally.waiting),
                receiving: of(&tally.receiving),
            },
        }
    }
}

#[derive(Serialize)]
struct Check<'a> {
    name: &'a str,
    passed: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    iterations: u64,
    interrupted: u64,
    dropped: u64,
    /// By reason.
    stopped: BTreeMap<&'a str, u64>,
    /// By reason.
    errors: BTreeMap<&'a str, u64>,
    iteration_duration: Option<Distribution>,
    schedule_lag: Option<Distribution>,
}

impl<'a> Scenario<'a> {
    fn of(name: &'a str, tally: &'a ScenarioTally) -> Scenario<'a> {
        Scenario {
            name,
            iterations: tally.iterations,
            interrupted: tally.interrupted,
            dropped: tally.dropped,
            stopped: tally.stopped.iter().map(|(reason, count)| (&**reason, *count)).collect(),
            errors: tally.errors.iter().map(|(reason, count)| (&**reason, *count)).collect(),
            iteration_duration: Distribution::of(&tally.duration),
            schedule_lag: Distribution::of(&tally.schedule_lag),
        }
    }
}

#[derive(Serialize)]
struct GuardFigures<'a> {
    kind: GuardKind,
    subject: Option<&'a str>,
    fired: bool,
    finding: &'a str,
    cure: &'a str,
}

impl<'a> GuardFigures<'a> {
    fn of(guard: &'a Guard) -> GuardFigures<'a> {
        let Guard { kind, subject, fired, finding, cure } = guard;
        GuardFigures { kind: *kind, subject: subject.as_deref(), fired: *fired, finding, cure }
    }
}

#[derive(Serialize)]
struct Threshold<'a> {
    selector: &'a str,
    condition: &'a str,
    unit: Unit,
    figure: Option<f64>,
    limit: f64,
    passed: bool,
    aborted: bool,
}

impl<'a> Threshold<'a> {
    fn of(result: &'a ThresholdResult) -> Threshold<'a> {
        let ThresholdResult { selector, condition, unit, figure, limit, passed, aborted } = result;
        Threshold {
            selector,
            condition,
            unit: *unit,
            figure: *figure,
            limit: *limit,
            passed: *passed,
            aborted: *aborted,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "with", rename_all = "snake_case")]
enum ComparisonFigures<'a> {
    None {
        /// `no_baseline`, `too_few` or `incomparable`.
        reason: &'static str,
        runs: usize,
        needed: Option<usize>,
        difference: Option<&'a str>,
    },
    History {
        runs: usize,
        needed: usize,
        blocking: bool,
        alpha: f64,
        rows: Vec<ComparisonRow<'a>>,
        new_requests: &'a [String],
        differences: &'a [String],
    },
}

impl<'a> ComparisonFigures<'a> {
    fn of(comparison: &'a Comparison) -> ComparisonFigures<'a> {
        match comparison {
            Comparison::None(NoComparison::NoBaseline { needed }) => {
                ComparisonFigures::None { reason: "no_baseline", runs: 0, needed: Some(*needed), difference: None }
            }
            Comparison::None(NoComparison::TooFew { runs, needed }) => {
                ComparisonFigures::None { reason: "too_few", runs: *runs, needed: Some(*needed), difference: None }
            }
            Comparison::None(NoComparison::Incomparable { runs, difference }) => ComparisonFigures::None {
                reason: "incomparable",
                runs: *runs,
                needed: None,
                difference: Some(difference),
            },
            Comparison::History(history) => {
                let History { runs, needed, blocking, alpha, rows, new_requests, differences } = history;
                ComparisonFigures::History {
                    runs: *runs,
                    needed: *needed,
                    blocking: *blocking,
                    alpha: *alpha,
                    rows: rows.iter().map(ComparisonRow::of).collect(),
                    new_requests,
                    differences,
                }
            }
        }
    }
}

#[derive(Serialize)]
struct ComparisonRow<'a> {
    request: &'a str,
    metric: &'static str,
    outcome: RowOutcome,
    base: f64,
    candidate: f64,
    change: f64,
    interval: [f64; 2],
    limit: f64,
    samples: u64,
    t: Option<f64>,
    p_adjusted: Option<f64>,
    detectable: Option<f64>,
    history: &'a [f64],
}

impl<'a> ComparisonRow<'a> {
    fn of(row: &'a Row) -> ComparisonRow<'a> {
        ComparisonRow {
            request: &row.request,
            metric: row.metric.name(),
            outcome: row.outcome,
            base: row.base,
            candidate: row.candidate,
            change: row.change,
            interval: [row.interval.0, row.interval.1],
            limit: row.limit,
            samples: row.samples,
            t: row.t,
            p_adjusted: row.p_adjusted,
            detectable: row.detectable,
            history: &row.history,
        }
    }
}

#[derive(Serialize)]
struct Failure<'a> {
    request: &'a str,
    class: &'a str,
    at_ms: u64,
    method: &'a str,
    url: &'a str,
    request_headers: &'a [(String, String)],
    request_body: Option<&'a str>,
    status: Option<u16>,
    response_headers: &'a [(String, String)],
    response_body: Option<&'a str>,
    message: &'a str,
}

impl<'a> Failure<'a> {
    fn of(evidence: &'a Evidence) -> Failure<'a> {
        Failure {
            request: &evidence.request,
            class: &evidence.class,
            at_ms: evidence.at_ms,
            method: &evidence.method,
            url: &evidence.url,
            request_headers: &evidence.request_headers,
            request_body: evidence.request_body.as_deref(),
            status: evidence.status,
            response_headers: &evidence.response_headers,
            response_body: evidence.response_body.as_deref(),
            message: &evidence.message,
        }
    }
}
