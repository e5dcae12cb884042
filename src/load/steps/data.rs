//! Which rows of the plan's data an iteration sees.

use std::sync::atomic::Ordering;

use rand::RngExt;

use crate::load::Context;
use crate::plan::DataSet;
use crate::plan::data::Pick;

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
            // The last row: a trial iteration uses up none, and if rows are left over at the end, repeats none.
            Pick::Unique if self.mode == Mode::Preflight => length.checked_sub(1),
            Pick::Unique => {
                let next = shared.arm.cursors[index].fetch_add(1, Ordering::Relaxed);
                usize::try_from(next).ok().filter(|next| *next < length)
            }
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

fn remainder(number: u64, length: usize) -> Option<usize> {
    usize::try_from(number.checked_rem(length as u64)?).ok()
}
