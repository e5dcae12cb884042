//! Figures drawn from a tally: what thresholds judge and reports show.

use std::time::Duration;

use crate::metric::{Builtin, Metric, Statistic};

use super::Measurement;
use super::layout::Layout;
use super::series::{Gauge, Ratio, Series};
use super::tally::{RequestTally, ScenarioTally, Tally};
use super::trend::Trend;

/// A tally with what its figures mean: the names of its series, and the time that rates are divided by.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub layout: &'a Layout,
    pub tally: &'a Tally,
    /// The time over which the tally counted.
    pub time: Duration,
}

impl Measurement {
    /// The judged phase.
    pub fn view(&self) -> View<'_> {
        View { layout: &self.layout, tally: &self.judged, time: self.judged_for }
    }
}

impl View<'_> {
    /// A figure of a whole metric in the metric's unit. None without a sample (a counter without one is 0), for an unknown
    /// metric, and where the metric has no such statistic.
    pub fn figure(&self, metric: &Metric, statistic: Statistic) -> Option<f64> {
        self.series(metric)?.figure(statistic, self.time)
    }

    /// A figure of the tagged part of a metric, by its index in the layout; none as for a whole metric.
    pub fn submetric(&self, index: usize, statistic: Statistic) -> Option<f64> {
        self.tally.submetrics.get(index)?.figure(statistic, self.time)
    }

    /// All samples of a metric as one series; none where the plan declares no such metric.
    pub fn series(&self, metric: &Metric) -> Option<Series> {
        match metric {
            Metric::Builtin(builtin) => Some(self.builtin(*builtin)),
            Metric::Custom(name) => {
                let index = self.layout.custom.iter().position(|label| label.name == *name)?;
                self.tally.custom.get(index).cloned()
            }
        }
    }

    /// `http_req_duration` of expected responses only.
    pub fn expected_duration(&self) -> Trend {
        self.merged(|request| &request.expected)
    }

    fn builtin(&self, metric: Builtin) -> Series {
        match metric {
            Builtin::HttpReqs => self.requests(|request| request.attempts),
            Builtin::HttpReqFailed => {
                let trues = self.layout.own_requests(&self.tally.requests).map(|request| request.failed).sum();
                let total = self.layout.own_requests(&self.tally.requests).map(|request| request.attempts).sum();
                Series::Rate(Ratio { trues, total })
            }
            Builtin::HttpReqDuration => trend(self.merged(|request| &request.duration)),
            Builtin::HttpReqScheduledDuration => trend(self.merged(|request| &request.scheduled)),
            Builtin::HttpReqBlocked => trend(self.merged(|request| &request.blocked)),
            Builtin::HttpReqConnecting => trend(self.merged(|request| &request.connecting)),
            Builtin::HttpReqTlsHandshaking => trend(self.merged(|request| &request.tls_handshaking)),
            Builtin::HttpReqSending => trend(self.merged(|request| &request.sending)),
            Builtin::HttpReqWaiting => trend(self.merged(|request| &request.waiting)),
            Builtin::HttpReqReceiving => trend(self.merged(|request| &request.receiving)),
            Builtin::DataSent => self.requests(|request| request.sent),
            Builtin::DataReceived => self.requests(|request| request.received),
            Builtin::Checks => {
                let mut all = Ratio::default();
                self.tally.checks.iter().for_each(|check| all.merge(check));
                Series::Rate(all)
            }
            Builtin::GroupDuration => trend(union(&self.tally.groups)),
            Builtin::Iterations => self.scenarios(|scenario| scenario.iterations),
            Builtin::DroppedIterations => self.scenarios(|scenario| scenario.dropped),
            Builtin::IterationsStopped => self.scenarios(|scenario| scenario.stopped.values().sum()),
            Builtin::IterationErrors => self.scenarios(|scenario| scenario.errors.values().sum()),
            Builtin::IterationDuration => trend(self.paced(|scenario| &scenario.duration)),
            Builtin::ScheduleLag => trend(self.paced(|scenario| &scenario.schedule_lag)),
            Builtin::Vus => Series::Gauge(self.tally.vus),
            Builtin::VusMax => Series::Gauge(self.tally.vus_max),
        }
    }

    fn merged(&self, of: impl Fn(&RequestTally) -> &Trend) -> Trend {
        union(self.layout.own_requests(&self.tally.requests).map(of))
    }

    fn paced(&self, of: impl Fn(&ScenarioTally) -> &Trend) -> Trend {
        union(self.layout.own_scenarios(&self.tally.scenarios).map(of))
    }

    fn requests(&self, of: impl Fn(&RequestTally) -> u64) -> Series {
        counter(self.layout.own_requests(&self.tally.requests).map(of).sum())
    }

    fn scenarios(&self, of: impl Fn(&ScenarioTally) -> u64) -> Series {
        counter(self.layout.own_scenarios(&self.tally.scenarios).map(of).sum())
    }
}

impl Series {
    /// A figure in the metric's unit, over the time in which the series was counted. A counter without samples is 0, as in
    /// k6: nothing happened. Every other kind has no figure then.
    pub fn figure(&self, statistic: Statistic, time: Duration) -> Option<f64> {
        match self {
            Series::Counter { sum, .. } => match statistic {
                Statistic::Count => Some(*sum),
                Statistic::Rate => (!time.is_zero()).then(|| sum / time.as_secs_f64()),
                _ => None,
            },
            Series::Gauge(Gauge { last, min, max }) => match statistic {
                Statistic::Value => *last,
                Statistic::Min => *min,
                Statistic::Max => *max,
                _ => None,
            },
            Series::Rate(ratio) => match statistic {
                Statistic::Rate => ratio.share(),
                Statistic::Count => Some(ratio.total as f64),
                _ => None,
            },
            Series::Trend(trend) => trend.figure(statistic),
        }
    }

