//! The executors' semantics. Most tests run the real workers in virtual time: exact counts, no waiting.

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
        grid: Grid::new(Duration::ZERO, schedule(&scenarios)),
    };
    Settings { scenarios, layout: Arc::new(layout), workers, shard: Shard::WHOLE }
}

/// What a simulated run showed.
struct Simulated {
    collected: Collected,
    seen: Vec<Seen>,
}

impl Simulated {
    fn scenario(&self, index: usize) -> &ScenarioTally {
        &self.collected.tallies.judged.scenarios[index]
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
    let stop = Stop::new();
    let Wiring { posts, messages, recyclers } = wire(settings, users, &stop, false);
    let mut collector = Collector::new(settings.layout.clone(), posts.len(), schedule(&settings.scenarios));
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
            Message::Ready => {}
            Message::Report(report) => {
                collector.add(&report);
            }
            Message::Ended(outcome) => outcome.unwrap(),
        }
    }
    drop(recyclers);
    let seen = seen.lock().unwrap().clone();
    Simulated { collected: collector.finish(), seen }
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

#[test]
fn constant_vus_begin_no_iteration_after_the_duration_but_end_the_last_one() {
    // Of 1.5 s each: they begin at 0, 1.5, … 9 s, and the last ends at 10.5 s.
    let run = simulate(Executor::ConstantVus { vus: 3, duration: seconds(10) }, 2, ms::<1_500>);
    assert_eq!(run.counts(), [21, 0, 0]);
    assert_eq!(run.starts_of(2), [0, 1_500, 3_000, 4_500, 6_000, 7_500, 9_000]);
    assert!((run.collected.elapsed.as_secs_f64() - 10.5).abs() < 0.01);
}

#[test]
fn the_hard_stop_interrupts_and_an_interrupted_iteration_is_not_complete() {
    let mut constant = scenario(Executor::ConstantVus { vus: 3, duration: seconds(10) });
    constant.graceful_stop = Duration::ZERO;
    let run = simulate_until(&settings(vec![constant], 2), ms::<1_500>, None);
    assert_eq!(run.counts(), [18, 3, 0]);
    assert_eq!(run.scenario(0).duration.count(), 18);
    assert_eq!(run.seen.iter().filter(|seen| !seen.ended).count(), 3);
}

/// A seed document's test: 100 VUs with 1,000 iterations each of 1 s sleep and some 10 ms of request in at most 10 minutes.
/// Its summary shows 59,400 iterations and 40,600 dropped ones.
#[test]
fn per_vu_iterations_drop_what_max_duration_leaves_no_time_for() {
    let executor = Executor::PerVuIterations { vus: 100, iterations: 1_000, max_duration: seconds(600) };
    let run = simulate(executor, 2, ms::<1_011>);
    assert_eq!(run.counts(), [59_400, 0, 40_600]);
    let numbers: BTreeSet<u64> = run.seen.iter().map(|seen| seen.iteration).collect();
    assert_eq!(numbers, (0..59_400).collect(), "numbers are unique and have no gap");
}

#[test]
fn per_vu_iterations_end_when_all_are_done() {
    let executor = Executor::PerVuIterations { vus: 3, iterations: 4, max_duration: seconds(600) };
    let run = simulate(executor, 2, ms::<1_000>);
    assert_eq!(run.counts(), [12, 0, 0]);
    assert!(run.collected.elapsed < seconds(5));
    assert!((1..=3).all(|vu| run.starts_of(vu).len() == 4));
}

#[test]
fn shared_iterations_come_from_one_pool_whatever_the_workers() {
    for workers in 1..=3 {
        let executor = Executor::SharedIterations { vus: 4, iterations: 101, max_duration: seconds(600) };
        // One VU is ten times as slow: the others take its part.
        let run =
            simulate(executor, workers, |context| Duration::from_millis(if context.vu == 1 { 1_000 } else { 100 }));
        assert_eq!(run.counts(), [101, 0, 0], "{workers} workers");
        assert!(run.starts_of(1).len() < 6 && run.starts_of(2).len() > 30, "{workers} workers");
    }
}

#[test]
fn shared_iterations_that_never_began_are_dropped_once() {
    let executor = Executor::SharedIterations { vus: 4, iterations: 100, max_duration: seconds(10) };
    let run = simulate(executor, 2, ms::<1_500>);
    assert_eq!(run.counts(), [28, 0, 72]);
}

