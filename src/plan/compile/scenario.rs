//! Scenarios: the work of an iteration, and what its samples carry.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Compiler;
use super::names::{Made, Part, Scope};
use super::request::BUILTIN_TAGS;
use super::series::{Carrier, Tags};
use crate::plan::error::{did_you_mean, list};
use crate::plan::file::read::{Field, List, Map, Spanned, Text};
use crate::plan::file::scenario::ScenarioSection;
use crate::plan::file::step::StepEntry;
use crate::plan::scenario::{Flow, Scenario, Work};
use crate::plan::step::Step;

/// k6's default of `gracefulStop`.
pub const GRACEFUL_STOP: Duration = Duration::from_secs(30);
/// Most scenarios of a plan.
const MOST_SCENARIOS: usize = 1_000;

impl<'a> Compiler<'a> {
    /// Compiles all scenarios, in the order of the file.
    pub fn scenarios(&mut self) -> Vec<Arc<Scenario>> {
        let file = self.file;
        if self.finds_its_series() && self.script.is_none() {
            // The script could not be read, and the load is in it.
            self.lossy = true;
            return Vec::new();
        }
        let place = file.place.clone();
        let help = "write one scenario at least: an executor, and the flow that an iteration runs";
        let Some(scenarios) = file.scenarios.required("scenarios", help, &place, &mut self.problems) else {
            self.lossy = true;
            return Vec::new();
        };
        if scenarios.entries.len() > MOST_SCENARIOS {
            let problem = format!("{} scenarios are too many", scenarios.entries.len());
            self.problems.add(&scenarios.place, problem, format!("a plan has at most {MOST_SCENARIOS}"));
            return Vec::new();
        }
        if scenarios.entries.is_empty() {
            self.problems.add(&scenarios.place, "there are no scenarios", help);
        }
        self.lossy |= scenarios.is_broken();
        scenarios.iter().filter_map(|(name, section)| self.scenario(name, section)).map(Arc::new).collect()
    }

    fn scenario(&mut self, name: &Text, section: &ScenarioSection) -> Option<Scenario> {
        let valid = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.value.is_empty() || !name.value.chars().all(valid) {
            let problem = format!("`{}` can't be the name of a scenario", name.value);
            self.problems.add(&name.place, problem, "a scenario's name is letters, digits, `_`, `-` and `.`");
        }
        let executor = self.executor(section);
        if let Some(exec) = self.exec(&name.value) {
            return self.script_scenario(name, section, executor?, exec);
        }
        let steps = self.scenario_steps(section);
        self.lossy |= steps.is_none() || section.tags.get().is_some_and(Map::is_broken);
        let mut scope = self.scenario_scope(name, section, steps);
        let headers = self.headers(section.headers.get(), &scope);
        scope.headers = headers.into();
        let bindings = section.let_.get().map(|map| self.bindings(map, &scope)).unwrap_or_default();
        let tags = self.scope_tags(&scope);
        let submetrics = self.matching(&Carrier::Iteration, &tags, &scope);
        let env = self.scenario_env(section);
        let steps: Arc<[Step]> = match steps {
            Some(list) => self.step_list(list, &scope),
            None => Arc::from([]),
        };
        Some(Scenario {
            name: name.value.as_str().into(),
            executor: executor?,
            start_time: self.scaled(&section.start_time, Duration::ZERO),
            graceful_stop: self.scaled(&section.graceful_stop, GRACEFUL_STOP),
            work: Work::Steps(Flow { bindings: bindings.into(), headers: scope.headers, env, steps }),
            submetrics,
        })
    }

    /// The steps of a scenario: its own, or those of the flow that it names.
    fn scenario_steps<'f>(&mut self, section: &'f ScenarioSection) -> Option<&'f List<StepEntry>>
    where
        'a: 'f,
    {
        if let Some(name) = section.flow.get() {
            self.used_flows.insert(name.value.clone());
        }
        match (&section.flow, &section.steps) {
            (Field::Absent, Field::Absent) => {
                let help = "write `flow: NAME`, or `steps:` in place";
                self.problems.add(&section.place, "this scenario does nothing", help);
                None
            }
            (Field::Given { .. }, Field::Given { key, .. }) => {
                self.problems.add(key, "`flow` and `steps` are both there", "leave one of them out");
                None
            }
            (Field::Given { value, .. }, _) => self.named_flow(value),
            (_, steps) => steps.get(),
        }
    }

    /// The flow that a scenario names.
    fn named_flow(&mut self, name: &Text) -> Option<&'a List<StepEntry>> {
        let flows = self.file.flows.get();
        if !flows.is_some_and(|flows| flows.names().any(|known| known == name.value)) {
            let known: Vec<&str> = flows.into_iter().flat_map(Map::names).collect();
            let help = did_you_mean(&name.value, known);
            self.problems.add(&name.place, format!("there is no flow `{}`", name.value), help);
        }
        flows?.get(&name.value)
    }

    fn scenario_scope(&mut self, name: &Text, section: &ScenarioSection, steps: Option<&List<StepEntry>>) -> Scope {
        let mut made = Made::default();
        made.by_list(steps);
        let unknown = made.unknown || steps.is_none();
        let own = section.let_.get().into_iter().flat_map(Map::names).map(str::to_owned);
        let values: BTreeSet<String> = made.all().chain(own).chain(self.shared.iter().cloned()).collect();
        let mut scope = Scope::new(Part::Scenario, values);
        scope.complete = !unknown && !section.let_.is_broken() && self.shared_complete();
        let mut tags = Tags::default();
        for (tag, value) in section.tags.get().into_iter().flat_map(Map::iter) {
            if BUILTIN_TAGS.contains(&tag.value.as_str()) {
                let problem = format!("every sample has its own tag `{}`", tag.value);
                self.problems.add(&tag.place, problem, format!("take another name than {}", list(BUILTIN_TAGS)));
            }
            if value.value.contains("${") {
                let help = "write constant text; a request's `tags` may hold templates";
                self.problems.add(&value.place, "a scenario's tag can't hold a template", help);
            }
            tags.set(&tag.value, &value.value);
        }
        tags.set("scenario", &name.value);
        scope.tags = Arc::new(tags.known);
        scope.own_env = Arc::new(section.env.get().into_iter().flat_map(Map::names).map(str::to_owned).collect());
        scope
    }

    /// The plan's variables, and the scenario's own in their place.
    fn scenario_env(&mut self, section: &ScenarioSection) -> Arc<[(String, String)]> {
        let mut env: Vec<(String, String)> = self.set_env();
        for (name, value) in section.env.get().into_iter().flat_map(Map::iter) {
            if value.value.contains("${") {
                let help = "write constant text; `let` makes values of templates";
                self.problems.add(&value.place, "a value of `env` can't hold a template", help);
            }
            env.retain(|(known, _)| *known != name.value);
            env.push((name.value.clone(), value.value.clone()));
        }
        env.into()
    }

    /// A time of the load, scaled.
    pub fn scaled(&self, field: &Field<Spanned<Duration>>, default: Duration) -> Duration {
        self.scale.time(field.get().map_or(default, |time| time.value))
    }
}
