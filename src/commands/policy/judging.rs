//! Judging a run by its plan's rules and, where a pull request has others than its base, by base's.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use crate::baseline::{Rules as Calibrated, Runs};
use crate::gate::base::{LABEL, Ruled, hold, only_base_fails};
use crate::gate::{self, Grounds, Judgement};
use crate::github::{Event, pull_request};
use crate::measurement::{Measurement, MeasurementFile, ReferenceArm};
use crate::plan::{BaseRules, Plan, Policy, Threshold};

use crate::commands::calibrate::{known_by, rules_of};
use crate::commands::ci::CiJob;
use crate::commands::variable;

use crate::baseline::short;

/// A run, and what it is compared with.
pub struct Evidence<'a> {
    pub run: &'a MeasurementFile,
    /// An earlier run that failed against its history, which this one is to confirm.
    pub confirms: Option<&'a Measurement>,
    /// The runs before it; none where there is no store to read.
    pub runs: Option<&'a Runs>,
    /// The folder of baselines.
    pub baseline: &'a Path,
}

/// By what a run is judged.
struct Rules<'a> {
    thresholds: Cow<'a, [Threshold]>,
    policy: &'a Policy,
    requests: Vec<&'a str>,
}

/// Judges a run by the plan's rules and by base's, if there are any. The label is asked for only where it matters.
pub fn judge(plan: &Plan, evidence: &Evidence<'_>, job: Option<&CiJob>, notes: &mut Vec<String>) -> Judgement {
    let own = Rules { thresholds: Cow::Borrowed(&plan.thresholds), policy: &plan.policy, requests: gated(plan) };
    let own = evidence.judged(&plan.name, &own, notes);
    let Some(base) = &plan.base else { return own };
    let rules = of_base(base, &evidence.run.candidate, notes);
    // What could not be read of the history is noted already.
    let theirs = evidence.judged(&plan.name, &rules, &mut Vec::new());
    let own = Ruled { judgement: own, inconclusive: plan.policy.inconclusive };
    let theirs = Ruled { judgement: theirs, inconclusive: base.policy.inconclusive };
    let waived = only_base_fails(&own, &theirs) && job.is_some_and(|job| is_waived(job, notes));
    let judgement = hold(own, theirs, short(&base.commit), waived);
    notes.extend(judgement.waived());
    judgement
}

/// Base's rules, but for those whose samples this run has not counted: it may be one that didn't know base's plan.
fn of_base<'a>(base: &'a BaseRules, run: &Measurement, notes: &mut Vec<String>) -> Rules<'a> {
    let counted = |threshold: &Threshold| {
        let selector = threshold.selector.to_string();
        threshold.submetric.is_none() || run.layout.submetrics.iter().any(|label| label.selector == selector)
    };
    let (thresholds, uncounted): (Vec<_>, Vec<_>) = base.thresholds.iter().cloned().partition(counted);
    notes.extend(uncounted.iter().map(|threshold| {
        format!("base's threshold on `{}` judges nothing: the run has not counted its samples", threshold.selector)
    }));
    let requests = base.gated.iter().map(AsRef::as_ref).collect();
    Rules { thresholds: Cow::Owned(thresholds), policy: &base.policy, requests }
}

impl Evidence<'_> {
    fn judged(&self, plan: &str, rules: &Rules<'_>, notes: &mut Vec<String>) -> Judgement {
        let run = gating(self.run, &rules.requests);
        let measurement = &run.candidate;
        let size = rules.policy.baseline.window;
        let window = self.runs.map(|runs| runs.window(&measurement.contract, measurement.job.as_deref(), size));
        let reference = run.reference.as_ref();
        // It is known of paired gates alone.
        let known = reference.map(|_| {
            let rules: Calibrated = rules_of(&rules.policy.regression, rules.requests.iter().copied());
            known_by(self.baseline, plan, &rules, &measurement.contract, notes)
        });
        let grounds = Grounds {
            reference,
            window: window.as_ref(),
            calibration: known.as_ref(),
            ..Grounds::new(&rules.thresholds, rules.policy)
        };
        match self.confirms {
            Some(first) => gate::judge_again(measurement, &gating_only(first, &rules.requests), &grounds),
            None => gate::judge(measurement, &grounds),
        }
    }
}

/// The requests that a plan itself compares.
fn gated(plan: &Plan) -> Vec<&str> {
    plan.requests.iter().filter(|request| request.gated).map(|request| &*request.name).collect()
}

