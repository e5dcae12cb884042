//! Measuring for a command: from its arguments to a saved measurement, with its progress on standard error.

use std::fs;
use std::io::{self, IsTerminal, Stderr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use url::Url;

use crate::baseline::Calibration;
use crate::cli::MeasureArgs;
use crate::gate::{self, Grounds, Verdict, thresholds};
use crate::k6::StepsOrScript;
use crate::load::http::Proxies;
use crate::load::machine::machine;
use crate::load::{self, Event, Job, MeasureError, Part, ReferenceJob, Stop, contract, default_workers, signal};
use crate::measurement::{Layout, MeasurementFile, Tallies};
use crate::metric::{Kind, Metric};
use crate::pairing::Side;
use crate::plan::{Plan, Threshold};
use crate::report::progress::ProgressReport;

use super::calibrate::known;
use super::ci::CiJob;
use super::error::CommandError;
use super::exit::Exit;
use super::outputs::{self, Outputs};
use super::{harmless, policy, runner, shard, variable};

/// What a command wants to be measured.
pub struct Order<'a> {
    pub plan: &'a Arc<Plan>,
    pub workload: &'a StepsOrScript,
    pub args: &'a MeasureArgs,
    pub target: Url,
    /// The base deployment to load beside the target.
    pub reference: Option<ReferenceJob>,
    /// The folder of baselines.
    pub baseline: &'a Path,
    /// None for a run of its own.
    pub part: Option<Part>,
    /// Measure once more what the runner spoilt.
    pub repeat: bool,
    pub job: Option<&'a CiJob>,
}

/// What was measured, and what became of it.
pub struct Measured {
    pub run: MeasurementFile,
    /// Where it was saved.
    pub path: PathBuf,
    /// What the reader must know besides.
    pub notes: Vec<String>,
    /// A signal came: before the load had ended, or in the teardown, which leaves the measurement whole.
    pub interrupted: bool,
    /// Why the file of the samples lacks some.
    unwritten: Option<CommandError>,
}

impl Measured {
    /// How the command ends that has told what was measured: as that says, unless samples are missing.
    ///
    /// # Errors
    /// They are.
    pub fn end(self, exit: Exit) -> Result<Exit, CommandError> {
        self.unwritten.map_or(Ok(exit), Err)
    }
}

/// Measures what was ordered and saves it to the arguments' `out`. What the runner spoilt is measured once more.
///
/// # Errors
/// No target, a target that is not ready, a plan that fails its trial, a generator that failed.
pub fn measure(order: Order<'_>) -> Result<Measured, CommandError> {
    let mut job = job(&order);
    let outputs = Outputs::of(&order.args.out)?;
    if let Some(script) = &order.workload.script {
        script.check_target(&order.target).map_err(CommandError::Usage)?;
    }
    announce(&job);
    let stop = Stop::new();
    signal::install(stop.clone()).context("the handlers of SIGINT and SIGTERM can't be set up")?;
    let default = || order.part.map_or_else(|| OUT.to_owned(), shard::file_name).into();
    let out = outputs.measurement.map_or_else(default, Path::to_owned);
    // What could not be read of it is noted where the run is judged.
    let known = match &job.reference {
        Some(_) => known(order.baseline, order.plan, &contract(order.plan, &job.machine), &mut Vec::new()),
        None => Calibration::default(),
    };
    job.workload.samples = outputs.open_samples(&order)?;
    let measured = once(&job, &known, &stop, &out)?;
    let spoilt = runner::spoilt(order.plan, &measured.run).filter(|_| order.repeat && !measured.interrupted);
    let Some(finding) = spoilt else { return Ok(measured) };
    let kept = runner::put_aside(&measured.path);
    let note = format!("the runner spoilt a first run, so this one is its repetition: {finding}; {kept}");
    eprintln!("not measured: {finding}");
    eprintln!("measuring once more; {kept}");
    // A server may know the keys that the first run sent.
    job.seed = job.seed.wrapping_add(1);
    if let Some(error) = &measured.unwritten {
        eprintln!("warning: {error}");
    }
    if let Some(samples) = outputs.samples {
        eprintln!("of the samples, {}", runner::put_aside(samples));
    }
    job.workload.samples = outputs.open_samples(&order)?;
    let again = once(&job, &known, &stop, &out)?;
    Ok(Measured { notes: vec![note], ..again })
}

