//! What makes two measurements comparable.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Hard terms: a difference makes figures incomparable. Soft terms: a difference is named, and blocks nothing alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Hash of each request's definition, by name.
    pub requests: BTreeMap<String, String>,
    /// Hash of the load: executors, stages, scaling, judged phase, and the version of HTTP that the plan insists on.
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

impl Contract {
    /// The hard terms of the run as a whole. Requests are compared one by one: see [`Contract::same_request`].
    pub fn terms(&self) -> (&str, Option<&str>, Option<&str>) {
        (&self.load, self.profile.as_deref(), self.tier.as_deref())
    }

    /// Whether both know the request, and define it alike.
    pub fn same_request(&self, other: &Contract, name: &str) -> bool {
        self.requests.get(name).is_some_and(|definition| other.requests.get(name) == Some(definition))
    }

    /// What makes the other's figures incomparable, in words; none if its hard terms are the same.
    pub fn hard_difference(&self, other: &Contract) -> Option<String> {
        let mut differences = Vec::new();
        name_difference(&mut differences, "profile", &shown(&self.profile), &shown(&other.profile));
        name_difference(&mut differences, "tier", &shown(&self.tier), &shown(&other.tier));
        if self.load != other.load {
            differences.push("the load (executors, stages, scaling, judged phase or httpVersion)".into());
        }
        (!differences.is_empty()).then(|| differences.join(", "))
    }

    /// The soft terms that differ, in words.
    pub fn soft_differences(&self, other: &Contract) -> Vec<String> {
        let (ours, theirs) = (&self.machine, &other.machine);
        let mut differences = Vec::new();
        name_difference(&mut differences, "CPU", &shown(&ours.cpu), &shown(&theirs.cpu));
        name_difference(&mut differences, "cores", &shown(&ours.cores), &shown(&theirs.cores));
        name_difference(&mut differences, "runner image", &shown(&ours.image), &shown(&theirs.image));
        name_difference(&mut differences, "region", &shown(&ours.region), &shown(&theirs.region));
        name_difference(&mut differences, "loadgate", &ours.generator, &theirs.generator);
        differences
    }
}

fn shown(term: &Option<impl fmt::Display>) -> String {
    term.as_ref().map_or("none".into(), |term| term.to_string())
}

fn name_difference(differences: &mut Vec<String>, term: &str, ours: &str, theirs: &str) {
    if ours != theirs {
        differences.push(format!("{term} {ours}, was {theirs}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named() {
        let old = Contract { load: "a".into(), profile: Some("pr".into()), ..Contract::default() };
        let machine = Machine { cores: Some(4), generator: "0.2.0".into(), ..Machine::default() };
        let new = Contract { load: "b".into(), machine, ..Contract::default() };
        assert_eq!(old.hard_difference(&old), None);
        assert_eq!(
            new.hard_difference(&old).unwrap(),
            "profile none, was pr, the load (executors, stages, scaling, judged phase or httpVersion)"
        );
        assert_eq!(new.soft_differences(&old), ["cores 4, was none", "loadgate 0.2.0, was "]);
    }
}
