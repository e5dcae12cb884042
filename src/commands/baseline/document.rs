//! The history as JSON: structs of their own, so that the insides may change.

use std::path::Path;

use serde::Serialize;

use crate::baseline::{Finding, Life, Runs, Series, Sizes, Standing};
use crate::measurement::{Acceptance, BaselineStatus};

/// Version of the document.
const SCHEMA_VERSION: u32 = 1;

#[derive(Debug, Serialize)]
pub struct Document<'a> {
    schema_version: u32,
    plan: &'a str,
    folder: String,
    /// The one of the latest run first.
    contracts: Vec<Contract<'a>>,
    findings: Vec<FoundOut>,
}

#[derive(Debug, Serialize)]
struct Contract<'a> {
    profile: Option<&'a str>,
    tier: Option<&'a str>,
    /// The file of the first run of a step that the window waits for.
    waits_for: Option<String>,
    /// Oldest first.
    runs: Vec<Run<'a>>,
    series: Vec<Figures<'a>>,
}

#[derive(Debug, Serialize)]
struct Run<'a> {
    file: String,
    started_at: jiff::Timestamp,
    commit: Option<&'a str>,
    job: Option<&'a str>,
    status: BaselineStatus,
    because: &'a str,
    counts: &'static str,
    in_window: bool,
    accepted: Option<&'a Acceptance>,
}

/// A figure from run to run.
#[derive(Debug, Serialize)]
struct Figures<'a> {
    request: &'a str,
    figure: &'static str,
    points: Vec<Point>,
    window_median: Option<f64>,
    steps: Vec<Step>,
    drift: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Point {
    file: String,
    /// Milliseconds, or a share.
    value: f64,
}

#[derive(Debug, Serialize)]
struct Step {
    file: String,
    /// Relative for times, a difference of shares for failures.
    shift: f64,
    p: f64,
}

#[derive(Debug, Serialize)]
struct FoundOut {
    kind: &'static str,
    place: String,
    problem: String,
    cure: String,
}

impl<'a> Document<'a> {
    pub fn of(plan: &'a str, folder: &Path, runs: &'a Runs, lives: &'a [Life], sizes: Sizes) -> Document<'a> {
        Document {
            schema_version: SCHEMA_VERSION,
            plan,
            folder: folder.display().to_string(),
            contracts: lives.iter().map(|life| Contract::of(life, runs, sizes)).collect(),
            findings: runs.findings(lives, sizes).into_iter().map(FoundOut::of).collect(),
        }
    }
}

impl<'a> Contract<'a> {
    fn of(life: &'a Life, runs: &'a Runs, sizes: Sizes) -> Contract<'a> {
        let terms = life.runs.first().map(|(run, _)| &runs.entries[*run].measurement.contract);
        let window = life.window(sizes.window);
        Contract {
            profile: terms.and_then(|terms| terms.profile.as_deref()),
            tier: terms.and_then(|terms| terms.tier.as_deref()),
            waits_for: life.waits.map(|run| file(runs, run)),
            runs: life
                .runs
                .iter()
                .map(|(run, standing)| Run::of(runs, *run, *standing, window.contains(run)))
                .collect(),
            series: life.current_series().map(|series| Figures::of(series, life, runs, sizes)).collect(),
        }
    }
}

impl<'a> Run<'a> {
    fn of(runs: &'a Runs, run: usize, standing: Standing, in_window: bool) -> Run<'a> {
        let entry = &runs.entries[run];
        Run {
            file: file(runs, run),
            started_at: entry.measurement.started_at,
            commit: entry.measurement.commit.as_deref(),
            job: entry.measurement.job.as_deref(),
            status: entry.status,
            because: &entry.reason,
            counts: standing.key(),
            in_window,
            accepted: entry.accepted.as_ref(),
        }
    }
}

impl<'a> Figures<'a> {
    fn of(series: &'a Series, life: &Life, runs: &Runs, sizes: Sizes) -> Figures<'a> {
        let is_ours = |request: &str, figure| request == series.request && figure == series.figure;
        let has = |run: usize| series.points.iter().any(|(of, _)| *of == run);
        let steps = life.steps.iter().filter(|step| is_ours(&step.request, step.figure) && has(step.at));
        let drifts = life.drifts(sizes.anchor);
        Figures {
            request: &series.request,
            figure: series.figure.name(),
            points: series.points.iter().map(|(run, value)| Point { file: file(runs, *run), value: *value }).collect(),
            window_median: life.window_median(series, sizes.window),
            steps: steps.map(|step| Step { file: file(runs, step.at), shift: step.shift, p: step.p }).collect(),
            drift: drifts.iter().find(|drift| is_ours(&drift.request, drift.figure)).map(|drift| drift.shift),
        }
    }
}

impl FoundOut {
    fn of(finding: Finding) -> FoundOut {
        let Finding { kind, place, problem, cure, .. } = finding;
        FoundOut { kind: kind.key(), place, problem, cure }
    }
}

fn file(runs: &Runs, run: usize) -> String {
    runs.entries[run].path.display().to_string()
}
