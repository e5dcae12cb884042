//! Guards: reasons why a run can't be judged. What was not measured is not green.

pub mod generator;
mod reference;
mod shards;

use crate::measurement::layout::{RequestLabel, ScenarioLabel};
use crate::measurement::{Ending, ErrorClass, Measurement, RequestTally, ScenarioTally};
use crate::number::{counted, duration, percent, percent_limit};
use crate::plan::Policy;
use crate::plan::policy::GuardLimits;

pub use reference::reference;
pub use shards::{shard_list, shards};

use super::{Base, Compared, Comparison, Failure, FailureKind, Guard, GuardKind, ThresholdResult};

/// Statuses of a login page or a rate limit.
const REFUSALS: [u16; 3] = [401, 403, 429];

/// What was found before anything is judged.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub guards: Vec<Guard>,
    pub failures: Vec<Failure>,
}

/// Looks at every guard that needs the run alone.
pub fn examine(run: &Measurement, limits: &GuardLimits) -> Findings {
    let guards = shards(run).into_iter().chain([incomplete(run)]).collect();
    let mut findings = Findings { guards, failures: Vec::new() };
    let aborted = matches!(run.ending, Ending::Aborted { .. });
    for (label, row) in run.layout.requests.iter().zip(&run.judged.requests).filter(|(label, _)| label.in_scenario) {
        let attempted = row.attempts + row.interrupted > 0;
        // A run that a threshold ended has not had its time.
        if !label.optional && !aborted {
            findings.guards.push(never_attempted(run, label, attempted));
        }
        if attempted {
            findings.guards.push(refused(label, row, limits));
            findings.failures.extend(no_response(label, row));
        }
    }
    let scenarios = run.judged.scenarios.iter().zip(&run.unjudged.scenarios);
    for (index, (label, (row, outside))) in run.layout.scenarios.iter().zip(scenarios).enumerate() {
        if aborted || run.layout.is_control_scenario(index) {
            continue;
        }
        findings.guards.push(never_began(label, row, outside));
        if label.arrival_rate {
            let (guard, failure) = rate(run, label, row, limits);
            findings.guards.push(guard);
            findings.failures.extend(failure);
        }
    }
    findings.guards.extend(generator::examine(run, limits));
    findings
}

fn incomplete(run: &Measurement) -> Guard {
    let in_scenarios = run.layout.requests.iter().zip(&run.judged.requests).filter(|(label, _)| label.in_scenario);
    let requests: u64 = in_scenarios.map(|(_, row)| row.attempts + row.interrupted).sum();
    let scenarios = run.layout.own_scenarios(&run.judged.scenarios);
    let iterations: u64 = scenarios.map(|row| row.iterations + row.interrupted).sum();
    let counts = [counted(requests, "request"), counted(iterations, "iteration")];
    let aborted = matches!(run.ending, Ending::Aborted { .. });
    let (fired, finding) = match run.ending {
        Ending::Interrupted => {
            (true, format!("the run was interrupted after {}", duration(run.elapsed.as_secs_f64() * 1e3)))
        }
        _ if requests + iterations == 0 => (true, "nothing ran in the judged phase".into()),
        // A threshold may have ended the run before its first request: that is a failure.
        _ if requests == 0 && !aborted => (true, format!("no request was sent in the judged phase, in {}", counts[1])),
        _ => (false, format!("{} in the judged phase", counts.join(" and "))),
    };
    let cure = if run.ending == Ending::Interrupted {
        "run it again, to its end"
    } else {
        "check the load, its steps and the judged phase (gate: judge) of the plan"
    };
    Guard { kind: GuardKind::Incomplete, subject: None, fired, finding, cure: cure.into() }
}

/// A scenario of which no iteration began was not measured, whatever the others did. One that ran outside of the judged phase
/// alone may be meant to, as a warm-up is.
fn never_began(label: &ScenarioLabel, row: &ScenarioTally, outside: &ScenarioTally) -> Guard {
    let [begun, outside] = [row, outside].map(|row| row.iterations + row.interrupted);
    let finding = match (begun, outside) {
        (0, 0) => "no iteration began".into(),
        (0, _) => format!("{}, all outside of the judged phase", counted(outside, "iteration")),
        _ => format!("{} in the judged phase", counted(begun, "iteration")),
    };
    let cure = "see its executor, its startTime, and what ended the run";
    Guard {
        kind: GuardKind::NeverAttempted,
        subject: Some(label.name.to_string()),
        fired: begun + outside == 0,
        finding,
        cure: cure.into(),
    }
}

fn never_attempted(run: &Measurement, label: &RequestLabel, attempted: bool) -> Guard {
    let index = run.layout.requests.iter().position(|other| other.name == label.name);
    let elsewhere = index.map_or(0, |index| run.unjudged.requests[index].attempts);
    let finding = match (attempted, elsewhere) {
        (true, _) => "was attempted".into(),
        (false, 0) => "was never attempted".into(),
        (false, count) => {
            format!("was never attempted in the judged phase, only {} outside it", counted(count, "time"))
        }
    };
    Guard {
        kind: GuardKind::NeverAttempted,
        subject: Some(label.name.to_string()),
        fired: !attempted,
        finding,
        cure: "see what ends the iterations before it (stopped, failed, too slow), or mark it optional: true".into(),
    }
}

