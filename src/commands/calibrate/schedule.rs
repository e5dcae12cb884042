//! Which measurements a calibration makes, and in which order.

use std::time::Duration;

use rand::seq::SliceRandom;
use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::baseline::SlowDown;
use crate::pairing::ArmMode;
use crate::plan::Plan;

/// What a calibration is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Gates between equals, and as many for each slow-down.
    pub gates: u32,
    /// Each once.
    pub slow: Vec<SlowDown>,
    /// Runs of the target without a second arm.
    pub alone: u32,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    pub kind: Kind,
    /// Of its random choices.
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Candidate against reference, the candidate slowed down or not.
    Gate(Option<SlowDown>),
    /// The target without a second arm.
    Alone,
}

/// Every measurement, in rounds: a gate of each kind once, in an order that the seed shuffles anew for each round, and the runs
/// of the target alone spread over the rounds. What changes over the hours of a calibration then hits all kinds alike, and one
/// that is broken off has as many of each.
pub fn tasks(wanted: &Wanted, seed: u64) -> Vec<Task> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let rounds = wanted.gates.max(1);
    let mut tasks = Vec::new();
    for round in 0..rounds {
        let alone_by = |round: u32| u64::from(wanted.alone) * u64::from(round) / u64::from(rounds);
        let mut kinds = Vec::new();
        if wanted.gates > 0 {
            kinds.push(Kind::Gate(None));
            kinds.extend(wanted.slow.iter().map(|slow| Kind::Gate(Some(*slow))));
        }
        kinds.extend((alone_by(round)..alone_by(round + 1)).map(|_| Kind::Alone));
        kinds.shuffle(&mut random);
        // Short enough to be typed again.
        tasks.extend(kinds.into_iter().map(|kind| Task { kind, seed: u64::from(random.next_u32()) }));
    }
    tasks
}

/// How long one load of the plan takes, from its first iteration to the time at which none begins any more.
pub fn span(plan: &Plan) -> Duration {
    plan.scenarios.iter().map(|scenario| scenario.start_time + scenario.executor.duration()).max().unwrap_or_default()
}

/// How long the tasks take at least: their loads alone. Arms that take turns take twice the time.
pub fn at_least(tasks: &[Task], span: Duration, mode: ArmMode) -> Duration {
    let of = |task: &Task| match (task.kind, mode) {
        (Kind::Gate(_), ArmMode::Alternating) => 2 * span,
        _ => span,
    };
    tasks.iter().map(of).sum()
}

/// By how many times a deployment gets the plan's whole load: each gate loads two arms.
pub fn loads(tasks: &[Task]) -> u64 {
    tasks.iter().map(|task| if task.kind == Kind::Alone { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: SlowDown = SlowDown::Share(0.1);
    const FIVE_MS: SlowDown = SlowDown::DelayMs(5.0);

    fn kinds(wanted: &Wanted, seed: u64) -> Vec<Kind> {
        tasks(wanted, seed).into_iter().map(|task| task.kind).collect()
    }

    fn count(kinds: &[Kind], kind: Kind) -> usize {
        kinds.iter().filter(|of| **of == kind).count()
    }

    #[test]
    fn every_kind_is_measured_as_often_as_asked_whatever_the_seed() {
        for (gates, slow, alone) in [
            (20, vec![TEN, FIVE_MS], 5),
            (3, vec![], 0),
            (2, vec![TEN], 7),
            (1, vec![TEN], 1),
            (0, vec![TEN], 3),
            (0, vec![], 0),
        ] {
            for seed in 0..20 {
                let wanted = Wanted { gates, slow: slow.clone(), alone };
                let kinds = kinds(&wanted, seed);
                let counts = [Kind::Gate(None), Kind::Gate(Some(TEN)), Kind::Gate(Some(FIVE_MS)), Kind::Alone]
                    .map(|kind| count(&kinds, kind));
                let of = |slow_down| if slow.contains(&slow_down) { gates as usize } else { 0 };
                assert_eq!(counts, [gates as usize, of(TEN), of(FIVE_MS), alone as usize], "{wanted:?}");
            }
        }
    }

    #[test]
    fn a_calibration_that_is_broken_off_has_as_many_of_each_kind() {
        let kinds = kinds(&Wanted { gates: 10, slow: vec![TEN, FIVE_MS], alone: 0 }, 7);
        for (round, of_round) in kinds.chunks(3).enumerate() {
            for kind in [Kind::Gate(None), Kind::Gate(Some(TEN)), Kind::Gate(Some(FIVE_MS))] {
                assert_eq!(count(of_round, kind), 1, "round {round}");
            }
        }
    }

    #[test]
    fn the_seed_decides_the_order_and_every_measurement_has_a_seed_of_its_own() {
        let wanted = Wanted { gates: 10, slow: vec![TEN], alone: 2 };
        assert_eq!(tasks(&wanted, 1), tasks(&wanted, 1));
        assert_ne!(kinds(&wanted, 1), kinds(&wanted, 2));
        let slow_first = kinds(&wanted, 3).chunks(2).filter(|round| round[0] == Kind::Gate(Some(TEN))).count();
        assert!((1..10).contains(&slow_first), "shuffled anew for each round: {slow_first}");
        let mut seeds: Vec<u64> = tasks(&wanted, 1).iter().map(|task| task.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 22);
    }

    #[test]
    fn it_is_known_before_how_long_it_takes_and_how_much_it_sends() {
        let tasks = tasks(&Wanted { gates: 20, slow: vec![TEN], alone: 5 }, 1);
        let minute = Duration::from_secs(60);
        assert_eq!(at_least(&tasks, minute, ArmMode::Parallel), 45 * minute);
        assert_eq!(at_least(&tasks, minute, ArmMode::Alternating), 85 * minute);
        assert_eq!(loads(&tasks), 85);
    }
}
