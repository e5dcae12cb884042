//! Virtual users that run the steps of a scenario's flow.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;

use crate::load::http::Client;
use crate::load::{Arm, Context, VirtualUser, VirtualUsers};
use crate::measurement::IterationEnd;
use crate::plan::data::Pick;
use crate::plan::functions::Random;
use crate::plan::scenario::Flow;
use crate::plan::{DataSet, Plan, Request, Step, Work};

use super::evidence::EvidenceLog;
use super::names;
use super::outgoing::{FlowHeaders, Prepared};
use super::runner::{End, Mode, Runner};
use super::scope::{Constants, Scope};

/// Distinct texts of templated reasons that are counted as they are; later ones count under their template, since
/// memory must not grow with the load.
const REASONS: usize = 100;

/// Makes the virtual users of one arm.
#[derive(Clone, Debug)]
pub struct StepUsers {
    pub(super) shared: Arc<Shared>,
}

/// What all virtual users of an arm share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) plan: Arc<Plan>,
    pub(super) arm: Arc<Arm>,
    pub(super) client: Arc<Client>,
    pub(super) evidence: Arc<EvidenceLog>,
    /// Of each scenario in order, then of setup and teardown.
    sections: Vec<Section>,
    reasons: Mutex<HashSet<Arc<str>>>,
}

/// What is known of a scenario (or of setup and teardown) before it runs.
#[derive(Debug)]
struct Section {
    constants: Arc<Constants>,
    /// The constant parts of each request, by the address of its step: the plan is kept, so no step moves.
    requests: HashMap<usize, Prepared>,
    /// Indices of the data sets that expressions of the section refer to.
    data: Vec<usize>,
}

fn address(request: &Request) -> usize {
    std::ptr::from_ref(request).addr()
}

impl StepUsers {
    /// Prepares the requests of every scenario for this arm.
    pub fn new(plan: Arc<Plan>, arm: Arc<Arm>, client: Arc<Client>, evidence: Arc<EvidenceLog>) -> Self {
        let mut sections = Vec::new();
        for scenario in &plan.scenarios {
            let Work::Steps(flow) = &scenario.work;
            let constants = Constants::new(&flow.env, &plan.secrets);
            let mut section = Section::new(&flow.steps, &flow.headers, constants, &arm);
            let mut names = names::of_steps(&flow.steps);
            names.extend(flow.bindings.iter().flat_map(|(_, value)| value.names()));
            names.extend(flow.headers.iter().flat_map(|(_, value)| value.names()));
            section.data = (0..plan.data.len()).filter(|index| names.contains(&*plan.data[*index].name)).collect();
            sections.push(section);
        }
        for bracket in [&plan.setup, &plan.teardown] {
            let steps = bracket.as_ref().map_or(&[][..], |bracket| &bracket.steps);
            sections.push(Section::new(steps, &[], Constants::new(&plan.env, &plan.secrets), &arm));
        }
        let reasons = Mutex::default();
        StepUsers { shared: Arc::new(Shared { plan, arm, client, evidence, sections, reasons }) }
    }
}

impl Section {
    fn new(steps: &[Step], flow: &FlowHeaders, constants: Constants, arm: &Arm) -> Self {
        let mut section = Section { constants: Arc::new(constants), requests: HashMap::new(), data: Vec::new() };
        names::each_request(steps, &mut |request| {
            section.requests.insert(address(request), Prepared::new(request, flow, arm));
        });
        section
    }
}

impl Shared {
    /// The constant parts of a request of the section.
    pub(super) fn prepared(&self, section: usize, request: &Request) -> &Prepared {
        &self.sections[section].requests[&address(request)]
    }

    /// The section of setup or teardown.
    pub(super) fn bracket_section(&self, teardown: bool) -> usize {
        self.plan.scenarios.len() + usize::from(teardown)
    }

    /// A templated reason as it is counted: its text, or the template once there are too many texts.
    pub(super) fn reason(&self, text: String, template: &str) -> Arc<str> {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = reasons.get(text.as_str()) {
            return reason.clone();
        }
        if reasons.len() >= REASONS {
            return template.into();
        }
        let reason: Arc<str> = text.into();
        reasons.insert(reason.clone());
        reason
    }

    /// A runner of the section with a scope and connections of its own.
    pub(super) fn runner(self: &Arc<Self>, section: usize, vu: u64, mode: Mode) -> Runner {
        let random = Random::new(self.arm.seed, vu);
        let constants = self.sections[section].constants.clone();
        let scope = Scope::new(self.arm.clone(), constants, random.clone(), vu);
        let headers = match self.plan.scenarios.get(section).map(|scenario| &scenario.work) {
            Some(Work::Steps(flow)) => flow.headers.clone(),
            None => Arc::default(),
        };
        Runner::new(self.clone(), section, headers, scope, random, mode)
    }
}

impl VirtualUsers for StepUsers {
    type User = StepUser;

    fn user(&self, scenario: usize, vu: u64) -> StepUser {
        StepUser::new(self, scenario, vu, Mode::Load)
    }
}

/// One virtual user of a scenario.
pub struct StepUser {
    pub(super) runner: Runner,
    flow: Flow,
    section: usize,
}

impl StepUser {
    pub(super) fn new(users: &StepUsers, scenario: usize, vu: u64, mode: Mode) -> Self {
        let Work::Steps(flow) = &users.shared.plan.scenarios[scenario].work;
        StepUser { runner: users.shared.runner(scenario, vu, mode), flow: flow.clone(), section: scenario }
    }

    pub(super) async fn run(&mut self, context: &Context) -> Result<(), End> {
        self.runner.begin(context);
        for index in &self.runner.shared.clone().sections[self.section].data {
            self.pick_row(*index, context)?;
        }
        for (name, value) in &*self.flow.bindings {
            self.runner.bind(name, value)?;
        }
        self.runner.steps(&self.flow.steps).await
    }

    /// Binds the row of a data set that this iteration sees.
    fn pick_row(&self, index: usize, context: &Context) -> Result<(), End> {
        let shared = &self.runner.shared;
        let set: &DataSet = &shared.plan.data[index];
        let length = set.rows.len();
        let row = match set.pick {
            // The last row: a trial iteration uses up none, and if rows are left over at the end, repeats none.
            Pick::Unique if self.runner.mode == Mode::Preflight => length.checked_sub(1),
            Pick::Unique => {
                let next = shared.arm.cursors[index].fetch_add(1, Ordering::Relaxed);
                usize::try_from(next).ok().filter(|next| *next < length)
            }
            Pick::ByVu => remainder(context.vu.saturating_sub(1), length),
            Pick::Random if length > 0 => Some(self.runner.random.with(|rng| rng.random_range(0..length))),
            Pick::Random => None,
            Pick::Sequential => remainder(context.iteration, length),
        };
        match row {
            Some(row) => {
                self.runner.scope.bind(&set.name, set.rows[row].clone());
                Ok(())
            }
            None => Err(End::Stopped(format!("data {} exhausted", set.name).into())),
        }
    }
}

fn remainder(number: u64, length: usize) -> Option<usize> {
    usize::try_from(number.checked_rem(length as u64)?).ok()
}

impl VirtualUser for StepUser {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        let result = self.run(context).await;
        self.runner.session.end_iteration();
        match result {
            Ok(()) => IterationEnd::Complete,
            Err(End::Stopped(reason)) => IterationEnd::Stopped(reason),
            Err(End::Failed(reason) | End::Attempt(reason) | End::Unready(reason)) => IterationEnd::Failed(reason),
        }
    }
}
