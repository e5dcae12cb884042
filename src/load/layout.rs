//! From the plan to what a run of it counts.

use std::sync::Arc;
use std::time::Duration;

use super::pacer::Arrivals;
use crate::measurement::layout::{ControlRows, CustomLabel, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::measurement::{Grid, Layout};
use crate::metric::{Kind, Metric, Selector};
use crate::plan::policy::JudgedPhase;
use crate::plan::{Plan, Scenario};

/// The names of everything that a run of the plan counts, and its grid of blocks.
pub fn layout(plan: &Plan) -> Layout {
    let grid = grid(plan.policy.judge, &plan.scenarios);
    Layout {
        requests: plan
            .requests
            .iter()
            .map(|request| RequestLabel {
                name: request.name.clone(),
                optional: request.optional,
                in_scenario: request.in_scenario,
                gated: request.gated || plan.base.as_ref().is_some_and(|base| base.gates(&request.name)),
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
        control: plan
            .control
            .as_ref()
            .map(|control| ControlRows { request: control.request.0.into(), scenario: control.scenario }),
        grid,
    }
}

/// The judged phase. The whole schedule ends when no iteration may begin any more: one that goes on in its gracefulStop
/// began before and still counts.
fn grid(judge: JudgedPhase, scenarios: &[Arc<Scenario>]) -> Grid {
    match judge {
        JudgedPhase::All => {
            let ends = scenarios.iter().map(|scenario| scenario.start_time + scenario.executor.duration());
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
            // The plan has refused a threshold on a metric that it does not declare.
            let declared = plan.metrics.iter().find(|metric| metric.name == *name);
            declared.map_or(Kind::Trend, |metric| metric.kind)
        }
    };
    SubmetricLabel { selector: selector.to_string(), metric: selector.metric.clone(), kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{Builtin, Unit};
    use crate::plan::policy::Policy;
    use crate::plan::scenario::{Flow, Work};
    use crate::plan::{ContractTerms, CustomMetric, Executor, RequestSeries, Target};

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn scenario(name: &str, start_time: u64, executor: Executor) -> Arc<Scenario> {
        let flow =
            Flow { env: Arc::default(), bindings: Arc::default(), headers: Arc::default(), steps: Arc::from([]) };
        Arc::new(Scenario {
            name: name.into(),
            executor,
            start_time: seconds(start_time),
            graceful_stop: seconds(30),
            work: Work::Steps(flow),
            submetrics: Vec::new(),
        })
    }

    fn plan(judge: JudgedPhase) -> Plan {
        let (rate, time_unit, duration) = (10.0, seconds(1), seconds(60));
        let (pre_allocated_vus, max_vus) = (1, 10);
        let paced = Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus };
        Plan {
            name: "concerts".into(),
            profile: None,
            target: Target::default(),
            reference: None,
            data: Vec::new(),
            env: Vec::new(),
            secrets: Vec::new(),
            metrics: vec![CustomMetric { name: "data_integrity".into(), kind: Kind::Rate, unit: Unit::Plain }],
            requests: vec![RequestSeries {
                name: "reserve".into(),
                optional: false,
                in_scenario: true,
                gated: true,
                definition: String::new(),
            }],
            checks: vec!["seat reserved".into()],
            groups: vec!["checkout".into()],
            setup: None,
            teardown: None,
            scenarios: vec![
                scenario("browse", 0, Executor::ConstantVus { vus: 5, duration: seconds(40) }),
                scenario("reserve", 30, paced),
            ],
            thresholds: Vec::new(),
            submetrics: vec![
                Selector { metric: Builtin::Checks.into(), tags: vec![("scenario".into(), "browse".into())] },
                Selector { metric: Metric::named("data_integrity"), tags: vec![("name".into(), "reserve".into())] },
            ],
            policy: Policy { judge, ..Policy::default() },
            script: None,
            compared: None,
            base: None,
            control: None,
            contract: ContractTerms { load: String::new(), plan: String::new() },
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_run_counts_what_the_plan_names() {
        let layout = layout(&plan(JudgedPhase::All));
        let request = RequestLabel { name: "reserve".into(), optional: false, in_scenario: true, gated: true };
        assert_eq!(layout.requests, [request]);
        let labels = |name: &str, arrival_rate, planned| ScenarioLabel { name: name.into(), arrival_rate, planned };
        assert_eq!(layout.scenarios, [labels("browse", false, None), labels("reserve", true, Some(600))]);
        let submetrics: Vec<(&str, Kind)> =
            layout.submetrics.iter().map(|label| (label.selector.as_str(), label.kind)).collect();
        assert_eq!(submetrics, [("checks{scenario:browse}", Kind::Rate), ("data_integrity{name:reserve}", Kind::Rate)]);
        assert_eq!(layout.checks, ["seat reserved".into()]);
        assert_eq!(layout.groups, ["checkout".into()]);
        assert_eq!(layout.custom[0].kind, Kind::Rate);
    }

    #[test]
    fn the_whole_schedule_ends_with_its_last_scenario() {
        let grid = layout(&plan(JudgedPhase::All)).grid;
        assert_eq!(grid, Grid::new(Duration::ZERO, seconds(90)));
        assert_eq!(judged_for(JudgedPhase::All, seconds(95)), seconds(95));
    }

    #[test]
    fn arrivals_are_planned_where_they_are_due() {
        // The rate begins at 30 s: 10/s until 50 s.
        let judge = JudgedPhase::Between { from: seconds(20), to: seconds(50) };
        assert_eq!(layout(&plan(judge)).scenarios[1].planned, Some(200));
        let judge = JudgedPhase::Between { from: seconds(35), to: seconds(36) };
        assert_eq!(layout(&plan(judge)).scenarios[1].planned, Some(10));
        assert_eq!(judged_for(judge, seconds(90)), seconds(1));
        assert_eq!(judged_for(judge, Duration::from_millis(35_500)), Duration::from_millis(500), "it ended early");
        assert_eq!(judged_for(judge, seconds(10)), Duration::ZERO, "it never came so far");
    }
}
