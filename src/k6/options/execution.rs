//! Scenarios as the plan's, by k6's rules and defaults.

use std::sync::Arc;
use std::time::Duration;

use super::json::a_second_at_least;
use super::scenario::missing;
use super::{Given, Problems, ScenarioOptions};
use crate::plan::ExecutorName;
use crate::plan::scenario::{Exec, Executor, Scenario, Stage, Work};

/// The function that is called where a scenario names none.
const DEFAULT: &str = "default";

const GRACEFUL_STOP: Duration = Duration::from_secs(30);
const GRACEFUL_RAMP_DOWN: Duration = Duration::from_secs(30);
const MAX_DURATION: Duration = Duration::from_secs(600);
const TIME_UNIT: Duration = Duration::from_secs(1);

/// What a scenario is in the plan, if nothing is wrong with it.
pub(super) fn compiled(
    scenario: &ScenarioOptions,
    functions: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) -> Option<Scenario> {
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if scenario.name.is_empty() || !scenario.name.chars().all(valid) {
        let problem = format!("`{}` can't be the name of a scenario", scenario.name);
        problems.add(
            &scenario.place,
            problem,
            "a scenario's name is letters of the Latin alphabet, digits, `_` and `-`",
        );
    }
    let exec = exec(scenario, functions, problems);
    let executor = executor(scenario, problems)?;
    Some(Scenario {
        name: scenario.name.as_str().into(),
        executor,
        start_time: value(&scenario.start_time, Duration::ZERO),
        graceful_stop: value(&scenario.graceful_stop, GRACEFUL_STOP),
        work: Work::Script(exec),
        submetrics: Vec::new(),
    })
}

fn exec(scenario: &ScenarioOptions, functions: &dyn Fn(&str) -> bool, problems: &mut Problems) -> Exec {
    let function = scenario.exec.as_ref().map_or(DEFAULT, |exec| &exec.value);
    let place = scenario.exec.as_ref().map_or(&scenario.place, |exec| &exec.place);
    if function.is_empty() {
        problems.add(place, "it names no function", "write the name of an exported function, or leave `exec` out");
    } else if !functions(function) {
        let problem = format!("the script exports no function `{function}`, which scenario `{}` calls", scenario.name);
        let help = match function {
            DEFAULT => "write `export default function () { … }`, or name another function with `exec`".to_owned(),
            _ => format!("write `export function {function}() {{ … }}`"),
        };
        problems.add(place, problem, help);
    }
    let tags: Vec<(Arc<str>, Arc<str>)> =
        scenario.tags.iter().map(|(tag, value)| (tag.as_str().into(), value.as_str().into())).collect();
    Exec { function: function.into(), env: scenario.env.clone().into(), tags: tags.into() }
}

fn value<T: Copy>(given: &Option<Given<T>>, default: T) -> T {
    given.as_ref().map_or(default, |given| given.value)
}

/// The executor by k6's defaults; none where something is wrong.
fn executor(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Executor> {
    match scenario.executor {
        ExecutorName::ConstantVus => {
            let vus = at_least_one("virtual users", &scenario.vus, problems);
            let duration = duration(scenario, problems);
            Some(Executor::ConstantVus { vus: vus?, duration: duration? })
        }
        ExecutorName::RampingVus => ramping_vus(scenario, problems),
        ExecutorName::PerVuIterations => {
            let vus = at_least_one("virtual users", &scenario.vus, problems);
            let iterations = at_least_one("iterations", &scenario.iterations, problems);
            let max_duration = max_duration(scenario, problems);
            Some(Executor::PerVuIterations { vus: vus?, iterations: iterations?, max_duration: max_duration? })
        }
        ExecutorName::SharedIterations => shared_iterations(scenario, problems),
        ExecutorName::ConstantArrivalRate => {
            let help = "write the iterations to begin per `timeUnit`";
            let rate = required(scenario, "rate", &scenario.rate, help, problems).cloned();
            let rate = rate.and_then(|rate| at_least_one("iterations per `timeUnit`", &Some(rate), problems));
            let time_unit = time_unit(scenario, problems);
            let duration = duration(scenario, problems);
            let (pre_allocated_vus, max_vus) = allocated(scenario, problems)?;
            let (rate, time_unit, duration) = (rate? as f64, time_unit?, duration?);
            Some(Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus })
        }
        ExecutorName::RampingArrivalRate => {
            let time_unit = time_unit(scenario, problems);
            let stages = stages(scenario, problems);
            let (pre_allocated_vus, max_vus) = allocated(scenario, problems)?;
            let (time_unit, stages) = (time_unit?, stages?);
            let start_rate = value(&scenario.start_rate, 0);
            if start_rate == 0 && stages.iter().all(|stage| stage.target == 0) {
                let help = "give `startRate` or a stage's `target` a number over 0";
                problems.add(&scenario.place, "a rate of 0 begins nothing", help);
            }
            let start_rate = start_rate as f64;
            Some(Executor::RampingArrivalRate { start_rate, time_unit, stages, pre_allocated_vus, max_vus })
        }
    }
}