#[test]
fn ramping_vus_come_and_go_with_the_schedule() {
    let run = simulate(ramping_vus(0, &[(4, 4), (4, 0)], 30), 2, ms::<100>);
    assert_eq!(run.starts_of(1)[0], 1_000);
    assert_eq!(run.starts_of(4)[0], 4_000);
    assert!(run.starts_of(4).iter().all(|&at| at < 5_000));
    assert!(run.starts_of(1).iter().all(|&at| at < 8_000));
    // 1 + 2 + 3 + 4 VUs up and 3 + 2 + 1 down, a second each.
    let [complete, interrupted, dropped] = run.counts();
    assert!((158..=160).contains(&complete), "{complete}");
    assert_eq!([interrupted, dropped], [0, 0]);
}

#[test]
fn a_ramped_down_vu_is_stopped_after_its_grace() {
    // At 5 s the second VU is let go in the middle of an iteration of 4 s, with 2 s of grace.
    let run = simulate(ramping_vus(2, &[(5, 2), (0, 1), (15, 1)], 2), 1, ms::<4_000>);
    assert_eq!(run.starts_of(2), [0, 4_000]);
    assert_eq!(run.counts(), [5 + 1, 1, 0]);
    let run = simulate(ramping_vus(2, &[(5, 2), (0, 1), (15, 1)], 3), 1, ms::<4_000>);
    assert_eq!(run.counts(), [5 + 2, 0, 0], "with 3 s it ends");
}

#[test]
fn a_vu_that_is_asked_back_within_its_grace_goes_on() {
    // Let go at 5 s, asked back at 8 s: the iteration of 4 to 14 s is cut off by neither.
    let executor = ramping_vus(1, &[(5, 1), (0, 0), (3, 0), (0, 1), (10, 1)], 4);
    let run = simulate(executor, 1, |context| seconds(if context.vu_iteration == 0 { 4 } else { 10 }));
    assert_eq!(run.starts_of(1), [0, 4_000, 14_000]);
    assert_eq!(run.counts(), [3, 0, 0]);
}

#[test]
fn a_vu_that_is_asked_back_after_its_grace_begins_anew() {
    let executor = ramping_vus(1, &[(5, 1), (0, 0), (3, 0), (0, 1), (10, 1)], 2);
    let run = simulate(executor, 1, |context| seconds(if context.vu_iteration == 0 { 4 } else { 10 }));
    assert_eq!(run.starts_of(1), [0, 4_000, 8_000]);
    assert_eq!(run.counts(), [2, 1, 0]);
}

#[test]
fn a_constant_rate_begins_iterations_whatever_they_take() {
    let run = simulate(constant_rate(10.0, 10, 20, 20), 2, ms::<1_450>);
    assert_eq!(run.counts(), [100, 0, 0]);
    let mut numbers: Vec<(u64, u128)> = run.seen.iter().map(|seen| (seen.iteration, seen.at.as_millis())).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..100).map(|n| (n, u128::from(n) * 100)).collect::<Vec<_>>());
    assert!(run.scenario(0).schedule_lag.max().unwrap() <= 1.0);
    assert_eq!(run.scenario(0).schedule_lag.count(), 100);
}

#[test]
fn an_arrival_without_a_free_vu_is_dropped_for_good() {
    // Two VUs that take 450 ms each can start two of every five arrivals.
    for workers in [1, 2] {
        let run = simulate(constant_rate(10.0, 10, 2, 2), workers, ms::<450>);
        assert_eq!(run.counts(), [40, 0, 60], "{workers} workers");
    }
}

#[test]
fn a_vu_that_ends_in_the_instant_of_an_arrival_takes_it() {
    let run = simulate(constant_rate(10.0, 10, 1, 1), 1, ms::<100>);
    assert_eq!(run.counts(), [100, 0, 0]);
}

#[test]
fn arrivals_grow_the_vus_on_demand_up_to_the_maximum() {
    let run = simulate(constant_rate(10.0, 10, 1, 8), 2, ms::<450>);
    assert_eq!(run.counts(), [100, 0, 0]);
    assert_eq!(run.collected.tallies.judged.vus_max.max, Some(5.0), "no more than are needed");
    let vus: BTreeSet<u64> = run.seen.iter().map(|seen| seen.vu).collect();
    assert_eq!(vus, (1..=5).collect());
}

