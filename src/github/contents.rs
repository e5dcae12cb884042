//! Files of a repository at a commit or on a branch.

use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const READ: Action = Action { what: "read a file of the repository", permission: "contents: read" };

/// The content of a file at a commit, branch or tag; none where there is none.
///
/// # Errors
/// Everything of [`Error`].
pub async fn file(
    client: &Client,
    repository: &Repository,
    path: &str,
    reference: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    let read = client.repeat(async || {
        let mut url = client.repository(repository, &[&["contents"], &segments[..]].concat())?;
        url.query_pairs_mut().append_pair("ref", reference);
        Ok(client.raw(&url, READ).await?.to_vec())
    });
    match read.await {
        Ok(content) => Ok(Some(content)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