fn required<'s, T>(
    scenario: &ScenarioOptions,
    field: &str,
    given: &'s Option<Given<T>>,
    help: &str,
    problems: &mut Problems,
) -> Option<&'s Given<T>> {
    if given.is_none() {
        problems.add(&missing(scenario, field), "it is missing", help);
    }
    given.as_ref()
}

/// A number, 1 by default, which must not be 0.
fn at_least_one(what: &str, number: &Option<Given<u64>>, problems: &mut Problems) -> Option<u64> {
    match number {
        None => Some(1),
        Some(number) if number.value == 0 => {
            problems.add(&number.place, format!("0 {what} make no load"), "write 1 or more");
            None
        }
        Some(number) => Some(number.value),
    }
}

fn shared_iterations(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Executor> {
    let vus = at_least_one("virtual users", &scenario.vus, problems);
    let iterations = value(&scenario.iterations, 1);
    let max_duration = max_duration(scenario, problems);
    let vus = vus?;
    if iterations < vus {
        let given = scenario.iterations.as_ref().or(scenario.vus.as_ref());
        let place = given.map_or_else(|| scenario.place.clone(), |given| given.place.clone());
        let problem = format!("{iterations} iterations are too few for {vus} virtual users");
        problems.add(&place, problem, format!("write at least {vus} iterations, or fewer virtual users"));
        return None;
    }
    Some(Executor::SharedIterations { vus, iterations, max_duration: max_duration? })
}

fn ramping_vus(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Executor> {
    let start_vus = value(&scenario.start_vus, 1);
    let stages = stages(scenario, problems)?;
    if start_vus == 0 && stages.iter().all(|stage| stage.target == 0) {
        let help = "give `startVUs` or a stage's `target` a number over 0";
        problems.add(&scenario.place, "0 virtual users make no load", help);
    }
    let graceful_ramp_down = value(&scenario.graceful_ramp_down, GRACEFUL_RAMP_DOWN);
    Some(Executor::RampingVus { start_vus, stages, graceful_ramp_down })
}

fn stages(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Vec<Stage>> {
    let help = "write [{ duration: '1m', target: 20 }], say";
    let given = required(scenario, "stages", &scenario.stages, help, problems)?;
    let before = problems.errors.len();
    let mut stages = Vec::new();
    for stage in &given.value {
        if stage.duration.is_none() {
            problems.add(&stage.place, "this stage has no `duration`", help);
        }
        if stage.target.is_none() {
            problems.add(&stage.place, "this stage has no `target`", help);
        }
        if let (Some(duration), Some(target)) = (stage.duration, stage.target) {
            stages.push(Stage { duration, target });
        }
    }
    if given.value.is_empty() {
        problems.add(&given.place, "there are no stages", help);
    } else if problems.errors.len() == before && stages.iter().all(|stage| stage.duration.is_zero()) {
        problems.add(&given.place, "these stages take no time", help);
    }
    (problems.errors.len() == before).then_some(stages)
}

fn duration(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Duration> {
    let help = "write how long the load lasts, such as '1m'";
    let given = required(scenario, "duration", &scenario.duration, help, problems)?;
    long_enough("a duration", given, problems)
}

fn max_duration(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Duration> {
    match &scenario.max_duration {
        None => Some(MAX_DURATION),
        Some(given) => long_enough("a duration", given, problems),
    }
}

fn long_enough(what: &str, given: &Given<Duration>, problems: &mut Problems) -> Option<Duration> {
    match a_second_at_least(what, given.value, &given.place) {
        None => Some(given.value),
        Some(error) => {
            problems.errors.push(error);
            None
        }
    }
}

fn time_unit(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<Duration> {
    match &scenario.time_unit {
        Some(unit) if unit.value.is_zero() => {
            problems.add(&unit.place, "a rate can't be per no time", "write '1s' or '1m', say");
            None
        }
        unit => Some(value(unit, TIME_UNIT)),
    }
}

/// preAllocatedVUs and maxVUs.
fn allocated(scenario: &ScenarioOptions, problems: &mut Problems) -> Option<(u64, u64)> {
    let help = "write how many virtual users are made before the load: rate × seconds of an iteration";
    let before = required(scenario, "preAllocatedVUs", &scenario.pre_allocated_vus, help, problems)?.value;
    let most = value(&scenario.max_vus, before);
    let place = scenario.max_vus.as_ref().or(scenario.pre_allocated_vus.as_ref());
    let place = place.map_or(&scenario.place, |given| &given.place);
    if most < before {
        problems.add(
            place,
            format!("maxVUs ({most}) is less than preAllocatedVUs ({before})"),
            "raise it, or leave it out",
        );
        return None;
    }
    if most == 0 {
        problems.add(place, "0 virtual users make no load", "write 1 or more");
        return None;
    }
    Some((before, most))
}
