//! Steps that run other steps again: `repeat` and `retry`.

use std::cell::Cell;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rand::RngExt;
use tokio::task::yield_now;

use crate::plan::step::{Exhausted, Repeat, Retry};

use crate::load::pacer::Stripe;

use super::runner::{End, Mode, Runner};

/// Passes of a loop that a virtual user makes before it lets others run. Most wait for an answer and do so anyway.
const PASSES_A_TURN: u64 = 32;

impl Runner {
    pub(super) async fn repeat(&mut self, repeat: &Repeat) -> Result<(), End> {
        let before = self.pool_sizes(repeat);
        let outer_tolerant = self.tolerant;
        self.tolerant |= repeat.at_least.is_some();
        let outer = self.scope.set_index(None);
        let share = self.share(repeat, outer.is_some());
        let passes = Passes { next: Cell::new(0), ended: Cell::new(false), repeat, share };
        let result = match repeat.parallel {
            0 | 1 => self.passes(&passes).await,
            lanes => self.lanes(&passes, lanes).await,
        };
        self.scope.set_index(outer);
        self.tolerant = outer_tolerant;
        result?;
        self.enough_collected(repeat, share, &before)
    }

    /// Runs passes one after another while there are any left.
    async fn passes(&mut self, passes: &Passes<'_>) -> Result<(), End> {
        let place = "repeat";
        let mut turn = 0_u64;
        while let Some(index) = passes.take() {
            self.scope.set_index(Some(index));
            if passes.repeat.while_.as_ref().is_some_and(|condition| !self.holds(condition, place)) {
                passes.ended.set(true);
                break;
            }
            match self.steps(&passes.repeat.steps).await {
                // Whether too many passes have failed is told by what they have collected.
                Err(End::Attempt(_)) if passes.repeat.at_least.is_some() => {}
                result => result?,
            }
            // A nested loop has left its own index behind.
            self.scope.set_index(Some(index));
            if passes.repeat.until.as_ref().is_some_and(|condition| self.holds(condition, place)) {
                passes.ended.set(true);
            }
            // A loop that waits for nothing must still let others run, and be cut off when its time is over.
            turn += 1;
            if turn.is_multiple_of(PASSES_A_TURN) {
                yield_now().await;
            }
        }
        Ok(())
    }

    /// Runs passes at once, each lane one after another. The first that ends the iteration ends all.
    async fn lanes(&mut self, passes: &Passes<'_>, lanes: usize) -> Result<(), End> {
        let count = passes.repeat.count.unwrap_or(u64::MAX);
        let lanes = lanes.min(usize::try_from(count).unwrap_or(usize::MAX));
        // One number of this virtual user decides all lanes' numbers, so that a replay draws the same ones.
        let stream = self.random.with(|rng| rng.random::<u64>());
        let mut runners: Vec<Runner> = (0..lanes).map(|lane| self.lane(stream.wrapping_add(lane as u64))).collect();
        let result = {
            let lanes: Vec<_> = runners.iter_mut().map(|runner| runner.passes(passes)).collect();
            all_or_first_error(lanes).await
        };
        if self.failure.is_none() {
            self.failure = runners.into_iter().find_map(|runner| runner.failure);
        }
        result
    }

    /// The passes that are this shard's: setup and teardown do a `repeat` over a count together, each shard its share. What a
    /// condition ends is no list of things to do but a wait, and what is inside of another `repeat` belongs to its pass.
    fn share(&self, repeat: &Repeat, nested: bool) -> Stripe {
        let Repeat { count, while_, until, .. } = repeat;
        let dealt = self.mode == Mode::Bracket && !nested && count.is_some() && while_.is_none() && until.is_none();
        let shard = self.shared.arm.shard.stripe(u64::MAX).filter(|_| dealt);
        shard.unwrap_or(Stripe::ALL)
    }

    fn pool_sizes(&self, repeat: &Repeat) -> Vec<usize> {
        let size =
            |name: &Arc<str>| self.pools.as_ref().map_or(0, |pools| pools.borrow().get(name).map_or(0, Vec::len));
        repeat.pools.iter().map(size).collect()
    }

    fn enough_collected(&self, repeat: &Repeat, share: Stripe, before: &[usize]) -> Result<(), End> {
        let Some(at_least) = repeat.at_least.map(|all| share.count_below(all)) else { return Ok(()) };
        for ((name, after), before) in repeat.pools.iter().zip(self.pool_sizes(repeat)).zip(before) {
            let collected = after - before;
            if (collected as u64) < at_least {
                let reason = format!("{name}: collected {collected} values, at least {at_least} are needed");
                return Err(self.failed_because(reason.into()));
            }
        }
        Ok(())
    }

    pub(super) async fn retry(&mut self, retry: &Retry) -> Result<(), End> {
        let place = "retry";
        for attempt in 0..retry.max {
            if attempt > 0 {
                self.wait(retry.delay).await;
            }
            self.retries += 1;
            let result = self.steps(&retry.steps).await;
            self.retries -= 1;
            match result {
                Ok(()) if retry.until.as_ref().is_none_or(|until| self.holds(until, place)) => return Ok(()),
                Ok(()) if self.mode == Mode::Preflight => {
                    return Err(End::Unready("a retry was not satisfied by its first attempt".into()));
                }
                Err(End::Attempt(reason)) if self.mode == Mode::Preflight => return Err(End::Unready(reason)),
                Ok(()) | Err(End::Attempt(_)) => {}
                Err(end) => return Err(end),
            }
            // Attempts that fail before they send anything must not keep the worker to themselves.
            yield_now().await;
        }
        self.exhausted(&retry.otherwise)
    }

    /// What becomes of the iteration when a poll or a retry gives up.
    pub(super) fn exhausted(&self, otherwise: &Exhausted) -> Result<(), End> {
        match otherwise {
            Exhausted::Continue => Ok(()),
            Exhausted::Stop(reason) => Err(End::Stopped(reason.clone())),
            // Within an outer retry the inner one's failure is that attempt's.
            Exhausted::Fail(reason) => Err(self.failed_because(reason.clone())),
        }
    }
}

/// The passes of a `repeat` that are still to be run, shared by its lanes.
#[derive(Debug)]
struct Passes<'a> {
    /// How many have been taken.
    next: Cell<u64>,
    ended: Cell<bool>,
    repeat: &'a Repeat,
    /// The indices that are this shard's.
    share: Stripe,
}

impl Passes<'_> {
    fn take(&self) -> Option<u64> {
        let place = self.next.get();
        let index = self.share.nth(place);
        if self.ended.get() || self.repeat.count.is_some_and(|count| index >= count) {
            return None;
        }
        self.next.set(place + 1);
        Some(index)
    }
}

/// Runs all at once; the first that fails ends the others.
async fn all_or_first_error<F>(futures: Vec<F>) -> Result<(), End>
where
    F: Future<Output = Result<(), End>>,
{
    let mut running: FuturesUnordered<F> = futures.into_iter().collect();
    while let Some(result) = running.next().await {
        result?;
    }
    Ok(())
}
