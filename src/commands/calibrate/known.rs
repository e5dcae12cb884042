//! What calibrations before have shown.

use std::path::Path;

use crate::baseline::{Calibration, Calibrations, Rules, Store};
use crate::measurement::Contract;
use crate::number::counted;
use crate::plan::Plan;
use crate::plan::policy::Regression;

/// What calibration has shown of a plan's gate, for a run of this contract. What was left out, and why, is noted; so is a folder
/// that can't be read.
pub fn known(baselines: &Path, plan: &Plan, contract: &Contract, notes: &mut Vec<String>) -> Calibration {
    known_by(baselines, &plan.name, &rules(plan), contract, notes)
}

/// What calibration has shown of these rules of a plan; see [`known`].
pub fn known_by(
    baselines: &Path,
    plan: &str,
    rules: &Rules,
    contract: &Contract,
    notes: &mut Vec<String>,
) -> Calibration {
    match Calibration::read(Store::open(baselines, plan).folder(), contract, rules) {
        Ok(Calibrations { calibration, skipped, others }) => {
            notes.extend(skipped.into_iter().map(|skipped| format!("left out of the calibration: {}", skipped.reason)));
            notes.extend(others.map(|others| {
                let left_out = counted(others.runs as u64, "calibration");
                format!("{left_out} left out: the latest differs by {}", others.difference)
            }));
            calibration
        }
        Err(error) => {
            notes.push(error.to_string());
            Calibration::default()
        }
    }
}

/// What decides whether a difference fails a plan's gate.
pub fn rules(plan: &Plan) -> Rules {
    let gated = plan.requests.iter().filter(|request| request.gated && request.in_scenario);
    rules_of(&plan.policy.regression, gated.map(|request| &*request.name))
}

/// What decides whether a difference of these requests fails a gate.
pub fn rules_of<'a>(regression: &Regression, gated: impl Iterator<Item = &'a str>) -> Rules {
    Rules {
        tolerance: regression.tolerance,
        floor_ms: regression.floor.as_secs_f64() * 1000.0,
        failure_tolerance: regression.failure_tolerance,
        metrics: regression.metrics.iter().map(|metric| metric.name().to_owned()).collect(),
        requests: gated.map(str::to_owned).collect(),
    }
}
