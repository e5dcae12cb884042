//! The end of a run never waits for an iteration.

use std::sync::Condvar;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// What keeps a thread busy until it is told to let go.
#[derive(Default)]
struct Busy {
    /// Iterations that block.
    blocked: Mutex<u64>,
    let_go: Mutex<bool>,
    told: Condvar,
}

impl Busy {
    fn block(&self) {
        *self.blocked.lock().unwrap() += 1;
        let held = self.let_go.lock().unwrap();
        drop(self.told.wait_while(held, |let_go| !*let_go).unwrap());
    }

    fn let_go(&self) {
        *self.let_go.lock().unwrap() = true;
        self.told.notify_all();
    }
}

/// Iterations of 5 ms; that of VU 1 never gives its thread back.
struct Blockers(Arc<Busy>);

struct Blocker(Arc<Busy>);

impl VirtualUsers for Blockers {
    type User = Blocker;

    fn user(&self, _scenario: usize, _vu: u64) -> Blocker {
        Blocker(self.0.clone())
    }
}

impl VirtualUser for Blocker {
    async fn iterate(&mut self, context: &mut Context) -> IterationEnd {
        if context.vu == 1 {
            self.0.block();
        }
        sleep(Duration::from_millis(5)).await;
        IterationEnd::Complete
    }
}

/// Ends a run when a condition holds, that is looked at by a thread of its own.
fn stop_when(stop: &Stop, holds: impl Fn() -> bool + Send + 'static) {
    let stop = stop.clone();
    thread::spawn(move || {
        while !holds() {
            thread::sleep(Duration::from_millis(1));
        }
        stop.interrupt();
    });
}

#[test]
fn a_worker_that_an_iteration_keeps_busy_is_left_behind() {
    let busy = Arc::new(Busy::default());
    let mut blocked = scenario(Executor::ConstantVus { vus: 2, duration: Duration::from_millis(100) });
    blocked.graceful_stop = Duration::ZERO;
    let users = Arc::new(Blockers(busy.clone()));
    let finished = run(settings(vec![blocked], 2), vec![users], Stop::new(), |_| {}, |_, _| None).unwrap();
    assert_eq!((finished.generator.blocked_workers, finished.ending), (1, Ending::Completed));
    let tally = &finished.arms[0].judged.scenarios[0];
    assert!(tally.iterations > 0, "what the other worker measured is there");
    assert_eq!(*busy.blocked.lock().unwrap(), 1);
    busy.let_go();
}

#[test]
fn a_worker_that_is_kept_busy_does_not_outlast_a_signal() {
    let busy = Arc::new(Busy::default());
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 2, duration: seconds(600) })], 2);
    let stop = Stop::new();
    let blocks = busy.clone();
    stop_when(&stop, move || *blocks.blocked.lock().unwrap() > 0);
    let finished = run(settings, vec![Arc::new(Blockers(busy.clone()))], stop, |_| {}, |_, _| None).unwrap();
    assert_eq!((finished.generator.blocked_workers, finished.ending), (1, Ending::Interrupted));
    busy.let_go();
}

/// Users that take a while to make, and are counted.
struct SlowlyMade {
    takes: Duration,
    made: Arc<AtomicU64>,
}

impl VirtualUsers for SlowlyMade {
    type User = Sleeper;

    fn user(&self, _scenario: usize, _vu: u64) -> Sleeper {
        self.made.fetch_add(1, Ordering::SeqCst);
        thread::sleep(self.takes);
        Sleeper { takes: ms::<1_000>, seen: Arc::default() }
    }
}

#[test]
fn a_signal_while_virtual_users_are_made_ends_the_run() {
    let made = Arc::new(AtomicU64::new(0));
    let users = Arc::new(SlowlyMade { takes: Duration::from_millis(1), made: made.clone() });
    let settings = settings(vec![scenario(Executor::ConstantVus { vus: 1_000_000, duration: seconds(1) })], 2);
    let stop = Stop::new();
    let counted = made.clone();
    stop_when(&stop, move || counted.load(Ordering::SeqCst) > 20);
    let finished = run(settings, vec![users], stop, |_| {}, |_, _| None).unwrap();
    assert_eq!((finished.ending, finished.generator.blocked_workers), (Ending::Interrupted, 0));
    assert_eq!(finished.arms[0].judged.scenarios[0].interrupted, 0, "none of them had begun");
    assert!(made.load(Ordering::SeqCst) < 10_000);
}

#[test]
fn a_ramp_makes_its_virtual_users_as_it_asks_for_them() {
    let made = Arc::new(AtomicU64::new(0));
    let users = Arc::new(SlowlyMade { takes: Duration::ZERO, made: made.clone() });
    let settings = settings(vec![scenario(ramping_vus(2, &[(100_000, 1_000_000)], 30))], 2);
    let stop = Stop::new();
    let counted = made.clone();
    stop_when(&stop, move || counted.load(Ordering::SeqCst) > 4);
    let mut most = Vec::new();
    let finished = run(settings, vec![users], stop, |progress| most.push(progress.vus_max), |_, _| None).unwrap();
    assert!(made.load(Ordering::SeqCst) < 1_000);
    assert_eq!(finished.arms[0].judged.scenarios[0].interrupted, made.load(Ordering::SeqCst));
    assert!(most.iter().all(|vus_max| *vus_max == 1_000_000), "as k6 counts them: {most:?}");
}
