//! Telling GitHub: step summary, outputs, annotations, and the comment on the pull request. Nothing here changes a verdict:
//! what goes wrong is a warning.

use std::path::Path;

use crate::cli::CommentMode;
use crate::gate::Verdict;
use crate::github::{self, Annotation, Comment, Level, annotation, outputs, summary};
use crate::report::{Report, markdown};

use super::ci::CiJob;

/// Where a report goes besides the terminal and files.
pub struct Publication<'a> {
    pub job: Option<&'a CiJob>,
    pub comment: CommentMode,
    /// Where the measurement lies.
    pub measurement: &'a Path,
    /// The first report that was written to a file.
    pub written: Option<&'a Path>,
}

/// Writes everything that the job's context has a place for.
pub fn publish(publication: &Publication<'_>, report: &Report<'_>) {
    match publication.job {
        Some(job) => {
            write_files(publication, report, &job.context);
            annotate(report);
            comment(publication.comment, report, job);
        }
        None if publication.comment == CommentMode::Always => {
            eprintln!("warning: no comment: this is no GitHub Actions job (GITHUB_REPOSITORY is not set)");
        }
        None => {}
    }
}

/// Tells the steps after this one where the measurement of a shard lies, which has no verdict.
pub fn tell_path(job: Option<&CiJob>, measurement: &Path) {
    let Some(path) = job.and_then(|job| job.context.output.as_ref()) else { return };
    let measurement = measurement.display().to_string();
    if let Err(error) = outputs::append(path, &[("measurement", measurement.as_str())], &mut rand::rng()) {
        eprintln!("warning: the step's outputs {} can't be written: {error}", path.display());
    }
}

fn write_files(publication: &Publication<'_>, report: &Report<'_>, ci: &github::Context) {
    if let Some(path) = &ci.summary {
        let text = rendered(report, markdown::SUMMARY_BYTES);
        if let Err(error) = summary::append(path, &text) {
            eprintln!("warning: the step summary {} can't be written: {error}", path.display());
        }
    }
    if let Some(path) = &ci.output {
        let measurement = publication.measurement.display().to_string();
        let written = publication.written.map(|path| path.display().to_string()).unwrap_or_default();
        let values = [
            ("verdict", report.judgement.verdict.key()),
            ("measurement", measurement.as_str()),
            ("report", written.as_str()),
        ];
        if let Err(error) = outputs::append(path, &values, &mut rand::rng()) {
            eprintln!("warning: the step's outputs {} can't be written: {error}", path.display());
        }
    }
}

/// Marks the run's page: an error for a failed gate, a warning for what could not be judged.
fn annotate(report: &Report<'_>) {
    let level = match report.judgement.verdict {
        Verdict::Pass => return,
        Verdict::Fail | Verdict::NotMeasured => Level::Error,
        Verdict::TooNoisy => Level::Warning,
    };
    let title = format!("loadgate: {}", report.measurement.plan);
    let annotations = [Annotation { level, title, message: report.judgement.headline() }];
    // Commands are read from either stream; standard output may be a report.
    let _ = annotation::write(&annotations, &mut std::io::stderr());
}

fn comment(mode: CommentMode, report: &Report<'_>, job: &CiJob) {
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
        Ok(github::Upserted::Created { url }) => eprintln!("commented: {url}"),
        Ok(github::Upserted::Updated { url }) => eprintln!("comment updated: {url}"),
        Err(error) => eprintln!("warning: no comment: {error}"),
    }
}

/// The Markdown within a budget of bytes.
pub fn rendered(report: &Report<'_>, budget: usize) -> String {
    let mut text = Vec::new();
    // Writing to memory can't fail.
    let _ = markdown::write(report, budget, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
