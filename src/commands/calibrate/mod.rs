//! `loadgate calibrate`: how often does this gate cry wolf here, and what does it find?

mod deployments;
mod gates;
mod known;
mod ledger;
mod schedule;
mod summary;
mod text;
mod verdicts;

#[cfg(test)]
mod simulated;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;

use crate::baseline::{Arms, Calibration, Record, SlowDown, Store};
use crate::cli::CalibrateArgs;
use crate::delay::{Delay, Upstream};
use crate::load::machine::machine;
use crate::load::{Stop, contract, default_workers, mode, signal};
use crate::number::{self, counted};
use crate::pairing::ArmMode;
use crate::plan::Plan;

use super::ci::CiJob;
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::random_seed;
use super::plan_file::{ReadPlan, read_plan};
use super::{print, variable};

pub use known::{known, known_by, rules_of};

use deployments::Deployments;
use gates::{Bench, NotTaken};
use known::rules;
use ledger::Ledger;
use schedule::{Kind, Task, Wanted, at_least, loads, span, tasks};

pub fn calibrate(args: &CalibrateArgs) -> Result<Exit, CommandError> {
    let ReadPlan { mut plan, workload } = read_plan(&args.plan)?;
    // It is compared with a reference, whatever there is of a history.
    plan.policy.baseline.required = false;
    let plan = Arc::new(plan);
    let deployments = Deployments::of(args, &plan)?;
    let job = CiJob::here()?;
    let seed = args.seed.unwrap_or_else(random_seed);
    let stop = Stop::new();
    let (target, reference) = deployments.upstreams(&plan)?;
    let mut bench = Bench {
        plan: &plan,
        workload,
        target,
        reference,
        mode: mode(&plan, deployments.pair()).context("the deployments' names can't be resolved")?,
        commit: job.as_ref().and_then(|job| job.subject.sha.clone()),
        ci_job: job.as_ref().and_then(|job| job.context.job()),
        workers: args.workers.map_or_else(default_workers, |workers| workers.get()),
        machine: machine(variable),
        known: Calibration::default(),
        stop: &stop,
    };
    let tasks = tasks(&wanted(args, bench.mode), seed);
    let record = record(&bench, args.reference.is_some(), seed);
    announce(&record, &tasks, &plan);
    deployments.permit(args.yes, &tasks, span(&plan))?;
    signal::install(stop.clone()).context("the handlers of SIGINT and SIGTERM can't be set up")?;

    if record.reference.is_some() {
        // Of one deployment it is known that it differs by nothing from itself.
        let mut notes = Vec::new();
        bench.known = known(&args.baseline, &plan, &record.contract, &mut notes);
        for note in notes {
            eprintln!("note: {note}");
        }
    }
    let mut ledger = Ledger::open(&Store::open(&args.baseline, &plan.name), record)?;
    let end = run(&bench, &tasks, &mut ledger);
    conclude(ledger, end)
}

/// Why a calibration ends before all is measured.
enum End {
    Interrupted,
    Failed(NotTaken),
}

/// Makes all measurements. One that a guard kept from being judged, or that failed, is repeated once.
fn run(bench: &Bench<'_>, tasks: &[Task], ledger: &mut Ledger) -> Result<(), End> {
    for (number, task) in tasks.iter().enumerate() {
        let mut repeated = false;
        loop {
            let began = Instant::now();
            let place = format!("{:>3} of {}  {:<22}", number + 1, tasks.len(), ledger.name(task.kind));
            let problem = match take(bench, *task, repeated, ledger) {
                Ok(Told::Counts(line)) => {
                    ledger.took(began.elapsed());
                    let left = ledger.left(tasks.len() - number - 1);
                    eprintln!("{place}  {line}{left}");
                    break;
                }
                Ok(Told::NotMeasured(line)) => line,
                Err(NotTaken::Interrupted) => return Err(End::Interrupted),
                Err(NotTaken::Guard(line)) => line,
                Err(error) if repeated || ledger.is_empty() => return Err(End::Failed(error)),
                Err(error) => error.to_string(),
            };
            if repeated {
                eprintln!("{place}  {problem}; it is left out");
                break;
            }
            eprintln!("{place}  {problem}; once more");
            repeated = true;
        }
    }
    Ok(())
}

/// What is said of a measurement.
enum Told {
    Counts(String),
    NotMeasured(String),
}

fn take(bench: &Bench<'_>, task: Task, repeated: bool, ledger: &mut Ledger) -> Result<Told, NotTaken> {
    // The same random choices again could only meet the same luck.
    let seed = task.seed.wrapping_add(u64::from(repeated));
    match task.kind {
        Kind::Gate(slow) => {
            let taken = bench.gate(slow, seed)?;
            let line = text::line(&taken.record);
            let counts = taken.record.counts();
            ledger.add_gate(taken);
            Ok(if counts { Told::Counts(line) } else { Told::NotMeasured(line) })
        }
        Kind::Alone => {
            ledger.add_alone(bench.alone(seed)?);
            Ok(Told::Counts("measured".to_owned()))
        }
    }
}

