//! `scenarios`: an executor with its fields, and the function that an iteration calls.

use std::time::Duration;

use super::json::{At, join, shown};
use super::{Given, Problems};
use crate::plan::ExecutorName;
use crate::plan::error::{did_you_mean, list};

/// One entry of `scenarios`, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioOptions {
    pub name: String,
    pub place: String,
    pub executor: ExecutorName,
    pub vus: Option<Given<u64>>,
    pub duration: Option<Given<Duration>>,
    pub start_vus: Option<Given<u64>>,
    pub stages: Option<Given<Vec<StageOptions>>>,
    pub graceful_ramp_down: Option<Given<Duration>>,
    pub iterations: Option<Given<u64>>,
    pub max_duration: Option<Given<Duration>>,
    pub rate: Option<Given<u64>>,
    pub start_rate: Option<Given<u64>>,
    pub time_unit: Option<Given<Duration>>,
    pub pre_allocated_vus: Option<Given<u64>>,
    pub max_vus: Option<Given<u64>>,
    pub start_time: Option<Given<Duration>>,
    pub graceful_stop: Option<Given<Duration>>,
    pub exec: Option<Given<String>>,
    pub env: Vec<(String, String)>,
    pub tags: Vec<(String, String)>,
}

/// A stage, of `stages` or of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageOptions {
    pub place: String,
    pub duration: Option<Duration>,
    pub target: Option<u64>,
}

/// Fields of every executor.
const BASE: [&str; 7] = ["executor", "startTime", "gracefulStop", "env", "exec", "tags", "options"];

impl ScenarioOptions {
    /// A scenario of which nothing is said but its executor.
    pub fn new(name: &str, place: &str, executor: ExecutorName) -> Self {
        ScenarioOptions {
            name: name.to_owned(),
            place: place.to_owned(),
            executor,
            vus: None,
            duration: None,
            start_vus: None,
            stages: None,
            graceful_ramp_down: None,
            iterations: None,
            max_duration: None,
            rate: None,
            start_rate: None,
            time_unit: None,
            pre_allocated_vus: None,
            max_vus: None,
            start_time: None,
            graceful_stop: None,
            exec: None,
            env: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn set(&mut self, field: &str, at: &At<'_>, problems: &mut Problems) {
        let number = |problems: &mut Problems| given(at, At::number, problems);
        let duration = |problems: &mut Problems| given(at, At::duration, problems);
        match field {
            "vus" => self.vus = number(problems),
            "duration" => self.duration = duration(problems),
            "startVUs" => self.start_vus = number(problems),
            "stages" => self.stages = given(at, |at, problems| stages(at, true, problems), problems),
            "gracefulRampDown" => self.graceful_ramp_down = duration(problems),
            "iterations" => self.iterations = number(problems),
            "maxDuration" => self.max_duration = duration(problems),
            "rate" => self.rate = rate(at, problems),
            "startRate" => self.start_rate = rate(at, problems),
            "timeUnit" => self.time_unit = duration(problems),
            "preAllocatedVUs" => self.pre_allocated_vus = number(problems),
            "maxVUs" => self.max_vus = number(problems),
            "startTime" => self.start_time = duration(problems),
            "gracefulStop" => self.graceful_stop = duration(problems),
            "exec" => self.exec = given(at, At::text, problems),
            "env" => self.env = at.pairs(problems).unwrap_or_default(),
            "tags" => self.tags = at.pairs(problems).unwrap_or_default(),
            "options" => browser_options(at, problems),
            // The executor, which is known already.
            _ => {}
        }
    }
}

/// A value with its place.
pub(super) fn given<'a, T>(
    at: &At<'a>,
    read: impl FnOnce(&At<'a>, &mut Problems) -> Option<T>,
    problems: &mut Problems,
) -> Option<Given<T>> {
    Some(Given { value: read(at, problems)?, place: at.place.clone() })
}

/// Rates are whole numbers in k6: fewer than one a second are one in a longer `timeUnit`.
fn rate(at: &At<'_>, problems: &mut Problems) -> Option<Given<u64>> {
    match at.value.as_f64() {
        Some(rate) if rate > 0.0 && rate.fract() != 0.0 => {
            let help = "write a whole number of iterations, and a longer `timeUnit`: '1m', say";
            problems.add(&at.place, format!("{} is no whole number", shown(at.value)), help);
            None
        }
        _ => given(at, At::number, problems),
    }
}

fn browser_options(at: &At<'_>, problems: &mut Problems) {
    for (name, option) in at.fields(problems).unwrap_or_default() {
        match name {
            "browser" => {
                let help = "leave this scenario out here, and run it with k6";
                problems.add(&option.place, "browsers are not driven here", help);
            }
            _ => problems.add(&option.place, "a scenario has no such option", "leave it out"),
        }
    }
}

/// Reads `scenarios`. An unknown field is an error, as in k6.
pub(super) fn scenarios(at: &At<'_>, problems: &mut Problems) -> Option<Vec<ScenarioOptions>> {
    let scenarios = at.all_fields(problems)?;
    Some(scenarios.into_iter().filter_map(|(name, at)| scenario(name, &at, problems)).collect())
}

fn scenario(name: &str, at: &At<'_>, problems: &mut Problems) -> Option<ScenarioOptions> {
    let fields = if at.value.is_null() { Vec::new() } else { at.fields(problems)? };
    let executor = executor(at, &fields, problems)?;
    let mut scenario = ScenarioOptions::new(name, &at.place, executor);
    let known: Vec<&str> = BASE.iter().chain(executor.keys()).copied().collect();
    for (field, at) in fields {
        match spelt(field, known.iter().copied()) {
            Some(field) => scenario.set(field, &at, problems),
            None => {
                let others = ExecutorName::ALL.into_iter().flat_map(|other| other.keys().iter().copied());
                let (problem, help) = match spelt(field, others) {
                    Some(_) => (
                        format!("{} has no `{field}`", executor.word()),
                        format!("it takes {}", list(executor.keys().iter().copied())),
                    ),
                    None => ("a scenario has no such field".to_owned(), did_you_mean(field, known.iter().copied())),
                };
                problems.add(&at.place, problem, help);
            }
        }
    }
    Some(scenario)
}

fn executor(at: &At<'_>, fields: &[(&str, At<'_>)], problems: &mut Problems) -> Option<ExecutorName> {
    let words = || ExecutorName::ALL.map(ExecutorName::word);
    let Some((_, executor)) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("executor")) else {
        problems.add(&at.place, "`executor` is missing", format!("write one of {}", list(words())));
        return None;
    };
    let word = executor.text(problems)?;
    if word == "externally-controlled" {
        let help = "write the load as `ramping-vus` with its stages";
        problems.add(&executor.place, "`externally-controlled` is not supported: a load that is changed by hand while it runs is no test of a gate", help);
        return None;
    }
    let known = ExecutorName::ALL.into_iter().find(|known| known.word() == word);
    if known.is_none() {
        let problem = format!("there is no executor {}", shown(executor.value));
        problems.add(&executor.place, problem, did_you_mean(&word, words()));
    }
    known
}

