//! The figures of a request that are followed from run to run, and the scale on which each is.

use std::fmt;

use crate::measurement::RequestTally;
use crate::number;

/// One figure of a request. More is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Figure {
    P50,
    P95,
    P99,
    /// The share of failed requests.
    Failed,
}

/// A quantile is no more than a guess with fewer samples beyond it.
const SAMPLES_BEYOND: f64 = 10.0;

/// A time of less, in milliseconds, is the histogram's smallest step.
const SHORTEST: f64 = 0.001;

impl Figure {
    pub const ALL: [Figure; 4] = [Figure::P50, Figure::P95, Figure::P99, Figure::Failed];

    /// The name that plans and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Figure::P50 => "p50",
            Figure::P95 => "p95",
            Figure::P99 => "p99",
            Figure::Failed => "failed",
        }
    }

    /// What a run measured: milliseconds, or a share from 0 to 1. None where too few samples lie beyond a quantile.
    pub fn of(self, tally: &RequestTally) -> Option<f64> {
        let quantile = |q: f64| {
            let beyond = tally.comparable.count() as f64 * (1.0 - q);
            // The addend undoes what binary fractions lose: 200 × (1 − 0.95) is 9.99….
            if beyond + 1e-6 < SAMPLES_BEYOND { None } else { tally.comparable.quantile(q) }
        };
        match self {
            Figure::P50 => quantile(0.5),
            Figure::P95 => quantile(0.95),
            Figure::P99 => quantile(0.99),
            Figure::Failed => tally.failure_share(),
        }
    }

    /// The figure on the scale on which runs differ by about the same, whatever its size: ln for times, the arcsine of the
    /// root for shares (Bartlett, M. S. (1947): The use of transformations. Biometrics 3).
    pub fn scaled(self, value: f64) -> f64 {
        match self {
            Figure::Failed => value.clamp(0.0, 1.0).sqrt().asin(),
            _ => value.max(SHORTEST).ln(),
        }
    }

    /// How far the figure went from one value to another: relative for times (0.12 is 12 % slower), a difference of shares for
    /// failures.
    pub fn shift(self, from: f64, to: f64) -> f64 {
        match self {
            Figure::Failed => to - from,
            _ => to.max(SHORTEST) / from.max(SHORTEST) - 1.0,
        }
    }

    /// The typical value of some runs, at least one: the geometric mean of times, the mean of shares.
    pub fn mean(self, values: &[f64]) -> f64 {
        let count = values.len() as f64;
        match self {
            Figure::Failed => values.iter().sum::<f64>() / count,
            _ => (values.iter().map(|value| value.max(SHORTEST).ln()).sum::<f64>() / count).exp(),
        }
    }

    /// Whether a shift is as large as `relative`, or for failures as `points` (a difference of shares); up or down by the same
    /// factor.
    pub(super) fn reaches(self, shift: f64, relative: f64, points: f64) -> bool {
        match self {
            Figure::Failed => shift.abs() >= points,
            _ => shift.ln_1p().abs() >= relative.ln_1p(),
        }
    }

    /// The shift in words: `+12.0%`, `+0.30 points`.
    pub fn shift_text(self, shift: f64) -> String {
        match self {
            Figure::Failed => number::points(shift),
            _ => number::change(shift),
        }
    }

    /// The value in words: `406.68ms`, `0.12%`.
    pub fn text(self, value: f64) -> String {
        match self {
            Figure::Failed => number::percent(value),
            _ => number::duration(value),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The middle value of at least one; of an even number the mean of the two in the middle.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::simulated::{Simulated, SimulatedRequest};

    #[test]
    fn shifts_are_relative_for_times_and_differences_for_shares() {
        for (figure, from, to, shift, text) in [
            (Figure::P50, 10.0, 11.0, 0.1, "+10.0%"),
            (Figure::P95, 10.0, 5.0, -0.5, "-50.0%"),
            (Figure::P99, 0.0, 0.0, 0.0, "0.0%"),
            (Figure::P99, 0.0, 0.002, 1.0, "+100.0%"),
            (Figure::Failed, 0.0, 0.01, 0.01, "+1.00 points"),
        ] {
            let found = figure.shift(from, to);
            assert!((found - shift).abs() < 1e-9, "{figure} {from} {to}: {found}");
            assert_eq!(figure.shift_text(found), text);
        }
    }

    #[test]
    fn a_quantile_with_too_few_samples_beyond_it_is_no_figure() {
        for (count, expected) in
            [(19, [false, false, false]), (20, [true, false, false]), (200, [true, true, false]), (1000, [true; 3])]
        {
            let request = SimulatedRequest { count, ..SimulatedRequest::new("a", 10.0) };
            let run = Simulated::new(vec![request]).measure();
            let figures = [Figure::P50, Figure::P95, Figure::P99];
            assert_eq!(figures.map(|figure| figure.of(&run.judged.requests[0]).is_some()), expected, "{count}");
            assert_eq!(Figure::Failed.of(&run.judged.requests[0]), Some(0.0));
        }
    }

    #[test]
    fn the_median_is_the_middle_one() {
        for (values, middle) in [(&[3.0][..], 3.0), (&[9.0, 1.0], 5.0), (&[9.0, 1.0, 2.0], 2.0)] {
            assert_eq!(median(values), middle);
        }
    }
}
