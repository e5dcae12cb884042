//! A distribution of values, mergeable without loss: an HdrHistogram with exact sum, smallest and largest value.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::bucket;

/// Significant digits of every histogram.
pub(super) const DIGITS: u8 = 3;

/// Steps of the histogram in a unit of the metric: µs in a millisecond, thousandths in a plain unit.
const STEPS: f64 = 1000.0;

/// Longer times count as this long: 1 h, in µs.
const LONGEST_TIME: u64 = 3_600_000_000;

/// The largest value that a trend takes, in the metric's unit.
pub const LARGEST_VALUE: f64 = 1e12;

/// Values from 1 µs to 1 h at 3 significant digits, grown on demand. Values of a plain unit are kept in thousandths.
///
/// An empty trend allocates nothing.
#[derive(Clone, Default)]
pub struct Trend {
    /// None before the first sample.
    histogram: Option<Histogram<u32>>,
    /// Of the values as recorded, in the histogram's unit.
    pub(super) sum: u128,
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Trend {
    /// Records a time, rounded to a microsecond; more than an hour counts as an hour.
    pub fn record(&mut self, time: Duration) {
        self.record_steps(steps_of(time), 1);
    }

    /// Records a value in the metric's unit: milliseconds, or a plain number.
    ///
    /// # Errors
    /// Refuses what is negative, not finite or over [`LARGEST_VALUE`].
    pub fn record_value(&mut self, value: f64) -> Result<(), InvalidValue> {
        check_value(value)?;
        self.record_steps((value * STEPS).round() as u64, 1);
        Ok(())
    }

    /// Records a value in the histogram's unit, `count` times.
    pub(super) fn record_steps(&mut self, steps: u64, count: u32) {
        let first = self.is_empty();
        let histogram = self.histogram.get_or_insert_with(|| {
            let mut histogram = Histogram::new(DIGITS).expect("3 digits are a valid precision");
            histogram.auto(true);
            histogram
        });
        histogram.record_n(steps, count).expect("a histogram that grows takes every value up to the largest");
        self.sum += u128::from(steps) * u128::from(count);
        self.min = if first { steps } else { self.min.min(steps) };
        self.max = self.max.max(steps);
    }

    /// Number of samples.
    pub fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The quantile (0 to 1) in the metric's unit (milliseconds for times); none without samples. It is the largest value
    /// of its bucket, so at most 0.1 % above the sample's.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        if q <= 0.0 {
            return self.min();
        }
        let steps = histogram.value_at_quantile(q).clamp(self.min, self.max);
        Some(steps as f64 / STEPS)
    }

    /// In the metric's unit; none without samples.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.count() as f64 / STEPS)
    }

    /// In the metric's unit; none without samples.
    pub fn min(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.min as f64 / STEPS)
    }

    /// In the metric's unit; none without samples.
    pub fn max(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.max as f64 / STEPS)
    }

    /// The counts of all buckets that are not empty, in order, by [`bucket::index_of`].
    pub(super) fn buckets(&self) -> impl Iterator<Item = (u32, u32)> {
        self.histogram
            .iter()
            .flat_map(|histogram| histogram.iter_recorded())
            .map(|step| (bucket::index_of(step.value_iterated_to()), step.count_at_value()))
    }

    /// The share of samples above a value in the metric's unit; none without samples.
    pub fn share_above(&self, value: f64) -> Option<f64> {
        let limit = (value * STEPS).round() as u64;
        let above = |(index, count): (u32, u32)| if bucket::lowest(index) > limit { u64::from(count) } else { 0 };
        (!self.is_empty()).then(|| self.buckets().map(above).sum::<u64>() as f64 / self.count() as f64)
    }

    /// Adds the other's samples.
    pub fn merge(&mut self, other: &Trend) {
        let Some(added) = other.histogram.as_ref().filter(|histogram| !histogram.is_empty()) else { return };
        self.min = if self.is_empty() { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        match &mut self.histogram {
            Some(histogram) => histogram.add(added).expect("histograms of one precision that grow can be added"),
            none => *none = Some(added.clone()),
        }
    }

    /// Forgets all samples, keeps the memory.
    pub fn clear(&mut self) {
        if self.is_empty() {
            return;
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.reset();
        }
        (self.sum, self.min, self.max) = (0, 0, 0);
    }
}

/// Equal samples, as far as the histogram tells them apart, and equal sum and extremes.
impl PartialEq for Trend {
    fn eq(&self, other: &Self) -> bool {
        (self.sum, self.min, self.max) == (other.sum, other.min, other.max) && self.buckets().eq(other.buckets())
    }
}