/// The run with no other requests compared than those that the plan itself compares.
pub fn gating_own<'a>(run: &'a MeasurementFile, plan: &Plan) -> Cow<'a, MeasurementFile> {
    gating(run, &gated(plan))
}

/// The run with no other requests compared than these: it may have been measured for base's rules as well.
fn gating_only(run: &Measurement, requests: &[&str]) -> Measurement {
    let mut run = run.clone();
    Arc::make_mut(&mut run.layout)
        .requests
        .iter_mut()
        .for_each(|label| label.gated &= requests.contains(&&*label.name));
    run
}

/// The run with no other requests compared than these, in both arms.
fn gating<'a>(run: &'a MeasurementFile, requests: &[&str]) -> Cow<'a, MeasurementFile> {
    let mut labels = run.candidate.layout.requests.iter().filter(|label| label.gated);
    if labels.all(|label| requests.contains(&&*label.name)) {
        return Cow::Borrowed(run);
    }
    let reference = run
        .reference
        .as_ref()
        .map(|arm| ReferenceArm { measurement: gating_only(&arm.measurement, requests), pairing: arm.pairing.clone() });
    Cow::Owned(MeasurementFile {
        baseline: run.baseline.clone(),
        candidate: gating_only(&run.candidate, requests),
        reference,
    })
}

/// Whether the label lets the pull request's own rules stand. It may have been set after the event.
fn is_waived(job: &CiJob, notes: &mut Vec<String>) -> bool {
    let of_event = job.subject.pull_request.as_ref();
    let number = match (of_event, &job.context.event) {
        (Some(pull_request), _) => pull_request.number,
        (None, Event::MergeGroup(_)) => match variable("GITHUB_REF").as_deref().and_then(queued) {
            Some(number) => number,
            None => {
                notes.push(format!(
                    "whether the label `{LABEL}` is set can't be told: the merge queue names no pull request"
                ));
                return false;
            }
        },
        _ => return false,
    };
    let is_label = |label: &String| label == LABEL;
    match job.ask(async |client, repository| pull_request::by_number(client, repository, number).await) {
        Ok(pull_request) => pull_request.labels.iter().any(is_label),
        Err(error) => {
            notes.push(format!("the pull request's labels are those of the event: {error}"));
            of_event.is_some_and(|pull_request| pull_request.labels.iter().any(is_label))
        }
    }
}

/// The pull request that a merge queue's branch is of: `refs/heads/gh-readonly-queue/main/pr-104-` and a commit.
fn queued(reference: &str) -> Option<u64> {
    let name = reference.strip_prefix("refs/heads/gh-readonly-queue/")?.rsplit('/').next()?;
    name.strip_prefix("pr-")?.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::measurement::simulated::{Simulated, SimulatedRequest};
    use crate::pairing::{ArmMode, Looks, Pairing};

    use super::*;

    #[test]
    fn only_what_the_rules_name_is_compared_in_both_arms() {
        let run = Simulated::new(vec![SimulatedRequest::new("reserve", 20.0)]).measure();
        let name = run.layout.requests[0].name.to_string();
        let pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() };
        let reference = Some(ReferenceArm { measurement: run.clone(), pairing });
        let file = MeasurementFile { reference, ..MeasurementFile::new(run) };
        assert!(matches!(gating(&file, &[&name]), Cow::Borrowed(_)), "nothing is copied where nothing changes");
        let gated = gating(&file, &["other"]);
        let arms = [&gated.candidate, &gated.reference.as_ref().unwrap().measurement];
        assert!(arms.iter().all(|run| run.layout.requests.iter().all(|label| !label.gated)));
        assert!(file.candidate.layout.requests[0].gated);
    }

    #[test]
    fn a_merge_queues_branch_names_its_pull_request() {
        for (reference, expected) in [
            ("refs/heads/gh-readonly-queue/main/pr-104-9f1c5d0", Some(104)),
            ("refs/heads/gh-readonly-queue/release/1.x/pr-7-9f1c5d0", Some(7)),
            ("refs/heads/gh-readonly-queue/main/9f1c5d0", None),
            ("refs/heads/pr-104-9f1c5d0", None),
            ("refs/pull/7/merge", None),
        ] {
            assert_eq!(queued(reference), expected, "{reference}");
        }
    }
}
