//! What was measured, in the JSON report.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::measurement::{ErrorClass, Evidence, Ratio, RequestTally, ScenarioTally, Trend};
use crate::metric::Unit;
use crate::report::metrics::{Distribution, Figures, MetricRow};

#[derive(Serialize)]
pub struct MetricFigures {
    name: String,
    /// A part of the metric before it, selected by a tag or a reason.
    part: bool,
    unit: Unit,
    #[serde(flatten)]
    figures: KindFigures,
    thresholds_passed: Option<bool>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum KindFigures {
    Counter { count: f64, per_second: Option<f64> },
    Gauge { value: Option<f64>, min: Option<f64>, max: Option<f64> },
    Rate { rate: Option<f64>, trues: u64, falses: u64 },
    Trend(Distribution),
}

impl MetricFigures {
    pub fn of(row: MetricRow) -> MetricFigures {
        let MetricRow { name, part, unit, figures, passed } = row;
        let figures = match figures {
            Figures::Counter { sum, per_second } => KindFigures::Counter { count: sum, per_second },
            Figures::Gauge(gauge) => KindFigures::Gauge { value: gauge.last, min: gauge.min, max: gauge.max },
            Figures::Rate(ratio) => {
                KindFigures::Rate { rate: ratio.share(), trues: ratio.trues, falses: ratio.total - ratio.trues }
            }
            Figures::Trend(distribution) => KindFigures::Trend(distribution),
        };
        MetricFigures { name, part, unit, figures, thresholds_passed: passed }
    }
}

#[derive(Serialize)]
pub struct Request<'a> {
    name: &'a str,
    count: u64,
    per_second: f64,
    responses: u64,
    failed: u64,
    /// Cut off with their iteration: in no other count.
    interrupted: u64,
    /// By class.
    errors: BTreeMap<&'static str, u64>,
    /// Whole answers by status, and those of them that were not expected: `failed` is the sum of these and the errors.
    statuses: BTreeMap<String, u64>,
    unexpected: BTreeMap<String, u64>,
    data_sent: u64,
    data_received: u64,
    duration: Option<Distribution>,
    expected_duration: Option<Distribution>,
    scheduled_duration: Option<Distribution>,
    phases: Phases,
}

#[derive(Serialize)]
pub struct Phases {
    blocked: Option<Distribution>,
    connecting: Option<Distribution>,
    tls_handshaking: Option<Distribution>,
    sending: Option<Distribution>,
    waiting: Option<Distribution>,
    receiving: Option<Distribution>,
}

impl<'a> Request<'a> {
    pub fn of(name: &'a str, tally: &RequestTally, seconds: f64) -> Request<'a> {
        let of = |trend: &Trend| Distribution::of(trend);
        let errors = ErrorClass::ALL.into_iter().map(|class| (class.name(), tally.errors_of(class)));
        Request {
            name,
            count: tally.attempts,
            per_second: tally.attempts as f64 / seconds,
            responses: tally.responses,
            failed: tally.failed,
            interrupted: tally.interrupted,
            errors: errors.filter(|(_, count)| *count > 0).collect(),
            statuses: by_status(&tally.statuses),
            unexpected: by_status(&tally.unexpected),
            data_sent: tally.sent,
            data_received: tally.received,
            duration: of(&tally.duration),
            expected_duration: of(&tally.expected),
            scheduled_duration: of(&tally.scheduled),
            phases: Phases {
                blocked: of(&tally.blocked),
                connecting: of(&tally.connecting),
                tls_handshaking: of(&tally.tls_handshaking),
                sending: of(&tally.sending),
                waiting: of(&tally.waiting),
                receiving: of(&tally.receiving),
            },
        }
    }
}

/// JSON's names are text.
fn by_status(counts: &BTreeMap<u16, u64>) -> BTreeMap<String, u64> {
    counts.iter().map(|(status, count)| (status.to_string(), *count)).collect()
}

#[derive(Serialize)]
pub struct Check<'a> {
    name: &'a str,
    passed: u64,
    failed: u64,
}

impl<'a> Check<'a> {
    pub fn of(name: &'a str, ratio: &Ratio) -> Check<'a> {
        Check { name, passed: ratio.trues, failed: ratio.total - ratio.trues }
    }
}

#[derive(Serialize)]
pub struct Scenario<'a> {
    name: &'a str,
    iterations: u64,
    interrupted: u64,
    dropped: u64,
    /// By reason.
    stopped: BTreeMap<&'a str, u64>,
    /// By reason.
    errors: BTreeMap<&'a str, u64>,
    iteration_duration: Option<Distribution>,
    schedule_lag: Option<Distribution>,
}

impl<'a> Scenario<'a> {
    pub fn of(name: &'a str, tally: &'a ScenarioTally) -> Scenario<'a> {
        Scenario {
            name,
            iterations: tally.iterations,
            interrupted: tally.interrupted,
            dropped: tally.dropped,
            stopped: tally.stopped.iter().map(|(reason, count)| (&**reason, *count)).collect(),
            errors: tally.errors.iter().map(|(reason, count)| (&**reason, *count)).collect(),
            iteration_duration: Distribution::of(&tally.duration),
            schedule_lag: Distribution::of(&tally.schedule_lag),
        }
    }
}

#[derive(Serialize)]
pub struct EvidenceFigures<'a> {
    request: &'a str,
    class: &'a str,
    at_ms: u64,
    method: &'a str,
    url: &'a str,
    request_headers: &'a [(String, String)],
    request_body: Option<&'a str>,
    status: Option<u16>,
    response_headers: &'a [(String, String)],
    response_body: Option<&'a str>,
    message: &'a str,
}

impl<'a> EvidenceFigures<'a> {
    pub fn of(evidence: &'a Evidence) -> EvidenceFigures<'a> {
        EvidenceFigures {
            request: &evidence.request,
            class: &evidence.class,
            at_ms: evidence.at_ms,
            method: &evidence.method,
            url: &evidence.url,
            request_headers: &evidence.request_headers,
            request_body: evidence.request_body.as_deref(),
            status: evidence.status,
            response_headers: &evidence.response_headers,
            response_body: evidence.response_body.as_deref(),
            message: &evidence.message,
        }
    }
}
