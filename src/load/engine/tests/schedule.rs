//! Scenarios side by side, shards, the judged phase, and an end before the schedule's.

use super::*;

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
    assert_eq!(run.collected.arms[0].unjudged.scenarios[0].iterations, 6);
}
