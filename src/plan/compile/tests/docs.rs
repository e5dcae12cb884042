//! The plans of the docs: they are read, the schema knows them, and they come out as they say.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::metric::Kind;
use crate::plan::compile::value::json_of;
use crate::plan::data::Pick;
use crate::plan::error::Problems;
use crate::plan::file::tree;
use crate::plan::policy::{GatedMetric, JudgedPhase};
use crate::plan::scenario::{Executor, Work};
use crate::plan::step::{Body, Exhausted, Step, SubmetricId, SubmetricMatch};
use crate::plan::{Exec, Script, schema};

const DOCS: &str = concat!(include_str!("../../../../docs/plan.md"), include_str!("../../../../docs/protocols.md"));

/// The YAML blocks of the docs, each completed to a plan: steps by a scenario, sections by those that a plan needs.
fn documented() -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = DOCS;
    while let Some(start) = rest.find("```yaml\n") {
        let steps = rest[..start].trim_end().ends_with("<!-- steps -->");
        let body = &rest[start + 8..];
        let end = body.find("```\n").expect("a block ends");
        blocks.push(completed(&body[..end], steps));
        rest = &body[end..];
    }
    blocks
}

fn completed(block: &str, steps: bool) -> String {
    if steps {
        let indented: String = block.lines().map(|line| format!("    {line}\n")).collect();
        return BASE.replace("    - get: /boards\n", &indented);
    }
    let mut text = String::new();
    for (key, line) in [("version:", "version: 1\n"), ("name:", "name: docs\n")] {
        if !block.starts_with(key) && !block.contains(&format!("\n{key}")) {
            text.push_str(line);
        }
    }
    text.push_str(block);
    let of_script = block.lines().any(|line| line.starts_with("script:"));
    if !block.contains("scenarios:\n") && !of_script {
        text.push_str("scenarios:\n  main: { executor: constant-vus, duration: 1m, steps: [{ get: /boards }] }\n");
    }
    text
}

/// A folder with the files that the docs' plans read.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("load.js"), "export default function () {}").unwrap();
    fs::write(folder.path().join("users.csv"), "id,name\n1,Kim\n2,Lee\n").unwrap();
    let own = rcgen::generate_simple_self_signed(["staging".to_owned()]).unwrap();
    for file in ["staging-ca.pem", "old-ca.pem", "client.pem"] {
        fs::write(folder.path().join(file), own.cert.pem()).unwrap();
    }
    folder
}

/// The script that the docs speak of.
fn script() -> Script {
    let scenario = Scenario {
        name: "default".into(),
        executor: Executor::ConstantVus { vus: 100, duration: 10 * MINUTE },
        start_time: Duration::ZERO,
        graceful_stop: Duration::ZERO,
        work: Work::Script(Exec::default()),
        submetrics: Vec::new(),
    };
    Script { scenarios: vec![scenario], ..Script::default() }
}

