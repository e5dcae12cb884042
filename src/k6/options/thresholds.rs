//! `thresholds`: conditions in k6's grammar, by metric.

use std::time::Duration;

use super::json::At;
use super::scenario::spelt;
use super::{Given, OptionError, Problems};
use crate::metric::{Builtin, Kind, Metric, Selector};
use crate::plan::error::{did_you_mean, list};
use crate::plan::{Condition, CustomMetric, Threshold};

/// One condition, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdOptions {
    /// The metric, with its tags: `http_req_duration{name:login}`.
    pub metric: Given<String>,
    /// `p(95)<300`
    pub threshold: Given<String>,
    pub abort_on_fail: bool,
    pub delay_abort_eval: Duration,
}

/// Reads `thresholds`: a list for each metric, of texts or of objects.
pub(super) fn thresholds(at: &At<'_>, problems: &mut Problems) -> Option<Vec<ThresholdOptions>> {
    let mut thresholds = Vec::new();
    for (metric, at) in at.fields(problems)? {
        if at.value.is_string() {
            problems.add(&at.place, "conditions of a metric are a list", format!("write [{}]", at.value));
            continue;
        }
        let metric = Given { value: metric.to_owned(), place: at.place.clone() };
        for item in at.list(problems).unwrap_or_default() {
            thresholds.extend(threshold(&metric, &item, problems));
        }
    }
    Some(thresholds)
}

fn threshold(metric: &Given<String>, at: &At<'_>, problems: &mut Problems) -> Option<ThresholdOptions> {
    const KNOWN: [&str; 3] = ["threshold", "abortOnFail", "delayAbortEval"];
    let mut read = ThresholdOptions {
        metric: metric.clone(),
        threshold: Given { value: String::new(), place: at.place.clone() },
        abort_on_fail: false,
        delay_abort_eval: Duration::ZERO,
    };
    if at.value.is_string() {
        read.threshold.value = at.text(problems)?;
        return Some(read);
    }
    let mut is_there = false;
    for (field, at) in at.fields(problems)? {
        match spelt(field, KNOWN) {
            Some("threshold") => {
                is_there = true;
                read.threshold = Given { value: at.text(problems)?, place: at.place.clone() };
            }
            Some("abortOnFail") => read.abort_on_fail = at.boolean(problems)?,
            Some(_) => read.delay_abort_eval = at.duration(problems)?,
            None => {
                problems.warn(format!("{}: a threshold has no such field; {}", at.place, did_you_mean(field, KNOWN)))
            }
        }
    }
    if !is_there {
        problems.add(&at.place, "`threshold` is missing", "write { threshold: 'p(95)<300', abortOnFail: true }, say");
    }
    is_there.then_some(read)
}

impl ThresholdOptions {
    /// The threshold, held to the metrics that there are.
    ///
    /// # Errors
    /// Where it breaks k6's grammar; an unknown metric; a figure that the metric has not.
    pub(super) fn compiled(&self, metrics: &[CustomMetric]) -> Result<Threshold, OptionError> {
        let refuse =
            |place: &str, problem: String, help: String| OptionError { place: place.to_owned(), problem, help };
        let selector = Selector::parse(&self.metric.value).map_err(|error| {
            let problem = format!("`{}` selects no samples: {error}", self.metric.value);
            refuse(&self.metric.place, problem, "write a metric, or one with tags: metric{tag:value}".to_owned())
        })?;
        let kind = kind(&selector.metric, metrics).ok_or_else(|| {
            let own = metrics.iter().map(|metric| &*metric.name);
            let known: Vec<&str> = Builtin::ALL.iter().map(|builtin| builtin.name()).chain(own).collect();
            let problem = format!("there is no metric `{}`", selector.metric);
            refuse(&self.metric.place, problem, did_you_mean(selector.metric.name(), known))
        })?;
        let condition = Condition::parse(&self.threshold.value).map_err(|error| {
            let problem = format!("`{}` is no condition: {error}", self.threshold.value);
            refuse(&self.threshold.place, problem, "k6's grammar is `figure operator number`".to_owned())
        })?;
        if !condition.statistic.applies_to(kind) {
            let problem = format!("{} is a {} and has no {}", selector.metric, kind.name(), condition.statistic);
            return Err(refuse(&self.threshold.place, problem, format!("it has {}", figures(kind))));
        }
        Ok(Threshold {
            selector,
            submetric: None,
            condition,
            abort_on_fail: self.abort_on_fail,
            delay_abort_eval: self.delay_abort_eval,
        })
    }
}

fn kind(metric: &Metric, metrics: &[CustomMetric]) -> Option<Kind> {
    match metric {
        Metric::Builtin(builtin) => Some(builtin.kind()),
        Metric::Custom(name) => metrics.iter().find(|metric| metric.name == *name).map(|metric| metric.kind),
    }
}

fn figures(kind: Kind) -> String {
    let names: Vec<String> = kind.statistics().iter().map(ToString::to_string).collect();
    list(names.iter().map(String::as_str))
}
