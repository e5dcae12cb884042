//! From the plan to what a run of it counts.

use std::time::Duration;

use super::pacer::Arrivals;
use crate::measurement::layout::{CustomLabel, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::measurement::{Grid, Layout};
use crate::metric::{Kind, Metric, Selector};
use crate::plan::policy::JudgedPhase;
use crate::plan::{Plan, Scenario};

/// The names of everything that a run of the plan counts, and its grid of blocks.
pub fn layout(plan: &Plan) -> Layout {
    let grid = grid(plan);
    Layout {
        requests: plan
            .requests
            .iter()
            .map(|request| RequestLabel {
                name: request.name.clone(),
                optional: request.optional,
                in_scenario: request.in_scenario,
                gated: request.gated,
            })
            .collect(),
        scenarios: plan.scenarios.iter().map(|scenario| scenario_label(scenario, grid)).collect(),
        checks: plan.checks.clone(),
        groups: plan.groups.clone(),
        custom: plan
            .metrics
            .iter()
            .map(|metric| CustomLabel { name: metric.name.clone(), kind: metric.kind, unit: metric.unit })
            .collect(),
        submetrics: plan.submetrics.iter().map(|selector| submetric_label(plan, selector)).collect(),
        grid,
    }
}

/// The judged phase. The whole schedule ends when no iteration may begin any more: one that goes on in its gracefulStop
/// began before and still counts.
fn grid(plan: &Plan) -> Grid {
    match plan.policy.judge {
        JudgedPhase::All => {
            let ends = plan.scenarios.iter().map(|scenario| scenario.start_time + scenario.executor.duration());
            Grid::new(Duration::ZERO, ends.max().unwrap_or_default())
        }
        JudgedPhase::Between { from, to } => Grid::new(from, to),
    }
}

/// What rates are divided by: the whole run, or as much of the judged phase as the run saw.
pub fn judged_for(judge: JudgedPhase, elapsed: Duration) -> Duration {
    match judge {
        JudgedPhase::All => elapsed,
        JudgedPhase::Between { from, to } => to.min(elapsed).saturating_sub(from),
    }
}

fn scenario_label(scenario: &Scenario, grid: Grid) -> ScenarioLabel {
    ScenarioLabel {
        name: scenario.name.clone(),
        arrival_rate: scenario.executor.is_arrival_rate(),
        planned: Arrivals::of(&scenario.executor).map(|arrivals| planned(&arrivals, scenario.start_time, grid)),
    }
}

/// Arrivals due in the judged phase, over all shards. One is judged where it is due, so this is what a healthy generator
/// starts.
fn planned(arrivals: &Arrivals, start_time: Duration, grid: Grid) -> u64 {
    let before = |time: Duration| match time.checked_sub(start_time) {
        Some(time) => arrivals.due_before(time),
        None => 0,
    };
    before(grid.to) - before(grid.from.min(grid.to))
}

fn submetric_label(plan: &Plan, selector: &Selector) -> SubmetricLabel {
    let kind = match &selector.metric {
        Metric::Builtin(builtin) => builtin.kind(),
        Metric::Custom(name) => {
            let declared = plan.metrics.iter().find(|metric| metric.name == *name);
            declared.map_or(Kind::Trend, |metric| metric.kind)
        }
    };
    SubmetricLabel { selector: selector.to_string(), metric: selector.metric.clone(), kind }
}
