//! k6's shortcuts: `vus`, `duration`, `iterations` and `stages` as one scenario.

use super::{Given, Options, Problems, ScenarioOptions, StageOptions};
use crate::plan::ExecutorName;

/// The scenario that shortcuts make.
const DEFAULT: &str = "default";

/// The scenarios that the options say, their shortcuts included: an iteration of one VU where they say nothing.
pub(super) fn scenarios(options: &Options, problems: &mut Problems) -> Vec<ScenarioOptions> {
    let shortcut = |executor| ScenarioOptions::new(DEFAULT, "options", executor);
    let stages = place(&options.stages, |stages| !stages.is_empty());
    let scenarios = there(&options.scenarios);
    if let Some(iterations) = &options.iterations {
        refuse_both(iterations, &[&stages, &scenarios], problems);
        let mut scenario = shortcut(ExecutorName::SharedIterations);
        scenario.vus = options.vus.clone();
        scenario.iterations = Some(iterations.clone());
        scenario.max_duration = options.duration.clone();
        return vec![scenario];
    }
    if let Some(duration) = &options.duration {
        refuse_both(duration, &[&stages, &scenarios], problems);
        let mut scenario = shortcut(ExecutorName::ConstantVus);
        scenario.vus = options.vus.clone();
        scenario.duration = Some(duration.clone());
        return vec![scenario];
    }
    if let Some(stages) = options.stages.as_ref().filter(|stages| !stages.value.is_empty()) {
        refuse_both(stages, &[&scenarios], problems);
        return vec![ramping(options, stages, problems)];
    }
    match (&options.vus, &options.stages, &options.scenarios) {
        (Some(vus), None, scenarios) => {
            if let Some(scenarios) = scenarios {
                problems.warn(format!(
                    "{}: virtual users without a duration, iterations or stages run one iteration each, so that `{}` is not \
                     used",
                    vus.place, scenarios.place
                ));
            }
            let mut scenario = shortcut(ExecutorName::SharedIterations);
            scenario.vus = Some(vus.clone());
            scenario.iterations = Some(vus.clone());
            vec![scenario]
        }
        (_, _, Some(scenarios)) if !scenarios.value.is_empty() => scenarios.value.clone(),
        (_, stages, scenarios) => {
            let empty = [there(stages), there(scenarios)];
            for place in empty.into_iter().flatten() {
                problems.warn(format!("{place}: it is empty, so that one virtual user runs one iteration"));
            }
            vec![shortcut(ExecutorName::PerVuIterations)]
        }
    }
}

fn place<T>(given: &Option<Given<T>>, counts: impl Fn(&T) -> bool) -> Option<String> {
    given.as_ref().filter(|given| counts(&given.value)).map(|given| given.place.clone())
}

fn there<T>(given: &Option<Given<T>>) -> Option<String> {
    place(given, |_| true)
}

/// Two options that each say how much is run.
fn refuse_both<T>(one: &Given<T>, others: &[&Option<String>], problems: &mut Problems) {
    for other in others.iter().copied().flatten() {
        let problem = format!("`{}` and `{other}` both say how much is run", one.place);
        problems.add(&one.place, problem, "leave one of them out");
    }
}

/// `stages`; those without a duration are passed over, as k6 does.
fn ramping(options: &Options, stages: &Given<Vec<StageOptions>>, problems: &mut Problems) -> ScenarioOptions {
    let mut scenario = ScenarioOptions::new(DEFAULT, "options", ExecutorName::RampingVus);
    scenario.start_vus = options.vus.clone();
    let (timed, untimed): (Vec<_>, Vec<_>) = stages.value.iter().cloned().partition(|stage| stage.duration.is_some());
    for stage in untimed {
        problems.warn(format!("{}: a stage without a duration is passed over", stage.place));
    }
    scenario.stages = Some(Given { value: timed, place: stages.place.clone() });
    scenario
}
