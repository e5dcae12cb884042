//! Where a job runs, read from the variables that GitHub Actions sets.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use super::client::{Client, Limits, Token};
use super::connector::Proxies;
use super::error::Error;
use super::event::{Event, PullRequest};

/// What a job knows of itself.
#[derive(Clone, Debug)]
pub struct Context {
    pub repository: Repository,
    pub event: Event,
    /// Commit that the workflow runs on: of a pull request the merge commit; see [`Context::subject`].
    pub sha: Option<String>,
    /// Root of the REST API, used as it is: a GHES server's ends with `/api/v3`.
    pub api_url: Url,
    pub graphql_url: Url,
    /// Root of the web pages.
    pub server_url: Url,
    pub run: Option<Run>,
    /// Who started the run.
    pub actor: Option<String>,
    /// Image of the runner.
    pub image: Option<String>,
    /// Where Markdown for the run's page goes.
    pub summary: Option<PathBuf>,
    /// Where outputs for later steps go.
    pub output: Option<PathBuf>,
    pub token: Option<Token>,
    /// What the server is asked through.
    pub proxies: Proxies,
}

/// What a job measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The commit: the head of the pull request or of the deployment, else the workflow's own.
    pub sha: Option<String>,
    /// The pull request that the commit is the head of.
    pub pull_request: Option<PullRequest>,
}

/// One attempt of one job of a workflow run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    pub attempt: String,
    pub job: String,
}

/// A repository's owner and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    pub owner: String,
    pub name: String,
}

impl FromStr for Repository {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let valid = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match text.split_once('/') {
            Some((owner, name)) if valid(owner) && valid(name) => {
                Ok(Repository { owner: owner.into(), name: name.into() })
            }
            _ => Err(()),
        }
    }
}

/// A variable or a payload that GitHub would not have written so.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    #[error("{variable} is `{value}`, which is no {expected}; unset it, or set it as GitHub Actions does")]
    Variable { variable: &'static str, value: String, expected: &'static str },
    #[error("GITHUB_EVENT_PATH: {} can't be read: {cause}", path.display())]
    UnreadableEvent { path: PathBuf, cause: std::io::Error },
    #[error("GITHUB_EVENT_PATH: {} is no payload of a `{event}` event: {cause}", path.display())]
    Event { path: PathBuf, event: String, cause: serde_json::Error },
}

