//! `loadgate validate`: check a plan without sending anything.

use std::fmt::Write;

use crate::cli::ValidateArgs;
use crate::load::fit::{Circumstances, Fit};
use crate::load::limits::Limits;
use crate::load::{Shard, default_workers};
use crate::plan::{Executor, Plan, Scenario};

use super::error::CommandError;
use super::exit::Exit;
use super::plan_file::read_plan_to_look_at;
use super::print;

pub fn validate(args: &ValidateArgs) -> Result<Exit, CommandError> {
    let plan = read_plan_to_look_at(&args.plan)?;
    for warning in &plan.warnings {
        eprintln!("warning: {warning}");
    }
    let run = Circumstances { target: None, workers: default_workers(), shard: Shard::WHOLE, arms: 1 };
    let fit = Fit::of(&plan, run, &Limits::read());
    for finding in fit.warnings.iter().chain(&fit.refusal) {
        eprintln!("warning, on this machine: {finding}");
    }
    print(&summary(&args.plan.plan.display().to_string(), &plan))
}

/// What the plan will do, so that a slip in a number shows.
fn summary(path: &str, plan: &Plan) -> String {
    let mut text = format!("{path}: a plan without errors\n");
    let profile = plan.profile.as_deref().map(|profile| format!(", profile {profile}")).unwrap_or_default();
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "  {}{profile}: {}, {}, {}",
        plan.name,
        counted(plan.scenarios.len(), "scenario"),
        counted(plan.requests.len(), "request"),
        counted(plan.thresholds.len(), "threshold")
    );
    for scenario in &plan.scenarios {
        let _ = writeln!(text, "  {}", line(scenario));
    }
    text
}

fn line(scenario: &Scenario) -> String {
    let load = match &scenario.executor {
        Executor::ConstantVus { vus, .. } => counted(*vus as usize, "VU"),
        Executor::RampingVus { stages, .. } => {
            format!(
                "up to {} over {}",
                counted(scenario.executor.max_vus() as usize, "VU"),
                counted(stages.len(), "stage")
            )
        }
        Executor::PerVuIterations { vus, iterations, .. } => {
            format!("{} × {}", counted(*vus as usize, "VU"), counted(*iterations as usize, "iteration"))
        }
        Executor::SharedIterations { vus, iterations, .. } => {
            format!("{} shared by {}", counted(*iterations as usize, "iteration"), counted(*vus as usize, "VU"))
        }
        Executor::ConstantArrivalRate { rate, time_unit, max_vus, .. } => {
            format!("{rate} iterations every {time_unit:?}, at most {}", counted(*max_vus as usize, "VU"))
        }
        Executor::RampingArrivalRate { stages, max_vus, .. } => {
            let vus = counted(*max_vus as usize, "VU");
            format!("a rate that changes over {}, at most {vus}", counted(stages.len(), "stage"))
        }
    };
    let longest = if matches!(scenario.executor, Executor::PerVuIterations { .. } | Executor::SharedIterations { .. }) {
        "at most "
    } else {
        ""
    };
    let (name, executor, duration) = (&scenario.name, scenario.executor.name(), scenario.executor.duration());
    format!("{name}: {executor}, {load}, {longest}{duration:?}")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
