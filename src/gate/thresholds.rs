//! Thresholds: k6's grammar and meaning, on the judged phase.

use std::time::Duration;

use crate::measurement::layout::Layout;
use crate::measurement::{Ending, Measurement, Series, Tallies, View};
use crate::metric::{Kind, Metric, Statistic, Unit};
use crate::plan::Threshold;

use super::ThresholdResult;

/// Judges every threshold on a whole run. One whose metric has no sample fails; a counter that nothing was added to is 0.
pub fn evaluate(run: &Measurement, thresholds: &[Threshold]) -> Vec<ThresholdResult> {
    let view = run.view();
    thresholds
        .iter()
        .map(|threshold| {
            let figure = figure(&view, threshold);
            let aborted = matches!(&run.ending, Ending::Aborted { threshold: broken } if *broken == label(threshold));
            ThresholdResult {
                selector: threshold.selector.to_string(),
                condition: threshold.condition.to_string(),
                unit: unit(&run.layout, threshold),
                figure,
                limit: threshold.condition.limit,
                passed: !aborted && figure.is_some_and(|figure| threshold.condition.holds(figure)),
                aborted,
            }
        })
        .collect()
}

/// The first threshold with `abortOnFail` that is broken by what a run has counted so far, `elapsed` after the start of its
/// load. As in k6, metrics without a sample are not looked at yet, nor is a threshold before its `delayAbortEval`.
pub fn broken<'a>(
    thresholds: &'a [Threshold],
    layout: &Layout,
    tallies: &Tallies,
    elapsed: Duration,
) -> Option<&'a Threshold> {
    let time = elapsed.min(layout.grid.to).saturating_sub(layout.grid.from);
    let view = View { layout, tally: &tallies.judged, time };
    let due = thresholds.iter().filter(|threshold| threshold.abort_on_fail && elapsed >= threshold.delay_abort_eval);
    due.into_iter().find(|threshold| {
        let series = series(&view, threshold).filter(|series| !series.is_empty());
        let figure = series.and_then(|series| series.figure(threshold.condition.statistic, time));
        figure.is_some_and(|figure| !threshold.condition.holds(figure))
    })
}

/// The figure that a threshold judges. Where only figures are known and no samples, it is the stated one or none.
fn figure(view: &View<'_>, threshold: &Threshold) -> Option<f64> {
    let statistic = threshold.condition.statistic;
    match &view.tally.stated {
        Some(stated) => stated.figure(&threshold.selector, statistic),
        None => series(view, threshold)?.figure(statistic, view.time),
    }
}

/// How a threshold is named where a run says which one ended it: `http_req_failed: rate<0.01`.
pub fn label(threshold: &Threshold) -> String {
    format!("{}: {}", threshold.selector, threshold.condition)
}

/// The samples that a threshold is about. A submetric is found by its selector, since a measurement may be judged by a
/// later plan, which counts others; one that was not counted has no sample.
fn series(view: &View<'_>, threshold: &Threshold) -> Option<Series> {
    if threshold.submetric.is_none() {
        return view.series(&threshold.selector.metric);
    }
    let selector = threshold.selector.to_string();
    let index = view.layout.submetrics.iter().position(|label| label.selector == selector)?;
    view.tally.submetrics.get(index).cloned()
}

/// The unit of a threshold's figure: the metric's, but none for shares and numbers of samples.
fn unit(layout: &Layout, threshold: &Threshold) -> Unit {
    let (kind, unit) = match &threshold.selector.metric {
        Metric::Builtin(builtin) => (builtin.kind(), builtin.unit()),
        Metric::Custom(name) => match layout.custom.iter().find(|label| label.name == *name) {
            Some(label) => (label.kind, label.unit),
            None => (Kind::Counter, Unit::Plain),
        },
    };
    match (kind, threshold.condition.statistic) {
        (Kind::Rate, _) | (Kind::Trend, Statistic::Count) => Unit::Plain,
        _ => unit,
    }
}

#[cfg(test)]
mod tests;
