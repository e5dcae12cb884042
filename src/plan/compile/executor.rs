//! Executors, by k6's rules: fields that are required, defaults, and loads that are impossible.

use std::time::Duration;

use super::Compiler;
use crate::plan::error::{Place, list};
use crate::plan::file::read::{Field, Spanned};
use crate::plan::file::scenario::{EXECUTOR_KEYS, ExecutorName, ScenarioSection, StageSection};
use crate::plan::scenario::{Executor, Stage};

/// k6's default of `gracefulRampDown`.
const GRACEFUL_RAMP_DOWN: Duration = Duration::from_secs(30);
/// k6's default of `maxDuration`.
const MAX_DURATION: Duration = Duration::from_secs(600);
/// Most virtual users of a scenario: more than any generator runs, few enough for every counter.
const MOST_VUS: u64 = 10_000_000;
/// Most iterations that may begin a second.
const MOST_RATE: f64 = 10_000_000.0;
/// Most iterations of a scenario.
const MOST_ITERATIONS: u64 = 1_000_000_000_000;

impl Compiler<'_> {
    /// Compiles the executor, scaled.
    pub fn executor(&mut self, section: &ScenarioSection) -> Option<Executor> {
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
        let word = section.executor.get().map(|_| name.word()).unwrap_or_default();
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
        let graceful_ramp_down = self.scaled(&section.graceful_ramp_down, GRACEFUL_RAMP_DOWN);
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
}

/// The place of a field's key, or else of the scenario.
fn place_of<T>(field: &Field<T>, section: &ScenarioSection) -> Place {
    field.key().cloned().unwrap_or_else(|| section.place.clone())
}
