//! A summary as a measurement: counts where k6 states them, figures without samples for all that it states of times.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::k6::results::error::Problem;
use crate::k6::results::names::Names;
use crate::k6::results::{Conditions, Results, measurement};
use crate::measurement::layout::{CustomLabel, RequestLabel, ScenarioLabel, SubmetricLabel};
use crate::measurement::{
    Gauge, Grid, Layout, Measurement, MeasurementFile, Ratio, RequestTally, ScenarioTally, Series, Stated, Tally,
};
use crate::metric::{Builtin, Kind, Metric, Selector, Statistic};
use crate::number::counted;

use super::{Shape, StatedMetric, Summary};

/// A summary tells no request from another, and no scenario.
const ALL_REQUESTS: &str = "(all requests)";
const ALL_SCENARIOS: &str = "(all scenarios)";

/// No run is longer, in seconds.
const LONGEST_RUN: f64 = 7.0 * 24.0 * 3600.0;

impl Summary {
    /// What can be judged of it, and what can't.
    ///
    /// # Errors
    /// A threshold that is none of k6's; a length that no run has.
    pub fn results(self) -> Result<Results, Problem> {
        let length = self.length()?;
        let layout = self.layout(length)?;
        let judged = self.tally(&layout, length);
        let mut conditions = Conditions { untold: self.tells_no_thresholds(), ..Conditions::default() };
        for metric in &self.metrics {
            for (text, _) in &metric.thresholds {
                conditions.add(&metric.key, text, metric.kind)?;
            }
        }
        let notes = self.notes(&judged, &conditions);
        let mut candidate = Measurement {
            started_at: self.ended.checked_sub(length).unwrap_or(Timestamp::UNIX_EPOCH),
            elapsed: length,
            judged_for: length,
            unjudged: Tally::new(&layout),
            judged,
            layout: Arc::new(layout),
            ..measurement::of_nothing()
        };
        measurement::set_contract(&mut candidate, self.version.as_deref());
        Ok(Results { file: MeasurementFile::new(candidate), conditions, notes })
    }

    /// How long the run took: as told, or by a counter and its rate.
    fn length(&self) -> Result<Duration, Problem> {
        let of_counter = |metric: &StatedMetric| {
            let (count, rate) = (metric.values.get("count")?, metric.values.get("rate")?);
            (metric.kind == Kind::Counter && rate > 0.0).then(|| count / rate)
        };
        let seconds = self.seconds.or_else(|| self.metrics.iter().find_map(of_counter)).unwrap_or(0.0);
        if !(0.0..=LONGEST_RUN).contains(&seconds) {
            return Err(Problem::damaged(format!("no run takes {seconds} s")));
        }
        Ok(Duration::from_secs_f64(seconds))
    }

    fn layout(&self, length: Duration) -> Result<Layout, Problem> {
        let mut layout =
            Layout { grid: Grid::new(Duration::ZERO, length), ..crate::k6::results::counting::empty_layout() };
        layout.requests.push(RequestLabel {
            name: ALL_REQUESTS.into(),
            optional: true,
            in_scenario: self.requests() > 0,
            gated: false,
        });
        layout.scenarios.push(ScenarioLabel {
            name: ALL_SCENARIOS.into(),
            arrival_rate: self.value(Builtin::DroppedIterations, "count").is_some_and(|dropped| dropped > 0.0),
            planned: None,
        });
        let mut names = Names::default();
        for check in &self.checks {
            layout.checks.extend(names.id(&check.name, layout.checks.len()).1);
        }
        let mut names = Names::default();
        for group in &self.groups {
            layout.groups.extend(names.id(group, layout.groups.len()).1);
        }
        for metric in &self.metrics {
            let StatedMetric { key, kind, unit, .. } = metric;
            let selector = selector_of(key)?;
            match (&selector.metric, selector.tags.is_empty()) {
                (Metric::Custom(name), true) => {
                    layout.custom.push(CustomLabel { name: name.clone(), kind: *kind, unit: *unit });
                }
                (_, true) => {}
                (metric, false) => layout.submetrics.push(SubmetricLabel {
                    selector: selector.to_string(),
                    metric: metric.clone(),
                    kind: *kind,
                }),
            }
        }
        Ok(layout)
    }

