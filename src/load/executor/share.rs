//! Which of a scenario's VUs and arrivals are whose.

use crate::load::pacer::{Shard, Stripe};
use crate::plan::Executor;

/// One worker's share of one scenario. VUs are known by their index in the scenario, from 0 over all shards.
#[derive(Clone, Debug)]
pub struct Share {
    /// How many VUs of the run come before this scenario's.
    offset: u64,
    /// The shard's VUs, arrivals and iterations.
    shard: Option<Stripe>,
    /// The shard's VUs in all, and those that are there from the start.
    vus: u64,
    planned: u64,
    /// The worker's turn when the scenario's VUs are dealt out. It differs from scenario to scenario, so that many small
    /// scenarios don't all land on the first worker.
    turn: u64,
    workers: u64,
}

impl Share {
    /// `offset`: how many VUs the scenarios before this one have at most.
    pub fn new(executor: &Executor, shard: Shard, offset: u64, worker: usize, workers: usize) -> Self {
        let workers = workers as u64;
        let stripe = shard.stripe(executor.max_vus());
        let below = |end| stripe.map_or(0, |stripe| stripe.count_below(end));
        Share {
            offset,
            shard: stripe,
            vus: below(executor.max_vus()),
            planned: below(planned(executor)),
            turn: (worker as u64 + workers - offset % workers) % workers,
            workers,
        }
    }

    /// The index of the VU at this place among the shard's VUs; none past the last.
    pub fn vu(&self, place: u64) -> Option<u64> {
        (place < self.vus).then(|| self.shard.map(|shard| shard.nth(place))).flatten()
    }

    /// Indices of the worker's VUs that are there from the start.
    pub fn planned_vus(&self) -> impl Iterator<Item = u64> {
        (self.turn..self.planned).step_by(self.workers as usize).filter_map(|place| self.vu(place))
    }

    /// How many they are.
    pub fn planned(&self) -> u64 {
        self.planned_vus().count() as u64
    }

    /// A VU's number, from 1, unique in the run.
    pub fn number(&self, vu: u64) -> u64 {
        self.offset + vu + 1
    }

    /// The arrivals that the worker waits for: only workers that can have a VU wait for any.
    pub fn arrivals(&self) -> Option<Stripe> {
        let pacing = self.workers.min(self.vus);
        (self.turn < pacing).then(|| self.shard.map(|shard| shard.part(self.turn, pacing))).flatten()
    }
}

/// The VUs that are there from the start.
fn planned(executor: &Executor) -> u64 {
    match executor {
        Executor::ConstantArrivalRate { pre_allocated_vus, max_vus, .. }
        | Executor::RampingArrivalRate { pre_allocated_vus, max_vus, .. } => *pre_allocated_vus.min(max_vus),
        _ => executor.max_vus(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn arrival_rate(pre_allocated_vus: u64, max_vus: u64) -> Executor {
        let second = Duration::from_secs(1);
        Executor::ConstantArrivalRate { rate: 1.0, time_unit: second, duration: second, pre_allocated_vus, max_vus }
    }

    #[test]
    fn small_scenarios_land_on_different_workers() {
        let executor = Executor::ConstantVus { vus: 1, duration: Duration::from_secs(1) };
        let workers_of = |offset| -> Vec<usize> {
            (0..3).filter(|&worker| Share::new(&executor, Shard::WHOLE, offset, worker, 3).planned() == 1).collect()
        };
        assert_eq!([workers_of(0), workers_of(1), workers_of(2), workers_of(3)], [[0], [1], [2], [0]]);
    }

    proptest! {
        #[test]
        fn shares_partition_vus_and_arrivals(
            shards in 1u64..5, workers in 1usize..5, offset in 0u64..20, planned in 0u64..20, grown in 1u64..10,
        ) {
            let executor = arrival_rate(planned, planned + grown);
            let shares: Vec<Share> = (0..shards)
                .flat_map(|index| (0..workers).map(move |worker| (Shard { index, count: shards }, worker)))
                .map(|(shard, worker)| Share::new(&executor, shard, offset, worker, workers))
                .collect();
            let numbers: Vec<u64> =
                shares.iter().flat_map(|share| share.planned_vus().map(|vu| share.number(vu))).collect();
            prop_assert_eq!(numbers.len() as u64, planned);
            prop_assert_eq!(BTreeSet::from_iter(numbers), (offset + 1..=offset + planned).collect::<BTreeSet<_>>());
            let mut arrivals: Vec<u64> =
                shares.iter().filter_map(Share::arrivals).flat_map(|stripe| stripe.below(100)).collect();
            arrivals.sort_unstable();
            prop_assert_eq!(arrivals, (0..100).collect::<Vec<_>>());
            for pair in shares.chunks(workers) {
                let counts: Vec<u64> = pair.iter().map(Share::planned).collect();
                prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
            }
        }
    }
}
