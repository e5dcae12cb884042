//! Shards of one run, added up without loss.

use std::collections::HashMap;
use std::time::Duration;

use super::tally::Gauge;
use super::{Ending, Evidence, Generator, Measurement, MeasurementFile, Trend};

/// Failures kept of each request and class, as in one run.
const EVIDENCE_KEPT: usize = 5;

/// The quantile of a worker's seconds by which the busiest worker is found.
const BUSIEST_SECONDS: f64 = 0.95;

/// Why two measurements are no parts of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these measurements are no shards of one run: their {0} differ; merge the files that one run's shards wrote")]
pub struct NotOneRun(&'static str);

impl MeasurementFile {
    /// Adds another shard's samples to both arms.
    ///
    /// # Errors
    /// Refuses a measurement of another plan, seed, load or layout; nothing is added then.
    pub fn merge(&mut self, other: &MeasurementFile) -> Result<(), NotOneRun> {
        self.candidate.same_run(&other.candidate)?;
        match (&mut self.reference, &other.reference) {
            (Some(ours), Some(theirs)) => ours.merge(theirs)?,
            (None, None) => {}
            _ => return Err(NotOneRun("arms")),
        }
        self.candidate.merge(&other.candidate)
    }
}

impl Measurement {
    /// Adds another shard's samples.
    ///
    /// # Errors
    /// Refuses a measurement of another plan, seed, load or layout; nothing is added then.
    pub fn merge(&mut self, other: &Measurement) -> Result<(), NotOneRun> {
        self.same_run(other)?;
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
        self.ending = worse(&self.ending, &other.ending).clone();
        Ok(())
    }

    fn same_run(&self, other: &Measurement) -> Result<(), NotOneRun> {
        let Measurement { plan, profile, target, commit, seed, contract, layout, .. } = self;
        let terms = [
            ("plans", *plan == other.plan && *profile == other.profile),
            ("targets", *target == other.target && *commit == other.commit),
            ("seeds", *seed == other.seed),
            ("requests", contract.requests == other.contract.requests),
            ("loads", contract.load == other.contract.load),
            ("series", *layout == other.layout),
        ];
        terms.into_iter().find(|(_, same)| !same).map_or(Ok(()), |(term, _)| Err(NotOneRun(term)))
    }
}

impl Generator {
    /// Adds another generator's figures: the busiest worker of both.
    fn merge(&mut self, other: &Generator) {
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

fn worse<'a>(ours: &'a Ending, theirs: &'a Ending) -> &'a Ending {
    let severity = |ending: &Ending| match ending {
        Ending::Completed => 0,
        Ending::Aborted { .. } => 1,
        Ending::Interrupted => 2,
    };
    if severity(theirs) > severity(ours) { theirs } else { ours }
}

#[cfg(test)]
mod tests {
    use crate::measurement::Contract;
    use crate::measurement::simulated::{Simulated, SimulatedRequest};

    use super::*;

    fn shard(seed: u64, median: f64) -> Measurement {
        let request = SimulatedRequest { count: 100, ..SimulatedRequest::new("a", median) };
        Measurement { seed: 7, ..Simulated { seed, ..Simulated::new(vec![request]) }.measure() }
    }

    #[test]
    fn shards_add_up() {
        let mut merged = shard(1, 5.0);
        let mut late = shard(2, 50.0);
        late.started_at += Duration::from_secs(2);
        late.ending = Ending::Interrupted;
        for (run, share) in [(&mut merged, 0.2), (&mut late, 0.9)] {
            run.generator.cpu_by_second.record_value(share).unwrap();
        }
        merged.merge(&late).unwrap();
        let row = &merged.judged.requests[0];
        assert_eq!((row.attempts, row.duration.count()), (200, 200));
        assert_eq!(row.duration.max(), late.judged.requests[0].duration.max());
        assert_eq!(row.blocks.values().map(|block| block.counts.total()).sum::<u64>(), 200);
        assert_eq!(merged.elapsed, late.elapsed + Duration::from_secs(2));
        assert_eq!((merged.judged.vus.last, merged.generator.workers), (Some(40.0), 4));
        assert_eq!(merged.generator.cpu_by_second, late.generator.cpu_by_second, "the busier one's");
        assert_eq!(merged.ending, Ending::Interrupted);
    }

    #[test]
    fn the_order_of_shards_does_not_matter() {
        let (a, b) = (shard(1, 5.0), shard(2, 50.0));
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(&b).unwrap();
        ba.merge(&a).unwrap();
        // But for a gauge's last value, which is the later shard's.
        ab.judged.custom[1] = ba.judged.custom[1].clone();
        assert!(ab == ba);
    }

    #[test]
    fn what_is_no_shard_of_the_run_is_refused() {
        let run = shard(1, 5.0);
        let other = shard(2, 5.0);
        let load = Contract { load: "other".into(), ..other.contract.clone() };
        let requests = Contract { requests: [].into(), ..other.contract.clone() };
        let table = [
            ("plans", Measurement { plan: "other".into(), ..other.clone() }),
            ("seeds", Measurement { seed: 8, ..other.clone() }),
            ("loads", Measurement { contract: load, ..other.clone() }),
            ("requests", Measurement { contract: requests, ..other }),
        ];
        for (term, other) in table {
            let mut merged = run.clone();
            assert_eq!(merged.merge(&other), Err(NotOneRun(term)));
            assert!(merged == run, "was changed");
        }
    }
}
