//! The rows of a comparison: which figures are judged, and what each comes to.

use std::ops::Range;

use crate::baseline::Calibration;
use crate::gate::sample_size::needed;
use crate::gate::statistics::Share;
use crate::gate::{HiddenFigure, LostFigure, Row, RowOutcome};
use crate::measurement::RequestTally;
use crate::number::{counted, plain};
use crate::pairing::Side;
use crate::plan::policy::{GatedMetric, Regression};

use super::blocks::{
    FEWEST_BLOCKS, RequestPair, STEP, fewest_samples, join, join_family, latency_resolution, share_resolution,
};
use super::deployments::between_deployments;
use super::estimates::{PairedMetric, Scale};
use super::family::{Effect, Family};
use super::rule::{Failures, Latency};

/// From here on the tail decides, and a few slow answers are the figure.
const TAIL: f64 = 0.99;

/// Independent samples beyond a quantile of the tail, in each arm, before it is judged: n(1 − p) / VIF.
const TAIL_JUDGED: f64 = 100.0;

/// Samples beyond it, in each arm, before it is shown.
const TAIL_SHOWN: f64 = 30.0;

/// What the figures are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    pub rules: &'a Regression,
    /// Of this look.
    pub alpha: f64,
    pub seed: u64,
    /// Of the grid.
    pub blocks: u32,
    /// From five records on.
    pub deployments: Option<&'a Calibration>,
}

/// What the requests come to.
#[derive(Debug)]
pub struct Rows {
    pub rows: Vec<Row>,
    pub lost: Vec<LostFigure>,
    /// Figures that are neither a row nor lost.
    pub hidden: Vec<HiddenFigure>,
    /// Pairs of joined blocks.
    pub blocks: usize,
}

/// A metric of a request that both arms have.
#[derive(Clone, Copy, Debug)]
struct Figure<'a> {
    request: &'a RequestPair<'a>,
    metric: GatedMetric,
    /// Over the judged phase: milliseconds, or a share.
    base: f64,
    candidate: f64,
}

