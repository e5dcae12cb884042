//! One figure of one request, in the run and in its window: what of it there is, and what it is worth.

use crate::gate::failures::{Failures, Inflations};
use crate::gate::latency::{Latency, Quantile};
use crate::gate::sample_size::{Beyond, has_beyond, needed};
use crate::gate::statistics::Share;
use crate::gate::{HiddenFigure, LostFigure};
use crate::measurement::RequestTally;
use crate::plan::policy::GatedMetric;

use super::{Draft, Effect};

/// A request's metric in the candidate and in those runs of the window that define the request alike, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    pub request: &'a str,
    pub metric: GatedMetric,
    pub candidate: &'a RequestTally,
    pub known: &'a [&'a RequestTally],
    /// Runs that must have the figure before it is judged.
    pub runs_needed: usize,
}

impl Figure<'_> {
    /// The row, or why there is none.
    pub fn draft(&self) -> Result<Draft, HiddenFigure> {
        let Beyond { judged, shown } = self.beyond();
        let inflation = self.usual_inflation();
        let has =
            |tally: &RequestTally, least| has_beyond(self.samples(tally) as f64 / inflation, self.quantile(), least);
        let with = |least| -> Vec<&RequestTally> { self.known.iter().copied().filter(|run| has(run, least)).collect() };
        let (shown_runs, judged_runs) = (with(shown), with(judged));
        if !has(self.candidate, shown) {
            return Err(self.hidden(self.too_few(inflation, shown)));
        }
        if shown_runs.len() < 2 {
            let least = needed(self.quantile(), shown);
            return Err(
                self.hidden(format!("fewer than two runs of the window have the {least} samples that it takes"))
            );
        }
        let tested = has(self.candidate, judged) && judged_runs.len() >= self.runs_needed;
        let (history, effect) = self.effect(if tested { &judged_runs } else { &shown_runs });
        let Figure { request, metric, .. } = *self;
        Ok(Draft { request: request.into(), metric, samples: self.samples(self.candidate), history, effect, tested })
    }

    /// What the window has and this run hasn't: with fewer independent samples than it takes to judge the figure, and with less
    /// than half of what any run of the window has. Too little came back, or all that came is of a few moments.
    pub fn lost(&self) -> Option<LostFigure> {
        let usual = self.usual_inflation();
        let enough = |independent: f64| has_beyond(independent, self.quantile(), self.beyond().judged);
        let window = self.known.iter().map(|run| self.samples(run)).filter(|samples| enough(*samples as f64 / usual));
        let window: Vec<u64> = window.collect();
        let fewest = window.iter().copied().min().filter(|_| window.len() >= self.runs_needed)?;
        let samples = self.samples(self.candidate);
        let worth = samples as f64 / self.inflation(self.candidate);
        if self.metric != GatedMetric::Failed && enough(worth) {
            return None;
        }
        let independent = (fewest as f64 / usual) as u64;
        let (samples, base) = match (samples < fewest / 2, worth < (independent / 2) as f64) {
            (true, _) => (samples, fewest),
            (false, true) => (worth as u64, independent),
            (false, false) => return None,
        };
        Some(LostFigure { request: self.request.into(), metric: self.metric, samples, base })
    }

    fn effect(&self, runs: &[&RequestTally]) -> (Vec<f64>, Effect) {
        match self.metric.quantile() {
            Some(quantile) => {
                let of = |tally: &RequestTally| Quantile {
                    // A run with samples has every quantile.
                    value: tally.comparable.quantile(quantile).unwrap_or(0.0),
                    error: tally.log_quantile_error(quantile),
                };
                let window: Vec<Quantile> = runs.iter().map(|run| of(run)).collect();
                let history = window.iter().map(|quantile| quantile.value).collect();
                (history, Effect::Latency(Latency::new(&window, of(self.candidate))))
            }
            None => {
                let share = |tally: &RequestTally| Share { events: tally.failed, trials: tally.attempts };
                let window: Vec<Share> = runs.iter().map(|run| share(run)).collect();
                let history = window.iter().map(|share| share.value()).collect();
                let within = runs.iter().map(|run| run.failure_inflation()).sum::<f64>() / runs.len().max(1) as f64;
                let inflations = Inflations { candidate: self.candidate.failure_inflation(), window: within };
                (history, Effect::Failures(Failures::new(&window, share(self.candidate), inflations)))
            }
        }
    }

    /// How many independent samples it takes. A failure rate is judged by exact tests, from the first request on.
    fn beyond(&self) -> Beyond {
        self.metric.quantile().map_or(Beyond { judged: 1.0, shown: 1.0 }, Beyond::quantile)
    }

    fn quantile(&self) -> f64 {
        self.metric.quantile().unwrap_or(0.0)
    }

    fn samples(&self, tally: &RequestTally) -> u64 {
        if self.metric == GatedMetric::Failed { tally.attempts } else { tally.comparable.count() }
    }

    fn inflation(&self, tally: &RequestTally) -> f64 {
        self.metric.quantile().map_or(1.0, |quantile| tally.variance_inflation(quantile))
    }

    /// The median over the runs, this one among them. One run's own is known badly, and would leave out of the window those that
    /// are the most alike within themselves, so that the others look steadier than they are. A candidate that is less worth
    /// than others has a wider interval for it, or has lost the figure.
    fn usual_inflation(&self) -> f64 {
        let runs = self.known.iter().copied().chain([self.candidate]);
        let mut inflations: Vec<f64> = runs.map(|run| self.inflation(run)).collect();
        inflations.sort_by(f64::total_cmp);
        inflations.get(inflations.len() / 2).copied().unwrap_or(1.0)
    }

    /// `2000 samples of the 3000 that it takes`
    fn too_few(&self, inflation: f64, least: f64) -> String {
        let samples = self.samples(self.candidate);
        let (independent, needed) = ((samples as f64 / inflation) as u64, needed(self.quantile(), least));
        if independent == samples {
            return format!("{samples} samples of the {needed} that it takes");
        }
        format!(
            "{samples} samples, so alike within seconds that they are worth {independent} of the {needed} that it takes"
        )
    }

    fn hidden(&self, reason: String) -> HiddenFigure {
        HiddenFigure { request: self.request.into(), metric: self.metric, reason }
    }
}
