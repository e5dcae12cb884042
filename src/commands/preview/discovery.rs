//! Finding a commit's deployment in GitHub.

use std::time::Duration;

use crate::baseline::short;
use crate::commands::ci::CiJob;
use crate::github::deployment::{Of, deployments, statuses};
use crate::github::{Error, Event};
use crate::number::duration;
use crate::plan::Plan;

use super::address::origin;
use super::choice::{Choice, Seen, candidates, choose};
use super::patience::Patience;
use super::{NotFound, Preview, production, template};

/// Environments that are looked at, at most.
const MOST_ENVIRONMENTS: usize = 10;

/// The target of a job that names none: a deployment of its commit, else what the plan's template comes to.
///
/// # Errors
/// There is none within the time, it failed, or it may not be loaded.
pub fn find(job: &CiJob, plan: &Plan, patience: &mut Patience) -> Result<Preview, NotFound> {
    let template = plan.target.template.as_ref();
    if !job.has_token() {
        let Some(template) = template else { return Err(NotFound::Absent(WITHOUT_TOKEN.into())) };
        return template::fill(template, Some(job), plan.policy.allow_production);
    }
    let Some(sha) = job.subject.sha.as_deref() else {
        let Some(template) = template else {
            let why = "there is no target to load: the event names no commit whose deployment could be looked for";
            return Err(NotFound::Absent(format!("{why}; give `--target URL`")));
        };
        return template::fill(template, Some(job), plan.policy.allow_production);
    };
    let mut asked = false;
    loop {
        let choice = match look(job, plan, sha, plan.target.deployment.environment.as_deref()) {
            Ok(choice) => choice,
            Err(error) => {
                if let Some(template) = template {
                    eprintln!("warning: GitHub's deployments could not be read, so target.url is used: {error}");
                    return template::fill(template, Some(job), plan.policy.allow_production);
                }
                if asked && is_passing(&error) && patience.wait(&format!("GitHub: {error}")) {
                    continue;
                }
                let what = format!("the deployment of {} can't be looked for", short(sha));
                return Err(anyhow::Error::new(error).context(what).into());
            }
        };
        asked = true;
        let settled = settle(choice, sha, template.is_some())?;
        let (waits_for, late) = match settled {
            Settled::Template => match template {
                Some(template) => return template::fill(template, Some(job), plan.policy.allow_production),
                None => continue,
            },
            Settled::Live { id, environment, url } => {
                let url = origin(&url)
                    .map_err(|why| NotFound::Failed(format!("the deployment to `{environment}`: {why}")))?;
                if let Some(other) = replaced(job, &environment, id, &url) {
                    return Err(NotFound::Failed(format!(
                        "{url} no longer shows {}: {} was deployed to `{environment}` at the same address since; deploy it \
                         again, and let every pull request have an address of its own",
                        short(sha),
                        short(&other)
                    )));
                }
                eprintln!("found the deployment of {} to {environment}: {url}", short(sha));
                return Ok(Preview { url, environment: Some(environment) });
            }
            Settled::NotYet { waits_for, late } => (waits_for, late),
        };
        if !patience.wait(&format!("a deployment of {}: {waits_for}", short(sha))) {
            return Err(late(sha, &waits_for, plan.target.deployment.within));
        }
    }
}

const WITHOUT_TOKEN: &str = "there is no target to load, and without a token GitHub can't be asked for the deployment; give the \
                             job `permissions: deployments: read` and pass the token (the action's `token` input, or \
                             GITHUB_TOKEN), or give `--target URL`, LOADGATE_TARGET or target.url";

/// What a choice comes to.
enum Settled {
    Live { id: u64, environment: String, url: String },
    Template,
    NotYet { waits_for: String, late: fn(&str, &str, Duration) -> NotFound },
}

