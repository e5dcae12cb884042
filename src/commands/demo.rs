//! `loadgate demo`: the whole job on one machine, against the embedded API.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use url::Url;

use crate::baseline::Store;
use crate::cli::{DemoArgs, DemoCommand};
use crate::demo::{self, Server, Settings};
use crate::gate::{self, Grounds, GuardKind, guards};
use crate::load::http::Proxies;
use crate::load::machine::machine;
use crate::load::{self, Job, MeasureError, Stop, signal};
use crate::measurement::{BaselineStatus, Ending, Measurement};
use crate::plan::policy::GuardLimits;
use crate::plan::{self, Plan, ReadOptions, Source};
use crate::report::{Report, ReportContext, markdown};

use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{abort, random_seed};
use super::publish::rendered;
use super::{print, variable};

/// Runs recorded against the base: what the plan's gate needs before it may block.
const BASELINE_RUNS: u32 = 10;

/// The longest that a demo may take. A run that can't end by then is not begun.
const TIME: Duration = Duration::from_secs(58);

/// How long a run of the plan takes with its setup, before one was seen.
const EXPECTED_RUN: Duration = Duration::from_secs(3);

/// How often the trial before the load may fail.
const TRIALS: u32 = 3;

const INTRODUCTION: &str = "\
A load test gates a pull request, all on this machine and within a minute. loadgate serves a small concert reservation API,
and 128 virtual users buy seats for 2.5 s a run: each waits for its turn, looks for a seat, occupies it and reserves it.";

pub fn demo(args: &DemoArgs) -> Result<Exit, CommandError> {
    let seed = args.seed.unwrap_or_else(random_seed);
    match args.command {
        Some(DemoCommand::Serve { port, slow, fail_rate }) => {
            serve(Settings { port, slow: slow.share(), fail_rate: fail_rate.share(), seed, ..Settings::default() })
        }
        None => gate_a_preview(args, seed),
    }
}

/// Serves until a signal comes.
fn serve(settings: Settings) -> Result<Exit, CommandError> {
    let stop = Stop::new();
    signal::install(stop.clone()).context("the handlers of SIGINT and SIGTERM can't be set up")?;
    let port = settings.port;
    let server = Server::spawn_thread(settings).with_context(|| format!("port {port} can't be served on"))?;
    print(&format!("the demo API is at {}; stop it with Ctrl-C\n", server.url()))?;
    stop.wait();
    let stats = server.shutdown();
    eprintln!("{} seats sold, {} of them twice", stats.audit.seats_sold, stats.audit.sold_twice);
    Ok(Exit::Pass)
}

/// Ten runs against the base, one against the preview, and the verdict on it.
fn gate_a_preview(args: &DemoArgs, seed: u64) -> Result<Exit, CommandError> {
    let stop = Stop::new();
    signal::install(stop.clone()).context("the handlers of SIGINT and SIGTERM can't be set up")?;
    let folder = tempfile::tempdir().context("there is no place for the demo's baseline")?;
    let plan = Arc::new(plan()?);
    let mut demo = Demo {
        store: Store::open(folder.path(), &plan.name),
        plan,
        stop,
        seed,
        clock: Clock { started: Instant::now(), longest: EXPECTED_RUN },
        taken: 0,
    };
    match demo.tell(args) {
        Ok(exit) => Ok(exit),
        Err(End::Interrupted) => Ok(Exit::Interrupted),
        Err(End::OutOfTime(problem)) => {
            print(&format!("\nnot measured: {problem} (exit code {})\n", Exit::NotMeasured as u8))?;
            Ok(Exit::NotMeasured)
        }
        Err(End::Error(error)) => Err(error),
    }
}

fn start(settings: Settings) -> Result<Server, CommandError> {
    Ok(Server::spawn_thread(settings).context("the demo API can't be started on a loopback port")?)
}

fn plan() -> Result<Plan, CommandError> {
    let source = Source { text: demo::PLAN.to_owned(), path: PathBuf::from("demo.yml") };
    plan::read(&source, &ReadOptions::default()).map_err(|diagnostics| CommandError::Usage(diagnostics.to_string()))
}

/// Why a demo ends before its verdict.
#[derive(Debug)]
enum End {
    Interrupted,
    /// The machine was too busy for the runs that a verdict needs.
    OutOfTime(String),
    Error(CommandError),
}

impl<E: Into<CommandError>> From<E> for End {
    fn from(error: E) -> Self {
        End::Error(error.into())
    }
}

/// What is left of the demo's time.
#[derive(Clone, Copy, Debug)]
struct Clock {
    started: Instant,
    /// How long the longest run took so far, its setup included.
    longest: Duration,
}

impl Clock {
    /// Whether so many more runs end in time.
    fn has_time_for(self, runs: u32, now: Instant) -> bool {
        now.saturating_duration_since(self.started) + self.longest * runs <= TIME
    }
}

