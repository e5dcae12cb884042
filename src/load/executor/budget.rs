//! How many iterations a closed executor's VUs may begin.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::load::pacer::Stripe;
use crate::plan::Executor;

/// One scenario's iterations, shared by all workers. It also numbers them: one atomic addition an iteration.
#[derive(Debug)]
pub struct Budget {
    limit: Limit,
    /// The numbers of this shard's iterations in their scenario.
    numbers: Stripe,
    taken: AtomicU64,
    /// Workers whose VUs have not all ended.
    working: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    /// Time alone ends it.
    None,
    /// Each VU's own.
    PerVu(u64),
    /// One pool, first come, first served.
    Pool(u64),
}

impl Budget {
    /// The budget of a shard with this stripe of the scenario's iterations, none if it has none of them.
    pub fn new(executor: &Executor, numbers: Option<Stripe>, workers: usize) -> Self {
        let limit = match executor {
            Executor::PerVuIterations { iterations, .. } => Limit::PerVu(*iterations),
            Executor::SharedIterations { iterations, .. } => {
                Limit::Pool(numbers.map_or(0, |stripe| stripe.count_below(*iterations)))
            }
            _ => Limit::None,
        };
        let numbers = numbers.unwrap_or(Stripe::ALL);
        Budget { limit, numbers, taken: AtomicU64::new(0), working: AtomicUsize::new(workers) }
    }

    /// The number of the next iteration, for a VU that has begun so many; none when its budget is used up.
    pub fn take(&self, begun: u64) -> Option<u64> {
        if matches!(self.limit, Limit::PerVu(each) if begun >= each) {
            return None;
        }
        let place = self.taken.fetch_add(1, Ordering::Relaxed);
        if matches!(self.limit, Limit::Pool(size) if place >= size) {
            return None;
        }
        Some(self.numbers.nth(place))
    }

    /// How many iterations of its own a VU leaves that has begun so many.
    pub fn left_by_vu(&self, begun: u64) -> u64 {
        match self.limit {
            Limit::PerVu(each) => each.saturating_sub(begun),
            Limit::None | Limit::Pool(_) => 0,
        }
    }

    /// A worker's VUs have all ended. The last worker learns how many iterations are left in the pool.
    pub fn leave(&self) -> u64 {
        let last = self.working.fetch_sub(1, Ordering::AcqRel) == 1;
        match self.limit {
            Limit::Pool(size) if last => size.saturating_sub(self.taken.load(Ordering::Relaxed)),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::pacer::Shard;

    #[test]
    fn a_pool_is_shared_and_its_rest_known_to_the_last_worker() {
        let executor = Executor::SharedIterations { vus: 4, iterations: 5, max_duration: Duration::from_secs(1) };
        let budget = Budget::new(&executor, Shard { index: 1, count: 2 }.stripe(4), 2);
        assert_eq!(budget.take(0), Some(1), "the second shard's first iteration of five");
        assert_eq!(budget.leave(), 0, "the first worker to end");
        assert_eq!(budget.leave(), 1);
        assert_eq!(budget.take(1), Some(3));
        assert_eq!(budget.take(2), None);
        assert_eq!(budget.take(2), None);
        assert_eq!(budget.left_by_vu(0), 0, "a VU owns nothing of a pool");
    }

    #[test]
    fn every_vu_has_its_own_iterations_but_numbers_are_unique() {
        let executor = Executor::PerVuIterations { vus: 2, iterations: 2, max_duration: Duration::from_secs(1) };
        let budget = Budget::new(&executor, Shard::WHOLE.stripe(2), 1);
        assert_eq!([budget.take(0), budget.take(0), budget.take(1), budget.take(2)], [Some(0), Some(1), Some(2), None]);
        assert_eq!([budget.left_by_vu(0), budget.left_by_vu(2), budget.leave()], [2, 0, 0]);
    }
}
