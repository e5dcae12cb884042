//! The comment on the pull request.

use crate::cli::CommentMode;
use crate::commands::ci::CiJob;
use crate::github::{self, Comment, Upserted};
use crate::report::{Report, markdown};

use super::rendered;

pub fn post(mode: CommentMode, report: &Report<'_>, job: &CiJob) {
    let always = mode == CommentMode::Always;
    if mode == CommentMode::Never {
        return;
    }
    let Some(pull_request) = &job.subject.pull_request else {
        if always {
            eprintln!("warning: no comment: this job does not belong to a pull request");
        }
        return;
    };
    if !always && (!job.has_token() || job.context.is_fork_run()) {
        let why = if !job.has_token() { "there is no GITHUB_TOKEN" } else { "a fork's token can't comment" };
        eprintln!("no comment: {why}");
        return;
    }
    let comment = Comment {
        repository: &job.context.repository,
        pull_request: pull_request.number,
        marker: &markdown::marker(&report.measurement.plan),
        body: &rendered(report, markdown::COMMENT_BYTES),
    };
    match job.ask(async |client, _| github::upsert(client, &comment).await) {
        Ok(Upserted::Created { url }) => eprintln!("commented: {url}"),
        Ok(Upserted::Updated { url }) => eprintln!("comment updated: {url}"),
        Err(error) => eprintln!("warning: no comment: {error}"),
    }
}
