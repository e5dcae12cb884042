//! The second half of every run: judge, report, comment.

use std::path::Path;

use crate::baseline::{FindingKind, Runs, Store};
use crate::cli::{CheckMode, CommentMode, Factor, PlanArgs, ReportTarget};
use crate::gate::Judgement;
use crate::k6::results::is_of_k6;
use crate::measurement::{Ending, Measurement, MeasurementFile};
use crate::plan::Plan;
use crate::report::{Format, Link, Report, ReportContext, text};

use super::baseline::sizes;
use super::ci::CiJob;
use super::error::CommandError;
use super::exit::Exit;
use super::measuring::Measured;
use super::policy::{self, Evidence};
use super::publish::{Publication, publish};
use super::{history, report_files, shard};

/// A measurement and how to conclude it.
pub struct Conclusion<'a> {
    pub plan: &'a Plan,
    /// As the user named it, and what was changed about it.
    pub plan_args: &'a PlanArgs,
    /// What was measured, with the reference's arm where there is one.
    pub run: &'a MeasurementFile,
    /// Where the measurement lies.
    pub saved_to: &'a Path,
    /// What the reader must know besides.
    pub notes: &'a [String],
    /// An earlier run that failed against its history, which this one is to confirm.
    pub confirms: Option<&'a Measurement>,
    /// A signal ended the command before its time: nothing is posted.
    pub interrupted: bool,
    /// The folder of baselines.
    pub baseline: &'a Path,
    pub reports: &'a [ReportTarget],
    pub comment: CommentMode,
    /// Never but of what this job has measured.
    pub check: CheckMode,
    pub job: Option<&'a CiJob>,
}

/// What came of it.
pub struct Concluded {
    pub judgement: Judgement,
    /// Of the verdict.
    pub exit: Exit,
}

/// Judges the measurement, writes the reports, and posts the verdict where that was asked for. An interrupted run gets its
/// reports, and nothing is posted.
///
/// # Errors
/// A report that can't be written: the others are.
pub fn conclude(conclusion: &Conclusion<'_>) -> Result<Concluded, CommandError> {
    let Conclusion { plan, .. } = conclusion;
    let (judgement, context) = judged(conclusion);
    let report = report(conclusion, &judgement, &context);
    let written = write_reports(&report, conclusion.reports, conclusion.saved_to);
    // The check run and the exit code follow one rule, which base may have made.
    let inconclusive = judgement.inconclusive(plan.policy.inconclusive);
    if !conclusion.interrupted {
        let publication = Publication {
            job: conclusion.job,
            comment: conclusion.comment,
            check: conclusion.check,
            inconclusive,
            measurement: conclusion.saved_to,
            written: conclusion.reports.iter().find_map(|target| target.path.as_deref()),
        };
        publish(&publication, &report);
    }
    written?;
    let exit = Exit::of(judgement.verdict, inconclusive);
    Ok(Concluded { judgement, exit })
}

/// Writes the reports that were asked for, and nothing else. They say what is missing of the run.
///
/// # Errors
/// A report that can't be written: the others are.
pub fn write_asked(conclusion: &Conclusion<'_>) -> Result<(), CommandError> {
    if conclusion.reports.is_empty() {
        return Ok(());
    }
    let (judgement, context) = judged(conclusion);
    let report = report(conclusion, &judgement, &context);
    let written = write_targets(&report, conclusion.reports, conclusion.saved_to);
    Ok(written.into_iter().collect::<anyhow::Result<()>>()?)
}

fn report<'a>(conclusion: &Conclusion<'a>, judgement: &'a Judgement, context: &'a ReportContext) -> Report<'a> {
    let MeasurementFile { candidate, reference, .. } = conclusion.run;
    Report { measurement: candidate, reference: reference.as_ref(), judgement, context }
}

/// The judgement, and what its report has to know besides.
pub fn judged(conclusion: &Conclusion<'_>) -> (Judgement, ReportContext) {
    let Conclusion { plan, run, .. } = conclusion;
    let mut notes = plan.warnings.clone();
    notes.extend(conclusion.notes.iter().cloned());
    notes.extend(run.candidate.shards.iter().flat_map(shard::notes));
    let runs = runs(conclusion, &mut notes);
    let evidence = Evidence { run, confirms: conclusion.confirms, runs: runs.as_ref(), baseline: conclusion.baseline };
    let judgement = policy::judge(plan, &evidence, conclusion.job, &mut notes);
    (judgement, context(conclusion, notes))
}

impl Concluded {
    /// How a command ends that measured what was judged. One that only judges can't have been interrupted: its exit is that
    /// of the verdict.
    pub fn exit_after_load(&self, measured: &Measured) -> Exit {
        if !measured.interrupted {
            return self.exit;
        }
        let path = measured.path.display();
        match measured.run.candidate.ending {
            Ending::Interrupted => eprintln!("interrupted: what was measured is in {path}"),
            _ => eprintln!("interrupted after the load: all of it is in {path}"),
        }
        Exit::Interrupted
    }
}

