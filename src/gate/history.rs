//! One run against the window of earlier ones: the run is the replicate, a request never is.

mod figure;
mod runs;

use std::time::Duration;

use crate::baseline::Window;
use crate::measurement::{Measurement, RequestTally};
use crate::plan::Policy;
use crate::plan::policy::{FEWEST_RUNS, GatedMetric, Regression};

use super::failures::Failures;
use super::latency::Latency;
use super::statistics::{ALPHA, holm};
use super::{Base, Compared, Comparison, History, NoComparison, Row, RowOutcome};

use figure::Figure;

/// Compares a run with its window, or says why that can't be.
pub fn compare(run: &Measurement, policy: &Policy, window: Option<&Window>) -> Comparison {
    let needed = policy.baseline.min.max(FEWEST_RUNS);
    let Some(window) = window else { return Comparison::None(NoComparison::NoBaseline { needed }) };
    let base = runs::comparable(run, window);
    let runs = base.len();
    if runs < FEWEST_RUNS {
        return Comparison::None(runs::too_few(run, window, runs, needed));
    }
    let blocking = runs >= needed;
    // A row blocks only where the history of its own figure is long enough.
    let runs_needed = if blocking { needed } else { FEWEST_RUNS };
    let (mut drafts, mut lost, mut hidden, mut new_requests) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (label, candidate) in run.layout.requests.iter().zip(&run.judged.requests) {
        if !(label.gated && label.in_scenario) {
            continue;
        }
        let known = same_request(run, &base, &label.name);
        if known.len() < FEWEST_RUNS {
            new_requests.push(label.name.to_string());
            continue;
        }
        for metric in policy.regression.metrics.iter().copied() {
            let figure = Figure { request: &label.name, metric, candidate, known: &known, runs_needed };
            lost.extend(figure.lost());
            match figure.draft() {
                Ok(draft) => drafts.push(draft),
                Err(figure) => hidden.push(figure),
            }
        }
    }
    Comparison::Made(Compared {
        with: Base::History(History { runs, needed, blocking }),
        alpha: ALPHA,
        rows: rows(drafts, &policy.regression),
        lost,
        hidden,
        new_requests,
        differences: runs::differences(run, &base),
        track_record: None,
        confirmation: None,
    })
}

/// The control's own rows, judged as a family by the same test but for the floor, which is meant for what users feel; none
/// where the plan has no control. There are none of them where too few runs know it.
pub(super) fn of_control(run: &Measurement, policy: &Policy, window: &Window) -> Option<Vec<Row>> {
    let control = run.layout.control?.request;
    let request = &*run.layout.requests[control].name;
    let base = runs::comparable(run, window);
    let known = same_request(run, &base, request);
    let runs_needed = policy.baseline.min.max(FEWEST_RUNS);
    if known.len() < runs_needed {
        return Some(Vec::new());
    }
    let drafts = [GatedMetric::P50, GatedMetric::P95].into_iter().filter_map(|metric| {
        let candidate = &run.judged.requests[control];
        Figure { request, metric, candidate, known: &known, runs_needed }.draft().ok()
    });
    Some(rows(drafts.collect(), &Regression { floor: Duration::ZERO, ..policy.regression.clone() }))
}

/// The request's tallies in those runs of the window that define it alike, oldest first.
fn same_request<'a>(run: &Measurement, base: &[&'a Measurement], name: &str) -> Vec<&'a RequestTally> {
    let same = base.iter().filter(|old| run.contract.same_request(&old.contract, name));
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
mod bad_windows;
#[cfg(test)]
mod simulations;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worked_example;
