//! Pull requests from forks: the fork's own run, what the default branch tells of it, and who may order a measurement.

mod claims;
mod corpus;
mod kinds;
mod orders;
mod own_runs;
mod rules;
mod zips;

use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::gate::{Ended, Folder};
use crate::hub::{Artifact, Hub, Pull, TOKEN};
use crate::servers::Server;

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 2, duration: 300ms, steps: [{ get: /products, name: products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
gate: { guards: { cpu: 100%, loopLag: 1m, dropped: 50% } }
";

/// Head of the fork's pull request, which is number 7.
const HEAD: &str = "0123456789abcdef0123456789abcdef01234567";
/// Head of number 8, of the repository's own branch.
const OTHER: &str = "89abcdef0123456789abcdef0123456789abcdef";
const BASE: &str = "fedcba9876543210fedcba9876543210fedcba98";
/// The fork's workflow run.
const RUN: u64 = 500;

/// A hub with the fork's pull request 7, number 8 of the repository itself, and number 9: another fork's, with the very
/// commit of number 7.
fn hub() -> Hub {
    let hub = Hub::start();
    let of = |number: u64, head: &str, repository: &str| Pull {
        head_repo: repository.into(),
        ..Pull::new(number, head, BASE)
    };
    let pulls = [of(7, HEAD, "visitor/shop"), of(8, OTHER, "acme/shop"), of(9, HEAD, "mallory/shop")];
    hub.state().pulls.extend(pulls);
    hub
}

/// The end of a run of another workflow.
fn workflow_run(started_by: &str, head: &str, repository: &str) -> Value {
    json!({ "action": "completed", "workflow_run": {
        "id": RUN, "event": started_by, "conclusion": "success", "head_sha": head, "head_branch": "faster",
        "head_repository": { "full_name": repository },
    } })
}

/// Makes a command a step of a job that this event started.
fn in_job(command: &mut Command, folder: &Folder, hub: &Hub, event: &str, payload: &Value) {
    folder.write("event.json", &payload.to_string());
    command
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("GITHUB_EVENT_NAME", event)
        .env("GITHUB_EVENT_PATH", folder.path("event.json"))
        .env("GITHUB_WORKSPACE", folder.path(""))
        .env("GITHUB_SHA", BASE)
        .env("GITHUB_API_URL", hub.url())
        .env("GITHUB_RUN_ID", "900")
        .env("GITHUB_JOB", "trusted")
        .env("GITHUB_STEP_SUMMARY", folder.path("summary.md"))
        .env("GITHUB_OUTPUT", folder.path("output"))
        .env("GITHUB_TOKEN", TOKEN)
        .env("LOADGATE_GITHUB_TIMEOUT", "5s");
}

/// `loadgate comment` after the fork's run.
fn comment(folder: &Folder, hub: &Hub, arguments: &[&str]) -> Ended {
    let mut command = folder.command(&[&["comment"], arguments].concat());
    in_job(&mut command, folder, hub, "workflow_run", &workflow_run("pull_request", HEAD, "visitor/shop"));
    Ended::of(command)
}

fn upload(hub: &Hub, zip: Vec<u8>) {
    hub.state().artifacts.push(Artifact { id: 60, run: RUN, name: "loadgate".into(), zip });
}

/// A pull_request event of number 7 from the fork.
fn pull_request(head: &str, repository: &str) -> Value {
    json!({ "action": "synchronize", "number": 7, "pull_request": {
        "number": 7, "labels": [],
        "head": { "sha": head, "ref": "faster", "repo": { "full_name": repository } },
        "base": { "sha": BASE, "ref": "main", "repo": { "full_name": "acme/shop" } },
    } })
}

/// What the fork's run measured: it passes. Measured once by the real binary, as the fork's own job.
fn measured() -> &'static str {
    static MEASURED: OnceLock<String> = OnceLock::new();
    MEASURED.get_or_init(|| measure(&Server::answering(200, "{}").url(), 0))
}

/// The measurement of a fork's run that ends with this exit code.
fn measure(target: &str, code: i32) -> String {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    let mut command = folder.command(&["run", "--target", target]);
    in_job(&mut command, &folder, &hub, "pull_request", &pull_request(HEAD, "visitor/shop"));
    command.env_remove("GITHUB_TOKEN");
    Ended::of(command).expect(code, &[]);
    folder.read("loadgate-measurement.json")
}

/// The value of the step's last output with this name.
fn output(folder: &Folder, name: &str) -> String {
    let text = folder.read("output");
    let lines: Vec<&str> = text.lines().collect();
    let block = lines.windows(3).rfind(|block| block[0].starts_with(&format!("{name}<<")));
    block.unwrap_or_else(|| panic!("{name} is missing in:\n{text}"))[1].to_owned()
}
