//! One comment per plan on a pull request, updated in place.
//!
//! A comment is ours if it begins with the plan's marker **and** the token's own identity wrote it: anyone who can comment
//! can copy a marker, and a token that may write pull requests may edit everybody's comments. The identity is GraphQL's
//! `viewer`, which answers for every kind of token; REST's `GET /user` refuses the token of a workflow. Where GraphQL
//! can't be asked, the comments of apps count as ours: a person's never does.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure, next_page, parse};
use super::client::Client;
use super::context::Repository;
use super::error::Error;

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
    client.repeat(|| upsert_once(client, comment)).await
}

/// Looks, then writes. A second try looks again, so a comment whose answer was lost is found and not written twice.
async fn upsert_once(client: &Client, comment: &Comment<'_>) -> Result<Upserted, Failure> {
    let author = identity(client).await?;
    let body = &Body { body: comment.body };
    let repository = ["repos", &comment.repository.owner, &comment.repository.name, "issues"];
    match find(client, comment, &author).await? {
        Some(found) => {
            let url = client.endpoint(&[&repository[..], &["comments", &found.id.to_string()]].concat())?;
            let answer = client.send(Method::PATCH, &url, Some(body), "update its comment").await?;
            Ok(Upserted::Updated { url: page(&answer)? })
        }
        None => {
            let number = comment.pull_request.to_string();
            let url = client.endpoint(&[&repository[..], &[&number, "comments"]].concat())?;
            let answer = client.send(Method::POST, &url, Some(body), "comment on the pull request").await?;
            Ok(Upserted::Created { url: page(&answer)? })
        }
    }
}

/// The oldest comment that is ours, on whatever page of the list.
async fn find(client: &Client, comment: &Comment<'_>, author: &Identity) -> Result<Option<Existing>, Failure> {
    let Repository { owner, name } = comment.repository;
    let number = comment.pull_request.to_string();
    let mut url = client.endpoint(&["repos", owner, name, "issues", &number, "comments"])?;
    url.set_query(Some("per_page=100"));
    let mut next = Some(url);
    while let Some(url) = next {
        let answer = client.send(Method::GET, &url, None::<&()>, "read the pull request's comments").await?;
        next = next_page(&answer.headers);
        let page: Vec<Existing> = parse(&answer.body)?;
        if let Some(ours) = page.into_iter().find(|one| one.carries(comment.marker) && author.wrote(one)) {
            return Ok(Some(ours));
        }
    }
    Ok(None)
}

/// Who the token is.
enum Identity {
    Login(String),
    /// GraphQL can't be asked: an app, whichever.
    App,
}

impl Identity {
    fn wrote(&self, comment: &Existing) -> bool {
        let Some(author) = &comment.user else { return false };
        match self {
            Identity::Login(login) => author.login.eq_ignore_ascii_case(login),
            Identity::App => author.kind == "Bot",
        }
    }
}

async fn identity(client: &Client) -> Result<Identity, Failure> {
    #[derive(Serialize)]
    struct Query {
        query: &'static str,
    }
    #[derive(Deserialize)]
    struct Reply {
        data: Option<Data>,
    }
    #[derive(Deserialize)]
    struct Data {
        viewer: Viewer,
    }
    #[derive(Deserialize)]
    struct Viewer {
        login: String,
    }
    let query = Query { query: "query { viewer { login } }" };
    match client.send(Method::POST, client.graphql_url(), Some(&query), "ask who it is").await {
        Ok(answer) => Ok(match serde_json::from_slice::<Reply>(&answer.body) {
            Ok(Reply { data: Some(data) }) => Identity::Login(data.viewer.login),
            _ => Identity::App,
        }),
        Err(Failure::Final(Error::NotFound { .. } | Error::NoPermission { .. } | Error::Refused { .. })) => {
            Ok(Identity::App)
        }
        Err(other) => Err(other),
    }
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

#[derive(Deserialize)]
struct Author {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl Existing {
    /// Begins with the marker: a comment that quotes ours doesn't.
    fn carries(&self, marker: &str) -> bool {
        self.body.as_deref().is_some_and(|body| body.lines().next().is_some_and(|line| line.trim_end() == marker))
    }
}

#[cfg(test)]
mod tests;
