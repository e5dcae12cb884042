//! A claim in words: the default branch's judgement of a fork's figures, under a sentence that says whose they are.

use std::path::Path;

use crate::cli::{CheckMode, CommentMode, PlanArgs};
use crate::commands::ci::CiJob;
use crate::commands::conclude::{Conclusion, judged};
use crate::commands::publish::rendered;
use crate::gate::Verdict;
use crate::github::{PullRequest, Repository, WorkflowRun};
use crate::measurement::MeasurementFile;
use crate::plan::Plan;
use crate::report::{Link, Report, ReportContext, markdown};

/// What a fork's run claims, and by what it is judged.
pub struct Claim<'a> {
    pub job: &'a CiJob,
    pub run: &'a WorkflowRun,
    pub pull: &'a PullRequest,
    pub plan: &'a Plan,
    pub plan_args: &'a PlanArgs,
    pub baseline: &'a Path,
    pub file: &'a MeasurementFile,
}

/// What stands around the report takes less.
const FRAME_BYTES: usize = 2_000;

impl Claim<'_> {
    /// The first line of the comment. It is not that of the plan's own comment: a claim never takes the place of what was
    /// measured here.
    pub fn marker(&self) -> String {
        markdown::marker(&self.plan.name).replacen("<!-- loadgate:", "<!-- loadgate-claim:", 1)
    }

    /// The comment, which fits GitHub's limit.
    pub fn body(&self) -> String {
        format!("{}\n{}", self.marker(), self.told(markdown::COMMENT_BYTES - FRAME_BYTES))
    }

    /// The step summary.
    pub fn summary(&self) -> String {
        self.told(markdown::SUMMARY_BYTES - FRAME_BYTES)
    }

    fn told(&self, budget: usize) -> String {
        let conclusion = Conclusion {
            plan: self.plan,
            plan_args: self.plan_args,
            run: self.file,
            saved_to: Path::new(""),
            notes: &[],
            confirms: None,
            interrupted: false,
            baseline: self.baseline,
            reports: &[],
            comment: CommentMode::Never,
            check: CheckMode::Never,
            job: None,
        };
        let (judgement, context) = judged(&conclusion);
        let context = ReportContext {
            // A command with a URL of the fork's is nothing to run.
            rerun: None,
            measurement_path: None,
            pull_request: Some(self.pull.number),
            links: vec![Link { label: "the fork's run".into(), url: self.run_url() }],
            ..context
        };
        let MeasurementFile { candidate, reference, .. } = self.file;
        let report =
            Report { measurement: candidate, reference: reference.as_ref(), judgement: &judgement, context: &context };
        let text = rendered(&report, budget);
        let text = text.strip_prefix(&markdown::marker(&self.plan.name)).unwrap_or(&text).trim();
        let sha: String = self.run.head_sha.chars().filter(char::is_ascii_hexdigit).take(12).collect();
        let claimed = match judgement.verdict {
            Verdict::Pass => "they would pass",
            Verdict::Fail => "they would fail",
            Verdict::TooNoisy => "they are too noisy to judge",
            Verdict::NotMeasured => "they are no valid measurement",
        };
        format!(
            "### loadgate: a claim of the fork's, not verified\n\n\
             The fork's own run measured commit {sha}, and whoever wrote the fork's code could have written these figures. \
             **No check rests on them.** Taken at their word, by the default branch's plan {claimed}.\n\n\
             <details><summary>What the fork's run claims</summary>\n\n{text}\n\n</details>\n"
        )
    }

    fn run_url(&self) -> String {
        let Repository { owner, name } = &self.job.context.repository;
        let server = self.job.context.server_url.as_str().trim_end_matches('/');
        format!("{server}/{owner}/{name}/actions/runs/{}", self.run.id)
    }
}
