//! The counts of one phase, in the file. Rows carry their names, so that a file can be read without its layout.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::measurement::inflation::Inflation;
use crate::measurement::layout::Layout;
use crate::measurement::sample::ErrorClass;
use crate::measurement::series::{Gauge, Ratio, Series};
use crate::measurement::tally::{RequestTally, ScenarioTally, Tally};
use crate::metric::Kind;

use super::histogram::{self, StoredTrend};
use super::{At, Invalid, blocks, count, each, finite};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredTally {
    requests: Vec<StoredRequest>,
    scenarios: Vec<StoredScenario>,
    checks: Vec<StoredRow<StoredRatio>>,
    groups: Vec<StoredRow<Option<StoredTrend>>>,
    custom: Vec<StoredRow<StoredSeries>>,
    submetrics: Vec<StoredRow<StoredSeries>>,
    vus: StoredGauge,
    vus_max: StoredGauge,
}

/// A series under its name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRow<T> {
    name: String,
    samples: T,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRequest {
    name: String,
    attempts: u64,
    responses: u64,
    failed: u64,
    interrupted: u64,
    errors: BTreeMap<ErrorClass, u64>,
    statuses: BTreeMap<u16, u64>,
    unexpected: BTreeMap<u16, u64>,
    sent: u64,
    received: u64,
    duration: Option<StoredTrend>,
    expected: Option<StoredTrend>,
    comparable: Option<StoredTrend>,
    scheduled: Option<StoredTrend>,
    blocked: Option<StoredTrend>,
    connecting: Option<StoredTrend>,
    tls_handshaking: Option<StoredTrend>,
    sending: Option<StoredTrend>,
    waiting: Option<StoredTrend>,
    receiving: Option<StoredTrend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<String>,
    /// Without blocks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variance_inflation: Option<StoredInflation>,
}

