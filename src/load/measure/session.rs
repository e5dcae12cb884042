//! A run's arms with everything around their load: what setup, trial, warm-up, load and teardown share.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{self, Runtime};
use tokio::task::LocalSet;
use url::Url;

use super::deployment::{Deployment, reference_headers};
use super::pair::{self, Design};
use super::{Event, Job, MeasureError, nothing, so_far};
use crate::dns::Resolver;
use crate::load::engine::{self, EngineError, Finished, PairOrder, Settings};
use crate::load::extension::{Later, follow};
use crate::load::layout::layout;
use crate::load::limits;
use crate::load::part::Part;
use crate::load::signal::Stop;
use crate::load::warmup::{WarmUp, WarmedUp, warm_up};
use crate::load::workload::Workload;
use crate::measurement::{
    Ending, Exhausted, Found, Generator, Layout, Measurement, MeasurementFile, ReferenceArm, Tallies,
};
use crate::pairing::{ArmMode, Pairing, Side};
use crate::plan::Plan;

/// How long a paired run warms up at most, unless the plan says it: two deployments are seldom equally warm.
const PAIRED_WARM_UP: Duration = Duration::from_secs(60);

/// A run before, in and after its load.
pub(super) struct Session<'a, W: Workload> {
    job: &'a Job<W>,
    runtime: Runtime,
    pub(super) layout: Arc<Layout>,
    /// Series that no plan names.
    found: Arc<Found>,
    candidate: Deployment<W>,
    reference: Option<(Deployment<W>, Pairing)>,
    caution: Option<String>,
    epoch: Instant,
}

impl<'a, W: Workload> Session<'a, W> {
    pub fn open(job: &'a Job<W>) -> Result<Self, MeasureError> {
        let plan = &job.plan;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(MeasureError::Runtime)?;
        let layout = Arc::new(layout(plan));
        let found = Arc::new(Found::new(layout.clone(), plan.compared.clone()));
        let candidate = Deployment::open(job, Side::Candidate, &job.target, &plan.target.headers, &layout, &found)?;
        let mut session =
            Session { job, runtime, layout, found, candidate, reference: None, caution: None, epoch: Instant::now() };
        if let Some(reference) = &job.reference {
            let (headers, layout, found) = (reference_headers(plan), &session.layout, &session.found);
            let arm = Deployment::open(job, Side::Reference, &reference.target, headers, layout, found)
                .map_err(|error| MeasureError::Reference(Box::new(error)))?;
            let one_host = session.one_host(&reference.target);
            let Design { pairing, caution } = pair::design(plan, reference.mode, one_host, job.part.is_none());
            session.reference = Some((arm, pairing));
            session.caution = caution;
        }
        Ok(session)
    }

    fn one_host(&self, reference: &Url) -> bool {
        on_one_host(&self.runtime, &self.job.target, reference)
    }

    fn each_arm(&self) -> impl Iterator<Item = &Deployment<W>> {
        [Some(&self.candidate), self.reference.as_ref().map(|(arm, _)| arm)].into_iter().flatten()
    }

