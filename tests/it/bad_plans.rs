//! Plans and command lines that can't work: exit 2, place, problem and cure, and nothing sent.

use crate::gate::Folder;
use crate::servers::Server;

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse:
    executor: constant-vus
    vus: 2
    duration: 1s
    steps:
      - get: /products
thresholds:
  http_req_failed: [\"rate<0.01\"]
";

#[test]
fn every_error_of_a_plan_is_named_at_once_and_nothing_is_sent() {
    let server = Server::answering(200, "{}");
    let wrong = PLAN
        .replace("duration: 1s", "duration: 1x")
        .replace("executor: constant-vus", "executor: constant-vu")
        .replace("rate<0.01", "rate<<1")
        .replace("thresholds:", "treshold: 1\nthresholds:");
    let folder = Folder::with_plan(&wrong);
    let ended = folder.run(&["run", "--target", &server.url(), "--comment", "never"]);
    ended.expect(2, &["loadgate.yml:5:", "constant-vus", "loadgate.yml:7:", "1x", "treshold", "thresholds", "rate<<1"]);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_bad_expression_is_shown_in_its_place() {
    let wrong = PLAN.replace("- get: /products", "- get: /products\n        check: { ok: \"status = 200\" }");
    Folder::with_plan(&wrong).run(&["validate"]).expect(2, &["loadgate.yml:10:", "status = 200"]);
}

#[test]
fn an_empty_data_file_is_named() {
    let wrong = PLAN.replace("scenarios:", "data:\n  users: { csv: users.csv, pick: random }\nscenarios:");
    let folder = Folder::with_plan(&wrong);
    folder.run(&["validate"]).expect(2, &["users.csv"]);
    folder.write("users.csv", "id,name\n");
    folder.run(&["validate"]).expect(2, &["users.csv", "has no rows", "needs one row at least"]);
    folder.write("users.csv", "id,name\n1,Ann\n");
    folder.run(&["validate"]).expect(0, &[]);
}

#[test]
fn a_missing_plan_is_named_with_the_cure() {
    Folder::new()
        .run(&["run", "--target", "http://127.0.0.1:1"])
        .expect(2, &["loadgate: there is no plan loadgate.yml", "loadgate init"]);
}

#[test]
fn a_run_needs_a_target() {
    Folder::with_plan(PLAN).run(&["run"]).expect(2, &["--target", "LOADGATE_TARGET"]);
}

#[test]
fn wrong_usage_names_what_is_right() {
    let folder = Folder::with_plan(PLAN);
    folder.run(&["run", "--target", "preview.example"]).expect(2, &["http"]);
    folder.run(&["run", "--report", "html=x"]).expect(2, &["text, markdown, json"]);
    folder.run(&["run", "--scale-load", "0"]).expect(2, &["above 0"]);
    folder.run(&["run", "--profile", "nightly", "--target", "http://127.0.0.1:1"]).expect(2, &["nightly"]);
}

#[test]
fn init_overwrites_nothing_unless_it_is_told_to() {
    let folder = Folder::new();
    folder.run(&["init"]).expect(0, &["loadgate.yml", ".github/workflows/loadgate.yml"]);
    folder.run(&["validate"]).expect(0, &["a plan without errors"]);
    folder.write("loadgate.yml", "mine");
    folder.run(&["init"]).expect(2, &["loadgate.yml", "nothing was written", "--force"]);
    assert_eq!(folder.read("loadgate.yml"), "mine");
    folder.run(&["init", "--force"]).expect(0, &["loadgate.yml"]);
    folder.run(&["validate"]).expect(0, &[]);
}
