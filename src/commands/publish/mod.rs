//! Telling GitHub: step summary, outputs, annotations, the comment on the pull request, and the check run of the commit.
//! Nothing here changes a verdict: what goes wrong is a warning.

mod annotations;
mod check;
mod comment;
mod files;

use std::path::Path;

use crate::cli::{CheckMode, CommentMode};
use crate::plan::policy::OnInconclusive;
use crate::report::{Report, markdown};

use super::ci::CiJob;

pub use files::{tell_path, write_outputs, write_summary};

/// Where a report goes besides the terminal and files.
pub struct Publication<'a> {
    pub job: Option<&'a CiJob>,
    pub comment: CommentMode,
    /// A check run vouches for the verdict: it is for what this job has measured itself alone.
    pub check: CheckMode,
    /// What a run that proves nothing counts as.
    pub inconclusive: OnInconclusive,
    /// Where the measurement lies.
    pub measurement: &'a Path,
    /// The first report that was written to a file.
    pub written: Option<&'a Path>,
}

/// Writes everything that the job's context has a place for.
pub fn publish(publication: &Publication<'_>, report: &Report<'_>) {
    let Some(job) = publication.job else {
        let nowhere = "this is no GitHub Actions job (GITHUB_REPOSITORY is not set)";
        if publication.comment == CommentMode::Always {
            eprintln!("warning: no comment: {nowhere}");
        }
        if publication.check == CheckMode::Always {
            eprintln!("warning: no check run: {nowhere}");
        }
        return;
    };
    files::write(publication, report, &job.context);
    annotations::write(report);
    comment::post(publication.comment, report, job);
    check::post(publication, report, job);
}

/// The Markdown within a budget of bytes.
pub fn rendered(report: &Report<'_>, budget: usize) -> String {
    let mut text = Vec::new();
    // Writing to memory can't fail.
    let _ = markdown::write(report, budget, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
