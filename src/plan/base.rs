//! A pull request's plan beside its base's.

use std::sync::Arc;

use super::{Plan, Policy, Threshold};

/// Base's gate file.
#[derive(Clone, Debug)]
pub struct BaseSource {
    /// The YAML.
    pub text: String,
    /// The name that errors show: `loadgate.yml at base 1234abc`.
    pub name: String,
    /// Base's commit, in full.
    pub commit: String,
}

/// By what base's plan judges a run.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseRules {
    /// Base's commit, in full.
    pub commit: String,
    /// Those whose samples the run makes. None of them ends it: a run that base's limit had cut short would leave too little to
    /// judge by the pull request's own, should these be let stand.
    pub thresholds: Vec<Threshold>,
    /// With the judged phase and the warm-up of the plan that is run.
    pub policy: Policy,
    /// The requests that base compares with history or the reference, as far as the run makes them; of a script all that base
    /// names.
    pub gated: Vec<Arc<str>>,
    /// Base compares every request that a script makes.
    pub gates_all: bool,
    /// What base asks of something that is no more, a sentence for each: it judges nothing.
    pub gone: Vec<String>,
}

impl BaseRules {
    /// Whether base compares this request.
    pub fn gates(&self, request: &str) -> bool {
        self.gates_all || self.gated.iter().any(|gated| **gated == *request)
    }
}

/// A pull request's plan, held to its base's.
#[derive(Debug)]
pub struct AtBase {
    pub plan: Plan,
    /// What the reader must know: what was read from base, and what base asks of something that is no more.
    pub notes: Vec<String>,
}