#[test]
fn an_arrival_goes_to_another_workers_free_vu_before_it_is_dropped() {
    // The second worker has one VU of three and half of the arrivals: one every 200 ms, while an iteration takes 250 ms.
    let run = simulate(constant_rate(10.0, 10, 3, 3), 2, ms::<250>);
    assert_eq!(run.counts(), [100, 0, 0]);
    assert_eq!(run.collected.generator.workers, 2);
}

#[test]
fn a_ramping_rate_begins_as_many_iterations_as_its_integral() {
    let stages = [(10, 10), (0, 20), (5, 20), (10, 0)];
    let stages = stages.iter().map(|&(duration, target)| Stage { duration: seconds(duration), target }).collect();
    let executor = Executor::RampingArrivalRate {
        start_rate: 0.0,
        time_unit: seconds(1),
        stages,
        pre_allocated_vus: 30,
        max_vus: 30,
    };
    let run = simulate(executor, 2, ms::<950>);
    assert_eq!(run.counts(), [50 + 100 + 100, 0, 0]);
}

#[test]
fn scenarios_run_side_by_side_from_their_start_time_on() {
    let mut later = scenario(Executor::ConstantVus { vus: 2, duration: seconds(5) });
    later.start_time = seconds(3);
    let first = scenario(constant_rate(2.0, 5, 2, 3));
    let run = simulate_until(&settings(vec![first, later], 2), ms::<1_000>, None);
    assert_eq!([run.scenario(0).iterations, run.scenario(1).iterations], [10, 10]);
    let of = |scenario: usize| run.seen.iter().filter(move |seen| seen.scenario == scenario);
    assert_eq!(of(1).map(|seen| seen.at).min(), Some(seconds(3)));
    // Numbers are unique in the run: the first scenario may use 1 to 3.
    assert!(of(0).all(|seen| (1..=3).contains(&seen.vu)));
    assert_eq!(of(1).map(|seen| seen.vu).collect::<BTreeSet<_>>(), BTreeSet::from([4, 5]));
}

#[test]
fn shards_run_the_whole_load_between_them() {
    let executors = [
        constant_rate(10.0, 10, 10, 10),
        Executor::SharedIterations { vus: 3, iterations: 100, max_duration: seconds(60) },
        Executor::PerVuIterations { vus: 1, iterations: 7, max_duration: seconds(60) },
    ];
    for executor in executors {
        let runs: Vec<Simulated> = (0..3)
            .map(|index| {
                let mut settings = settings(vec![scenario(executor.clone())], 2);
                settings.shard = Shard { index, count: 3 };
                simulate_until(&settings, ms::<150>, None)
            })
            .collect();
        let total: u64 = runs.iter().map(|run| run.counts()[0]).sum();
        let numbers: BTreeSet<u64> = runs.iter().flat_map(|run| run.seen.iter().map(|seen| seen.iteration)).collect();
        assert_eq!(numbers.len() as u64, total, "{}", executor.name());
        assert_eq!(numbers, (0..total).collect(), "{}", executor.name());
        let vus: BTreeSet<u64> = runs.iter().flat_map(|run| run.seen.iter().map(|seen| seen.vu)).collect();
        assert!(vus.len() as u64 <= executor.max_vus());
    }
}

#[test]
fn a_stop_cuts_all_iterations_off_and_counts_them() {
    let paced = scenario(constant_rate(1.0, 60, 5, 5));
    let closed = scenario(Executor::PerVuIterations { vus: 3, iterations: 100, max_duration: seconds(60) });
    let run = simulate_until(&settings(vec![paced, closed], 2), ms::<1_500>, Some(Duration::from_millis(4_200)));
    // Begun at 0 to 4 s; those of 3 and 4 s still run.
    let tally = run.scenario(0);
    assert_eq!([tally.iterations, tally.interrupted, tally.dropped], [3, 2, 0]);
    let tally = run.scenario(1);
    assert_eq!([tally.iterations, tally.interrupted, tally.dropped], [6, 3, 0], "what never began is not dropped");
    assert!((run.collected.elapsed.as_secs_f64() - 4.2).abs() < 0.01);
}

#[test]
fn samples_belong_to_the_judged_phase_by_their_iterations_start() {
    let mut settings = settings(vec![scenario(constant_rate(1.0, 10, 5, 5))], 1);
    let mut layout = Layout::clone(&settings.layout);
    layout.grid = Grid::new(seconds(3), seconds(7));
    settings.layout = Arc::new(layout);
    let run = simulate_until(&settings, ms::<2_500>, None);
    assert_eq!(run.scenario(0).iterations, 4);
    assert_eq!(run.collected.tallies.unjudged.scenarios[0].iterations, 6);
}

