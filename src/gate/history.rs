//! One run against the window of earlier ones: the run is the replicate, a request never is.

use crate::baseline::Window;
use crate::measurement::{Measurement, RequestTally};
use crate::plan::Policy;
use crate::plan::policy::{FEWEST_RUNS, GatedMetric, Regression};

use super::failures::Failures;
use super::latency::Latency;
use super::sample_size::{Beyond, has_beyond};
use super::statistics::{ALPHA, Share, holm};
use super::{Base, Compared, Comparison, History, LostFigure, NoComparison, Row, RowOutcome};

/// How many samples a figure takes.
fn samples_beyond(metric: GatedMetric) -> Beyond {
    metric.quantile().map_or(Beyond { judged: 1.0, shown: 1.0 }, Beyond::quantile)
}

/// Whether a figure has so many samples.
fn has(metric: GatedMetric, samples: u64, least: f64) -> bool {
    has_beyond(samples, metric.quantile().unwrap_or(0.0), least)
}

/// Compares a run with its window, or says why that can't be.
pub fn compare(run: &Measurement, policy: &Policy, window: Option<&Window>) -> Comparison {
    let needed = policy.baseline.min.max(FEWEST_RUNS);
    let Some(window) = window else { return Comparison::None(NoComparison::NoBaseline { needed }) };
    let runs = window.runs.len();
    if runs < FEWEST_RUNS {
        return Comparison::None(match &window.others {
            Some(others) if runs == 0 => {
                NoComparison::Incomparable { runs: others.runs, difference: others.difference.clone() }
            }
            None if runs == 0 => NoComparison::NoBaseline { needed },
            _ => NoComparison::TooFew { runs, needed },
        });
    }
    let blocking = runs >= needed;
    // A row blocks only where the history of its own figure is long enough.
    let row_needs = if blocking { needed } else { FEWEST_RUNS };
    let mut drafts = Vec::new();
    let mut lost = Vec::new();
    let mut new_requests = Vec::new();
    for (label, tally) in run.layout.requests.iter().zip(&run.judged.requests) {
        if !(label.gated && label.in_scenario) {
            continue;
        }
        let known = same_request(run, window, &label.name);
        if known.len() < FEWEST_RUNS {
            new_requests.push(label.name.to_string());
            continue;
        }
        for metric in policy.regression.metrics.iter().copied() {
            lost.extend(self::lost(&label.name, metric, tally, &known, row_needs));
            drafts.extend(draft(&label.name, metric, tally, &known, row_needs));
        }
    }
    let latest = window.runs.last();
    Comparison::Made(Compared {
        with: Base::History(History { runs, needed, blocking }),
        alpha: ALPHA,
        rows: rows(drafts, &policy.regression),
        lost,
        new_requests,
        differences: latest.map(|latest| run.contract.soft_differences(&latest.contract)).unwrap_or_default(),
        track_record: None,
    })
}

/// The request's tallies in those runs of the window that define it alike, oldest first.
fn same_request<'a>(run: &Measurement, window: &'a Window, name: &str) -> Vec<&'a RequestTally> {
    let same = window.runs.iter().filter(|old| run.contract.same_request(&old.contract, name));
    same.filter_map(|old| {
        let index = old.layout.requests.iter().position(|label| *label.name == *name)?;
        old.judged.requests.get(index)
    })
    .collect()
}

/// A row before the family is known.
#[derive(Debug)]
struct Draft {
    request: String,
    metric: GatedMetric,
    samples: u64,
    history: Vec<f64>,
    effect: Effect,
    /// Whether there are samples and runs enough to judge it.
    tested: bool,
}

#[derive(Debug)]
enum Effect {
    Latency(Latency),
    Failures(Failures),
}

