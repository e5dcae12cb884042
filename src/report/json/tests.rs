use serde_json::{Value, json as value};

use crate::gate::{Base, Comparison, Hardware};

use super::super::fixture::{Fixture, broken, fail, not_measured, paired_pass, pass, written};

fn json(fixture: &Fixture) -> Value {
    serde_json::from_str(&written(fixture, |report, out| super::write(report, out).unwrap())).unwrap()
}

/// One part of the document on one line an item.
fn part(document: &Value, pointer: &str) -> String {
    match document.pointer(pointer) {
        Some(Value::Array(items)) => items.iter().map(|item| format!("{item}\n")).collect(),
        Some(Value::Object(fields)) => fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_run_that_passes() {
    let document = json(&pass());
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["headline"], pass().judgement.headline());
    let fields: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    insta::assert_snapshot!(fields.join(" "), @"schema_version verdict headline run metrics requests checks scenarios evidence guards failures thresholds comparison notes rerun");
    insta::assert_snapshot!(part(&document, "/run"), @r#"
    plan: "concert-reservation"
    plan_path: "loadgate.yml"
    profile: "pr"
    target: "https://preview.example"
    commit: "8c0fde910a37f88322ed"
    job: "100/1/gate"
    started_at: "2025-11-20T12:00:00Z"
    elapsed_ms: 20350.0
    judged_ms: 20000.0
    seed: "42"
    ending: "completed"
    aborted_by: null
    generator: "0.1.0"
    workers: 2
    busiest_worker_cpu: 0.31
    loop_lag: null
    cpu: null
    cores: 4
    image: null
    region: null
    measurement: "loadgate-measurement.json"
    baseline: "baselines"
    "#);
    insta::assert_snapshot!(part(&document, "/metrics"), @r#"
    {"name":"http_reqs","part":false,"unit":"none","kind":"counter","count":200.0,"per_second":10.0,"thresholds_passed":null}
    {"name":"http_req_failed","part":false,"unit":"none","kind":"rate","rate":0.0,"trues":0,"falses":200,"thresholds_passed":null}
    {"name":"http_req_duration","part":false,"unit":"ms","kind":"trend","count":200,"avg":6.2775,"min":4.03,"med":4.031,"max":9.02,"p90":8.823,"p95":8.927,"p99":9.007,"thresholds_passed":null}
    {"name":"{ expected_response:true }","part":true,"unit":"ms","kind":"trend","count":200,"avg":6.2775,"min":4.03,"med":4.031,"max":9.02,"p90":8.823,"p95":8.927,"p99":9.007,"thresholds_passed":null}
    {"name":"{ name:reserve }","part":true,"unit":"ms","kind":"trend","count":100,"avg":8.525,"min":8.03,"med":8.527,"max":9.02,"p90":8.927,"p95":8.975,"p99":9.015,"thresholds_passed":true}
    {"name":"http_req_blocked","part":false,"unit":"ms","kind":"trend","count":200,"avg":0.003,"min":0.003,"med":0.003,"max":0.003,"p90":0.003,"p95":0.003,"p99":0.003,"thresholds_passed":null}
    {"name":"http_req_connecting","part":false,"unit":"ms","kind":"trend","count":200,"avg":0.0,"min":0.0,"med":0.0,"max":0.0,"p90":0.0,"p95":0.0,"p99":0.0,"thresholds_passed":null}
    {"name":"http_req_tls_handshaking","part":false,"unit":"ms","kind":"trend","count":200,"avg":0.0,"min":0.0,"med":0.0,"max":0.0,"p90":0.0,"p95":0.0,"p99":0.0,"thresholds_passed":null}
    {"name":"http_req_sending","part":false,"unit":"ms","kind":"trend","count":200,"avg":0.01,"min":0.01,"med":0.01,"max":0.01,"p90":0.01,"p95":0.01,"p99":0.01,"thresholds_passed":null}
    {"name":"http_req_waiting","part":false,"unit":"ms","kind":"trend","count":200,"avg":6.2475,"min":4.0,"med":4.001,"max":8.99,"p90":8.791,"p95":8.895,"p99":8.975,"thresholds_passed":null}
    {"name":"http_req_receiving","part":false,"unit":"ms","kind":"trend","count":200,"avg":0.02,"min":0.02,"med":0.02,"max":0.02,"p90":0.02,"p95":0.02,"p99":0.02,"thresholds_passed":null}
    {"name":"checks","part":false,"unit":"none","kind":"rate","rate":1.0,"trues":200,"falses":0,"thresholds_passed":null}
    {"name":"iterations","part":false,"unit":"none","kind":"counter","count":100.0,"per_second":5.0,"thresholds_passed":null}
    {"name":"iteration_duration","part":false,"unit":"ms","kind":"trend","count":100,"avg":13.0,"min":13.0,"med":13.0,"max":13.0,"p90":13.0,"p95":13.0,"p99":13.0,"thresholds_passed":null}
    {"name":"iterations_stopped","part":false,"unit":"none","kind":"counter","count":2.0,"per_second":0.1,"thresholds_passed":null}
    {"name":"{ queue-status }","part":true,"unit":"none","kind":"counter","count":2.0,"per_second":null,"thresholds_passed":null}
    {"name":"vus","part":false,"unit":"none","kind":"gauge","value":5.0,"min":1.0,"max":20.0,"thresholds_passed":null}
    {"name":"vus_max","part":false,"unit":"none","kind":"gauge","value":20.0,"min":20.0,"max":20.0,"thresholds_passed":null}
    {"name":"data_sent","part":false,"unit":"bytes","kind":"counter","count":84000.0,"per_second":4200.0,"thresholds_passed":null}
    {"name":"data_received","part":false,"unit":"bytes","kind":"counter","count":240000.0,"per_second":12000.0,"thresholds_passed":null}
    {"name":"data_integrity","part":false,"unit":"none","kind":"rate","rate":1.0,"trues":100,"falses":0,"thresholds_passed":null}
    "#);
}

#[test]
fn a_regression() {
    let document = json(&fail());
    assert_eq!(document["verdict"], "fail");
    insta::assert_snapshot!(part(&document, "/requests/0"), @r#"
    name: "reserve"
    count: 100
    per_second: 5.0
    responses: 99
    failed: 3
    interrupted: 0
    errors: {"timeout":1}
    statuses: {"200":97,"500":2}
    unexpected: {"500":2}
    data_sent: 42000
    data_received: 120000
    duration: {"count":100,"avg":459.3997,"min":312.03,"med":312.575,"max":15000.0,"p90":313.087,"p95":313.087,"p99":313.087}
    expected_duration: {"count":97,"avg":312.53505154639174,"min":312.05,"med":312.575,"max":313.02,"p90":313.02,"p95":313.02,"p99":313.02}
    scheduled_duration: null
    phases: {"blocked":{"count":99,"avg":0.003,"min":0.003,"med":0.003,"max":0.003,"p90":0.003,"p95":0.003,"p99":0.003},"connecting":{"count":99,"avg":0.0,"min":0.0,"med":0.0,"max":0.0,"p90":0.0,"p95":0.0,"p99":0.0},"tls_handshaking":{"count":99,"avg":0.0,"min":0.0,"med":0.0,"max":0.0,"p90":0.0,"p95":0.0,"p99":0.0},"sending":{"count":99,"avg":0.01,"min":0.01,"med":0.01,"max":0.01,"p90":0.01,"p95":0.01,"p99":0.01},"waiting":{"count":99,"avg":312.4949494949495,"min":312.0,"med":312.575,"max":312.99,"p90":312.99,"p95":312.99,"p99":312.99},"receiving":{"count":99,"avg":0.02,"min":0.02,"med":0.02,"max":0.02,"p90":0.02,"p95":0.02,"p99":0.02}}
    "#);
    insta::assert_snapshot!(part(&document, "/checks"), @r#"
    {"name":"reserve status is 200","passed":97,"failed":3}
    {"name":"seat reserved","passed":100,"failed":0}
    "#);
    insta::assert_snapshot!(part(&document, "/scenarios"), @r#"{"name":"reserve","iterations":100,"interrupted":1,"dropped":0,"stopped":{"queue-status":2},"errors":{},"iteration_duration":{"count":100,"avg":317.0,"min":317.0,"med":317.0,"max":317.0,"p90":317.0,"p95":317.0,"p99":317.0},"schedule_lag":null}"#);
    insta::assert_snapshot!(part(&document, "/thresholds"), @r#"
    {"selector":"http_req_duration{name:reserve}","condition":"p(95)<300","unit":"ms","figure":312.4,"limit":300.0,"passed":false,"aborted":false}
    {"selector":"checks","condition":"rate>0.9999","unit":"none","figure":0.97,"limit":0.9999,"passed":false,"aborted":false}
    "#);
    insta::assert_snapshot!(part(&document, "/comparison"), @r#"
    with: "history"
    runs: 10
    needed: 10
    blocking: true
    alpha: 0.05
    rows: [{"request":"available-seats","metric":"p95","outcome":"pass","base":4.0,"candidate":4.1,"change":0.025,"interval":[-0.015,0.07500000000000001],"limit":0.1,"samples":100,"t":1.5,"p_adjusted":0.41,"detectable":0.08,"history":[3.92,4.0,4.12,3.96]},{"request":"reserve","metric":"p95","outcome":"fail","base":9.1,"candidate":312.4,"change":33.3,"interval":[33.26,33.349999999999994],"limit":0.1,"samples":100,"t":1.5,"p_adjusted":0.0004,"detectable":0.08,"history":[8.918,9.1,9.373,9.009]},{"request":"reserve","metric":"failed","outcome":"too_noisy","base":0.0,"candidate":0.03,"change":0.03,"interval":[-0.01,0.07],"limit":0.001,"samples":100,"t":1.5,"p_adjusted":0.41,"detectable":0.08,"history":[0.0,0.0,0.0,0.0]}]
    new_requests: ["occupy"]
    differences: ["CPU EPYC 7763, was Xeon 8370C"]
    track_record: null
    "#);
    insta::assert_snapshot!(part(&document, "/evidence"), @r#"{"request":"reserve","class":"status 500","at_ms":1204,"method":"POST","url":"https://preview.example/api/v1/concert-events/7/reserve","request_headers":[["authorization","***"]],"request_body":"{\"occupationId\":12}","status":500,"response_headers":[["content-type","application/json"]],"response_body":"{\"error\":\"lock timeout\",\n \"notify\":\"@oncall\"}","message":"expected 200, got 500"}"#);
}

#[test]
fn a_run_that_was_not_measured() {
    let document = json(&not_measured());
    assert_eq!(document["verdict"], "not_measured");
    insta::assert_snapshot!(part(&document, "/guards"), @r#"
    {"kind":"never_attempted","subject":null,"fired":false,"finding":"2 of 2 requests were attempted","cure":""}
    {"kind":"refused","subject":"reserve","fired":true,"finding":"100 refusals of 100 requests (401: 100), 100.00%; limit 50%","cure":"check the token in `defaults.headers`"}
    "#);
    insta::assert_snapshot!(part(&document, "/comparison"), @r#"
    with: "none"
    reason: "too_few"
    runs: 3
    needed: 10
    difference: null
    "#);
}

#[test]
fn failures_without_a_threshold() {
    insta::assert_snapshot!(part(&json(&broken()), "/failures"), @r#"
    {"kind":"no_response","subject":"occupy","finding":"none of 100 requests was answered (connect: 90, timeout: 10)","cure":"see the first failures in the report; check that the deployment serves this path"}
    {"kind":"aborted","subject":null,"finding":"ended early by http_req_failed: rate<0.5","cure":"see the figure of that threshold"}
    "#);
}

#[test]
fn a_paired_run_has_both_arms_and_how_they_were_compared() {
    let document = json(&paired_pass());
    let fields: Vec<_> = document["reference"].as_object().unwrap().keys().map(String::as_str).collect();
    insta::assert_snapshot!(fields.join(" "), @"run metrics requests checks scenarios evidence");
    assert_eq!(document["reference"]["run"]["target"], "https://base.example");
    assert_eq!(document["reference"]["requests"][0]["count"], 4_000);
    assert_eq!(document["requests"][0]["count"], 4_000);
    assert!(json(&pass()).get("reference").is_none());
    let mut design = document["comparison"].clone();
    let rows = design["rows"].take();
    insta::assert_snapshot!(part(&design, ""), @r#"
    with: "reference"
    target: "https://base.example"
    commit: "1f0c9b2d77e1a37f8832"
    mode: "parallel"
    looks: {"planned":1,"taken":1}
    shares: []
    blocks: 20
    block_ms: 1000.0
    hardware: {"known":"assumed"}
    alpha: 0.05
    rows: null
    new_requests: []
    differences: []
    track_record: "A/A: 0 of 60 failed; +10 % found in 19 of 20"
    "#);
    let few = &rows[4];
    assert_eq!(few["outcome"], "too_few_samples");
    assert_eq!(few["not_judged"], "too few samples: 40 beyond p99, 100 needed");
    assert_eq!(rows[0]["blocks"].as_array().unwrap().len(), 20);
    assert!(rows[0].get("not_judged").is_none());
}

#[test]
fn what_is_known_of_the_hardware_is_a_word() {
    let known = |hardware| {
        let mut fixture = paired_pass();
        let Comparison::Made(compared) = &mut fixture.judgement.comparison else { panic!("no reference") };
        let Base::Reference(paired) = &mut compared.with else { panic!("no reference") };
        paired.hardware = hardware;
        json(&fixture)["comparison"]["hardware"].clone()
    };
    assert_eq!(known(Hardware::Assumed), value!({ "known": "assumed" }));
    assert_eq!(known(Hardware::Calibrated { records: 6 }), value!({ "known": "calibrated", "records": 6 }));
    assert_eq!(known(Hardware::Same), value!({ "known": "generator_only" }));
}