    /// Whether it has a sample.
    pub fn is_empty(&self) -> bool {
        match self {
            Series::Counter { samples, .. } => *samples == 0,
            Series::Gauge(gauge) => gauge.last.is_none(),
            Series::Rate(ratio) => ratio.total == 0,
            Series::Trend(trend) => trend.is_empty(),
        }
    }
}

impl Trend {
    /// A figure in the metric's unit; none without samples and for what a distribution doesn't have.
    pub fn figure(&self, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::Avg => self.mean(),
            Statistic::Min => self.min(),
            Statistic::Max => self.max(),
            Statistic::Med => self.quantile(0.5),
            Statistic::Percentile(percentile) => self.quantile(percentile / 100.0),
            Statistic::Count => Some(self.count() as f64),
            Statistic::Rate | Statistic::Value => None,
        }
    }
}

fn union<'a>(trends: impl IntoIterator<Item = &'a Trend>) -> Trend {
    let mut union = Trend::default();
    trends.into_iter().for_each(|trend| union.merge(trend));
    union
}

fn trend(trend: Trend) -> Series {
    Series::Trend(Box::new(trend))
}

fn counter(sum: u64) -> Series {
    Series::Counter { sum: sum as f64, samples: sum }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::measurement::layout::{CustomLabel, Grid, RequestLabel, ScenarioLabel, SubmetricLabel};
    use crate::measurement::{HttpSample, IterationEnd, Phases, Recorder, Slot, Tallies};
    use crate::metric::{Kind, Unit};

    use super::*;

    fn layout() -> Arc<Layout> {
        let request = |name: &str| RequestLabel { name: name.into(), optional: false, in_scenario: true, gated: false };
        Arc::new(Layout {
            requests: vec![request("a"), request("b")],
            scenarios: vec![ScenarioLabel { name: "s".into(), arrival_rate: false, planned: None }],
            checks: vec!["x".into(), "y".into()],
            groups: vec!["g".into()],
            custom: vec![CustomLabel { name: "errors".into(), kind: Kind::Counter, unit: Unit::Plain }],
            submetrics: vec![SubmetricLabel {
                selector: "http_req_duration{name:b}".into(),
                metric: Builtin::HttpReqDuration.into(),
                kind: Kind::Trend,
            }],
            control: None,
            grid: Grid::new(Duration::ZERO, Duration::from_secs(4)),
        })
    }

    fn answer(milliseconds: u64, expected: bool) -> HttpSample {
        HttpSample {
            phases: Phases { waiting: Duration::from_millis(milliseconds), ..Phases::default() },
            status: Some(200),
            error: None,
            expected,
            sent: 10,
            received: 20,
            limit: Duration::from_secs(1),
            schedule_lag: None,
        }
    }

    #[test]
    fn figures_of_whole_metrics_span_requests_and_scenarios() {
        let mut recorder = Recorder::new(layout());
        let slot = Slot::Block(0);
        recorder.http(slot, 0, &answer(1, true), []);
        recorder.http(slot, 1, &answer(2, true), [0]);
        recorder.http(slot, 1, &answer(6, false), [0]);
        recorder.check(slot, 0, true, []);
        recorder.check(slot, 1, false, []);
        recorder.iteration(slot, 0, Duration::from_millis(90), &IterationEnd::Failed("capture".into()), []);
        recorder.custom(slot, 0, 4.0, []).unwrap();
        let Tallies { mut judged, .. } = recorder.swap(Tallies::new(&layout()));
        judged.vus.record(5.0);
        let layout = layout();
        let view = View { layout: &layout, tally: &judged, time: Duration::from_secs(4) };
        let table = [
            ("http_reqs", Statistic::Count, Some(3.0)),
            ("http_reqs", Statistic::Rate, Some(0.75)),
            ("http_req_failed", Statistic::Rate, Some(1.0 / 3.0)),
            ("http_req_duration", Statistic::Avg, Some(3.0)),
            ("http_req_duration", Statistic::Med, Some(2.0)),
            ("http_req_duration", Statistic::Percentile(100.0), Some(6.0)),
            ("http_req_duration", Statistic::Rate, None),
            ("http_req_scheduled_duration", Statistic::Max, None),
            ("checks", Statistic::Rate, Some(0.5)),
            ("iterations", Statistic::Rate, Some(0.25)),
            ("iteration_duration", Statistic::Max, Some(90.0)),
            ("iteration_errors", Statistic::Count, Some(1.0)),
            ("iterations_stopped", Statistic::Count, Some(0.0)),
            ("data_sent", Statistic::Count, Some(30.0)),
            ("data_received", Statistic::Rate, Some(15.0)),
            ("group_duration", Statistic::Avg, None),
            ("vus", Statistic::Value, Some(5.0)),
            ("vus_max", Statistic::Value, None),
            ("errors", Statistic::Count, Some(4.0)),
            ("no_such_metric", Statistic::Count, None),
        ];
        for (metric, statistic, figure) in table {
            assert_eq!(view.figure(&Metric::named(metric), statistic), figure, "{metric} {statistic}");
        }
        assert_eq!(view.submetric(0, Statistic::Avg), Some(4.0));
        assert_eq!(view.submetric(1, Statistic::Avg), None);
        assert_eq!(view.expected_duration().max(), Some(2.0));
    }
}