impl Terms<'_> {
    /// Judges all figures of the requests that can be judged, as one family; the others are shown.
    pub fn judge(&self, requests: &[RequestPair<'_>]) -> Rows {
        let metrics = &self.rules.metrics;
        let all = requests.iter().flat_map(|request| metrics.iter().map(move |metric| (request, *metric)));
        let figures: Vec<Figure<'_>> =
            all.clone().filter_map(|(request, metric)| Figure::new(request, metric)).collect();
        let (joined, judged) = self.blocks_for(&figures);
        let of_family = figures.iter().zip(&judged).filter(|(_, judged)| **judged).map(|(figure, _)| figure);
        let family: Vec<PairedMetric> = of_family.map(|figure| figure.paired(&joined, self)).collect();
        let effects = Family::new(&family, self.alpha, self.seed).effects;
        let mut tested = family.into_iter().zip(effects);
        let row = |(figure, judged): (&Figure<'_>, bool)| {
            let tested = if judged { tested.next() } else { None };
            tested.map_or_else(|| self.shown(figure), |(metric, effect)| self.judged(figure, &joined, &metric, effect))
        };
        let rows: Vec<Row> = figures.iter().zip(judged).map(row).collect();
        let lost: Vec<LostFigure> = all.clone().filter_map(|(request, metric)| lost(request, metric, &rows)).collect();
        let is_lost = |hidden: &HiddenFigure| {
            lost.iter().any(|lost| lost.request == hidden.request && lost.metric == hidden.metric)
        };
        let without_row = all.filter(|(request, metric)| Figure::new(request, *metric).is_none());
        let hidden = without_row.map(|(request, metric)| hidden(request, metric)).filter(|figure| !is_lost(figure));
        Rows { rows, hidden: hidden.collect(), lost, blocks: joined.len() }
    }

    /// The joined blocks, and whether each figure can be judged by them. Failures are in every block: they make none longer.
    fn blocks_for(&self, figures: &[Figure<'_>]) -> (Vec<Range<u32>>, Vec<bool>) {
        let quantiles = figures.iter().enumerate().filter(|(_, figure)| figure.may_be_judged());
        let (places, needs): (Vec<usize>, Vec<_>) = quantiles
            .filter_map(|(place, figure)| Some((place, figure.request.need(figure.metric.quantile()?))))
            .unzip();
        let (joined, takes_part) = join_family(&needs, self.blocks);
        let mut judged: Vec<bool> = figures.iter().map(|figure| figure.metric == GatedMetric::Failed).collect();
        places.into_iter().zip(takes_part).for_each(|(place, takes_part)| judged[place] = takes_part);
        if joined.len() < FEWEST_BLOCKS {
            judged.fill(false);
        }
        (joined, judged)
    }

    fn judged(&self, figure: &Figure<'_>, joined: &[Range<u32>], metric: &PairedMetric, effect: Effect) -> Row {
        let estimated = self.estimated(figure, effect, joined);
        let blocks = metric.effects.iter();
        let blocks = match metric.scale {
            Scale::LogRatio => blocks.map(|effect| effect.exp_m1()).collect(),
            Scale::Share => blocks.copied().collect(),
        };
        Row { t: Some(effect.t()), p_adjusted: Some(effect.p_adjusted), blocks, ..estimated }
    }

    /// A row that is not judged. Its interval is that of the blocks that its own samples make, or open where they make only one.
    fn shown(&self, figure: &Figure<'_>) -> Row {
        let need = figure.metric.quantile().map(|quantile| figure.request.need(quantile));
        let joined = join(need.as_slice(), self.blocks);
        let alone = Family::untested(&[figure.paired(&joined, self)], self.alpha).effects.pop();
        let row = match alone {
            Some(effect) => self.estimated(figure, effect, &joined),
            None => self.open(figure),
        };
        Row { detectable: None, outcome: RowOutcome::TooFewSamples, ..row }
    }

    fn estimated(&self, figure: &Figure<'_>, effect: Effect, joined: &[Range<u32>]) -> Row {
        let rules = self.rules;
        let (change, interval, detectable, outcome) = match figure.metric.quantile() {
            Some(_) => {
                let latency = Latency { effect, base: figure.base, candidate: figure.candidate };
                (latency.change(), latency.interval(), latency.detectable(rules), latency.outcome(rules))
            }
            None => {
                let share = |tally: &RequestTally| Share { events: tally.failed, trials: tally.attempts };
                let failures = Failures {
                    effect,
                    base: share(figure.request.reference),
                    candidate: share(figure.request.candidate),
                    blocks: figure.request.blocks_with_failures(joined),
                };
                (effect.mean, failures.interval(), failures.detectable(rules), failures.outcome(rules))
            }
        };
        Row { change, interval, detectable: Some(detectable), outcome, ..self.open(figure) }
    }

    /// A row of which nothing is known but the figures.
    fn open(&self, figure: &Figure<'_>) -> Row {
        let (change, interval, limit) = match figure.metric.quantile() {
            Some(_) => (figure.candidate / figure.base - 1.0, (-1.0, f64::INFINITY), self.rules.tolerance),
            None => (figure.candidate - figure.base, (-1.0, 1.0), self.rules.failure_tolerance),
        };
        Row {
            request: figure.request.name.to_owned(),
            metric: figure.metric,
            base: figure.base,
            candidate: figure.candidate,
            change,
            interval,
            limit,
            samples: samples(figure.metric, figure.request.candidate),
            t: None,
            p_adjusted: None,
            detectable: None,
            outcome: RowOutcome::TooFewSamples,
            history: Vec::new(),
            blocks: Vec::new(),
        }
    }
}

impl<'a> Figure<'a> {
    /// None where an arm has no sample of it, or the tail has too few to be shown.
    fn new(request: &'a RequestPair<'a>, metric: GatedMetric) -> Option<Self> {
        let arms = [request.reference, request.candidate];
        let [base, candidate] = match metric.quantile() {
            None => arms.map(RequestTally::failure_share),
            Some(quantile) if quantile >= TAIL && !has_beyond(request, quantile, TAIL_SHOWN, |_| 1.0) => return None,
            Some(quantile) => arms.map(|tally| tally.comparable.quantile(quantile).map(|figure| figure.max(STEP))),
        };
        Some(Figure { request, metric, base: base?, candidate: candidate? })
    }

    /// Whether it could be judged, given blocks enough.
    fn may_be_judged(&self) -> bool {
        let tail = self.metric.quantile().filter(|quantile| *quantile >= TAIL);
        let alike = |quantile| move |tally: &RequestTally| tally.variance_inflation(quantile);
        tail.is_none_or(|quantile| has_beyond(self.request, quantile, TAIL_JUDGED, alike(quantile)))
    }

    /// Its effects in joined blocks.
    fn paired(&self, joined: &[Range<u32>], terms: &Terms<'_>) -> PairedMetric {
        let (scale, effects, resolution) = match self.metric.quantile() {
            Some(quantile) => {
                let effects = self.request.log_ratios(quantile, joined);
                (Scale::LogRatio, effects, latency_resolution(self.base.min(self.candidate)))
            }
            None => {
                let effects = self.request.failure_differences(joined);
                (Scale::Share, effects, share_resolution(self.request, joined.len()))
            }
        };
        let tau = |records| between_deployments(records, self.request.name, self.metric.name());
        PairedMetric { scale, effects, resolution, between_deployments: terms.deployments.map_or(0.0, tau) }
    }
}

/// Whether each arm has so many samples beyond a quantile, n(1 − p), after each is divided by what its samples are alike.
fn has_beyond(request: &RequestPair<'_>, quantile: f64, least: f64, alike: impl Fn(&RequestTally) -> f64) -> bool {
    let beyond = |tally: &RequestTally| tally.comparable.count() as f64 * (1.0 - quantile) / alike(tally);
    [request.candidate, request.reference].into_iter().all(|tally| beyond(tally) >= least - 1e-6)
}

fn samples(metric: GatedMetric, tally: &RequestTally) -> u64 {
    if metric == GatedMetric::Failed { tally.attempts } else { tally.comparable.count() }
}

/// Why a figure has no row: the arm that has fewer samples of it, and how many it takes to be shown.
fn hidden(request: &RequestPair<'_>, metric: GatedMetric) -> HiddenFigure {
    let [base, candidate] = [request.reference, request.candidate].map(|tally| samples(metric, tally));
    let (fewer, arm) = if base < candidate { (base, Side::Reference) } else { (candidate, Side::Candidate) };
    let least = metric.quantile().filter(|quantile| *quantile >= TAIL).map_or(1, |tail| needed(tail, TAIL_SHOWN));
    let reason = format!("{} of the {} that it takes, of the {arm}", counted(fewer, "sample"), plain(least as f64));
    HiddenFigure { request: request.name.to_owned(), metric, reason }
}

/// A figure that the reference has samples enough for and this run hasn't, since too little came back: it has less than half of
/// the reference's, and can't be judged by them. The failures of less than half as many requests are not the same figure.
fn lost(request: &RequestPair<'_>, metric: GatedMetric, rows: &[Row]) -> Option<LostFigure> {
    let [base, samples] = [request.reference, request.candidate].map(|tally| samples(metric, tally));
    let is_judged =
        |row: &Row| row.request == request.name && row.metric == metric && row.outcome != RowOutcome::TooFewSamples;
    let known = base >= fewest_samples(metric.quantile().unwrap_or(0.0));
    let judged = metric != GatedMetric::Failed && rows.iter().any(is_judged);
    let lost = known && !judged && samples < base / 2;
    lost.then(|| LostFigure { request: request.name.into(), metric, samples, base })
}
