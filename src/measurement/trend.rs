//! A distribution of values, mergeable without loss: an HdrHistogram with exact sum, smallest and largest value.

use std::time::Duration;

/// Values from 1 µs to 1 h at 3 significant digits, grown on demand. Values of a plain unit are kept in thousandths.
#[derive(Clone, Debug)]
pub struct Trend {
    pub(super) histogram: hdrhistogram::Histogram<u32>,
    /// Of the values as recorded, in the histogram's unit.
    pub(super) sum: u128,
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Trend {
    /// Records a time; more than an hour counts as an hour.
    pub fn record(&mut self, _time: Duration) {
        todo!()
    }

    /// Records a value in the metric's unit: milliseconds, or a plain number.
    ///
    /// # Errors
    /// Refuses what is negative or not finite.
    pub fn record_value(&mut self, _value: f64) -> Result<(), InvalidValue> {
        todo!()
    }

    /// Number of samples.
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The quantile (0 to 1) in the metric's unit (milliseconds for times); none without samples.
    pub fn quantile(&self, _q: f64) -> Option<f64> {
        todo!()
    }

    /// In the metric's unit; none without samples.
    pub fn mean(&self) -> Option<f64> {
        todo!()
    }

    pub fn min(&self) -> Option<f64> {
        todo!()
    }

    pub fn max(&self) -> Option<f64> {
        todo!()
    }

    /// Adds the other's samples.
    pub fn merge(&mut self, _other: &Trend) {
        todo!()
    }

    /// Forgets all samples, keeps the memory.
    pub fn clear(&mut self) {
        todo!()
    }
}

impl Default for Trend {
    fn default() -> Self {
        todo!()
    }
}

/// A value that a trend can't hold.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no value of a trend: it must be a number of at least 0")]
pub struct InvalidValue(pub f64);
