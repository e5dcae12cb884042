//! The plan that a run follows, and what base asks of it.

mod judging;

use std::path::Path;
use std::sync::Arc;

use crate::baseline::short;
use crate::cli::PlanArgs;
use crate::github::{Event, contents};
use crate::k6::StepsOrScript;
use crate::plan::{AtBase, BaseSource, Plan};

use super::ci::CiJob;
use super::error::CommandError;
use super::plan_file::{ReadPlan, read_plan, read_plan_at_base, read_plan_to_look_at};
use super::{repository, script, variable};

pub use judging::{Evidence, gating_own, judge};

/// A pull request's plan, with what is read from base's plan alone.
pub struct Agreed {
    pub plan: Arc<Plan>,
    pub workload: StepsOrScript,
    /// What the reader must know of it.
    pub notes: Vec<String>,
}

/// Reads the plan, and base's beside it where the job belongs to a pull request or a merge queue.
///
/// # Errors
/// All errors of the plan; what it uses and base doesn't declare. That base's plan can't be read is a note.
pub fn agree(args: &PlanArgs, job: Option<&CiJob>) -> Result<Agreed, CommandError> {
    let ReadPlan { plan: AtBase { plan, notes }, workload } = at_base(args, job, true)?;
    Ok(Agreed { plan: Arc::new(plan), workload, notes })
}

/// As [`agree`], for a command that sends nothing: a secret that is not set doesn't matter.
///
/// # Errors
/// Those of [`agree`].
pub fn agree_to_look_at(args: &PlanArgs, job: Option<&CiJob>) -> Result<AtBase, CommandError> {
    Ok(at_base(args, job, false)?.plan)
}

fn at_base(args: &PlanArgs, job: Option<&CiJob>, sends: bool) -> Result<ReadPlan<AtBase>, CommandError> {
    let alone = |note: Option<String>| {
        let notes = note.into_iter().collect();
        Ok(match sends {
            true => {
                let ReadPlan { plan, workload } = read_plan(args)?;
                ReadPlan { plan: AtBase { plan, notes }, workload }
            }
            false => {
                let plan = AtBase { plan: read_plan_to_look_at(args)?, notes };
                ReadPlan { plan, workload: StepsOrScript::default() }
            }
        })
    };
    let Some((job, commit)) = job.and_then(|job| Some((job, base_of(job)?))) else { return alone(None) };
    match source(args, job, commit) {
        Ok(base) => read_plan_at_base(args, &base, sends),
        Err(note) => alone(Some(note)),
    }
}

/// The commit that the job's pull request is to be merged into, or that a merge queue has put it on.
fn base_of(job: &CiJob) -> Option<&str> {
    match (&job.subject.pull_request, &job.context.event) {
        (Some(pull_request), _) => Some(&pull_request.base_sha),
        (None, Event::MergeGroup(group)) => Some(&group.base_sha),
        _ => None,
    }
}

/// Base's plan: the file of the same path. Why there is none, in words.
fn source(args: &PlanArgs, job: &CiJob, commit: &str) -> Result<BaseSource, String> {
    let at = format!("base {}", short(commit));
    if script::is_script(&args.plan) {
        return Err(format!(
            "the rules of {at} were not checked: a script's rules are known once it runs; name it in a plan (`script:`) to \
             hold pull requests to the rules of their base"
        ));
    }
    let workspace = variable("GITHUB_WORKSPACE").filter(|path| !path.is_empty());
    let path = repository::in_repository(&args.plan, workspace.as_deref().map(Path::new))
        .map_err(|why| format!("the rules of {at} were not checked: {why}"))?;
    let content = job
        .ask(async |client, repository| contents::file(client, repository, &path, commit).await)
        .map_err(|error| format!("the rules of {at} could not be checked: {error}"))?
        .ok_or_else(|| {
            format!(
                "there is no {path} at {at}: the plan is new, or the token may not see it (`contents: read`), so that its own \
                 rules judge alone"
            )
        })?;
    let text = String::from_utf8(content)
        .map_err(|_| format!("the rules of {at} could not be checked: {path} is not in UTF-8 there"))?;
    Ok(BaseSource { text, name: format!("{path} at {at}"), commit: commit.to_owned() })
}
