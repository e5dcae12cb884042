//! What a plan can need of the machine that runs it, at most.

use std::time::Duration;

use crate::plan::{Executor, Plan, Scenario, Step, Work};

use super::pacer::Shard;

/// The largest figures over the run, of one shard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needs {
    /// VUs that are there from the first moment of their scenario, or that it ramps up to.
    pub vus: u64,
    /// With those that an arrival rate may make on demand.
    pub most_vus: u64,
    /// Connections that they can hold at once: each VU its own, and one more for every request at once and allowed host.
    pub connections: u64,
    /// Connections that an arrival rate opens and closes again in a second; 0 where connections are kept.
    pub new_connections_a_second: f64,
}

/// A scenario's part.
struct Part {
    from: Duration,
    to: Duration,
    vus: u64,
    most_vus: u64,
    connections: u64,
}

impl Needs {
    pub fn of(plan: &Plan, shard: Shard) -> Self {
        let hosts = 1 + plan.target.allowed_hosts.len() as u64;
        let parts: Vec<Part> = plan.scenarios.iter().map(|scenario| part(scenario, shard, hosts)).collect();
        // The largest sum begins with one of the scenarios.
        let most = |figure: fn(&Part) -> u64| {
            let at = |time| parts.iter().filter(move |part| part.from <= time && time < part.to).map(figure);
            parts.iter().map(|part| at(part.from).fold(0, u64::saturating_add)).max().unwrap_or_default()
        };
        let brackets = [&plan.setup, &plan.teardown].into_iter().flatten().map(|bracket| width(&bracket.steps) * hosts);
        let connections = brackets.fold(most(|part| part.connections), u64::max);
        let rates = plan.scenarios.iter().map(|scenario| churn(plan, scenario) / shard.count as f64);
        Needs {
            vus: most(|part| part.vus),
            most_vus: most(|part| part.most_vus),
            connections,
            new_connections_a_second: rates.sum(),
        }
    }
}

impl Needs {
    /// Of so many deployments at once.
    pub fn times(self, arms: u64) -> Self {
        Needs {
            vus: self.vus.saturating_mul(arms),
            most_vus: self.most_vus.saturating_mul(arms),
            connections: self.connections.saturating_mul(arms),
            new_connections_a_second: self.new_connections_a_second * arms as f64,
        }
    }
}

fn part(scenario: &Scenario, shard: Shard, hosts: u64) -> Part {
    let executor = &scenario.executor;
    let share = |vus: u64| shard.stripe(executor.max_vus()).map_or(0, |stripe| stripe.count_below(vus));
    let vus = match executor {
        Executor::ConstantArrivalRate { pre_allocated_vus, max_vus, .. }
        | Executor::RampingArrivalRate { pre_allocated_vus, max_vus, .. } => *pre_allocated_vus.min(max_vus),
        _ => executor.max_vus(),
    };
    let most_vus = share(executor.max_vus());
    Part {
        from: scenario.start_time,
        to: scenario.start_time.saturating_add(executor.duration()).saturating_add(scenario.graceful_stop),
        vus: share(vus),
        most_vus,
        connections: most_vus.saturating_mul(width_of(&scenario.work)).saturating_mul(hosts),
    }
}

/// The most connections to one host that an iteration holds. What a script does is not known before it runs: it is taken for
/// one request after another, as most scripts are; `http.batch` needs more.
fn width_of(work: &Work) -> u64 {
    match work {
        Work::Steps(flow) => width(&flow.steps),
        Work::Script(_) => 1,
    }
}

/// Requests of one iteration; one of a script, of which nothing is known.
fn requests_of(work: &Work) -> u64 {
    match work {
        Work::Steps(flow) => requests(&flow.steps),
        Work::Script(_) => 1,
    }
}

/// The most connections to one host that an iteration of these steps holds.
fn width(steps: &[Step]) -> u64 {
    let most = |lists: &mut dyn Iterator<Item = &[Step]>| lists.map(width).max().unwrap_or_default();
    let of_step = |step: &Step| match step {
        Step::Request(_) | Step::Poll(_) => 1,
        Step::All { requests } => requests.len() as u64,
        Step::Group { steps, .. } => width(steps),
        Step::Retry(retry) => width(&retry.steps),
        Step::Repeat(repeat) => {
            let lanes = repeat.count.unwrap_or(u64::MAX).min(repeat.parallel as u64).max(1);
            width(&repeat.steps).saturating_mul(lanes)
        }
        Step::If { then, otherwise, .. } => most(&mut [&**then, &**otherwise].into_iter()),
        Step::Choose { branches } => most(&mut branches.iter().map(|(_, steps)| &**steps)),
        Step::Think { .. } | Step::Let { .. } | Step::Record { .. } | Step::Stop { .. } | Step::Fail { .. } => 0,
    };
    steps.iter().map(of_step).max().unwrap_or_default()
}

