//! What a measurement's iterations are made of: the functions of a script where the plan names one, else the plan's steps.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::bracket::run_bracket;
use super::run::Run;
use super::samples::Samples;
use super::script::Script;
use super::user::ScriptUser;
use crate::load::steps::{BracketFailure, BracketKind, PreflightFailure, PreflightNote, StepUser, StepUsers};
use crate::load::{Context, Deployed, Steps, VirtualUser, VirtualUsers, Workload};
use crate::measurement::{IterationEnd, Recorder};
use crate::plan::Work;

/// Steps or a script.
#[derive(Clone, Default)]
pub struct StepsOrScript {
    /// The script that the plan names, if it names one.
    pub script: Option<Arc<Script>>,
    /// Where each sample of it is written, if it is.
    pub samples: Option<Arc<Samples>>,
}

/// The virtual users of a deployment.
#[derive(Clone)]
pub struct Users {
    steps: StepUsers,
    script: Option<Arc<Run>>,
}

/// One of them.
#[expect(clippy::large_enum_variant, reason = "those of a run are all of one kind")]
pub enum User {
    Steps(StepUser),
    Script(Box<ScriptUser>),
}

impl VirtualUsers for Users {
    type User = User;

    fn user(&self, scenario: usize, vu: u64) -> User {
        let work = self.script.as_ref().and_then(|run| Some((run, &run.plan.scenarios.get(scenario)?.work)));
        match work {
            Some((run, Work::Script(exec))) => User::Script(Box::new(ScriptUser::new(run.clone(), exec, vu))),
            // The control of a plan that names a script is a step.
            _ => User::Steps(self.steps.user(scenario, vu)),
        }
    }

    /// A script's init context runs for each, and may take its time.
    fn are_made_first(&self) -> bool {
        self.script.is_some()
    }
}

impl VirtualUser for User {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        match self {
            // Boxed: their room would be moved, twice, for every iteration.
            User::Steps(user) => Box::pin(user.iterate(context)).await,
            User::Script(user) => Box::pin(user.iterate(context)).await,
        }
    }

    fn is_spent(&self) -> bool {
        match self {
            User::Steps(user) => user.is_spent(),
            User::Script(user) => user.is_spent(),
        }
    }
}

impl Workload for StepsOrScript {
    type Users = Users;

    fn users(&self, of: Deployed) -> Users {
        let run = |script: &Arc<Script>| Arc::new(Run::new(script, of.clone(), self.samples.clone()));
        let script = self.script.as_ref().map(run);
        Users { steps: Steps.users(of), script }
    }

    async fn set_up(users: &Users, recorder: Rc<RefCell<Recorder>>, epoch: Instant) -> Result<(), BracketFailure> {
        match &users.script {
            Some(run) => run_bracket(run, BracketKind::Setup, run.settings.setup, recorder, epoch).await,
            None => Steps::set_up(&users.steps, recorder, epoch).await,
        }
    }

    /// A script is not tried: an iteration more than its options say would be one that its author has not asked for.
    async fn preflight(
        users: &Users,
        recorder: Rc<RefCell<Recorder>>,
        epoch: Instant,
    ) -> Result<Vec<PreflightNote>, PreflightFailure> {
        match &users.script {
            Some(_) => Ok(Vec::new()),
            None => Steps::preflight(&users.steps, recorder, epoch).await,
        }
    }

    async fn tear_down(users: &Users, recorder: Rc<RefCell<Recorder>>, epoch: Instant) -> Result<(), BracketFailure> {
        match &users.script {
            Some(run) => run_bracket(run, BracketKind::Teardown, run.settings.teardown, recorder, epoch).await,
            None => Steps::tear_down(&users.steps, recorder, epoch).await,
        }
    }

    fn aborted(users: &Users) -> Option<String> {
        users.script.as_ref()?.aborted()
    }
}
