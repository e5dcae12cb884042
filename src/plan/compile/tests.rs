//! The whole way from a gate file's text to a plan, and to errors.

mod base;
mod contract;
mod docs;
mod errors;
mod robustness;
mod script;
mod shapes;

use std::time::Duration;

use crate::plan::step::{Request, Step};
use crate::plan::{Plan, ReadOptions, Scenario, Source, read};

const MINUTE: Duration = Duration::from_secs(60);

/// A plan with a scenario, to which tests add what they are about.
const BASE: &str = "\
version: 1
name: shop
flows:
  browse:
    - get: /boards
scenarios:
  main: { executor: constant-vus, vus: 2, duration: 10s, flow: browse }
";

fn source(text: &str) -> Source {
    Source { text: text.to_owned(), path: "loadgate.yml".into() }
}

/// Reads a plan that must be right.
fn plan(text: &str) -> Plan {
    plan_with(text, &ReadOptions::default())
}

fn plan_with(text: &str, options: &ReadOptions) -> Plan {
    read(&source(text), options).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The errors of a plan that must be wrong, as they are shown.
fn errors(text: &str) -> String {
    errors_with(text, &ReadOptions::default())
}

fn errors_with(text: &str, options: &ReadOptions) -> String {
    match read(&source(text), options) {
        Ok(_) => panic!("this plan was read without an error:\n{text}"),
        Err(errors) => errors.to_string(),
    }
}

/// The base plan with steps in place of its flow's.
fn with_steps(steps: &str) -> String {
    let steps: String = steps.lines().map(|line| format!("    {line}\n")).collect();
    BASE.replace("    - get: /boards\n", &steps)
}

/// The base plan with another scenario's load.
fn with_load(load: &str) -> String {
    BASE.replace("executor: constant-vus, vus: 2, duration: 10s", load)
}

fn steps(scenario: &Scenario) -> &[Step] {
    scenario.work.steps()
}

fn request(step: &Step) -> &Request {
    match step {
        Step::Request(request) => request,
        other => panic!("no request: {other:?}"),
    }
}
