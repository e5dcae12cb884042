//! Sign flips of whole blocks: where nothing changed, either arm of a block could have been the candidate, so every choice of
//! signs was as likely as the one that was seen.
//!
//! Westfall, P. H. and Young, S. S. (1993): Resampling-Based Multiple Testing.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::estimates::Matrix;

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

    /// Four blocks: those from 4 × `four` on.
    pub fn four(&self, four: usize) -> usize {
        (self.0[four / 16] >> (four % 16 * 4) & 15) as usize
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
    for_each_flip(matrix, seed, |t| {
        let mut most = f64::NEG_INFINITY;
        for (rank, metric) in order.iter().copied().enumerate().rev() {
            most = most.max(t[metric]);
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

/// Visits T of each metric, for each choice of signs. Those that were seen are among them, so an effect's p value is not 0.
fn for_each_flip(matrix: &Matrix, seed: u64, mut visit: impl FnMut(&[f64])) {
    let mut t = Vec::new();
    let mut signs = Signs::observed(matrix.blocks());
    if matrix.blocks() <= MOST_BLOCKS_FOR_ALL {
        for choice in 0..1 << matrix.blocks() {
            signs.0[0] = choice;
            matrix.t(&signs, &mut t);
            visit(&t);
        }
        return;
    }
    matrix.t(&signs, &mut t);
    visit(&t);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    for _ in 0..RANDOM_FLIPS {
        signs.draw(&mut random);
        matrix.t(&signs, &mut t);
        visit(&t);
    }
}
