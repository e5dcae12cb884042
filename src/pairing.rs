//! How the two arms of a paired run, the candidate and its reference, share it: the words of plan, measurement and gate.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Candidate,
    Reference,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Candidate => "candidate",
            Side::Reference => "reference",
        })
    }
}

/// When the arms get their load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArmMode {
    /// At the same time: what machine, network and neighbours do hits both.
    Parallel,
    /// In turn, block by block: for deployments that share what would slow the other.
    Alternating,
}

impl ArmMode {
    /// The name that plans and reports use.
    pub fn name(self) -> &'static str {
        match self {
            ArmMode::Parallel => "parallel",
            ArmMode::Alternating => "alternating",
        }
    }
}

impl fmt::Display for ArmMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often the run is looked at before its verdict: a run that may be extended is looked at twice, and each look has half
/// of α.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looks {
    /// 1, or 2 where the load may go on once.
    pub planned: u32,
    /// Of them, those that the samples are for: 2 in a run that went on.
    pub taken: u32,
}

impl Looks {
    /// One look, at the end.
    pub const ONE: Looks = Looks { planned: 1, taken: 1 };

    /// Whether the load may still go on.
    pub fn may_go_on(self) -> bool {
        self.taken < self.planned
    }
}

/// The design of a paired run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    pub mode: ArmMode,
    pub looks: Looks,
    /// What both deployments share, as the plan states it (`database`, `cache`, `host`), or as the run found out.
    pub shares: Vec<String>,
}