fn refused(label: &RequestLabel, row: &RequestTally, limits: &GuardLimits) -> Guard {
    let mut parts: Vec<String> = Vec::new();
    let mut refusals = 0;
    for (status, count) in row.statuses.iter().filter(|(status, _)| REFUSALS.contains(status)) {
        refusals += count;
        parts.push(format!("{status}: {count}"));
    }
    let hosts = row.errors_of(ErrorClass::Host);
    if hosts > 0 {
        refusals += hosts;
        parts.push(format!("redirect to another host: {hosts}"));
    }
    // Refusals that the plan expects are no failures.
    let refusals = refusals.min(row.failed);
    let share = refusals as f64 / row.attempts.max(1) as f64;
    let kinds = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    let (refusals, attempts) = (counted(refusals, "refusal"), counted(row.attempts, "request"));
    Guard {
        kind: GuardKind::Refused,
        subject: Some(label.name.to_string()),
        fired: share > limits.refused,
        finding: format!("{refusals} of {attempts}{kinds}, {}; limit {}", percent(share), percent_limit(limits.refused)),
        cure: "a login page or a rate limit was measured: check the target's protection and its bypass header, the tokens, \
               and the rate that the host allows"
            .into(),
    }
}

fn no_response(label: &RequestLabel, row: &RequestTally) -> Option<Failure> {
    if row.responses > 0 {
        return None;
    }
    let mut causes: Vec<String> = ErrorClass::ALL
        .into_iter()
        .filter(|class| row.errors_of(*class) > 0)
        .map(|class| format!("{class}: {}", row.errors_of(class)))
        .collect();
    if row.interrupted > 0 {
        causes.push(format!("cut off: {}", row.interrupted));
    }
    let attempts = counted(row.attempts + row.interrupted, "request");
    Some(Failure {
        kind: FailureKind::NoResponse,
        subject: Some(label.name.to_string()),
        finding: format!("none of {attempts} was answered ({})", causes.join(", ")),
        cure: "see the first failures in the report; check that the deployment serves this path".into(),
    })
}

/// Arrivals of an executor that starts iterations by a clock. Dropped ones are the candidate's failure if the generator had
/// time to spare: all its virtual users were waiting for answers.
fn rate(
    run: &Measurement,
    label: &ScenarioLabel,
    row: &ScenarioTally,
    limits: &GuardLimits,
) -> (Guard, Option<Failure>) {
    let started = row.iterations + row.interrupted;
    let due = label.planned.unwrap_or(0).max(started + row.dropped);
    let dropped = row.dropped as f64 / due.max(1) as f64;
    let achieved = label.planned.map_or(1.0, |planned| started as f64 / planned.max(1) as f64);
    // One arrival more or less at the edges of the judged phase is no finding.
    let missing = label.planned.unwrap_or(0).saturating_sub(started);
    let too_many_dropped = row.dropped > 1 && dropped > limits.dropped;
    let behind = missing > 1 && achieved < (1.0 - limits.dropped);
    let finding = format!(
        "{} of {} dropped ({}, limit {}), {} of the plan achieved (limit {})",
        row.dropped,
        counted(due, "arrival"),
        percent(dropped),
        percent_limit(limits.dropped),
        percent(achieved),
        percent_limit(1.0 - limits.dropped)
    );
    let subject = Some(label.name.to_string());
    if too_many_dropped && generator::healthy(run, limits) {
        let cure = "the answers came too slowly for the virtual users: see the latencies, or raise maxVUs if they are meant \
                    to be that slow";
        let failure = Failure {
            kind: FailureKind::FellBehind,
            subject: subject.clone(),
            finding: finding.clone(),
            cure: cure.into(),
        };
        let finding = format!("{finding}; the generator was healthy");
        return (Guard { kind: GuardKind::Rate, subject, fired: false, finding, cure: cure.into() }, Some(failure));
    }
    let cure = "the generator could not keep the rate: fewer arrivals, more shards or a larger runner; more maxVUs if it was \
                idle";
    (Guard { kind: GuardKind::Rate, subject, fired: too_many_dropped || behind, finding, cure: cure.into() }, None)
}

/// A plan that requires a baseline is not measured without one that can block.
pub fn baseline(policy: &Policy, comparison: &Comparison) -> Option<Guard> {
    if !policy.baseline.required {
        return None;
    }
    let (fired, finding) = match comparison {
        Comparison::Made(Compared { with: Base::History(history), .. }) => {
            (!history.blocking, format!("{} of {} comparable runs", history.runs, history.needed))
        }
        Comparison::Made(Compared { with: Base::Reference(_), .. }) => return None,
        Comparison::None(reason) => (true, reason.to_string()),
    };
    let cure = "record runs of the base with `loadgate baseline refresh`, or drop baseline: { required: true }";
    Some(Guard { kind: GuardKind::NoBaseline, subject: None, fired, finding, cure: cure.into() })
}

/// A run that a threshold ended has failed, even if the plan that judges it doesn't name that threshold.
pub fn abort(run: &Measurement, thresholds: &[ThresholdResult]) -> Option<Failure> {
    let Ending::Aborted { threshold } = &run.ending else { return None };
    (!thresholds.iter().any(|result| result.aborted)).then(|| Failure {
        kind: FailureKind::Aborted,
        subject: None,
        finding: format!("ended early by {threshold}"),
        cure: "see what it says".into(),
    })
}

#[cfg(test)]
mod tests;