/// What all runs of a demo share.
struct Demo {
    plan: Arc<Plan>,
    store: Store,
    stop: Stop,
    seed: u64,
    clock: Clock,
    /// Runs so far, those that were measured again included.
    taken: u64,
}

impl Demo {
    /// Shows the whole job, from the baseline to the verdict.
    fn tell(&mut self, args: &DemoArgs) -> Result<Exit, End> {
        let base = start(Settings { seed: self.seed, ..Settings::default() })?;
        let (url, seed) = (base.url(), self.seed);
        print(&format!(
            "{INTRODUCTION}\n\nThe base is at {url} (seed {seed}). Ten runs against it are the baseline:\n\n"
        ))?;
        for run in 1..=BASELINE_RUNS {
            self.record(&base, run)?;
        }
        drop(base);
        let (slow, fail_rate) = (args.slow.share(), args.fail_rate.share());
        let preview = start(Settings { seed: self.seed.wrapping_add(1), slow, fail_rate, ..Settings::default() })?;
        print(&format!("\nThe preview is at {}{}. One run against it:\n\n", preview.url(), change(args)))?;
        let limits = self.plan.policy.guards;
        let measurement = self.take(&preview, "preview ", 1, &|run| disturbance(run, &limits))?;
        Ok(self.conclude(&measurement, args)?)
    }

    /// Adds a run to the baseline's window.
    fn record(&mut self, base: &Server, run: u32) -> Result<(), End> {
        let plan = self.plan.clone();
        // The runs that make the baseline can't require it.
        let mut policy = plan.policy.clone();
        policy.baseline.required = false;
        let store = self.store.clone();
        let status = |measurement: &Measurement| {
            let judgement = gate::judge(measurement, &Grounds::new(&plan.thresholds, &policy));
            (judgement.baseline_status(), judgement.headline())
        };
        let unusable = |measurement: &Measurement| match status(measurement) {
            (BaselineStatus::Pass | BaselineStatus::TooNoisy, _) => None,
            (_, headline) => Some(headline),
        };
        // The preview needs a run, too.
        let measurement =
            self.take(base, &format!("{run:>2} of {BASELINE_RUNS}"), BASELINE_RUNS - run + 2, &unusable)?;
        let (status, headline) = status(&measurement);
        store
            .append(&measurement, status, &headline)
            .map_err(|e| anyhow!(e).context("the demo's baseline can't be written"))?;
        Ok(())
    }

    /// Measures until a run can be used, with a line for each. `needed` runs are still to be taken, this one included.
    fn take(
        &mut self,
        server: &Server,
        name: &str,
        needed: u32,
        unusable: &dyn Fn(&Measurement) -> Option<String>,
    ) -> Result<Measurement, End> {
        let url = server.url();
        let target = Url::parse(&url).with_context(|| format!("{url} is no address"))?;
        let mut trials = 0;
        loop {
            let now = Instant::now();
            if !self.clock.has_time_for(needed, now) {
                return Err(End::OutOfTime(out_of_time(needed)));
            }
            let measured = load::measure(&self.job(&target), &self.stop, |_| {}, abort(&self.plan, false), |_| false);
            self.clock.longest = self.clock.longest.max(now.elapsed());
            let because = match measured.map(|measured| measured.candidate) {
                Ok(run) if run.ending == Ending::Interrupted => return Err(End::Interrupted),
                Ok(run) => match unusable(&run) {
                    None => {
                        print(&format!("  {name}  {}\n", figures(&run)))?;
                        return Ok(run);
                    }
                    Some(reason) => reason,
                },
                // The trial before the load may meet a failure that was asked for.
                Err(MeasureError::Preflight(failure)) if trials < TRIALS => {
                    trials += 1;
                    failure.reason
                }
                Err(error) => return Err(anyhow!(error).into()),
            };
            print(&format!("  {name}  {because}; once more\n"))?;
        }
    }

    /// The next run, as a CI job of its own: history needs runs of different jobs.
    fn job(&mut self, target: &Url) -> Job {
        self.taken += 1;
        Job {
            part: None,
            plan: self.plan.clone(),
            target: target.clone(),
            reference: None,
            seed: self.seed.wrapping_add(self.taken),
            // The API answers from the other cores.
            workers: 1,
            commit: None,
            ci_job: Some(format!("demo/{}", self.taken)),
            machine: machine(variable),
            // The API is on this machine.
            proxies: Proxies::default(),
        }
    }