/// Says what is about to be loaded.
fn announce(job: &Job<StepsOrScript>) {
    let plan = &job.plan;
    let mut target = job.target.origin().ascii_serialization();
    if let Some(reference) = &job.reference {
        target = format!("{target}, beside {}", reference.target.origin().ascii_serialization());
    }
    let share = |part: Part| format!(", shard {} of {}", part.shard.index + 1, part.shard.count);
    let share = job.part.map(share).unwrap_or_default();
    eprintln!("loadgate: {} against {target}{share}, seed {}", plan.name, job.seed);
    if let Some(proxy) = job.proxies.named(&job.target) {
        eprintln!("warning: the load goes through the proxy {proxy}: the figures are those of both");
    }
    for warning in &plan.warnings {
        eprintln!("warning: {warning}");
    }
}

/// One measurement, saved.
fn once(job: &Job<StepsOrScript>, known: &Calibration, stop: &Stop, out: &Path) -> Result<Measured, CommandError> {
    match measure_showing_progress(job, known, stop, |measured| save_early(measured, out)) {
        Ok(run) => {
            let path = save(&run, out)?;
            let samples = job.workload.samples.as_ref();
            let unwritten = samples.and_then(|samples| outputs::finish(samples, &run.candidate, &path).err());
            Ok(Measured { run, path, notes: Vec::new(), interrupted: stop.is_interrupted(), unwritten })
        }
        Err(MeasureError::Worker { failure, measured }) => {
            let path = save(&measured, out)?;
            // The failure is what the user must know first.
            if let Some(samples) = &job.workload.samples
                && let Err(error) = outputs::finish(samples, &measured.candidate, &path)
            {
                eprintln!("warning: {error}");
            }
            let saved = format!("what was measured until then is in {}", path.display());
            Err(CommandError::CouldNotRun(anyhow!("{failure}").context("the load generator failed").context(saved)))
        }
        Err(error) => Err(CommandError::CouldNotRun(error.into())),
    }
}

/// Where a measurement is saved unless it is told.
const OUT: &str = "loadgate-measurement.json";

fn job(order: &Order<'_>) -> Job<StepsOrScript> {
    let Order { plan, workload, args, part, job, .. } = *order;
    Job {
        plan: plan.clone(),
        workload: workload.clone(),
        target: order.target.clone(),
        reference: order.reference.clone(),
        seed: args.seed.unwrap_or_else(|| part.map_or_else(random_seed, shard::seed)),
        workers: args.workers.map_or_else(default_workers, |workers| workers.get()),
        commit: job.and_then(|job| job.subject.sha.clone()),
        ci_job: job.and_then(|job| job.context.job()),
        machine: machine(variable),
        part,
        proxies: Proxies::from_env(&variable),
    }
}

/// Short enough to be typed again.
pub fn random_seed() -> u64 {
    u64::from(rand::random::<u32>())
}

/// Measures, with a bar on a terminal and plain lines elsewhere. `keep` gets what was measured before the teardown.
pub fn measure_showing_progress(
    job: &Job<StepsOrScript>,
    known: &Calibration,
    stop: &Stop,
    keep: impl Fn(&MeasurementFile),
) -> Result<MeasurementFile, MeasureError> {
    let mut live = Live::default();
    let tell = |event: Event<'_>| match event {
        Event::BeforeTeardown(measured) => keep(measured),
        event => {
            if let (Event::Progress(progress), Some(samples)) = (&event, &job.workload.samples) {
                samples.progress(progress);
            }
            live.show(event);
        }
    };
    let abort = abort(&job.plan, job.part.is_some());
    let measured = load::measure(job, stop, tell, abort, |measured| is_too_noisy(&job.plan, measured, known));
    if let Some(progress) = live.progress {
        progress.finish();
    }
    measured
}

/// Whether a paired run is worth going on with: all that stands against a verdict is its noise.
pub fn is_too_noisy(plan: &Plan, measured: &MeasurementFile, known: &Calibration) -> bool {
    let measured = &*policy::gating_own(measured, plan);
    let grounds = Grounds::new(&plan.thresholds, &plan.policy);
    let grounds = Grounds { reference: measured.reference.as_ref(), calibration: Some(known), ..grounds };
    let judgement = gate::judge(&measured.candidate, &grounds);
    judgement.verdict == Verdict::TooNoisy && !judgement.nothing_judged()
}

/// Tells which threshold with `abortOnFail` a running load has broken. A shard has its part of every sum alone: there only
/// thresholds on shares and on distributions count.
pub fn abort(plan: &Plan, shard: bool) -> impl FnMut(&Tallies, Duration) -> Option<String> + use<> {
    let layout: Layout = load::layout::layout(plan);
    let kind = |metric: &Metric| match metric {
        Metric::Builtin(builtin) => Some(builtin.kind()),
        Metric::Custom(name) => plan.metrics.iter().find(|metric| metric.name == *name).map(|metric| metric.kind),
    };
    let of_a_part =
        |threshold: &&Threshold| !shard || matches!(kind(&threshold.selector.metric), Some(Kind::Rate | Kind::Trend));
    let thresholds: Vec<Threshold> = plan.thresholds.iter().filter(of_a_part).cloned().collect();
    move |tallies, elapsed| thresholds::broken(&thresholds, &layout, tallies, elapsed).map(thresholds::label)
}

