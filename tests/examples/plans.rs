//! Each example reads without an error, and holds the checks, metrics, thresholds and load of the test that it
//! stands for. The figures here come from the users' scripts and reports, not from the plans.

use std::path::{Path, PathBuf};
use std::time::Duration;

use loadgate::demo;
use loadgate::plan::{self, Executor, Plan, ReadOptions, Source, Stage, Step, Work};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Every plan beneath `examples/`, as a path relative to it.
fn examples() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                let text = std::fs::read_to_string(&path).expect("text");
                if text.lines().any(|line| line == "version: 1") {
                    found.push(path.strip_prefix(folder()).expect("beneath").to_string_lossy().into_owned());
                }
            }
        }
    }
    found.sort();
    found
}

pub fn read(name: &str, profile: Option<&str>) -> Plan {
    let source = Source::load(folder().join(name)).expect("a readable file");
    let options = ReadOptions { profile, ..ReadOptions::default() };
    plan::read(&source, &options).unwrap_or_else(|errors| panic!("{name}, profile {profile:?}:\n{errors}"))
}

fn has_profile(name: &str, profile: &str) -> bool {
    let text = std::fs::read_to_string(folder().join(name)).expect("text");
    text.lines().any(|line| line == format!("  {profile}:"))
}

fn thresholds(plan: &Plan) -> Vec<String> {
    plan.thresholds.iter().map(|threshold| format!("{}: {}", threshold.selector, threshold.condition)).collect()
}

fn checks(plan: &Plan) -> Vec<&str> {
    plan.checks.iter().map(|name| &**name).collect()
}

fn metrics(plan: &Plan) -> Vec<&str> {
    plan.metrics.iter().map(|metric| &*metric.name).collect()
}