/// The runs to compare with; none where there is no store to read. A history that waits for somebody says so.
fn runs(conclusion: &Conclusion<'_>, notes: &mut Vec<String>) -> Option<Runs> {
    let Conclusion { plan, run, .. } = conclusion;
    let measurement = &run.candidate;
    let runs = match Store::open(conclusion.baseline, &plan.name).runs() {
        Ok(runs) => history::shown(runs),
        Err(error) => {
            notes.push(error.to_string());
            return None;
        }
    };
    notes.extend(runs.skipped.iter().map(|skipped| format!("left out of the baseline: {}", skipped.reason)));
    if run.reference.is_none() {
        let findings = runs.findings(&[runs.life(&measurement.contract)], sizes(plan));
        let waits = findings.into_iter().filter(|finding| finding.kind == FindingKind::Waits);
        notes.extend(waits.map(|finding| format!("{}: {}; {}", finding.place, finding.problem, finding.cure)));
    }
    Some(runs)
}

fn context(conclusion: &Conclusion<'_>, mut notes: Vec<String>) -> ReportContext {
    let Conclusion { run, job, .. } = conclusion;
    let pull_request = job.and_then(|job| job.subject.pull_request.as_ref());
    if job.is_some_and(|job| job.context.is_fork_run()) {
        notes.push("the pull request comes from a fork, whose token can't comment: this summary is the report".into());
    }
    let links =
        job.and_then(|job| job.context.run_url()).map(|url| Link { label: "run".into(), url }).into_iter().collect();
    ReportContext {
        plan_path: Some(conclusion.plan_args.plan.display().to_string()),
        rerun: (!is_of_k6(&run.candidate)).then(|| rerun(conclusion.plan_args, run)),
        measurement_path: Some(conclusion.saved_to.display().to_string()),
        baseline: Some(history::place(conclusion.baseline).display().to_string()),
        pull_request: pull_request.map(|pull_request| pull_request.number),
        links,
        notes,
    }
}

/// The command that measures the same again.
fn rerun(args: &PlanArgs, run: &MeasurementFile) -> String {
    let measurement = &run.candidate;
    let mut words = vec!["loadgate".into(), "run".into(), args.plan.display().to_string()];
    words.extend(["--target".into(), measurement.target.clone()]);
    if let Some(reference) = &run.reference {
        words.extend(["--reference".into(), reference.measurement.target.clone()]);
    }
    if let Some(profile) = &measurement.profile {
        words.extend(["--profile".into(), profile.clone()]);
    }
    for (option, Factor(factor)) in [("--scale-load", args.scale_load), ("--scale-time", args.scale_time)] {
        if factor != 1.0 {
            words.extend([option.into(), factor.to_string()]);
        }
    }
    words.extend(args.script.load());
    words.extend(["--seed".into(), measurement.seed.to_string()]);
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// The word as a shell reads it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// The summary for the terminal, and every report that was asked for. All of them are tried; the first that failed is the
/// error.
fn write_reports(report: &Report<'_>, targets: &[ReportTarget], saved_to: &Path) -> Result<(), CommandError> {
    let mut results = vec![report_files::write_summary(targets, |colour, out| text::write(report, colour, out))];
    results.extend(write_targets(report, targets, saved_to));
    Ok(results.into_iter().collect::<anyhow::Result<()>>()?)
}

/// Writes each report; what became of it.
fn write_targets(report: &Report<'_>, targets: &[ReportTarget], saved_to: &Path) -> Vec<anyhow::Result<()>> {
    let again = |format: Format| format!("loadgate judge {} --report {format}=PATH", saved_to.display());
    report_files::write(targets, again, |format, out| report.write(format, out))
}

#[cfg(test)]
mod tests {
    use crate::cli::ScriptArgs;
    use crate::measurement::simulated::Simulated;

    use super::*;

    #[test]
    fn the_command_to_run_again_repeats_what_changed_the_plan() {
        let args = PlanArgs {
            plan: "my plans/shop.yml".into(),
            profile: Some("pr".into()),
            scale_load: Factor(0.5),
            scale_time: Factor(1.0),
            script: ScriptArgs::default(),
        };
        let run = Simulated::new(Vec::new()).measure();
        let measurement =
            Measurement { profile: Some("pr".into()), seed: 7, target: "https://x.example".into(), ..run };
        assert_eq!(
            rerun(&args, &MeasurementFile::new(measurement)),
            "loadgate run 'my plans/shop.yml' --target https://x.example --profile pr --scale-load 0.5 --seed 7"
        );
    }

    #[test]
    fn a_command_to_run_again_can_be_pasted_into_a_shell() {
        for (word, expected) in [
            ("loadgate.yml", "loadgate.yml"),
            ("https://preview.example:8080", "https://preview.example:8080"),
            ("my plan.yml", "'my plan.yml'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -r x)", "'$(rm -r x)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
