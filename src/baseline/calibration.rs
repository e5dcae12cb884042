//! What calibration runs have shown of a plan: how often its gate cries wolf, what it finds, and by how much two deployments
//! of one commit differ.

use std::collections::BTreeMap;

/// All calibration runs of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Gates between two equal sides, and how many of them failed.
    pub false_alarms: Outcomes,
    /// Gates against a known slow-down (0.1 for 10 %), and how many of them failed, as they should.
    pub power: Vec<(f64, Outcomes)>,
    /// Pairs of deployments of one commit.
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The mean over the blocks, d̄.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}