impl Context {
    /// Reads the variables through `variable` and the payload from the file that they name. None outside of GitHub (no
    /// GITHUB_REPOSITORY). An empty variable counts as none.
    ///
    /// # Errors
    /// A variable that is no URL or repository, or a payload that can't be read.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Context>, ContextError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let Some(repository) = variable("GITHUB_REPOSITORY") else { return Ok(None) };
        let repository = repository.parse().map_err(|()| ContextError::Variable {
            variable: "GITHUB_REPOSITORY",
            value: repository.clone(),
            expected: "`owner/name`",
        })?;
        let api_url = url("GITHUB_API_URL", variable("GITHUB_API_URL"), "https://api.github.com")?;
        let graphql_url = url("GITHUB_GRAPHQL_URL", variable("GITHUB_GRAPHQL_URL"), &graphql_beside(&api_url))?;
        let run = match (variable("GITHUB_RUN_ID"), variable("GITHUB_RUN_ATTEMPT"), variable("GITHUB_JOB")) {
            (Some(id), attempt, Some(job)) => Some(Run { id, attempt: attempt.unwrap_or_else(|| "1".into()), job }),
            _ => None,
        };
        Ok(Some(Context {
            event: event(&variable)?,
            sha: variable("GITHUB_SHA"),
            server_url: url("GITHUB_SERVER_URL", variable("GITHUB_SERVER_URL"), "https://github.com")?,
            run,
            actor: variable("GITHUB_ACTOR"),
            image: variable("ImageOS").map(|os| match variable("ImageVersion") {
                Some(version) => format!("{os}-{version}"),
                None => os,
            }),
            summary: variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            output: variable("GITHUB_OUTPUT").map(PathBuf::from),
            token: variable("GITHUB_TOKEN").map(Token::new),
            proxies: Proxies::read(variable),
            repository,
            api_url,
            graphql_url,
        }))
    }

    /// A client with the job's token. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// There is no token, or it can't be written into a request.
    pub fn client(&self, limits: Limits) -> Result<Client, Error> {
        let token = self.token.as_ref().ok_or(Error::NoToken)?;
        Client::through(&self.proxies, token, &self.api_url, &self.graphql_url, limits)
    }

    /// What the event alone says of the commit to measure and its pull request.
    pub fn subject(&self) -> Subject {
        let sha = match &self.event {
            Event::PullRequest(pull) => Some(pull.head_sha.clone()),
            Event::MergeGroup(group) => Some(group.head_sha.clone()),
            Event::DeploymentStatus(deployment) => Some(deployment.sha.clone()),
            Event::WorkflowRun(run) => Some(run.head_sha.clone()),
            Event::RepositoryDispatch(dispatch) => {
                dispatch.deployment.as_ref().and_then(|deployment| deployment.sha.clone()).or_else(|| self.sha.clone())
            }
            // A comment names no commit: the workflow's own is the default branch's.
            Event::IssueComment(_) => None,
            _ => self.sha.clone(),
        };
        let pull_request = match &self.event {
            Event::PullRequest(pull) => Some(pull.clone()),
            _ => None,
        };
        Subject { sha, pull_request }
    }

    /// Whether the job runs a fork's code: its token may only read, and it has no secrets.
    pub fn is_fork_run(&self) -> bool {
        matches!(&self.event, Event::PullRequest(pull) if pull.is_from_fork())
    }

    /// Names this attempt of this job, for history needs runs of different jobs: `id/attempt/job`.
    pub fn job(&self) -> Option<String> {
        self.run.as_ref().map(|run| format!("{}/{}/{}", run.id, run.attempt, run.job))
    }

    /// The run's page.
    pub fn run_url(&self) -> Option<String> {
        let Repository { owner, name } = &self.repository;
        let server = self.server_url.as_str().trim_end_matches('/');
        self.run.as_ref().map(|run| format!("{server}/{owner}/{name}/actions/runs/{}/attempts/{}", run.id, run.attempt))
    }
}

fn event(variable: &impl Fn(&str) -> Option<String>) -> Result<Event, ContextError> {
    let name = variable("GITHUB_EVENT_NAME").unwrap_or_default();
    let Some(path) = variable("GITHUB_EVENT_PATH").map(PathBuf::from) else { return Ok(Event::Other(name)) };
    let payload =
        fs::read_to_string(&path).map_err(|cause| ContextError::UnreadableEvent { path: path.clone(), cause })?;
    Event::read(&name, &payload).map_err(|cause| ContextError::Event { path, event: name, cause })
}

fn url(variable: &'static str, value: Option<String>, default: &str) -> Result<Url, ContextError> {
    let value = value.unwrap_or_else(|| default.to_owned());
    match Url::parse(&value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(ContextError::Variable { variable, value, expected: "URL" }),
    }
}

