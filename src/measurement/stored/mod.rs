//! The structs of the measurement file. They are the format: a change that an older reader can't read needs another
//! [`super::file::SCHEMA_VERSION`].

mod blocks;
mod histogram;
mod layout;
mod shards;
mod tally;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::Contract;
use super::evidence::Evidence;
use super::file::{BaselineEntry, MeasurementFile, SCHEMA_VERSION};
use super::{Ending, Exhausted, Generator, Measurement, ReferenceArm};
use crate::pairing::Pairing;

use histogram::StoredTrend;
use layout::StoredLayout;
use shards::StoredShards;
use tally::StoredTally;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredFile {
    schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<BaselineEntry>,
    candidate: StoredMeasurement,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<StoredMeasurement>,
    /// With a reference only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pairing: Option<Pairing>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredMeasurement {
    plan: String,
    profile: Option<String>,
    target: String,
    commit: Option<String>,
    job: Option<String>,
    started_at: jiff::Timestamp,
    elapsed_ns: u64,
    judged_for_ns: u64,
    seed: u64,
    ending: StoredEnding,
    contract: Contract,
    layout: StoredLayout,
    judged: StoredTally,
    unjudged: StoredTally,
    generator: StoredGenerator,
    evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shards: Option<StoredShards>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum StoredEnding {
    Completed,
    Interrupted,
    Aborted { threshold: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGenerator {
    workers: u32,
    busiest_worker_cpu: Option<f64>,
    cpu_by_second: Option<StoredTrend>,
    loop_lag: Option<StoredTrend>,
    #[serde(default)]
    stalls: Option<StoredTrend>,
    #[serde(default)]
    exhausted: Exhausted,
    #[serde(default)]
    blocked_workers: u32,
}

/// What a file holds that no run can have measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// As a path into the JSON: `candidate.judged.requests[2].duration`.
    place: String,
    problem: String,
}

impl Invalid {
    fn new(problem: impl Into<String>) -> Self {
        Invalid { place: String::new(), problem: problem.into() }
    }

    /// Puts a step in front of the place.
    fn within(mut self, step: impl fmt::Display) -> Self {
        let separator = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = format!("{step}{separator}{}", self.place);
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for Invalid {}

/// Says where in the file a problem is.
trait At<T> {
    fn at(self, step: impl fmt::Display) -> Result<T, Invalid>;
}

impl<T> At<T> for Result<T, Invalid> {
    fn at(self, step: impl fmt::Display) -> Result<T, Invalid> {
        self.map_err(|invalid| invalid.within(step))
    }
}

/// Converts a list, naming the element that could not be.
fn each<T, U>(
    list: &str,
    items: impl IntoIterator<Item = T>,
    convert: impl Fn(T) -> Result<U, Invalid>,
) -> Result<Vec<U>, Invalid> {
    items.into_iter().enumerate().map(|(index, item)| convert(item).at(format!("[{index}]")).at(list)).collect()
}

/// A figure that JSON can hold.
fn finite(figure: f64) -> Result<f64, Invalid> {
    if figure.is_finite() { Ok(figure) } else { Err(Invalid::new(format!("{figure} is no figure"))) }
}

/// More than this is no count of anything, and might overflow where counts are added up.
const LARGEST_COUNT: u64 = 1 << 53;

fn count(count: u64) -> Result<u64, Invalid> {
    if count <= LARGEST_COUNT { Ok(count) } else { Err(Invalid::new(format!("{count} is no count"))) }
}

pub(super) fn pack(file: &MeasurementFile) -> Result<StoredFile, Invalid> {
    Ok(StoredFile {
        schema_version: SCHEMA_VERSION,
        baseline: file.baseline.clone(),
        candidate: pack_measurement(&file.candidate).at("candidate")?,
        reference: file.reference.as_ref().map(|arm| pack_measurement(&arm.measurement)).transpose().at("reference")?,
        pairing: file.reference.as_ref().map(|arm| arm.pairing.clone()),
    })
}

pub(super) fn unpack(file: StoredFile) -> Result<MeasurementFile, Invalid> {
    let candidate = unpack_measurement(file.candidate).at("candidate")?;
    let reference = match (file.reference, file.pairing) {
        (None, None) => None,
        (Some(reference), Some(pairing)) => {
            let measurement = unpack_measurement(reference).at("reference")?;
            if measurement.layout.grid != candidate.layout.grid {
                let problem = Invalid::new("another grid of blocks than the candidate's");
                return Err(problem.within("grid").within("reference.layout"));
            }
            Some(ReferenceArm { measurement, pairing })
        }
        _ => return Err(Invalid::new("a reference and its pairing belong together").within("reference")),
    };
    Ok(MeasurementFile { baseline: file.baseline, candidate, reference })
}

fn pack_measurement(measurement: &Measurement) -> Result<StoredMeasurement, Invalid> {
    let Measurement { plan, profile, target, commit, job, started_at, elapsed, judged_for, seed, .. } = measurement;
    let layout = &measurement.layout;
    Ok(StoredMeasurement {
        plan: plan.clone(),
        profile: profile.clone(),
        target: target.clone(),
        commit: commit.clone(),
        job: job.clone(),
        started_at: *started_at,
        elapsed_ns: nanoseconds(*elapsed).at("elapsed_ns")?,
        judged_for_ns: nanoseconds(*judged_for).at("judged_for_ns")?,
        seed: *seed,
        ending: pack_ending(&measurement.ending),
        contract: measurement.contract.clone(),
        layout: layout::pack(layout)?,
        judged: tally::pack(&measurement.judged, layout).at("judged")?,
        unjudged: tally::pack(&measurement.unjudged, layout).at("unjudged")?,
        generator: StoredGenerator {
            workers: measurement.generator.workers,
            busiest_worker_cpu: measurement.generator.busiest_worker_cpu.map(finite).transpose().at("generator")?,
            cpu_by_second: histogram::pack(&measurement.generator.cpu_by_second),
            loop_lag: histogram::pack(&measurement.generator.loop_lag),
            stalls: histogram::pack(&measurement.generator.stalls),
            exhausted: measurement.generator.exhausted,
            blocked_workers: measurement.generator.blocked_workers,
        },
        evidence: measurement.evidence.clone(),
        shards: measurement.shards.as_ref().map(shards::pack),
    })
}

fn unpack_measurement(stored: StoredMeasurement) -> Result<Measurement, Invalid> {
    let layout = layout::unpack(stored.layout).at("layout")?;
    Ok(Measurement {
        plan: stored.plan,
        profile: stored.profile,
        target: stored.target,
        commit: stored.commit,
        job: stored.job,
        started_at: stored.started_at,
        elapsed: Duration::from_nanos(stored.elapsed_ns),
        judged_for: Duration::from_nanos(stored.judged_for_ns),
        seed: stored.seed,
        contract: stored.contract,
        judged: tally::unpack(stored.judged, &layout).at("judged")?,
        unjudged: tally::unpack(stored.unjudged, &layout).at("unjudged")?,
        layout: Arc::new(layout),
        generator: Generator {
            workers: stored.generator.workers,
            busiest_worker_cpu: stored.generator.busiest_worker_cpu.map(finite).transpose().at("generator")?,
            cpu_by_second: histogram::unpack(stored.generator.cpu_by_second).at("cpu_by_second").at("generator")?,
            loop_lag: histogram::unpack(stored.generator.loop_lag).at("loop_lag").at("generator")?,
            stalls: histogram::unpack(stored.generator.stalls).at("stalls").at("generator")?,
            exhausted: exhausted(stored.generator.exhausted).at("exhausted").at("generator")?,
            blocked_workers: stored.generator.blocked_workers,
        },
        evidence: stored.evidence,
        ending: unpack_ending(stored.ending),
        shards: stored.shards.map(shards::unpack).transpose().at("shards")?,
    })
}

fn pack_ending(ending: &Ending) -> StoredEnding {
    match ending {
        Ending::Completed => StoredEnding::Completed,
        Ending::Interrupted => StoredEnding::Interrupted,
        Ending::Aborted { threshold } => StoredEnding::Aborted { threshold: threshold.clone() },
    }
}

fn unpack_ending(stored: StoredEnding) -> Ending {
    match stored {
        StoredEnding::Completed => Ending::Completed,
        StoredEnding::Interrupted => Ending::Interrupted,
        StoredEnding::Aborted { threshold } => Ending::Aborted { threshold },
    }
}

fn exhausted(stored: Exhausted) -> Result<Exhausted, Invalid> {
    [stored.descriptors, stored.ports, stored.memory].map(count).into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(stored)
}

fn nanoseconds(time: Duration) -> Result<u64, Invalid> {
    u64::try_from(time.as_nanos()).map_err(|_| Invalid::new(format!("{time:?} is too long")))
}
