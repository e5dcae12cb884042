//! One calibration: every gate of it with its figures, so that all else can be worked out again.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::measurement::Contract;

use super::{DeploymentPair, Difference, Outcomes};

/// A calibration, as its file keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The plan's name.
    pub plan: String,
    pub started_at: Timestamp,
    /// Replays its order, and the random choices of its gates.
    pub seed: u64,
    /// Origin of the deployment that was the candidate.
    pub target: String,
    /// Origin of another deployment of the same commit; none where the target was held against itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Of the deployments, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How the arms shared the run.
    pub arms: Arms,
    pub contract: Contract,
    pub rules: Rules,
    /// In the order in which they were measured.
    pub gates: Vec<GateRecord>,
    /// Runs of the target without a second arm, which show by how much the arms slow each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alone: Vec<Alone>,
}

/// When the arms got their load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arms {
    Parallel,
    Alternating,
}

/// What decides whether a difference fails a gate: how often that happens holds for these rules alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// δ: the relative change that is still accepted.
    pub tolerance: f64,
    /// A change of less than this is never a regression, in milliseconds.
    pub floor_ms: f64,
    /// The rise of a failure rate that is still accepted, as a share.
    pub failure_tolerance: f64,
    /// Names of the metrics that are compared.
    pub metrics: Vec<String>,
    /// Names of the requests that are compared.
    pub requests: Vec<String>,
}

/// What was added to the time of each of the candidate's requests.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlowDown {
    /// A share of the time that the deployment took, 0.1 for 10 %.
    Share(f64),
    /// The same for each of them, in milliseconds.
    DelayMs(f64),
}

impl SlowDown {
    /// None for a fixed delay.
    pub fn share(self) -> Option<f64> {
        match self {
            SlowDown::Share(share) => Some(share),
            SlowDown::DelayMs(_) => None,
        }
    }
}

/// One gate of a calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRecord {
    /// By how much the candidate was slowed down; none for a gate between equals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<SlowDown>,
    /// What the candidate's proxy added in truth, as a share of the time that the deployment took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<f64>,
    pub started_at: Timestamp,
    pub seed: u64,
    pub outcome: GateOutcome,
    /// The first line of its judgement.
    pub finding: String,
    pub figures: Vec<GateFigure>,
}

/// What came of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateOutcome {
    Pass,
    Fail,
    TooNoisy,
    /// A guard fired: it counts as no gate.
    NotMeasured,
}

/// One metric of one request in a gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateFigure {
    pub request: String,
    /// Its name: `p95`, `failed`.
    pub metric: String,
    pub outcome: FigureOutcome,
    /// Milliseconds for quantiles, a share for failures.
    pub base: f64,
    pub candidate: f64,
    /// Candidate over base; none where it could not be tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The smallest change that the gate could have shown with 80 % power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectable: Option<f64>,
}

/// What came of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureOutcome {
    Pass,
    Fail,
    TooNoisy,
    TooFewSamples,
}

/// A run of the target alone: its quantiles, in milliseconds, by request and name of the metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alone {
    pub started_at: Timestamp,
    pub seed: u64,
    pub figures: BTreeMap<String, BTreeMap<String, f64>>,
}

impl GateRecord {
    /// Whether it was measured.
    pub fn counts(&self) -> bool {
        self.outcome != GateOutcome::NotMeasured
    }
}

/// How many of the gates failed, of those that were measured.
pub fn outcomes<'a>(gates: impl IntoIterator<Item = &'a GateRecord>) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for gate in gates.into_iter().filter(|gate| gate.counts()) {
        outcomes.gates += 1;
        outcomes.failed += u64::from(gate.outcome == GateOutcome::Fail);
    }
    outcomes
}

/// The outcomes of each slow-down by a share, in ascending order.
pub fn power(gates: &[&GateRecord]) -> Vec<(f64, Outcomes)> {
    let measured = || gates.iter().copied().filter(|gate| gate.counts());
    let of = |slow| outcomes(measured().filter(|gate| gate.slow == Some(slow)));
    slow_downs(measured()).into_iter().filter_map(|slow| Some((slow.share()?, of(slow)))).collect()
}

/// The slow-downs of the gates, each once: shares before delays, each in ascending order.
fn slow_downs<'a>(gates: impl IntoIterator<Item = &'a GateRecord>) -> Vec<SlowDown> {
    let mut slow: Vec<SlowDown> = gates.into_iter().filter_map(|gate| gate.slow).collect();
    slow.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    slow.dedup();
    slow
}

impl Record {
    /// The gates between equals.
    pub fn equals(&self) -> impl Iterator<Item = &GateRecord> {
        self.gates.iter().filter(|gate| gate.slow.is_none())
    }

    /// The gates with a slow-down.
    pub fn slowed(&self, slow: SlowDown) -> impl Iterator<Item = &GateRecord> {
        self.gates.iter().filter(move |gate| gate.slow == Some(slow))
    }

    /// Its slow-downs, each once: shares before delays, each in ascending order.
    pub fn slow_downs(&self) -> Vec<SlowDown> {
        slow_downs(&self.gates)
    }

    /// By how much its two deployments differed, for the requests that are defined as in the contract; none where there was
    /// one deployment, or nothing was measured.
    ///
    /// All gates of a calibration saw one pair of deployments, so that together they are one pair.
    pub fn deployment_pair(&self, contract: &Contract) -> Option<DeploymentPair> {
        self.reference.as_ref()?;
        let mut differences: BTreeMap<(String, String), Vec<Difference>> = BTreeMap::new();
        for figure in self.equals().filter(|gate| gate.counts()).flat_map(|gate| &gate.figures) {
            let Some(difference) = figure.difference else { continue };
            if contract.same_request(&self.contract, &figure.request) {
                differences.entry((figure.request.clone(), figure.metric.clone())).or_default().push(difference);
            }
        }
        let pair: DeploymentPair = differences.into_iter().map(|(key, gates)| (key, combined(&gates))).collect();
        (!pair.is_empty()).then_some(pair)
    }
}

/// The mean over gates. Its error is what the gates say of themselves, or what they differ by among each other, whichever is
/// larger: a difference that comes and goes within a calibration is not a lasting one.
fn combined(gates: &[Difference]) -> Difference {
    let n = gates.len() as f64;
    let mean = gates.iter().map(|gate| gate.mean).sum::<f64>() / n;
    let within = gates.iter().map(|gate| gate.error.powi(2)).sum::<f64>() / n.powi(2);
    let squares = gates.iter().map(|gate| (gate.mean - mean).powi(2)).sum::<f64>();
    let between = squares / (n - 1.0).max(1.0) / n;
    Difference { mean, error: within.max(between).sqrt() }
}
