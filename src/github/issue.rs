//! One issue on a subject: opened once, updated in place, closed when there is nothing left to say.
//!
//! An issue is ours if it is open, has the label, begins with the marker **and** was written by the token's own identity.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Failure, parse};
use super::client::Client;
use super::context::Repository;
use super::error::{Action, Error};
use super::identity::{Author, identity};

const ISSUE: Action = Action { what: "write an issue", permission: "issues: write" };

/// What an issue is to say.
#[derive(Clone, Debug)]
pub struct Issue<'a> {
    pub repository: &'a Repository,
    /// The hidden first line by which the issue is found again.
    pub marker: &'a str,
    pub label: &'a str,
    pub title: &'a str,
    /// Markdown that begins with the marker.
    pub body: &'a str,
    /// The last line of the text. A change of it alone is no reason to edit an issue.
    pub footer: &'a str,
    /// Whether there is something to do about it.
    pub open: bool,
}

/// What became of an issue, with its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Opened {
        url: String,
    },
    Updated {
        url: String,
    },
    Closed {
        url: String,
    },
    /// It says so already, or there is nothing to say.
    Unchanged,
}

/// Opens, updates or closes the issue. One that is to be closed and isn't there is not opened.
///
/// # Errors
/// Everything of [`Error`]; nothing of it is a reason to change a verdict.
pub async fn tell(client: &Client, issue: &Issue<'_>) -> Result<Told, Error> {
    client.repeat(async || tell_once(client, issue).await).await
}

#[derive(Deserialize)]
struct Existing {
    number: u64,
    html_url: String,
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<Author>,
    /// Pull requests are listed with the issues.
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
}

async fn tell_once(client: &Client, issue: &Issue<'_>) -> Result<Told, Failure> {
    let author = identity(client).await?;
    let all = client.repository(issue.repository, &["issues"])?;
    let mut ours = all.clone();
    ours.query_pairs_mut().append_pair("state", "open").append_pair("labels", issue.label);
    let is_ours = |one: Existing| {
        let ours = author.owns(issue.marker, one.body.as_deref(), one.user.as_ref());
        (ours && one.pull_request.is_none()).then_some(one)
    };
    let found = client.find(ours, ISSUE, is_ours).await?;
    let body = format!("{}\n{}", issue.body, issue.footer);
    match found {
        None if !issue.open => Ok(Told::Unchanged),
        None => {
            let new = json!({ "title": issue.title, "body": body, "labels": [issue.label] });
            let answer = client.send(Method::POST, &all, Some(&new), ISSUE).await?;
            Ok(Told::Opened { url: parse::<Existing>(&answer.body)?.html_url })
        }
        Some(found) => {
            if issue.open && found.says(issue) {
                return Ok(Told::Unchanged);
            }
            let url = client.repository(issue.repository, &["issues", &found.number.to_string()])?;
            let change = if issue.open {
                json!({ "title": issue.title, "body": body })
            } else {
                json!({ "body": body, "state": "closed", "state_reason": "completed" })
            };
            client.send(Method::PATCH, &url, Some(&change), ISSUE).await?;
            let url = found.html_url;
            Ok(if issue.open { Told::Updated { url } } else { Told::Closed { url } })
        }
    }
}

impl Existing {
    /// Whether all of it but the footer is what the issue is to say.
    fn says(&self, issue: &Issue<'_>) -> bool {
        let body = self.body.as_deref().unwrap_or_default().replace("\r\n", "\n");
        let before_footer = body.trim_end().rsplit_once('\n').map_or("", |(before, _)| before);
        self.title == issue.title && before_footer.trim_end() == issue.body.trim_end()
    }
}

#[cfg(test)]
mod tests;
