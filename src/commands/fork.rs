//! What a job tells where nothing was measured here: a fork's run without secrets or target, and a fork's claim.

use crate::cli::PlanArgs;
use crate::gate::Verdict;

use super::ci::CiJob;
use super::exit::Exit;
use super::plan_file::lacks_secrets_alone;
use super::policy::agree_to_look_at;
use super::publish;

/// Whether the plan can't be read for nothing but want of secrets.
pub fn lacks_secrets(args: &PlanArgs, job: &CiJob) -> bool {
    lacks_secrets_alone(args) && agree_to_look_at(args, Some(job)).is_ok()
}

/// Ends a fork's run that could not measure. It is no failure: the check that is required measures forks in a workflow of
/// the default branch.
pub fn not_measured(job: &CiJob, why: &str) -> Exit {
    let said = format!("not measured: fork: {why}");
    eprintln!("{said}");
    tell_outputs(job);
    // The reason is of ours but for names of the plan: indented, none of it is Markdown.
    tell_summary(job, &format!("### loadgate: not measured: fork\n\n    {}\n", why.replace(['\n', '\r'], " ")));
    Exit::Pass
}

/// The outputs of a step that measured nothing.
pub fn tell_outputs(job: &CiJob) {
    let values = [("verdict", Verdict::NotMeasured.key()), ("measurement", ""), ("report", "")];
    publish::write_outputs(&job.context, &values);
}

/// Markdown for the page of the run.
pub fn tell_summary(job: &CiJob, text: &str) {
    publish::write_summary(&job.context, text);
}
