//! Setup and teardown: steps that run once, before and after the load.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use minijinja::Value;
use tokio::time::timeout;

use crate::load::Context;
use crate::measurement::{Evidence, Recorder, Slot};
use crate::plan::Step;

use super::runner::{End, Mode, Pools, Runner};
use super::user::StepUsers;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BracketKind {
    Setup,
    Teardown,
}

impl fmt::Display for BracketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BracketKind::Setup => "setup",
            BracketKind::Teardown => "teardown",
        })
    }
}

/// Why a setup or a teardown did not come to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct BracketFailure {
    pub kind: BracketKind,
    pub reason: String,
    /// The request that failed, where one did: URL, status and the first kB of its answer.
    pub evidence: Option<Box<Evidence>>,
}

impl std::error::Error for BracketFailure {}

impl fmt::Display for BracketFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.kind, self.reason)?;
        self.evidence.as_deref().map_or(Ok(()), |evidence| write_evidence(f, evidence))
    }
}

/// The request, the status and the first kB of the answer, each on a line of its own.
pub(super) fn write_evidence(f: &mut fmt::Formatter<'_>, evidence: &Evidence) -> fmt::Result {
    write!(f, "\n  {}: {} {}", evidence.request, evidence.method, evidence.url)?;
    for (name, value) in &evidence.request_headers {
        write!(f, "\n  > {name}: {value}")?;
    }
    match evidence.status {
        Some(status) => write!(f, "\n  status {status}: {}", evidence.message)?,
        None => write!(f, "\n  no answer ({}): {}", evidence.class, evidence.message)?,
    }
    match &evidence.response_body {
        Some(body) if !body.is_empty() => write!(f, "\n  {}", body.replace('\n', "\n  ")),
        _ => Ok(()),
    }
}

/// Runs setup or teardown as one iteration whose samples nothing judges. What it captured, bound and collected is
/// returned by name, for [`Arm::shared`](crate::load::Arm::shared); without such a section of the plan that is nothing.
///
/// An answer that is not expected ends it, outside of polls, retries and repeats with `atLeast`.
///
/// # Errors
/// What failed, with the request's evidence; that its time is over.
pub async fn run_bracket(
    users: &StepUsers,
    kind: BracketKind,
    recorder: Rc<RefCell<Recorder>>,
    epoch: Instant,
) -> Result<HashMap<Arc<str>, Value>, BracketFailure> {
    let shared = users.shared.clone();
    let (bracket, vu) = match kind {
        BracketKind::Setup => (&shared.plan.setup, 0),
        BracketKind::Teardown => (&shared.plan.teardown, u64::MAX),
    };
    let Some(bracket) = bracket else { return Ok(HashMap::new()) };
    let mut runner = shared.runner(shared.bracket_section(kind == BracketKind::Teardown), vu, Mode::Bracket);
    let pools = Rc::new(RefCell::new(Pools::new()));
    runner.pools = Some(pools.clone());
    let context = Context {
        scenario: 0,
        vu,
        iteration: 0,
        vu_iteration: 0,
        slot: Slot::Unjudged,
        schedule_lag: None,
        epoch,
        recorder,
    };
    runner.begin(&context);
    let result = timeout(bracket.timeout, steps(&mut runner, &context, &bracket.steps, &pools)).await;
    let reason = match result {
        Ok(Ok(()) | Err(End::Stopped(_))) => {
            publish(&runner, &pools);
            return Ok(runner.scope.bindings().into_iter().collect());
        }
        Ok(Err(End::Failed(reason) | End::Attempt(reason) | End::Unready(reason))) => {
            shared.evidence.mask().text(&reason)
        }
        Err(_) => format!("it was not done within {}", seconds(bracket.timeout)),
    };
    Err(BracketFailure { kind, reason, evidence: runner.failure.take() })
}

/// Runs the steps; what each has collected is there for the next.
async fn steps(runner: &mut Runner, context: &Context, steps: &[Step], pools: &RefCell<Pools>) -> Result<(), End> {
    runner.pick_rows(context)?;
    for step in steps {
        runner.steps(std::slice::from_ref(step)).await?;
        publish(runner, pools);
    }
    Ok(())
}

/// Lets expressions see the pools. The values themselves are shared, not copied.
fn publish(runner: &Runner, pools: &RefCell<Pools>) {
    for (name, values) in &*pools.borrow() {
        runner.scope.bind(name, Value::from(values.clone()));
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
