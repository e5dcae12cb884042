use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::k6::results;
use crate::measurement::Measurement;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::metric::{Selector, Statistic};

use super::*;

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/k6").join(name)
}

fn of_k6(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

/// The run that k6 summed up in the fixtures, from its own samples.
fn run() -> Measurement {
    let selectors = ["http_req_duration{name:list items}", "checks{check:nowhere}"];
    let selectors = selectors.map(|text| Selector::parse(text).unwrap());
    let stream = results::open(&fixture("stream.json.gz")).unwrap().unwrap();
    stream.read(&selectors).unwrap().file.candidate
}

fn outcomes() -> Vec<ThresholdOutcome> {
    let data = of_k6("data.json");
    let metrics = data["metrics"].as_object().unwrap();
    let outcome = |key: &String, condition: &String, told: &Value| ThresholdOutcome {
        key: key.clone(),
        condition: condition.clone(),
        ok: told["ok"].as_bool().unwrap(),
    };
    let thresholds = |(key, metric): (&String, &Value)| -> Vec<ThresholdOutcome> {
        let thresholds = metric["thresholds"].as_object().into_iter().flatten();
        thresholds.map(|(condition, told)| outcome(key, condition, told)).collect()
    };
    metrics.iter().flat_map(thresholds).collect()
}

fn options() -> SummaryOptions {
    let stats = ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)", "count"];
    SummaryOptions { trend_stats: stats.map(str::to_owned).to_vec(), ..SummaryOptions::default() }
}

/// The places of a JSON value with what lies there: text, a truth, a number. Ids, names and paths of checks are left out, for
/// loadgate knows no group of a check.
fn shape(value: &Value, place: String, places: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| shape(value, format!("{place}/{key}"), places));
        }
        Value::Array(list) => list.iter().for_each(|value| shape(value, format!("{place}[]"), places)),
        Value::String(_) => drop(places.insert(format!("{place} text"))),
        Value::Bool(_) => drop(places.insert(format!("{place} truth"))),
        Value::Number(_) => drop(places.insert(format!("{place} number"))),
        Value::Null => drop(places.insert(format!("{place} null"))),
    }
}

fn assert_same_shape(ours: &Value, theirs: &Value, place: &str) {
    let [mut of_ours, mut of_theirs] = [BTreeSet::new(), BTreeSet::new()];
    shape(&ours[place], place.into(), &mut of_ours);
    shape(&theirs[place], place.into(), &mut of_theirs);
    assert_eq!(of_ours, of_theirs);
}

#[test]
fn the_data_of_a_script_has_k6s_shape() {
    let (ours, theirs) = (data(&run(), &outcomes(), &options()), of_k6("data.json"));
    for place in ["metrics", "options", "state"] {
        assert_same_shape(&ours, &theirs, place);
    }
    for (key, metric) in theirs["metrics"].as_object().unwrap() {
        for field in ["type", "contains", "thresholds"] {
            assert_eq!(ours["metrics"][key][field], metric[field], "{key} {field}");
        }
    }
    let (ours, theirs) = (&ours["root_group"], &theirs["root_group"]);
    for field in ["name", "path", "id"] {
        assert_eq!(ours[field], theirs[field]);
        assert_eq!(ours["groups"][0][field], theirs["groups"][0][field], "{field}");
        assert_eq!(ours["groups"][0]["groups"][0][field], theirs["groups"][0]["groups"][0][field], "{field}");
    }
    let check = &ours["checks"][0];
    assert_eq!((&check["name"], &check["path"]), (&json!("is listed"), &json!("::is listed")));
    assert_eq!((&check["passes"], &check["fails"]), (&json!(6), &json!(0)));
}

#[test]
fn the_export_has_k6s_shape_in_which_true_is_bad() {
    let (ours, theirs) = (export(&run(), &outcomes(), &options()), of_k6("summary-export.json"));
    assert_same_shape(&ours, &theirs, "metrics");
    for (key, metric) in theirs["metrics"].as_object().unwrap() {
        assert_eq!(ours["metrics"][key]["thresholds"], metric["thresholds"], "{key}");
    }
    let [ours, theirs] = [&ours, &theirs].map(|export| &export["root_group"]["groups"]["shop"]["groups"]["detail"]);
    assert_eq!((&ours["id"], &ours["path"]), (&theirs["id"], &theirs["path"]));
}

#[test]
fn a_check_that_is_named_by_its_path_lies_in_its_group() {
    let mut run = run();
    let layout = std::sync::Arc::make_mut(&mut run.layout);
    layout.checks = ["shop::is listed", "other::is fast", "shop::detail::is shown"].map(Into::into).to_vec();
    let root = data(&run, &[], &options())["root_group"].clone();
    let theirs = of_k6("data.json")["root_group"].clone();
    assert_eq!(root["groups"][0]["checks"][0], theirs["groups"][0]["checks"][0]);
    assert_eq!(root["groups"][0]["groups"][0], theirs["groups"][0]["groups"][0]);
    assert_eq!(root["checks"][0]["name"], "other::is fast");
}

#[test]
fn what_is_handed_over_can_be_judged_again() {
    let run = Simulated::new(vec![SimulatedRequest::new("reserve", 20.0)]).measure();
    let outcomes = [ThresholdOutcome { key: "http_req_duration".into(), condition: "p(95)<1".into(), ok: false }];
    for summary in [data(&run, &outcomes, &options()), export(&run, &outcomes, &options())] {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(summary.to_string().as_bytes()).unwrap();
        let read = results::open(file.path()).unwrap().unwrap().read(&[]).unwrap();
        let (candidate, stated) = (&read.file.candidate, read.file.candidate.judged.stated.as_ref().unwrap());
        for (metric, statistic) in [
            ("http_req_duration", Statistic::Avg),
            ("http_req_duration", Statistic::Percentile(95.0)),
            ("http_req_waiting", Statistic::Count),
            ("http_reqs", Statistic::Count),
            ("http_reqs", Statistic::Rate),
            ("http_req_failed", Statistic::Rate),
            ("iterations", Statistic::Count),
        ] {
            let selector = Selector::parse(metric).unwrap();
            let figure = run.view().figure(&selector.metric, statistic);
            assert_eq!(stated.figure(&selector, statistic), figure, "{metric} {statistic}");
        }
        assert_eq!(read.conditions.thresholds.len(), 1);
        assert_eq!(candidate.judged.requests[0].attempts, run.judged.requests[0].attempts);
    }
}

#[test]
fn only_k6s_statistics_are_known() {
    for (name, statistic) in [
        ("avg", Some(Statistic::Avg)),
        ("count", Some(Statistic::Count)),
        ("p(99.9)", Some(Statistic::Percentile(99.9))),
        ("p(101)", None),
        ("p95", None),
        ("rate", None),
    ] {
        assert_eq!(trend_statistic(name), statistic, "{name}");
    }
}
