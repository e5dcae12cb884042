//! One comment per plan on a pull request, updated in place.
//!
//! A comment is ours if it begins with the plan's marker **and** the token's own identity wrote it: anyone who can comment
//! can copy a marker, and a token that may write pull requests may edit everybody's comments. The identity is GraphQL's
//! `viewer`, which answers for every kind of token; REST's `GET /user` refuses the token of a workflow. Where GraphQL
//! can't be asked, the comments of apps count as ours: a person's never does.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure, parse};
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};
use super::identity::{Author, Identity, identity};

const COMMENT: Action = Action { what: "comment on the pull request", permission: "pull-requests: write" };

/// What is to be seen on a pull request.
#[derive(Clone, Debug)]
pub struct Comment<'a> {
    pub repository: &'a Repository,
    pub pull_request: u64,
    /// The hidden first line by which the comment is found again.
    pub marker: &'a str,
    /// Markdown of at most 65,536 characters that begins with the marker.
    pub body: &'a str,
}

/// What became of a comment, with its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upserted {
    Created { url: String },
    Updated { url: String },
}

/// Creates the comment, or updates the one that is there. Of several with the marker the oldest is updated, and the others
/// are left as they are.
///
/// # Errors
/// Everything of [`Error`]; nothing of it is a reason to change a verdict.
pub async fn upsert(client: &Client, comment: &Comment<'_>) -> Result<Upserted, Error> {
    client.repeat(async || upsert_once(client, comment).await).await
}

/// Looks, then writes. A second try looks again, so a comment whose answer was lost is found and not written twice.
async fn upsert_once(client: &Client, comment: &Comment<'_>) -> Result<Upserted, Failure> {
    let author = identity(client).await?;
    let body = &Body { body: comment.body };
    match find(client, comment, &author).await? {
        Some(found) => {
            let url = client.repository(comment.repository, &["issues", "comments", &found.id.to_string()])?;
            let answer = client.send(Method::PATCH, &url, Some(body), COMMENT).await?;
            Ok(Upserted::Updated { url: page(&answer)? })
        }
        None => {
            let number = comment.pull_request.to_string();
            let url = client.repository(comment.repository, &["issues", &number, "comments"])?;
            let answer = client.send(Method::POST, &url, Some(body), COMMENT).await?;
            Ok(Upserted::Created { url: page(&answer)? })
        }
    }
}

/// The oldest comment that is ours, on whatever page of the list.
async fn find(client: &Client, comment: &Comment<'_>, author: &Identity) -> Result<Option<Existing>, Failure> {
    let number = comment.pull_request.to_string();
    let url = client.repository(comment.repository, &["issues", &number, "comments"])?;
    let ours = |one: Existing| author.owns(comment.marker, one.body.as_deref(), one.user.as_ref()).then_some(one);
    client.find(url, COMMENT, ours).await
}

fn page(answer: &Answer) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Written {
        html_url: String,
    }
    parse::<Written>(&answer.body).map(|written| written.html_url)
}

#[derive(Serialize)]
struct Body<'a> {
    body: &'a str,
}

/// A comment that is there already.
#[derive(Deserialize)]
struct Existing {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    /// None for a deleted account.
    #[serde(default)]
    user: Option<Author>,
}

#[cfg(test)]
mod tests;
