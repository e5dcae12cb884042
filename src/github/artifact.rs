//! What another workflow's run uploaded.
//!
//! GitHub answers a download with a redirect to its storage, another host, whose URL carries its own key: the client follows
//! it and leaves the token behind.

use http::Method;
use serde::Deserialize;

use super::answer::Failure;
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const READ: Action = Action { what: "read the artifacts of a workflow run", permission: "actions: read" };

/// An artifact of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// The run has uploaded none of this name.
    Missing,
    /// GitHub has deleted it.
    Expired,
    /// Over the limit: it was not read, or not to its end.
    TooLarge,
    /// As GitHub packs it.
    Zip(Vec<u8>),
}

#[derive(Deserialize)]
struct List {
    artifacts: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: u64,
    name: String,
    size_in_bytes: u64,
    expired: bool,
}

/// Downloads the newest artifact with this name, of at most `most` bytes, into memory.
///
/// # Errors
/// Everything of [`Error`].
pub async fn download(
    client: &Client,
    repository: &Repository,
    run: u64,
    name: &str,
    most: usize,
) -> Result<Artifact, Error> {
    client.repeat(async || download_once(client, repository, run, name, most).await).await
}

async fn download_once(
    client: &Client,
    repository: &Repository,
    run: u64,
    name: &str,
    most: usize,
) -> Result<Artifact, Failure> {
    let mut url = client.repository(repository, &["actions", "runs", &run.to_string(), "artifacts"])?;
    url.query_pairs_mut().append_pair("name", name).append_pair("per_page", "100");
    let List { artifacts } = client.get(&url, READ).await?;
    // A run that was started again uploads again.
    let newest = artifacts.into_iter().filter(|one| one.name == name).max_by_key(|one| one.id);
    let Some(newest) = newest else { return Ok(Artifact::Missing) };
    if newest.expired {
        return Ok(Artifact::Expired);
    }
    if newest.size_in_bytes > most as u64 {
        return Ok(Artifact::TooLarge);
    }
    let url = client.repository(repository, &["actions", "artifacts", &newest.id.to_string(), "zip"])?;
    let zip = client.send(Method::GET, &url, None::<&()>, READ).await?.body;
    Ok(if zip.len() > most { Artifact::TooLarge } else { Artifact::Zip(zip.into()) })
}

#[cfg(test)]
mod tests;
