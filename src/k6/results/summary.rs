//! The three shapes of k6's summary: what `handleSummary()` is given, what `--summary-export` writes, and the
//! machine-readable one. They state figures; the samples behind them are gone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::k6::summary;
use crate::metric::{Builtin, Kind, Metric, Statistic, Unit};

use super::error::Problem;
use super::line::Contains;

mod stating;

/// A summary of any shape. Fields that are not named here are skipped unread: `setup_data`, `options`, the script.
#[derive(Debug, Deserialize)]
pub struct Document {
    #[serde(default)]
    metrics: Option<BTreeMap<String, StoredMetric>>,
    #[serde(default)]
    root_group: Option<StoredGroup>,
    #[serde(default)]
    state: Option<StoredState>,
    #[serde(default)]
    results: Option<StoredResults>,
    #[serde(default)]
    config: Option<StoredConfig>,
    #[serde(default)]
    metadata: Option<StoredMetadata>,
}

#[derive(Debug, Deserialize)]
struct StoredMetric {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<Kind>,
    #[serde(default)]
    contains: Option<Contains>,
    #[serde(default)]
    values: Option<BTreeMap<String, Option<f64>>>,
    #[serde(default)]
    thresholds: Option<BTreeMap<String, StoredOutcome>>,
    /// In the legacy shape the values lie beside the thresholds.
    #[serde(flatten)]
    beside: BTreeMap<String, Value>,
}

/// What k6 made of a threshold.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum StoredOutcome {
    Told {
        ok: bool,
    },
    /// In the legacy shape `true` says that it was broken.
    Broken(bool),
}

#[derive(Debug, Default, Deserialize)]
struct StoredGroup {
    #[serde(default)]
    path: String,
    #[serde(default)]
    groups: Children<StoredGroup>,
    #[serde(default)]
    checks: Children<StoredCheck>,
}

/// A list, or in the legacy shape an object by name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Children<T> {
    List(Vec<T>),
    ByName(BTreeMap<String, T>),
    None(()),
}

impl<T> Default for Children<T> {
    fn default() -> Self {
        Children::None(())
    }
}

impl<T> Children<T> {
    fn iter(&self) -> Box<dyn Iterator<Item = &T> + '_> {
        match self {
            Children::List(list) => Box::new(list.iter()),
            Children::ByName(by_name) => Box::new(by_name.values()),
            Children::None(()) => Box::new(std::iter::empty()),
        }
    }
}

#[derive(Debug, Deserialize)]
struct StoredCheck {
    name: String,
    #[serde(default)]
    passes: u64,
    #[serde(default)]
    fails: u64,
}

#[derive(Debug, Deserialize)]
struct StoredState {
    #[serde(default, rename = "testRunDurationMs")]
    milliseconds: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct StoredResults {
    metrics: Vec<StoredMetric>,
    #[serde(default)]
    checks: Option<StoredChecks>,
}

#[derive(Debug, Deserialize)]
struct StoredChecks {
    #[serde(default)]
    results: Vec<StoredCheck>,
}

#[derive(Debug, Deserialize)]
struct StoredConfig {
    /// In seconds.
    #[serde(default)]
    duration: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct StoredMetadata {
    #[serde(default)]
    generated_at: Option<Timestamp>,
    #[serde(default)]
    k6_version: Option<String>,
}

/// Which shape it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Data,
    Legacy,
    MachineReadable,
}

/// What a summary states, whatever its shape.
#[derive(Debug)]
pub struct Summary {
    shape: Shape,
    metrics: Vec<StatedMetric>,
    checks: Vec<StoredCheck>,
    /// Paths, without the leading `::`.
    groups: Vec<String>,
    /// In seconds, where it is told.
    seconds: Option<f64>,
    ended: Timestamp,
    version: Option<String>,
}

#[derive(Debug)]
struct StatedMetric {
    /// As k6 writes it: `http_req_duration{expected_response:true}`.
    key: String,
    kind: Kind,
    unit: Unit,
    values: Values,
    /// The condition, and whether k6 says that it holds.
    thresholds: Vec<(String, bool)>,
}

/// The values of a metric by k6's names.
#[derive(Debug)]
struct Values(BTreeMap<String, f64>);

impl Summary {
    /// Makes one of a document; none where it is no summary of k6's.
    pub fn of(document: Document, modified: Timestamp) -> Option<Result<Summary, Problem>> {
        let Document { metrics, root_group, state, results, config, metadata } = document;
        if let Some(results) = results.filter(|_| metadata.is_some() || config.is_some()) {
            let metrics =
                results.metrics.into_iter().map(|mut metric| (metric.name.take().unwrap_or_default(), metric));
            let (ended, version) = metadata.map_or((None, None), |about| (about.generated_at, about.k6_version));
            return Some(stated(metrics).map(|metrics| Summary {
                shape: Shape::MachineReadable,
                metrics,
                checks: results.checks.map(|checks| checks.results).unwrap_or_default(),
                groups: Vec::new(),
                seconds: config.and_then(|config| config.duration),
                ended: ended.unwrap_or(modified),
                version,
            }));
        }
        let (metrics, root) = (metrics?, root_group?);
        let nested = metrics.values().any(|metric| metric.values.is_some());
        let (mut checks, mut groups) = (Vec::new(), Vec::new());
        flatten(root, &mut checks, &mut groups);
        Some(stated(metrics).map(|metrics| Summary {
            shape: if nested { Shape::Data } else { Shape::Legacy },
            metrics,
            checks,
            groups,
            seconds: state.and_then(|state| state.milliseconds).map(|milliseconds| milliseconds / 1e3),
            ended: modified,
            version: None,
        }))
    }