fn run_for_real(settings: Settings, users: impl VirtualUsers, stop: Stop) -> Result<Finished, EngineError> {
    run(settings, Arc::new(users), stop, |_| {}, |_, _| None)
}

fn sleepers(takes: fn(&Context) -> Duration) -> Sleepers {
    Sleepers { takes, seen: Arc::default() }
}

#[test]
fn a_thousand_arrivals_a_second_for_real() {
    let finished =
        run_for_real(settings(vec![scenario(constant_rate(1_000.0, 1, 50, 200))], 2), sleepers(ms::<5>), Stop::new());
    let Finished { tallies, elapsed, generator, ending, .. } = finished.unwrap();
    let tally = &tallies.judged.scenarios[0];
    assert_eq!([tally.iterations, tally.interrupted, tally.dropped], [1_000, 0, 0]);
    assert_eq!(ending, Ending::Completed);
    assert!(elapsed >= Duration::from_millis(999) && elapsed < seconds(10), "{elapsed:?}");
    assert!(generator.loop_lag.count() >= 50, "{}", generator.loop_lag.count());
    assert!(tallies.judged.vus_max.max >= Some(50.0));
    let lag = |q| tally.schedule_lag.quantile(q).unwrap();
    println!("schedule lag at 1,000/s in ms: p50 {:.3} p99 {:.3} max {:.3}", lag(0.5), lag(0.99), lag(1.0));
    println!("loop lag in ms: p50 {:?} p99 {:?}", generator.loop_lag.quantile(0.5), generator.loop_lag.quantile(0.99));
    println!(
        "busiest worker {:?}, shares of a second {:?}",
        generator.busiest_worker_cpu,
        generator.cpu_by_second.max()
    );
}

/// Iterations that wait for nothing.
struct Busy;

impl VirtualUsers for Busy {
    type User = Busy;

    fn user(&self, _scenario: usize, _vu: u64) -> Busy {
        Busy
    }
}

impl VirtualUser for Busy {
    async fn iterate(&mut self, _context: &mut Context) -> IterationEnd {
        IterationEnd::Complete
    }
}

#[test]
fn iterations_that_wait_for_nothing_leave_the_worker_its_turn() {
    let stop = Stop::new();
    let executor = Executor::ConstantVus { vus: 1, duration: seconds(60) };
    let interrupter = thread::spawn({
        let stop = stop.clone();
        move || {
            thread::sleep(Duration::from_millis(200));
            stop.interrupt();
        }
    });
    let finished = run_for_real(settings(vec![scenario(executor)], 1), Busy, stop).unwrap();
    interrupter.join().unwrap();
    assert_eq!(finished.ending, Ending::Interrupted);
    assert!(finished.elapsed < seconds(30));
    assert!(finished.tallies.judged.scenarios[0].iterations > 100);
}

#[test]
fn a_broken_threshold_ends_the_run() {
    let executor = Executor::ConstantVus { vus: 4, duration: seconds(60) };
    let mut seen = Vec::new();
    let finished = run(
        settings(vec![scenario(executor)], 2),
        Arc::new(sleepers(ms::<20>)),
        Stop::new(),
        |progress| seen.push(progress.clone()),
        |tallies, _| (tallies.judged.scenarios[0].iterations > 10).then(|| "iterations: count<10".to_owned()),
    )
    .unwrap();
    assert_eq!(finished.ending, Ending::Aborted { threshold: "iterations: count<10".into() });
    assert_eq!(finished.tallies.judged.scenarios[0].interrupted, 4);
    assert!(finished.elapsed < seconds(30));
    assert_eq!((seen[0].vus, seen[0].vus_max, seen[0].total), (4, 4, seconds(60)));
}

/// The fourth VU's third iteration breaks down, or its making does.
struct Breakable {
    when_made: bool,
}

impl VirtualUsers for Breakable {
    type User = Breaking;

    fn user(&self, _scenario: usize, vu: u64) -> Breaking {
        assert!(!(self.when_made && vu == 4), "VU 4 can't be made");
        Breaking
    }
}

struct Breaking;

impl VirtualUser for Breaking {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        sleep(Duration::from_millis(10)).await;
        assert!((context.vu, context.vu_iteration) != (4, 2), "VU 4 broke down");
        IterationEnd::Complete
    }
}

