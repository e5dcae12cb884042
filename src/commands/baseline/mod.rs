//! `loadgate baseline`: keep the history that runs are compared with.

mod accept;
mod document;
#[cfg(test)]
mod nights;
mod show;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;

use crate::baseline::{Life, Runs, Sizes, Spared, Standing, Store};
use crate::cli::{BaselineCommand, CheckMode, CommentMode, Factor, HistoryArgs, MeasureArgs, PlanArgs};
use crate::gate::Judgement;
use crate::measurement::{BaselineStatus, Measurement};
use crate::number::counted;
use crate::plan::Plan;

use super::ci::CiJob;
use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{Order, measure};
use super::plan_file::{read_plan, read_plan_to_look_at};
use super::preview::{self, Wanted};
use super::print;

pub fn baseline(command: &BaselineCommand) -> Result<Exit, CommandError> {
    match command {
        BaselineCommand::Refresh(args) => refresh(args),
        BaselineCommand::Show { history, json } => show::show(history, *json),
        BaselineCommand::Accept(args) => accept::accept(args),
        BaselineCommand::Prune { history, keep } => prune(history, *keep),
    }
}

/// Measures, judges and stores the run with its status, whatever the verdict: only an interrupted run is not kept.
fn refresh(args: &MeasureArgs) -> Result<Exit, CommandError> {
    let mut plan = read_plan(&args.plan)?;
    // The runs that make the baseline can't require it.
    plan.policy.baseline.required = false;
    let plan = Arc::new(plan);
    let job = CiJob::here()?;
    let job = job.as_ref();
    let target = preview::target(&Wanted { plan: &plan, target: args.target.as_ref(), reference: None, job })?;
    let measured = measure(Order {
        plan: &plan,
        args,
        target,
        reference: None,
        baseline: &args.baseline,
        part: None,
        repeat: true,
        job,
    })?;
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &args.plan,
        run: &measured.run,
        saved_to: &measured.path,
        notes: &measured.notes,
        confirms: None,
        interrupted: measured.interrupted,
        baseline: &args.baseline,
        reports: &args.report,
        comment: CommentMode::Never,
        check: CheckMode::Never,
        job,
    })?;
    if !measured.interrupted {
        self::store(&plan, &args.baseline, &measured.run.candidate, &concluded.judgement)?;
    }
    Ok(concluded.exit_after_load(&measured))
}

/// Adds a judged run to its history, with its status, and says what the history shows.
///
/// # Errors
/// The folder of baselines can't be written to.
pub fn store(plan: &Plan, folder: &Path, run: &Measurement, judgement: &Judgement) -> Result<(), CommandError> {
    let store = Store::open(folder, &plan.name);
    let status = judgement.baseline_status();
    let path = store.append(run, status, &judgement.headline()).map_err(|e| anyhow!(e))?;
    eprintln!("stored as {}: {}", status_name(status), path.display());
    // The run is stored: a history that can't be read back is said, and does not undo it.
    match store.runs() {
        Ok(runs) => {
            let lives = runs.lives();
            warn_of_clock(&runs, &lives, &path);
            tell_findings(&runs, &lives, sizes(plan));
        }
        Err(error) => eprintln!("warning: {error}"),
    }
    Ok(())
}

/// A run that has just been stored began before the one that was accepted last: only a clock can be the cause.
fn warn_of_clock(runs: &Runs, lives: &[Life], path: &Path) {
    let Some(run) = runs.entries.iter().position(|entry| entry.path == path) else { return };
    if lives.iter().any(|life| life.standing(run) == Some(Standing::Before)) {
        eprintln!(
            "warning: {}: it began at {}, before the run that was accepted last, and does not count; set the clock of the \
             machine that measured, and measure again",
            path.display(),
            runs.entries[run].measurement.started_at
        );
    }
}

/// Says on standard error what somebody should know of the history.
fn tell_findings(runs: &Runs, lives: &[Life], sizes: Sizes) {
    for finding in runs.findings(lives, sizes) {
        eprintln!("warning: {}: {}; {}", finding.place, finding.problem, finding.cure);
    }
}

/// How much history the plan looks at.
pub fn sizes(plan: &Plan) -> Sizes {
    Sizes { window: plan.policy.baseline.window, anchor: plan.policy.baseline.min }
}

fn prune(history: &HistoryArgs, keep: usize) -> Result<Exit, CommandError> {
    let (plan, store) = open(history)?;
    let pruned = store.prune(keep, sizes(&plan).anchor).map_err(|e| anyhow!(e))?;
    let mut text = String::new();
    for path in &pruned.removed {
        // Writing to a string can't fail.
        let _ = writeln!(text, "removed {}", path.display());
    }
    let _ = writeln!(text, "{} removed; the latest {keep} of each contract are kept", pruned.removed.len());
    for (why, words) in [
        (Spared::Anchor, "that drift is measured from"),
        (Spared::Accepted, "that was accepted"),
        (Spared::Suspect, "that nobody has decided about"),
        (Spared::Deciding, "that decided what later ones count for"),
    ] {
        let spared = pruned.spared.iter().filter(|spared| **spared == why).count();
        if spared > 0 {
            let _ = writeln!(text, "  and {} {words}", counted(spared as u64, "older run"));
        }
    }
    print(&text)
}

/// The plan, and where its runs are.
fn open(history: &HistoryArgs) -> Result<(Plan, Store), CommandError> {
    let one = Factor(1.0);
    let args = PlanArgs { plan: history.plan.clone(), profile: None, scale_load: one, scale_time: one };
    let plan = read_plan_to_look_at(&args)?;
    let store = Store::open(&history.baseline, &plan.name);
    Ok((plan, store))
}

fn status_name(status: BaselineStatus) -> &'static str {
    match status {
        BaselineStatus::Pass => "pass",
        BaselineStatus::TooNoisy => "too noisy",
        BaselineStatus::ThresholdsFailed => "thresholds failed",
        BaselineStatus::Guard => "not measured",
        BaselineStatus::Suspect => "suspect",
    }
}
