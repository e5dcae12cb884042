//! `loadgate judge`: judge a measurement again, without any load.

use std::path::Path;

use anyhow::anyhow;

use crate::cli::{CommentMode, Factor, JudgeArgs, PlanArgs};
use crate::measurement::{Measurement, MeasurementFile};
use crate::plan::Plan;

use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::plan_file::read_plan_to_look_at;

pub fn judge(args: &JudgeArgs) -> Result<Exit, CommandError> {
    let file = MeasurementFile::read(&args.measurement).map_err(|error| anyhow!(error))?;
    let (plan, plan_args) = plan_of(&file.candidate, &args.measurement, &args.plan)?;
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &plan_args,
        run: &file,
        saved_to: &args.measurement,
        notes: &[],
        interrupted: false,
        baseline: &args.baseline,
        reports: &args.report,
        comment: CommentMode::Never,
        ci: None,
    })?;
    Ok(concluded.exit)
}

/// Reads the plan that judges a measurement.
///
/// # Errors
/// Those of the plan; another plan than the one that measured.
pub fn plan_of(measurement: &Measurement, file: &Path, plan: &Path) -> Result<(Plan, PlanArgs), CommandError> {
    let plan_args = PlanArgs {
        plan: plan.to_owned(),
        profile: measurement.profile.clone(),
        scale_load: Factor(1.0),
        scale_time: Factor(1.0),
    };
    let plan = read_plan_to_look_at(&plan_args)?;
    if measurement.plan != *plan.name {
        return Err(CommandError::Usage(format!(
            "{} was measured by the plan `{}`, and {} is `{}`; name the plan that it belongs to with --plan",
            file.display(),
            measurement.plan,
            plan_args.plan.display(),
            plan.name
        )));
    }
    Ok((plan, plan_args))
}