    /// How many deployments are loaded.
    pub fn arms(&self) -> usize {
        self.each_arm().count()
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

    /// Everything before the load, in order: all deployments must be ready before one of them is set up. None if it was
    /// stopped.
    pub fn before_load(&self, stop: &Stop, tell: &mut impl FnMut(Event<'_>)) -> Option<Result<(), MeasureError>> {
        let plan = &self.job.plan;
        let work = async {
            for arm in self.each_arm() {
                arm.wait_until_ready(plan, tell).await.map_err(|error| arm.named(error))?;
            }
            for arm in self.each_arm() {
                arm.set_up(plan, self.epoch, tell).await.map_err(|error| arm.named(error))?;
            }
            Ok(())
        };
        self.block_on(stop.requested(), work)
    }

    /// Loads the deployments until they are warm, or a shard's load is to begin. Failures are those of a cold target, so none
    /// of them is kept as evidence.
    pub fn warm_up(&mut self, stop: &Stop, tell: &mut impl FnMut(Event<'_>)) -> Result<(), MeasureError> {
        let plan = &self.job.plan;
        let unstated = if self.reference.is_some() { PAIRED_WARM_UP } else { Duration::ZERO };
        let longest = plan.policy.warmup.unwrap_or(unstated);
        let longest = self.job.part.map_or(Duration::MAX, Part::time_left).min(longest);
        if longest.is_zero() {
            return Ok(());
        }
        tell(Event::WarmUp { longest });
        let warming = WarmUp {
            scenarios: plan.own_scenarios(),
            arms: self.each_arm().map(|arm| arm.unwatched(self.job)).collect(),
            workers: self.job.workers,
            shard: self.job.shard(),
            longest,
            seed: self.job.seed,
        };
        match warm_up(warming, &self.layout, stop) {
            Ok(WarmedUp { arms, took, settled }) => {
                for (arm, tallies) in self.each_arm().zip(&arms) {
                    arm.recorder.borrow_mut().merge(tallies);
                }
                tell(Event::WarmedUp { took, settled });
                Ok(())
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The load itself, and as much again where it may go on and is asked to.
    pub fn load(
        &mut self,
        stop: &Stop,
        tell: &mut impl FnMut(Event<'_>),
        mut abort: impl FnMut(&Tallies, Duration) -> Option<String>,
        go_on: impl FnOnce(&MeasurementFile) -> bool,
    ) -> Result<MeasurementFile, MeasureError> {
        if let Some((_, pairing)) = &self.reference {
            tell(Event::Paired { mode: pairing.mode, caution: self.caution.as_deref() });
        }
        // What the setup and the warm-up ran out of is not the load's.
        for arm in self.each_arm() {
            arm.client.take_exhausted();
        }
        let users = self.each_arm().map(|arm| Arc::new(arm.users.clone())).collect();
        let own = |tallies: &Tallies, elapsed: Duration| self.aborted().or_else(|| abort(tallies, elapsed));
        let run = engine::run(self.settings(), users, stop.clone(), |progress| tell(Event::Progress(progress)), own);
        let mut measured = self.file(run.map_err(|error| self.failed(error))?);
        if let (Some(threshold), Ending::Completed) = (self.aborted(), &measured.candidate.ending) {
            // Its virtual users have gone home before anybody asked.
            measured.candidate.ending = Ending::Aborted { threshold };
        }
        let Some((_, pairing)) = &mut self.reference else { return Ok(measured) };
        let whole = measured.candidate.ending == Ending::Completed;
        if !(whole && pairing.looks.may_go_on() && stop.cause().is_none() && go_on(&measured)) {
            return Ok(measured);
        }
        pairing.looks.taken += 1;
        tell(Event::GoesOn);
        let later = Later::than(&self.job.plan.scenarios, &measured);
        let users = self.each_arm().map(|arm| Arc::new(later.users(arm.users.clone()))).collect();
        let (candidate, watched) = (&measured.candidate, self.job.plan.thresholds.iter().any(|one| one.abort_on_fail));
        // Thresholds look at all that was measured.
        let abort = |tallies: &Tallies, elapsed: Duration| {
            if !watched {
                return None;
            }
            let mut all = Tallies { judged: candidate.judged.clone(), unjudged: candidate.unjudged.clone() };
            all.merge(tallies);
            abort(&all, candidate.elapsed + elapsed)
        };
        let run = engine::run(self.settings(), users, stop.clone(), |progress| tell(Event::Progress(progress)), abort);
        match run {
            Ok(finished) => {
                follow(&mut measured, self.file(finished));
                Ok(measured)
            }
            Err(error) => match self.failed(error) {
                MeasureError::Worker { failure, measured: rest } => {
                    follow(&mut measured, *rest);
                    Err(MeasureError::Worker { failure, measured: Box::new(measured) })
                }
                // Without workers there is no second half; the first one stands.
                error => {
                    tell(Event::MayNotFit(&error.to_string()));
                    Ok(measured)
                }
            },
        }
    }

    /// Why the virtual users want the load to end, if they do.
    fn aborted(&self) -> Option<String> {
        self.each_arm().find_map(|arm| W::aborted(&arm.users))
    }

    fn settings(&self) -> Settings {
        let mode = self.reference.as_ref().map_or(ArmMode::Parallel, |(_, pairing)| pairing.mode);
        Settings {
            scenarios: self.job.plan.scenarios.clone(),
            layout: self.layout.clone(),
            workers: self.job.workers,
            shard: self.job.shard(),
            pair: PairOrder { mode, seed: self.job.seed },
            start_at: self.job.part.map(|part| part.start_at),
        }
    }

    /// Tears every deployment down and adds what that recorded.
    pub fn tear_down(
        &self,
        stop: &Stop,
        measured: &mut Result<MeasurementFile, MeasureError>,
        tell: &mut impl FnMut(Event<'_>),
    ) {
        if !self.job.plan.tears_down() || stop.is_interrupted() {
            return;
        }
        if let Some(measured) = so_far(measured) {
            tell(Event::BeforeTeardown(measured));
        }
        tell(Event::Teardown);
        for arm in self.each_arm() {
            let teardown = arm.tear_down(self.epoch);
            if let Some(Err(failure)) = self.block_on(stop.interrupted(), teardown) {
                tell(Event::TeardownFailed(arm.side, &failure));
            }
        }
        if let Some(measured) = so_far(measured) {
            self.candidate.add_teardown(&self.job.plan, &mut measured.candidate);
            if let (Some((arm, _)), Some(reference)) = (&self.reference, &mut measured.reference) {
                arm.add_teardown(&self.job.plan, &mut reference.measurement);
            }
        }
    }

    /// What the engine's failure leaves of the measurement.
    fn failed(&self, error: EngineError) -> MeasureError {
        match error {
            EngineError::Worker { failure, finished } => {
                MeasureError::Worker { failure, measured: Box::new(self.file(*finished)) }
            }
            error => MeasureError::Engine(error),
        }
    }

    /// What is left of a run that was stopped before its load.
    pub fn cut_off(&self) -> MeasurementFile {
        self.file(nothing(&self.layout, self.arms(), Ending::Interrupted))
    }

    /// Puts together what the load, and everything around it, recorded. The generator is one for all arms.
    pub fn file(&self, mut finished: Finished) -> MeasurementFile {
        let refused =
            self.each_arm().map(|arm| arm.client.take_exhausted()).fold(Exhausted::default(), |mut all, one| {
                all.merge(&one);
                all
            });
        finished.generator = Generator { exhausted: limits::beside_limits(refused), ..finished.generator };
        let layout = self.found.layout();
        let passed = self.settings().passed(self.arms(), finished.elapsed);
        let arms: Vec<Measurement> = self
            .each_arm()
            .zip(&finished.arms)
            .map(|(arm, tallies)| arm.measurement(self.job, &layout, &finished, passed, tallies))
            .collect();
        let mut arms = arms.into_iter();
        let candidate = arms.next().unwrap_or_else(|| unreachable!("a run without an arm"));
        let pairing = self.reference.as_ref().map(|(_, pairing)| pairing.clone());
        let reference = arms.next().zip(pairing).map(|(measurement, pairing)| ReferenceArm { measurement, pairing });
        MeasurementFile { reference, ..MeasurementFile::new(candidate) }
    }
}

/// How two deployments share a paired run of a plan, if nobody asks for another mode. Without them, what the plan says of its
/// reference counts alone.
///
/// # Errors
/// The process has no file descriptor left.
pub fn mode(plan: &Plan, deployments: Option<(&Url, &Url)>) -> io::Result<ArmMode> {
    let one_host = match deployments {
        Some((candidate, reference)) => {
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            on_one_host(&runtime, candidate, reference)
        }
        None => false,
    };
    Ok(pair::design(plan, None, one_host, true).pairing.mode)
}

fn on_one_host(runtime: &Runtime, candidate: &Url, reference: &Url) -> bool {
    let resolver = Resolver::from_system();
    let addresses = |url: &Url| -> Vec<IpAddr> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        // A name that can't be resolved is told when the deployment is asked.
        runtime.block_on(resolver.lookup(host)).unwrap_or_default()
    };
    pair::one_host((candidate, &addresses(candidate)), (reference, &addresses(reference)))
}
