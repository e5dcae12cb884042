//! Executors whose VUs begin an iteration when the last has ended.

use super::*;
use crate::load::executor::{self, Crew};

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

/// Virtual users that take their time to be made.
struct Slow(Sleepers);

impl VirtualUsers for Slow {
    type User = Sleeper;

    fn user(&self, scenario: usize, vu: u64) -> Sleeper {
        self.0.user(scenario, vu)
    }

    fn are_made_first(&self) -> bool {
        true
    }
}

#[test]
fn virtual_users_that_take_their_time_to_be_made_are_all_made_before_the_load() {
    fn first<U: VirtualUsers>(users: U) -> Vec<u64> {
        let scenario = scenario(ramping_vus(2, &[(10, 6)], 30));
        let share = executor::deal(&scenario, Shard::WHOLE, 0, 2).remove(0);
        let crew = Crew::new(Arc::new(users), 0, share, &scenario, &Stop::new());
        crew.first.into_iter().map(|(index, _)| index).collect()
    }
    let sleepers = || Sleepers { takes: ms::<100>, seen: Arc::default() };
    assert_eq!(first(sleepers()), [0]);
    assert_eq!(first(Slow(sleepers())), [0, 2, 4]);
}
