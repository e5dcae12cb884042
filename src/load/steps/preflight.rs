//! The trial before the load: one iteration of each scenario, so that a plan that can't work is found before it has sent
//! thousands of requests.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::load::{Arm, Context};
use crate::measurement::{Evidence, Recorder, Slot};
use crate::plan::{Plan, Scenario};

use super::bracket::write_evidence;
use super::names::each_request;
use super::runner::{End, Mode};
use super::user::{StepUser, StepUsers};

/// A trial may take this long beyond the time limit of a single request: a loop that only the load could end, or thousands of
/// requests one after another, are cut off. What they have shown by then is enough.
const LONGEST_TRIAL: Duration = Duration::from_secs(60);

/// A scenario whose trial failed.
#[derive(Clone, Debug, PartialEq)]
pub struct PreflightFailure {
    pub scenario: Arc<str>,
    pub reason: String,
    /// The request that failed, where one did: URL, status and the first kB of its answer.
    pub evidence: Option<Box<Evidence>>,
}

impl std::error::Error for PreflightFailure {}

impl fmt::Display for PreflightFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "preflight of scenario {} failed: {}", self.scenario, self.reason)?;
        self.evidence.as_deref().map_or(Ok(()), |evidence| write_evidence(f, evidence))
    }
}

/// A trial that came to no fault, but not to its end either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreflightNote {
    pub scenario: Arc<str>,
    /// What it would have had to wait for, or why it ended itself.
    pub reason: Arc<str>,
}

/// Runs one iteration of each scenario, in order, after the setup. Think times are skipped, polls and retries get one
/// pass: one that is not satisfied ends the trial of its scenario with a note, since what follows depends on it.
///
/// Its samples belong to no judged phase; of `unique` data it borrows the last row. Each shard tries as its own first virtual
/// user, so that no two of them send the same.
///
/// # Errors
/// The first scenario with a request that failed or had an unexpected status, a capture that found nothing, a template
/// without a value, or a `fail` step.
pub async fn preflight(
    users: &StepUsers,
    recorder: Rc<RefCell<Recorder>>,
    epoch: Instant,
) -> Result<Vec<PreflightNote>, PreflightFailure> {
    let mut notes = Vec::new();
    control_is_elsewhere(&users.shared.plan, &users.shared.arm)?;
    // The control is not under test: what it answers decides nothing here.
    for (index, scenario) in users.shared.plan.own_scenarios().iter().enumerate() {
        let shard = users.shared.arm.shard;
        // A scenario that this shard has no part of is tried by those that have.
        if shard.stripe(scenario.executor.max_vus()).is_none() {
            continue;
        }
        let vu = shard.index + 1;
        let mut user = StepUser::new(users, index, vu, Mode::Preflight);
        let context = Context {
            scenario: index,
            vu,
            iteration: shard.index,
            vu_iteration: 0,
            slot: Slot::Unjudged,
            schedule_lag: None,
            epoch,
            recorder: recorder.clone(),
        };
        let limit = LONGEST_TRIAL.saturating_add(longest_request(scenario));
        let result = timeout(limit, user.run(&context))
            .await
            .unwrap_or_else(|_| Err(End::Unready(format!("it was not done within {} s", limit.as_secs_f64()).into())));
        match result {
            Ok(()) => {}
            Err(End::Stopped(reason) | End::Unready(reason)) => {
                notes.push(PreflightNote { scenario: scenario.name.clone(), reason });
            }
            Err(End::Failed(reason) | End::Attempt(reason)) => {
                return Err(PreflightFailure {
                    scenario: scenario.name.clone(),
                    reason: users.shared.evidence.mask().text(&reason),
                    evidence: user.runner.failure.take(),
                });
            }
        }
    }
    Ok(notes)
}

/// The plan is read before the target is known.
fn control_is_elsewhere(plan: &Plan, arm: &Arm) -> Result<(), PreflightFailure> {
    let Some(control) = &plan.control else { return Ok(()) };
    if control.url.host_str() != arm.origin.host_str() {
        return Ok(());
    }
    let reason = format!(
        "gate.control: {} is on the deployment's own host, so it can't show what is not the deployment's doing; ask a host \
         that the load does not touch",
        control.url
    );
    Err(PreflightFailure { scenario: plan.scenarios[control.scenario].name.clone(), reason, evidence: None })
}

/// The longest time limit of the scenario's requests: one that is never answered must be told as a failure.
fn longest_request(scenario: &Scenario) -> Duration {
    let mut longest = Duration::ZERO;
    each_request(scenario.work.steps(), &mut |request| longest = longest.max(request.timeout));
    longest
}
