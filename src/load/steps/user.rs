//! Virtual users that run the steps of a scenario's flow.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::load::http::Client;
use crate::load::pacer::Stripe;
use crate::load::{Arm, Context, VirtualUser, VirtualUsers};
use crate::measurement::IterationEnd;
use crate::plan::functions::Random;
use crate::plan::scenario::Flow;
use crate::plan::{DataSet, Plan, Request, Step};

use super::data;
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
    /// This shard's rows of each `unique` data set; none where it has none of them.
    pub(super) unique: Vec<Option<Stripe>>,
    reasons: Mutex<HashSet<Arc<str>>>,
}

/// What is known of a scenario (or of setup and teardown) before it runs.
#[derive(Debug)]
struct Section {
    constants: Arc<Constants>,
    /// The constant parts of each request, by the address of its step: the plan is kept, so no step moves.
    /// In the order of the addresses.
    requests: Vec<(usize, Prepared)>,
    /// Indices of the data sets that expressions of the section refer to.
    data: BTreeSet<usize>,
}

fn address(request: &Request) -> usize {
    std::ptr::from_ref(request).addr()
}

impl StepUsers {
    /// Prepares the requests of every scenario for this arm.
    pub fn new(plan: Arc<Plan>, arm: Arc<Arm>, client: Arc<Client>, evidence: Arc<EvidenceLog>) -> Self {
        let mut sections = Vec::new();
        for scenario in &plan.scenarios {
            // Whoever runs scripts makes virtual users of its own for their scenarios.
            let flow = scenario.work.flow().cloned().unwrap_or_default();
            let constants = Constants::new(&flow.env, &plan.secrets);
            let mut section = Section::new(&flow.steps, &flow.headers, constants, &plan.data, &arm);
            let mut names = BTreeSet::new();
            names.extend(flow.bindings.iter().flat_map(|(_, value)| value.names()));
            names.extend(flow.headers.iter().flat_map(|(_, value)| value.names()));
            section.use_data(&names, &plan.data);
            sections.push(section);
        }
        for bracket in [&plan.setup, &plan.teardown] {
            let steps = bracket.as_ref().map_or(&[][..], |bracket| &bracket.steps);
            sections.push(Section::new(steps, &[], Constants::new(&plan.env, &plan.secrets), &plan.data, &arm));
        }
        let uses = |section: usize, set: usize| sections[section].data.contains(&set);
        let unique = data::unique_rows(&plan, arm.shard, uses);
        let reasons = Mutex::default();
        StepUsers { shared: Arc::new(Shared { plan, arm, client, evidence, sections, unique, reasons }) }
    }
}

impl StepUsers {
    /// The deployment that they load.
    pub fn arm(&self) -> &Arc<Arm> {
        &self.shared.arm
    }
}

impl Section {
    fn new(steps: &[Step], flow: &FlowHeaders, constants: Constants, data: &[DataSet], arm: &Arm) -> Self {
        let mut section = Section { constants: Arc::new(constants), requests: Vec::new(), data: BTreeSet::new() };
        names::each_request(steps, &mut |request| {
            section.requests.push((address(request), Prepared::new(request, flow, arm)));
        });
        section.requests.sort_by_key(|(address, _)| *address);
        section.use_data(&names::of_steps(steps), data);
        section
    }

    /// Notes the data sets that are among the names.
    fn use_data(&mut self, names: &BTreeSet<String>, data: &[DataSet]) {
        self.data.extend((0..data.len()).filter(|index| names.contains(&*data[*index].name)));
    }
}

impl Shared {
    /// The constant parts of a request of the section.
    pub(super) fn prepared(&self, section: usize, request: &Request) -> &Prepared {
        let requests = &self.sections[section].requests;
        let index = requests.partition_point(|(before, _)| *before < address(request));
        &requests[index].1
    }

    /// Indices of the data sets that the section's expressions refer to.
    pub(super) fn data(&self, section: usize) -> &BTreeSet<usize> {
        &self.sections[section].data
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
        let stream = match mode {
            Mode::Preflight => self.arm.trial_stream(section),
            Mode::Load | Mode::Bracket => self.arm.stream(vu),
        };
        let random = Random::new(self.arm.seed, stream);
        let constants = self.sections[section].constants.clone();
        let scope = Scope::new(self.arm.clone(), constants, random.clone(), vu);
        let flow = self.plan.scenarios.get(section).and_then(|scenario| scenario.work.flow());
        let headers = flow.map_or_else(Arc::default, |flow| flow.headers.clone());
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
}

impl StepUser {
    pub(super) fn new(users: &StepUsers, scenario: usize, vu: u64, mode: Mode) -> Self {
        let flow = users.shared.plan.scenarios[scenario].work.flow().cloned().unwrap_or_default();
        StepUser { runner: users.shared.runner(scenario, vu, mode), flow }
    }

    pub(super) async fn run(&mut self, context: &Context) -> Result<(), End> {
        self.runner.begin(context);
        self.runner.pick_rows(context)?;
        for (name, value) in &*self.flow.bindings {
            self.runner.bind(name, value)?;
        }
        self.runner.flow(&self.flow.steps).await
    }
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

    fn is_spent(&self) -> bool {
        self.runner.spent
    }
}
