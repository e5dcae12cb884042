//! The whole runs' metrics, and those of their parts: phases, scenarios, groups, submetrics.

use std::time::Duration;

use crate::measurement::{Measurement, ScenarioTally, Series, Trend};
use crate::metric::{Builtin, Kind, Metric, Statistic, Unit};

use super::Runs;
use super::figures::{Figure, FigurePair, MetricPair, Pair, Quantity};

/// The figures of a distribution, in the order of the other reports.
pub(super) const DISTRIBUTION: &[Statistic] = &[
    Statistic::Avg,
    Statistic::Min,
    Statistic::Med,
    Statistic::Max,
    Statistic::Percentile(90.0),
    Statistic::Percentile(95.0),
    Statistic::Percentile(99.0),
];

/// What is shown of a phase; the last one tells whether it took any time.
pub(super) const PHASE: &[Statistic] = &[Statistic::Avg, Statistic::Med, Statistic::Percentile(95.0), Statistic::Max];

/// The whole run's metrics and what is shown of each.
const TOTALS: &[(Builtin, &[Statistic])] = &[
    (Builtin::HttpReqs, &[Statistic::Count, Statistic::Rate]),
    (Builtin::HttpReqFailed, &[Statistic::Rate]),
    (Builtin::HttpReqDuration, DISTRIBUTION),
    (Builtin::HttpReqScheduledDuration, DISTRIBUTION),
    (Builtin::Checks, &[Statistic::Rate]),
    (Builtin::Iterations, &[Statistic::Count, Statistic::Rate]),
    (Builtin::IterationDuration, &[Statistic::Avg, Statistic::Percentile(95.0)]),
    (Builtin::DroppedIterations, &[Statistic::Count]),
    (Builtin::IterationsStopped, &[Statistic::Count]),
    (Builtin::IterationErrors, &[Statistic::Count]),
    (Builtin::ScheduleLag, &[Statistic::Percentile(95.0)]),
    (Builtin::Vus, &[Statistic::Max]),
    (Builtin::VusMax, &[Statistic::Max]),
    (Builtin::DataSent, &[Statistic::Count, Statistic::Rate]),
    (Builtin::DataReceived, &[Statistic::Count, Statistic::Rate]),
];

/// Those with a sample in either run.
pub(super) fn totals(runs: Runs<'_>) -> Vec<MetricPair> {
    let mut pairs = Vec::new();
    for (builtin, statistics) in TOTALS {
        let samples = runs.each(|run| Some(Samples::of(run, *builtin)));
        pairs.extend(metric_pair(builtin.name(), statistics, samples));
        if *builtin == Builtin::HttpReqDuration {
            pairs.extend(expected(runs));
        }
    }
    pairs
}

/// Durations of expected responses, where either run has others too: fast failures improve a percentile.
fn expected(runs: Runs<'_>) -> Option<MetricPair> {
    let samples = |run: &Measurement| Samples::times(run, run.view().expected_duration());
    let all = runs.each(|run| Samples::of(run, Builtin::HttpReqDuration));
    let (old, new) = runs.each(samples);
    let differ = old.count() != all.0.count() || new.count() != all.1.count();
    differ.then(|| metric_pair("http_req_duration{expected_response:true}", DISTRIBUTION, (Some(old), Some(new))))?
}

/// The phases of all requests together, those that took any time.
pub(super) fn phases(runs: Runs<'_>) -> Vec<MetricPair> {
    let phases = [
        ("blocked", Builtin::HttpReqBlocked),
        ("connecting", Builtin::HttpReqConnecting),
        ("tls_handshaking", Builtin::HttpReqTlsHandshaking),
        ("sending", Builtin::HttpReqSending),
        ("waiting", Builtin::HttpReqWaiting),
        ("receiving", Builtin::HttpReqReceiving),
    ];
    let pairs = phases
        .into_iter()
        .filter_map(|(name, builtin)| metric_pair(name, PHASE, runs.each(|run| Some(Samples::of(run, builtin)))));
    pairs.filter(MetricPair::took_time).collect()
}

/// How often each scenario ran, and how long its iterations took.
pub(super) fn scenarios(runs: Runs<'_>) -> Vec<MetricPair> {
    let names = runs.names(|run| run.layout.scenarios.iter().map(|label| &*label.name).collect());
    let pair = |name: &str| {
        let (old, new) = runs.each(|run| {
            let index = run.layout.scenarios.iter().position(|label| *label.name == *name)?;
            run.judged.scenarios.get(index)
        });
        let seconds = runs.each(|run| run.judged_for.as_secs_f64());
        MetricPair { name: name.into(), figures: scenario(old.zip(Some(seconds.0)), new.zip(Some(seconds.1))) }
    };
    names.into_iter().map(pair).collect()
}

/// A scenario in a run, and the seconds of its judged phase.
type Timed<'a> = Option<(&'a ScenarioTally, f64)>;