fn read_documented(text: &str, profile: Option<&str>) -> Plan {
    let folder = folder();
    let source = Source { text: text.to_owned(), path: folder.path().join("loadgate.yml") };
    let env = |name: &str| Some(format!("value of {name}"));
    let script = |_: &Path| Ok(script());
    let options = ReadOptions { profile, env: &env, script: Some(&script), ..Default::default() };
    read(&source, &options).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

#[test]
fn every_plan_of_the_docs_is_read() {
    let blocks = documented();
    assert!(blocks.len() > 10, "{}", blocks.len());
    for block in blocks {
        read_documented(&block, None);
    }
}

#[test]
fn every_key_is_in_the_docs() {
    for key in keys(&schema()) {
        if !key.contains('_') || key == "by_vu" {
            assert!(
                DOCS.contains(&format!("`{key}`")) || DOCS.contains(&format!("{key}:")),
                "`{key}` is not in the docs"
            );
        }
    }
}

fn keys(schema: &serde_json::Value) -> Vec<String> {
    match schema {
        serde_json::Value::Object(object) => {
            let own = object.get("properties").and_then(|properties| properties.as_object());
            let own = own.into_iter().flat_map(|properties| properties.keys().cloned());
            own.chain(object.values().flat_map(keys)).collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

/// The plan of the docs as JSON, for the schema.
fn as_json(text: &str) -> serde_json::Value {
    let mut problems = Problems::default();
    let node = tree::parse(text, &mut problems).expect("YAML");
    json_of(&node)
}

#[test]
fn the_schema_knows_every_plan_of_the_docs() {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    for block in documented() {
        let value = as_json(&block);
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{block}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    assert!(validator.is_valid(&as_json(BASE)));
    assert!(validator.is_valid(&as_json(&BASE.replace("vus: 2", "vus: 2, graceful_stop: 1s"))));
    for (from, to) in [
        ("name: shop", "name: shop\ntreshold: {}"),
        ("vus: 2", "vu: 2"),
        ("duration: 10s", "duration: 10 s"),
        ("duration: 10s", "duration: 10"),
        ("constant-vus", "constant-vu"),
        ("- get: /boards", "- gets: /boards"),
        ("- get: /boards", "- { get: /boards, expect: 99 }"),
        ("vus: 2", "vus: -2"),
        ("version: 1\n", ""),
        ("version: 1", "version: 2"),
        ("- get: /boards", "- { get: /boards, poll: { every: 1s } }"),
        ("- get: /boards", "- think: { min: 1s }"),
        ("- get: /boards", "- stop:"),
        ("name: shop", "name: shop\nsetup: {}"),
        ("name: shop", "name: shop\nscript: load.js"),
        ("name: shop", "name: shop\ngate: { judge: { from: 1s } }"),
    ] {
        let text = BASE.replace(from, to);
        assert_ne!(text, BASE, "{from}");
        errors(&text);
        assert!(!validator.is_valid(&as_json(&text)), "{text}");
    }
}

#[test]
fn the_schema_describes_every_key() {
    fn undescribed(schema: &serde_json::Value, path: &str, found: &mut Vec<String>) {
        for (key, value) in schema.as_object().into_iter().flatten() {
            if key == "properties" {
                let properties = value.as_object().unwrap();
                let lacking = properties.iter().filter(|(_, property)| property.get("description").is_none());
                found.extend(lacking.map(|(name, _)| format!("{path}.{name}")));
            }
            undescribed(value, &format!("{path}/{key}"), found);
        }
    }
    let mut found = Vec::new();
    undescribed(&schema(), "", &mut found);
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(schema()["title"], "loadgate plan, version 1");
}

#[test]
fn the_whole_plan_of_the_docs() {
    let plan = read_documented(&documented()[0], None);
    assert_eq!(plan.name.as_ref(), "concert-reservation");
    assert_eq!(plan.profile, None);
    assert_eq!(plan.secrets[0].value, "value of BYPASS");
    assert_eq!(plan.target.ready.as_ref().unwrap().within, 2 * MINUTE);
    assert_eq!(plan.target.headers[0].0, "x-vercel-protection-bypass");
    assert!(plan.reference.as_ref().unwrap().url.is_none());
    assert_eq!((plan.data[0].pick, plan.data[0].rows.len()), (Pick::Unique, 2));
    let metrics: Vec<_> = plan.metrics.iter().map(|metric| (metric.name.as_ref(), metric.kind)).collect();
    assert_eq!(metrics, [("data_integrity", Kind::Rate), ("failed_requests", Kind::Rate)]);
    assert_eq!(plan.warnings, [""; 0]);

    let requests: Vec<_> =
        plan.requests.iter().map(|r| (r.name.as_ref(), r.in_scenario, r.gated, r.optional)).collect();
    assert_eq!(
        requests,
        [
            ("POST /api/v1/queue/token", false, false, false),
            ("queue-status", true, false, false),
            ("available-seats", true, true, false),
            ("occupy", true, false, false),
            ("reserve", true, true, false),
        ]
    );
    assert_eq!(plan.checks.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["reserve status is 200", "seat reserved"]);
    assert_eq!(
        plan.submetrics.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["http_req_duration{name:available-seats}"]
    );
    assert_eq!(
        plan.thresholds.iter().map(|t| t.submetric).collect::<Vec<_>>(),
        [None, Some(SubmetricId(0)), None, None, None, None]
    );
    assert_eq!(plan.policy.judge, JudgedPhase::Between { from: 3 * MINUTE, to: 4 * MINUTE });
    assert_eq!(plan.policy.regression.metrics, [GatedMetric::P50, GatedMetric::P95, GatedMetric::Failed]);

    let setup = plan.setup.as_ref().unwrap();
    assert_eq!(setup.timeout, 5 * MINUTE);
    let Step::Repeat(repeat) = &setup.steps[0] else { panic!() };
    assert_eq!((repeat.count, repeat.parallel, repeat.at_least), (Some(10_000), 64, Some(9_900)));
    assert_eq!(repeat.pools, ["tokens".into()]);
    assert!(matches!(request(&repeat.steps[0]).body, Some(Body::Json(_))));
    assert!(request(&repeat.steps[0]).collects[0].optional);
    assert!(request(&repeat.steps[0]).submetrics.is_empty());
}

#[test]
fn the_steps_of_the_docs_plan() {
    let plan = read_documented(&documented()[0], None);
    let steps = steps(&plan.scenarios[0]);
    let Step::Poll(poll) = &steps[0] else { panic!() };
    assert_eq!((poll.every, poll.max), (Duration::from_secs(5), 30));
    assert_eq!(poll.otherwise, Exhausted::Stop("queue-status: poll exhausted".into()));
    let Step::Retry(retry) = &steps[1] else { panic!() };
    assert_eq!((retry.delay, retry.max), (Duration::from_secs(1), 5));
    assert_eq!(retry.otherwise, Exhausted::Stop("occupy: retry exhausted".into()));
    let seats = request(&retry.steps[0]);
    assert_eq!(seats.submetrics, [SubmetricMatch { submetric: SubmetricId(0), pending: vec![] }]);
    assert_eq!(seats.timeout, Duration::from_secs(15));
    let occupy = request(&retry.steps[1]);
    assert_eq!(occupy.expect.0, [200..=200, 409..=409]);
    let reserve = request(&steps[2]);
    assert_eq!(reserve.checks.iter().map(|check| check.id.0).collect::<Vec<_>>(), [0, 1]);
    let records: Vec<_> = reserve.records.iter().map(|record| (record.metric.0, record.when.is_some())).collect();
    assert_eq!(records, [(1, false), (0, true)]);
    assert!(matches!(steps[3], Step::Think { min, max } if min.as_secs() == 5 && max.as_secs() == 10));
}

#[test]
fn a_profile_replaces_the_load_and_keeps_the_work() {
    let plan = read_documented(&documented()[0], Some("pr"));
    assert_eq!(plan.profile.as_deref(), Some("pr"));
    assert_eq!(plan.scenarios[0].executor, Executor::ConstantVus { vus: 20, duration: MINUTE });
    let Work::Steps(flow) = &plan.scenarios[0].work else { panic!() };
    assert_eq!((flow.bindings.len(), flow.headers.len(), flow.steps.len()), (2, 1, 4));
    assert_eq!(plan.policy.judge, JudgedPhase::All);
    assert_ne!(plan.contract.load, read_documented(&documented()[0], None).contract.load);
}

#[test]
fn a_profile_removes_thresholds_and_changes_single_fields() {
    let text = documented().into_iter().find(|block| block.contains("nightly:")).unwrap();
    let of = |profile| {
        let plan = read_documented(&text, profile);
        let thresholds: Vec<String> =
            plan.thresholds.iter().map(|t| format!("{} {}", t.selector, t.condition)).collect();
        (thresholds.join("; "), plan.scenarios[0].executor.clone(), plan.policy.warmup)
    };
    let second = Duration::from_secs(1);
    assert_eq!(
        of(Some("pr")),
        ("http_req_failed rate<0.01".into(), Executor::ConstantVus { vus: 20, duration: MINUTE }, Some(10 * second))
    );
    let both = "http_reqs rate>100; http_req_failed rate<0.01".to_owned();
    assert_eq!(of(Some("nightly")), (both, Executor::ConstantVus { vus: 1, duration: 5 * MINUTE }, None));
}
