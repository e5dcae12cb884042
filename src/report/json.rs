//! The JSON report: every figure, in structs of its own. Times are milliseconds, shares 0 to 1, data bytes.
//!
//! A field is added without a new version; a field that changes its meaning or goes away makes one.

mod base;
mod comparison;
mod judged;
mod measured;
mod side_by_side;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde::Serialize;

use crate::gate::{ThresholdResult, Verdict};
use crate::measurement::{Ending, Measurement};

use super::metrics::{self, Distribution};
use super::{Report, tables};

use base::BaseFigures;
use comparison::ComparisonFigures;
use judged::{FailureFigures, GuardFigures, Threshold};
use measured::{Check, EvidenceFigures, MetricFigures, Request, Scenario};

pub use side_by_side::write as write_side_by_side;

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
    #[serde(flatten)]
    candidate: ArmFigures<'a>,
    guards: Vec<GuardFigures<'a>>,
    failures: Vec<FailureFigures<'a>>,
    thresholds: Vec<Threshold<'a>>,
    comparison: ComparisonFigures<'a>,
    /// The run by base's rules, where a pull request has others.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseFigures<'a>>,
    /// The other arm of a paired run, in the same fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<ArmFigures<'a>>,
    notes: &'a [String],
    rerun: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(report: &Report<'a>) -> Document<'a> {
        let judgement = report.judgement;
        let reference = report.reference.map(|reference| {
            let run = &reference.measurement;
            ArmFigures::of(run, Run::of(run, None), &[])
        });
        let context = report.context;
        let run = Run {
            plan_path: context.plan_path.as_deref(),
            baseline: context.baseline.as_deref(),
            ..Run::of(report.measurement, context.measurement_path.as_deref())
        };
        Document {
            schema_version: SCHEMA_VERSION,
            verdict: judgement.verdict,
            headline: judgement.headline(),
            candidate: ArmFigures::of(report.measurement, run, &judgement.thresholds),
            guards: judgement.guards.iter().map(GuardFigures::of).collect(),
            failures: judgement.failures.iter().map(FailureFigures::of).collect(),
            thresholds: judgement.thresholds.iter().map(Threshold::of).collect(),
            comparison: ComparisonFigures::of(&judgement.comparison),
            base: judgement.base.as_deref().map(BaseFigures::of),
            reference,
            notes: &report.context.notes,
            rerun: report.context.rerun.as_deref(),
        }
    }
}

/// What one arm measured.
#[derive(Serialize)]
struct ArmFigures<'a> {
    run: Run<'a>,
    metrics: Vec<MetricFigures>,
    requests: Vec<Request<'a>>,
    checks: Vec<Check<'a>>,
    scenarios: Vec<Scenario<'a>>,
    evidence: Vec<EvidenceFigures<'a>>,
}

impl<'a> ArmFigures<'a> {
    fn of(measured: &'a Measurement, run: Run<'a>, thresholds: &[ThresholdResult]) -> ArmFigures<'a> {
        let checks = measured.layout.checks.iter().zip(&measured.judged.checks);
        let scenarios = measured.layout.scenarios.iter().zip(&measured.judged.scenarios);
        let seconds = measured.judged_for.as_secs_f64();
        let requests = tables::judged_requests(measured);
        ArmFigures {
            run,
            metrics: metrics::rows(measured, thresholds).into_iter().map(MetricFigures::of).collect(),
            requests: requests.map(|(name, tally)| Request::of(name, tally, seconds)).collect(),
            checks: checks.map(|(name, ratio)| Check::of(name, ratio)).collect(),
            scenarios: scenarios.map(|(label, tally)| Scenario::of(&label.name, tally)).collect(),
            evidence: measured.evidence.iter().map(EvidenceFigures::of).collect(),
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
    /// Without what only the user knows: where plan and baseline lie.
    fn of(run: &'a Measurement, measurement: Option<&'a str>) -> Run<'a> {
        let machine = &run.contract.machine;
        let (ending, aborted_by) = match &run.ending {
            Ending::Completed => ("completed", None),
            Ending::Interrupted => ("interrupted", None),
            Ending::Aborted { threshold } => ("aborted", Some(threshold.as_str())),
        };
        Run {
            plan: &run.plan,
            plan_path: None,
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
            measurement,
            baseline: None,
        }
    }
}
