//! Runs on real threads in real time: what goes wrong in a worker, in a virtual user, or in whoever watches.

use super::*;

fn run_for_real(settings: Settings, users: impl VirtualUsers, stop: Stop) -> Result<Finished, EngineError> {
    run(settings, vec![Arc::new(users)], stop, |_| {}, |_, _| None)
}

fn sleepers(takes: fn(&Context) -> Duration) -> Sleepers {
    Sleepers { takes, seen: Arc::default() }
}

#[test]
fn a_thousand_arrivals_a_second_for_real() {
    let finished =
        run_for_real(settings(vec![scenario(constant_rate(1_000.0, 1, 50, 200))], 2), sleepers(ms::<5>), Stop::new());
    let Finished { arms, elapsed, generator, ending, .. } = finished.unwrap();
    let tally = &arms[0].judged.scenarios[0];
    assert_eq!([tally.iterations, tally.interrupted, tally.dropped], [1_000, 0, 0]);
    assert_eq!(ending, Ending::Completed);
    assert!(elapsed >= Duration::from_millis(999) && elapsed < seconds(10), "{elapsed:?}");
    assert!(generator.loop_lag.count() >= 50, "{}", generator.loop_lag.count());
    assert!(arms[0].judged.vus_max.max >= Some(50.0));
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
    assert!(finished.arms[0].judged.scenarios[0].iterations > 100);
}

#[test]
fn a_broken_threshold_ends_the_run() {
    let executor = Executor::ConstantVus { vus: 4, duration: seconds(60) };
    let mut seen = Vec::new();
    let finished = run(
        settings(vec![scenario(executor)], 2),
        vec![Arc::new(sleepers(ms::<20>))],
        Stop::new(),
        |progress| seen.push(progress.clone()),
        |tallies, _| (tallies.judged.scenarios[0].iterations > 10).then(|| "iterations: count<10".to_owned()),
    )
    .unwrap();
    assert_eq!(finished.ending, Ending::Aborted { threshold: "iterations: count<10".into() });
    assert_eq!(finished.arms[0].judged.scenarios[0].interrupted, 4);
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
    let tally = &finished.arms[0].judged.scenarios[0];
    assert!(tally.iterations >= 8, "{}", tally.iterations);
    assert_eq!(tally.interrupted, 4, "the broken one and those that were cut off");
    assert!(finished.elapsed < seconds(30));
}

#[test]
fn a_panic_before_the_start_ends_the_run_before_it_begins() {
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 4, duration: seconds(60) })], 2);
    let error = run_for_real(settings, Breakable { when_made: true }, Stop::new()).unwrap_err();
    let EngineError::Worker { finished, .. } = error else { panic!("{error}") };
    assert_eq!(finished.arms[0].judged.scenarios[0].iterations, 0);
}

/// A callback that panics must not leave the load running behind it.
#[test]
fn a_panic_of_the_caller_ends_the_load() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let users = Arc::new(Sleepers { takes: ms::<10>, seen: seen.clone() });
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 2, duration: seconds(60) })], 2);
    let result = catch_unwind(AssertUnwindSafe(|| {
        run(settings, vec![users], Stop::new(), |_| panic!("the caller broke down"), |_, _| None)
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
        let tally = &finished.arms[0].judged.scenarios[0];
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
    assert_eq!(finished.arms[0].judged.scenarios[0].interrupted, 2);
}
