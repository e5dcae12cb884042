//! Executors whose iterations a clock begins.

use super::*;

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
    assert_eq!(run.collected.arms[0].judged.vus_max.max, Some(5.0), "no more than are needed");
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