fn scenario(old: Timed<'_>, new: Timed<'_>) -> Vec<FigurePair> {
    type Count = fn(&ScenarioTally) -> u64;
    let count = |figure: &str, of: Count| {
        let count = |side: Timed<'_>| side.map(|(tally, _)| of(tally));
        FigurePair { figure: figure.into(), pair: Pair::counts(count(old), count(new)) }
    };
    let rate = |side: Timed<'_>| {
        let timed = side.filter(|(_, seconds)| *seconds > 0.0);
        timed.map(|(tally, seconds)| Figure::exact(tally.iterations as f64 / seconds))
    };
    let rate = Pair::new(Quantity::PerSecond(Unit::Plain), rate(old), rate(new));
    let times = |what: &str, of: fn(&ScenarioTally) -> &Trend| {
        let [old, new] = [old, new].map(|side| side.map(|(tally, _)| of(tally)));
        let pairs = FigurePair::of_times(&[Statistic::Avg, Statistic::Percentile(95.0)], old, new);
        let named = |pair: FigurePair| FigurePair { figure: format!("{what} {}", pair.figure), ..pair };
        pairs.into_iter().map(named).collect::<Vec<_>>()
    };
    let mut figures =
        vec![count("iterations", |tally| tally.iterations), FigurePair { figure: "rate".into(), pair: rate }];
    figures.extend(times("duration", |tally| &tally.duration));
    let seldom = [count("interrupted", |tally| tally.interrupted), count("dropped", |tally| tally.dropped)];
    let seldom = seldom.into_iter().chain(times("schedule lag", |tally| &tally.schedule_lag));
    figures.extend(seldom.filter(|figure| !figure.pair.is_nothing()));
    figures
}

/// `group_duration` of each group.
pub(super) fn groups(runs: Runs<'_>) -> Vec<MetricPair> {
    let names = runs.names(|run| run.layout.groups.iter().map(|name| &**name).collect());
    let samples = |run: &Measurement, name: &str| {
        let index = run.layout.groups.iter().position(|known| **known == *name)?;
        Some(Samples::times(run, run.judged.groups.get(index)?.clone()))
    };
    let pairs =
        names.into_iter().filter_map(|name| metric_pair(name, DISTRIBUTION, runs.each(|run| samples(run, name))));
    pairs.collect()
}

/// Each part of a metric that a threshold names.
pub(super) fn submetrics(runs: Runs<'_>) -> Vec<MetricPair> {
    let names = runs.names(|run| run.layout.submetrics.iter().map(|label| &*label.selector).collect());
    let samples = |run: &Measurement, name: &str| {
        let index = run.layout.submetrics.iter().position(|label| label.selector == name)?;
        let unit = match &run.layout.submetrics[index].metric {
            Metric::Builtin(builtin) => builtin.unit(),
            Metric::Custom(name) => run.layout.custom.iter().find(|label| label.name == *name)?.unit,
        };
        Some(Samples { unit, series: run.judged.submetrics.get(index)?.clone(), time: run.judged_for })
    };
    names.into_iter().flat_map(|name| declared(name, runs.each(|run| samples(run, name)))).collect()
}

/// Each metric that the plans declare.
pub(super) fn custom(runs: Runs<'_>) -> Vec<MetricPair> {
    let names = runs.names(|run| run.layout.custom.iter().map(|label| &*label.name).collect());
    let samples = |run: &Measurement, name: &str| {
        let label = run.layout.custom.iter().find(|label| *label.name == *name)?;
        let series = run.view().series(&Metric::Custom(label.name.clone()))?;
        Some(Samples { unit: label.unit, series, time: run.judged_for })
    };
    names.into_iter().flat_map(|name| declared(name, runs.each(|run| samples(run, name)))).collect()
}

/// What the two plans declare in two ways is two metrics.
fn declared(name: &str, samples: (Option<Samples>, Option<Samples>)) -> Vec<MetricPair> {
    let one = |old: Option<Samples>, new: Option<Samples>| {
        let kind = new.iter().chain(&old).next()?.kind();
        metric_pair(name, statistics(kind), (old, new))
    };
    let pairs = match samples {
        (Some(old), Some(new)) if (old.kind(), old.unit) != (new.kind(), new.unit) => {
            [one(Some(old), None), one(None, Some(new))]
        }
        (old, new) => [one(old, new), None],
    };
    pairs.into_iter().flatten().collect()
}

fn statistics(kind: Kind) -> &'static [Statistic] {
    match kind {
        Kind::Counter => &[Statistic::Count, Statistic::Rate],
        Kind::Gauge => &[Statistic::Value, Statistic::Min, Statistic::Max],
        Kind::Rate => &[Statistic::Rate],
        Kind::Trend => DISTRIBUTION,
    }
}

/// What a run has of a metric.
struct Samples {
    unit: Unit,
    series: Series,
    /// What divides its rates.
    time: Duration,
}

impl Samples {
    fn of(run: &Measurement, builtin: Builtin) -> Samples {
        // Every run has a series for each built-in metric.
        let series = run.view().series(&Metric::Builtin(builtin)).unwrap_or_else(|| Series::new(builtin.kind()));
        Samples { unit: builtin.unit(), series, time: run.judged_for }
    }

    fn times(run: &Measurement, trend: Trend) -> Samples {
        Samples { unit: Unit::Milliseconds, series: Series::Trend(Box::new(trend)), time: run.judged_for }
    }

    fn count(&self) -> Option<f64> {
        self.series.figure(Statistic::Count, self.time)
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
    statistics: &[Statistic],
    (old, new): (Option<Samples>, Option<Samples>),
) -> Option<MetricPair> {
    let first = old.iter().chain(&new).find(|samples| !samples.series.is_empty())?;
    let (kind, unit) = (first.kind(), first.unit);
    let figure = |side: &Option<Samples>, statistic| {
        side.as_ref().and_then(|side| Figure::of(&side.series, statistic, side.time))
    };
    let pair = |statistic: &Statistic| FigurePair {
        figure: statistic.to_string(),
        pair: Pair::new(Quantity::of(unit, kind, *statistic), figure(&old, *statistic), figure(&new, *statistic)),
    };
    Some(MetricPair { name: name.into(), figures: statistics.iter().map(pair).collect() })
}
