//! `reference: auto`: a deployment of the merge base, in the environment that the target is in.

use crate::baseline::short;
use crate::commands::ci::CiJob;
use crate::github::comparison::merge_base;
use crate::github::deployment::{Of, deployments, statuses};
use crate::github::{Error, Event};
use crate::load::ReferenceJob;
use crate::plan::Plan;

use super::Preview;
use super::address::origin;
use super::choice::{Choice, candidates};
use super::discovery::{look, replaced};
use super::patience::Patience;

/// Ends every note: the run goes on.
const INSTEAD: &str = "so the run is compared with its history";

/// Finds the reference. Where there is none, the error is a note for the reader.
pub fn find(job: &CiJob, plan: &Plan, target: &Preview, patience: &mut Patience) -> Result<ReferenceJob, String> {
    let (base, head, branch) = match (&job.subject.pull_request, &job.context.event) {
        (Some(pull), _) => (&pull.base_sha, &pull.head_sha, pull.base_ref.as_str()),
        (None, Event::MergeGroup(group)) => (&group.base_sha, &group.head_sha, "the base branch"),
        _ => {
            return Err(format!(
                "reference: auto is for pull requests, {INSTEAD}; `--reference URL` names one anywhere"
            ));
        }
    };
    if !job.has_token() {
        return Err(format!(
            "reference: auto needs a token with `permissions: contents: read, deployments: read`, {INSTEAD}"
        ));
    }
    let unasked = |error: Error| format!("reference: auto found nothing, {INSTEAD}: {error}");
    let merge_base =
        job.ask(async |client, repository| merge_base(client, repository, base, head).await).map_err(unasked)?;
    let environment = match environment(job, plan, target, head).map_err(unasked)? {
        Some(environment) => environment,
        None => {
            return Err(format!(
                "reference: auto can't tell the environment of {}, {INSTEAD}; write it into the plan, as `target: {{ \
                 deployment: {{ environment: NAME }} }}`",
                target.url
            ));
        }
    };
    let of = format!("the merge base {} in `{environment}`", short(&merge_base));
    let cure = format!("let every push to {branch} be deployed to `{environment}`, at an address of its own");
    loop {
        match look(job, plan, &merge_base, Some(&environment)).map_err(unasked)? {
            Choice::Live { id, environment, url } => {
                let url = origin(&url).map_err(|why| format!("the deployment of {of}: {why}, {INSTEAD}"))?;
                if url.origin() == target.url.origin() {
                    return Err(format!("the deployment of {of} has the target's own address, {INSTEAD}; {cure}"));
                }
                if let Some(other) = replaced(job, &environment, id, &url) {
                    let other = short(&other);
                    return Err(format!("{url} shows {other} now and not {of}, {INSTEAD}; {cure}"));
                }
                eprintln!("the reference is the deployment of {of}: {url}");
                return Ok(ReferenceJob { commit: Some(merge_base), ..ReferenceJob::new(url) });
            }
            Choice::Waiting { state, .. } => {
                if !patience.wait(&format!("the deployment of {of}: {state}")) {
                    return Err(format!("the deployment of {of} was not there in time ({state}), {INSTEAD}"));
                }
            }
            Choice::Absent { .. } | Choice::Nowhere { .. } => {
                return Err(format!("there is no deployment of {of} with a URL, {INSTEAD}; {cure}"));
            }
            Choice::Failed { state, .. } => {
                return Err(format!("the deployment of {of} is of no use, its state is `{state}`, {INSTEAD}; {cure}"));
            }
            Choice::Ambiguous(names) => {
                let names = names.join(", ");
                return Err(format!("the merge base is deployed to several environments ({names}), {INSTEAD}"));
            }
            Choice::Production(name) => {
                return Err(format!("the deployment of {of} is production (`{name}`), which is not loaded, {INSTEAD}"));
            }
        }
    }
}

/// The environment that the target is in: as it was found, as the plan says, or the one whose deployment of the head is there.
fn environment(job: &CiJob, plan: &Plan, target: &Preview, head: &str) -> Result<Option<String>, Error> {
    let known = target.environment.clone().or_else(|| plan.target.deployment.environment.clone());
    if known.is_some() {
        return Ok(known);
    }
    job.ask(async |client, repository| {
        let listed = deployments(client, repository, Of::Commit(head)).await?;
        for deployment in candidates(listed, None, plan.policy.allow_production).unwrap_or_default() {
            let statuses = statuses(client, repository, deployment.id).await?;
            let urls = statuses.iter().filter_map(|status| status.url.as_deref());
            if urls.filter_map(|url| origin(url).ok()).any(|url| url.origin() == target.url.origin()) {
                return Ok(Some(deployment.environment));
            }
        }
        Ok(None)
    })
}
