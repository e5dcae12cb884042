//! Two arms under one schedule, in virtual time: each has the whole load, and neither is better placed.

use super::*;

const HUNDRED_A_SECOND: u64 = 100;

/// Which arm the users are of, by the order in which their iterations began.
fn begun(mode: ArmMode, executor: Executor, workers: usize) -> (Collected, Vec<(usize, Duration)>) {
    let mut settings = settings(vec![scenario(executor)], workers);
    settings.pair.mode = mode;
    let seen: [Arc<Mutex<Vec<Seen>>>; 2] = Default::default();
    let users = seen.clone().map(|seen| Arc::new(Sleepers { takes: ms::<5>, seen })).to_vec();
    let collected = run_in_virtual_time(&settings, users, None);
    let arms = seen.iter().enumerate().flat_map(|(arm, seen)| {
        let seen = seen.lock().unwrap().clone();
        seen.into_iter().map(move |seen| (arm, seen.at))
    });
    let mut arms: Vec<(usize, Duration)> = arms.collect();
    arms.sort_by_key(|(_, at)| *at);
    (collected, arms)
}

fn rate() -> Executor {
    constant_rate(HUNDRED_A_SECOND as f64, 20, 10, 50)
}

#[test]
fn each_arm_gets_the_whole_load() {
    for mode in [ArmMode::Parallel, ArmMode::Alternating] {
        for workers in [1, 2, 3] {
            let (collected, begun) = begun(mode, rate(), workers);
            for arm in &collected.arms {
                let tally = &arm.judged.scenarios[0];
                assert_eq!([tally.iterations, tally.interrupted, tally.dropped], [2_000, 0, 0], "{mode} {workers}");
            }
            assert_eq!(begun.len(), 4_000);
        }
    }
    let closed = Executor::PerVuIterations { vus: 3, iterations: 4, max_duration: seconds(60) };
    let (collected, _) = begun(ArmMode::Parallel, closed, 2);
    assert!(collected.arms.iter().all(|arm| arm.judged.scenarios[0].iterations == 12));
}

#[test]
fn parallel_arms_never_ask_at_the_same_instant_and_each_goes_first_in_half_of_the_blocks() {
    let (_, begun) = begun(ArmMode::Parallel, rate(), 2);
    assert!(begun.windows(2).all(|pair| pair[1].1 - pair[0].1 >= Duration::from_millis(3)), "5 ms apart, in ms steps");
    // The arm that begins at a multiple of the period, in each of the 20 blocks.
    let first = |block: u64| begun.iter().find(|(_, at)| *at >= seconds(block)).map(|(arm, _)| *arm).unwrap();
    let candidate = (0..20).filter(|block| first(*block) == 0).count();
    assert!((4..=16).contains(&candidate), "{candidate} of 20");
}

#[test]
fn alternating_arms_are_never_under_load_at_once() {
    let (collected, begun) = begun(ArmMode::Alternating, rate(), 2);
    let turns: Vec<&[(usize, Duration)]> = begun.chunk_by(|a, b| a.0 == b.0 && b.1 - a.1 < seconds(1)).collect();
    assert_eq!(turns.len(), 40, "20 blocks of each");
    assert!(turns.iter().all(|turn| turn.len() == 100));
    assert!(turns.windows(2).all(|turns| turns[1][0].1 - turns[0][99].1 > seconds(1)), "a pause between");
    for arm in &collected.arms {
        assert_eq!(arm.judged.scenarios[0].schedule_lag.max(), Some(0.0), "the schedule's clock pauses");
    }
}

#[test]
fn virtual_users_of_both_arms_begin_in_random_order() {
    let executor = Executor::PerVuIterations { vus: 200, iterations: 1, max_duration: seconds(10) };
    let (_, begun) = begun(ArmMode::Parallel, executor, 2);
    assert!(begun.iter().all(|(_, at)| *at <= Duration::from_millis(60)));
    let early = begun[..200].iter().filter(|(arm, _)| *arm == 0).count();
    assert!((70..130).contains(&early), "{early} of the first 200 are the candidate's");
}
