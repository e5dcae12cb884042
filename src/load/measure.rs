//! A whole measurement of one deployment, or of two side by side: wait until they are ready, set up, try each scenario once,
//! warm up, load, tear down.

mod deployment;
mod pair;
mod session;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::arm::ArmError;
use super::engine::{EngineError, Finished};
use super::executor::Failure;
use super::fit::{Circumstances, Fit};
use super::http::{Attempt, ClientError, NotReady, Proxies};
use super::limits::{self, Limits};
use super::pacer::Shard;
use super::part::Part;
use super::signal::Stop;
use super::steps::{BracketFailure, PreflightFailure, PreflightNote};
use super::workload::{Steps, Workload};
use crate::measurement::contract::Machine;
use crate::measurement::shards;
use crate::measurement::{Ending, Generator, Layout, MeasurementFile, Progress, Tallies};
use crate::pairing::{ArmMode, Side};
use crate::plan::Plan;
pub use deployment::contract;
pub use session::mode;

use session::Session;

/// What to measure, and where.
#[derive(Clone, Debug)]
pub struct Job<W = Steps> {
    pub plan: Arc<Plan>,
    /// What its iterations are made of.
    pub workload: W,
    /// The deployment; its path is not used.
    pub target: Url,
    /// The base deployment to load beside it.
    pub reference: Option<ReferenceJob>,
    pub seed: u64,
    /// Worker threads.
    pub workers: usize,
    /// Commit of the deployment, where it is known.
    pub commit: Option<String>,
    /// The CI job, where there is one.
    pub ci_job: Option<String>,
    pub machine: Machine,
    /// None for a run of its own.
    pub part: Option<Part>,
    /// How hosts are reached.
    pub proxies: Proxies,
}

/// The other deployment of a paired run.
#[derive(Clone, Debug)]
pub struct ReferenceJob {
    /// Its path is not used.
    pub target: Url,
    /// Commit of the deployment, where it is known.
    pub commit: Option<String>,
    /// How both are loaded; as the plan says, or as suits what they share, where there is none.
    pub mode: Option<ArmMode>,
}

impl ReferenceJob {
    /// A reference that is loaded as the plan says.
    pub fn new(target: Url) -> Self {
        ReferenceJob { target, commit: None, mode: None }
    }
}

impl<W> Job<W> {
    fn shard(&self) -> Shard {
        self.part.map_or(Shard::WHOLE, |part| part.shard)
    }
}

