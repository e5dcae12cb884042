//! What makes two measurements comparable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Hard terms: a difference makes figures incomparable. Soft terms: a difference is named, and blocks nothing alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Hash of each request's definition, by name.
    pub requests: BTreeMap<String, String>,
    /// Hash of the load: executors, stages, scaling, judged phase.
    pub load: String,
    pub profile: Option<String>,
    /// The target's tier, if the plan names one.
    pub tier: Option<String>,
    pub machine: Machine,
}

/// The soft terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    pub cpu: Option<String>,
    pub cores: Option<u32>,
    /// Image of the CI runner.
    pub image: Option<String>,
    pub region: Option<String>,
    /// Version of loadgate.
    pub generator: String,
}
