//! Judging what k6 measured: by a plan, or by the thresholds that its script had.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::{CheckMode, CommentMode, Factor, JudgeArgs, PlanArgs, ScriptArgs};
use crate::commands::conclude::{Conclusion, conclude};
use crate::commands::error::CommandError;
use crate::commands::exit::Exit;
use crate::commands::plan_file::read_plan_to_look_at;
use crate::k6::results::{Conditions, Opened, Results, unstated};
use crate::number::counted;
use crate::plan::{ContractTerms, Plan, Policy, Target, Threshold};

/// The plan of `loadgate judge` where the command line names none.
const DEFAULT_PLAN: &str = "loadgate.yml";

/// What judges, and what the reader must know of that.
struct Judged {
    plan: Plan,
    plan_args: PlanArgs,
    results: Results,
    notes: Vec<String>,
}

pub fn judge(args: &JudgeArgs, opened: Opened) -> Result<Exit, CommandError> {
    for (option, given) in [("--reference", &args.reference), ("--confirms", &args.confirms)] {
        if given.is_some() {
            return Err(CommandError::Usage(format!(
                "{}: {option} is for measurements of loadgate's own, and k6 made this one; leave it out",
                args.measurement.display()
            )));
        }
    }
    let is_default = args.plan == Path::new(DEFAULT_PLAN);
    let Judged { plan, plan_args, mut results, mut notes } = match is_default && !args.plan.exists() {
        true => by_its_own(args, opened)?,
        false => by_plan(args, opened)?,
    };
    results.file.candidate.plan = plan.name.to_string();
    notes.append(&mut results.notes);
    notes.extend(unstated(&results.file, &plan.thresholds));
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &plan_args,
        run: &results.file,
        saved_to: &args.measurement,
        notes: &notes,
        confirms: None,
        interrupted: false,
        baseline: &args.baseline,
        reports: &args.report,
        comment: CommentMode::Never,
        check: CheckMode::Never,
        job: None,
    })?;
    Ok(concluded.exit)
}

/// By a plan's thresholds and gate: those of the script don't count.
fn by_plan(args: &JudgeArgs, opened: Opened) -> Result<Judged, CommandError> {
    let plan_args = plan_args(&args.plan);
    let plan = read_plan_to_look_at(&plan_args)?;
    let results = opened.read(&plan.submetrics).map_err(|error| anyhow!(error))?;
    let own = results.conditions.thresholds.len() as u64;
    let notes = (own > 0).then(|| {
        let (thresholds, plan) = (counted(own, "threshold"), args.plan.display());
        format!("the {thresholds} of the k6 script did not judge: {plan} did")
    });
    Ok(Judged { plan, plan_args, results, notes: notes.into_iter().collect() })
}

/// By the thresholds that the file of k6's tells.
///
/// # Errors
/// It says that there are others, or can't say whether there are any.
fn by_its_own(args: &JudgeArgs, opened: Opened) -> Result<Judged, CommandError> {
    let file = args.measurement.display();
    let results = opened.read(&[]).map_err(|error| anyhow!(error))?;
    let cure =
        format!("name a plan with --plan, for there is no {DEFAULT_PLAN} here; or judge what --summary-export wrote");
    let Conditions { thresholds, unknown, untellable, untold } = &results.conditions;
    if *untold {
        return Err(CommandError::Usage(format!(
            "{file}: k6's machine-readable summary doesn't hold the script's thresholds; {cure}"
        )));
    }
    if !unknown.is_empty() {
        let parts: Vec<&str> = unknown.iter().map(String::as_str).collect();
        return Err(CommandError::Usage(format!(
            "{file}: the script has thresholds on {}, and `--out json` doesn't write these down; {cure}",
            parts.join(" and ")
        )));
    }
    let plan = plan_of(&args.measurement, thresholds.clone());
    let mut notes = vec![format!("judged by the script's own thresholds, for there is no {DEFAULT_PLAN} here")];
    notes.extend(untellable.iter().map(|part| {
        format!(
            "thresholds on {part}, if the script has any, did not judge: `--out json` doesn't write them down; judge what \
             --summary-export wrote, or name a plan"
        )
    }));
    Ok(Judged { plan, plan_args: plan_args(&args.measurement), results, notes })
}

fn plan_args(plan: &Path) -> PlanArgs {
    PlanArgs {
        plan: PathBuf::from(plan),
        profile: None,
        scale_load: Factor(1.0),
        scale_time: Factor(1.0),
        script: ScriptArgs::default(),
    }
}

/// A plan that judges and has no load.
fn plan_of(file: &Path, thresholds: Vec<Threshold>) -> Plan {
    let name = file.file_name().map_or("k6".into(), |name| name.to_string_lossy());
    Plan {
        name: Arc::from(&*name),
        profile: None,
        target: Target::default(),
        reference: None,
        data: Vec::new(),
        env: Vec::new(),
        secrets: Vec::new(),
        metrics: Vec::new(),
        requests: Vec::new(),
        checks: Vec::new(),
        groups: Vec::new(),
        setup: None,
        teardown: None,
        scenarios: Vec::new(),
        thresholds,
        submetrics: Vec::new(),
        compared: None,
        script: None,
        policy: Policy::default(),
        base: None,
        control: None,
        contract: ContractTerms { load: String::new(), plan: String::new() },
        warnings: Vec::new(),
    }
}
