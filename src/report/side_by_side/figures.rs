//! A figure of both runs, and the change between them.

use std::time::Duration;

use serde::Serialize;

use crate::gate::sample_size;
use crate::measurement::{Series, Trend};
use crate::metric::{Kind, Statistic, Unit};

/// What a figure is an amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    Amount(Unit),
    PerSecond(Unit),
    /// 0 to 1.
    Share,
}

impl Quantity {
    /// Of a statistic of a metric.
    pub fn of(unit: Unit, kind: Kind, statistic: Statistic) -> Quantity {
        match (kind, statistic) {
            (Kind::Rate, Statistic::Rate) => Quantity::Share,
            (Kind::Counter, Statistic::Rate) => Quantity::PerSecond(unit),
            (_, Statistic::Count) if kind != Kind::Counter => Quantity::Amount(Unit::Plain),
            _ => Quantity::Amount(unit),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// In its quantity: milliseconds, bytes, a share of 1.
    pub value: f64,
    /// A percentile of fewer samples than the gate asks for before it judges one.
    pub few_samples: bool,
}

impl Figure {
    pub fn exact(value: f64) -> Figure {
        Figure { value, few_samples: false }
    }

    /// None where the series has no such figure.
    pub fn of(series: &Series, statistic: Statistic, time: Duration) -> Option<Figure> {
        let value = series.figure(statistic, time)?;
        let few_samples = match series {
            Series::Trend(trend) => is_from_few(trend, statistic),
            Series::Counter { .. } | Series::Gauge(_) | Series::Rate(_) => false,
        };
        Some(Figure { value, few_samples })
    }

    /// None where the trend has no such figure.
    pub fn of_trend(trend: &Trend, statistic: Statistic) -> Option<Figure> {
        Some(Figure { value: trend.figure(statistic)?, few_samples: is_from_few(trend, statistic) })
    }
}

fn is_from_few(trend: &Trend, statistic: Statistic) -> bool {
    match statistic {
        Statistic::Med => !sample_size::enough(trend.count(), 0.5),
        Statistic::Percentile(percentile) => !sample_size::enough(trend.count(), percentile / 100.0),
        _ => false,
    }
}

/// How far the new figure lies from the old one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Of the old figure: 0.12 is 12 % more.
    Relative(f64),
    /// Difference of shares: 0.01 is one percentage point more.
    Difference(f64),
}

/// A figure of both runs; none where a run doesn't have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pair {
    pub quantity: Quantity,
    pub old: Option<Figure>,
    pub new: Option<Figure>,
    /// None where a figure is missing, and from zero to something, which is no multiple.
    pub change: Option<Change>,
}

impl Pair {
    pub fn new(quantity: Quantity, old: Option<Figure>, new: Option<Figure>) -> Pair {
        let values = old.zip(new).map(|(old, new)| (old.value, new.value));
        let change = values.and_then(|(old, new)| match quantity {
            Quantity::Share => Some(Change::Difference(new - old)),
            _ if old == new => Some(Change::Relative(0.0)),
            _ if old == 0.0 => None,
            _ => Some(Change::Relative((new - old) / old.abs())),
        });
        Pair { quantity, old, new, change }
    }

    /// Of things counted.
    pub fn counts(old: Option<u64>, new: Option<u64>) -> Pair {
        let figure = |count: u64| Figure::exact(count as f64);
        Pair::new(Quantity::Amount(Unit::Plain), old.map(figure), new.map(figure))
    }

    pub fn few_samples(&self) -> bool {
        self.old.iter().chain(&self.new).any(|figure| figure.few_samples)
    }

    /// Whether neither run has more than nothing.
    pub fn is_nothing(&self) -> bool {
        self.old.iter().chain(&self.new).all(|figure| figure.value == 0.0)
    }
}

/// A statistic of both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigurePair {
    /// As thresholds write it: `p(95)`.
    pub figure: String,
    #[serde(flatten)]
    pub pair: Pair,
}

impl FigurePair {
    /// Each statistic of two trends of milliseconds.
    pub fn of_times(statistics: &[Statistic], old: Option<&Trend>, new: Option<&Trend>) -> Vec<FigurePair> {
        let pair = |statistic: &Statistic| {
            let of = |trend: Option<&Trend>| trend.and_then(|trend| Figure::of_trend(trend, *statistic));
            let pair = Pair::new(Quantity::Amount(Unit::Milliseconds), of(old), of(new));
            FigurePair { figure: statistic.to_string(), pair }
        };
        statistics.iter().map(pair).collect()
    }

    pub fn few_samples(&self) -> bool {
        self.pair.few_samples()
    }
}

/// A metric, or a phase of a request, and its figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricPair {
    pub name: String,
    pub figures: Vec<FigurePair>,
}

impl MetricPair {
    /// Whether either run spent any time in the phase.
    pub fn took_time(&self) -> bool {
        !self.figures.iter().all(|figure| figure.pair.is_nothing())
    }
}

/// How many of a kind, and their share of all. The change is the share's, for loads may differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SharePair {
    pub count: Pair,
    pub share: Pair,
}

/// So many of so many.
pub type Part = (u64, u64);

impl SharePair {
    /// None for a run that doesn't know what is counted.
    pub fn new(old: Option<Part>, new: Option<Part>) -> SharePair {
        let share = |part: Option<Part>| match part {
            Some((count, all)) if all > 0 => Some(Figure::exact(count as f64 / all as f64)),
            _ => None,
        };
        let count = |part: Option<Part>| part.map(|(count, _)| count);
        SharePair {
            count: Pair::counts(count(old), count(new)),
            share: Pair::new(Quantity::Share, share(old), share(new)),
        }
    }
}