fn settle(choice: Choice, sha: &str, has_template: bool) -> Result<Settled, NotFound> {
    Ok(match choice {
        Choice::Live { id, environment, url } => Settled::Live { id, environment, url },
        Choice::Absent { .. } | Choice::Production(_) | Choice::Nowhere { .. } if has_template => Settled::Template,
        Choice::Absent { seen } => Settled::NotYet { waits_for: seen, late: never_came },
        Choice::Waiting { environment, state } => {
            Settled::NotYet { waits_for: format!("{state} in {environment}"), late: not_in_time }
        }
        Choice::Production(environment) => {
            return Err(production::refusal(&format!("the only deployment of {}", short(sha)), &environment));
        }
        Choice::Failed { environment, state, why } => {
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            return Err(NotFound::Failed(format!(
                "the deployment of {} to `{environment}` came to nothing, its state is `{state}`{why}; mend it and deploy again",
                short(sha)
            )));
        }
        Choice::Nowhere { environment } => {
            return Err(NotFound::Failed(format!(
                "the deployment of {} to `{environment}` has no URL; let whoever deploys set environment_url (`environment: {{ \
                 name, url }}` of a workflow's job), or write target.url",
                short(sha)
            )));
        }
        Choice::Ambiguous(environments) => {
            return Err(NotFound::Refused(format!(
                "{} is deployed to several environments: {}; write the one to load into the plan, as `target: {{ deployment: {{ \
                 environment: {:?} }} }}`",
                short(sha),
                environments.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
                environments[0]
            )));
        }
    })
}

fn never_came(sha: &str, seen: &str, within: Duration) -> NotFound {
    NotFound::Absent(format!(
        "GitHub knows of no deployment of {} within {} ({seen}); check that its host makes deployments (Vercel, Render, jobs with \
         `environment:`), write target.url with `${{pr}}` or `${{branch}}` where it makes none (Netlify, Cloudflare Pages), or \
         give `--target URL`",
        short(sha),
        duration(within.as_secs_f64() * 1e3)
    ))
}

fn not_in_time(sha: &str, seen: &str, within: Duration) -> NotFound {
    NotFound::Failed(format!(
        "the deployment of {} was not there within {}: {seen}; see its log, or raise target.deployment.within",
        short(sha),
        duration(within.as_secs_f64() * 1e3)
    ))
}

/// What GitHub knows of a commit's deployments now.
///
/// # Errors
/// GitHub's.
pub fn look(job: &CiJob, plan: &Plan, sha: &str, environment: Option<&str>) -> Result<Choice, Error> {
    job.ask(async |client, repository| {
        let mut listed = deployments(client, repository, Of::Commit(sha)).await?;
        // A job with `environment:` of the pull request's own workflow may deploy the merge commit.
        if listed.is_empty()
            && matches!(job.context.event, Event::PullRequest(_))
            && job.subject.sha.as_deref() == Some(sha)
            && let Some(merge) = job.context.sha.as_deref().filter(|merge| *merge != sha)
        {
            listed = deployments(client, repository, Of::Commit(merge)).await?;
        }
        let candidates = match candidates(listed, environment, plan.policy.allow_production) {
            Ok(candidates) => candidates,
            Err(production) => return Ok(Choice::Production(production)),
        };
        let mut seen = Vec::new();
        for deployment in candidates.into_iter().take(MOST_ENVIRONMENTS) {
            let statuses = statuses(client, repository, deployment.id).await?;
            seen.push(Seen { deployment, statuses });
        }
        Ok(choose(&seen, environment.is_some()))
    })
}

/// The commit that a newer deployment has put to the same address. Where GitHub can't be asked, none.
pub fn replaced(job: &CiJob, environment: &str, id: u64, url: &url::Url) -> Option<String> {
    let newest = job.ask(async |client, repository| {
        let listed = deployments(client, repository, Of::Environment(environment)).await?;
        let Some(newest) = listed.into_iter().next().filter(|newest| newest.id > id) else { return Ok(None) };
        let statuses = statuses(client, repository, newest.id).await?;
        let live = statuses.into_iter().find(|status| status.state == "success").and_then(|status| status.url);
        Ok(live.map(|url| (newest.sha, url)))
    });
    let (sha, address) = newest.ok().flatten()?;
    let same = origin(&address).is_ok_and(|other| other.origin() == url.origin());
    same.then_some(sha)
}

/// Whether asking again later may help.
fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Server { .. } | Error::Unreachable { .. } | Error::TimedOut { .. })
}
