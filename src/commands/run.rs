//! `loadgate run`: measure, judge, report, comment.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::cli::RunArgs;
use crate::github;

use super::conclude::{Conclusion, conclude, write_asked};
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::measure;
use super::plan_file::read_plan;
use super::{publish, shard, variable};

pub fn run(args: &RunArgs) -> Result<Exit, CommandError> {
    let part = shard::part(args, Timestamp::now())?;
    let plan = Arc::new(read_plan(&args.measure.plan)?);
    let ci = github::Context::read(variable).context("the environment is not as GitHub Actions sets it")?;
    let measured = measure(&plan, &args.measure, part, ci.as_ref())?;
    let conclusion = Conclusion {
        plan: &plan,
        plan_args: &args.measure.plan,
        measurement: &measured.measurement,
        saved_to: &measured.path,
        interrupted: measured.interrupted,
        baseline: &args.measure.baseline,
        reports: &args.measure.report,
        comment: args.comment,
        ci: ci.as_ref(),
    };
    if let Some(part) = part {
        write_asked(&conclusion)?;
        publish::tell_path(ci.as_ref(), &measured.path);
        return shard::conclude(part, &measured);
    }
    let concluded = conclude(&conclusion)?;
    Ok(concluded.exit_after_load(&measured))
}
