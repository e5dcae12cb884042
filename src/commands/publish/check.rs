//! The check run of the measured commit.

use crate::cli::CheckMode;
use crate::commands::ci::CiJob;
use crate::gate::Verdict;
use crate::github::{CheckRun, Conclusion, Error, WrittenCheck, check_run};
use crate::plan::policy::OnInconclusive;
use crate::report::{Report, markdown};

use super::Publication;

/// Writes the check run, unless this job may not vouch for its verdict.
pub fn post(publication: &Publication<'_>, report: &Report<'_>, job: &CiJob) {
    let always = publication.check == CheckMode::Always;
    let head_sha = match refusal(publication.check, job) {
        Ok(sha) => sha,
        Err(why) => {
            if always {
                eprintln!("warning: no check run: {why}");
            }
            return;
        }
    };
    let (summary, text) = markdown::parts(report, check_run::MOST_BYTES);
    let run_url = job.context.run_url();
    let check = CheckRun {
        repository: &job.context.repository,
        head_sha,
        name: &name(&report.measurement.plan),
        external_id: &external_id(report, job),
        details_url: run_url.as_deref(),
        conclusion: conclusion(report.judgement.verdict, publication.inconclusive),
        title: &markdown::plain(&report.judgement.headline()),
        summary: &summary,
        text: &text,
    };
    match job.ask(async |client, _| check_run::write(client, &check).await) {
        Ok(WrittenCheck::Created { url }) => eprintln!("check run: {url}"),
        Ok(WrittenCheck::Updated { url }) => eprintln!("check run updated: {url}"),
        Ok(WrittenCheck::Kept { url }) => {
            eprintln!("check run kept, since another run of this job has failed: {url}");
        }
        // Not every job was given the permission, and most need none.
        Err(error @ Error::NoPermission { .. }) if !always => eprintln!("no check run: {error}"),
        Err(error) => eprintln!("warning: no check run: {error}"),
    }
}

/// The commit to write to; else why there is none to be written.
fn refusal(mode: CheckMode, job: &CiJob) -> Result<&str, &'static str> {
    if mode == CheckMode::Never {
        return Err("none is wanted");
    }
    if job.context.is_fork_run() {
        return Err("a fork's run can't vouch for itself");
    }
    if !job.has_token() {
        return Err("there is no GITHUB_TOKEN");
    }
    job.subject.sha.as_deref().ok_or("the commit that was measured is not known")
}

/// What a required check makes of a verdict: only what was measured lets a pull request through.
fn conclusion(verdict: Verdict, inconclusive: OnInconclusive) -> Conclusion {
    match (verdict, inconclusive) {
        (Verdict::Pass, _) => Conclusion::Success,
        (Verdict::TooNoisy, OnInconclusive::Warn) => Conclusion::Neutral,
        (Verdict::Fail | Verdict::NotMeasured, _) | (Verdict::TooNoisy, OnInconclusive::Fail) => Conclusion::Failure,
    }
}

/// What a branch's rule names as the required check.
fn name(plan: &str) -> String {
    const MOST: usize = 150;
    let plan = markdown::plain(plan);
    format!("loadgate / {}", &plan[..plan.floor_char_boundary(MOST)])
}

/// Names this job's run: outside of a workflow's run, the measurement.
fn external_id(report: &Report<'_>, job: &CiJob) -> String {
    job.context.job().unwrap_or_else(|| format!("measured/{}", report.measurement.started_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_check_is_green_only_for_what_was_measured() {
        for (verdict, inconclusive, expected) in [
            (Verdict::Pass, OnInconclusive::Warn, Conclusion::Success),
            (Verdict::Pass, OnInconclusive::Fail, Conclusion::Success),
            (Verdict::Fail, OnInconclusive::Warn, Conclusion::Failure),
            (Verdict::TooNoisy, OnInconclusive::Warn, Conclusion::Neutral),
            (Verdict::TooNoisy, OnInconclusive::Fail, Conclusion::Failure),
            (Verdict::NotMeasured, OnInconclusive::Warn, Conclusion::Failure),
            (Verdict::NotMeasured, OnInconclusive::Fail, Conclusion::Failure),
        ] {
            assert_eq!(conclusion(verdict, inconclusive), expected, "{verdict:?} {inconclusive:?}");
        }
    }

    #[test]
    fn a_check_is_named_after_its_plan() {
        assert_eq!(name("concert-reservation"), "loadgate / concert-reservation");
        assert_eq!(name("a\nb\u{202e}c"), "loadgate / a bc");
        assert!(name(&"예".repeat(500)).len() <= 161);
    }
}
