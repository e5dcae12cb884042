//! The event that started a workflow run, read from its payload.

pub(super) mod payload;

use serde_json::from_str;

/// What started the run. An event that is not listed is [`Event::Other`]; a new one is a variant, a struct for its payload
/// and a line in [`Event::read`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    PullRequest(PullRequest),
    MergeGroup(MergeGroup),
    DeploymentStatus(DeploymentStatus),
    RepositoryDispatch(RepositoryDispatch),
    WorkflowRun(WorkflowRun),
    IssueComment(IssueComment),
    Push(Push),
    Schedule,
    WorkflowDispatch,
    Other(String),
}

/// A pull request, as an event and the API show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    pub number: u64,
    /// Head of the pull request's branch; `GITHUB_SHA` is that of the merge commit instead.
    pub head_sha: String,
    /// The pull request's branch.
    pub head_ref: String,
    pub base_sha: String,
    /// The branch that it is to be merged into.
    pub base_ref: String,
    /// `owner/name`; none where the fork has been deleted.
    pub head_repository: Option<String>,
    pub base_repository: String,
    pub labels: Vec<String>,
}

impl PullRequest {
    /// Whether the branch lives in another repository: a run of its own has a read-only token and no secrets.
    pub fn is_from_fork(&self) -> bool {
        self.head_repository.as_deref() != Some(&self.base_repository)
    }
}

/// Pull requests that a merge queue has put on top of their base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeGroup {
    pub head_sha: String,
    pub base_sha: String,
}

/// A deployment whose status changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentStatus {
    /// `success`, `pending`, `failure` …
    pub state: String,
    pub environment: String,
    pub sha: String,
    /// Where the deployment can be reached: `environment_url`, else `target_url`.
    pub url: Option<String>,
    /// Whether the deployment is marked as production.
    pub production: bool,
}

/// An event that somebody's own system sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryDispatch {
    /// The sender's name for it, such as `vercel.deployment.success`.
    pub action: String,
    /// The deployment that it tells of, where it is one of Vercel's.
    pub deployment: Option<DispatchedDeployment>,
}

/// A deployment as Vercel's events tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchedDeployment {
    pub url: String,
    pub environment: String,
    pub sha: Option<String>,
    /// The branch.
    pub branch: Option<String>,
}

/// A run of another workflow, which started this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowRun {
    pub id: u64,
    /// The event that started it.
    pub event: String,
    /// `success`, `failure` … once it has ended.
    pub conclusion: Option<String>,
    pub head_sha: String,
    pub head_branch: Option<String>,
    /// `owner/name` of the repository whose code it ran.
    pub head_repository: Option<String>,
}

/// A comment on an issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueComment {
    /// `created`, `edited` or `deleted`.
    pub action: String,
    /// Of the issue or the pull request.
    pub number: u64,
    pub is_pull_request: bool,
    /// Login of who wrote it.
    pub author: Option<String>,
    pub body: String,
}

/// Commits that were pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// `refs/heads/main`.
    pub reference: String,
    /// The commit after the push.
    pub after: String,
}

impl Event {
    /// Reads the payload of an event with this name.
    ///
    /// # Errors
    /// A payload that is no JSON or lacks what the event must have.
    pub fn read(name: &str, payload: &str) -> Result<Event, serde_json::Error> {
        Ok(match name {
            "pull_request" => Event::PullRequest(from_str::<payload::PullRequestEvent>(payload)?.pull_request.into()),
            "merge_group" => Event::MergeGroup(from_str::<payload::MergeGroupEvent>(payload)?.into()),
            "deployment_status" => Event::DeploymentStatus(from_str::<payload::DeploymentStatusEvent>(payload)?.into()),
            "repository_dispatch" => {
                Event::RepositoryDispatch(from_str::<payload::RepositoryDispatchEvent>(payload)?.into())
            }
            "workflow_run" => Event::WorkflowRun(from_str::<payload::WorkflowRunEvent>(payload)?.into()),
            "issue_comment" => Event::IssueComment(from_str::<payload::IssueCommentEvent>(payload)?.into()),
            "push" => Event::Push(from_str::<payload::PushEvent>(payload)?.into()),
            "schedule" => Event::Schedule,
            "workflow_dispatch" => Event::WorkflowDispatch,
            other => Event::Other(other.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests;
