//! Bringing new files into a repository without a checkout: by the contents API, file by file.
//!
//! Nothing that is there is ever overwritten, so jobs that land at the same time lose nothing of each other. Whatever step's
//! answer is lost, a second try finds what the first one did.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use super::answer::{Failure, parse};
use super::branch;
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};
use super::files;

const WRITE: Action = Action { what: "write a file of the repository", permission: "contents: write" };
const PROPOSE: Action = Action { what: "open a pull request", permission: "pull-requests: write" };
const LOOK: Action = Action { what: "look at the repository", permission: "contents: read" };

/// Where files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To a branch that holds nothing else. If there is none, it begins with this README.
    Branch { name: String, readme: String },
    /// To the default branch.
    Commit,
    /// To a branch off the default one, with one open pull request.
    PullRequest { branch: String, title: String, body: String },
}

/// A file that is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// From the repository's root, with `/`.
    pub path: String,
    pub content: Vec<u8>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    pub branch: String,
    /// Where the files are, in their order. Where a path had another content, a number was added to it.
    pub paths: Vec<String>,
    /// The page of the pull request.
    pub pull_request: Option<String>,
}

/// Lands files.
///
/// # Errors
/// Everything of [`Error`]: then some of the files may be there.
pub async fn land(
    client: &Client,
    repository: &Repository,
    way: &Way,
    files: &[NewFile],
    message: &str,
) -> Result<Landed, Error> {
    client.repeat(async || land_once(client, repository, way, files, message).await).await
}

async fn land_once(
    client: &Client,
    repository: &Repository,
    way: &Way,
    files: &[NewFile],
    message: &str,
) -> Result<Landed, Failure> {
    let (branch, base) = match way {
        Way::Branch { name, readme } => {
            branch::orphan(client, repository, name, readme).await?;
            (name.clone(), None)
        }
        Way::Commit => (default_branch(client, repository).await?, None),
        Way::PullRequest { branch, .. } => {
            let base = default_branch(client, repository).await?;
            branch::off(client, repository, branch, &base).await?;
            (branch.clone(), Some(base))
        }
    };
    let mut paths = Vec::new();
    for file in files {
        paths.push(put(client, repository, &branch, file, message).await?);
    }
    let pull_request = match (way, base) {
        (Way::PullRequest { title, body, .. }, Some(base)) => {
            let proposal = Proposal { branch: &branch, base: &base, title, body };
            Some(propose(client, repository, &proposal).await?)
        }
        _ => None,
    };
    Ok(Landed { branch, paths, pull_request })
}

/// So often a file is looked at and written anew because others write to the branch at the same time.
const ROUNDS: u32 = 8;
/// The longest first pause before another round; each may be longer than the one before.
const PAUSE: Duration = Duration::from_millis(200);

/// Writes one file, and returns its path.
async fn put(
    client: &Client,
    repository: &Repository,
    branch: &str,
    file: &NewFile,
    message: &str,
) -> Result<String, Failure> {
    let (mut number, mut round) = (1, 1);
    loop {
        let path = numbered(&file.path, number);
        match files::content(client, repository, &path, branch).await? {
            // An earlier try did it, and its answer was lost.
            Some(there) if there == file.content => return Ok(path),
            Some(_) => {
                number += 1;
                continue;
            }
            None => {}
        }
        let url = client.repository(repository, &files::segments(&["contents"], &path))?;
        // Without the hash of a file that is there, GitHub replaces none.
        let body = json!({ "message": message, "branch": branch, "content": STANDARD.encode(&file.content) });
        match client.send(Method::PUT, &url, Some(&body), WRITE).await {
            Ok(_) => return Ok(path),
            Err(Failure::Final(error @ Error::Refused { status: 409 | 422, .. })) => {
                if round == ROUNDS {
                    return Err(Failure::Passing(error));
                }
                sleep(PAUSE.mul_f64(f64::from(round) * rand::random::<f64>())).await;
                round += 1;
            }
            Err(other) => return Err(other),
        }
    }
}

/// `a/run.json`, `a/run-2.json` …
fn numbered(path: &str, number: u32) -> String {
    if number == 1 {
        return path.to_owned();
    }
    match path.strip_suffix(".json") {
        Some(stem) => format!("{stem}-{number}.json"),
        None => format!("{path}-{number}"),
    }
}

async fn default_branch(client: &Client, repository: &Repository) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct About {
        default_branch: String,
    }
    Ok(client.get::<About>(&client.repository(repository, &[])?, LOOK).await?.default_branch)
}

struct Proposal<'a> {
    branch: &'a str,
    base: &'a str,
    title: &'a str,
    body: &'a str,
}

/// Opens the branch's pull request, or brings the open one up to date. Returns its page.
async fn propose(client: &Client, repository: &Repository, proposal: &Proposal<'_>) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Open {
        number: u64,
        html_url: String,
        title: String,
        #[serde(default)]
        body: Option<String>,
    }
    let Proposal { branch, base, title, body } = proposal;
    let all = client.repository(repository, &["pulls"])?;
    let mut ours = all.clone();
    let head = format!("{}:{branch}", repository.owner);
    ours.query_pairs_mut().append_pair("state", "open").append_pair("head", &head).append_pair("base", base);
    if let Some(open) = client.find(ours, PROPOSE, |open: Open| Some(open)).await? {
        let same = open.title == *title
            && open.body.as_deref().map(|text| text.replace("\r\n", "\n")).as_deref() == Some(body);
        if !same {
            let url = client.repository(repository, &["pulls", &open.number.to_string()])?;
            client.send(Method::PATCH, &url, Some(&json!({ "title": title, "body": body })), PROPOSE).await?;
        }
        return Ok(open.html_url);
    }
    let new = json!({ "title": title, "body": body, "head": branch, "base": base });
    match client.send(Method::POST, &all, Some(&new), PROPOSE).await {
        Ok(answer) => Ok(parse::<Open>(&answer.body)?.html_url),
        // Another job has opened it meanwhile: look again.
        Err(Failure::Final(error @ Error::Refused { status: 422, .. }))
            if error.to_string().contains("already exists") =>
        {
            Err(Failure::Passing(error))
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests;