/// How a measurement goes on, for whoever shows it.
#[derive(Debug)]
pub enum Event<'a> {
    /// The plan may not fit this machine.
    MayNotFit(&'a str),
    /// A deployment was asked and is not ready yet.
    NotReady(Side, &'a Attempt),
    Setup(Side),
    /// A scenario's trial before the load did not come to its end.
    Preflight(Side, &'a PreflightNote),
    /// How both deployments are loaded, and what that may hide.
    Paired {
        mode: ArmMode,
        caution: Option<&'a str>,
    },
    /// The warm-up begins; it takes at most this long.
    WarmUp {
        longest: Duration,
    },
    /// How long it took, and whether the response times settled.
    WarmedUp {
        took: Duration,
        settled: bool,
    },
    /// A shard is ready for the load and waits for the time at which all of them begin.
    Waiting {
        until: Timestamp,
    },
    /// A shard is so late that it sends no load.
    Late {
        by: Duration,
    },
    /// The load begins.
    Load,
    /// It goes on for as long again: the verdict was too noisy.
    GoesOn,
    Progress(&'a Progress),
    /// All that was measured before the teardown, to be kept: the run may not live to tell it after.
    BeforeTeardown(&'a MeasurementFile),
    Teardown,
    /// A teardown failed; what was measured stands.
    TeardownFailed(Side, &'a BracketFailure),
}

/// Why there is no measurement, or not a whole one.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error(transparent)]
    Arm(#[from] ArmError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the load generator can't start its event loop: {0}; raise the process's limits")]
    Runtime(#[source] io::Error),
    #[error("the plan does not fit this machine: {0}")]
    DoesNotFit(String),
    #[error(transparent)]
    NotReady(Box<NotReady>),
    #[error("{0}")]
    Setup(BracketFailure),
    #[error("{0}")]
    Preflight(PreflightFailure),
    #[error(transparent)]
    Engine(EngineError),
    /// With all that was measured until then.
    #[error("the load generator failed: {failure}; this is a bug, please report it with the plan")]
    Worker { failure: Failure, measured: Box<MeasurementFile> },
    /// It is the base deployment that could not be measured.
    #[error("the reference: {0}")]
    Reference(#[source] Box<MeasureError>),
}

/// Measures. Blocks; call it outside of a runtime.
///
/// `abort` sees what was measured of the candidate so far about once a second; a threshold's name ends the run. `go_on` is
/// asked at the end of a paired load that may go on for as long again. `stop` cuts everything off: what was measured until
/// then is returned with [`Ending::Interrupted`], and the teardown is left out, so that the run ends at once. One that comes
/// during the teardown cuts off no more than that.
///
/// A shard that is late for its load sends none: what is returned says so by its start.
///
/// # Errors
/// The plan does not fit this machine, a deployment is not ready, the setup or a scenario's trial failed, or the generator
/// did.
pub fn measure<W: Workload>(
    job: &Job<W>,
    stop: &Stop,
    mut tell: impl FnMut(Event<'_>),
    abort: impl FnMut(&Tallies, Duration) -> Option<String>,
    go_on: impl FnOnce(&MeasurementFile) -> bool,
) -> Result<MeasurementFile, MeasureError> {
    check_fit(job, &mut tell)?;
    limits::raise_open_files();
    let mut session = Session::open(job)?;
    if let Some(late) = late(job, &session, &mut tell) {
        return Ok(session.file(late));
    }
    let Some(before) = session.before_load(stop, &mut tell) else { return Ok(session.cut_off()) };
    before?;
    session.warm_up(stop, &mut tell)?;
    if stop.cause().is_some() {
        return Ok(session.cut_off());
    }
    let mut measured = match late(job, &session, &mut tell) {
        Some(late) => Ok(session.file(late)),
        None => {
            tell(job.part.map_or(Event::Load, |part| Event::Waiting { until: part.start_at }));
            session.load(stop, &mut tell, abort, go_on)
        }
    };
    session.tear_down(stop, &mut measured, &mut tell);
    measured
}

/// What was measured, whole or not.
fn so_far(measured: &mut Result<MeasurementFile, MeasureError>) -> Option<&mut MeasurementFile> {
    match measured {
        Ok(measured) => Some(measured),
        Err(MeasureError::Worker { measured, .. }) => Some(measured),
        Err(_) => None,
    }
}

/// Looks at the machine before anything is sent.
fn check_fit<W>(job: &Job<W>, tell: &mut impl FnMut(Event<'_>)) -> Result<(), MeasureError> {
    let arms = 1 + u64::from(job.reference.is_some());
    let run = Circumstances { target: Some(&job.target), workers: job.workers, shard: job.shard(), arms };
    let fit = Fit::of(&job.plan, run, &Limits::read());
    fit.warnings.iter().for_each(|warning| tell(Event::MayNotFit(warning)));
    fit.refusal.map_or(Ok(()), |refusal| Err(MeasureError::DoesNotFit(refusal)))
}

/// Tells of a shard that is too late to begin with the others, and what is left for it to measure.
fn late<W: Workload>(job: &Job<W>, session: &Session<'_, W>, tell: &mut impl FnMut(Event<'_>)) -> Option<Finished> {
    let part = job.part.filter(|part| part.is_late())?;
    let nothing = nothing(&session.layout, session.arms(), Ending::Completed);
    tell(Event::Late { by: shards::delay(part.start_at, nothing.started_at) });
    Some(nothing)
}

/// A load of so many arms that has not begun.
fn nothing(layout: &Layout, arms: usize, ending: Ending) -> Finished {
    Finished {
        arms: vec![Tallies::new(layout); arms],
        started_at: Timestamp::now(),
        elapsed: Duration::ZERO,
        generator: Generator::default(),
        ending,
    }
}

#[cfg(test)]
mod tests;
