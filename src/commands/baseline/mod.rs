//! `loadgate baseline`: keep the history that runs are compared with.

mod accept;
mod document;
mod issue;
mod keep;
mod landing;
#[cfg(test)]
mod nights;
mod show;

use std::fmt::Write;
use std::sync::Arc;

use anyhow::anyhow;

use crate::baseline::{Finding, Sizes, Spared, Store};
use crate::cli::{BaselineCommand, CheckMode, CommentMode, Factor, HistoryArgs, PlanArgs, RefreshArgs, ScriptArgs};
use crate::measurement::BaselineStatus;
use crate::number::counted;
use crate::plan::Plan;

use super::ci::CiJob;
use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{Order, measure};
use super::plan_file::{ReadPlan, read_plan, read_plan_to_look_at};
use super::preview::{self, Wanted};
use super::{history, print};

pub use keep::{Keeping, keep};
pub use landing::way;

pub fn baseline(command: &BaselineCommand) -> Result<Exit, CommandError> {
    match command {
        BaselineCommand::Refresh(args) => refresh(args),
        BaselineCommand::Show { history, json } => show::show(history, *json),
        BaselineCommand::Accept(args) => accept::accept(args),
        BaselineCommand::Prune { history, keep } => prune(history, *keep),
    }
}

/// Measures, judges and stores the run with its status, whatever the verdict: only an interrupted run is not kept.
fn refresh(RefreshArgs { measure: args, landing }: &RefreshArgs) -> Result<Exit, CommandError> {
    let ReadPlan { mut plan, workload } = read_plan(&args.plan)?;
    // The runs that make the baseline can't require it.
    plan.policy.baseline.required = false;
    let plan = Arc::new(plan);
    let job = CiJob::here()?;
    let job = job.as_ref();
    let way = way(landing, &args.baseline, &args.baseline_branch, &plan.name, job)?;
    let target = preview::target(&Wanted { plan: &plan, target: args.target.as_ref(), reference: None, job })?;
    let history = history::folder(&args.baseline, &args.baseline_branch, &plan.name, job);
    let measured = measure(Order {
        plan: &plan,
        workload: &workload,
        args,
        target,
        reference: None,
        baseline: &history.path,
        part: None,
        repeat: true,
        job,
    })?;
    let notes = [&history.notes[..], &measured.notes].concat();
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &args.plan,
        run: &measured.run,
        saved_to: &measured.path,
        notes: &notes,
        confirms: None,
        interrupted: measured.interrupted,
        baseline: &history.path,
        reports: &args.report,
        comment: CommentMode::Never,
        check: CheckMode::Never,
        job,
    })?;
    if !measured.interrupted {
        let way = way.as_ref();
        let keeping = Keeping {
            plan: &plan,
            plan_path: &args.plan.plan,
            folder: &args.baseline,
            history: &history,
            way,
            issue: landing.issue,
            job,
        };
        keep::keep(&keeping, &measured.run.candidate, &concluded.judgement)?;
    }
    let exit = concluded.exit_after_load(&measured);
    measured.end(exit)
}

/// Says on standard error what somebody should know of the history.
fn tell_findings(findings: &[Finding]) {
    for Finding { place, problem, cure, .. } in findings {
        eprintln!("warning: {place}: {problem}; {cure}");
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
    let args = PlanArgs {
        plan: history.plan.clone(),
        profile: None,
        scale_load: one,
        scale_time: one,
        script: ScriptArgs::default(),
    };
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
