//! `loadgate compare`: two runs side by side, never judged.

use serde_json::{Value, json};

use crate::gate::Folder;
use crate::servers::{Server, answer, answer_late};

/// A plan with this many virtual users, and a second request of this name.
fn plan(vus: u32, second: &str) -> String {
    format!(
        "\
version: 1
name: shop
metrics: {{ stock: trend }}
scenarios:
  browse:
    executor: constant-vus
    vus: {vus}
    duration: 1s
    steps:
      - get: /products
        name: products
        check: {{ status is 200: \"status == 200\" }}
        record: {{ stock: \"7\" }}
      - get: /{second}
        name: {second}
gate: {{ guards: {{ cpu: 100%, loopLag: 1m, dropped: 50% }} }}
"
    )
}

#[test]
fn two_runs_stand_side_by_side_and_a_worse_one_still_ends_with_0() {
    let healthy = Server::answering(200, "{}");
    // Well until the load has begun: a target that fails the trial before it is not loaded at all.
    let broken = Server::start(|number, request, stream| match request.line() {
        "GET /products" if number > 10 => answer_late(stream, 500, "{}"),
        _ => answer(stream, 200, "application/json", "{}"),
    });
    let folder = Folder::with_plan(&plan(2, "cart"));
    folder.measure(&healthy.url(), &["--out", "old.json"]).expect(0, &[]);
    folder.write("loadgate.yml", &plan(4, "orders"));
    folder.measure(&broken.url(), &["--out", "new.json"]);

    let compare = ["compare", "old.json", "new.json", "--report", "markdown=page.md", "--report", "json=figures.json"];
    let ended = folder.run(&compare);
    ended.expect(
        0,
        &[
            "nothing is judged",
            "one run each proves nothing",
            "loadgate judge",
            "the load (executors, stages",
            "1 request added: orders",
            "1 request removed: cart",
            "status 500",
            "orders (added)",
            "cart (removed)",
            "too few samples for the gate",
        ],
    );
    assert!(ended.stdout.starts_with("two runs side by side"), "{}", ended.stdout);

    let page = folder.read("page.md");
    assert!(page.starts_with("### loadgate: two runs side by side"), "{page}");
    for title in ["#### Totals", "#### Requests", "#### Failures", "#### Checks", "#### Metrics of the plan", "Phases"]
    {
        assert!(page.contains(title), "`{title}` is missing in:\n{page}");
    }

    let figures: Value = serde_json::from_str(&folder.read("figures.json")).expect("JSON");
    assert_eq!((&figures["judged"], &figures["comparable"]), (&Value::from(false), &Value::from(false)));
    let products = &figures["requests"][0];
    assert_eq!(products["name"], "products");
    let change = products["failed"]["share"]["change"]["difference"].as_f64();
    assert!(change.is_some_and(|change| change > 0.2), "{change:?}");

    let same = folder.run(&["compare", "old.json", "old.json", "--report", "json=-"]);
    let document: Value = serde_json::from_str(&same.stdout).expect("JSON alone on standard output");
    assert_eq!(document["comparable"], true);
    assert!(same.stderr.contains("two runs side by side"), "{}", same.stderr);
}

#[test]
fn what_cant_be_compared_is_refused_with_its_cure() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(&plan(1, "cart"));
    folder.measure(&server.url(), &["--out", "run.json"]).expect(0, &[]);
    let whole = folder.read("run.json");
    folder.write("cut.json", &whole[..whole.len() / 2]);
    folder.write("foreign.json", &whole.replacen("\"schema_version\":1", "\"schema_version\":9", 1));
    let junit = ["compare", "run.json", "run.json", "--report", "junit=out.xml"];
    folder.run(&junit).expect(2, &["nothing is judged", "use text, markdown or json"]);
    folder.run(&["compare", "run.json"]).expect(2, &["run.json is a run of one deployment: name a second file"]);
    let reference = ["compare", "run.json", "run.json", "--arm", "reference"];
    folder.run(&reference).expect(2, &["without a reference", "leave out --arm reference"]);
    folder.run(&["compare", "run.json", "cut.json"]).expect(4, &["cut.json", "measure again"]);
    folder.run(&["compare", "foreign.json", "run.json"]).expect(4, &["foreign.json", "schema version 9"]);
    folder.run(&["compare", "missing.json", "run.json"]).expect(4, &["missing.json", "check the path"]);
    folder
        .run(&["compare", "run.json", "run.json", "--report", "text=none/a.txt"])
        .expect(4, &["two runs side by side", "none/a.txt", "`loadgate compare run.json run.json --report text=PATH`"]);
}

/// The run of a deployment with that of another as its reference, as a paired run leaves them.
fn paired(candidate: &str, reference: &str) -> String {
    let mut file: Value = serde_json::from_str(candidate).expect("JSON");
    let reference: Value = serde_json::from_str(reference).expect("JSON");
    file["reference"] = reference["candidate"].clone();
    file["pairing"] = json!({ "mode": "parallel", "looks": { "planned": 1, "taken": 1 }, "shares": [] });
    file.to_string()
}

#[test]
fn the_arms_of_a_paired_run_are_described_alone_and_beside_those_of_another() {
    let (base, slow) = (Server::answering(200, "{}"), Server::answering(200, "[]"));
    let folder = Folder::with_plan(&plan(1, "cart"));
    folder.measure(&base.url(), &["--out", "base.json"]).expect(0, &[]);
    folder.measure(&slow.url(), &["--out", "slow.json"]).expect(0, &[]);
    folder.write("run.json", &paired(&folder.read("slow.json"), &folder.read("base.json")));

    let alone = folder.run(&["compare", "run.json", "--report", "json=arms.json"]);
    alone.expect(
        0,
        &["the arms of a run side by side", "nothing is judged", "reference, parallel", "candidate, parallel"],
    );
    let arms: Value = serde_json::from_str(&folder.read("arms.json")).expect("JSON");
    let targets = [&arms["old"]["target"], &arms["new"]["target"]].map(|target| target.as_str().expect("a target"));
    assert_eq!(
        targets.map(|target| target.trim_end_matches('/')),
        [base.url(), slow.url()].each_ref().map(|url| url.trim_end_matches('/'))
    );

    let described = |arm: &str| {
        let ended = folder.run(&["compare", "run.json", "run.json", "--arm", arm, "--report", "json=-"]);
        let document: Value = serde_json::from_str(&ended.stdout).expect("JSON alone on standard output");
        document["new"]["target"].as_str().expect("a target").trim_end_matches('/').to_owned()
    };
    assert_eq!(described("candidate"), slow.url().trim_end_matches('/'));
    assert_eq!(described("reference"), base.url().trim_end_matches('/'));
    folder.run(&["compare", "run.json", "--arm", "reference"]).expect(2, &["<NEW>"]);
}
