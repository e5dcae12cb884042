//! What makes two runs comparable: hashes of what requests send and expect, and of the load.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::scale::Scale;
use crate::plan::file::tree::{Content, Node};
use crate::plan::policy::JudgedPhase;
use crate::plan::scenario::{Executor, Scenario, Stage};
use crate::plan::step::{Auth, Body, PartContent, StatusSet, Step, ValueTemplate};
use crate::plan::target::HttpVersion;
use crate::plan::template::Template;

/// What a request sends and expects, as the plan writes it.
pub struct Definition<'a> {
    pub method: &'a Method,
    pub url: &'a Template,
    pub query: &'a [(String, Template)],
    /// Later ones win: the plan's, the scenario's, the request's own.
    pub headers: [&'a [(HeaderName, Template)]; 3],
    pub body: Option<&'a Body>,
    pub auth: Option<&'a Auth>,
    pub redirects: u32,
    pub expect: &'a StatusSet,
}

impl Definition<'_> {
    /// The definition's hash. The order of keys does not matter, nor how the expected statuses are written.
    pub fn hash(&self) -> String {
        let headers: BTreeMap<&str, &str> = self
            .headers
            .iter()
            .flat_map(|headers| headers.iter())
            .map(|(name, value)| (name.as_str(), value.source()))
            .collect();
        let statuses: Vec<u16> = (100..600).filter(|s| self.expect.0.iter().any(|range| range.contains(s))).collect();
        hash(&json!({
            "method": self.method.as_str(),
            "url": self.url.source(),
            "query": sources(self.query),
            "headers": headers,
            "body": self.body.map(body),
            "auth": self.auth.map(auth),
            "redirects": self.redirects,
            "expect": statuses,
        }))
    }
}

/// Hash of the definitions of all steps of one name.
pub fn combined<'a>(definitions: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<&String> = definitions.collect();
    match all.as_slice() {
        [one] => (*one).clone(),
        _ => hash(&json!(all)),
    }
}

/// Hash of the load: executors, times, the pauses of virtual users, and the version of HTTP if the plan insists on one.
pub fn load<'a>(
    scenarios: impl Iterator<Item = &'a Scenario>,
    judge: JudgedPhase,
    scale: Scale,
    http: HttpVersion,
) -> String {
    let scenarios: BTreeMap<&str, Value> = scenarios
        .map(|scenario| {
            let load = json!({
                "executor": executor(&scenario.executor),
                "pauses": pauses(scenario),
                "startTime": scenario.start_time.as_nanos().to_string(),
                "gracefulStop": scenario.graceful_stop.as_nanos().to_string(),
            });
            (scenario.name.as_ref(), load)
        })
        .collect();
    let judge = match judge {
        JudgedPhase::All => json!("all"),
        JudgedPhase::Between { from, to } => json!([from.as_nanos().to_string(), to.as_nanos().to_string()]),
    };
    let mut load = json!({ "scenarios": scenarios, "judge": judge, "scale": [scale.load, scale.time] });
    match http {
        // As plans that leave the key out.
        HttpVersion::Auto => {}
        HttpVersion::One => load["httpVersion"] = json!("1.1"),
        HttpVersion::Two => load["httpVersion"] = json!("2"),
    }
    hash(&load)
}

/// Sections that judge a run: another text there makes no other run. The judged phase is a part of the load's hash.
const JUDGING: [&str; 3] = ["thresholds", "gate", "profiles"];

/// Hash of a plan as it is run: its file with the profile laid over it, its script's digest, the files that it reads by their
/// paths, and the scale. Neither what judges the run nor comments and the order of keys matter.
pub fn plan<'a>(
    root: &Node,
    script: Option<&str>,
    files: impl Iterator<Item = (&'a str, &'a Bytes)>,
    scale: Scale,
) -> String {
    let mut file = node(root);
    if let Value::Object(sections) = &mut file {
        sections.retain(|section, _| !JUDGING.contains(&section.as_str()));
    }
    let files: BTreeMap<&str, String> = files.map(|(path, content)| (path, hex(&Sha256::digest(content)))).collect();
    let mut plan = json!({ "file": file, "files": files, "scale": [scale.load, scale.time] });
    if let Some(script) = script {
        plan["script"] = json!(script);
    }
    hash(&plan)
}

/// A node without its places. A text in quotes is another than the number that it may look like.
fn node(node: &Node) -> Value {
    match &node.content {
        Content::Scalar(scalar) => json!([scalar.text, scalar.plain]),
        Content::List(items) => items.iter().map(self::node).collect(),
        Content::Map(entries) => {
            let fields = entries.iter().map(|entry| (entry.key.clone(), self::node(&entry.value)));
            fields.collect::<serde_json::Map<_, _>>().into()
        }
    }
}

