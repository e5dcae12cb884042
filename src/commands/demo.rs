//! `loadgate demo`: the whole job on one machine, against the embedded API.

use std::io::{self, IsTerminal as _, Stderr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use url::Url;

use crate::baseline::Calibration;
use crate::cli::{DemoArgs, DemoCommand, Slow};
use crate::demo::{self, Endpoint, Server, Settings};
use crate::gate::{self, Grounds, Judgement};
use crate::k6::StepsOrScript;
use crate::load::http::Proxies;
use crate::load::machine::machine;
use crate::load::{self, Event, Job, MeasureError, ReferenceJob, Stop, signal};
use crate::measurement::{Ending, Measurement, MeasurementFile};
use crate::plan::{self, Plan, ReadOptions, Source};
use crate::report::progress::ProgressReport;
use crate::report::{Report, ReportContext, markdown};

use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{abort, is_too_noisy, random_seed};
use super::publish::rendered;
use super::runner::spoilt;
use super::{print, variable};

/// The longest that a demo may take. Load that can't end by then is not begun.
const TIME: Duration = Duration::from_secs(58);

/// The plan's load.
const LOAD: Duration = Duration::from_secs(20);

/// What comes before and after a load at most: setup, trial, warm-up, the last answers.
const AROUND: Duration = Duration::from_secs(8);

/// How often the trial before the load may fail.
const TRIALS: u32 = 3;

const INTRODUCTION: &str = "\
A load test gates a pull request, all on this machine and within a minute. loadgate serves a small concert reservation API
twice, as it is and as the pull request would have it. 48 virtual users buy seats of each, for 20 s at the same time: each
waits for its turn, looks for a seat, occupies it and reserves it.";

pub fn demo(args: &DemoArgs) -> Result<Exit, CommandError> {
    match &args.command {
        Some(DemoCommand::Serve { port, slow, fail_rate, seed }) => serve(Settings {
            port: *port,
            slow: slow.by.share(),
            slowed: slowed(slow)?,
            fail_rate: fail_rate.share(),
            seed: seed.unwrap_or_else(random_seed),
            ..Settings::default()
        }),
        None => gate_a_preview(args, args.seed.unwrap_or_else(random_seed)),
    }
}

/// The request that is to be slower: `reserve`, where none is named.
fn slowed(slow: &Slow) -> Result<Endpoint, CommandError> {
    let Some(name) = &slow.request else { return Ok(Endpoint::Reserve) };
    Endpoint::named(name).ok_or_else(|| {
        let names: Vec<&str> = Endpoint::ALL.into_iter().map(Endpoint::name).collect();
        CommandError::Usage(format!(
            "--slow {name}: the demo API has no such request; name one of {}",
            names.join(", ")
        ))
    })
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

/// Base and preview under the same load, and the verdict on the preview.
fn gate_a_preview(args: &DemoArgs, seed: u64) -> Result<Exit, CommandError> {
    let stop = Stop::new();
    signal::install(stop.clone()).context("the handlers of SIGINT and SIGTERM can't be set up")?;
    let plan = Arc::new(plan()?);
    let base = start(Settings { seed, ..Settings::default() })?;
    // Another seed, or the n-th requests of both would take the same time.
    let (slow, fail_rate) = (args.slow.share(), args.fail_rate.share());
    let preview = start(Settings { seed: seed.wrapping_add(1), slow, fail_rate, ..Settings::default() })?;
    print(&format!("{INTRODUCTION}\n\nbase     {}\npreview  {}{}\n\n", base.url(), preview.url(), change(args)))?;
    let demo = Demo { plan, stop, seed, started: Instant::now() };
    let Some(measured) = demo.measure(&base, &preview)? else { return Ok(Exit::Interrupted) };
    demo.conclude(&measured, args)
}

fn start(settings: Settings) -> Result<Server, CommandError> {
    Ok(Server::spawn_thread(settings).context("the demo API can't be started on a loopback port")?)
}

fn plan() -> Result<Plan, CommandError> {
    let source = Source { text: demo::PLAN.to_owned(), path: PathBuf::from("demo.yml") };
    plan::read(&source, &ReadOptions::default()).map_err(|diagnostics| CommandError::Usage(diagnostics.to_string()))
}

struct Demo {
    plan: Arc<Plan>,
    stop: Stop,
    seed: u64,
    started: Instant,
}

impl Demo {
    /// Measures both until the runner has not been what kept a run from a verdict, as long as there is time. None where a
    /// signal came.
    fn measure(&self, base: &Server, preview: &Server) -> Result<Option<MeasurementFile>, CommandError> {
        let (mut runs, mut trials) = (0, 0);
        loop {
            let job = self.job(base, preview, runs)?;
            runs += 1;
            let again = match self.load(&job) {
                Ok(measured) if measured.candidate.ending == Ending::Interrupted => return Ok(None),
                Ok(measured) => match spoilt(&self.plan, &measured) {
                    Some(reason) if self.has_time_for(LOAD + AROUND) => reason,
                    _ => return Ok(Some(measured)),
                },
                // The trial before the load may meet a failure that was asked for.
                Err(error) if trials < TRIALS && self.has_time_for(LOAD + AROUND) => {
                    trials += 1;
                    trial_failure(error)?
                }
                Err(error) => return Err(anyhow!(error).into()),
            };
            print(&format!("not measured: {again}; once more\n\n"))?;
        }
    }

    /// One run, with a bar on a terminal. It goes on where that may bring a verdict, and ends in time.
    fn load(&self, job: &Job<StepsOrScript>) -> Result<MeasurementFile, MeasureError> {
        let mut bar = io::stderr().is_terminal().then(ProgressReport::<Stderr>::bar);
        let tell = |event: Event<'_>| {
            if let (Event::Progress(progress), Some(bar)) = (event, &mut bar) {
                // What can't be shown is not worth ending a run for.
                let _ = bar.show(progress);
            }
        };
        let known = Calibration::default();
        let go_on = |measured: &MeasurementFile| is_too_noisy(&self.plan, measured, &known) && self.has_time_for(LOAD);
        let measured = load::measure(job, &self.stop, tell, abort(&self.plan, false), go_on);
        if let Some(bar) = bar {
            bar.finish();
        }
        measured
    }

    fn has_time_for(&self, load: Duration) -> bool {
        has_time_for(load, self.started.elapsed())
    }

    fn job(&self, base: &Server, preview: &Server, run: u64) -> Result<Job<StepsOrScript>, CommandError> {
        Ok(Job {
            part: None,
            plan: self.plan.clone(),
            workload: StepsOrScript::default(),
            target: address(preview)?,
            reference: Some(ReferenceJob::new(address(base)?)),
            seed: self.seed.wrapping_add(run),
            // The API answers from the other cores.
            workers: 1,
            commit: None,
            ci_job: None,
            machine: machine(variable),
            // The API is on this machine.
            proxies: Proxies::default(),
        })
    }

    fn judge(&self, measured: &MeasurementFile) -> Judgement {
        let grounds = Grounds::new(&self.plan.thresholds, &self.plan.policy);
        gate::judge(&measured.candidate, &Grounds { reference: measured.reference.as_ref(), ..grounds })
    }

    /// Judges the preview and prints the comment that a pull request would get.
    fn conclude(&self, measured: &MeasurementFile, args: &DemoArgs) -> Result<Exit, CommandError> {
        let judgement = self.judge(measured);
        let context = ReportContext { rerun: Some(rerun(args, self.seed)), ..ReportContext::default() };
        let reference = measured.reference.as_ref();
        let report = Report { measurement: &measured.candidate, reference, judgement: &judgement, context: &context };
        let comment = rendered(&report, markdown::COMMENT_BYTES);
        let exit = Exit::of(judgement.verdict, self.plan.policy.inconclusive);
        if let Some(reference) = reference {
            print(&format!(
                "base     {}\npreview  {}\n",
                figures(&reference.measurement),
                figures(&measured.candidate)
            ))?;
        }
        print(&format!(
            "\n--- the comment that the pull request would get ---\n\n{}\n\n--- end of the comment ---\n\n{} (exit code {})\n",
            comment.trim_end(),
            judgement.headline(),
            exit as u8
        ))?;
        Ok(exit)
    }
}

/// Whether so much load ends in time.
fn has_time_for(load: Duration, elapsed: Duration) -> bool {
    elapsed + load <= TIME
}

fn address(server: &Server) -> Result<Url, CommandError> {
    let url = server.url();
    Ok(Url::parse(&url).with_context(|| format!("{url} is no address"))?)
}

/// The reason of a trial that failed; any other error is one.
fn trial_failure(error: MeasureError) -> Result<String, CommandError> {
    match error {
        MeasureError::Preflight(failure) => Ok(failure.reason),
        error => Err(anyhow!(error).into()),
    }
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
    fn load_begins_only_if_it_ends_within_the_minute() {
        for (elapsed, load, enough) in [(0, 28, true), (30, 28, true), (31, 28, false), (37, 20, true), (39, 20, false)]
        {
            let (elapsed, load) = (Duration::from_secs(elapsed), Duration::from_secs(load));
            assert_eq!(has_time_for(load, elapsed), enough, "{load:?} after {elapsed:?}");
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
    fn a_request_that_the_demo_has_not_is_named_with_those_that_it_has() {
        let slow = |text: &str| text.parse::<Slow>().expect("a request and a percentage");
        assert_eq!(slowed(&slow("10%")).expect("the demo's request"), Endpoint::Reserve);
        assert_eq!(slowed(&slow("concerts=10%")).expect("a request"), Endpoint::Concerts);
        insta::assert_snapshot!(slowed(&slow("concert=10%")).expect_err("no such request").to_string(), @"--slow concert: the demo API has no such request; name one of queue-token, queue-status, concerts, dates, seats, available-seats, occupy, reserve, boards, browse, header, intro, reviews, update-mentee, update-mentor");
    }

    #[test]
    fn the_introduction_names_the_plans_load() {
        let plan = plan().expect("the demo's plan");
        assert_eq!(plan.scenarios[0].executor, Executor::ConstantVus { vus: 48, duration: LOAD });
        assert!(INTRODUCTION.contains("48 virtual users buy seats of each, for 20 s at the same time"));
        assert_eq!(plan.policy.warmup, Some(Duration::from_secs(5)));
    }
}
