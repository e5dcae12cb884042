//! Pull requests as the API shows them.

use serde::Deserialize;
use url::Url;

use super::answer::Failure;
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};
use super::event::payload::PullRequestObject;
use super::event::{PullRequest, WorkflowRun};

const READ: Action = Action { what: "read the pull request", permission: "pull-requests: read" };

/// A pull request in a list, which holds closed ones too.
#[derive(Deserialize)]
struct Listed {
    state: String,
    #[serde(flatten)]
    pull_request: PullRequestObject,
}

/// What became of the pull request that a workflow ran for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByHead {
    /// The commit is the head of this open one.
    Open(PullRequest),
    /// It is open, and its head is another commit by now.
    Superseded(PullRequest),
    /// The commit is the head of so many open ones.
    Several(usize),
    /// None is open.
    Gone,
}

/// A pull request as it is now: an event shows it as it was.
///
/// # Errors
/// Everything of [`Error`].
pub async fn by_number(client: &Client, repository: &Repository, number: u64) -> Result<PullRequest, Error> {
    let read = client.repeat(async || {
        let url = client.repository(repository, &["pulls", &number.to_string()])?;
        client.get::<PullRequestObject>(&url, READ).await
    });
    Ok(read.await?.into())
}

/// A pull request as it is now, where it is open.
///
/// # Errors
/// Everything of [`Error`].
pub async fn open_by_number(
    client: &Client,
    repository: &Repository,
    number: u64,
) -> Result<Option<PullRequest>, Error> {
    let read = client.repeat(async || {
        let url = client.repository(repository, &["pulls", &number.to_string()])?;
        client.get::<Listed>(&url, READ).await
    });
    let listed = read.await?;
    Ok((listed.state == "open").then(|| listed.pull_request.into()))
}

/// The pull request that another workflow ran for, by the commit and the repository that GitHub says it ran: of a fork's run
/// the event names none.
///
/// # Errors
/// Everything of [`Error`].
pub async fn by_head(client: &Client, repository: &Repository, run: &WorkflowRun) -> Result<ByHead, Error> {
    let Some(head) = &run.head_repository else { return Ok(ByHead::Gone) };
    let of_head = |pull: &PullRequest| pull.head_repository.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(head));
    let mut pulls = of_branch(client, repository, head, run.head_branch.as_deref()).await?;
    pulls.retain(of_head);
    if pulls.is_empty() {
        pulls = by_commit(client, repository, &run.head_sha).await?;
        pulls.retain(of_head);
    }
    let (mut current, mut others): (Vec<_>, Vec<_>) = pulls.into_iter().partition(|pull| pull.head_sha == run.head_sha);
    Ok(match (current.len(), current.pop(), others.pop()) {
        (1, Some(pull), _) => ByHead::Open(pull),
        (0, _, Some(pull)) => ByHead::Superseded(pull),
        (0, _, None) => ByHead::Gone,
        (several, ..) => ByHead::Several(several),
    })
}

/// The open pull requests that the commit is the head of.
///
/// # Errors
/// Everything of [`Error`].
pub async fn by_commit(client: &Client, repository: &Repository, sha: &str) -> Result<Vec<PullRequest>, Error> {
    let read = client.repeat(async || {
        let url = client.repository(repository, &["commits", sha, "pulls"])?;
        open(client, url).await
    });
    let pulls: Vec<PullRequest> = read.await?;
    Ok(pulls.into_iter().filter(|pull| pull.head_sha == sha).collect())
}

/// The open pull requests of a branch of the repository `head`, or of one of the same owner.
async fn of_branch(
    client: &Client,
    repository: &Repository,
    head: &str,
    branch: Option<&str>,
) -> Result<Vec<PullRequest>, Error> {
    let (Some((owner, _)), Some(branch)) = (head.split_once('/'), branch) else { return Ok(Vec::new()) };
    let read = client.repeat(async || {
        let mut url = client.repository(repository, &["pulls"])?;
        url.query_pairs_mut().append_pair("state", "open").append_pair("head", &format!("{owner}:{branch}"));
        open(client, url).await
    });
    read.await
}

async fn open(client: &Client, url: Url) -> Result<Vec<PullRequest>, Failure> {
    let mut pulls = Vec::new();
    let mut keep = |one: Listed| {
        if one.state == "open" {
            pulls.push(one.pull_request.into());
        }
        None::<()>
    };
    client.find(url, READ, &mut keep).await?;
    Ok(pulls)
}
