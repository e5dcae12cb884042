//! The plan's `target.url` with placeholders.

use url::Url;

use crate::commands::ci::CiJob;
use crate::commands::variable;
use crate::github::Event;
use crate::plan::url_template::{Facts, UrlTemplate};

use super::{NotFound, Preview, production};

/// Makes the URL of what the job knows.
///
/// # Errors
/// A placeholder stands for nothing here, or what comes out is no URL.
pub fn fill(template: &UrlTemplate, job: Option<&CiJob>, allow_production: bool) -> Result<Preview, NotFound> {
    let Some(job) = job else {
        let why =
            "there is no target to load: target.url has placeholders, which a job of GitHub fills; give `--target URL`";
        return Err(NotFound::Unnamed(why.into()));
    };
    let branch = branch(job);
    let facts = Facts {
        pull_request: job.subject.pull_request.as_ref().map(|pull| pull.number),
        sha: job.subject.sha.as_deref(),
        branch: branch.as_deref(),
    };
    let url: Url = template.fill(facts).map_err(|unfilled| {
        NotFound::Absent(format!("target.url can't be filled: {unfilled}; give `--target URL`, or write another URL"))
    })?;
    if !allow_production {
        production::refuse(job, &[("the target", &url)])?;
    }
    eprintln!("the target is {url}, by target.url");
    Ok(Preview { url, environment: None })
}

/// The branch of what is measured.
fn branch(job: &CiJob) -> Option<String> {
    if let Some(pull) = &job.subject.pull_request {
        return Some(pull.head_ref.clone());
    }
    match &job.context.event {
        Event::WorkflowRun(run) => run.head_branch.clone(),
        Event::RepositoryDispatch(dispatch) => dispatch.deployment.as_ref()?.branch.clone(),
        Event::Push(push) => push.reference.strip_prefix("refs/heads/").map(str::to_owned),
        Event::Schedule | Event::WorkflowDispatch => variable("GITHUB_REF_NAME").filter(|name| !name.is_empty()),
        _ => None,
    }
}