/// What the user sees while a measurement goes on. What can't be written to standard error is not worth ending a run for.
#[derive(Default)]
struct Live {
    progress: Option<ProgressReport<Stderr>>,
    /// What the target last showed instead of being ready, and when that was said.
    waiting: Option<(String, Duration)>,
}

/// Waiting for the target is said again after this long, even if nothing has changed.
const WAITING_EVERY: Duration = Duration::from_secs(15);

impl Live {
    fn show(&mut self, event: Event<'_>) {
        match event {
            Event::NotReady(side, attempt) => {
                let said = |(seen, at): &(String, Duration)| {
                    *seen == attempt.seen && attempt.elapsed.saturating_sub(*at) < WAITING_EVERY
                };
                if !self.waiting.as_ref().is_some_and(said) {
                    let seen = harmless(&attempt.seen);
                    eprintln!("waiting for the {}: {seen} (attempt {})", name(side), attempt.number);
                    self.waiting = Some((attempt.seen.clone(), attempt.elapsed));
                }
            }
            Event::MayNotFit(warning) => eprintln!("warning: {warning}"),
            Event::Setup(Side::Candidate) => eprintln!("setup"),
            Event::Setup(Side::Reference) => eprintln!("setup of the reference"),
            Event::Preflight(side, note) => {
                let of = if side == Side::Reference { " on the reference" } else { "" };
                eprintln!("{}", harmless(&format!("trial of {}{of}: {}", note.scenario, note.reason)));
            }
            Event::Paired { mode, caution } => {
                eprintln!("both deployments are loaded: {mode}");
                caution.iter().for_each(|caution| eprintln!("warning: {caution}"));
            }
            Event::WarmUp { longest } => eprintln!("warm-up, at most {} s", longest.as_secs_f64()),
            Event::WarmedUp { took, settled: true } => eprintln!("warm after {:.0} s", took.as_secs_f64()),
            Event::WarmedUp { took, settled: false } => {
                let took = took.as_secs_f64();
                eprintln!("warning: the response times had not settled after a warm-up of {took:.0} s");
            }
            Event::Late { by } => eprintln!("warning: this shard is {:.0} s late: it sends no load", by.as_secs_f64()),
            Event::Load | Event::Waiting { .. } => {
                if let Event::Waiting { until } = event {
                    let ahead = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
                    eprintln!("ready; the load begins at {until}, in {:.1} s", ahead.as_secs_f64());
                }
                let terminal = io::stderr().is_terminal();
                self.progress =
                    Some(if terminal { ProgressReport::bar() } else { ProgressReport::lines(io::stderr()) });
            }
            Event::Progress(progress) => {
                if let Some(report) = &mut self.progress {
                    let _ = report.show(progress);
                }
            }
            Event::GoesOn => eprintln!("too noisy to tell: the load goes on for as long again"),
            Event::BeforeTeardown(_) => {}
            Event::Teardown => {
                if let Some(progress) = self.progress.take() {
                    progress.finish();
                }
            }
            Event::TeardownFailed(side, failure) => {
                let of = if side == Side::Reference { "the reference: " } else { "" };
                eprintln!("{}", harmless(&format!("warning: {of}{failure}; what was measured stands")));
            }
        }
    }
}

/// A deployment as the user knows it.
fn name(side: Side) -> &'static str {
    match side {
        Side::Candidate => "target",
        Side::Reference => "reference",
    }
}

/// Saves what was measured before the teardown, where the whole will replace it. A path that can't be written to is told at
/// the end; a pipe would get both.
fn save_early(measured: &MeasurementFile, path: &Path) {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return;
    }
    let _ = measured.write(path);
}

/// Saves a measurement where the user wants it, or else in the folder for temporary files: nothing measured is lost
/// because a path is wrong.
fn save(file: &MeasurementFile, path: &Path) -> Result<PathBuf, CommandError> {
    let Err(error) = file.write(path) else { return Ok(path.to_owned()) };
    let name = format!("loadgate-measurement-{}-{}.json", file.candidate.seed, std::process::id());
    let elsewhere = std::env::temp_dir().join(name);
    match file.write(&elsewhere) {
        Ok(()) => {
            eprintln!("warning: {error}; the measurement is in {} instead", elsewhere.display());
            Ok(elsewhere)
        }
        Err(second) => {
            eprintln!("warning: {error}");
            eprintln!("warning: {second}; the measurement is not kept, only its reports");
            Ok(path.to_owned())
        }
    }
}