/// Shows what was measured, whole or not.
fn conclude(ledger: Ledger, end: Result<(), End>) -> Result<Exit, CommandError> {
    let (record, path) = ledger.close();
    if let Some(path) = &path {
        let mut out = Vec::new();
        let summary = summary::summarize(&record);
        text::write(&record, &summary, &mut out).context("the calibration can't be shown")?;
        print(&String::from_utf8_lossy(&out))?;
        eprintln!("\nstored: {}", path.display());
    }
    match end {
        Err(End::Failed(error)) => {
            let through = format!("through the delaying proxy before {}", record.target);
            Err(CommandError::CouldNotRun(anyhow!(error).context(through)))
        }
        Err(End::Interrupted) => {
            eprintln!("interrupted: what was measured until then stands");
            Ok(Exit::Interrupted)
        }
        Ok(()) if record.gates.iter().any(|gate| gate.counts()) => Ok(Exit::Pass),
        Ok(()) => Ok(Exit::NotMeasured),
    }
}

/// What the arguments ask for. Runs alone tell something where two deployments are loaded at the same time.
fn wanted(args: &CalibrateArgs, mode: ArmMode) -> Wanted {
    let slow_down = |delay: &Delay| match delay {
        Delay::None => None,
        Delay::Share(share) => Some(SlowDown::Share(*share)),
        Delay::Fixed(time) => Some(SlowDown::DelayMs(time.as_secs_f64() * 1000.0)),
    };
    let mut slow: Vec<SlowDown> = Vec::new();
    for seeded in args.slow.iter().filter(|_| !args.no_slow).filter_map(slow_down) {
        if !slow.contains(&seeded) {
            slow.push(seeded);
        }
    }
    let alone = if args.reference.is_some() && mode == ArmMode::Parallel { args.alone } else { 0 };
    Wanted { gates: args.gates.get(), slow, alone }
}

/// The record before its first gate.
fn record(bench: &Bench<'_>, two: bool, seed: u64) -> Record {
    let origin = |upstream: &Upstream| upstream.origin.origin().ascii_serialization();
    Record {
        plan: bench.plan.name.to_string(),
        started_at: Timestamp::now(),
        seed,
        target: origin(&bench.target),
        reference: two.then(|| origin(&bench.reference)),
        commit: bench.commit.clone(),
        arms: match bench.mode {
            ArmMode::Parallel => Arms::Parallel,
            ArmMode::Alternating => Arms::Alternating,
        },
        contract: contract(bench.plan, &bench.machine),
        rules: rules(bench.plan),
        gates: Vec::new(),
        alone: Vec::new(),
    }
}

/// Says what will be done, and for how long, before it begins.
fn announce(record: &Record, tasks: &[Task], plan: &Plan) {
    let deployments = record.reference.as_ref().map_or_else(
        || format!("{} against itself", record.target),
        |reference| format!("{} against {reference}, taken for the same commit", record.target),
    );
    eprintln!("loadgate: calibrating {}: {deployments}, seed {}", record.plan, record.seed);
    let arms = arms_of(record);
    eprintln!(
        "{}, arms {arms}: at least {}, warm-ups, extensions and repeats not counted; the plan's load is sent {} times",
        counted(tasks.len() as u64, "measurement"),
        number::duration(at_least(tasks, span(plan), arms).as_secs_f64() * 1000.0),
        loads(tasks),
    );
    for warning in &plan.warnings {
        eprintln!("warning: {warning}");
    }
}

fn arms_of(record: &Record) -> ArmMode {
    match record.arms {
        Arms::Parallel => ArmMode::Parallel,
        Arms::Alternating => ArmMode::Alternating,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_say_what_is_measured() {
        use clap::Parser;

        use crate::cli::{Cli, Command};

        let wanted_by = |arguments: &str, mode| {
            let words = ["loadgate", "calibrate"].into_iter().chain(arguments.split_whitespace());
            let Command::Calibrate(args) = Cli::parse_from(words).command else { panic!("another command") };
            wanted(&args, mode)
        };
        let two = "--reference http://b.example";
        let (ten, five_ms) = (SlowDown::Share(0.1), SlowDown::DelayMs(5.0));
        for (arguments, mode, gates, slow, alone) in [
            ("", ArmMode::Parallel, 20, vec![ten], 0),
            ("--gates 3 --slow 10% --slow 5ms --slow 10%", ArmMode::Parallel, 3, vec![ten, five_ms], 0),
            ("--no-slow", ArmMode::Parallel, 20, vec![], 0),
            (two, ArmMode::Parallel, 20, vec![ten], 5),
            (two, ArmMode::Alternating, 20, vec![ten], 0),
        ] {
            assert_eq!(wanted_by(arguments, mode), Wanted { gates, slow, alone }, "{arguments}");
        }
    }
}
