//! `profiles`: overrides of load, thresholds and gate, laid over the plan before it is read.

use super::declare::record;
use super::gate::{GateSection, ThresholdsForm};
use super::object::same_key;
use super::read::Map;
use super::scenario::{EXECUTOR_KEYS, ScenarioSection};
use super::tree::{Content, Entry, Node};
use crate::plan::error::{Problems, did_you_mean, list};

record! {
    /// Overrides of load, thresholds and gate.
    ProfileSection: "a map of `scenarios`, `thresholds` and `gate`" {
        /// Load of the plan's scenarios: an `executor` here replaces the scenario's executor and all of its fields.
        scenarios = "scenarios": Map<ScenarioSection>,
        /// Conditions that replace the plan's of the same metric; an empty list removes them.
        thresholds = "thresholds": Map<ThresholdsForm>,
        /// Laid over the plan's key by key; `judge` is replaced whole.
        gate = "gate": GateSection,
    }
}

/// Keys of a scenario that a profile may override beside the executor's.
const SCENARIO_KEYS: [&str; 2] = ["startTime", "gracefulStop"];

/// The plan's tree with a profile's overrides. What a profile may not override is noted.
pub fn overlay(plan: &Node, profile: &Node, problems: &mut Problems) -> Node {
    let mut merged = plan.clone();
    let Content::Map(overrides) = &profile.content else { return merged };
    for section in overrides {
        match section.key.as_str() {
            "scenarios" => scenarios(&mut merged, section, problems),
            "thresholds" => lay(&mut merged, section, &|a, b| a == b),
            "gate" => lay(&mut merged, section, &same_key),
            _ => {}
        }
    }
    merged
}

fn scenarios(plan: &mut Node, overrides: &Entry, problems: &mut Problems) {
    let Content::Map(overrides) = &overrides.value.content else { return };
    let Some(scenarios) = entry_mut(plan, "scenarios") else { return };
    let known: Vec<String> = match &scenarios.value.content {
        Content::Map(entries) => entries.iter().map(|entry| entry.key.clone()).collect(),
        _ => return,
    };
    for scenario in overrides {
        let Some(base) = entry_mut(&mut scenarios.value, &scenario.key) else {
            let problem = format!("there is no scenario `{}` to override", scenario.key);
            problems.add(&scenario.place, problem, did_you_mean(&scenario.key, known.iter().map(String::as_str)));
            continue;
        };
        override_scenario(&mut base.value, scenario, problems);
    }
}

fn override_scenario(base: &mut Node, scenario: &Entry, problems: &mut Problems) {
    let (Content::Map(entries), Content::Map(overrides)) = (&mut base.content, &scenario.value.content) else { return };
    if overrides.iter().any(|entry| entry.key == "executor") {
        entries.retain(|entry| !EXECUTOR_KEYS.iter().any(|key| same_key(key, &entry.key)));
    }
    for entry in overrides {
        let load = EXECUTOR_KEYS.iter().chain(&SCENARIO_KEYS).any(|key| same_key(key, &entry.key));
        if load {
            set(entries, entry.clone());
        } else if ScenarioSection::KEYS.iter().any(|(key, _)| same_key(key, &entry.key)) {
            let problem = format!("a profile can't override `{}`", entry.key);
            let keys = list(EXECUTOR_KEYS.into_iter().chain(SCENARIO_KEYS));
            problems.add(&entry.place, problem, format!("a profile changes how much load there is: {keys}"));
        } else {
            set(entries, entry.clone());
        }
    }
    base.place = scenario.place.clone();
}

/// Lays an entry over a map: maps are merged, everything else is replaced.
fn lay(map: &mut Node, over: &Entry, same: &dyn Fn(&str, &str) -> bool) {
    let Content::Map(entries) = &mut map.content else { return };
    match entries.iter_mut().find(|entry| same(&entry.key, &over.key)) {
        Some(entry) if over.key != "judge" => match (&mut entry.value.content, &over.value.content) {
            (Content::Map(_), Content::Map(overrides)) => {
                overrides.iter().for_each(|over| lay(&mut entry.value, over, same));
            }
            _ => *entry = over.clone(),
        },
        Some(entry) => *entry = over.clone(),
        None => entries.push(over.clone()),
    }
}

fn set(entries: &mut Vec<Entry>, new: Entry) {
    match entries.iter_mut().find(|entry| same_key(&entry.key, &new.key)) {
        Some(entry) => *entry = new,
        None => entries.push(new),
    }
}

/// The entry under a key.
pub fn entry_mut<'node>(node: &'node mut Node, key: &str) -> Option<&'node mut Entry> {
    let Content::Map(entries) = &mut node.content else { return None };
    entries.iter_mut().find(|entry| entry.key == key)
}
