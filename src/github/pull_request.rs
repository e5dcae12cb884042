//! Pull requests as the API shows them.

use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};
use super::event::PullRequest;
use super::event::payload::PullRequestObject;

const READ: Action = Action { what: "read the pull request", permission: "pull-requests: read" };

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
