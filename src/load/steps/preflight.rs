//! The trial before the load: one iteration of each scenario, so that a plan that can't work is found before it has sent
//! thousands of requests.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use crate::load::Context;
use crate::measurement::{Evidence, Recorder, Slot};

use super::bracket::write_evidence;
use super::runner::{End, Mode};
use super::user::{StepUser, StepUsers};

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
    for (index, scenario) in users.shared.plan.scenarios.iter().enumerate() {
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
        match user.run(&context).await {
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
