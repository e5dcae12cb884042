//! Branches that are made when they are needed.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::{Failure, parse};
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};

const CREATE: Action = Action { what: "create a branch", permission: "contents: write" };

#[derive(Deserialize)]
struct Made {
    sha: String,
}

/// The commit at a branch's head; none where there is no such branch.
pub(super) async fn head(client: &Client, repository: &Repository, name: &str) -> Result<Option<String>, Failure> {
    #[derive(Deserialize)]
    struct Reference {
        object: Made,
    }
    let segments: Vec<&str> = ["git", "ref", "heads"].into_iter().chain(name.split('/')).collect();
    match client.get::<Reference>(&client.repository(repository, &segments)?, CREATE).await {
        Ok(reference) => Ok(Some(reference.object.sha)),
        Err(Failure::Final(Error::NotFound { .. })) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Sees to it that there is the branch, which shares no commit with others if it is new: it begins with a README alone.
pub(super) async fn orphan(client: &Client, repository: &Repository, name: &str, readme: &str) -> Result<(), Failure> {
    if head(client, repository, name).await?.is_some() {
        return Ok(());
    }
    let file = json!({ "path": "README.md", "mode": "100644", "type": "blob", "content": readme });
    let tree = made(client, repository, "trees", &json!({ "tree": [file] })).await?;
    let commit = json!({ "message": "Begin the history of runs", "tree": tree, "parents": [] });
    let commit = made(client, repository, "commits", &commit).await?;
    create(client, repository, name, &commit).await
}

/// Sees to it that there is the branch, which begins at another one's head if it is new.
pub(super) async fn off(client: &Client, repository: &Repository, name: &str, base: &str) -> Result<(), Failure> {
    if head(client, repository, name).await?.is_some() {
        return Ok(());
    }
    match head(client, repository, base).await? {
        Some(commit) => create(client, repository, name, &commit).await,
        None => Err(Failure::Final(Error::NotFound { action: CREATE, message: format!("there is no branch {base}") })),
    }
}

async fn made(client: &Client, repository: &Repository, kind: &str, body: &impl Serialize) -> Result<String, Failure> {
    let url = client.repository(repository, &["git", kind])?;
    let answer = client.send(Method::POST, &url, Some(body), CREATE).await?;
    Ok(parse::<Made>(&answer.body)?.sha)
}

async fn create(client: &Client, repository: &Repository, name: &str, commit: &str) -> Result<(), Failure> {
    let url = client.repository(repository, &["git", "refs"])?;
    let body = json!({ "ref": format!("refs/heads/{name}"), "sha": commit });
    match client.send(Method::POST, &url, Some(&body), CREATE).await {
        Ok(_) => Ok(()),
        // Another job was first: its branch is as good.
        Err(Failure::Final(Error::Refused { status: 422, message, .. })) if message.contains("already exists") => {
            Ok(())
        }
        Err(other) => Err(other),
    }
}