    /// Judges the preview and prints the comment that a pull request would get.
    fn conclude(&self, measurement: &Measurement, args: &DemoArgs) -> Result<Exit, CommandError> {
        let runs = self.store.runs().map_err(|e| anyhow!(e))?;
        let policy = &self.plan.policy;
        let window = runs.window(&measurement.contract, measurement.job.as_deref(), policy.baseline.window);
        let judgement =
            gate::judge(measurement, &Grounds { window: Some(&window), ..Grounds::new(&self.plan.thresholds, policy) });
        let context = ReportContext { rerun: Some(rerun(args, self.seed)), ..ReportContext::default() };
        let report = Report { measurement, judgement: &judgement, context: &context };
        let comment = rendered(&report, markdown::COMMENT_BYTES);
        let exit = Exit::of(judgement.verdict, policy.inconclusive);
        print(&format!(
            "\n--- the comment that the pull request would get ---\n\n{}\n\n--- end of the comment ---\n\n{} (exit code {})\n",
            comment.trim_end(),
            judgement.headline(),
            exit as u8
        ))?;
        Ok(exit)
    }
}

/// Why the runner, and not the service, kept a run from being judged.
fn disturbance(measurement: &Measurement, limits: &GuardLimits) -> Option<String> {
    let guards = guards::examine(measurement, limits).guards;
    guards
        .into_iter()
        .find(|guard| guard.fired && guard.kind == GuardKind::Generator)
        .map(|guard| format!("not measured: {}", guard.finding))
}

fn out_of_time(needed: u32) -> String {
    format!(
        "{needed} of the {} runs that a verdict needs don't fit into a minute any more: this machine is too busy, try again \
         when it does less",
        BASELINE_RUNS + 1
    )
}

/// What the preview does otherwise than the base.
fn change(args: &DemoArgs) -> String {
    let mut changes = Vec::new();
    if args.slow.0 > 0.0 {
        changes.push(format!("`reserve` takes {} % longer", args.slow.0));
    }
    if args.fail_rate.0 > 0.0 {
        changes.push(format!("{} % of `reserve` are answered 500", args.fail_rate.0));
    }
    if changes.is_empty() { ", the same service again".into() } else { format!(": {}", changes.join(", ")) }
}

/// The command that shows the same again.
fn rerun(args: &DemoArgs, seed: u64) -> String {
    let mut command = "loadgate demo".to_owned();
    for (option, percent) in [("slow", args.slow.0), ("fail-rate", args.fail_rate.0)] {
        if percent > 0.0 {
            command.push_str(&format!(" --{option} {percent}%"));
        }
    }
    format!("{command} --seed {seed}")
}

/// One line about `reserve`, the request that the demo is about.
fn figures(measurement: &Measurement) -> String {
    let labels = &measurement.layout.requests;
    let Some(index) = labels.iter().position(|label| &*label.name == "reserve") else { return String::new() };
    let row = &measurement.judged.requests[index];
    let figure = |q| row.duration.quantile(q).unwrap_or(f64::NAN);
    format!("{} seats reserved, p50 {:.1} ms, p95 {:.1} ms", row.attempts - row.failed, figure(0.5), figure(0.95))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Percent;
    use crate::plan::Executor;

    fn args(slow: f64, fail_rate: f64) -> DemoArgs {
        DemoArgs { command: None, slow: Percent(slow), fail_rate: Percent(fail_rate), seed: None }
    }

    #[test]
    fn a_run_begins_only_if_all_that_are_needed_end_within_the_minute() {
        let started = Instant::now();
        let clock = Clock { started, longest: Duration::from_secs(4) };
        for (elapsed, runs, enough) in [(0, 11, true), (0, 14, true), (0, 15, false), (54, 1, true), (55, 1, false)] {
            let now = started + Duration::from_secs(elapsed);
            assert_eq!(clock.has_time_for(runs, now), enough, "{runs} runs after {elapsed} s");
        }
    }

    #[test]
    fn what_the_preview_does_otherwise_is_said_and_repeated() {
        insta::assert_snapshot!(change(&args(0.0, 0.0)), @", the same service again");
        insta::assert_snapshot!(change(&args(25.0, 0.5)), @": `reserve` takes 25 % longer, 0.5 % of `reserve` are answered 500");
        insta::assert_snapshot!(rerun(&args(0.0, 0.0), 7), @"loadgate demo --seed 7");
        insta::assert_snapshot!(rerun(&args(25.0, 0.5), 7), @"loadgate demo --slow 25% --fail-rate 0.5% --seed 7");
    }

    #[test]
    fn a_demo_without_enough_runs_is_not_measured_and_says_why() {
        insta::assert_snapshot!(
            out_of_time(3),
            @"3 of the 11 runs that a verdict needs don't fit into a minute any more: this machine is too busy, try again when it does less"
        );
    }

    #[test]
    fn the_plan_needs_as_many_runs_as_are_recorded_and_passes_on_nothing_less() {
        let policy = plan().expect("the demo's plan").policy;
        assert_eq!(policy.baseline.min, BASELINE_RUNS as usize);
        assert!(policy.baseline.required);
    }

    #[test]
    fn the_introduction_names_the_plans_load() {
        let load = Executor::ConstantVus { vus: 128, duration: Duration::from_millis(2_500) };
        assert_eq!(plan().expect("the demo's plan").scenarios[0].executor, load);
        assert!(INTRODUCTION.contains("128 virtual users buy seats for 2.5 s"));
    }
}
