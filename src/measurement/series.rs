//! What one metric accumulates, by its kind: a share, a last value, a sum, a distribution.

use crate::metric::Kind;

use super::trend::{InvalidValue, Trend, check_value};

/// Samples that were true, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    pub trues: u64,
    pub total: u64,
}

impl Ratio {
    pub fn record(&mut self, value: bool) {
        self.trues += u64::from(value);
        self.total += 1;
    }

    pub fn merge(&mut self, other: &Ratio) {
        self.trues += other.trues;
        self.total += other.total;
    }

    /// The share of true samples, 0 to 1; none without samples.
    pub fn share(&self) -> Option<f64> {
        (self.total > 0).then(|| self.trues as f64 / self.total as f64)
    }
}

/// A last value with its extremes; none of them before the first sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gauge {
    pub last: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

impl Gauge {
    pub fn record(&mut self, value: f64) {
        self.merge(&Gauge { last: Some(value), min: Some(value), max: Some(value) });
    }

    /// Takes the other's last value for the later one.
    pub fn merge(&mut self, other: &Gauge) {
        fn either(ours: Option<f64>, theirs: Option<f64>, choose: fn(f64, f64) -> f64) -> Option<f64> {
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => Some(choose(ours, theirs)),
                (ours, theirs) => ours.or(theirs),
            }
        }
        self.last = other.last.or(self.last);
        self.min = either(self.min, other.min, f64::min);
        self.max = either(self.max, other.max, f64::max);
    }
}

/// A metric's samples, by its kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Series {
    /// Sum and number of samples.
    Counter {
        sum: f64,
        samples: u64,
    },
    Gauge(Gauge),
    Rate(Ratio),
    Trend(Box<Trend>),
}

impl Series {
    /// A series without samples.
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Series::Counter { sum: 0.0, samples: 0 },
            Kind::Gauge => Series::Gauge(Gauge::default()),
            Kind::Rate => Series::Rate(Ratio::default()),
            Kind::Trend => Series::Trend(Box::default()),
        }
    }

    /// What it accumulates.
    pub fn kind(&self) -> Kind {
        match self {
            Series::Counter { .. } => Kind::Counter,
            Series::Gauge(_) => Kind::Gauge,
            Series::Rate(_) => Kind::Rate,
            Series::Trend(_) => Kind::Trend,
        }
    }

    /// Records a value in the metric's unit; any number other than 0 is true for a rate.
    ///
    /// # Errors
    /// Every kind refuses what is not finite; a trend also what [`Trend::record_value`] refuses.
    pub fn record(&mut self, value: f64) -> Result<(), InvalidValue> {
        self.check(value)?;
        match self {
            Series::Counter { sum, samples } => {
                *sum += value;
                *samples += 1;
            }
            Series::Gauge(gauge) => gauge.record(value),
            Series::Rate(ratio) => ratio.record(value != 0.0),
            Series::Trend(trend) => trend.record_value(value)?,
        }
        Ok(())
    }

    pub(super) fn check(&self, value: f64) -> Result<(), InvalidValue> {
        match self {
            Series::Trend(_) => check_value(value),
            _ if value.is_finite() => Ok(()),
            _ => Err(InvalidValue(value)),
        }
    }

    /// Adds the other's samples. Both have the same kind.
    pub fn merge(&mut self, other: &Series) {
        match (self, other) {
            (Series::Counter { sum, samples }, Series::Counter { sum: more, samples: added }) => {
                *sum += more;
                *samples += added;
            }
            (Series::Gauge(ours), Series::Gauge(theirs)) => ours.merge(theirs),
            (Series::Rate(ours), Series::Rate(theirs)) => ours.merge(theirs),
            (Series::Trend(ours), Series::Trend(theirs)) => ours.merge(theirs),
            (ours, theirs) => unreachable!("a {:?} merged with a {:?}: different layouts", ours.kind(), theirs.kind()),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Series::Trend(trend) => trend.clear(),
            other => *other = Series::new(other.kind()),
        }
    }
}
