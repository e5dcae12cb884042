//! What a run measured, in the shapes of k6's summaries: for a script's `handleSummary()`, and for `--summary-export`.
//!
//! The figures are those of the judged phase, as everywhere in loadgate: setup and teardown are not in them.

mod groups;
mod metrics;
#[cfg(test)]
mod tests;

use serde_json::{Map, Number, Value, json};

use crate::measurement::Measurement;
use crate::metric::Statistic;

use groups::Group;
use metrics::{Figures, Metric};

/// What the summary is to hold, by k6's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryOptions {
    /// `summaryTrendStats`: which figures of trends. Names that k6 doesn't know are left out: see [`trend_statistic`].
    pub trend_stats: Vec<String>,
    /// `summaryTimeUnit`: `s`, `ms`, `us` or empty. Values are in milliseconds whatever it says, as in k6.
    pub time_unit: String,
    pub no_color: bool,
    /// Whether these are terminals.
    pub std_err_tty: bool,
    pub std_out_tty: bool,
}

impl Default for SummaryOptions {
    /// k6's defaults, in no terminal.
    fn default() -> Self {
        SummaryOptions {
            trend_stats: ["avg", "min", "med", "max", "p(90)", "p(95)"].map(str::to_owned).to_vec(),
            time_unit: String::new(),
            no_color: false,
            std_err_tty: false,
            std_out_tty: false,
        }
    }
}

/// What became of one threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdOutcome {
    /// The metric as the script writes it: `http_req_duration{name:list items}`.
    pub key: String,
    /// The condition as the script writes it: `p(95)<300`.
    pub condition: String,
    pub ok: bool,
}

/// What `handleSummary(data)` is given; `setup_data` is for the caller to add, who alone has it.
pub fn data(measurement: &Measurement, outcomes: &[ThresholdOutcome], options: &SummaryOptions) -> Value {
    let metrics = metrics::all(measurement, outcomes).into_iter().map(|metric| {
        let Metric { key, kind, contains, figures, thresholds } = metric;
        let mut value = json!({ "type": kind, "contains": contains, "values": figures.nested(options) });
        let outcome = |(condition, ok): (String, bool)| (condition, json!({ "ok": ok }));
        if let (Some(object), false) = (value.as_object_mut(), thresholds.is_empty()) {
            object.insert("thresholds".into(), Value::Object(thresholds.into_iter().map(outcome).collect()));
        }
        (key, value)
    });
    json!({
        "root_group": Group::root(measurement).as_lists(),
        "options": {
            "summaryTrendStats": options.trend_stats,
            "summaryTimeUnit": options.time_unit,
            "noColor": options.no_color,
        },
        "state": {
            "isStdOutTTY": options.std_out_tty,
            "isStdErrTTY": options.std_err_tty,
            "testRunDurationMs": number(measurement.elapsed.as_secs_f64() * 1e3),
        },
        "metrics": metrics.collect::<Map<String, Value>>(),
    })
}

/// What `--summary-export` writes. A threshold's value says whether it was broken: `true` is bad.
pub fn export(measurement: &Measurement, outcomes: &[ThresholdOutcome], options: &SummaryOptions) -> Value {
    let metrics = metrics::all(measurement, outcomes).into_iter().map(|metric| {
        let mut values = metric.figures.flat(options);
        if !metric.thresholds.is_empty() {
            let broken = metric.thresholds.into_iter().map(|(condition, ok)| (condition, Value::Bool(!ok)));
            values.insert("thresholds".into(), Value::Object(broken.collect()));
        }
        (metric.key, Value::Object(values))
    });
    json!({
        "root_group": Group::root(measurement).by_name(),
        "metrics": metrics.collect::<Map<String, Value>>(),
    })
}

/// The statistic of a trend by k6's name: `avg`, `min`, `med`, `max`, `count` or `p(95)`; none for every other.
pub fn trend_statistic(name: &str) -> Option<Statistic> {
    Some(match name {
        "avg" => Statistic::Avg,
        "min" => Statistic::Min,
        "med" => Statistic::Med,
        "max" => Statistic::Max,
        "count" => Statistic::Count,
        _ => {
            let number = name.strip_prefix("p(")?.strip_suffix(')')?.trim();
            Statistic::Percentile(number.parse().ok().filter(|percentile| (0.0..=100.0).contains(percentile))?)
        }
    })
}

impl Figures {
    /// As `handleSummary()` gets them.
    fn nested(&self, options: &SummaryOptions) -> Map<String, Value> {
        self.named("rate", options)
    }

    /// As `--summary-export` writes them: a rate's share is its `value`.
    fn flat(&self, options: &SummaryOptions) -> Map<String, Value> {
        self.named("value", options)
    }

    fn named(&self, share: &str, options: &SummaryOptions) -> Map<String, Value> {
        let figures: Vec<(&str, f64)> = match self {
            Figures::Counter { count, rate } => vec![("count", *count), ("rate", *rate)],
            Figures::Gauge { value, min, max } => vec![("value", *value), ("min", *min), ("max", *max)],
            Figures::Rate { passes, fails } => {
                let (trues, total) = (*passes as f64, (passes + fails) as f64);
                vec![(share, trues / total.max(1.0)), ("passes", trues), ("fails", *fails as f64)]
            }
            Figures::Trend(trend) => {
                let stats = options.trend_stats.iter().filter_map(|name| Some((name.as_str(), trend_statistic(name)?)));
                stats.map(|(name, statistic)| (name, trend.figure(statistic).unwrap_or(0.0))).collect()
            }
        };
        figures.into_iter().map(|(name, figure)| (name.to_owned(), number(figure))).collect()
    }
}

/// A number as k6 writes it: whole ones without a fraction.
fn number(figure: f64) -> Value {
    const EXACT: f64 = (1_u64 << 53) as f64;
    if figure.fract() == 0.0 && figure.abs() < EXACT {
        return Value::from(figure as i64);
    }
    Number::from_f64(figure).map_or(Value::Null, Value::Number)
}
