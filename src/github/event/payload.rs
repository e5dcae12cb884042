//! The payloads as GitHub sends them, as much as is read of them.

use serde::Deserialize;

use super::{
    DeploymentStatus, DispatchedDeployment, IssueComment, MergeGroup, PullRequest, Push, RepositoryDispatch,
    WorkflowRun,
};

#[derive(Deserialize)]
pub struct PullRequestEvent {
    pub pull_request: PullRequestObject,
}

/// A pull request in an event and in the answers of the API.
#[derive(Deserialize)]
pub struct PullRequestObject {
    number: u64,
    head: Head,
    base: Base,
    #[serde(default)]
    labels: Option<Vec<Label>>,
}

#[derive(Deserialize)]
struct Head {
    sha: String,
    #[serde(rename = "ref")]
    branch: String,
    repo: Option<RepositoryObject>,
}

#[derive(Deserialize)]
struct Base {
    sha: String,
    #[serde(rename = "ref")]
    branch: String,
    repo: RepositoryObject,
}

#[derive(Deserialize)]
struct RepositoryObject {
    full_name: String,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

impl From<PullRequestObject> for PullRequest {
    fn from(PullRequestObject { number, head, base, labels }: PullRequestObject) -> Self {
        PullRequest {
            number,
            head_sha: head.sha,
            head_ref: head.branch,
            base_sha: base.sha,
            base_ref: base.branch,
            head_repository: head.repo.map(|repository| repository.full_name),
            base_repository: base.repo.full_name,
            labels: labels.into_iter().flatten().map(|label| label.name).collect(),
        }
    }
}

#[derive(Deserialize)]
pub struct MergeGroupEvent {
    merge_group: MergeGroupObject,
}

#[derive(Deserialize)]
struct MergeGroupObject {
    head_sha: String,
    base_sha: String,
}

impl From<MergeGroupEvent> for MergeGroup {
    fn from(MergeGroupEvent { merge_group }: MergeGroupEvent) -> Self {
        MergeGroup { head_sha: merge_group.head_sha, base_sha: merge_group.base_sha }
    }
}

#[derive(Deserialize)]
pub struct DeploymentStatusEvent {
    deployment_status: StatusObject,
    deployment: DeploymentObject,
}

#[derive(Deserialize)]
struct StatusObject {
    state: String,
    #[serde(default)]
    environment_url: Option<String>,
    #[serde(default)]
    target_url: Option<String>,
}

#[derive(Deserialize)]
struct DeploymentObject {
    sha: String,
    environment: String,
    /// Not there in older servers' events.
    #[serde(default)]
    production_environment: Option<bool>,
}

impl From<DeploymentStatusEvent> for DeploymentStatus {
    fn from(DeploymentStatusEvent { deployment_status, deployment }: DeploymentStatusEvent) -> Self {
        // GitHub sends an empty string where there is no URL.
        let url = [deployment_status.environment_url, deployment_status.target_url];
        DeploymentStatus {
            state: deployment_status.state,
            environment: deployment.environment,
            sha: deployment.sha,
            url: url.into_iter().flatten().find(|url| !url.is_empty()),
            production: deployment.production_environment.unwrap_or(false),
        }
    }
}

#[derive(Deserialize)]
pub struct RepositoryDispatchEvent {
    action: String,
    #[serde(default)]
    client_payload: serde_json::Value,
}

/// What Vercel sends as `client_payload`.
#[derive(Deserialize)]
struct VercelPayload {
    url: String,
    environment: String,
    #[serde(default)]
    git: Option<VercelGit>,
}

#[derive(Deserialize)]
struct VercelGit {
    #[serde(default)]
    sha: Option<String>,
    #[serde(default, rename = "ref")]
    branch: Option<String>,
}

impl From<RepositoryDispatchEvent> for RepositoryDispatch {
    fn from(RepositoryDispatchEvent { action, client_payload }: RepositoryDispatchEvent) -> Self {
        // Anybody's payload may come: one without a deployment is no error.
        let deployment = serde_json::from_value::<VercelPayload>(client_payload).ok().map(|payload| {
            let git = payload.git.unwrap_or(VercelGit { sha: None, branch: None });
            DispatchedDeployment {
                url: payload.url,
                environment: payload.environment,
                sha: git.sha,
                branch: git.branch,
            }
        });
        RepositoryDispatch { action, deployment }
    }
}

#[derive(Deserialize)]
pub struct WorkflowRunEvent {
    workflow_run: WorkflowRunObject,
}

#[derive(Deserialize)]
struct WorkflowRunObject {
    id: u64,
    event: String,
    conclusion: Option<String>,
    head_sha: String,
    head_branch: Option<String>,
    head_repository: Option<RepositoryObject>,
}

impl From<WorkflowRunEvent> for WorkflowRun {
    fn from(WorkflowRunEvent { workflow_run: run }: WorkflowRunEvent) -> Self {
        WorkflowRun {
            id: run.id,
            event: run.event,
            conclusion: run.conclusion,
            head_sha: run.head_sha,
            head_branch: run.head_branch,
            head_repository: run.head_repository.map(|repository| repository.full_name),
        }
    }
}

#[derive(Deserialize)]
pub struct IssueCommentEvent {
    action: String,
    issue: IssueObject,
    comment: CommentObject,
}

#[derive(Deserialize)]
struct IssueObject {
    number: u64,
    /// There for a pull request alone.
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct CommentObject {
    body: String,
    user: Option<UserObject>,
}

#[derive(Deserialize)]
struct UserObject {
    login: String,
}

impl From<IssueCommentEvent> for IssueComment {
    fn from(IssueCommentEvent { action, issue, comment }: IssueCommentEvent) -> Self {
        IssueComment {
            action,
            number: issue.number,
            is_pull_request: issue.pull_request.is_some(),
            author: comment.user.map(|user| user.login),
            body: comment.body,
        }
    }
}

#[derive(Deserialize)]
pub struct PushEvent {
    #[serde(rename = "ref")]
    reference: String,
    after: String,
}

impl From<PushEvent> for Push {
    fn from(PushEvent { reference, after }: PushEvent) -> Self {
        Push { reference, after }
    }
}
