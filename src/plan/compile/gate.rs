//! How the run is judged: thresholds and the `gate` section.

use std::sync::Arc;
use std::time::Duration;

use super::Compiler;
use super::names::refuse;
use super::target::entries;
use crate::metric::{Builtin, Kind, Metric, Selector};
use crate::plan::error::{Place, did_you_mean, list, nearest};
use crate::plan::file::gate::{
    BaselineSection, GateSection, GuardsSection, JudgeForm, PhaseSection, ThresholdForm, ThresholdsForm,
};
use crate::plan::file::read::{List, Map, Spanned, Text};
use crate::plan::file::units::{Share, written};
use crate::plan::policy::{BaselinePolicy, FEWEST_RUNS, GuardLimits, JudgedPhase, Policy, Regression};
use crate::plan::scenario::Scenario;
use crate::plan::threshold::{Condition, Threshold};

/// The limits that a plan sets, and the default of the others.
fn guards(section: &GuardsSection, default: GuardLimits) -> GuardLimits {
    let share = |field: Option<&Spanned<Share>>, default: f64| field.map_or(default, |share| share.value.0);
    GuardLimits {
        refused: share(section.refused.get(), default.refused),
        dropped: share(section.dropped.get(), default.dropped),
        cpu: share(section.cpu.get(), default.cpu),
        loop_lag: section.loop_lag.get().map_or(default.loop_lag, |lag| lag.value),
    }
}

impl<'a> Compiler<'a> {
    /// Compiles the thresholds and gives out the indices of their submetrics; whether any sample can belong to these is
    /// known only when all steps have been compiled.
    pub fn thresholds(&mut self) -> Vec<Threshold> {
        let file = self.file;
        entries(&file.thresholds).flat_map(|(key, form)| self.thresholds_on(key, form)).collect()
    }

    /// Compiles the thresholds on one metric, or on a part of it.
    pub fn thresholds_on(&mut self, key: &Text, form: &ThresholdsForm) -> Vec<Threshold> {
        let mut thresholds = Vec::new();
        let Some(selector) = self.selector(key) else { return thresholds };
        let submetric = (!selector.tags.is_empty()).then(|| self.series.submetrics.id(&selector, &key.place));
        let mut add = |compiler: &mut Self, text: &Text, abort_on_fail: bool, delay_abort_eval: Duration| {
            let selector = selector.clone();
            if let Some(condition) = compiler.condition(text, &selector.metric) {
                thresholds.push(Threshold { selector, submetric, condition, abort_on_fail, delay_abort_eval });
            }
        };
        match form {
            ThresholdsForm::One(text) => add(self, text, false, Duration::ZERO),
            ThresholdsForm::Many(list) => {
                for form in list.iter() {
                    match form {
                        ThresholdForm::Condition(text) => add(self, text, false, Duration::ZERO),
                        ThresholdForm::Section(section) => {
                            let help = "write a condition such as `threshold: \"p(95)<300\"`";
                            let text =
                                section.threshold.required("threshold", help, &section.place, &mut self.problems);
                            let abort = section.abort_on_fail.get().is_some_and(|abort| abort.value);
                            let delay = self.scaled(&section.delay_abort_eval, Duration::ZERO);
                            if let (Some(key), false) = (section.delay_abort_eval.key(), abort) {
                                let help = "write `abortOnFail: true`, or leave it out";
                                self.problems.add(key, "`delayAbortEval` delays nothing here", help);
                            }
                            if let Some(text) = text {
                                add(self, text, abort, delay);
                            }
                        }
                    }
                }
            }
        }
        thresholds
    }

