//! What is the same in every measurement that k6 made.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::measurement::contract::Machine;
use crate::measurement::{Contract, Ending, Generator, Measurement, Tally};

use super::counting::empty_layout;

/// k6 writes no figure about itself.
pub const NO_GENERATOR: &str = "measured by k6, which does not report its own saturation: whether its machine kept up \
                                can't be judged";

/// Of loadgate's own samples.
pub const NO_GUARDS: &str = "judged by the samples of a run, which do not tell whether the generator kept up: the measurement \
                             of that run does";

/// By what a measurement of k6's is known.
const GENERATOR: &str = "k6";

/// A measurement without a sample.
pub fn of_nothing() -> Measurement {
    let layout = empty_layout();
    Measurement {
        plan: String::new(),
        profile: None,
        target: "unknown".into(),
        commit: None,
        job: None,
        started_at: Timestamp::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        judged_for: Duration::ZERO,
        seed: 0,
        contract: Contract::default(),
        judged: Tally::new(&layout),
        unjudged: Tally::new(&layout),
        layout: Arc::new(layout),
        generator: Generator::default(),
        evidence: Vec::new(),
        ending: Ending::Completed,
        shards: None,
    }
}

/// What k6 says of the run's terms: which requests and scenarios there were, and no more.
pub fn set_contract(measurement: &mut Measurement, version: Option<&str>) {
    let requests = measurement.layout.requests.iter().map(|label| label.name.to_string());
    let scenarios: BTreeSet<&str> = measurement.layout.scenarios.iter().map(|label| &*label.name).collect();
    let scenarios: Vec<&str> = scenarios.into_iter().collect();
    let generator = match version {
        Some(version) => format!("{GENERATOR} {version}"),
        None => GENERATOR.to_owned(),
    };
    measurement.contract = Contract {
        requests: requests.map(|name| (name.clone(), name)).collect(),
        load: format!("{GENERATOR}: {}", scenarios.join(", ")),
        machine: Machine { generator, ..Machine::default() },
        ..Contract::default()
    };
}

/// Whether k6 measured this, so that loadgate can't measure the same again.
pub fn is_of_k6(measurement: &Measurement) -> bool {
    let generator = &measurement.contract.machine.generator;
    generator == GENERATOR || generator.strip_prefix(GENERATOR).is_some_and(|rest| rest.starts_with(' '))
}