    fn tally(&self, layout: &Layout, length: Duration) -> Tally {
        let mut tally = Tally::new(layout);
        tally.requests[0] = self.request();
        tally.scenarios[0] = self.scenario();
        let (mut names, mut next) = (Names::default(), 0);
        for check in &self.checks {
            let (index, new) = names.id(&check.name, next);
            next += usize::from(new.is_some());
            let total = check.passes.saturating_add(check.fails);
            tally.checks[index].merge(&Ratio { trues: check.passes, total });
        }
        for (name, gauge) in [(Builtin::Vus, &mut tally.vus), (Builtin::VusMax, &mut tally.vus_max)] {
            let value = |of: &str| self.value(name, of);
            *gauge = Gauge { last: value("value"), min: value("min"), max: value("max") };
        }
        let (mut custom, mut parts) = (tally.custom.iter_mut(), tally.submetrics.iter_mut());
        let mut stated = Stated::default();
        for metric in &self.metrics {
            let Ok(selector) = selector_of(&metric.key) else { continue };
            stated.add(&selector, self.figures(metric, length));
            let series = match (&selector.metric, selector.tags.is_empty()) {
                (Metric::Custom(_), true) => custom.next(),
                (_, true) => None,
                (_, false) => parts.next(),
            };
            if let Some(series) = series {
                *series = counts(metric);
            }
        }
        tally.stated = Some(Box::new(stated));
        tally
    }

    /// All requests as one row, without their times.
    fn request(&self) -> RequestTally {
        let attempts = self.requests();
        let failed = self.metric(Builtin::HttpReqFailed.name()).and_then(|metric| metric.values.ratio());
        let count = |builtin: Builtin| self.value(builtin, "count").map_or(0, |count| count.max(0.0) as u64);
        RequestTally {
            attempts,
            // Which were answered, nobody knows; that none was, shows in the times.
            responses: if self.none_was_answered() { 0 } else { attempts },
            failed: failed.map_or(0, |(failed, _)| failed.min(attempts)),
            sent: count(Builtin::DataSent),
            received: count(Builtin::DataReceived),
            ..RequestTally::default()
        }
    }

    fn scenario(&self) -> ScenarioTally {
        let count = |builtin: Builtin| self.value(builtin, "count").map_or(0, |count| count.max(0.0) as u64);
        let iterations = count(Builtin::Iterations);
        ScenarioTally {
            iterations,
            // Requests show that at least one began; k6 doesn't count those that were cut off.
            interrupted: u64::from(iterations == 0 && self.requests() > 0),
            dropped: count(Builtin::DroppedIterations),
            ..ScenarioTally::default()
        }
    }

    fn requests(&self) -> u64 {
        self.value(Builtin::HttpReqs, "count").map_or(0, |count| count.max(0.0) as u64)
    }

    /// k6 counts requests without an answer as 0 ms.
    fn none_was_answered(&self) -> bool {
        self.requests() > 0
            && self.metric(Builtin::HttpReqDuration.name()).is_some_and(|metric| metric.values.is_all_zero())
    }

