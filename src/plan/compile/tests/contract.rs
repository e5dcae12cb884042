//! What makes runs comparable: which edits of a plan change the load, and which a request's definition.

use super::*;

const PLAN: &str = "\
version: 1
name: shop
flows:
  buy:
    - poll: { until: 'body.ready', every: 2s, max: 5 }
      get: /queue
      name: queue
    - repeat: { count: 2 }
      steps: [{ think: 1s }]
    - post: /orders
      name: order
      headers: { A: '1', B: '2' }
      json: { item: 7, note: hello }
      expect: [200, 201]
      timeout: 5s
      check: { created: 'status == 201' }
      capture: { order: body.id }
      tags: { tier: gold }
    - think: { min: 1s, max: 2s }
scenarios:
  main: { executor: constant-vus, vus: 2, duration: 10s, flow: buy }
  rate: { executor: constant-arrival-rate, rate: 5, duration: 10s, preAllocatedVUs: 5, steps: [{ get: / }, { think: 1s }] }
thresholds: { http_req_failed: rate<0.01 }
gate: { judge: { from: 1s, to: 9s }, regression: { tolerance: 10% } }
";

/// The load, and the definition of `order`.
fn contract(text: &str) -> (String, String) {
    let plan = plan(text);
    let order = plan.requests.iter().find(|request| request.name.as_ref() == "order").expect("a request `order`");
    (plan.contract.load, order.definition.clone())
}

#[test]
fn an_edit_changes_the_load_the_definition_or_neither() {
    // what is replaced, by what, whether the load changes, whether the definition does
    let table = [
        ("vus: 2", "vus: 3", true, false),
        ("duration: 10s, flow", "duration: 11s, flow", true, false),
        ("rate: 5,", "rate: 6,", true, false),
        ("to: 9s", "to: 8s", true, false),
        ("{ min: 1s, max: 2s }", "{ min: 1s, max: 3s }", true, false),
        ("    - think: { min: 1s, max: 2s }\n", "", true, false),
        ("every: 2s", "every: 1s", true, false),
        ("max: 5 }", "max: 6 }", true, false),
        ("count: 2", "count: 3", true, false),
        ("{ get: / }, { think: 1s }", "{ get: / }, { think: 9s }", false, false), // at a rate, a pause holds nobody up
        ("item: 7", "item: 8", false, true),
        ("note: hello", "note: hello, express: true", false, true),
        ("/orders", "/order", false, true),
        ("post: /orders", "put: /orders", false, true),
        ("A: '1'", "A: '3'", false, true),
        ("[200, 201]", "[200]", false, true),
        ("[200, 201]", "[201, 200]", false, false),
        ("[200, 201]", "200-201", false, false),
        ("{ A: '1', B: '2' }", "{ b: '2', a: '1' }", false, false),
        ("{ item: 7, note: hello }", "{ note: hello, item: 7 }", false, false),
        ("created: 'status == 201'", "made: 'status == 201'", false, false),
        ("created: 'status == 201'", "created: 'status < 300'", false, false),
        ("order: body.id", "number: body.id", false, false),
        ("tier: gold", "tier: blue", false, false),
        ("rate<0.01", "rate<0.02", false, false),
        ("tolerance: 10%", "tolerance: 5%", false, false),
        ("name: shop", "name: store", false, false),
    ];
    let (load, definition) = contract(PLAN);
    for (old, new, load_changes, definition_changes) in table {
        assert_eq!(PLAN.matches(old).count(), 1, "{old}");
        let edited = contract(&PLAN.replace(old, new));
        assert_eq!(edited.0 != load, load_changes, "the load: {old} → {new}");
        assert_eq!(edited.1 != definition, definition_changes, "the definition: {old} → {new}");
    }
}

#[test]
fn a_load_by_the_version_of_http_that_the_plan_insists_on_is_another() {
    let load = |version: &str| contract(&format!("{PLAN}target: {{ httpVersion: {version} }}\n")).0;
    let auto = contract(PLAN).0;
    assert_eq!(load("auto"), auto);
    assert!(load("1.1") != auto && load("2") != auto && load("1.1") != load("2"));
}

/// A change here makes every baseline of every user incomparable.
#[test]
fn the_hash_of_a_load_stays() {
    assert_eq!(contract(PLAN).0, "5dbaf996c0592d9e");
}

#[test]
fn a_scaled_load_is_another() {
    let load = |scale_load, scale_time| {
        let options = ReadOptions { scale_load, scale_time, ..ReadOptions::default() };
        plan_with(PLAN, &options).contract.load
    };
    assert_eq!(load(1.0, 1.0), contract(PLAN).0);
    assert_ne!(load(0.5, 1.0), load(1.0, 1.0));
    assert_ne!(load(1.0, 0.5), load(1.0, 1.0));
}

/// The plan as it is run.
fn as_run(text: &str, options: &ReadOptions) -> String {
    let source = Source { text: text.to_owned(), path: "loadgate.yml".into() };
    read(&source, options).unwrap_or_else(|errors| panic!("{errors}")).contract.plan
}

#[test]
fn a_plan_is_run_otherwise_by_every_edit_but_of_what_judges_it() {
    let text = format!("{PLAN}profiles: {{ pr: {{ scenarios: {{ main: {{ vus: 2 }} }} }} }}\n");
    let plain = |text: &str| as_run(text, &ReadOptions::default());
    let before = plain(&text);
    assert_eq!(before.len(), 16);
    for (from, to, same) in [
        ("rate<0.01", "rate<0.02", true),
        ("tolerance: 10%", "tolerance: 20%", true),
        ("thresholds:", "# a comment\nthresholds:", true),
        ("name: order\n      headers: { A: '1', B: '2' }", "headers: { B: '2', A: '1' }\n      name: order", true),
        ("main: { vus: 2 }", "main: { vus: 3 }", true),
        ("body.id", "body.key", false),
        ("status == 201", "status == 200", false),
        ("item: 7", "item: '7'", false),
        ("timeout: 5s", "timeout: 6s", false),
        ("tier: gold", "tier: lead", false),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(plain(&text.replace(from, to)) == before, same, "{from}");
    }
    let scaled = ReadOptions { scale_load: 0.5, ..ReadOptions::default() };
    assert_ne!(as_run(&text, &scaled), before);
    let profile = ReadOptions { profile: Some("pr"), ..ReadOptions::default() };
    assert_ne!(as_run(&text.replace("main: { vus: 2 }", "main: { vus: 3 }"), &profile), as_run(&text, &profile));
}

#[test]
fn a_plan_is_run_otherwise_with_other_data() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{PLAN}data: {{ users: {{ csv: users.csv, pick: unique }} }}\n");
    let path = folder.path().join("loadgate.yml");
    let with = |rows: &str| {
        std::fs::write(folder.path().join("users.csv"), rows).unwrap();
        let source = Source { text: text.clone(), path: path.clone() };
        read(&source, &ReadOptions::default()).unwrap().contract.plan
    };
    let before = with("id\n1\n");
    assert_eq!(with("id\n1\n"), before);
    assert_ne!(with("id\n2\n"), before);
}
