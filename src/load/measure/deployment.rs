//! One deployment of a run, with everything around its load.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderName;
use url::Url;

use super::{Event, Job, MeasureError};
use crate::dns::Resolver;
use crate::load::arm::Arm;
use crate::load::engine::Finished;
use crate::load::http::{Client, ClientSettings, wait_until_ready};
use crate::load::layout::judged_for;
use crate::load::steps::{BracketFailure, EvidenceLog};
use crate::load::workload::{Deployed, Workload};
use crate::measurement::contract::Machine;
use crate::measurement::{Contract, Found, Layout, Measurement, Recorder, Tallies};
use crate::pairing::Side;
use crate::plan::{Plan, Template};

/// One deployment's part of it.
pub struct Deployment<W: Workload> {
    pub side: Side,
    target: Url,
    commit: Option<String>,
    pub arm: Arc<Arm>,
    pub client: Arc<Client>,
    evidence: Arc<EvidenceLog>,
    found: Arc<Found>,
    pub users: W::Users,
    /// Of setup, trial, warm-up and teardown.
    pub recorder: Rc<RefCell<Recorder>>,
}

impl<W: Workload> Deployment<W> {
    pub fn open<'h>(
        job: &Job<W>,
        side: Side,
        target: &Url,
        headers: impl IntoIterator<Item = &'h (HeaderName, Template)>,
        layout: &Arc<Layout>,
        found: &Arc<Found>,
    ) -> Result<Self, MeasureError> {
        let plan = &job.plan;
        let client = Client::new(ClientSettings::of_plan(plan, Resolver::from_system(), job.proxies.clone())?)?;
        let (seed, commit) = match side {
            Side::Candidate => (job.seed, &job.commit),
            // Deployments that share a database must not be sent the same keys and tokens.
            Side::Reference => (!job.seed, job.reference.as_ref().map_or(&None, |reference| &reference.commit)),
        };
        let arm = Arm::new(plan, target.clone(), headers, seed)?;
        let arm = Arc::new(Arm { shard: job.shard(), ..arm });
        let evidence = Arc::new(EvidenceLog::new(plan, &arm));
        let deployed = Deployed {
            plan: plan.clone(),
            arm: arm.clone(),
            client: client.clone(),
            evidence: evidence.clone(),
            found: found.clone(),
        };
        Ok(Deployment {
            side,
            target: target.clone(),
            commit: commit.clone(),
            users: job.workload.users(deployed),
            found: found.clone(),
            arm,
            client,
            evidence,
            recorder: Rc::new(RefCell::new(Recorder::new(layout.clone()))),
        })
    }

    /// An error of this arm says so.
    pub fn named(&self, error: MeasureError) -> MeasureError {
        match self.side {
            Side::Candidate => error,
            Side::Reference => MeasureError::Reference(Box::new(error)),
        }
    }

    pub async fn wait_until_ready(&self, plan: &Plan, tell: &mut impl FnMut(Event<'_>)) -> Result<(), MeasureError> {
        let Some(ready) = &plan.target.ready else { return Ok(()) };
        let headers = self.arm.headers.iter().cloned().collect();
        let show = |attempt: &_| tell(Event::NotReady(self.side, attempt));
        let waited = wait_until_ready(&self.client, &self.arm.origin, &headers, ready, show).await;
        waited.map(drop).map_err(|not_ready| MeasureError::NotReady(Box::new(not_ready)))
    }

    /// Sets the deployment up and tries each scenario once.
    pub async fn set_up(
        &self,
        plan: &Plan,
        epoch: Instant,
        tell: &mut impl FnMut(Event<'_>),
    ) -> Result<(), MeasureError> {
        if plan.sets_up() {
            tell(Event::Setup(self.side));
        }
        W::set_up(&self.users, self.recorder.clone(), epoch).await.map_err(MeasureError::Setup)?;
        let notes = W::preflight(&self.users, self.recorder.clone(), epoch).await;
        for note in notes.map_err(MeasureError::Preflight)? {
            tell(Event::Preflight(self.side, &note));
        }
        Ok(())
    }

    /// What this arm's part of a load, and everything around it, recorded.
    /// `passed` is how much of the schedule did.
    pub fn measurement(
        &self,
        job: &Job<W>,
        layout: &Arc<Layout>,
        finished: &Finished,
        passed: Duration,
        tallies: &Tallies,
    ) -> Measurement {
        let plan = &job.plan;
        let mut recorded = self.recorder.borrow_mut().swap(Tallies::new(layout));
        recorded.merge(tallies);
        recorded.extend(layout);
        Measurement {
            shards: job.part.map(|part| part.of_run(plan, &job.machine, finished)),
            plan: plan.name.to_string(),
            profile: plan.profile.clone(),
            target: self.target.origin().ascii_serialization(),
            commit: self.commit.clone(),
            job: job.ci_job.clone(),
            started_at: finished.started_at,
            elapsed: finished.elapsed,
            judged_for: judged_for(plan.policy.judge, passed),
            seed: job.seed,
            contract: Contract { spoken: self.client.spoken(), ..contract_of_run(plan, layout, &job.machine) },
            layout: layout.clone(),
            judged: recorded.judged,
            unjudged: recorded.unjudged,
            generator: finished.generator.clone(),
            evidence: self.evidence.entries(),
            ending: finished.ending.clone(),
        }
    }

    /// The same virtual users, whose failures are kept nowhere.
    pub fn unwatched(&self, job: &Job<W>) -> W::Users {
        let evidence = Arc::new(EvidenceLog::new(&job.plan, &self.arm));
        let (plan, arm, client, found) = (job.plan.clone(), self.arm.clone(), self.client.clone(), self.found.clone());
        job.workload.users(Deployed { plan, arm, client, evidence, found })
    }

    pub async fn tear_down(&self, epoch: Instant) -> Result<(), BracketFailure> {
        W::tear_down(&self.users, self.recorder.clone(), epoch).await
    }

    /// Adds what the teardown recorded. What it ran out of is not the load's.
    pub fn add_teardown(&self, plan: &Plan, measurement: &mut Measurement) {
        let found = self.found.layout();
        let mut tallies = self.recorder.borrow_mut().swap(Tallies::new(&found));
        tallies.extend(&found);
        measurement.judged.merge(&tallies.judged);
        measurement.unjudged.merge(&tallies.unjudged);
        let (scenarios, grid) = (measurement.layout.scenarios.clone(), measurement.layout.grid);
        measurement.layout = Arc::new(Layout { scenarios, grid, ..Layout::clone(&found) });
        measurement.evidence = self.evidence.entries();
        measurement.contract.spoken = self.client.spoken();
        measurement.contract.requests.extend(defined_by_script(plan, &found));
    }
}

/// Headers for the reference: the target's own, such as a bypass of both deployments' protection, and the reference's in
/// place of those of the same name.
pub fn reference_headers(plan: &Plan) -> impl Iterator<Item = &(HeaderName, Template)> {
    let own = plan.reference.as_ref().map_or(&[][..], |reference| &reference.headers);
    let others = plan.target.headers.iter().filter(move |(name, _)| own.iter().all(|(other, _)| other != name));
    others.chain(own)
}

/// What makes a run of a plan comparable.
fn contract_of_run(plan: &Plan, layout: &Layout, machine: &Machine) -> Contract {
    let mut contract = contract(plan, machine);
    contract.requests.extend(defined_by_script(plan, layout));
    contract
}

/// The requests that a script has made in its scenarios: it defines them as a whole.
fn defined_by_script<'a>(plan: &'a Plan, layout: &'a Layout) -> impl Iterator<Item = (String, String)> + 'a {
    let found = layout.requests.iter().skip(plan.requests.len()).filter(|row| row.in_scenario);
    plan.script.iter().flat_map(move |script| found.clone().map(|row| (row.name.to_string(), script.digest.clone())))
}

/// What makes the runs of a plan comparable, as far as it is known before one.
pub fn contract(plan: &Plan, machine: &Machine) -> Contract {
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
