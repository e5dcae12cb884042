//! Which rows of the plan's data an iteration sees.

use std::sync::atomic::Ordering;

use rand::RngExt;

use crate::load::Context;
use crate::load::pacer::{Shard, Stripe};
use crate::plan::data::Pick;
use crate::plan::{DataSet, Plan};

use super::runner::{End, Mode, Runner};

impl Runner {
    /// Binds a row of each data set that the section refers to.
    pub(super) fn pick_rows(&mut self, context: &Context) -> Result<(), End> {
        let picked = self.shared.data(self.section).iter().try_for_each(|index| self.pick_row(*index, context));
        // No row ever comes back.
        self.spent |= picked.is_err();
        picked
    }

    /// Binds the row of a data set that this iteration sees.
    fn pick_row(&self, index: usize, context: &Context) -> Result<(), End> {
        let shared = &self.shared;
        let set: &DataSet = &shared.plan.data[index];
        let length = set.rows.len();
        let row = match set.pick {
            Pick::Unique => shared.unique[index].and_then(|rows| {
                let place = match self.mode {
                    // The last row: a trial iteration uses up none, and if rows are left over at the end, repeats none.
                    Mode::Preflight => rows.count_below(length as u64).checked_sub(1)?,
                    _ => shared.arm.cursors[index].fetch_add(1, Ordering::Relaxed),
                };
                usize::try_from(rows.nth(place)).ok().filter(|row| *row < length)
            }),
            Pick::ByVu => remainder(context.vu.saturating_sub(1), length),
            Pick::Random if length > 0 => Some(self.random.with(|rng| rng.random_range(0..length))),
            Pick::Random => None,
            Pick::Sequential => remainder(context.iteration, length),
        };
        match row {
            Some(row) => {
                self.scope.bind(&set.name, set.rows[row].clone());
                Ok(())
            }
            None => Err(End::Stopped(format!("data {} exhausted", set.name).into())),
        }
    }
}

/// Which rows of each data set are this shard's, if they are picked `unique`: dealt out like arrivals, to the shards alone that
/// have a virtual user who asks for them. Setup and teardown ask in every shard. `uses` tells whether a section (the scenarios
/// in order, then setup and teardown) refers to a set, both by index.
pub(super) fn unique_rows(plan: &Plan, shard: Shard, uses: impl Fn(usize, usize) -> bool) -> Vec<Option<Stripe>> {
    let scenarios = plan.scenarios.iter().map(|scenario| scenario.executor.max_vus());
    let sections: Vec<u64> = scenarios.chain([u64::MAX, u64::MAX]).collect();
    let rows = |set: usize| {
        let asking = sections.iter().enumerate().filter(|(section, _)| uses(*section, set));
        shard.stripe(asking.map(|(_, vus)| *vus).max().unwrap_or(u64::MAX))
    };
    (0..plan.data.len()).map(rows).collect()
}

fn remainder(number: u64, length: usize) -> Option<usize> {
    usize::try_from(number.checked_rem(length as u64)?).ok()
}
