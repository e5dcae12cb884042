//! Two runs described side by side. Nothing is judged: a change is plain arithmetic between two runs, and the gate's rules
//! (`gate::history`) are what can call it one.

mod differences;
mod failures;
mod figures;
mod requests;
pub mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::gate::Guard;
use crate::measurement::{Measurement, Series};
use crate::metric::{Builtin, Kind, Metric, Statistic, Unit};

use super::{Format, json, markdown, text};

pub use differences::Differences;
pub use failures::{CheckPair, FailurePair};
pub use figures::{Change, Figure, FigurePair, MetricPair, Pair, Quantity, SharePair};
pub use requests::{RequestPair, Standing};

/// One of the two runs.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The file that it was read from, as the user named it.
    pub path: &'a str,
    pub run: &'a Measurement,
    /// What was looked at to tell whether it could be judged; those that fired are shown.
    pub guards: &'a [Guard],
}

/// Two runs with the figures of their judged phases in pairs.
#[derive(Clone, Debug)]
pub struct SideBySide<'a> {
    pub old: Side<'a>,
    pub new: Side<'a>,
    pub differences: Differences,
    pub totals: Vec<MetricPair>,
    /// Those that were attempted in either run: in the order of the new one, then those of the old one alone.
    pub requests: Vec<RequestPair>,
    pub failures: Vec<FailurePair>,
    pub checks: Vec<CheckPair>,
    /// Metrics that the plans declare.
    pub custom: Vec<MetricPair>,
    /// Whether any figure has too few samples.
    pub few_samples: bool,
}

/// What a reader must know before the first figure.
pub const NOT_JUDGED: &str =
    "nothing is judged here, and one run each proves nothing: two runs of the same code differ as well";

/// Where a change is judged.
pub const JUDGED_BY: &str =
    "`loadgate run` and `loadgate judge` test a change against the spread of earlier runs (docs/verdict.md)";

/// What makes two runs incomparable, before the differences of their contracts.
pub const INCOMPARABLE: &str = "the two runs did not measure the same; the gate would not compare:";

/// What the mark of a figure means.
pub const FEW_SAMPLES: &str =
    "* too few samples for the gate to judge: it asks for 10 beyond a percentile, 100 from p(99) on";

impl<'a> SideBySide<'a> {
    pub fn of(old: Side<'a>, new: Side<'a>) -> SideBySide<'a> {
        let pair = Runs { old: old.run, new: new.run };
        let mut described = SideBySide {
            old,
            new,
            differences: Differences::of(pair),
            totals: totals(pair),
            requests: requests::pairs(pair),
            failures: failures::failures(pair),
            checks: failures::checks(pair),
            custom: custom(pair),
            few_samples: false,
        };
        let few_samples = described.figures().any(FigurePair::few_samples);
        described.few_samples = few_samples;
        described
    }

    /// Every statistic of a metric.
    fn figures(&self) -> impl Iterator<Item = &FigurePair> {
        let metrics = self.totals.iter().chain(&self.custom).flat_map(|metric| &metric.figures);
        metrics.chain(self.requests.iter().flat_map(RequestPair::figures))
    }

    /// Writes the description in a format, as it goes into a file: without colour, Markdown as long as a step summary may be.
    ///
    /// # Errors
    /// The writer's; JUnit, which knows only what passed or failed.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write_side_by_side(self, out),
            Format::Markdown => markdown::write_side_by_side(self, markdown::SUMMARY_BYTES, out),
            Format::Json => json::write_side_by_side(self, out),
            Format::Junit => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "nothing is judged, and JUnit has no other word"))
            }
        }
    }
}

/// The two runs, before the pairs are made.
#[derive(Clone, Copy, Debug)]
struct Runs<'a> {
    old: &'a Measurement,
    new: &'a Measurement,
}

