//! `loadgate judge`: judge a measurement again, without any load. It may be k6's.

mod k6;

use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;

use crate::cli::{CheckMode, CommentMode, Factor, JudgeArgs, PlanArgs, ScriptArgs};
use crate::k6::results;
use crate::measurement::shards::MOST_LATE;
use crate::measurement::{Measurement, MeasurementFile, ReferenceArm};
use crate::number;
use crate::pairing::{ArmMode, Looks, Pairing};
use crate::plan::Plan;

use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::plan_file::read_plan_to_look_at;

pub fn judge(args: &JudgeArgs) -> Result<Exit, CommandError> {
    if let Some(opened) = results::open(&args.measurement).map_err(|error| anyhow!(error))? {
        return k6::judge(args, opened);
    }
    let read = |path: &Path| MeasurementFile::read(path).map_err(|error| anyhow!(error));
    let mut file = read(&args.measurement)?;
    if let Some(path) = &args.reference {
        file.reference = Some(reference(&file.candidate, read(path)?.candidate, path)?);
    }
    let first = args.confirms.as_deref().map(read).transpose()?;
    let (plan, plan_args) = plan_of(&file.candidate, &args.measurement, &args.plan)?;
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &plan_args,
        run: &file,
        saved_to: &args.measurement,
        notes: &[],
        confirms: first.as_ref().map(|file| &file.candidate),
        interrupted: false,
        baseline: &args.baseline,
        reports: &args.report,
        comment: CommentMode::Never,
        check: CheckMode::Never,
        job: None,
    })?;
    Ok(concluded.exit)
}

/// A measurement of its own as the reference of another, where the two can be the arms of one run.
fn reference(candidate: &Measurement, reference: Measurement, path: &Path) -> Result<ReferenceArm, CommandError> {
    let apart =
        Duration::try_from(candidate.started_at.duration_since(reference.started_at).abs()).unwrap_or(MOST_LATE);
    let difference = if candidate.layout.grid != reference.layout.grid {
        "its blocks are others".to_owned()
    } else if apart >= MOST_LATE {
        format!("it began {} apart", number::duration(apart.as_secs_f64() * 1e3))
    } else {
        let pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() };
        return Ok(ReferenceArm { measurement: reference, pairing });
    };
    Err(CommandError::Usage(format!(
        "{}: no reference for this run, {difference}: blocks are compared only where both deployments had the load at the same \
         time; measure both in one run with `loadgate run --reference URL`, or describe the two with `loadgate compare`",
        path.display()
    )))
}

/// Reads the plan that judges a measurement.
///
/// # Errors
/// Those of the plan; another plan than the one that measured.
pub fn plan_of(measurement: &Measurement, file: &Path, plan: &Path) -> Result<(Plan, PlanArgs), CommandError> {
    let plan_args = plan_args(measurement, plan);
    let plan = read_plan_to_look_at(&plan_args)?;
    check_name(&plan, measurement, file, &plan_args)?;
    Ok((plan, plan_args))
}

/// How the plan is to be read that judges a measurement.
pub fn plan_args(measurement: &Measurement, plan: &Path) -> PlanArgs {
    PlanArgs {
        plan: plan.to_owned(),
        profile: measurement.profile.clone(),
        scale_load: Factor(1.0),
        scale_time: Factor(1.0),
        script: ScriptArgs::default(),
    }
}

/// Holds a plan to a measurement.
///
/// # Errors
/// Another plan than the one that measured.
pub fn check_name(
    plan: &Plan,
    measurement: &Measurement,
    file: &Path,
    plan_args: &PlanArgs,
) -> Result<(), CommandError> {
    if measurement.plan != *plan.name {
        return Err(CommandError::Usage(format!(
            "{} was measured by the plan `{}`, and {} is `{}`; name the plan that it belongs to with --plan",
            file.display(),
            measurement.plan,
            plan_args.plan.display(),
            plan.name
        )));
    }
    Ok(())
}
