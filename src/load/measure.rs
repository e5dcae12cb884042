//! A whole measurement: wait for the target, set up, try each scenario once, warm up, load, tear down.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::{self, Runtime};
use tokio::task::LocalSet;
use url::Url;

use super::arm::{Arm, ArmError};
use super::engine::{self, EngineError, Finished, Settings};
use super::executor::Failure;
use super::fit::{Circumstances, Fit};
use super::http::{Attempt, Client, ClientError, ClientSettings, NotReady, Proxies, wait_until_ready};
use super::layout::{judged_for, layout};
use super::limits::{self, Limits};
use super::pacer::Shard;
use super::part::Part;
use super::signal::Stop;
use super::steps::{
    BracketFailure, BracketKind, EvidenceLog, PreflightFailure, PreflightNote, StepUsers, preflight, run_bracket,
};
use super::warmup::{WarmedUp, warm_up};
use crate::dns::Resolver;
use crate::measurement::contract::Machine;
use crate::measurement::shards;
use crate::measurement::{Contract, Ending, Generator, Layout, Measurement, Progress, Recorder, Tallies};
use crate::plan::Plan;

/// What to measure, and where.
#[derive(Clone, Debug)]
pub struct Job {
    pub plan: Arc<Plan>,
    /// The deployment; its path is not used.
    pub target: Url,
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

impl Job {
    fn shard(&self) -> Shard {
        self.part.map_or(Shard::WHOLE, |part| part.shard)
    }
}

/// How a measurement goes on, for whoever shows it.
#[derive(Debug)]
pub enum Event<'a> {
    /// The plan may not fit this machine.
    MayNotFit(&'a str),
    /// The target was asked and is not ready yet.
    NotReady(&'a Attempt),
    Setup,
    /// A scenario's trial before the load did not come to its end.
    Preflight(&'a PreflightNote),
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
    Progress(&'a Progress),
    /// All that was measured before the teardown, to be kept: the run may not live to tell it after.
    BeforeTeardown(&'a Measurement),
    Teardown,
    /// The teardown failed; what was measured stands.
    TeardownFailed(&'a BracketFailure),
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
    Worker { failure: Failure, measurement: Box<Measurement> },
}

/// Measures. Blocks; call it outside of a runtime.
///
/// `abort` sees what was measured so far about once a second; a threshold's name ends the run. `stop` cuts everything off:
/// what was measured until then is returned with [`Ending::Interrupted`], and the teardown is left out, so that the run
/// ends at once. One that comes during the teardown cuts off no more than that.
///
/// A shard that is late for its load sends none: what is returned says so by its start.
///
/// # Errors
/// The plan does not fit this machine, the target is not ready, the setup or a scenario's trial failed, or the generator did.
pub fn measure(
    job: &Job,
    stop: &Stop,
    mut tell: impl FnMut(Event<'_>),
    abort: impl FnMut(&Tallies, Duration) -> Option<String>,
) -> Result<Measurement, MeasureError> {
    let plan = &job.plan;
    check_fit(job, &mut tell)?;
    limits::raise_open_files();
    let mut session = Session::open(job)?;
    if let Some(late) = late(job, &session, &mut tell) {
        return Ok(session.measurement(job, late));
    }
    let before = session.block_on(stop.requested(), before_load(&session, job, &mut tell));
    match before {
        None => return Ok(session.measurement(job, nothing(&session.layout, Ending::Interrupted))),
        Some(result) => result?,
    }
    if !plan.policy.warmup.unwrap_or_default().is_zero() {
        session.warm_up(job, stop, &mut tell)?;
        if stop.cause().is_some() {
            return Ok(session.measurement(job, nothing(&session.layout, Ending::Interrupted)));
        }
    }
    let settings = Settings {
        scenarios: plan.scenarios.clone(),
        layout: session.layout.clone(),
        workers: job.workers,
        shard: job.shard(),
        start_at: job.part.map(|part| part.start_at),
    };
    let users = Arc::new(session.users.clone());
    // What the setup and the warm-up ran out of is not the load's.
    session.client.take_exhausted();
    let run = match late(job, &session, &mut tell) {
        Some(late) => Ok(late),
        None => {
            tell(job.part.map_or(Event::Load, |part| Event::Waiting { until: part.start_at }));
            engine::run(settings, users, stop.clone(), |progress| tell(Event::Progress(progress)), abort)
        }
    };
    let mut measured = match run {
        Ok(finished) => Ok(session.measurement(job, finished)),
        Err(error) => Err(session.failed(job, error)),
    };
    if plan.teardown.is_some() && !stop.is_interrupted() {
        if let Some(measurement) = so_far(&mut measured) {
            tell(Event::BeforeTeardown(measurement));
        }
        tell(Event::Teardown);
        let recorder = session.recorder.clone();
        let teardown = run_bracket(&session.users, BracketKind::Teardown, recorder, session.epoch);
        if let Some(Err(failure)) = session.block_on(stop.interrupted(), teardown) {
            tell(Event::TeardownFailed(&failure));
        }
        if let Some(measurement) = so_far(&mut measured) {
            session.add_teardown(measurement);
        }
    }
    measured
}

/// The measurement, whole or not.
fn so_far(measured: &mut Result<Measurement, MeasureError>) -> Option<&mut Measurement> {
    match measured {
        Ok(measurement) => Some(measurement),
        Err(MeasureError::Worker { measurement, .. }) => Some(measurement),
        Err(_) => None,
    }
}

/// Looks at the machine before anything is sent.
fn check_fit(job: &Job, tell: &mut impl FnMut(Event<'_>)) -> Result<(), MeasureError> {
    let run = Circumstances { target: Some(&job.target), workers: job.workers, shard: job.shard() };
    let fit = Fit::of(&job.plan, run, &Limits::read());
    fit.warnings.iter().for_each(|warning| tell(Event::MayNotFit(warning)));
    fit.refusal.map_or(Ok(()), |refusal| Err(MeasureError::DoesNotFit(refusal)))
}

/// What setup, trial and teardown share with the load.
struct Session {
    runtime: Runtime,
    layout: Arc<Layout>,
    client: Arc<Client>,
    arm: Arc<Arm>,
    evidence: Arc<EvidenceLog>,
    users: StepUsers,
    /// Of setup, trial and teardown.
    recorder: Rc<RefCell<Recorder>>,
    epoch: Instant,
}

impl Session {
    fn open(job: &Job) -> Result<Self, MeasureError> {
        let plan = &job.plan;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(MeasureError::Runtime)?;
        let client = Client::new(ClientSettings::of_plan(plan, Resolver::from_system(), job.proxies.clone())?)?;
        let arm = Arm::new(plan, job.target.clone(), &plan.target.headers, job.seed)?;
        let arm = Arc::new(Arm { shard: job.shard(), ..arm });
        let evidence = Arc::new(EvidenceLog::new(plan, &arm));
        let layout = Arc::new(layout(plan));
        Ok(Session {
            runtime,
            users: StepUsers::new(plan.clone(), arm.clone(), client.clone(), evidence.clone()),
            recorder: Rc::new(RefCell::new(Recorder::new(layout.clone()))),
            layout,
            client,
            arm,
            evidence,
            epoch: Instant::now(),
        })
    }

    /// Runs a future of this thread to its end; none if it is cut off before.
    fn block_on<T>(&self, cut_off: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
        let work = async {
            tokio::select! {
                biased;
                result = work => Some(result),
                () = cut_off => None,
            }
        };
        self.runtime.block_on(LocalSet::new().run_until(work))
    }

    /// Loads the target until it is warm, or a shard's load is to begin. Its failures are those of a cold target, so none of
    /// them is kept as evidence.
    fn warm_up(&mut self, job: &Job, stop: &Stop, tell: &mut impl FnMut(Event<'_>)) -> Result<(), MeasureError> {
        let plan = &job.plan;
        let longest = job.part.map_or(Duration::MAX, Part::time_left).min(plan.policy.warmup.unwrap_or_default());
        if longest.is_zero() {
            return Ok(());
        }
        tell(Event::WarmUp { longest });
        let evidence = Arc::new(EvidenceLog::new(plan, &self.arm));
        let users = StepUsers::new(plan.clone(), self.arm.clone(), self.client.clone(), evidence);
        match warm_up(plan.own_scenarios(), &self.layout, users, job.workers, job.shard(), longest, stop) {
            Ok(WarmedUp { tallies, took, settled }) => {
                self.recorder.borrow_mut().merge(&tallies);
                tell(Event::WarmedUp { took, settled });
                Ok(())
            }
            Err(error) => Err(self.failed(job, error)),
        }
    }

    /// What the engine's failure leaves of the measurement.
    fn failed(&mut self, job: &Job, error: EngineError) -> MeasureError {
        match error {
            EngineError::Worker { failure, finished } => {
                MeasureError::Worker { failure, measurement: Box::new(self.measurement(job, *finished)) }
            }
            error => MeasureError::Engine(error),
        }
    }

    /// Puts together what the load, and everything around it, recorded.
    fn measurement(&mut self, job: &Job, finished: Finished) -> Measurement {
        let plan = &job.plan;
        let mut tallies = self.recorder.borrow_mut().swap(Tallies::new(&self.layout));
        tallies.merge(&finished.tallies);
        Measurement {
            shards: job.part.map(|part| part.of_run(plan, &job.machine, &finished)),
            plan: plan.name.to_string(),
            profile: plan.profile.clone(),
            target: job.target.origin().ascii_serialization(),
            commit: job.commit.clone(),
            job: job.ci_job.clone(),
            started_at: finished.started_at,
            elapsed: finished.elapsed,
            judged_for: judged_for(plan.policy.judge, finished.elapsed),
            seed: job.seed,
            contract: Contract { spoken: self.client.spoken(), ..contract(plan, &job.machine) },
            layout: self.layout.clone(),
            judged: tallies.judged,
            unjudged: tallies.unjudged,
            generator: Generator {
                exhausted: limits::beside_limits(self.client.take_exhausted()),
                ..finished.generator
            },
            evidence: self.evidence.entries(),
            ending: finished.ending,
        }
    }

    /// Adds what the teardown recorded. What it ran out of is not the load's.
    fn add_teardown(&mut self, measurement: &mut Measurement) {
        let tallies = self.recorder.borrow_mut().swap(Tallies::new(&self.layout));
        measurement.judged.merge(&tallies.judged);
        measurement.unjudged.merge(&tallies.unjudged);
        measurement.evidence = self.evidence.entries();
        measurement.contract.spoken = self.client.spoken();
    }
}

/// Everything before the load, in order.
async fn before_load(session: &Session, job: &Job, tell: &mut impl FnMut(Event<'_>)) -> Result<(), MeasureError> {
    let plan = &job.plan;
    if let Some(ready) = &plan.target.ready {
        let headers = session.arm.headers.iter().cloned().collect();
        wait_until_ready(&session.client, &session.arm.origin, &headers, ready, |attempt| {
            tell(Event::NotReady(attempt));
        })
        .await
        .map_err(|not_ready| MeasureError::NotReady(Box::new(not_ready)))?;
    }
    if plan.setup.is_some() {
        tell(Event::Setup);
    }
    let recorder = session.recorder.clone();
    let shared = run_bracket(&session.users, BracketKind::Setup, recorder, session.epoch).await;
    // It is set here alone, once a measurement.
    let _ = session.arm.shared.set(shared.map_err(MeasureError::Setup)?);
    let notes = preflight(&session.users, session.recorder.clone(), session.epoch).await;
    for note in notes.map_err(MeasureError::Preflight)? {
        tell(Event::Preflight(&note));
    }
    Ok(())
}

/// Tells of a shard that is too late to begin with the others, and what is left for it to measure.
fn late(job: &Job, session: &Session, tell: &mut impl FnMut(Event<'_>)) -> Option<Finished> {
    let part = job.part.filter(|part| part.is_late())?;
    let nothing = nothing(&session.layout, Ending::Completed);
    tell(Event::Late { by: shards::delay(part.start_at, nothing.started_at) });
    Some(nothing)
}

/// A load that has not begun.
fn nothing(layout: &Layout, ending: Ending) -> Finished {
    Finished {
        tallies: Tallies::new(layout),
        started_at: Timestamp::now(),
        elapsed: Duration::ZERO,
        generator: Generator::default(),
        ending,
    }
}

fn contract(plan: &Plan, machine: &Machine) -> Contract {
    let control = plan.control.as_ref().map(|control| &plan.requests[usize::from(control.request.0)]);
    let requests = plan.requests.iter().filter(|request| request.in_scenario).chain(control);
    Contract {
        requests: requests.map(|request| (request.name.to_string(), request.definition.clone())).collect(),
        load: plan.contract.load.clone(),
        profile: plan.profile.clone(),
        tier: plan.target.tier.clone(),
        machine: machine.clone(),
        ..Contract::default()
    }
}

#[cfg(test)]
mod tests;
