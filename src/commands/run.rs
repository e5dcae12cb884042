//! `loadgate run`: measure, judge, report, comment.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use url::Url;

use crate::cli::RunArgs;
use crate::github;
use crate::load::ReferenceJob;
use crate::plan::Plan;

use super::conclude::{Conclusion, conclude, write_asked};
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{Order, measure};
use super::plan_file::read_plan;
use super::{publish, shard, variable};

pub fn run(args: &RunArgs) -> Result<Exit, CommandError> {
    let part = shard::part(args, Timestamp::now())?;
    let plan = Arc::new(read_plan(&args.measure.plan)?);
    let ci = github::Context::read(variable).context("the environment is not as GitHub Actions sets it")?;
    let reference = reference(&plan, args.reference.as_ref());
    let repeat = part.is_none() && !args.no_repeat;
    let measured = measure(Order { plan: &plan, args: &args.measure, reference, part, repeat, ci: ci.as_ref() })?;
    let conclusion = Conclusion {
        plan: &plan,
        plan_args: &args.measure.plan,
        run: &measured.run,
        saved_to: &measured.path,
        notes: &measured.notes,
        confirms: None,
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

/// The base deployment to measure beside the target: the one that was named, else the plan's.
fn reference(plan: &Plan, named: Option<&Url>) -> Option<ReferenceJob> {
    let target = named.or(plan.reference.as_ref().and_then(|reference| reference.url.as_ref()));
    if target.is_none() && plan.reference.is_some() {
        eprintln!(
            "warning: the plan wants a reference and none is known: give `--reference URL`, set LOADGATE_REFERENCE, or write \
             reference.url into the plan; the run is compared with its baseline instead"
        );
    }
    target.cloned().map(ReferenceJob::new)
}