    fn metric(&self, key: &str) -> Option<&StatedMetric> {
        self.metrics.iter().find(|metric| metric.key == key)
    }

    fn value(&self, builtin: Builtin, name: &str) -> Option<f64> {
        self.metric(builtin.name())?.values.get(name)
    }
}

/// The checks and the paths of all groups beneath one.
fn flatten(group: StoredGroup, checks: &mut Vec<StoredCheck>, groups: &mut Vec<String>) {
    let path = group.path.strip_prefix("::").unwrap_or(&group.path);
    if !path.is_empty() {
        groups.push(path.to_owned());
    }
    for check in group.checks.iter() {
        checks.push(StoredCheck { name: check.name.clone(), ..*check });
    }
    match group.groups {
        Children::List(list) => list.into_iter().for_each(|group| flatten(group, checks, groups)),
        Children::ByName(by_name) => by_name.into_values().for_each(|group| flatten(group, checks, groups)),
        Children::None(()) => {}
    }
}

fn stated(metrics: impl IntoIterator<Item = (String, StoredMetric)>) -> Result<Vec<StatedMetric>, Problem> {
    metrics.into_iter().map(|(key, metric)| stated_metric(key, metric)).collect()
}

fn stated_metric(key: String, stored: StoredMetric) -> Result<StatedMetric, Problem> {
    let values: BTreeMap<String, f64> = match stored.values {
        Some(values) => values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        None => stored.beside.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect(),
    };
    let values = Values(values);
    let name = key.split('{').next().unwrap_or_default().trim();
    let builtin = match Metric::named(name) {
        Metric::Builtin(builtin) => Some(builtin),
        Metric::Custom(_) => None,
    };
    let kind = stored.kind.or(builtin.map(Builtin::kind)).or_else(|| values.kind());
    let kind = kind.ok_or_else(|| Problem::damaged(format!("what {key:?} is can't be told from its values")))?;
    if builtin.is_some_and(|builtin| builtin.kind() != kind) {
        return Err(Problem::damaged(format!("{key} has another type than k6 gives it")));
    }
    let unit = stored.contains.map(Contains::unit).or(builtin.map(Builtin::unit)).unwrap_or(Unit::Plain);
    let outcome = |outcome: StoredOutcome| match outcome {
        StoredOutcome::Told { ok } => ok,
        StoredOutcome::Broken(broken) => !broken,
    };
    let thresholds = stored.thresholds.unwrap_or_default();
    let thresholds = thresholds.into_iter().map(|(condition, told)| (condition, outcome(told))).collect();
    Ok(StatedMetric { key, kind, unit, values, thresholds })
}

impl Values {
    fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// What the metric is, by the values that only its kind has.
    fn kind(&self) -> Option<Kind> {
        let has = |name: &str| self.0.contains_key(name);
        Some(match () {
            () if has("passes") && has("fails") || has("matches") => Kind::Rate,
            () if has("value") => Kind::Gauge,
            () if has("count") && has("rate") => Kind::Counter,
            () if self.0.keys().any(|name| trend_statistic(name).is_some()) => Kind::Trend,
            () => return None,
        })
    }

    /// Of a rate: how many samples were true, and how many there were.
    fn ratio(&self) -> Option<(u64, u64)> {
        let of = |trues: &str, other: &str, is_total: bool| {
            let (trues, other) = (self.get(trues)?, self.get(other)?);
            Some((trues.max(0.0) as u64, (if is_total { other } else { trues + other }).max(0.0) as u64))
        };
        of("passes", "fails", false).or_else(|| of("matches", "total", true))
    }

    /// Whether all values that are stated of a trend are 0: k6 writes that where there was no sample, too.
    fn is_all_zero(&self) -> bool {
        self.0.iter().all(|(name, value)| name == "count" || *value == 0.0)
    }

    /// The statistics of a trend.
    fn trend(&self) -> Vec<(Statistic, f64)> {
        self.0.iter().filter_map(|(name, value)| Some((trend_statistic(name)?, *value))).collect()
    }
}

/// A trend's statistic by k6's name: `p(95)`, or `p95` in the machine-readable shape.
fn trend_statistic(name: &str) -> Option<Statistic> {
    let bare = || name.strip_prefix('p').and_then(|number| summary::trend_statistic(&format!("p({number})")));
    summary::trend_statistic(name).or_else(bare)
}
