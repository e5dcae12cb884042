//! What two commits have in common.

use serde::Deserialize;

use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const COMPARE: Action = Action { what: "compare two commits", permission: "contents: read" };

/// The commit at which `head` left `base`.
///
/// # Errors
/// Everything of [`Error`].
pub async fn merge_base(client: &Client, repository: &Repository, base: &str, head: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Comparison {
        merge_base_commit: Commit,
    }
    #[derive(Deserialize)]
    struct Commit {
        sha: String,
    }
    let read = client.repeat(async || {
        let mut url = client.repository(repository, &["compare", &format!("{base}...{head}")])?;
        // The commits and files of the comparison are not wanted.
        url.query_pairs_mut().append_pair("per_page", "1");
        client.get::<Comparison>(&url, COMPARE).await
    });
    Ok(read.await?.merge_base_commit.sha)
}
