//! From options to scenarios, thresholds and errors.

mod connections;
mod errors;
mod loads;
mod precedence;
mod scripts;

use std::time::Duration;

use serde_json::Value;

use super::{CliOptions, Exports, Options};
use crate::metric::{Kind, Unit};
use crate::plan::{CustomMetric, Executor, Script};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A script that exports a default function and `other`, with a rate of its own.
fn exports() -> Exports {
    Exports {
        path: "load.js".into(),
        digest: "d1".into(),
        functions: ["default".to_owned(), "other".to_owned()].into(),
        metrics: vec![CustomMetric { name: "data_integrity".into(), kind: Kind::Rate, unit: Unit::Plain }],
        origins: Vec::new(),
    }
}

/// What a script with these options is.
fn script(options: &str) -> Result<Script, String> {
    let options = Options::of_script(&json(options)).map_err(joined)?;
    options.into_script(&exports()).map_err(joined)
}

fn joined(errors: Vec<super::OptionError>) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The load of a script, by the names of its scenarios.
fn loads(script: &Script) -> Vec<(String, Executor)> {
    script.scenarios.iter().map(|scenario| (scenario.name.to_string(), scenario.executor.clone())).collect()
}

/// The executor of the one scenario, which shortcuts call `default`.
fn load(script: Result<Script, String>) -> Result<Executor, String> {
    let mut loads = loads(&script?);
    assert_eq!(loads.len(), 1, "{loads:?}");
    Ok(loads.remove(0).1)
}

fn shared(vus: u64, iterations: u64) -> Executor {
    Executor::SharedIterations { vus, iterations, max_duration: 10 * MINUTE }
}

fn once() -> Executor {
    Executor::PerVuIterations { vus: 1, iterations: 1, max_duration: 10 * MINUTE }
}

fn constant(vus: u64, duration: Duration) -> Executor {
    Executor::ConstantVus { vus, duration }
}