#[test]
fn a_panic_ends_the_run_and_loses_nothing() {
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 4, duration: seconds(60) })], 2);
    let error = run_for_real(settings, Breakable { when_made: false }, Stop::new()).unwrap_err();
    assert_eq!(error.to_string(), "the load generator failed: a virtual user panicked: VU 4 broke down");
    let EngineError::Worker { finished, .. } = error else { panic!("{error}") };
    let tally = &finished.tallies.judged.scenarios[0];
    assert!(tally.iterations >= 8, "{}", tally.iterations);
    assert_eq!(tally.interrupted, 4, "the broken one and those that were cut off");
    assert!(finished.elapsed < seconds(30));
}

#[test]
fn a_panic_before_the_start_ends_the_run_before_it_begins() {
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 4, duration: seconds(60) })], 2);
    let error = run_for_real(settings, Breakable { when_made: true }, Stop::new()).unwrap_err();
    let EngineError::Worker { finished, .. } = error else { panic!("{error}") };
    assert_eq!(finished.tallies.judged.scenarios[0].iterations, 0);
}

/// A callback that panics must not leave the load running behind it.
#[test]
fn a_panic_of_the_caller_ends_the_load() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let users = Arc::new(Sleepers { takes: ms::<10>, seen: seen.clone() });
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 2, duration: seconds(60) })], 2);
    let result = catch_unwind(AssertUnwindSafe(|| {
        run(settings, users, Stop::new(), |_| panic!("the caller broke down"), |_, _| None)
    }));
    assert!(result.is_err());
    assert!(!seen.lock().unwrap().is_empty());
    assert_eq!(Arc::strong_count(&seen), 1, "no worker and no virtual user is left");
}

/// Users who have nothing left to do after some iterations.
struct Spent {
    begun: u64,
}

struct SpentUsers;

impl VirtualUsers for SpentUsers {
    type User = Spent;

    fn user(&self, _scenario: usize, _vu: u64) -> Spent {
        Spent { begun: 0 }
    }
}

impl VirtualUser for Spent {
    async fn iterate(&mut self, _context: &mut Context) -> IterationEnd {
        self.begun += 1;
        if self.begun > 2 { IterationEnd::Stopped("data users exhausted".into()) } else { IterationEnd::Complete }
    }

    fn is_spent(&self) -> bool {
        self.begun > 2
    }
}

#[test]
fn a_closed_executor_lets_a_vu_go_that_has_nothing_left_to_do() {
    for (executor, dropped) in [
        (Executor::ConstantVus { vus: 3, duration: seconds(60) }, 0),
        (ramping_vus(3, &[(60, 3)], 30), 0),
        (Executor::PerVuIterations { vus: 3, iterations: 10, max_duration: seconds(60) }, 21),
        (Executor::SharedIterations { vus: 3, iterations: 30, max_duration: seconds(60) }, 21),
    ] {
        let name = executor.name();
        let finished = run_for_real(settings(vec![scenario(executor)], 2), SpentUsers, Stop::new()).unwrap();
        let tally = &finished.tallies.judged.scenarios[0];
        assert_eq!([tally.iterations, tally.interrupted, tally.dropped], [9, 0, dropped], "{name}");
        assert_eq!(tally.stopped.values().sum::<u64>(), 3, "{name}");
        assert!(finished.elapsed < seconds(30), "{name}");
    }
}

/// Iterations that never end, and use up their task's budget each time they are polled, as an answer without end does.
struct Greedy;

impl VirtualUsers for Greedy {
    type User = Greedy;

    fn user(&self, _scenario: usize, _vu: u64) -> Greedy {
        Greedy
    }
}

impl VirtualUser for Greedy {
    async fn iterate(&mut self, _context: &mut Context) -> IterationEnd {
        loop {
            tokio::task::coop::consume_budget().await;
        }
    }
}

#[test]
fn an_iteration_that_leaves_nothing_of_its_budget_is_cut_off_too() {
    let mut greedy = scenario(Executor::ConstantVus { vus: 2, duration: Duration::from_millis(100) });
    greedy.graceful_stop = Duration::from_millis(100);
    let stop = Stop::new();
    let rescue = stop.clone();
    thread::spawn(move || {
        thread::sleep(seconds(5));
        rescue.interrupt();
    });
    let finished = run_for_real(settings(vec![greedy], 1), Greedy, stop).unwrap();
    assert_eq!(finished.ending, Ending::Completed);
    assert_eq!(finished.tallies.judged.scenarios[0].interrupted, 2);
}
