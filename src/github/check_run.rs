//! The check run of a measured commit: what a required check looks at.
//!
//! A check run vouches for what it says, so it is written by the job that measured, of what that job measured itself. A
//! report that somebody else handed in gets a comment and never one of these.

use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::answer::{Failure, next_page, parse};
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};
use super::identity::{Identity, identity};

const WRITE: Action = Action { what: "write a check run", permission: "checks: write" };

/// GitHub takes so much of a summary, and of a text; it counts characters, we bytes, of which there are no fewer.
pub const MOST_BYTES: usize = 65_535;

/// The longest title that is shown whole.
const TITLE_BYTES: usize = 200;

/// How a check run ends. GitHub lets the first two through where the check is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    Success,
    Neutral,
    Failure,
}

/// What a check run says.
#[derive(Clone, Debug)]
pub struct CheckRun<'a> {
    pub repository: &'a Repository,
    /// The commit that was measured: of a pull request its head, never the merge commit that its workflow runs on.
    pub head_sha: &'a str,
    pub name: &'a str,
    /// Names the run that measured, so that a repeated request finds its own check run again.
    pub external_id: &'a str,
    /// Where to read more.
    pub details_url: Option<&'a str>,
    pub conclusion: Conclusion,
    /// One line.
    pub title: &'a str,
    /// Markdown; what passes [`MOST_BYTES`] is cut off.
    pub summary: &'a str,
    /// As well.
    pub text: &'a str,
}

/// What became of a check run, with its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenCheck {
    Created {
        url: String,
    },
    Updated {
        url: String,
    },
    /// Another step or another leg of the same job has written a worse conclusion: it stands.
    Kept {
        url: String,
    },
}

/// Writes the check run: a new one, or over the one that the same run has written before.
///
/// # Errors
/// Everything of [`Error`]; nothing of it is a reason to change a verdict.
pub async fn write(client: &Client, check: &CheckRun<'_>) -> Result<WrittenCheck, Error> {
    client.repeat(async || write_once(client, check).await).await
}

/// Looks, then writes. A second try looks again, so a check run whose answer was lost is found and not written twice.
async fn write_once(client: &Client, check: &CheckRun<'_>) -> Result<WrittenCheck, Failure> {
    let Some(found) = find(client, check).await? else {
        let url = client.repository(check.repository, &["check-runs"])?;
        let answer = client.send(Method::POST, &url, Some(&Body::new(check, true)), WRITE).await?;
        return Ok(WrittenCheck::Created { url: parse::<Existing>(&answer.body)?.page() });
    };
    if found.is_failure() && check.conclusion < Conclusion::Failure {
        return Ok(WrittenCheck::Kept { url: found.page() });
    }
    let url = client.repository(check.repository, &["check-runs", &found.id.to_string()])?;
    let answer = client.send(Method::PATCH, &url, Some(&Body::new(check, false)), WRITE).await?;
    Ok(WrittenCheck::Updated { url: parse::<Existing>(&answer.body)?.page() })
}

/// The check run of this run, on whatever page of the list. One that another app has written is none of ours: GitHub would
/// refuse to change it.
async fn find(client: &Client, check: &CheckRun<'_>) -> Result<Option<Existing>, Failure> {
    #[derive(Deserialize)]
    struct Page {
        check_runs: Vec<Existing>,
    }
    let mut url = client.repository(check.repository, &["commits", check.head_sha, "check-runs"])?;
    url.query_pairs_mut()
        .append_pair("check_name", check.name)
        .append_pair("filter", "all")
        .append_pair("per_page", "100");
    let mut next: Option<Url> = Some(url);
    let mut candidates = Vec::new();
    while let Some(url) = next {
        let answer = client.send(Method::GET, &url, None::<&()>, WRITE).await?;
        next = next_page(&answer.headers);
        let page: Page = parse(&answer.body)?;
        candidates
            .extend(page.check_runs.into_iter().filter(|one| one.external_id.as_deref() == Some(check.external_id)));
    }
    if candidates.is_empty() {
        return Ok(None);
    }
    let author = identity(client).await?;
    Ok(candidates.into_iter().find(|one| one.is_of(&author)))
}

#[derive(Serialize)]
struct Body<'a> {
    name: &'a str,
    /// Of a new one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_sha: Option<&'a str>,
    external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details_url: Option<&'a str>,
    status: &'static str,
    conclusion: Conclusion,
    output: Output<'a>,
}

#[derive(Serialize)]
struct Output<'a> {
    title: String,
    summary: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
}

impl<'a> Body<'a> {
    fn new(check: &CheckRun<'a>, new: bool) -> Body<'a> {
        let cut = |text: &'a str| &text[..text.floor_char_boundary(MOST_BYTES)];
        Body {
            name: check.name,
            head_sha: new.then_some(check.head_sha),
            external_id: check.external_id,
            details_url: check.details_url,
            status: "completed",
            conclusion: check.conclusion,
            output: Output { title: title(check.title), summary: cut(check.summary), text: cut(check.text) },
        }
    }
}

fn title(text: &str) -> String {
    if text.len() <= TITLE_BYTES {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(TITLE_BYTES - '…'.len_utf8())])
}

/// A check run that is there already.
#[derive(Deserialize)]
struct Existing {
    id: u64,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    app: Option<App>,
}

#[derive(Deserialize)]
struct App {
    #[serde(default)]
    slug: Option<String>,
}

impl Existing {
    fn page(self) -> String {
        self.html_url.unwrap_or_default()
    }

    fn is_failure(&self) -> bool {
        self.conclusion.as_deref() == Some("failure")
    }

    /// Whether the token's own app wrote it, as far as that can be known: an app `x` acts as `x[bot]`.
    fn is_of(&self, author: &Identity) -> bool {
        let slug = self.app.as_ref().and_then(|app| app.slug.as_deref());
        match (author, slug) {
            (Identity::Login(login), Some(slug)) => login.strip_suffix("[bot]").is_none_or(|app| app == slug),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
