//! The blocks of a run whose length is known only at its end: seconds at first, five of them together in a longer run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::measurement::{Block, Grid, Tally};

/// Beyond so many seconds a block has 5 s, whatever follows: 20 of them fill it.
const LONG: u64 = 100;

/// The length of the blocks that are being filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    seconds: u64,
}

impl Blocks {
    pub fn new() -> Self {
        Blocks { seconds: 1 }
    }

    /// The block of a time since the start.
    pub fn index(self, start: Duration) -> u32 {
        u32::try_from(start.as_secs() / self.seconds).unwrap_or(u32::MAX)
    }

    /// Whether samples from here on need longer blocks.
    pub fn are_too_short(self, start: Duration) -> bool {
        self.seconds == 1 && start.as_secs() > LONG
    }

    /// Makes the blocks those of a long run.
    pub fn lengthen(&mut self, tally: &mut Tally) {
        self.seconds = 5;
        rearrange(tally, |index| index / 5);
    }

    /// The grid of a run that took so long: as [`Grid::new`], in whole seconds.
    pub fn finish(self, length: Duration, tally: &mut Tally) -> Grid {
        let whole = Grid::new(Duration::ZERO, length).block.as_secs().max(self.seconds);
        let grid = Grid { from: Duration::ZERO, to: length, block: Duration::from_secs(whole) };
        let (together, last) = ((whole / self.seconds) as u32, grid.blocks() - 1);
        rearrange(tally, |index| (index / together).min(last));
        grid
    }
}

fn rearrange(tally: &mut Tally, of: impl Fn(u32) -> u32) {
    for row in &mut tally.requests {
        let blocks = std::mem::take(&mut row.blocks);
        row.blocks = blocks.into_iter().fold(BTreeMap::new(), |mut sum: BTreeMap<u32, Block>, (index, block)| {
            sum.entry(of(index)).or_default().merge(&block);
            sum
        });
    }
}
