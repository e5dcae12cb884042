//! `loadgate demo`: the whole job on one machine, against the embedded API.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use url::Url;

use crate::baseline::Store;
use crate::cli::{DemoArgs, DemoCommand};
use crate::demo::{self, Server, Settings};
use crate::gate;
use crate::load::machine::machine;
use crate::load::{Job, Stop, signal};
use crate::measurement::{Ending, Measurement};
use crate::plan::{self, Plan, ReadOptions, Source};
use crate::report::{Report, ReportContext, markdown};

use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{measure_showing_progress, random_seed};
use super::publish::rendered;
use super::{print, variable};

/// Runs recorded against the base: what the plan's gate needs before it may block.
const BASELINE_RUNS: u64 = 10;

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
    let stage = Stage { plan: Arc::new(plan()?), baseline: folder.path().to_owned(), stop };

    let base = start(Settings { seed, ..Settings::default() })?;
    eprintln!("base: {} (seed {seed})", base.url());
    for run in 1..=BASELINE_RUNS {
        let measurement = stage.measure(&base, seed + run, &format!("baseline/{run}"))?;
        if measurement.ending == Ending::Interrupted {
            return Ok(Exit::Interrupted);
        }
        stage.store(&measurement, run)?;
    }
    drop(base);

    let (slow, fail_rate) = (args.slow.share(), args.fail_rate.share());
    let preview = start(Settings { seed: seed + 1, slow, fail_rate, ..Settings::default() })?;
    eprintln!("preview: {}, reserve {} % slower, {} % of it failing", preview.url(), args.slow.0, args.fail_rate.0);
    let measurement = stage.measure(&preview, seed, "preview")?;
    if measurement.ending == Ending::Interrupted {
        return Ok(Exit::Interrupted);
    }
    stage.conclude(&measurement)
}

fn start(settings: Settings) -> Result<Server, CommandError> {
    Ok(Server::spawn_thread(settings).context("the demo API can't be started on a loopback port")?)
}

fn plan() -> Result<Plan, CommandError> {
    let source = Source { text: demo::PLAN.to_owned(), path: PathBuf::from("demo.yml") };
    plan::read(&source, &ReadOptions::default()).map_err(|diagnostics| CommandError::Usage(diagnostics.to_string()))
}

/// What all runs of a demo share.
struct Stage {
    plan: Arc<Plan>,
    baseline: PathBuf,
    stop: Stop,
}

impl Stage {
    /// Measures a server as a CI job of its own would: history needs runs of different jobs.
    fn measure(&self, server: &Server, seed: u64, ci_job: &str) -> Result<Measurement, CommandError> {
        let url = server.url();
        let job = Job {
            plan: self.plan.clone(),
            target: Url::parse(&url).with_context(|| format!("{url} is no address"))?,
            seed,
            // The API answers from the other cores.
            workers: 1,
            commit: None,
            ci_job: Some(ci_job.to_owned()),
            machine: machine(variable),
        };
        Ok(measure_showing_progress(&job, &self.stop).map_err(|e| anyhow!(e))?)
    }

    fn store(&self, measurement: &Measurement, run: u64) -> Result<(), CommandError> {
        let judgement = gate::judge(measurement, &self.plan.thresholds, &self.plan.policy, None);
        let store = Store::open(&self.baseline, &self.plan.name);
        store
            .append(measurement, judgement.baseline_status(), &judgement.headline())
            .map_err(|e| anyhow!(e).context("the demo's baseline can't be written"))?;
        eprintln!("baseline run {run} of {BASELINE_RUNS}: {}", figures(measurement));
        Ok(())
    }

    /// Judges the preview and prints the comment that a pull request would get.
    fn conclude(&self, measurement: &Measurement) -> Result<Exit, CommandError> {
        let runs = Store::open(&self.baseline, &self.plan.name).runs().map_err(|e| anyhow!(e))?;
        let policy = &self.plan.policy;
        let window = runs.window(&measurement.contract, measurement.job.as_deref(), policy.baseline.window);
        let judgement = gate::judge(measurement, &self.plan.thresholds, policy, Some(&window));
        eprintln!("preview: {}\n", figures(measurement));
        let context = ReportContext { rerun: Some("loadgate demo".into()), ..ReportContext::default() };
        let report = Report { measurement, judgement: &judgement, context: &context };
        print(&rendered(&report, markdown::COMMENT_BYTES))?;
        Ok(Exit::of(judgement.verdict, policy.inconclusive))
    }
}

/// One line about `reserve`, the request that the demo is about.
fn figures(measurement: &Measurement) -> String {
    let labels = &measurement.layout.requests;
    let Some(index) = labels.iter().position(|label| &*label.name == "reserve") else { return String::new() };
    let row = &measurement.judged.requests[index];
    let figure = |q| row.duration.quantile(q).unwrap_or(f64::NAN);
    format!("{} × reserve, p50 {:.2} ms, p95 {:.2} ms", row.attempts, figure(0.5), figure(0.95))
}