    fn selector(&mut self, key: &Text) -> Option<Selector> {
        let selector = match Selector::parse(&key.value) {
            Ok(selector) => selector,
            Err(error) => {
                refuse(key, &error.message, Some(error.offset), &mut self.problems);
                return None;
            }
        };
        if self.kind(&selector.metric).is_none() {
            if self.finds_its_series() && self.script.is_none() {
                // The script could not be read: what it measures is not known.
                return None;
            }
            let name = selector.metric.name();
            let own = self.file.metrics.get().into_iter().flat_map(Map::names);
            let of_script = self.script.iter().flat_map(|script| script.metrics.iter().map(|metric| &*metric.name));
            let known: Vec<&str> =
                Builtin::ALL.iter().map(|builtin| builtin.name()).chain(own).chain(of_script).collect();
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.script.is_some() => format!("the script makes no such metric; known are {}", list(known)),
                None => format!("declare it: `metrics: {{ {name}: rate }}`; known are {}", list(known)),
            };
            self.problems.add(&key.place, format!("there is no metric `{name}`"), help);
            return None;
        }
        Some(selector)
    }

    /// What a metric accumulates; none where there is no such metric.
    pub fn kind(&self, metric: &Metric) -> Option<Kind> {
        match metric {
            Metric::Builtin(builtin) => Some(builtin.kind()),
            Metric::Custom(name) => {
                let declared = self.metrics.iter().find(|declared| declared.name == *name);
                // A declaration that could not be read is no reason to say that there is none.
                declared.map(|declared| declared.kind)
            }
        }
    }

    fn condition(&mut self, text: &Text, metric: &Metric) -> Option<Condition> {
        let condition = match Condition::parse(&text.value) {
            Ok(condition) => condition,
            Err(error) => {
                refuse(text, &error.message, Some(error.offset), &mut self.problems);
                return None;
            }
        };
        let kind = self.kind(metric)?;
        if !condition.statistic.applies_to(kind) {
            let problem = format!("{metric} is a {} and has no {}", kind.name(), condition.statistic);
            self.problems.add(&text.place, problem, format!("it has {}", statistics(kind)));
        }
        Some(condition)
    }

    /// Compiles the `gate` section.
    pub fn policy<'s>(&mut self, scenarios: impl Iterator<Item = &'s Scenario>) -> Policy {
        let default = Policy::default();
        let file = self.file;
        let target = file.target.get();
        let allow_production = target.and_then(|target| target.allow_production.get()).is_some_and(|allow| allow.value);
        let Some(gate) = file.gate.get() else { return Policy { allow_production, ..default } };
        let end = scenarios.map(|scenario| scenario.start_time.saturating_add(scenario.executor.duration())).max();
        Policy {
            judge: self.judge(gate, end),
            warmup: match gate.warmup.get() {
                Some(warmup) => Some(self.scaled(&warmup.max, Duration::ZERO)),
                None => default.warmup,
            },
            regression: self.regression(gate),
            baseline: self.baseline(gate.baseline.get(), default.baseline),
            inconclusive: gate.inconclusive.get().map_or(default.inconclusive, |word| word.value),
            guards: gate.guards.get().map_or(default.guards, |section| guards(section, default.guards)),
            allow_production,
        }
    }

    fn judge(&mut self, gate: &GateSection, end: Option<Duration>) -> JudgedPhase {
        let Some(JudgeForm::Phase(phase)) = gate.judge.get() else { return JudgedPhase::All };
        self.phase(phase, end).unwrap_or(JudgedPhase::All)
    }

    fn phase(&mut self, phase: &PhaseSection, end: Option<Duration>) -> Option<JudgedPhase> {
        let help = "write a time from the start of the load, such as 3m";
        let from = phase.from.required("from", help, &phase.place, &mut self.problems);
        let to = phase.to.required("to", help, &phase.place, &mut self.problems);
        let (from, to) = (from?, to?);
        if from.value >= to.value {
            self.problems.add(&to.place, "the judged phase ends before it begins", "write a `to` after `from`");
            return None;
        }
        let (mut scaled_from, mut scaled_to) = (self.scale.time(from.value), self.scale.time(to.value));
        // Scaling rounds to nanoseconds, which must not push the phase past the end of the schedule.
        if let Some(end) = end {
            if scaled_to > end + Duration::from_micros(10) {
                let end = written(self.scale.as_written(end));
                let problem = format!("the schedule ends after {end}, before the judged phase does");
                self.problems.add(&to.place, problem, format!("write at most `to: {end}`"));
            }
            scaled_to = scaled_to.min(end);
            scaled_from = scaled_from.min(scaled_to);
        }
        Some(JudgedPhase::Between { from: scaled_from, to: scaled_to })
    }

    fn regression(&mut self, gate: &GateSection) -> Regression {
        let default = Regression::default();
        let Some(section) = gate.regression.get() else { return default };
        let metrics = match section.metrics.get() {
            Some(list) => {
                self.not_empty(
                    &list.items,
                    &list.place,
                    "no figure is compared",
                    "leave `metrics` out for the default",
                );
                let mut metrics: Vec<_> = list.iter().map(|metric| metric.value).collect();
                metrics.sort();
                metrics.dedup();
                metrics
            }
            None => default.metrics,
        };
        Regression {
            tolerance: section.tolerance.get().map_or(default.tolerance, |share| share.value.0),
            floor: section.floor.get().map_or(default.floor, |floor| floor.value),
            failure_tolerance: section.failure_tolerance.get().map_or(default.failure_tolerance, |share| share.value.0),
            metrics,
        }
    }

    fn baseline(&mut self, section: Option<&BaselineSection>, default: BaselinePolicy) -> BaselinePolicy {
        let Some(section) = section else { return default };
        let min = section.min.get().map_or(default.min as u64, |min| min.value);
        let window = section.window.get().map_or((default.window as u64).max(min), |window| window.value);
        if let Some(least) = section.min.get().filter(|min| min.value < FEWEST_RUNS as u64) {
            let help = format!("write at least {FEWEST_RUNS}: the noise between runs can't be known from fewer");
            self.problems.add(&least.place, format!("{} runs are too few to compare with", least.value), help);
        }
        if min > window {
            let place = section.min.key().or(section.window.key()).unwrap_or(&section.place).clone();
            let problem = format!("a window of {window} runs never holds the {min} that a comparison needs");
            self.problems.add(&place, problem, "raise `window` or lower `min`");
        }
        let required = section.required.get().is_some_and(|required| required.value);
        BaselinePolicy { window: window as usize, min: min as usize, required }
    }

    /// The requests that the plan wants compared; none where it names none.
    pub fn compared(&self) -> Option<Vec<Arc<str>>> {
        Some(self.named_requests()?.iter().map(|name| name.value.as_str().into()).collect())
    }

    fn named_requests(&self) -> Option<&'a List<Text>> {
        let file = self.file;
        file.gate.get()?.regression.get()?.requests.get()
    }

    /// Marks the requests that are compared with history.
    pub fn gated(&mut self) {
        let Some(named) = self.named_requests() else {
            self.series.gate_all();
            return;
        };
        self.not_empty(&named.items, &named.place, "no request is compared", "leave `requests` out to compare all");
        for name in named.iter() {
            if self.series.gate(&name.value) || self.lossy || self.finds_its_series() {
                continue;
            }
            let known = self.series.scenario_requests();
            let help = did_you_mean(&name.value, known.iter().map(AsRef::as_ref).collect::<Vec<_>>());
            self.problems.add(&name.place, format!("no scenario has a request `{}`", name.value), help);
        }
    }

    fn not_empty<T>(&mut self, items: &[T], place: &Place, problem: &str, help: &str) {
        if items.is_empty() {
            self.problems.add(place, problem, help);
        }
    }
}

/// The statistics of a kind of metric, in words.
fn statistics(kind: Kind) -> String {
    let names: Vec<String> = kind.statistics().iter().map(ToString::to_string).collect();
    list(names.iter().map(String::as_str))
}
