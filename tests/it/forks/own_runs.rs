//! A fork's own run: no secrets, a token that only reads.

use crate::gate::{Ended, Folder};
use crate::hub::Hub;
use crate::servers::{LATENCY, Server, answer};

use super::{BASE, HEAD, PLAN, hub, in_job, output, pull_request};

const WITH_SECRET: &str = "\
version: 1
name: shop
secrets: [SHOP_TOKEN]
target: { headers: { authorization: \"Bearer ${secret.SHOP_TOKEN}\" } }
scenarios:
  browse: { executor: constant-vus, vus: 2, duration: 300ms, steps: [{ get: /products, name: products }] }
";

fn run(folder: &Folder, hub: &Hub, repository: &str, target: Option<&str>, secret: Option<&str>) -> Ended {
    let mut arguments = vec!["run"];
    arguments.extend(target.iter().flat_map(|target| ["--target", target]));
    let mut command = folder.command(&arguments);
    in_job(&mut command, folder, hub, "pull_request", &pull_request(HEAD, repository));
    if let Some(secret) = secret {
        command.env("SHOP_TOKEN", secret);
    }
    Ended::of(command)
}

/// GitHub hands a fork's run an empty secret; a job may also not pass it at all.
#[test]
fn without_secrets_a_forks_run_is_not_measured_and_no_failure() {
    let server = Server::answering(200, "{}");
    for secret in [None, Some("")] {
        let (hub, folder) = (hub(), Folder::with_plan(WITH_SECRET));
        let ended = run(&folder, &hub, "visitor/shop", Some(&server.url()), secret);
        ended.expect(0, &["not measured: fork: secrets of the plan are not set"]);
        assert_eq!(output(&folder, "verdict"), "not_measured");
        assert!(folder.read("summary.md").contains("not measured: fork"));
        assert_eq!(hub.writes(), [""; 0]);
        // Of one's own branch it is a mistake.
        let folder = Folder::with_plan(WITH_SECRET);
        run(&folder, &hub, "acme/shop", Some(&server.url()), secret).expect(2, &["SHOP_TOKEN"]);
    }
    assert_eq!(server.requests(), 0);
}

#[test]
fn without_a_target_a_forks_run_is_not_measured_and_no_failure() {
    let plan = PLAN.to_owned() + "target: { deployment: { within: 50ms } }\n";
    let (hub, folder) = (hub(), Folder::with_plan(&plan));
    // In a pull request the wait is base's to say.
    hub.state().files.insert((BASE.to_owned(), "loadgate.yml".to_owned()), plan.clone().into());
    hub.state().deployments.clear();
    let ended = run(&folder, &hub, "visitor/shop", None, None);
    ended.expect(0, &["not measured: fork: ", "no deployment of"]);
    assert_eq!(output(&folder, "verdict"), "not_measured");
    assert_eq!(hub.writes(), [""; 0]);
    let own = run(&Folder::with_plan(&plan), &hub, "acme/shop", None, None);
    own.expect(4, &["no deployment of"]);
}

#[test]
fn a_plan_that_is_wrong_is_wrong_in_a_fork_too() {
    let server = Server::answering(200, "{}");
    let wrong = format!("{WITH_SECRET}thresholds: {{ http_req_duration: [\"p95<<300\"] }}\n");
    run(&Folder::with_plan(&wrong), &hub(), "visitor/shop", Some(&server.url()), None).expect(2, &["thresholds"]);
    assert_eq!(server.requests(), 0);
}

/// Only want of a value is the fork's excuse: a secret that base doesn't declare is none of its business.
#[test]
fn a_secret_that_base_does_not_declare_is_refused() {
    let (server, hub) = (Server::answering(200, "{}"), hub());
    let file = (BASE.to_owned(), "loadgate.yml".to_owned());
    hub.state().files.insert(file.clone(), WITH_SECRET.into());
    run(&Folder::with_plan(WITH_SECRET), &hub, "visitor/shop", Some(&server.url()), None)
        .expect(0, &["not measured: fork: secrets of the plan are not set"]);
    hub.state().files.insert(file, PLAN.into());
    let step = "{ get: /products, name: products, headers: { x-key: \"${secret.DEPLOY_KEY}\" } }";
    let greedy = PLAN.replace("{ get: /products, name: products }", step) + "secrets: [DEPLOY_KEY]\n";
    run(&Folder::with_plan(&greedy), &hub, "visitor/shop", Some(&server.url()), None).expect(2, &["DEPLOY_KEY"]);
    assert_eq!(server.requests(), 0);
}

/// It can measure, so it does; it says that it can't comment, and its verdict stands.
#[test]
fn a_forks_run_that_can_measure_keeps_its_exit_code() {
    let good = Server::answering(200, "{}");
    let bad = Server::start(|number, _, stream| {
        std::thread::sleep(LATENCY);
        answer(stream, if number % 2 == 1 { 500 } else { 200 }, "application/json", "{}");
    });
    for (server, code, verdict) in [(good, 0, "pass"), (bad, 1, "fail")] {
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        run(&folder, &hub, "visitor/shop", Some(&server.url()), None).expect(code, &["no comment: ", "fork"]);
        assert_eq!(output(&folder, "verdict"), verdict);
        assert!(folder.read("summary.md").contains("fork"));
        assert_eq!(hub.writes(), [""; 0]);
    }
}