fn executor(executor: &Executor) -> Value {
    let stages = |stages: &[Stage]| -> Vec<Value> {
        stages.iter().map(|stage| json!([stage.duration.as_nanos().to_string(), stage.target])).collect()
    };
    let fields = match executor {
        Executor::ConstantVus { vus, duration } => json!([vus, duration.as_nanos().to_string()]),
        Executor::RampingVus { start_vus, stages: list, graceful_ramp_down } => {
            json!([start_vus, stages(list), graceful_ramp_down.as_nanos().to_string()])
        }
        Executor::PerVuIterations { vus, iterations, max_duration }
        | Executor::SharedIterations { vus, iterations, max_duration } => {
            json!([vus, iterations, max_duration.as_nanos().to_string()])
        }
        Executor::ConstantArrivalRate { rate, time_unit, duration, pre_allocated_vus, max_vus } => {
            let (unit, duration) = (time_unit.as_nanos().to_string(), duration.as_nanos().to_string());
            json!([rate, unit, duration, pre_allocated_vus, max_vus])
        }
        Executor::RampingArrivalRate { start_rate, time_unit, stages: list, pre_allocated_vus, max_vus } => {
            json!([start_rate, time_unit.as_nanos().to_string(), stages(list), pre_allocated_vus, max_vus])
        }
    };
    json!([executor.name(), fields])
}

/// Where virtual users loop, what they wait for sets the pace of their requests; where iterations begin at a rate, it
/// doesn't.
fn pauses(scenario: &Scenario) -> Vec<Value> {
    let mut pauses = Vec::new();
    if !scenario.executor.is_arrival_rate() {
        add_pauses(scenario.work.steps(), &mut pauses);
    }
    pauses
}

/// Adds the waits of the steps, in their order, at whatever depth.
fn add_pauses(steps: &[Step], pauses: &mut Vec<Value>) {
    for step in steps {
        match step {
            Step::Think { min, max } => {
                pauses.push(json!(["think", min.as_nanos().to_string(), max.as_nanos().to_string()]));
            }
            Step::Poll(poll) => pauses.push(json!(["poll", poll.every.as_nanos().to_string(), poll.max])),
            Step::Retry(retry) => {
                pauses.push(json!(["retry", retry.delay.as_nanos().to_string(), retry.max]));
                add_pauses(&retry.steps, pauses);
            }
            Step::Group { steps, .. } => add_pauses(steps, pauses),
            Step::Repeat(repeat) => {
                let mut inner = Vec::new();
                add_pauses(&repeat.steps, &mut inner);
                if !inner.is_empty() {
                    pauses.push(json!(["repeat", repeat.count, repeat.parallel, inner]));
                }
            }
            Step::If { then, otherwise, .. } => {
                add_pauses(then, pauses);
                add_pauses(otherwise, pauses);
            }
            Step::Choose { branches } => branches.iter().for_each(|(_, steps)| add_pauses(steps, pauses)),
            Step::Request(_)
            | Step::All { .. }
            | Step::Let { .. }
            | Step::Record { .. }
            | Step::Stop { .. }
            | Step::Fail { .. } => {}
        }
    }
}

fn body(body: &Body) -> Value {
    match body {
        Body::Json(value) => json!({ "json": value_source(value) }),
        Body::Form(fields) => json!({ "form": sources(fields) }),
        Body::Multipart(parts) => {
            let parts: Vec<Value> = parts
                .iter()
                .map(|part| {
                    let content = match &part.content {
                        PartContent::Text(text) => json!({ "text": text.source() }),
                        PartContent::Bytes(bytes) => json!({ "sha256": hex(&Sha256::digest(bytes)) }),
                    };
                    json!([part.name, part.filename, part.content_type, content])
                })
                .collect();
            json!({ "multipart": parts })
        }
        Body::Raw(text) => json!({ "raw": text.source() }),
        Body::Bytes(bytes) => json!({ "sha256": hex(&Sha256::digest(bytes)) }),
    }
}

fn auth(auth: &Auth) -> Value {
    match auth {
        Auth::Basic { username, password } => json!({ "basic": [username.source(), password.source()] }),
        Auth::Digest { username, password } => json!({ "digest": [username.source(), password.source()] }),
        Auth::Bearer(token) => json!({ "bearer": token.source() }),
    }
}

fn sources(fields: &[(String, Template)]) -> Vec<(&str, &str)> {
    let mut sources: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.source())).collect();
    sources.sort_unstable();
    sources
}

fn value_source(value: &ValueTemplate) -> Value {
    match value {
        ValueTemplate::Constant { value, .. } => value.clone(),
        ValueTemplate::Template(template) => json!(template.source()),
        ValueTemplate::Array(items) => items.iter().map(value_source).collect(),
        ValueTemplate::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), value_source(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// The first 64 bits of the SHA-256 of a value whose keys are sorted, in hexadecimal.
fn hash(value: &Value) -> String {
    let mut canonical = String::new();
    write_sorted(value, &mut canonical);
    hex(&Sha256::digest(canonical.as_bytes())[..8])
}

fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in fields {
                out.push_str(&json!(name).to_string());
                out.push(':');
                write_sorted(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_sorted(item, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