/// The requests of the scenarios.
fn requests(plan: &Plan) -> Vec<&str> {
    plan.requests.iter().filter(|request| request.in_scenario).map(|request| &*request.name).collect()
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Five stages of a minute up to 5,000 users, k6's defaults for the rest.
fn five_stages() -> Executor {
    Executor::RampingVus {
        start_vus: 1,
        stages: [1000, 2000, 5000, 5000, 0].map(|target| Stage { duration: minutes(1), target }).into(),
        graceful_ramp_down: Duration::from_secs(30),
    }
}

fn a_thousand_each(vus: u64) -> Executor {
    Executor::PerVuIterations { vus, iterations: 1_000, max_duration: minutes(10) }
}

#[test]
fn every_example_reads_with_and_without_its_profile() {
    let names = examples();
    assert_eq!(names.len(), 13, "{names:?}");
    for name in &names {
        let plan = read(name, None);
        assert!(!plan.thresholds.is_empty(), "{name} judges nothing");
        let file = Path::new(name).file_stem().expect("a name").to_string_lossy();
        assert!(file == "loadgate" || *plan.name == *file, "{name} is called {}", plan.name);
        if has_profile(name, "pr") {
            let small = read(name, Some("pr"));
            let [scenario] = &small.scenarios[..] else { panic!("{name}: one scenario") };
            assert_eq!(scenario.executor, Executor::ConstantVus { vus: 20, duration: minutes(1) }, "{name}");
            assert_eq!(thresholds(&small).len(), thresholds(&plan).len(), "{name}");
        }
    }
}

#[test]
fn every_example_is_valid_by_the_schema() {
    let validator = jsonschema::validator_for(&plan::schema()).expect("a schema");
    let texts = examples().into_iter().map(|name| {
        let text = std::fs::read_to_string(folder().join(&name)).expect("text");
        (name, text)
    });
    for (name, text) in texts.chain([("the demo's plan".to_owned(), demo::PLAN.to_owned())]) {
        let value: serde_json::Value = serde_saphyr::from_str(&text).expect("YAML");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{name}");
    }
}

#[test]
fn every_example_shrinks() {
    for name in examples() {
        let source = Source::load(folder().join(&name)).expect("a readable file");
        let options = ReadOptions { scale_load: 0.001, scale_time: 0.01, ..ReadOptions::default() };
        let plan = plan::read(&source, &options).expect("it reads");
        for scenario in &plan.scenarios {
            assert!((1..=6).contains(&scenario.executor.max_vus()), "{name}: {:?}", scenario.executor);
            assert!(scenario.executor.duration() <= Duration::from_secs(9), "{name}: {:?}", scenario.executor);
        }
    }
}

#[test]
fn the_queue_is_entered() {
    let plan = read("queue-token.yml", None);
    assert_eq!(plan.scenarios[0].executor, five_stages());
    assert_eq!(checks(&plan), ["status is 200", "has token", "has estimatedWaitingTime"]);
    assert_eq!(metrics(&plan), ["failed_requests"]);
    assert_eq!(
        thresholds(&plan),
        ["http_req_duration: p(95)<1000", "http_req_failed: rate<0.01", "http_reqs: rate>500", "checks: rate>0.999"]
    );
}

#[test]
fn the_queue_is_watched() {
    let plan = read("queue-status.yml", None);
    assert_eq!(plan.scenarios[0].executor, five_stages());
    assert_eq!(plan.setup.as_ref().map(|setup| setup.timeout), Some(minutes(5)));
    assert_eq!(checks(&plan), ["status is 200", "has queuePosition", "has estimatedWaitingTime"]);
    assert_eq!(metrics(&plan), ["failed_requests"]);
    assert_eq!(
        thresholds(&plan),
        ["http_req_duration: p(99)<500", "http_req_failed: rate<0.005", "http_reqs: rate>1000", "checks: rate>0.9999"]
    );
}

#[test]
fn seats_are_fought_over() {
    let plan = read("seat-reservation.yml", None);
    assert_eq!(plan.scenarios[0].executor, five_stages());
    assert_eq!(requests(&plan), ["queue-status", "available-seats", "occupy", "reserve"]);
    assert_eq!(checks(&plan), ["reserve status is 200", "seat reserved successfully"]);
    assert_eq!(metrics(&plan), ["failed_requests", "data_integrity"]);
    assert_eq!(
        thresholds(&plan),
        [
            "http_req_duration: p(90)<2000",
            "http_req_failed: rate<0.001",
            "http_reqs: rate>100",
            "checks: rate>0.9999",
            "data_integrity: rate==1",
        ]
    );
    assert_eq!(plan.warnings, [""; 0]);
}

#[test]
fn the_concert_report_has_five_loads() {
    for (name, vus, names) in [
        ("concerts-100-vus.yml", 100, &["concerts"][..]),
        ("schedule-100-vus.yml", 100, &["dates"]),
        ("schedule-200-vus.yml", 200, &["dates"]),
        ("seats-100-vus.yml", 100, &["seats"]),
        ("token-and-status-100-vus.yml", 100, &["issue-token", "token-status"]),
    ] {
        let plan = read(name, None);
        assert_eq!(&*plan.scenarios[0].name, "concert_scenario", "{name}");
        assert_eq!(plan.scenarios[0].executor, a_thousand_each(vus), "{name}");
        assert_eq!(plan.scenarios[0].graceful_stop, Duration::from_secs(30), "{name}");
        assert_eq!(requests(&plan), names, "{name}");
        assert_eq!(checks(&plan), ["status is 200"], "{name}");
        assert_eq!(metrics(&plan), ["waiting_time"], "{name}");
        assert_eq!(thresholds(&plan), ["http_req_duration: p(95)<200", "http_req_failed: rate<0.01"], "{name}");
        // The report drops 40.6 % of its iterations; 600 of 1,000 fit into ten minutes.
        let [warning] = &plan.warnings[..] else { panic!("{name}: {:?}", plan.warnings) };
        assert!(warning.contains("at most 600 of its 1000") && warning.contains("40 % are dropped"), "{warning}");
    }
}

#[test]
fn one_user_tries_once() {
    let plan = read("smoke.yml", None);
    let once = Executor::PerVuIterations { vus: 1, iterations: 1, max_duration: minutes(10) };
    assert_eq!(plan.scenarios[0].executor, once);
    assert_eq!(checks(&plan), ["status is 200"]);
}

#[test]
fn the_board_is_ramped_to_6000_users() {
    let plan = read("boards-ramp.yml", None);
    let stages = vec![Stage { duration: minutes(10), target: 6_000 }];
    let ramp = Executor::RampingVus { start_vus: 1, stages, graceful_ramp_down: Duration::from_secs(30) };
    assert_eq!(plan.scenarios[0].executor, ramp);
    assert_eq!(requests(&plan), ["boards"]);
}

#[test]
fn six_apis_have_a_trend_and_a_time_out_each() {
    let plan = read("six-apis.yml", None);
    let apis = ["browse", "header", "intro", "reviews", "update_mentee", "update_mentor"];
    assert_eq!(requests(&plan), apis);
    assert_eq!(metrics(&plan), apis.map(|api| format!("{api}_latency")));
    assert_eq!(checks(&plan), apis.map(|api| format!("{api} is 200")));
    assert_eq!(plan.scenarios[0].executor.max_vus(), 200);
    let time_outs = time_outs(&plan);
    for api in apis {
        let expected = if api.starts_with("update") { 20 } else { 15 };
        assert!(time_outs.contains(&(api.to_owned(), Duration::from_secs(expected))), "{api}: {time_outs:?}");
    }
}

/// The time-out of each request of the scenarios, branches included.
fn time_outs(plan: &Plan) -> Vec<(String, Duration)> {
    fn walk(steps: &[Step], found: &mut Vec<(String, Duration)>) {
        for step in steps {
            match step {
                Step::Request(request) => found.push((request.name.to_string(), request.timeout)),
                Step::Choose { branches } => branches.iter().for_each(|(_, steps)| walk(steps, found)),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for scenario in &plan.scenarios {
        let Work::Steps(flow) = &scenario.work else { panic!("a script: {}", scenario.name) };
        walk(&flow.steps, &mut found);
    }
    found
}

#[test]
fn the_demo_has_a_plan_that_reads() {
    let source = Source { text: demo::PLAN.to_owned(), path: "plan.yml".into() };
    let plan = plan::read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(requests(&plan), ["queue-status", "available-seats", "occupy", "reserve"]);
    assert!(plan.requests.iter().filter(|request| request.in_scenario).all(|request| !request.optional));
    let gated: Vec<&str> = plan.requests.iter().filter(|request| request.gated).map(|request| &*request.name).collect();
    assert_eq!(gated, ["occupy", "reserve"]);
    assert_eq!(plan.warnings, [""; 0]);
}