/// None where a figure is not to be shown at all.
fn draft(
    request: &str,
    metric: GatedMetric,
    candidate: &RequestTally,
    known: &[&RequestTally],
    needed: usize,
) -> Option<Draft> {
    let Beyond { judged, shown } = samples_beyond(metric);
    let samples = sample_count(metric, candidate);
    let enough = |tally: &RequestTally, least: f64| has(metric, sample_count(metric, tally), least);
    let runs: Vec<&RequestTally> = known.iter().copied().filter(|tally| enough(tally, shown)).collect();
    if !enough(candidate, shown) || runs.len() < 2 {
        return None;
    }
    let tested = enough(candidate, judged) && runs.iter().filter(|tally| enough(tally, judged)).count() >= needed;
    let runs: Vec<&RequestTally> = runs.into_iter().filter(|tally| !tested || enough(tally, judged)).collect();
    let (history, effect) = match metric.quantile() {
        Some(quantile) => {
            let history: Vec<f64> = runs.iter().filter_map(|tally| tally.comparable.quantile(quantile)).collect();
            let latency = Latency::new(&history, candidate.comparable.quantile(quantile)?);
            (history, Effect::Latency(latency))
        }
        None => {
            let share = |tally: &RequestTally| Share { events: tally.failed, trials: tally.attempts };
            let shares: Vec<Share> = runs.iter().map(|tally| share(tally)).collect();
            let history = shares.iter().map(|share| share.value()).collect();
            (history, Effect::Failures(Failures::new(&shares, share(candidate))))
        }
    };
    Some(Draft { request: request.into(), metric, samples, history, effect, tested })
}

/// A figure that the window has and this run hasn't, since too little came back: with fewer samples than it takes to judge
/// the figure, and with less than half of what any run of the window has.
fn lost(
    request: &str,
    metric: GatedMetric,
    candidate: &RequestTally,
    known: &[&RequestTally],
    needed: usize,
) -> Option<LostFigure> {
    let Beyond { judged, .. } = samples_beyond(metric);
    let enough = |samples: u64| has(metric, samples, judged);
    let window = known.iter().map(|tally| sample_count(metric, tally)).filter(|samples| enough(*samples));
    let window: Vec<u64> = window.collect();
    let fewest = window.iter().copied().min().filter(|_| window.len() >= needed)?;
    let samples = sample_count(metric, candidate);
    let few = metric == GatedMetric::Failed || !enough(samples);
    (few && samples < fewest / 2).then(|| LostFigure { request: request.into(), metric, samples, base: fewest })
}

fn sample_count(metric: GatedMetric, tally: &RequestTally) -> u64 {
    if metric == GatedMetric::Failed { tally.attempts } else { tally.comparable.count() }
}

/// Judges the family: all tested rows together.
fn rows(drafts: Vec<Draft>, rules: &Regression) -> Vec<Row> {
    let p: Vec<f64> = drafts.iter().filter(|draft| draft.tested).map(|draft| draft.effect.p()).collect();
    let family = p.len().max(1);
    let mut adjusted = holm(&p).into_iter();
    drafts
        .into_iter()
        .map(|draft| {
            let p_adjusted = if draft.tested { adjusted.next() } else { None };
            draft.row(p_adjusted, family, rules)
        })
        .collect()
}

impl Effect {
    fn p(&self) -> f64 {
        match self {
            Effect::Latency(latency) => latency.p(),
            Effect::Failures(failures) => failures.p(),
        }
    }

    fn outcome(&self, p_adjusted: f64, rules: &Regression) -> RowOutcome {
        match self {
            Effect::Latency(latency) => latency.outcome(p_adjusted, rules),
            Effect::Failures(failures) => failures.outcome(p_adjusted, rules),
        }
    }
}

impl Draft {
    /// The row; without a p value it is shown and not judged.
    fn row(self, p_adjusted: Option<f64>, family: usize, rules: &Regression) -> Row {
        let outcome = p_adjusted.map_or(RowOutcome::TooFewSamples, |p| self.effect.outcome(p, rules));
        let (base, candidate, change, interval, limit, t, detectable) = match &self.effect {
            Effect::Latency(latency) => (
                latency.base,
                latency.candidate,
                latency.change(),
                latency.interval(),
                rules.tolerance,
                p_adjusted.map(|_| latency.t()),
                Some(latency.detectable(family, rules)),
            ),
            Effect::Failures(failures) => (
                failures.base(),
                failures.candidate(),
                failures.change(),
                failures.interval(),
                rules.failure_tolerance,
                None,
                failures.detectable(family, rules),
            ),
        };
        let Draft { request, metric, samples, history, .. } = self;
        let detectable = detectable.filter(|_| p_adjusted.is_some());
        Row {
            request,
            metric,
            base,
            candidate,
            change,
            interval,
            limit,
            samples,
            t,
            p_adjusted,
            detectable,
            outcome,
            history,
            blocks: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod worked_example;