/// In figures: the thousands of counts tell nobody anything.
impl fmt::Debug for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trend { histogram: _, sum, min, max } = self;
        write!(f, "Trend {{ count: {}, sum: {sum}, min: {min}, max: {max} }}", self.count())
    }
}

/// A time in the histogram's unit.
pub(super) fn steps_of(time: Duration) -> u64 {
    let micros = (time.as_nanos() + 500) / 1000;
    micros.min(u128::from(LONGEST_TIME)) as u64
}

/// Whether a trend can hold a value.
pub(super) fn check_value(value: f64) -> Result<(), InvalidValue> {
    if (0.0..=LARGEST_VALUE).contains(&value) { Ok(()) } else { Err(InvalidValue(value)) }
}

/// A value that a metric can't hold.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} can't be recorded: a metric takes finite numbers, and a trend takes those from 0 to 10^12")]
pub struct InvalidValue(pub f64);

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn trend(steps: &[u64]) -> Trend {
        let mut trend = Trend::default();
        steps.iter().for_each(|&steps| trend.record_steps(steps, 1));
        trend
    }

    #[test]
    fn an_empty_trend_has_no_figures() {
        let trend = Trend::default();
        assert_eq!((trend.count(), trend.quantile(0.5), trend.mean()), (0, None, None));
        assert_eq!((trend.min(), trend.max()), (None, None));
    }

    #[test]
    fn times_are_read_back_in_milliseconds() {
        let mut trend = Trend::default();
        for micros in [100, 1_000, 2_500] {
            trend.record(Duration::from_micros(micros));
        }
        assert_eq!(trend.mean(), Some(1.2));
        assert_eq!((trend.min(), trend.quantile(0.5), trend.max()), (Some(0.1), Some(1.0), Some(2.5)));
    }

    #[test]
    fn a_time_over_an_hour_counts_as_an_hour() {
        let mut trend = Trend::default();
        trend.record(Duration::from_secs(100_000));
        assert_eq!(trend.max(), Some(3_600_000.0));
        assert_eq!(trend.quantile(0.99), Some(3_600_000.0));
    }

    #[test]
    fn values_that_are_no_quantity_are_refused() {
        let mut trend = Trend::default();
        for value in [-0.1, f64::NAN, f64::INFINITY, 1.1e12] {
            assert!(trend.record_value(value).is_err(), "{value}");
        }
        assert!(trend.is_empty());
        trend.record_value(12.3456).unwrap();
        assert_eq!(trend.max(), Some(12.346));
    }

    #[test]
    fn a_cleared_trend_starts_anew() {
        let mut cleared = trend(&[5, 1_000_000]);
        cleared.clear();
        cleared.record_steps(7, 1);
        assert_eq!(cleared, trend(&[7]));
    }

    #[test]
    fn a_share_of_samples_is_above_a_value() {
        let mut trend = Trend::default();
        assert_eq!(trend.share_above(0.8), None);
        for value in [0.1, 0.8, 0.801, 1.0] {
            trend.record_value(value).unwrap();
        }
        assert_eq!(trend.share_above(0.8), Some(0.5));
        assert_eq!(trend.share_above(1.0), Some(0.0));
    }

    fn steps() -> impl Strategy<Value = Vec<u64>> {
        vec(prop_oneof![0..3_000u64, 0..LONGEST_TIME], 0..40)
    }

    proptest! {
        #[test]
        fn merging_is_the_union_of_the_samples_in_any_order(a in steps(), b in steps(), c in steps()) {
            let union = trend(&[a.as_slice(), &b, &c].concat());
            let (a, b, c) = (trend(&a), trend(&b), trend(&c));
            for order in [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a]] {
                let mut merged = Trend::default();
                order.iter().for_each(|trend| merged.merge(trend));
                prop_assert_eq!(&merged, &union);
                prop_assert_eq!(merged.quantile(0.95), union.quantile(0.95));
            }
        }

        #[test]
        fn a_quantile_is_within_a_thousandth_of_the_sample(mut samples in steps(), q in 0.0..=1.0f64) {
            prop_assume!(!samples.is_empty());
            let found = trend(&samples).quantile(q).unwrap() * STEPS;
            samples.sort_unstable();
            let rank = ((q * samples.len() as f64).ceil() as usize).clamp(1, samples.len());
            let exact = samples[rank - 1] as f64;
            prop_assert!(found >= exact - 1e-6 && found <= exact * 1.001 + 1e-6, "{} for {}", found, exact);
        }
    }
}
