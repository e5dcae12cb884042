//! What a job measures, where the event alone doesn't say it.
//!
//! An event shows a pull request as it was, or names a commit alone. Which pull request a job belongs to decides what is
//! told, not what is measured: where GitHub can't say it, the run goes on. A comment is another matter: it starts a
//! measurement with the repository's secrets, so its author must be allowed to, and GitHub must say so.

use anyhow::anyhow;

use crate::github::pull_request::{self, ByHead};
use crate::github::{Event, IssueComment, PullRequest, Subject, WorkflowRun, permission};
use crate::measurement::claim::printable;

use super::ci::CiJob;
use super::error::CommandError;

/// Completes the job's subject by what GitHub knows.
///
/// # Errors
/// The job may not measure what it was asked to.
pub fn complete(job: &mut CiJob) -> Result<(), CommandError> {
    let found = match &job.context.event {
        Event::IssueComment(comment) => {
            let pull = asked_for(job, comment)?;
            job.subject = Subject { sha: Some(pull.head_sha.clone()), pull_request: Some(pull) };
            return Ok(());
        }
        Event::WorkflowRun(run) => of_run(job, run),
        Event::DeploymentStatus(_) | Event::RepositoryDispatch(_) | Event::Push(_) => of_commit(job),
        _ => return Ok(()),
    };
    job.subject.pull_request = found;
    Ok(())
}

/// The pull request that another workflow ran for.
fn of_run(job: &CiJob, run: &WorkflowRun) -> Option<PullRequest> {
    if !job.has_token() {
        return None;
    }
    match job.ask(async |client, repository| pull_request::by_head(client, repository, run).await) {
        Ok(ByHead::Open(pull)) => Some(pull),
        Ok(ByHead::Superseded(pull)) => {
            let number = pull.number;
            eprintln!("this run is for no pull request: #{number} has a newer commit than {}", run.head_sha);
            None
        }
        Ok(ByHead::Several(several)) => {
            eprintln!("this run is for no pull request: {} is the head of {several} open ones", run.head_sha);
            None
        }
        Ok(ByHead::Gone) => None,
        Err(error) => {
            eprintln!("warning: the pull request of this run can't be found: {error}");
            None
        }
    }
}

/// The pull request that the subject's commit is the head of.
fn of_commit(job: &CiJob) -> Option<PullRequest> {
    let sha = job.subject.sha.as_deref().filter(|_| job.has_token())?;
    match job.ask(async |client, repository| pull_request::by_commit(client, repository, sha).await) {
        Ok(mut pulls) if pulls.len() <= 1 => pulls.pop(),
        Ok(pulls) => {
            eprintln!("this run is for no pull request: {sha} is the head of {} open ones", pulls.len());
            None
        }
        Err(error) => {
            eprintln!("warning: the pull request of {sha} can't be found: {error}");
            None
        }
    }
}

/// The pull request whose measurement a comment asks for, at the commit that the comment names.
fn asked_for(job: &CiJob, comment: &IssueComment) -> Result<PullRequest, CommandError> {
    let asked =
        asked_commit(comment).map_err(|problem| CommandError::Usage(format!("{problem}; nothing was measured")))?;
    let no_permission = |why: String| CommandError::CouldNotRun(anyhow!("no permission: {why}; nothing was measured"));
    let Some(author) = &comment.author else {
        return Err(no_permission("the account that wrote the comment is deleted".into()));
    };
    let could_not_ask = |what: &str, error| CommandError::CouldNotRun(anyhow!("{what}: {error}; nothing was measured"));
    let rights = job
        .ask(async |client, repository| permission::of(client, repository, author).await)
        .map_err(|error| could_not_ask("whether the comment's author may write here is not known", error))?;
    if !rights.may_write() {
        let cure = "ask somebody with write access to comment";
        return Err(no_permission(format!("{author} has no write access to this repository; {cure}")));
    }
    let number = comment.number;
    let pull = job
        .ask(async |client, repository| pull_request::open_by_number(client, repository, number).await)
        .map_err(|error| could_not_ask("the pull request can't be read", error))?
        .ok_or_else(|| CommandError::Usage(format!("pull request #{number} is closed; nothing was measured")))?;
    if pull.head_sha != asked {
        return Err(no_permission(format!(
            "the comment allows {asked}, and the head of #{number} is {} by now; look at it, and comment `/loadgate {0}` if it \
             may run",
            pull.head_sha
        )));
    }
    Ok(pull)
}

/// A commit's whole name: who can push to a fork can make another commit that begins as this one does.
const SHA_DIGITS: usize = 40;

/// The commit that a comment names, in small letters, or what is wrong with the comment.
fn asked_commit(comment: &IssueComment) -> Result<String, String> {
    if comment.action != "created" {
        return Err(format!(
            "the comment was {}: only a new one is an order; write it anew",
            printable(&comment.action)
        ));
    }
    if !comment.is_pull_request {
        return Err(format!("#{} is an issue: comment on a pull request", comment.number));
    }
    let mut words = comment.body.lines().next().unwrap_or_default().split_whitespace();
    if words.next() != Some("/loadgate") {
        let cure = "run this job only `if: startsWith(github.event.comment.body, '/loadgate ')`";
        return Err(format!("the comment's first line is no `/loadgate SHA`; {cure}"));
    }
    let cure =
        "write `/loadgate` and all 40 digits of the commit that you have looked at, and nothing more on that line";
    match (words.next(), words.next()) {
        (Some(sha), None) if sha.len() == SHA_DIGITS && sha.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(sha.to_ascii_lowercase())
        }
        _ => Err(format!("the comment names no commit; {cure}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(action: &str, is_pull_request: bool, body: &str) -> IssueComment {
        IssueComment {
            action: action.into(),
            number: 7,
            is_pull_request,
            author: Some("ann".into()),
            body: body.into(),
        }
    }

    #[test]
    fn an_order_pins_a_commit() {
        for (body, expected) in [
            ("/loadgate 0123456", None),
            (
                "/loadgate 0123456789ABCDEF0123456789abcdef01234567\r\nlooks good",
                Some("0123456789abcdef0123456789abcdef01234567"),
            ),
            ("/loadgate  0123456789abcdef0123456789abcdef01234567  ", Some("0123456789abcdef0123456789abcdef01234567")),
            ("/loadgate", None),
            ("/loadgate 012345", None),
            ("/loadgate 0123456789abcdef0123456789abcdef012345678", None),
            ("/loadgate faster1", None),
            ("/loadgate 0123456789abcdef0123456789abcdef01234567 --target https://evil.example", None),
            ("/loadgate HEAD", None),
            ("please /loadgate 0123456", None),
            ("thanks\n/loadgate 0123456", None),
            ("> /loadgate 0123456", None),
            ("/loadgatex 0123456", None),
            ("", None),
        ] {
            assert_eq!(asked_commit(&comment("created", true, body)).ok().as_deref(), expected, "{body:?}");
        }
    }

    #[test]
    fn only_a_new_comment_on_a_pull_request_is_an_order() {
        for (action, is_pull_request, expected) in [
            ("edited", true, "the comment was edited: only a new one is an order; write it anew"),
            ("deleted", true, "the comment was deleted: only a new one is an order; write it anew"),
            ("created", false, "#7 is an issue: comment on a pull request"),
        ] {
            let error = asked_commit(&comment(action, is_pull_request, "/loadgate 0123456")).unwrap_err();
            assert_eq!(error, expected);
        }
    }
}
