//! The seam between a measurement and what its iterations are made of: the steps of a plan, or the functions of a script.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::arm::Arm;
use super::http::Client;
use super::steps::{
    BracketFailure, BracketKind, EvidenceLog, PreflightFailure, PreflightNote, StepUsers, preflight, run_bracket,
};
use super::user::VirtualUsers;
use crate::measurement::{Found, Recorder};
use crate::plan::Plan;

/// Makes the virtual users of each deployment, and runs what comes before and after them.
pub trait Workload: Clone + Send + Sync + 'static {
    type Users: VirtualUsers + Clone;

    /// The virtual users of a deployment.
    fn users(&self, of: Deployed) -> Self::Users;

    /// Runs the setup, if there is one, and keeps what it leaves for the virtual users.
    fn set_up(
        users: &Self::Users,
        recorder: Rc<RefCell<Recorder>>,
        epoch: Instant,
    ) -> impl Future<Output = Result<(), BracketFailure>>;

    /// Tries each scenario once, where that does no harm.
    fn preflight(
        users: &Self::Users,
        recorder: Rc<RefCell<Recorder>>,
        epoch: Instant,
    ) -> impl Future<Output = Result<Vec<PreflightNote>, PreflightFailure>>;

    /// Runs the teardown, if there is one.
    fn tear_down(
        users: &Self::Users,
        recorder: Rc<RefCell<Recorder>>,
        epoch: Instant,
    ) -> impl Future<Output = Result<(), BracketFailure>>;

    /// Why the virtual users themselves want the load to end, if they do.
    fn aborted(_: &Self::Users) -> Option<String> {
        None
    }
}

/// What the virtual users of a deployment share.
#[derive(Clone, Debug)]
pub struct Deployed {
    pub plan: Arc<Plan>,
    pub arm: Arc<Arm>,
    pub client: Arc<Client>,
    pub evidence: Arc<EvidenceLog>,
    /// Series that no plan names.
    pub found: Arc<Found>,
}

/// The steps of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps;

impl Workload for Steps {
    type Users = StepUsers;

    fn users(&self, of: Deployed) -> StepUsers {
        StepUsers::new(of.plan, of.arm, of.client, of.evidence)
    }

    async fn set_up(users: &StepUsers, recorder: Rc<RefCell<Recorder>>, epoch: Instant) -> Result<(), BracketFailure> {
        let shared = run_bracket(users, BracketKind::Setup, recorder, epoch).await?;
        // It is set here alone, once a measurement.
        let _ = users.arm().shared.set(shared);
        Ok(())
    }

    async fn preflight(
        users: &StepUsers,
        recorder: Rc<RefCell<Recorder>>,
        epoch: Instant,
    ) -> Result<Vec<PreflightNote>, PreflightFailure> {
        preflight(users, recorder, epoch).await
    }

    async fn tear_down(
        users: &StepUsers,
        recorder: Rc<RefCell<Recorder>>,
        epoch: Instant,
    ) -> Result<(), BracketFailure> {
        run_bracket(users, BracketKind::Teardown, recorder, epoch).await.map(drop)
    }
}
