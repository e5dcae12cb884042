//! Scenarios: executors by k6's rules, and the work of an iteration.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Compiler;
use super::names::{Made, Part, Scope};
use super::request::BUILTIN_TAGS;
use super::series::{Carrier, Tags};
use crate::plan::error::{Place, did_you_mean, list};
use crate::plan::file::read::{Field, List, Map, Spanned, Text};
use crate::plan::file::scenario::{EXECUTOR_KEYS, ExecutorName, ScenarioSection, StageSection};
use crate::plan::file::step::StepEntry;
use crate::plan::scenario::{Executor, Flow, Scenario, Stage, Work};
use crate::plan::step::Step;

const GRACEFUL: Duration = Duration::from_secs(30);
const MAX_DURATION: Duration = Duration::from_secs(600);
/// Most virtual users of a scenario: more than any generator runs, few enough for every counter.
const MOST_VUS: u64 = 10_000_000;
/// Most iterations that may begin a second.
const MOST_RATE: f64 = 10_000_000.0;
/// Most iterations of a scenario.
const MOST_ITERATIONS: u64 = 1_000_000_000_000;
/// Most scenarios of a plan.
const MOST_SCENARIOS: usize = 1_000;

impl<'a> Compiler<'a> {
    /// Compiles all scenarios, in the order of the file.
    pub fn scenarios(&mut self) -> Vec<Arc<Scenario>> {
        let file = self.file;
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
            graceful_stop: self.scaled(&section.graceful_stop, GRACEFUL),
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

    fn executor(&mut self, section: &ScenarioSection) -> Option<Executor> {
        let help = "write `executor: ramping-vus`, say";
        let name = section.executor.required("executor", help, &section.place, &mut self.problems)?.value;
        self.foreign_keys(name, section);
        let executor = match name {
            ExecutorName::ConstantVus => {
                let vus = self.vus(section);
                Executor::ConstantVus { vus: vus?, duration: self.duration(section)? }
            }
            ExecutorName::RampingVus => self.ramping_vus(section)?,
            ExecutorName::PerVuIterations => {
                let (vus, iterations) = (self.vus(section), self.iterations(section));
                let max_duration = self.max_duration(section);
                Executor::PerVuIterations { vus: vus?, iterations: iterations?, max_duration: max_duration? }
            }
            ExecutorName::SharedIterations => self.shared_iterations(section)?,
            ExecutorName::ConstantArrivalRate => {
                let rate = section.rate.required(
                    "rate",
                    "write the iterations to begin per `timeUnit`",
                    &section.place,
                    &mut self.problems,
                );
                if let Some(rate) = rate.filter(|rate| rate.value <= 0.0) {
                    self.problems.add(&rate.place, "a rate of 0 or less begins nothing", "write a rate over 0");
                }
                let (duration, time_unit) = (self.duration(section), self.time_unit(section));
                let (pre_allocated_vus, max_vus) = self.allocated(section)?;
                let rate = self.scale.rate(rate?.value);
                Executor::ConstantArrivalRate {
                    rate,
                    time_unit: time_unit?,
                    duration: duration?,
                    pre_allocated_vus,
                    max_vus,
                }
            }
            ExecutorName::RampingArrivalRate => self.ramping_arrival_rate(section)?,
        };
        self.bounded(&executor, section);
        Some(executor)
    }

    /// Notes loads that are larger than anything could run.
    fn bounded(&mut self, executor: &Executor, section: &ScenarioSection) {
        let mut refuse = |problem: String, most: String| self.problems.add(&section.place, problem, most);
        if executor.max_vus() > MOST_VUS {
            let problem = format!("{} virtual users are too many", executor.max_vus());
            refuse(problem, format!("a scenario has at most {MOST_VUS}"));
        }
        let iterations = match executor {
            Executor::PerVuIterations { vus, iterations, .. } => vus.saturating_mul(*iterations),
            Executor::SharedIterations { iterations, .. } => *iterations,
            _ => 0,
        };
        if iterations > MOST_ITERATIONS {
            refuse(
                format!("{iterations} iterations are too many"),
                format!("a scenario has at most {MOST_ITERATIONS}"),
            );
        }
        let (rate, time_unit) = match executor {
            Executor::ConstantArrivalRate { rate, time_unit, .. } => (*rate, *time_unit),
            Executor::RampingArrivalRate { start_rate, stages, time_unit, .. } => {
                let highest = stages.iter().map(|stage| stage.target as f64).fold(*start_rate, f64::max);
                (highest, *time_unit)
            }
            _ => return,
        };
        if !time_unit.is_zero() && rate / time_unit.as_secs_f64() > MOST_RATE {
            refuse("this rate is too high".to_owned(), format!("at most {MOST_RATE} iterations begin a second"));
        }
    }

    /// Notes the keys of other executors.
    fn foreign_keys(&mut self, name: ExecutorName, section: &ScenarioSection) {
        let given = [
            ("vus", section.vus.key()),
            ("duration", section.duration.key()),
            ("startVUs", section.start_vus.key()),
            ("stages", section.stages.key()),
            ("gracefulRampDown", section.graceful_ramp_down.key()),
            ("iterations", section.iterations.key()),
            ("maxDuration", section.max_duration.key()),
            ("rate", section.rate.key()),
            ("startRate", section.start_rate.key()),
            ("timeUnit", section.time_unit.key()),
            ("preAllocatedVUs", section.pre_allocated_vus.key()),
            ("maxVUs", section.max_vus.key()),
        ];
        debug_assert_eq!(given.len() + 1, EXECUTOR_KEYS.len());
        let word = section.executor.get().map(|_| executor_word(name)).unwrap_or_default();
        for (key, place) in given {
            if let Some(place) = place.filter(|_| !name.keys().contains(&key)) {
                let problem = format!("{word} has no `{key}`");
                self.problems.add(place, problem, format!("it takes {}", list(name.keys().iter().copied())));
            }
        }
    }

    fn vus(&mut self, section: &ScenarioSection) -> Option<u64> {
        let vus = self.number(&section.vus, 1)?;
        if vus == 0 {
            self.problems.add(&place_of(&section.vus, section), "0 virtual users make no load", "write 1 or more");
        }
        Some(self.scale.count(vus))
    }

    fn iterations(&mut self, section: &ScenarioSection) -> Option<u64> {
        let iterations = self.number(&section.iterations, 1)?;
        if iterations == 0 {
            self.problems.add(&place_of(&section.iterations, section), "0 iterations make no load", "write 1 or more");
        }
        Some(iterations)
    }

    fn shared_iterations(&mut self, section: &ScenarioSection) -> Option<Executor> {
        let (vus, iterations) = (self.vus(section), self.iterations(section));
        let max_duration = self.max_duration(section)?;
        let (vus, iterations) = (vus?, iterations?);
        let written = self.number(&section.vus, 1)?;
        if iterations < written {
            let problem = format!("{iterations} iterations are too few for {written} virtual users");
            let place = place_of(&section.iterations, section);
            self.problems.add(&place, problem, "write at least as many iterations as VUs");
        }
        Some(Executor::SharedIterations { vus: vus.min(iterations.max(1)), iterations, max_duration })
    }

    fn ramping_vus(&mut self, section: &ScenarioSection) -> Option<Executor> {
        let start = self.number(&section.start_vus, 1);
        let stages = self.stages(section);
        let graceful_ramp_down = self.scaled(&section.graceful_ramp_down, GRACEFUL);
        let (start, stages) = (start?, stages?);
        if start == 0 && stages.iter().all(|stage| stage.target == 0) {
            let help = "give `startVUs` or a stage's `target` a number over 0";
            self.problems.add(&place_of(&section.stages, section), "0 virtual users make no load", help);
        }
        Some(Executor::RampingVus { start_vus: self.scale.count(start), stages, graceful_ramp_down })
    }

    fn ramping_arrival_rate(&mut self, section: &ScenarioSection) -> Option<Executor> {
        let start = match &section.start_rate {
            Field::Absent => Some(0.0),
            field => field.get().map(|rate| rate.value),
        };
        if let Some(rate) = section.start_rate.get().filter(|rate| rate.value < 0.0) {
            self.problems.add(&rate.place, "a rate can't be negative", "write 0 or more");
        }
        let (stages, time_unit) = (self.stages(section), self.time_unit(section));
        let (pre_allocated_vus, max_vus) = self.allocated(section)?;
        let (start, stages) = (start?, stages?);
        if start == 0.0 && stages.iter().all(|stage| stage.target == 0) {
            let help = "give `startRate` or a stage's `target` a number over 0";
            self.problems.add(&place_of(&section.stages, section), "a rate of 0 begins nothing", help);
        }
        let start_rate = self.scale.rate(start);
        Some(Executor::RampingArrivalRate { start_rate, time_unit: time_unit?, stages, pre_allocated_vus, max_vus })
    }

    fn stages(&mut self, section: &ScenarioSection) -> Option<Vec<Stage>> {
        let help = "write `stages: [{ duration: 1m, target: 20 }]`";
        let list = section.stages.required("stages", help, &section.place, &mut self.problems)?;
        let stages: Vec<Option<Stage>> = list.items.iter().map(|stage| self.stage(stage.as_ref())).collect();
        let broken = stages.iter().any(Option::is_none);
        let stages: Vec<Stage> = stages.into_iter().flatten().collect();
        if !broken && stages.iter().all(|stage| stage.duration.is_zero()) {
            self.problems.add(&list.place, "these stages take no time", help);
        }
        (!broken).then_some(stages)
    }

    fn stage(&mut self, stage: Option<&StageSection>) -> Option<Stage> {
        let stage = stage?;
        let duration =
            stage.duration.required("duration", "write how long the change takes", &stage.place, &mut self.problems);
        let target = stage.target.required(
            "target",
            "write the number at the end of the stage",
            &stage.place,
            &mut self.problems,
        );
        Some(Stage { duration: self.scale.time(duration?.value), target: self.scale.count(target?.value) })
    }

    /// preAllocatedVUs and maxVUs.
    fn allocated(&mut self, section: &ScenarioSection) -> Option<(u64, u64)> {
        let help = "write how many virtual users are made before the load: rate × seconds of an iteration";
        let before = section.pre_allocated_vus.required("preAllocatedVUs", help, &section.place, &mut self.problems);
        let most = self.number(&section.max_vus, before?.value);
        let (before, most) = (before?, most?);
        if before.value > most {
            let problem = format!("preAllocatedVUs ({}) is more than maxVUs ({most})", before.value);
            self.problems.add(&before.place, problem, "raise maxVUs, or leave it out");
        } else if most == 0 {
            self.problems.add(&before.place, "0 virtual users make no load", "write 1 or more");
        }
        let before = self.scale.count(before.value);
        Some((before, self.scale.count(most).max(before)))
    }

    fn time_unit(&mut self, section: &ScenarioSection) -> Option<Duration> {
        match &section.time_unit {
            Field::Absent => Some(Duration::from_secs(1)),
            field => {
                let unit = field.get()?;
                if unit.value.is_zero() {
                    self.problems.add(&unit.place, "a rate can't be per no time", "write 1s or 1m, say");
                }
                Some(unit.value)
            }
        }
    }

    fn duration(&mut self, section: &ScenarioSection) -> Option<Duration> {
        let help = "write how long the load lasts, such as `duration: 1m`";
        let duration = section.duration.required("duration", help, &section.place, &mut self.problems)?;
        if duration.value.is_zero() {
            self.problems.add(&duration.place, "a load of no duration begins nothing", "write 1m, say");
        }
        Some(self.scale.time(duration.value))
    }

    fn max_duration(&mut self, section: &ScenarioSection) -> Option<Duration> {
        if let Some(duration) = section.max_duration.get().filter(|duration| duration.value.is_zero()) {
            self.problems.add(&duration.place, "a load of no duration begins nothing", "write 10m, say");
        }
        match &section.max_duration {
            Field::Broken => None,
            field => Some(self.scale.time(field.get().map_or(MAX_DURATION, |duration| duration.value))),
        }
    }

    fn number(&self, field: &Field<Spanned<u64>>, default: u64) -> Option<u64> {
        match field {
            Field::Absent => Some(default),
            field => field.get().map(|number| number.value),
        }
    }

    /// A time of the load, scaled.
    pub fn scaled(&self, field: &Field<Spanned<Duration>>, default: Duration) -> Duration {
        self.scale.time(field.get().map_or(default, |time| time.value))
    }
}

/// The place of a field's key, or else of the scenario.
fn place_of<T>(field: &Field<T>, section: &ScenarioSection) -> Place {
    field.key().cloned().unwrap_or_else(|| section.place.clone())
}

fn executor_word(name: ExecutorName) -> &'static str {
    match name {
        ExecutorName::ConstantVus => "constant-vus",
        ExecutorName::RampingVus => "ramping-vus",
        ExecutorName::PerVuIterations => "per-vu-iterations",
        ExecutorName::SharedIterations => "shared-iterations",
        ExecutorName::ConstantArrivalRate => "constant-arrival-rate",
        ExecutorName::RampingArrivalRate => "ramping-arrival-rate",
    }
}
