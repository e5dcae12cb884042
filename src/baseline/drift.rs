//! Slow drift: half a percent a night is found by no nightly test, and adds up. So the latest runs are held against an anchor
//! that does not move: the first runs since the start of the line.

use super::figure::{Figure, median};
use super::life::{Life, Series};

/// The latest runs, whose median is held against the anchor's.
pub const LATEST: usize = 5;

/// A smaller drift is none: relative for times, a difference of shares for failures.
pub const LARGEST_DRIFT: f64 = 0.15;
pub const LARGEST_DRIFT_OF_SHARES: f64 = 0.005;

/// A figure that is far from where it was, though no run was a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    pub request: String,
    pub figure: Figure,
    /// Median of the anchor, in milliseconds or as a share.
    pub anchor: f64,
    /// Median of the latest runs.
    pub latest: f64,
    /// From one to the other: relative for times, a difference of shares for failures.
    pub shift: f64,
    /// The first run of the anchor.
    pub since: usize,
}

impl Life {
    /// The runs that are the anchor of a series: the first `anchor` that count.
    pub fn anchor(&self, series: &Series, anchor: usize) -> Vec<(usize, f64)> {
        self.counted(series).take(anchor).collect()
    }

    /// The figures that have drifted by [`LARGEST_DRIFT`], up or down. A series is looked at once it has the runs of the anchor
    /// and [`LATEST`] more.
    pub fn drifts(&self, anchor: usize) -> Vec<Drift> {
        self.current_series().filter_map(|series| self.drift(series, anchor.max(1))).collect()
    }

    fn drift(&self, series: &Series, size: usize) -> Option<Drift> {
        let counted: Vec<(usize, f64)> = self.counted(series).collect();
        if counted.len() < size + LATEST {
            return None;
        }
        let values: Vec<f64> = counted.iter().map(|(_, value)| *value).collect();
        let (anchor, latest) = (median(&values[..size]), median(&values[values.len() - LATEST..]));
        let Series { request, figure, .. } = series;
        let shift = figure.shift(anchor, latest);
        figure.reaches(shift, LARGEST_DRIFT, LARGEST_DRIFT_OF_SHARES).then(|| Drift {
            request: request.clone(),
            figure: *figure,
            anchor,
            latest,
            shift,
            since: counted[0].0,
        })
    }

    fn counted(&self, series: &Series) -> impl Iterator<Item = (usize, f64)> {
        series.points.iter().copied().filter(|(run, _)| self.standing(*run).is_some_and(|standing| standing.counts()))
    }
}