/// Where GraphQL is if no variable says so: beside REST's `/api/v3` on a GHES server, else below the root.
fn graphql_beside(api_url: &Url) -> String {
    let api = api_url.as_str().trim_end_matches('/');
    format!("{}/graphql", api.strip_suffix("/v3").unwrap_or(api))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const PULL_REQUEST: &str = r#"{"pull_request":{"number":7,
        "head":{"sha":"aaaa","ref":"faster","repo":{"full_name":"acme/concerts"}},
        "base":{"sha":"bbbb","ref":"main","repo":{"full_name":"acme/concerts"}}}}"#;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Context>, ContextError> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        Context::read(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn outside_of_github_there_is_no_context() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("GITHUB_REPOSITORY", ""), ("GITHUB_TOKEN", "t")]).unwrap().is_none());
    }

    #[test]
    fn a_pull_request_is_measured_at_its_head() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("event.json");
        fs::write(&path, PULL_REQUEST).unwrap();
        let context = read(&[
            ("GITHUB_REPOSITORY", "acme/concerts"),
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_EVENT_PATH", path.to_str().unwrap()),
            ("GITHUB_SHA", "merge"),
            ("GITHUB_RUN_ID", "100"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_JOB", "gate"),
            ("GITHUB_STEP_SUMMARY", "/tmp/summary"),
            ("GITHUB_TOKEN", "ghs_secret"),
            ("ImageOS", "ubuntu24"),
            ("ImageVersion", "20251102.1"),
        ])
        .unwrap()
        .unwrap();
        let subject = context.subject();
        assert_eq!(subject.sha.as_deref(), Some("aaaa"));
        assert_eq!(subject.pull_request.unwrap().number, 7);
        assert_eq!(context.job().as_deref(), Some("100/2/gate"));
        assert_eq!(context.run_url().as_deref(), Some("https://github.com/acme/concerts/actions/runs/100/attempts/2"));
        assert_eq!(context.image.as_deref(), Some("ubuntu24-20251102.1"));
        assert_eq!(context.api_url.as_str(), "https://api.github.com/");
        assert_eq!(context.graphql_url.as_str(), "https://api.github.com/graphql");
        assert!(!format!("{context:?}").contains("ghs_secret"), "a token is never printed");
    }

    #[test]
    fn a_server_of_ones_own_keeps_its_prefix() {
        let context =
            read(&[("GITHUB_REPOSITORY", "acme/concerts"), ("GITHUB_API_URL", "https://github.acme.example/api/v3")])
                .unwrap()
                .unwrap();
        assert_eq!(context.api_url.as_str(), "https://github.acme.example/api/v3");
        assert_eq!(context.graphql_url.as_str(), "https://github.acme.example/api/graphql");
    }

    #[tokio::test]
    async fn without_a_token_there_is_no_client() {
        let variables = [("GITHUB_REPOSITORY", "a/b")];
        let error = read(&variables).unwrap().unwrap().client(Limits::default()).unwrap_err();
        insta::assert_snapshot!(error, @"no GitHub token; pass the action's `token` input, or set GITHUB_TOKEN");
        let variables = [variables[0], ("GITHUB_TOKEN", "ghs_secret")];
        assert!(read(&variables).unwrap().unwrap().client(Limits::default()).is_ok());
    }

    #[test]
    fn other_events_are_measured_at_the_workflows_commit() {
        let context = read(&[("GITHUB_REPOSITORY", "a/b"), ("GITHUB_EVENT_NAME", "schedule"), ("GITHUB_SHA", "cccc")])
            .unwrap()
            .unwrap();
        assert_eq!(context.subject(), Subject { sha: Some("cccc".into()), pull_request: None });
    }

    #[test]
    fn what_github_would_not_write_is_named() {
        for (variables, expected) in [
            (
                &[("GITHUB_REPOSITORY", "acme")][..],
                "GITHUB_REPOSITORY is `acme`, which is no `owner/name`; unset it, or set it as GitHub Actions does",
            ),
            (
                &[("GITHUB_REPOSITORY", "../../x/y")],
                "GITHUB_REPOSITORY is `../../x/y`, which is no `owner/name`; unset it, or set it as GitHub Actions does",
            ),
            (
                &[("GITHUB_REPOSITORY", "a/b"), ("GITHUB_API_URL", "api.github.com")],
                "GITHUB_API_URL is `api.github.com`, which is no URL; unset it, or set it as GitHub Actions does",
            ),
            (
                &[
                    ("GITHUB_REPOSITORY", "a/b"),
                    ("GITHUB_EVENT_NAME", "pull_request"),
                    ("GITHUB_EVENT_PATH", "/no/such"),
                ],
                "GITHUB_EVENT_PATH: /no/such can't be read: No such file or directory (os error 2)",
            ),
        ] {
            assert_eq!(read(variables).unwrap_err().to_string(), expected);
        }
    }
}
