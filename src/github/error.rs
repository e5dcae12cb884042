//! Why GitHub did not do what it was asked, with the cure.

use std::time::Duration;

/// What is asked of GitHub, and what a token needs for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Ends the sentence "the token may not …".
    pub what: &'static str,
    /// As a workflow's `permissions` name it: `pull-requests: write`.
    pub permission: &'static str,
}

/// A call to GitHub that came to nothing. It is a warning to print, never a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no token to call with.
    #[error("no GitHub token; pass the action's `token` input, or set GITHUB_TOKEN")]
    NoToken,
    /// The token or a URL can't be written into a request.
    #[error("{what} is not valid: {cause}")]
    Invalid { what: &'static str, cause: String },
    /// 401: the token is wrong or has expired.
    #[error(
        "GitHub doesn't accept the token (401: {message}); check that it has not expired and belongs to this server"
    )]
    BadToken { message: String },
    /// 403, and no rate limit.
    #[error(
        "the token may not {} (403: {message}); give the job `permissions: {}` (a pull request from a fork never gets more \
         than read)",
        action.what, action.permission
    )]
    NoPermission { action: Action, message: String },
    /// 404: it doesn't exist, or the token may not see it, which GitHub doesn't tell apart.
    #[error(
        "GitHub can't find what was needed to {} (404: {message}); check the repository, and give the job `permissions: {}`",
        action.what, action.permission
    )]
    NotFound { action: Action, message: String },
    /// A rate limit that outlasts our time limit.
    #[error(
        "GitHub's rate limit was reached and asks to wait {} s, longer than the time left; run the job again later",
        wait.as_secs()
    )]
    RateLimited { wait: Duration },
    /// 5xx, on every try.
    #[error("GitHub failed to {} ({status}: {message}); see https://www.githubstatus.com and run the job again", action.what)]
    Server { action: Action, status: u16, message: String },
    /// No answer at all, on every try.
    #[error("GitHub at {url} could not be reached: {cause}; check GITHUB_API_URL and the runner's network")]
    Unreachable { url: String, cause: String },
    /// Our own time limit for the whole operation passed.
    #[error("GitHub at {url} did not answer within {} s; check the runner's network, or run the job again", limit.as_secs())]
    TimedOut { url: String, limit: Duration },
    /// Any other refusal: a bug of ours or a new rule of GitHub's.
    #[error("GitHub refused to {} ({status}: {message})", action.what)]
    Refused { action: Action, status: u16, message: String },
    /// A refusal that is not GitHub's: the page of a proxy or of another server.
    #[error(
        "no answer of GitHub's API to the request to {}: a web page came ({status}); check GITHUB_API_URL, and the proxy \
         between the runner and GitHub",
        action.what
    )]
    NotGitHub { action: Action, status: u16 },
    /// A redirect that is not followed: the token and what is written go to GitHub's own server alone.
    #[error("GitHub sent the request on to {to}, {why}; check GITHUB_API_URL and GITHUB_REPOSITORY")]
    Misdirected { to: String, why: &'static str },
    /// An answer that is not what GitHub documents.
    #[error("GitHub's answer was not understood: {cause}; check that GITHUB_API_URL leads to GitHub's API")]
    Malformed { cause: String },
}
