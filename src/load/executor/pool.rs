//! The VUs of an arrival-rate scenario that have nothing to do, over all workers.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of idle VUs: whoever takes one off a worker's count may have one of that worker's VUs run an iteration. At most
/// a few atomic operations an arrival, and on the arrival's own worker first.
#[derive(Debug)]
pub struct VuPool {
    /// By worker.
    idle: Box<[Padded]>,
    /// VUs that were made or are being made.
    allocated: AtomicU64,
    /// `maxVUs`, this shard's part.
    limit: u64,
}

/// A cache line of its own, so that workers don't slow each other.
#[derive(Debug)]
#[repr(align(128))]
struct Padded(AtomicU64);

impl VuPool {
    /// `planned`: how many VUs each worker has from the start.
    pub fn new(planned: Vec<u64>, limit: u64) -> Self {
        let allocated = AtomicU64::new(planned.iter().sum());
        VuPool { idle: planned.into_iter().map(|vus| Padded(AtomicU64::new(vus))).collect(), allocated, limit }
    }

    /// Takes an idle VU: of this worker, else of another. The answer is whose it is.
    pub fn claim(&self, worker: usize) -> Option<usize> {
        let workers = self.idle.len();
        (0..workers).map(|further| (worker + further) % workers).find(|&worker| {
            let idle = &self.idle[worker].0;
            idle.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |vus| vus.checked_sub(1)).is_ok()
        })
    }

    /// A VU of this worker has nothing to do any more.
    pub fn release(&self, worker: usize) {
        self.idle[worker].0.fetch_add(1, Ordering::Relaxed);
    }

    /// Leave to make one more VU: its place among the shard's VUs. None when `maxVUs` is reached.
    pub fn grow(&self) -> Option<u64> {
        let grown = |vus| (vus < self.limit).then_some(vus + 1);
        self.allocated.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrival_takes_a_vu_of_its_own_worker_first_then_of_the_others() {
        let pool = VuPool::new(vec![1, 1, 0], 4);
        assert_eq!([pool.claim(1), pool.claim(1), pool.claim(1)], [Some(1), Some(0), None]);
        pool.release(2);
        assert_eq!([pool.claim(0), pool.claim(0)], [Some(2), None]);
        assert_eq!([pool.grow(), pool.grow(), pool.grow()], [Some(2), Some(3), None]);
    }
}
