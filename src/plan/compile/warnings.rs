//! What can't work although nothing is wrong: said before a run, and by `validate`.

use std::time::Duration;

use super::scale::Scale;
use crate::plan::file::units::written;
use crate::plan::scenario::{Executor, Scenario};
use crate::plan::step::Step;

/// The warnings of one scenario. Their times are those that the plan writes, whatever they are scaled to.
pub fn of_scenario(scenario: &Scenario, scale: Scale) -> Vec<String> {
    let steps = scenario.work.steps();
    let mut warnings = Vec::new();
    warnings.extend(impossible_count(scenario, least_think(steps), scale));
    warnings.extend(short_ramp_down(scenario, steps, scale));
    warnings
}

/// A number of iterations that think time alone makes impossible.
fn impossible_count(scenario: &Scenario, think: Duration, scale: Scale) -> Option<String> {
    let (vus, each, total, max_duration) = match &scenario.executor {
        Executor::PerVuIterations { vus, iterations, max_duration } => {
            (*vus, *iterations, vus.saturating_mul(*iterations), *max_duration)
        }
        Executor::SharedIterations { vus, iterations, max_duration } => {
            (*vus, iterations.div_ceil((*vus).max(1)), *iterations, *max_duration)
        }
        _ => return None,
    };
    if think.is_zero() {
        return None;
    }
    // The last iteration may begin just before the end, so a fraction counts as a whole one.
    let possible = u64::try_from(max_duration.as_nanos().div_ceil(think.as_nanos())).unwrap_or(u64::MAX);
    if possible >= each {
        return None;
    }
    let begun = vus.saturating_mul(possible).min(total);
    let dropped = 100.0 * (total - begun) as f64 / total as f64;
    let dropped = if dropped < 1.0 { format!("{dropped:.1}") } else { format!("{dropped:.0}") };
    let needed = Duration::try_from_secs_f64(think.as_secs_f64() * each as f64).unwrap_or(Duration::MAX);
    let written = |time| written(scale.as_written(time));
    Some(format!(
        "scenario `{}`: {} within {} can't all begin: an iteration thinks for at least {}, so a VU begins at most \
         {possible} of its {each}, and {dropped} % are dropped. Write fewer iterations, or `maxDuration: {}`",
        scenario.name,
        match &scenario.executor {
            Executor::PerVuIterations { .. } => format!("{vus} VUs × {each} iterations"),
            _ => format!("{total} iterations shared by {vus} VUs"),
        },
        written(max_duration),
        written(think),
        written(needed),
    ))
}

/// A VU that is taken away in the middle of a poll is cut off before the poll asks again.
fn short_ramp_down(scenario: &Scenario, steps: &[Step], scale: Scale) -> Option<String> {
    let Executor::RampingVus { graceful_ramp_down, .. } = &scenario.executor else { return None };
    let (name, every) = longest_poll(steps)?;
    let written = |time| written(scale.as_written(time));
    (graceful_ramp_down < &every).then(|| {
        format!(
            "scenario `{}`: `gracefulRampDown` of {} is shorter than the {} between two polls of `{name}`, so VUs that \
             are taken away are cut off there. Write at least `gracefulRampDown: {}`",
            scenario.name,
            written(*graceful_ramp_down),
            written(every),
            written(every),
        )
    })
}

fn longest_poll(steps: &[Step]) -> Option<(String, Duration)> {
    let inner = steps.iter().filter_map(|step| match step {
        Step::Poll(poll) => Some((poll.request.name.to_string(), poll.every)),
        Step::Group { steps, .. } => longest_poll(steps),
        Step::Repeat(repeat) => longest_poll(&repeat.steps),
        Step::Retry(retry) => longest_poll(&retry.steps),
        Step::If { then, otherwise, .. } => {
            longest_poll(then).into_iter().chain(longest_poll(otherwise)).max_by_key(|(_, every)| *every)
        }
        Step::Choose { branches } => {
            branches.iter().filter_map(|(_, steps)| longest_poll(steps)).max_by_key(|(_, every)| *every)
        }
        _ => None,
    });
    inner.max_by_key(|(_, every)| *every)
}

/// The least time that an iteration which runs to its end spends in `think`.
fn least_think(steps: &[Step]) -> Duration {
    let mut least = Duration::ZERO;
    for step in steps {
        least = least.saturating_add(match step {
            Step::Think { min, .. } => *min,
            Step::Group { steps, .. } => least_think(steps),
            Step::Retry(retry) => least_think(&retry.steps),
            Step::Repeat(repeat) => {
                let passes = match (repeat.count, &repeat.while_, &repeat.until) {
                    (_, Some(_), _) => 0,
                    (Some(count), None, None) => count.div_ceil(repeat.parallel.max(1) as u64),
                    _ => 1,
                };
                least_think(&repeat.steps).saturating_mul(u32::try_from(passes).unwrap_or(u32::MAX))
            }
            Step::If { then, otherwise, .. } => least_think(then).min(least_think(otherwise)),
            Step::Choose { branches } => {
                branches.iter().map(|(_, steps)| least_think(steps)).min().unwrap_or(Duration::ZERO)
            }
            // Whatever follows, the iteration may end here.
            Step::Stop { .. } | Step::Fail { .. } => return least,
            _ => Duration::ZERO,
        });
    }
    least
}