/// Of each quantile and of the failures.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredInflation {
    p50: f64,
    p95: f64,
    p99: f64,
    p999: f64,
    failed: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredScenario {
    name: String,
    iterations: u64,
    interrupted: u64,
    dropped: u64,
    stopped: BTreeMap<Arc<str>, u64>,
    errors: BTreeMap<Arc<str>, u64>,
    duration: Option<StoredTrend>,
    schedule_lag: Option<StoredTrend>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRatio {
    trues: u64,
    total: u64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGauge {
    last: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum StoredSeries {
    Counter { sum: f64, samples: u64 },
    Gauge(StoredGauge),
    Rate(StoredRatio),
    Trend(Option<StoredTrend>),
}

pub fn pack(tally: &Tally, layout: &Layout) -> Result<StoredTally, Invalid> {
    if tally.stated.is_some() {
        return Err(Invalid::new("figures without their samples are no measurement").within("stated"));
    }
    let custom = layout.custom.iter().map(|label| &*label.name).zip(&tally.custom);
    let submetrics = layout.submetrics.iter().map(|label| &*label.selector).zip(&tally.submetrics);
    Ok(StoredTally {
        requests: each("requests", layout.requests.iter().zip(&tally.requests), |(label, row)| {
            pack_request(&label.name, row)
        })?,
        scenarios: layout
            .scenarios
            .iter()
            .zip(&tally.scenarios)
            .map(|(label, row)| pack_scenario(&label.name, row))
            .collect(),
        checks: layout
            .checks
            .iter()
            .zip(&tally.checks)
            .map(|(name, ratio)| stored_row(name, pack_ratio(ratio)))
            .collect(),
        groups: layout
            .groups
            .iter()
            .zip(&tally.groups)
            .map(|(name, trend)| stored_row(name, histogram::pack(trend)))
            .collect(),
        custom: each("custom", custom, |(name, series)| Ok(stored_row(name, pack_series(series)?)))?,
        submetrics: each("submetrics", submetrics, |(name, series)| Ok(stored_row(name, pack_series(series)?)))?,
        vus: pack_gauge(&tally.vus).at("vus")?,
        vus_max: pack_gauge(&tally.vus_max).at("vus_max")?,
    })
}

pub fn unpack(stored: StoredTally, layout: &Layout) -> Result<Tally, Invalid> {
    let names = layout.requests.iter().map(|label| &*label.name);
    let requests = named("requests", names, stored.requests, |row| &row.name)?;
    let names = layout.scenarios.iter().map(|label| &*label.name);
    let scenarios = named("scenarios", names, stored.scenarios, |row| &row.name)?;
    let checks = named("checks", layout.checks.iter().map(|name| &**name), stored.checks, |row| &row.name)?;
    let groups = named("groups", layout.groups.iter().map(|name| &**name), stored.groups, |row| &row.name)?;
    let custom = named("custom", layout.custom.iter().map(|label| &*label.name), stored.custom, |row| &row.name)?;
    let names = layout.submetrics.iter().map(|label| &*label.selector);
    let submetrics = named("submetrics", names, stored.submetrics, |row| &row.name)?;
    let custom = layout.custom.iter().map(|label| label.kind).zip(custom);
    let submetrics = layout.submetrics.iter().map(|label| label.kind).zip(submetrics);
    Ok(Tally {
        requests: each("requests", requests, |row| unpack_request(row, layout.grid.blocks()))?,
        scenarios: each("scenarios", scenarios, unpack_scenario)?,
        checks: each("checks", checks, |row| unpack_ratio(row.samples))?,
        groups: each("groups", groups, |row| histogram::unpack(row.samples))?,
        custom: each("custom", custom, |(kind, row)| unpack_series(row.samples, kind))?,
        submetrics: each("submetrics", submetrics, |(kind, row)| unpack_series(row.samples, kind))?,
        vus: unpack_gauge(stored.vus).at("vus")?,
        vus_max: unpack_gauge(stored.vus_max).at("vus_max")?,
        stated: None,
    })
}

/// Checks that the rows are those of the layout.
fn named<'a, T>(
    list: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
    rows: Vec<T>,
    name: impl Fn(&T) -> &str,
) -> Result<Vec<T>, Invalid> {
    if names.len() != rows.len() {
        let problem = format!("{} rows, but the layout names {}", rows.len(), names.len());
        return Err(Invalid::new(problem).within(list));
    }
    for (index, (expected, row)) in names.zip(&rows).enumerate() {
        if name(row) != expected {
            let problem = format!("{:?}, but the layout names {expected:?}", name(row));
            return Err(Invalid::new(problem).within(format!("{list}[{index}].name")));
        }
    }
    Ok(rows)
}

fn stored_row<T>(name: &str, samples: T) -> StoredRow<T> {
    StoredRow { name: name.into(), samples }
}

fn pack_request(name: &str, row: &RequestTally) -> Result<StoredRequest, Invalid> {
    let errors = ErrorClass::ALL.into_iter().map(|class| (class, row.errors_of(class)));
    Ok(StoredRequest {
        name: name.into(),
        attempts: row.attempts,
        responses: row.responses,
        failed: row.failed,
        interrupted: row.interrupted,
        errors: errors.filter(|(_, count)| *count > 0).collect(),
        statuses: row.statuses.clone(),
        unexpected: row.unexpected.clone(),
        sent: row.sent,
        received: row.received,
        duration: histogram::pack(&row.duration),
        expected: histogram::pack(&row.expected),
        comparable: histogram::pack(&row.comparable),
        scheduled: histogram::pack(&row.scheduled),
        blocked: histogram::pack(&row.blocked),
        connecting: histogram::pack(&row.connecting),
        tls_handshaking: histogram::pack(&row.tls_handshaking),
        sending: histogram::pack(&row.sending),
        waiting: histogram::pack(&row.waiting),
        receiving: histogram::pack(&row.receiving),
        blocks: blocks::pack(&row.blocks),
        variance_inflation: row.inflation.map(|kept| pack_inflation(kept, row)).transpose().at("variance_inflation")?,
    })
}

fn unpack_request(row: StoredRequest, number_of_blocks: u32) -> Result<RequestTally, Invalid> {
    if row.failed > row.attempts || row.responses > row.attempts {
        return Err(Invalid::new("more failures or responses than attempts"));
    }
    let mut errors = [0; ErrorClass::ALL.len()];
    for (class, number) in row.errors {
        errors[class as usize] = count(number).at("errors")?;
    }
    let (statuses, unexpected) = (counts(row.statuses).at("statuses")?, counts(row.unexpected).at("unexpected")?);
    if unexpected.iter().any(|(status, number)| statuses.get(status).is_none_or(|all| number > all)) {
        return Err(Invalid::new("more answers of a status than answers").within("unexpected"));
    }
    let explained = errors.iter().chain(unexpected.values()).fold(0_u64, |sum, number| sum.saturating_add(*number));
    if row.failed != explained {
        return Err(Invalid::new("not the sum of the errors and the unexpected answers").within("failed"));
    }
    let inflation = row.variance_inflation;
    if inflation.is_some() && row.blocks.is_some() {
        return Err(Invalid::new("belongs to a run without blocks").within("variance_inflation"));
    }
    let tally = RequestTally {
        attempts: count(row.attempts).at("attempts")?,
        responses: row.responses,
        failed: row.failed,
        interrupted: count(row.interrupted).at("interrupted")?,
        errors,
        statuses,
        unexpected,
        sent: count(row.sent).at("sent")?,
        received: count(row.received).at("received")?,
        duration: histogram::unpack(row.duration).at("duration")?,
        expected: histogram::unpack(row.expected).at("expected")?,
        comparable: histogram::unpack(row.comparable).at("comparable")?,
        scheduled: histogram::unpack(row.scheduled).at("scheduled")?,
        blocked: histogram::unpack(row.blocked).at("blocked")?,
        connecting: histogram::unpack(row.connecting).at("connecting")?,
        tls_handshaking: histogram::unpack(row.tls_handshaking).at("tls_handshaking")?,
        sending: histogram::unpack(row.sending).at("sending")?,
        waiting: histogram::unpack(row.waiting).at("waiting")?,
        receiving: histogram::unpack(row.receiving).at("receiving")?,
        blocks: blocks::unpack(row.blocks, number_of_blocks).at("blocks")?,
        inflation: None,
    };
    let inflation = inflation.map(|stored| unpack_inflation(stored, &tally)).transpose().at("variance_inflation")?;
    Ok(RequestTally { inflation, ..tally })
}

fn pack_inflation(kept: Inflation, row: &RequestTally) -> Result<StoredInflation, Invalid> {
    let Inflation { p50, p95, p99, p999, failed } = kept;
    let stored = StoredInflation { p50, p95, p99, p999, failed };
    unpack_inflation(stored, row).map(|_| stored)
}

/// Samples can't be less alike than independent ones, nor worth less than one of them.
fn unpack_inflation(stored: StoredInflation, row: &RequestTally) -> Result<Inflation, Invalid> {
    let checked = |inflation: f64, samples: u64, name: &str| {
        let most = samples.max(1) as f64;
        let problem = || Invalid::new(format!("{inflation} is no inflation of {samples} samples: 1 to {most} can be"));
        if (1.0..=most).contains(&inflation) { Ok(inflation) } else { Err(problem().within(name)) }
    };
    let samples = row.comparable.count();
    Ok(Inflation {
        p50: checked(stored.p50, samples, "p50")?,
        p95: checked(stored.p95, samples, "p95")?,
        p99: checked(stored.p99, samples, "p99")?,
        p999: checked(stored.p999, samples, "p999")?,
        failed: checked(stored.failed, row.attempts, "failed")?,
    })
}

fn counts<K: Ord>(counts: BTreeMap<K, u64>) -> Result<BTreeMap<K, u64>, Invalid> {
    counts.into_iter().map(|(key, number)| Ok((key, count(number)?))).collect()
}

fn pack_scenario(name: &str, row: &ScenarioTally) -> StoredScenario {
    StoredScenario {
        name: name.into(),
        iterations: row.iterations,
        interrupted: row.interrupted,
        dropped: row.dropped,
        stopped: row.stopped.clone(),
        errors: row.errors.clone(),
        duration: histogram::pack(&row.duration),
        schedule_lag: histogram::pack(&row.schedule_lag),
    }
}

fn unpack_scenario(row: StoredScenario) -> Result<ScenarioTally, Invalid> {
    Ok(ScenarioTally {
        iterations: count(row.iterations).at("iterations")?,
        interrupted: count(row.interrupted).at("interrupted")?,
        dropped: count(row.dropped).at("dropped")?,
        stopped: counts(row.stopped).at("stopped")?,
        errors: counts(row.errors).at("errors")?,
        duration: histogram::unpack(row.duration).at("duration")?,
        schedule_lag: histogram::unpack(row.schedule_lag).at("schedule_lag")?,
    })
}

fn pack_ratio(ratio: &Ratio) -> StoredRatio {
    StoredRatio { trues: ratio.trues, total: ratio.total }
}

fn unpack_ratio(stored: StoredRatio) -> Result<Ratio, Invalid> {
    if stored.trues > stored.total {
        return Err(Invalid::new("more true samples than samples"));
    }
    Ok(Ratio { trues: stored.trues, total: count(stored.total)? })
}

fn pack_gauge(gauge: &Gauge) -> Result<StoredGauge, Invalid> {
    let Gauge { last, min, max } = gauge;
    Ok(StoredGauge {
        last: last.map(finite).transpose()?,
        min: min.map(finite).transpose()?,
        max: max.map(finite).transpose()?,
    })
}

fn unpack_gauge(stored: StoredGauge) -> Result<Gauge, Invalid> {
    let StoredGauge { last, min, max } = stored;
    Ok(Gauge {
        last: last.map(finite).transpose()?,
        min: min.map(finite).transpose()?,
        max: max.map(finite).transpose()?,
    })
}

fn pack_series(series: &Series) -> Result<StoredSeries, Invalid> {
    Ok(match series {
        Series::Counter { sum, samples } => StoredSeries::Counter { sum: finite(*sum)?, samples: *samples },
        Series::Gauge(gauge) => StoredSeries::Gauge(pack_gauge(gauge)?),
        Series::Rate(ratio) => StoredSeries::Rate(pack_ratio(ratio)),
        Series::Trend(trend) => StoredSeries::Trend(histogram::pack(trend)),
    })
}

fn unpack_series(stored: StoredSeries, kind: Kind) -> Result<Series, Invalid> {
    let series = match stored {
        StoredSeries::Counter { sum, samples } => Series::Counter { sum: finite(sum)?, samples: count(samples)? },
        StoredSeries::Gauge(gauge) => Series::Gauge(unpack_gauge(gauge)?),
        StoredSeries::Rate(ratio) => Series::Rate(unpack_ratio(ratio)?),
        StoredSeries::Trend(trend) => Series::Trend(Box::new(histogram::unpack(trend)?)),
    };
    if series.kind() != kind {
        return Err(Invalid::new(format!("a {:?}, but the layout says {kind:?}", series.kind())));
    }
    Ok(series)
}