/// The known name that a key is: k6 does not look at upper and lower case.
pub(super) fn spelt<'k>(key: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> Option<&'k str> {
    let exact = known.clone().into_iter().find(|name| *name == key);
    exact.or_else(|| known.into_iter().find(|name| name.eq_ignore_ascii_case(key)))
}

/// Reads `stages`. An unknown field is an error in a scenario, and a warning elsewhere.
pub(super) fn stages(at: &At<'_>, strict: bool, problems: &mut Problems) -> Option<Vec<StageOptions>> {
    let stages = at.list(problems)?;
    Some(stages.iter().filter_map(|at| stage(at, strict, problems)).collect())
}

fn stage(at: &At<'_>, strict: bool, problems: &mut Problems) -> Option<StageOptions> {
    const KNOWN: [&str; 2] = ["duration", "target"];
    let mut stage = StageOptions { place: at.place.clone(), duration: None, target: None };
    for (field, at) in at.fields(problems)? {
        match spelt(field, KNOWN) {
            Some("duration") => stage.duration = at.duration(problems),
            Some(_) => stage.target = at.number(problems),
            None if strict => problems.add(&at.place, "a stage has no such field", did_you_mean(field, KNOWN)),
            None => problems.warn(format!("{}: a stage has no such field; {}", at.place, did_you_mean(field, KNOWN))),
        }
    }
    Some(stage)
}

/// Reads a stage of the command line or the environment: `1m30s:20`.
pub(super) fn short_stage(text: &str, place: &str, problems: &mut Problems) -> StageOptions {
    let (duration, target) = text.split_once(':').unwrap_or((text, ""));
    let mut stage = StageOptions { place: place.to_owned(), duration: None, target: None };
    if !duration.is_empty() {
        stage.duration = crate::plan::capped_duration(duration);
        if stage.duration.is_none() {
            problems.add(place, format!("`{duration}` is no duration"), "write a stage such as 1m30s:20");
        }
    }
    if !target.is_empty() {
        match super::json::whole_number(target) {
            Ok(target) => stage.target = Some(target),
            Err(_) => problems.add(place, format!("`{target}` is no whole number"), "write a stage such as 1m30s:20"),
        }
    }
    stage
}

/// The place of a field of the scenario that is not there.
pub(super) fn missing(scenario: &ScenarioOptions, field: &str) -> String {
    join(&scenario.place, field)
}
