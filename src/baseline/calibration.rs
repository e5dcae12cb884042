//! What calibration runs have shown of a plan: how often its gate cries wolf, what it finds, and by how much two deployments
//! of one commit differ.

mod file;
mod record;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::measurement::Contract;

use super::store::{Skipped, StoreError};
use super::window::Others;

pub use file::{CALIBRATION_VERSION, RecordFile};
pub use record::{Alone, Arms, FigureOutcome, GateFigure, GateOutcome, GateRecord, Record, Rules, SlowDown};

/// All calibration runs of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Gates between two equal sides, and how many of them failed.
    pub false_alarms: Outcomes,
    /// Gates against a known slow-down (0.1 for 10 %), and how many of them failed, as they should. In ascending order.
    pub power: Vec<(f64, Outcomes)>,
    /// Whether all of these gates loaded one deployment with itself: then they show what the generator does, and nothing of
    /// how deployments differ.
    pub generator_only: bool,
    /// Pairs of deployments of one commit, one for each calibration that had two.
    pub deployments: Vec<DeploymentPair>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    pub failed: u64,
    pub gates: u64,
}

/// The lasting difference between two deployments of one commit, by request and name of the metric (`p95`).
pub type DeploymentPair = BTreeMap<(String, String), Difference>;

/// A difference on the scale of the comparison: ln of the ratio for quantiles, of shares for failures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The mean over the blocks, d̄.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

/// What was read of a plan's calibrations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibrations {
    /// Of those that count.
    pub calibration: Calibration,
    /// Files that are no calibration of this plan.
    pub skipped: Vec<Skipped>,
    /// Calibrations of another contract, or by other rules.
    pub others: Option<Others>,
}

impl Calibration {
    /// Reads the calibrations of a plan from its folder of runs. Those count that were measured under the contract's hard
    /// terms; how often their gates failed counts only where they were judged by the same rules. A damaged file costs its
    /// own calibration alone. A missing folder holds none.
    ///
    /// # Errors
    /// A folder that can't be listed.
    pub fn read(folder: &Path, contract: &Contract, rules: &Rules) -> Result<Calibrations, StoreError> {
        let (records, skipped) = file::read_all(folder)?;
        let (calibration, others) = Calibration::of(&records, contract, rules);
        Ok(Calibrations { calibration, skipped, others })
    }

    /// Adds the records up, oldest first.
    fn of(records: &[Record], contract: &Contract, rules: &Rules) -> (Calibration, Option<Others>) {
        let (same, foreign): (Vec<&Record>, Vec<&Record>) =
            records.iter().partition(|record| contract.hard_difference(&record.contract).is_none());
        let (counted, elsewise): (Vec<&Record>, Vec<&Record>) =
            same.iter().copied().partition(|record| record.rules == *rules);
        // What gates between deployments showed is what a pull request's gate faces; others show the generator alone.
        let between = |record: &&&Record| record.reference.is_some();
        let generator_only = !counted.iter().any(|record| record.reference.is_some());
        let gates: Vec<&GateRecord> = counted
            .iter()
            .filter(|record| generator_only || between(record))
            .flat_map(|record| &record.gates)
            .collect();
        let calibration = Calibration {
            false_alarms: record::outcomes(gates.iter().copied().filter(|gate| gate.slow.is_none())),
            power: record::power(&gates),
            generator_only: generator_only && !gates.is_empty(),
            deployments: same.iter().filter_map(|record| record.deployment_pair(contract)).collect(),
        };
        let difference = foreign.last().and_then(|record| contract.hard_difference(&record.contract));
        let difference = difference.or_else(|| elsewise.last().map(|_| "the rules of the comparison".to_owned()));
        let others = difference.map(|difference| Others { runs: foreign.len() + elsewise.len(), difference });
        (calibration, others)
    }

    /// Whether nothing was calibrated.
    pub fn is_empty(&self) -> bool {
        self.false_alarms.gates == 0 && self.power.is_empty() && self.deployments.is_empty()
    }
}
