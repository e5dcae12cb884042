//! Shards of one run, added up without loss.

use std::collections::HashMap;
use std::time::Duration;

use super::series::Gauge;
use super::{Evidence, Generator, Measurement, MeasurementFile, Shards, Trend};

/// Failures kept of each request and class, as in one run.
const EVIDENCE_KEPT: usize = 5;

/// The quantile of a worker's seconds by which the busiest worker is found.
const BUSIEST_SECONDS: f64 = 0.95;

/// Why a measurement can't be added to another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("it is a run of one process, no shard; merge what `loadgate run --shard` wrote")]
    NoShard,
    #[error("shard {0} of {1} is there already; give each shard once")]
    Double(u64, u64),
    /// A term that all shards of a run have in common, as it is and as it should be.
    #[error("it belongs to another run: its {term} is {theirs}, not {ours}; merge the files of one run alone")]
    Foreign { term: &'static str, theirs: String, ours: String },
}

impl MeasurementFile {
    /// Adds another shard's samples to both arms.
    ///
    /// # Errors
    /// Refuses what is no other shard of the same run; nothing is added then.
    pub fn merge(&mut self, other: &MeasurementFile) -> Result<(), MergeError> {
        self.candidate.other_shard(&other.candidate)?;
        match (&mut self.reference, &other.reference) {
            (Some(ours), Some(theirs)) => ours.measurement.merge(&theirs.measurement)?,
            (None, None) => {}
            (ours, theirs) => {
                let arms = |reference: bool| if reference { "2" } else { "1" }.to_owned();
                let (ours, theirs) = (arms(ours.is_some()), arms(theirs.is_some()));
                return Err(MergeError::Foreign { term: "number of arms", theirs, ours });
            }
        }
        self.candidate.merge(&other.candidate)
    }
}

impl Measurement {
    /// Adds another shard's samples.
    ///
    /// # Errors
    /// Refuses what is no other shard of the same run; nothing is added then.
    pub fn merge(&mut self, other: &Measurement) -> Result<(), MergeError> {
        let shards = self.other_shard(other)?;
        let mut aligned = other.clone();
        self.align(&mut aligned);
        let other = &aligned;
        let end = |run: &Measurement| run.started_at.as_nanosecond() + run.elapsed.as_nanos() as i128;
        let last = end(self).max(end(other));
        self.started_at = self.started_at.min(other.started_at);
        self.elapsed = Duration::from_nanos((last - self.started_at.as_nanosecond()) as u64);
        self.judged_for = self.judged_for.max(other.judged_for);
        for (ours, theirs) in [(&mut self.judged, &other.judged), (&mut self.unjudged, &other.unjudged)] {
            let (vus, vus_max) = (side_by_side(&ours.vus, &theirs.vus), side_by_side(&ours.vus_max, &theirs.vus_max));
            ours.merge(theirs);
            (ours.vus, ours.vus_max) = (vus, vus_max);
        }
        self.generator.merge(&other.generator);
        self.evidence = first_of_each(self.evidence.iter().chain(&other.evidence));
        self.job = self.job.iter().chain(&other.job).min().cloned();
        self.ending = shards.ending();
        self.contract.machine = shards.machine();
        self.contract.spoken.extend(&other.contract.spoken);
        self.contract.requests.extend(other.contract.requests.clone());
        self.shards = Some(shards);
        Ok(())
    }

    /// The shards of both; they must be different ones of one run.
    fn other_shard(&self, other: &Measurement) -> Result<Shards, MergeError> {
        let (Some(ours), Some(theirs)) = (&self.shards, &other.shards) else { return Err(MergeError::NoShard) };
        let optional = |term: &Option<String>| term.clone().unwrap_or_else(|| "none".to_owned());
        let same = |same: bool| if same { "the same" } else { "another" }.to_owned();
        let load = self.contract.load == other.contract.load && self.layout.is_alike(&other.layout);
        let requests = knows(self, other) && knows(other, self);
        let terms = [
            ("plan", self.plan.clone(), other.plan.clone()),
            ("profile", optional(&self.profile), optional(&other.profile)),
            ("version of the plan, of its data or of its scale", ours.plan.clone(), theirs.plan.clone()),
            ("load", same(true), same(load)),
            ("requests", same(true), same(requests)),
            ("target", self.target.clone(), other.target.clone()),
            ("commit", optional(&self.commit), optional(&other.commit)),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("number of shards", ours.count.to_string(), theirs.count.to_string()),
            ("time to start at", ours.start_at.to_string(), theirs.start_at.to_string()),
        ];
        if let Some((term, ours, theirs)) = terms.into_iter().find(|(_, ours, theirs)| ours != theirs) {
            return Err(MergeError::Foreign { term, theirs, ours });
        }
        if let Some(number) = theirs.parts.keys().find(|number| ours.parts.contains_key(number)) {
            return Err(MergeError::Double(*number, ours.count));
        }
        let mut all = ours.clone();
        all.parts.extend(theirs.parts.clone());
        Ok(all)
    }
}

/// Whether a run defines each request of the other as that does, but for those that it has not found.
fn knows(run: &Measurement, other: &Measurement) -> bool {
    let found = |name: &str| run.layout.requests.iter().any(|row| &*row.name == name);
    let mut defined = other.contract.requests.iter();
    defined.all(|(name, definition)| run.contract.requests.get(name) == Some(definition) || !found(name))
}

impl Generator {
    /// Adds another generator's figures: the busiest worker of both.
    pub fn merge(&mut self, other: &Generator) {
        self.workers += other.workers;
        self.busiest_worker_cpu = match (self.busiest_worker_cpu, other.busiest_worker_cpu) {
            (Some(ours), Some(theirs)) => Some(ours.max(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        self.keep_busier(&other.cpu_by_second);
        self.loop_lag.merge(&other.loop_lag);
        self.stalls.merge(&other.stalls);
        self.exhausted.merge(&other.exhausted);
        self.blocked_workers = self.blocked_workers.saturating_add(other.blocked_workers);
    }

    /// Takes another worker's seconds for [`Generator::cpu_by_second`] if it came closer to its limit.
    pub fn keep_busier(&mut self, seconds: &Trend) {
        if seconds.quantile(BUSIEST_SECONDS) > self.cpu_by_second.quantile(BUSIEST_SECONDS) {
            self.cpu_by_second = seconds.clone();
        }
    }
}

/// Gauges of virtual users that ran at the same time. The sum of the largest values bounds the largest sum.
fn side_by_side(ours: &Gauge, theirs: &Gauge) -> Gauge {
    let sum = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
    Gauge { last: sum(ours.last, theirs.last), min: sum(ours.min, theirs.min), max: sum(ours.max, theirs.max) }
}

fn first_of_each<'a>(all: impl Iterator<Item = &'a Evidence>) -> Vec<Evidence> {
    let mut sorted: Vec<&Evidence> = all.collect();
    sorted.sort_by_key(|evidence| evidence.at_ms);
    let mut kept: HashMap<(&str, &str), usize> = HashMap::new();
    sorted.retain(|evidence| {
        let number = kept.entry((&evidence.request, &evidence.class)).or_default();
        *number += 1;
        *number <= EVIDENCE_KEPT
    });
    sorted.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests;
