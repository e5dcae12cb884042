//! The executors' semantics. Most tests run the real workers in virtual time: exact counts, no waiting.

mod closed;
mod ends;
mod paced;
mod pairs;
mod real;
mod schedule;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant as Clock, sleep};

use super::*;
use crate::load::user::{Context, VirtualUser};
use crate::measurement::layout::ScenarioLabel;
use crate::measurement::{Grid, IterationEnd, ScenarioTally};
use crate::plan::Executor;
use crate::plan::scenario::{Flow, Stage, Work};

/// Virtual users whose iterations sleep, and say what they did.
struct Sleepers {
    /// How long an iteration takes.
    takes: fn(&Context) -> Duration,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// An iteration that has begun.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    scenario: usize,
    vu: u64,
    iteration: u64,
    vu_iteration: u64,
    /// Since the start of the load.
    at: Duration,
    ended: bool,
}

struct Sleeper {
    takes: fn(&Context) -> Duration,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl VirtualUsers for Sleepers {
    type User = Sleeper;

    fn user(&self, _scenario: usize, _vu: u64) -> Sleeper {
        Sleeper { takes: self.takes, seen: self.seen.clone() }
    }
}

impl VirtualUser for Sleeper {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        let at = Clock::now().into_std().saturating_duration_since(context.epoch);
        let Context { scenario, vu, iteration, vu_iteration, .. } = *context;
        let place = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(Seen { scenario, vu, iteration, vu_iteration, at, ended: false });
            seen.len() - 1
        };
        sleep((self.takes)(context)).await;
        self.seen.lock().unwrap()[place].ended = true;
        IterationEnd::Complete
    }
}

fn scenario(executor: Executor) -> Scenario {
    let flow = Flow { env: Arc::default(), bindings: Arc::default(), headers: Arc::default(), steps: Arc::from([]) };
    Scenario {
        name: executor.name().into(),
        executor,
        start_time: Duration::ZERO,
        graceful_stop: seconds(30),
        work: Work::Steps(flow),
        submetrics: Vec::new(),
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const ORDER: PairOrder = PairOrder { mode: ArmMode::Parallel, seed: 1 };

fn settings(scenarios: Vec<Scenario>, workers: usize) -> Settings {
    let scenarios: Vec<Arc<Scenario>> = scenarios.into_iter().map(Arc::new).collect();
    let labels = scenarios.iter().map(|scenario| ScenarioLabel {
        name: scenario.name.clone(),
        arrival_rate: scenario.executor.is_arrival_rate(),
        planned: None,
    });
    let layout = Layout {
        requests: Vec::new(),
        scenarios: labels.collect(),
        checks: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        submetrics: Vec::new(),
        control: None,
        grid: Grid::new(Duration::ZERO, schedule(&scenarios)),
    };
    Settings { scenarios, layout: Arc::new(layout), workers, shard: Shard::WHOLE, pair: ORDER, start_at: None }
}

/// What a simulated run showed.
struct Simulated {
    collected: Collected,
    seen: Vec<Seen>,
}

impl Simulated {
    fn scenario(&self, index: usize) -> &ScenarioTally {
        &self.collected.arms[0].judged.scenarios[index]
    }

    /// Complete, interrupted and dropped iterations of the first scenario.
    fn counts(&self) -> [u64; 3] {
        let tally = self.scenario(0);
        [tally.iterations, tally.interrupted, tally.dropped]
    }

    /// When a VU's iterations began, in milliseconds.
    fn starts_of(&self, vu: u64) -> Vec<u128> {
        self.seen.iter().filter(|seen| seen.vu == vu).map(|seen| seen.at.as_millis()).collect()
    }
}

/// Runs all workers on this thread in virtual time; `stop_after` interrupts them.
fn simulate_until(settings: &Settings, takes: fn(&Context) -> Duration, stop_after: Option<Duration>) -> Simulated {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let users = Arc::new(Sleepers { takes, seen: seen.clone() });
    let collected = run_in_virtual_time(settings, vec![users], stop_after);
    let seen = seen.lock().unwrap().clone();
    Simulated { collected, seen }
}

/// The users of one arm, or of two.
fn run_in_virtual_time(settings: &Settings, arms: Vec<Arc<Sleepers>>, stop_after: Option<Duration>) -> Collected {
    let stop = Stop::new();
    let Wiring { posts, messages, recyclers, mut collector } = wire(settings, arms, &stop, false);
    let runtime = runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(LocalSet::new().run_until(async {
        let mut workers = JoinSet::new();
        let epoch = Clock::now();
        for post in posts {
            let (start, started) = oneshot::channel();
            start.send(epoch).unwrap();
            workers.spawn_local(worker::work_here(post, started));
        }
        if let Some(after) = stop_after {
            sleep(after).await;
            stop.interrupt();
        }
        while let Some(ended) = workers.join_next().await {
            ended.unwrap();
        }
    }));
    for message in messages {
        match message {
            Message::Ready | Message::Leaving(_) => {}
            Message::Report(report) => {
                collector.add(&report);
            }
            Message::Ended(_, outcome) => outcome.unwrap(),
        }
    }
    drop(recyclers);
    collector.finish()
}

fn simulate(executor: Executor, workers: usize, takes: fn(&Context) -> Duration) -> Simulated {
    simulate_until(&settings(vec![scenario(executor)], workers), takes, None)
}

fn ms<const MS: u64>(_: &Context) -> Duration {
    Duration::from_millis(MS)
}

fn constant_rate(per_second: f64, for_seconds: u64, pre_allocated_vus: u64, max_vus: u64) -> Executor {
    let (time_unit, duration) = (seconds(1), seconds(for_seconds));
    Executor::ConstantArrivalRate { rate: per_second, time_unit, duration, pre_allocated_vus, max_vus }
}

fn ramping_vus(start_vus: u64, stages: &[(u64, u64)], graceful_ramp_down: u64) -> Executor {
    let stages = stages.iter().map(|&(duration, target)| Stage { duration: seconds(duration), target }).collect();
    Executor::RampingVus { start_vus, stages, graceful_ramp_down: seconds(graceful_ramp_down) }
}