    /// The figures that k6 states of a metric; none where it had no sample, for which k6 writes 0.
    fn figures(&self, metric: &StatedMetric, length: Duration) -> Vec<(Statistic, f64)> {
        let values = &metric.values;
        match metric.kind {
            Kind::Counter => {
                let Some(count) = values.get("count") else { return Vec::new() };
                let by_time = (!length.is_zero()).then(|| count / length.as_secs_f64());
                let rate = values.get("rate").or(by_time).map(|rate| (Statistic::Rate, rate));
                [(Statistic::Count, count)].into_iter().chain(rate).collect()
            }
            Kind::Gauge => values.get("value").map(|value| (Statistic::Value, value)).into_iter().collect(),
            Kind::Rate => match values.ratio() {
                Some((trues, total)) if total > 0 => vec![(Statistic::Rate, trues as f64 / total as f64)],
                _ => Vec::new(),
            },
            Kind::Trend if self.is_empty_trend(metric) => Vec::new(),
            Kind::Trend => values.trend(),
        }
    }

    /// A trend of zeros had no sample as far as anybody can tell: k6 writes 0 for what it has not measured. Only the phases of
    /// all requests may well have taken no time at all.
    fn is_empty_trend(&self, metric: &StatedMetric) -> bool {
        let is_zero = metric.values.is_all_zero();
        let count = metric.values.get("count");
        // No request takes 0 ms: those that are counted so had no answer.
        let is_duration = metric.key.split('{').next() == Some(Builtin::HttpReqDuration.name());
        if count.is_some() && !is_duration {
            return count == Some(0.0);
        }
        let phases = [
            Builtin::HttpReqBlocked,
            Builtin::HttpReqConnecting,
            Builtin::HttpReqTlsHandshaking,
            Builtin::HttpReqSending,
            Builtin::HttpReqReceiving,
        ];
        let is_phase = phases.iter().any(|phase| phase.name() == metric.key);
        count == Some(0.0) || is_zero && !(is_phase && self.requests() > 0)
    }

    fn tells_no_thresholds(&self) -> bool {
        self.shape == Shape::MachineReadable && self.metrics.iter().all(|metric| metric.thresholds.is_empty())
    }

    fn notes(&self, tally: &Tally, conditions: &Conditions) -> Vec<String> {
        let mut notes = vec![
            measurement::NO_GENERATOR.to_owned(),
            "a summary of k6's has figures and no samples: setup and teardown are in them, requests are not told apart, and \
             nothing is compared with earlier runs; the stream of `--out json` has it all"
                .to_owned(),
        ];
        let row = &tally.requests[0];
        if row.failed > 0 && self.value(Builtin::HttpReqDuration, "min").is_none_or(|min| min == 0.0) {
            notes.push(format!(
                "k6 counts requests without an answer as 0 ms: {} of {} failed, and http_req_duration is too low by as many as \
                 had none",
                row.failed,
                counted(row.attempts, "request")
            ));
        }
        let stated = tally.stated.as_deref();
        let told = self.metrics.iter().flat_map(|metric| metric.thresholds.iter().map(|(_, ok)| *ok));
        for (threshold, ok) in conditions.thresholds.iter().zip(told) {
            let selector = &threshold.selector;
            if ok && stated.is_some_and(|stated| !stated.has_figures(selector)) {
                notes.push(format!(
                    "k6 takes {} on {selector} for met, of which there is no sample",
                    threshold.condition
                ));
            }
        }
        notes
    }
}

/// k6's key of a metric.
fn selector_of(key: &str) -> Result<Selector, Problem> {
    Selector::parse(key).map_err(|error| Problem::damaged(format!("{key:?} is no metric: {}", error.message)))
}

/// The samples of a metric as far as counts tell them.
fn counts(metric: &StatedMetric) -> Series {
    let values = &metric.values;
    match metric.kind {
        Kind::Counter => {
            let sum = values.get("count").unwrap_or(0.0);
            Series::Counter { sum, samples: sum.max(0.0) as u64 }
        }
        Kind::Gauge => {
            let value = |of: &str| values.get(of);
            Series::Gauge(Gauge { last: value("value"), min: value("min"), max: value("max") })
        }
        Kind::Rate => {
            let (trues, total) = values.ratio().unwrap_or_default();
            Series::Rate(Ratio { trues: trues.min(total), total })
        }
        Kind::Trend => Series::new(Kind::Trend),
    }
}
