//! Sign flips of whole blocks: where nothing changed, either arm of a block could have been the candidate, so every choice of
//! signs was as likely as the one that was seen.
//!
//! Westfall, P. H. and Young, S. S. (1993): Resampling-Based Multiple Testing.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::estimates::{Estimates, Matrix};

/// All choices of signs are tried for so many blocks or fewer.
const MOST_BLOCKS_FOR_ALL: usize = 12;

/// Random choices of signs that are tried for more blocks.
const RANDOM_FLIPS: usize = 4000;

/// Sums that differ by less, relatively, are equal but for rounding.
const ROUNDING: f64 = 1e-9;

/// The sign of each block, a bit a block: set where candidate and reference change places.
#[derive(Clone, Debug)]
pub struct Signs(Vec<u64>);

impl Signs {
    /// As measured.
    pub fn observed(blocks: usize) -> Signs {
        Signs(vec![0; blocks.div_ceil(64)])
    }

    /// Those turned that are marked.
    #[cfg(test)]
    pub fn turning(turned: &[bool]) -> Signs {
        let mut signs = Signs::observed(turned.len());
        let marked = turned.iter().enumerate().filter(|(_, turned)| **turned);
        marked.for_each(|(block, _)| signs.0[block / 64] |= 1 << (block % 64));
        signs
    }

    /// Whether a block's sign is turned.
    pub fn turned(&self, block: usize) -> bool {
        self.0[block / 64] >> (block % 64) & 1 == 1
    }

    /// Four blocks: those from 4 × `four` on.
    pub fn four(&self, four: usize) -> usize {
        (self.0[four / 16] >> (four % 16 * 4) & 15) as usize
    }

    /// The signs of the products of neighbouring blocks.
    pub fn neighbours(&self, into: &mut Signs) {
        for (at, word) in self.0.iter().enumerate() {
            let next = self.0.get(at + 1).copied().unwrap_or_default();
            into.0[at] = word ^ (word >> 1 | next << 63);
        }
    }

    fn draw(&mut self, random: &mut impl Rng) {
        self.0.iter_mut().for_each(|word| *word = random.next_u64());
    }
}

/// What the flips say of a family.
#[derive(Clone, Debug)]
pub struct MaxT {
    /// For each metric, in the order given: holds for the whole family, step-down.
    pub p_adjusted: Vec<f64>,
    /// The T that the largest of the family reaches by chance in a share α of the flips.
    pub critical: f64,
}

/// Westfall and Young's step-down max-T, one-sided: how often the flips reach each observed T with the largest T of those
/// metrics whose observed T is no larger.
pub fn max_t(matrix: &Matrix, observed: &[f64], alpha: f64, seed: u64) -> MaxT {
    let mut order: Vec<usize> = (0..observed.len()).collect();
    order.sort_by(|a, b| observed[*b].total_cmp(&observed[*a]));
    let mut reached = vec![0_usize; observed.len()];
    let mut largest = Vec::new();
    for_each_flip(matrix, seed, |estimates| {
        let mut most = f64::NEG_INFINITY;
        for (rank, metric) in order.iter().copied().enumerate().rev() {
            most = most.max(estimates.mean[metric] / estimates.error[metric]);
            let seen = observed[metric];
            reached[rank] += usize::from(most >= seen - ROUNDING * seen.abs().max(1.0));
        }
        largest.push(most);
    });
    let mut p_adjusted = vec![1.0; observed.len()];
    let mut p: f64 = 0.0;
    for (rank, metric) in order.into_iter().enumerate() {
        p = p.max(reached[rank] as f64 / largest.len() as f64);
        p_adjusted[metric] = p;
    }
    MaxT { p_adjusted, critical: exceeded_in(largest, alpha) }
}

/// The figure that no more than a share α of these exceeds.
fn exceeded_in(mut figures: Vec<f64>, alpha: f64) -> f64 {
    if figures.is_empty() {
        return f64::INFINITY;
    }
    let above = ((alpha * figures.len() as f64) as usize).min(figures.len() - 1);
    *figures.select_nth_unstable_by(above, |a, b| b.total_cmp(a)).1
}

/// The signs as measured are among the flips, so no p value is 0.
fn for_each_flip(matrix: &Matrix, seed: u64, mut visit: impl FnMut(&Estimates)) {
    let mut estimates = Estimates::default();
    let mut signs = Signs::observed(matrix.blocks());
    if matrix.blocks() <= MOST_BLOCKS_FOR_ALL {
        for choice in 0..1 << matrix.blocks() {
            signs.0[0] = choice;
            matrix.estimate(&signs, true, &mut estimates);
            visit(&estimates);
        }
        return;
    }
    matrix.estimate(&signs, true, &mut estimates);
    visit(&estimates);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    for _ in 0..RANDOM_FLIPS {
        signs.draw(&mut random);
        matrix.estimate(&signs, true, &mut estimates);
        visit(&estimates);
    }
}
