//! The GitHub job that a command runs in, and how it asks GitHub.

use std::fmt;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

use crate::github::{Client, Context, Error, Limits, Repository, Subject};
use crate::plan;

use super::error::CommandError;
use super::variable;

/// A step of a workflow's job.
pub struct CiJob {
    pub context: Context,
    /// What is measured.
    pub subject: Subject,
    /// None without a token.
    github: Option<Client>,
    runtime: Runtime,
}

impl CiJob {
    /// The job that the environment tells of; none outside of GitHub. Its subject is what the event says alone.
    ///
    /// # Errors
    /// An environment that is not as GitHub Actions sets it.
    pub fn here() -> Result<Option<CiJob>, CommandError> {
        let context = Context::read(variable).context("the environment is not as GitHub Actions sets it")?;
        let Some(context) = context else { return Ok(None) };
        let runtime = Builder::new_current_thread().enable_all().build().context("GitHub can't be asked")?;
        let github = match &context.token {
            Some(_) => {
                let _inside = runtime.enter();
                Some(context.client(limits()).context("GitHub can't be asked")?)
            }
            None => None,
        };
        let subject = context.subject();
        Ok(Some(CiJob { context, subject, github, runtime }))
    }

    /// Asks GitHub. What goes wrong never changes a verdict: it is for the caller to say.
    ///
    /// # Errors
    /// There is no token; everything that can go wrong with GitHub.
    pub fn ask<T>(&self, call: impl AsyncFnOnce(&Client, &Repository) -> Result<T, Error>) -> Result<T, Error> {
        let client = self.github.as_ref().ok_or(Error::NoToken)?;
        self.runtime.block_on(call(client, &self.context.repository))
    }

    /// Whether GitHub can be asked.
    pub fn has_token(&self) -> bool {
        self.github.is_some()
    }
}

impl fmt::Debug for CiJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CiJob").field("context", &self.context).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// How long GitHub may take for one operation: LOADGATE_GITHUB_TIMEOUT in the form of a plan's durations, else the default.
fn limits() -> Limits {
    const NAME: &str = "LOADGATE_GITHUB_TIMEOUT";
    let Some(text) = variable(NAME).filter(|text| !text.is_empty()) else { return Limits::default() };
    match plan::duration(&text) {
        Some(total) => Limits::within(total),
        None => {
            let default = Limits::default();
            let seconds = default.total.as_secs();
            eprintln!("warning: {NAME} is `{text}`, which is no duration such as 30s; it is taken for {seconds}s");
            default
        }
    }
}