/// Connections that a scenario opens in its fastest second because it keeps none. Only a rate says how many: how fast
/// looping VUs go is the target's doing. A loop counts as one pass.
fn churn(plan: &Plan, scenario: &Scenario) -> f64 {
    let iterations = match &scenario.executor {
        Executor::ConstantArrivalRate { rate, time_unit, .. } => rate / time_unit.as_secs_f64(),
        Executor::RampingArrivalRate { start_rate, time_unit, stages, .. } => {
            stages.iter().map(|stage| stage.target as f64).fold(*start_rate, f64::max) / time_unit.as_secs_f64()
        }
        _ => return 0.0,
    };
    let each = match (plan.target.no_connection_reuse, plan.target.no_vu_connection_reuse) {
        (true, _) => requests_of(&scenario.work),
        (false, true) => width_of(&scenario.work),
        (false, false) => 0,
    };
    iterations * each as f64
}

/// Requests of these steps, each loop run once and each choice taken by its longest branch.
fn requests(steps: &[Step]) -> u64 {
    let of_step = |step: &Step| match step {
        Step::Request(_) | Step::Poll(_) => 1,
        Step::All { requests } => requests.len() as u64,
        Step::Group { steps, .. } => requests(steps),
        Step::Retry(retry) => requests(&retry.steps),
        Step::Repeat(repeat) => requests(&repeat.steps),
        Step::If { then, otherwise, .. } => requests(then).max(requests(otherwise)),
        Step::Choose { branches } => branches.iter().map(|(_, steps)| requests(steps)).max().unwrap_or_default(),
        Step::Think { .. } | Step::Let { .. } | Step::Record { .. } | Step::Stop { .. } | Step::Fail { .. } => 0,
    };
    steps.iter().map(of_step).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ReadOptions, Source, read};

    fn needs(plan: &str, shard: Shard) -> Needs {
        let source = Source { text: format!("version: 1\nname: test\n{plan}"), path: "test.yaml".into() };
        let plan = read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
        Needs::of(&plan, shard)
    }

    #[test]
    fn scenarios_add_up_while_they_run_at_once() {
        let plan = "
scenarios:
  first: { executor: constant-vus, vus: 10, duration: 10s, gracefulStop: 5s, steps: [{ get: / }] }
  later: { executor: ramping-vus, startTime: 14s, stages: [{ duration: 10s, target: 30 }], steps: [{ get: / }] }
  last: { executor: constant-vus, vus: 20, startTime: 15s, duration: 10s, steps: [{ think: 1s }, { get: / }] }
";
        let whole = needs(plan, Shard::WHOLE);
        let expected = Needs { vus: 50, most_vus: 50, connections: 50, new_connections_a_second: 0.0 };
        assert_eq!(whole, expected, "the first has ended when the last begins");
        assert_eq!(needs(plan, Shard { index: 0, count: 4 }).vus, 13);
    }

    #[test]
    fn requests_at_once_and_allowed_hosts_need_connections_of_their_own() {
        let plan = "
target: { allowedHosts: [cdn.example.com] }
setup: { steps: [{ repeat: { count: 500, parallel: 40 }, steps: [{ get: /token }] }] }
scenarios:
  main:
    executor: constant-vus
    vus: 5
    duration: 1s
    steps:
      - get: /
      - if: iteration > 0
        then: [{ all: [{ get: /a }, { get: /b }, { get: /c }] }]
";
        assert_eq!(needs(plan, Shard::WHOLE).connections, 80, "the setup's 40 to each of two hosts");
        let without = plan.replace("parallel: 40", "parallel: 2");
        assert_eq!(needs(&without, Shard::WHOLE).connections, 5 * 3 * 2);
    }

    #[test]
    fn a_rate_without_reuse_opens_connections_all_the_time() {
        let plan = "
target: { OPTION: true }
scenarios:
  main:
    executor: ramping-arrival-rate
    startRate: 60
    timeUnit: 1m
    stages: [{ duration: 10s, target: 6000 }, { duration: 10s, target: 0 }]
    preAllocatedVUs: 7
    maxVUs: 9
    steps: [{ get: /a }, { group: g, steps: [{ get: /b }, { get: /c }] }]
";
        let with = |option: &str| needs(&plan.replace("OPTION", option), Shard::WHOLE);
        assert_eq!(with("noConnectionReuse").new_connections_a_second, 300.0);
        assert_eq!(with("noVUConnectionReuse").new_connections_a_second, 100.0);
        let kept = with("insecureSkipTLSVerify");
        assert_eq!((kept.new_connections_a_second, kept.vus, kept.most_vus), (0.0, 7, 9));
    }
}
