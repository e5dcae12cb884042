//! `loadgate run`: measure, judge, report, comment.

use jiff::Timestamp;

use crate::cli::RunArgs;

use super::ci::CiJob;
use super::conclude::{Conclusion, conclude, write_asked};
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::{Order, measure};
use super::policy::{Agreed, agree};
use super::preview::{self, NotFound, Wanted};
use super::{fork, history, publish, script_summary, shard, subject};

pub fn run(args: &RunArgs) -> Result<Exit, CommandError> {
    let part = shard::part(args, Timestamp::now())?;
    let mut job = CiJob::here()?;
    if let Some(job) = &mut job {
        subject::complete(job)?;
    }
    let job = job.as_ref();
    let is_fork = job.filter(|job| job.context.is_fork_run());
    let Agreed { plan, workload, mut notes } = match (agree(&args.measure.plan, job), is_fork) {
        (Err(_), Some(job)) if fork::lacks_secrets(&args.measure.plan, job) => {
            return Ok(fork::not_measured(job, "secrets of the plan are not set, and GitHub gives a fork's run none"));
        }
        (agreed, _) => agreed?,
    };
    let named = (args.measure.target.as_ref(), args.reference.as_ref());
    let found = match (preview::find(&Wanted { plan: &plan, target: named.0, reference: named.1, job }), is_fork) {
        (Err(NotFound::Absent(why)), Some(job)) => return Ok(fork::not_measured(job, &why)),
        (found, _) => found?,
    };
    notes.extend(found.notes);
    let baseline = history::folder(&args.measure.baseline, &args.measure.baseline_branch, &plan.name, job);
    notes.extend(baseline.notes.iter().cloned());
    let measured = measure(Order {
        plan: &plan,
        workload: &workload,
        args: &args.measure,
        target: found.target,
        reference: found.reference,
        baseline: &baseline.path,
        part,
        repeat: part.is_none() && !args.no_repeat,
        job,
    })?;
    notes.extend(measured.notes.iter().cloned());
    let conclusion = Conclusion {
        plan: &plan,
        plan_args: &args.measure.plan,
        run: &measured.run,
        saved_to: &measured.path,
        notes: &notes,
        confirms: None,
        interrupted: measured.interrupted,
        baseline: &baseline.path,
        reports: &args.measure.report,
        comment: args.comment,
        check: args.check,
        job,
    };
    if let Some(part) = part {
        write_asked(&conclusion)?;
        publish::tell_path(job, &measured.path);
        let exit = shard::conclude(part, &measured)?;
        return measured.end(exit);
    }
    let concluded = conclude(&conclusion)?;
    if let (Some(script), false) = (&workload.script, measured.interrupted) {
        let (candidate, judgement) = (&measured.run.candidate, &concluded.judgement);
        script_summary::write(script, &args.measure.plan.script, candidate, judgement)?;
    }
    let exit = concluded.exit_after_load(&measured);
    measured.end(exit)
}
