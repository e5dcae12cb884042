//! The event that started a workflow run, read from its payload.

use serde::Deserialize;

/// What started the run. An event that is not listed yet is [`Event::Other`]; a new one is a variant, a struct for its
/// payload and a line in [`Event::read`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    PullRequest(PullRequest),
    Push,
    Schedule,
    WorkflowDispatch,
    DeploymentStatus(DeploymentStatus),
    Other(String),
}

/// The pull request that the run belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    pub number: u64,
    /// Head of the pull request's branch; `GITHUB_SHA` is that of the merge commit instead.
    pub head_sha: String,
    pub base_sha: String,
    /// `owner/name`; none where the fork has been deleted.
    pub head_repository: Option<String>,
    pub base_repository: String,
    pub labels: Vec<String>,
}

impl PullRequest {
    /// Whether the branch lives in another repository: the token is read-only then, and there are no secrets.
    pub fn is_from_fork(&self) -> bool {
        self.head_repository.as_deref() != Some(&self.base_repository)
    }
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

impl Event {
    /// Reads the payload of an event with this name.
    ///
    /// # Errors
    /// A payload that is no JSON or lacks what the event must have.
    pub fn read(name: &str, payload: &str) -> Result<Event, serde_json::Error> {
        Ok(match name {
            "pull_request" => Event::PullRequest(serde_json::from_str::<PullRequestPayload>(payload)?.into()),
            "push" => Event::Push,
            "schedule" => Event::Schedule,
            "workflow_dispatch" => Event::WorkflowDispatch,
            "deployment_status" => {
                Event::DeploymentStatus(serde_json::from_str::<DeploymentStatusPayload>(payload)?.into())
            }
            other => Event::Other(other.to_owned()),
        })
    }
}

#[derive(Deserialize)]
struct PullRequestPayload {
    pull_request: PullRequestObject,
}

#[derive(Deserialize)]
struct PullRequestObject {
    number: u64,
    head: Head,
    base: Base,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Head {
    sha: String,
    repo: Option<RepositoryObject>,
}

#[derive(Deserialize)]
struct Base {
    sha: String,
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

impl From<PullRequestPayload> for PullRequest {
    fn from(PullRequestPayload { pull_request }: PullRequestPayload) -> Self {
        let PullRequestObject { number, head, base, labels } = pull_request;
        PullRequest {
            number,
            head_sha: head.sha,
            base_sha: base.sha,
            head_repository: head.repo.map(|repository| repository.full_name),
            base_repository: base.repo.full_name,
            labels: labels.into_iter().map(|label| label.name).collect(),
        }
    }
}

#[derive(Deserialize)]
struct DeploymentStatusPayload {
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
    #[serde(default)]
    production_environment: bool,
}

impl From<DeploymentStatusPayload> for DeploymentStatus {
    fn from(DeploymentStatusPayload { deployment_status, deployment }: DeploymentStatusPayload) -> Self {
        // GitHub sends an empty string where there is no URL.
        let url = [deployment_status.environment_url, deployment_status.target_url];
        DeploymentStatus {
            state: deployment_status.state,
            environment: deployment.environment,
            sha: deployment.sha,
            url: url.into_iter().flatten().find(|url| !url.is_empty()),
            production: deployment.production_environment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull_request(head_repo: &str) -> String {
        format!(
            r#"{{"action":"synchronize","number":7,"pull_request":{{"number":7,"title":"Faster seats","labels":[{{"name":"perf","color":"fff"}}],
                "head":{{"ref":"faster","sha":"aaaa","repo":{head_repo}}},
                "base":{{"ref":"main","sha":"bbbb","repo":{{"full_name":"acme/concerts","private":false}}}}}}}}"#
        )
    }

    #[test]
    fn a_pull_request_knows_its_head_and_whether_it_is_a_fork() {
        for (head_repo, repository, fork) in [
            (r#"{"full_name":"acme/concerts"}"#, Some("acme/concerts"), false),
            (r#"{"full_name":"visitor/concerts"}"#, Some("visitor/concerts"), true),
            ("null", None, true),
        ] {
            let Event::PullRequest(pull) = Event::read("pull_request", &pull_request(head_repo)).unwrap() else {
                panic!("no pull request")
            };
            assert_eq!(pull.head_repository.as_deref(), repository);
            assert_eq!(pull.is_from_fork(), fork, "{head_repo}");
            assert_eq!((pull.number, &*pull.head_sha, &*pull.base_sha), (7, "aaaa", "bbbb"));
            assert_eq!(pull.labels, ["perf"]);
        }
    }

    #[test]
    fn a_deployment_status_leads_to_the_deployment() {
        for (urls, expected) in [
            (
                r#""environment_url":"https://preview.example","target_url":"https://ci.example""#,
                Some("https://preview.example"),
            ),
            (r#""environment_url":"","target_url":"https://ci.example""#, Some("https://ci.example")),
            (r#""environment_url":null"#, None),
        ] {
            let payload = format!(
                r#"{{"deployment_status":{{"state":"success",{urls}}},"deployment":{{"sha":"aaaa","environment":"Preview"}}}}"#
            );
            let expected = DeploymentStatus {
                state: "success".into(),
                environment: "Preview".into(),
                sha: "aaaa".into(),
                url: expected.map(str::to_owned),
                production: false,
            };
            assert_eq!(Event::read("deployment_status", &payload).unwrap(), Event::DeploymentStatus(expected));
        }
    }

    #[test]
    fn other_events_need_nothing_of_their_payload() {
        assert_eq!(Event::read("push", "{}").unwrap(), Event::Push);
        assert_eq!(Event::read("schedule", "{}").unwrap(), Event::Schedule);
        assert_eq!(Event::read("workflow_dispatch", "{}").unwrap(), Event::WorkflowDispatch);
        assert_eq!(Event::read("merge_group", "{}").unwrap(), Event::Other("merge_group".into()));
    }

    #[test]
    fn a_payload_that_lacks_a_field_names_it() {
        let error = Event::read("pull_request", r#"{"pull_request":{"number":7}}"#).unwrap_err();
        insta::assert_snapshot!(error, @"missing field `head` at line 1 column 28");
    }
}
