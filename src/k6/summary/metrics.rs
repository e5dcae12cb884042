//! Every metric of a run that k6's summaries name, with its figures and thresholds.

use crate::measurement::{Measurement, Series, Trend};
use crate::metric::{self, Builtin, Kind, Selector, Unit};

use super::ThresholdOutcome;

/// The part of the response times that k6 shows always.
const EXPECTED: &str = "http_req_duration{expected_response:true}";

/// A metric, or a tagged part of one.
#[derive(Debug)]
pub struct Metric {
    /// As the script writes it, where a threshold names it.
    pub key: String,
    /// `counter`, `gauge`, `rate` or `trend`.
    pub kind: Kind,
    /// `default`, `time` or `data`.
    pub contains: &'static str,
    pub figures: Figures,
    /// Conditions, and whether they hold.
    pub thresholds: Vec<(String, bool)>,
}

/// What k6 writes of a metric. Without a sample it is all 0, as in k6.
#[derive(Debug)]
pub enum Figures {
    Counter { count: f64, rate: f64 },
    Gauge { value: f64, min: f64, max: f64 },
    Rate { passes: u64, fails: u64 },
    Trend(Box<Trend>),
}

/// Metrics with a sample or a threshold; those that are loadgate's own only with a threshold.
pub fn all(measurement: &Measurement, outcomes: &[ThresholdOutcome]) -> Vec<Metric> {
    let outcomes: Vec<(String, &ThresholdOutcome)> =
        outcomes.iter().map(|outcome| (normal(&outcome.key), outcome)).collect();
    Metrics { measurement, outcomes }.all()
}

struct Metrics<'a> {
    measurement: &'a Measurement,
    /// By their key as loadgate writes it.
    outcomes: Vec<(String, &'a ThresholdOutcome)>,
}

impl Metrics<'_> {
    fn all(&self) -> Vec<Metric> {
        let mut metrics = Vec::new();
        let builtins = Builtin::ALL.iter().map(|builtin| {
            let is_ours = matches!(
                builtin,
                Builtin::HttpReqScheduledDuration
                    | Builtin::IterationsStopped
                    | Builtin::IterationErrors
                    | Builtin::ScheduleLag
            );
            (metric::Metric::Builtin(*builtin), builtin.unit(), is_ours)
        });
        let custom = self.measurement.layout.custom.iter();
        let custom = custom.map(|label| (metric::Metric::Custom(label.name.clone()), label.unit, false));
        for (metric, unit, is_ours) in builtins.chain(custom) {
            let Some(series) = self.measurement.view().series(&metric) else { continue };
            let shown = !series.is_empty() && !is_ours;
            let is_duration = metric == metric::Metric::Builtin(Builtin::HttpReqDuration);
            if shown || self.has_threshold(metric.name()) {
                metrics.push(self.metric(metric.name(), &series, unit));
            }
            if is_duration && (shown || self.has_threshold(EXPECTED)) {
                let expected = Series::Trend(Box::new(self.measurement.view().expected_duration()));
                metrics.push(self.metric(EXPECTED, &expected, unit));
            }
            self.parts(&metric, unit, &mut metrics);
        }
        metrics
    }

    fn parts(&self, metric: &metric::Metric, unit: Unit, metrics: &mut Vec<Metric>) {
        let parts = self.measurement.layout.submetrics.iter().zip(&self.measurement.judged.submetrics);
        for (label, series) in parts.filter(|(label, _)| label.metric == *metric && label.selector != EXPECTED) {
            metrics.push(self.metric(&label.selector, series, unit));
        }
    }

    fn has_threshold(&self, selector: &str) -> bool {
        self.outcomes.iter().any(|(of, _)| of == selector)
    }

    fn metric(&self, selector: &str, series: &Series, unit: Unit) -> Metric {
        let outcomes: Vec<&ThresholdOutcome> =
            self.outcomes.iter().filter(|(of, _)| of == selector).map(|(_, outcome)| *outcome).collect();
        Metric {
            key: outcomes.first().map_or(selector, |outcome| &outcome.key).to_owned(),
            kind: series.kind(),
            contains: unit.contains(),
            figures: self.figures(series),
            thresholds: outcomes.into_iter().map(|outcome| (outcome.condition.clone(), outcome.ok)).collect(),
        }
    }

    fn figures(&self, series: &Series) -> Figures {
        match series {
            Series::Counter { sum, .. } => {
                let seconds = self.measurement.judged_for.as_secs_f64();
                Figures::Counter { count: *sum, rate: if seconds > 0.0 { sum / seconds } else { 0.0 } }
            }
            Series::Gauge(gauge) => Figures::Gauge {
                value: gauge.last.unwrap_or(0.0),
                min: gauge.min.unwrap_or(0.0),
                max: gauge.max.unwrap_or(0.0),
            },
            Series::Rate(ratio) => Figures::Rate { passes: ratio.trues, fails: ratio.total - ratio.trues },
            Series::Trend(trend) => Figures::Trend(trend.clone()),
        }
    }
}

/// A threshold's key as loadgate writes it; one that can't be read stays as it is.
fn normal(key: &str) -> String {
    Selector::parse(key).map_or_else(|_| key.to_owned(), |selector| selector.to_string())
}
