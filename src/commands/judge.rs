//! `loadgate judge`: judge a measurement again, without any load.

use anyhow::anyhow;

use crate::cli::{CommentMode, Factor, JudgeArgs, PlanArgs};
use crate::measurement::MeasurementFile;

use super::conclude::{Conclusion, conclude};
use super::error::CommandError;
use super::exit::Exit;
use super::plan_file::read_plan_to_look_at;

pub fn judge(args: &JudgeArgs) -> Result<Exit, CommandError> {
    let file = MeasurementFile::read(&args.measurement).map_err(|error| anyhow!(error))?;
    let measurement = file.candidate;
    let plan_args = PlanArgs {
        plan: args.plan.clone(),
        profile: measurement.profile.clone(),
        scale_load: Factor(1.0),
        scale_time: Factor(1.0),
    };
    let plan = read_plan_to_look_at(&plan_args)?;
    if measurement.plan != *plan.name {
        return Err(CommandError::Usage(format!(
            "{} was measured by the plan `{}`, and {} is `{}`; name the plan that it belongs to with --plan",
            args.measurement.display(),
            measurement.plan,
            args.plan.display(),
            plan.name
        )));
    }
    let concluded = conclude(&Conclusion {
        plan: &plan,
        plan_args: &plan_args,
        measurement: &measurement,
        saved_to: &args.measurement,
        interrupted: false,
        baseline: &args.baseline,
        reports: &args.report,
        comment: CommentMode::Never,
        ci: None,
    })?;
    Ok(concluded.exit)
}
