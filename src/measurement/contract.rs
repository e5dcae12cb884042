//! What makes two measurements comparable.

use std::collections::{BTreeMap, BTreeSet};
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
    /// The versions of HTTP that were spoken: a soft term. None in files of a loadgate that did not look.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub spoken: BTreeSet<HttpSpoken>,
}

/// A version of HTTP that connections of a run agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HttpSpoken {
    #[serde(rename = "1.1")]
    One,
    #[serde(rename = "2")]
    Two,
}

impl fmt::Display for HttpSpoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HttpSpoken::One => "HTTP/1.1",
            HttpSpoken::Two => "HTTP/2",
        })
    }
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
        let differences = self.hard_differences(other);
        (!differences.is_empty()).then(|| differences.join(", "))
    }

    /// The hard terms of the run as a whole that differ, in words.
    pub fn hard_differences(&self, other: &Contract) -> Vec<String> {
        let mut differences = Vec::new();
        name_difference(&mut differences, "profile", &shown(&self.profile), &shown(&other.profile));
        name_difference(&mut differences, "tier", &shown(&self.tier), &shown(&other.tier));
        if self.load != other.load {
            differences.push("the load (executors, stages, scaling, judged phase or httpVersion)".into());
        }
        differences
    }

    /// The versions of HTTP that were spoken, in words; none where that is not known.
    pub fn spoken(&self) -> Option<String> {
        let names: Vec<String> = self.spoken.iter().map(HttpSpoken::to_string).collect();
        (!names.is_empty()).then(|| names.join(" and "))
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
        if let (Some(ours), Some(theirs)) = (self.spoken(), other.spoken()) {
            name_difference(&mut differences, "spoken", &ours, &theirs);
        }
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

    #[test]
    fn another_version_of_http_is_named_where_both_are_known() {
        let by = |spoken: &[HttpSpoken]| Contract { spoken: spoken.iter().copied().collect(), ..Contract::default() };
        let (unknown, one, two) = (by(&[]), by(&[HttpSpoken::One]), by(&[HttpSpoken::Two, HttpSpoken::One]));
        assert_eq!(two.soft_differences(&one), ["spoken HTTP/1.1 and HTTP/2, was HTTP/1.1"]);
        assert_eq!(one.soft_differences(&one), [""; 0]);
        assert_eq!(one.soft_differences(&unknown), [""; 0]);
        let json = serde_json::to_value(&two).unwrap();
        assert_eq!(json["spoken"], serde_json::json!(["1.1", "2"]));
        assert_eq!(serde_json::from_value::<Contract>(json).unwrap(), two);
        let old = serde_json::to_value(&unknown).unwrap();
        assert!(old.get("spoken").is_none());
        assert_eq!(serde_json::from_value::<Contract>(old).unwrap(), unknown);
    }
}