impl<'a> Runs<'a> {
    /// The same of both.
    fn each<T>(self, of: impl Fn(&'a Measurement) -> T) -> (T, T) {
        (of(self.old), of(self.new))
    }

    /// The names of both: in the order of the new run, then those of the old one alone.
    fn names(self, of: impl Fn(&'a Measurement) -> Vec<&'a str>) -> Vec<&'a str> {
        let (old, mut names) = self.each(of);
        let known: BTreeSet<&str> = names.iter().copied().collect();
        names.extend(old.into_iter().filter(|name| !known.contains(name)));
        names
    }
}

/// The figures of a distribution, in the order of the other reports.
const DISTRIBUTION: &[Statistic] = &[
    Statistic::Avg,
    Statistic::Min,
    Statistic::Med,
    Statistic::Max,
    Statistic::Percentile(90.0),
    Statistic::Percentile(95.0),
    Statistic::Percentile(99.0),
];

/// The whole run's metrics and what is shown of each.
const TOTALS: &[(Builtin, &[Statistic])] = &[
    (Builtin::HttpReqs, &[Statistic::Count, Statistic::Rate]),
    (Builtin::HttpReqFailed, &[Statistic::Rate]),
    (Builtin::HttpReqDuration, DISTRIBUTION),
    (Builtin::Checks, &[Statistic::Rate]),
    (Builtin::Iterations, &[Statistic::Count, Statistic::Rate]),
    (Builtin::IterationDuration, &[Statistic::Avg, Statistic::Percentile(95.0)]),
    (Builtin::DroppedIterations, &[Statistic::Count]),
    (Builtin::IterationsStopped, &[Statistic::Count]),
    (Builtin::IterationErrors, &[Statistic::Count]),
    (Builtin::ScheduleLag, &[Statistic::Percentile(95.0)]),
    (Builtin::Vus, &[Statistic::Max]),
    (Builtin::DataSent, &[Statistic::Count, Statistic::Rate]),
    (Builtin::DataReceived, &[Statistic::Count, Statistic::Rate]),
];

/// Those with a sample in either run.
fn totals(runs: Runs<'_>) -> Vec<MetricPair> {
    let pairs = TOTALS.iter().filter_map(|(builtin, statistics)| {
        let metric = Metric::Builtin(*builtin);
        let (old, new) = runs.each(|run| Declared::of(run, &metric, builtin.unit()));
        metric_pair(builtin.name(), builtin.unit(), statistics, (old, new))
    });
    pairs.collect()
}

/// A metric's samples, with what divides its rates.
struct Declared<'a> {
    run: &'a Measurement,
    unit: Unit,
    series: Series,
}

impl<'a> Declared<'a> {
    /// None for a metric that the run doesn't know.
    fn of(run: &'a Measurement, metric: &Metric, unit: Unit) -> Option<Declared<'a>> {
        Some(Declared { run, unit, series: run.view().series(metric)? })
    }

    /// A metric of the plan.
    fn custom(run: &'a Measurement, name: &str) -> Option<Declared<'a>> {
        let label = run.layout.custom.iter().find(|label| *label.name == *name)?;
        Declared::of(run, &Metric::Custom(label.name.clone()), label.unit)
    }

    fn kind(&self) -> Kind {
        match self.series {
            Series::Counter { .. } => Kind::Counter,
            Series::Gauge(_) => Kind::Gauge,
            Series::Rate(_) => Kind::Rate,
            Series::Trend(_) => Kind::Trend,
        }
    }
}

/// None where neither run has a sample.
fn metric_pair(
    name: &str,
    unit: Unit,
    statistics: &[Statistic],
    (old, new): (Option<Declared<'_>>, Option<Declared<'_>>),
) -> Option<MetricPair> {
    let kind = old.iter().chain(&new).find(|declared| !declared.series.is_empty())?.kind();
    let figure = |side: &Option<Declared<'_>>, statistic| {
        side.as_ref().and_then(|side| Figure::of(&side.series, statistic, side.run.judged_for))
    };
    let pair = |statistic: &Statistic| FigurePair {
        figure: statistic.to_string(),
        pair: Pair::new(Quantity::of(unit, kind, *statistic), figure(&old, *statistic), figure(&new, *statistic)),
    };
    Some(MetricPair { name: name.into(), figures: statistics.iter().map(pair).collect() })
}

/// A metric that the two plans declare in two ways is two metrics.
fn custom(runs: Runs<'_>) -> Vec<MetricPair> {
    let names = runs.names(|run| run.layout.custom.iter().map(|label| &*label.name).collect());
    let mut pairs = Vec::new();
    for name in names {
        let mut push = |old: Option<Declared<'_>>, new: Option<Declared<'_>>| {
            let Some((unit, kind)) = new.iter().chain(&old).next().map(|one| (one.unit, one.kind())) else { return };
            pairs.extend(metric_pair(name, unit, statistics(kind), (old, new)));
        };
        match runs.each(|run| Declared::custom(run, name)) {
            (Some(old), Some(new)) if (old.kind(), old.unit) != (new.kind(), new.unit) => {
                push(Some(old), None);
                push(None, Some(new));
            }
            (old, new) => push(old, new),
        }
    }
    pairs
}

fn statistics(kind: Kind) -> &'static [Statistic] {
    match kind {
        Kind::Counter => &[Statistic::Count, Statistic::Rate],
        Kind::Gauge => &[Statistic::Value, Statistic::Min, Statistic::Max],
        Kind::Rate => &[Statistic::Rate],
        Kind::Trend => DISTRIBUTION,
    }
}
