//! The whole run's metrics, as k6's end-of-test summary lists them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::gate::ThresholdResult;
use crate::measurement::{Gauge, Measurement, Ratio, ScenarioTally, Series, Trend};
use crate::metric::{Builtin, Metric, Statistic, Unit};

/// One metric, or the part of it that a tag or a reason selects.
#[derive(Clone, Debug)]
pub struct MetricRow {
    /// `http_req_duration`; of a part only what selects it: `{ expected_response:true }`.
    pub name: String,
    /// Whether it is a part of the metric above.
    pub part: bool,
    pub unit: Unit,
    pub figures: Figures,
    /// Whether all thresholds on it hold; none without a threshold.
    pub passed: Option<bool>,
}

/// A metric's figures, by its kind.
#[derive(Clone, Debug)]
pub enum Figures {
    Counter { sum: f64, per_second: Option<f64> },
    Gauge(Gauge),
    Rate(Ratio),
    Trend(Distribution),
}

/// The figures of a distribution, in its metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Distribution {
    pub count: u64,
    pub avg: f64,
    pub min: f64,
    pub med: f64,
    pub max: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
}

impl Distribution {
    /// None without samples.
    pub fn of(trend: &Trend) -> Option<Distribution> {
        Some(Distribution {
            count: trend.count(),
            avg: trend.mean()?,
            min: trend.min()?,
            med: trend.quantile(0.5)?,
            max: trend.max()?,
            p90: trend.quantile(0.9)?,
            p95: trend.quantile(0.95)?,
            p99: trend.quantile(0.99)?,
        })
    }

    /// The names under which [`Distribution::figures`] are shown.
    pub const NAMES: [&'static str; 7] = ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"];

    /// The figures in the order of [`Distribution::NAMES`].
    pub fn figures(&self) -> [f64; 7] {
        [self.avg, self.min, self.med, self.max, self.p90, self.p95, self.p99]
    }
}

/// Every metric with a sample, each followed by those parts of it that thresholds name.
pub fn rows(run: &Measurement, thresholds: &[ThresholdResult]) -> Vec<MetricRow> {
    Rows { run, thresholds }.all()
}

struct Rows<'a> {
    run: &'a Measurement,
    thresholds: &'a [ThresholdResult],
}

impl Rows<'_> {
    fn all(&self) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        let builtins = Builtin::ALL.iter().map(|builtin| (Metric::Builtin(*builtin), builtin.unit()));
        let custom = self.run.layout.custom.iter().map(|label| (Metric::Custom(label.name.clone()), label.unit));
        for (metric, unit) in builtins.chain(custom) {
            let Some(figures) = self.run.view().series(&metric).and_then(|series| self.figures(&series)) else {
                continue;
            };
            let passed = self.passed(metric.name());
            rows.push(MetricRow { name: metric.name().to_owned(), part: false, unit, figures, passed });
            self.parts(&metric, unit, &mut rows);
        }
        rows
    }

    fn parts(&self, metric: &Metric, unit: Unit, rows: &mut Vec<MetricRow>) {
        let scenarios = &self.run.judged.scenarios;
        match metric {
            Metric::Builtin(Builtin::HttpReqDuration) => {
                if let Some(expected) = Distribution::of(&self.run.view().expected_duration()) {
                    let name = "{ expected_response:true }".to_owned();
                    let passed = self.passed("http_req_duration{expected_response:true}");
                    rows.push(MetricRow { name, part: true, unit, figures: Figures::Trend(expected), passed });
                }
            }
            Metric::Builtin(Builtin::IterationsStopped) => by_reason(scenarios, |tally| &tally.stopped, rows),
            Metric::Builtin(Builtin::IterationErrors) => by_reason(scenarios, |tally| &tally.errors, rows),
            _ => {}
        }
        let submetrics = self.run.layout.submetrics.iter().zip(&self.run.judged.submetrics);
        for (label, series) in submetrics.filter(|(label, _)| label.metric == *metric) {
            let tags = label.selector.strip_prefix(metric.name()).unwrap_or(&label.selector);
            let tags = tags.trim_start_matches('{').trim_end_matches('}');
            if tags == "expected_response:true" && *metric == Metric::Builtin(Builtin::HttpReqDuration) {
                continue;
            }
            if let Some(figures) = self.figures(series) {
                let passed = self.passed(&label.selector);
                rows.push(MetricRow { name: format!("{{ {tags} }}"), part: true, unit, figures, passed });
            }
        }
    }

    fn figures(&self, series: &Series) -> Option<Figures> {
        if series.is_empty() {
            return None;
        }
        Some(match series {
            Series::Counter { sum, .. } => {
                Figures::Counter { sum: *sum, per_second: series.figure(Statistic::Rate, self.run.judged_for) }
            }
            Series::Gauge(gauge) => Figures::Gauge(*gauge),
            Series::Rate(ratio) => Figures::Rate(*ratio),
            Series::Trend(trend) => Figures::Trend(Distribution::of(trend)?),
        })
    }

    fn passed(&self, selector: &str) -> Option<bool> {
        let mut thresholds = self.thresholds.iter().filter(|result| result.selector == selector).peekable();
        thresholds.peek()?;
        Some(thresholds.all(|result| result.passed))
    }
}

fn by_reason<'a>(
    scenarios: &'a [ScenarioTally],
    reasons: impl Fn(&'a ScenarioTally) -> &'a BTreeMap<Arc<str>, u64>,
    rows: &mut Vec<MetricRow>,
) {
    let mut sums = BTreeMap::<&str, u64>::new();
    for (reason, count) in scenarios.iter().flat_map(reasons) {
        *sums.entry(reason).or_default() += count;
    }
    for (reason, count) in sums {
        let figures = Figures::Counter { sum: count as f64, per_second: None };
        rows.push(MetricRow { name: format!("{{ {reason} }}"), part: true, unit: Unit::Plain, figures, passed: None });
    }
}
