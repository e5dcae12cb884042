//! Where a job's target and reference come from: the event, GitHub's deployments, the plan's template; and what is refused.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::gate::{Ended, Folder};
use crate::hub::{Answer, Deployment, Forced, Hub, TOKEN};
use crate::servers::Server;

const HEAD: &str = "0123456789abcdef";
const BASE: &str = "fedcba9876543210";

fn plan(more: &str) -> String {
    format!(
        "version: 1\nname: shop\n{more}\nscenarios:\n  browse: {{ executor: constant-vus, vus: 2, duration: 300ms, \
         steps: [{{ get: /products }}] }}\nthresholds: {{ http_req_failed: [\"rate<0.01\"] }}\n\
         gate: {{ warmup: {{ max: 0s }}, guards: {{ cpu: 100%, loopLag: 1m, dropped: 50% }} }}\n"
    )
}

fn pull_request() -> Value {
    json!({ "pull_request": {
        "number": 7,
        "head": { "sha": HEAD, "ref": "Feat/faster", "repo": { "full_name": "acme/shop" } },
        "base": { "sha": BASE, "ref": "main", "repo": { "full_name": "acme/shop" } },
    } })
}

/// A command of a job that an event started.
fn job(hub: &Hub, plan: &str, event: &str, payload: &Value, token: &str, arguments: &[&str]) -> Ended {
    let folder = Folder::with_plan(plan);
    folder.write("event.json", &payload.to_string());
    let mut command = folder.command(arguments);
    command
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("GITHUB_EVENT_NAME", event)
        .env("GITHUB_EVENT_PATH", folder.path("event.json"))
        .env("GITHUB_API_URL", hub.url())
        .env("GITHUB_SHA", HEAD)
        .env("GITHUB_RUN_ID", "100")
        .env("GITHUB_JOB", "gate")
        .env("GITHUB_TOKEN", token)
        .env("GITHUB_STEP_SUMMARY", folder.path("summary.md"))
        .env("LOADGATE_GITHUB_TIMEOUT", "5s");
    let ended = Ended::of(command);
    assert!(!ended.all().contains(TOKEN), "the token is printed:\n{}", ended.all());
    ended
}

const RUN: &[&str] = &["run", "--comment", "never", "--no-repeat"];

fn gate(hub: &Hub, more: &str) -> Ended {
    job(hub, &plan(more), "pull_request", &pull_request(), TOKEN, RUN)
}

fn deployed(hub: &Hub, id: u64, sha: &str, environment: &str, statuses: &[(&str, &str)]) {
    let statuses = statuses.iter().map(|(state, url)| ((*state).to_owned(), (*url).to_owned())).collect();
    let deployment =
        Deployment { id, sha: sha.into(), environment: environment.into(), statuses, ..Default::default() };
    hub.state().deployments.insert(0, deployment);
}

#[test]
fn a_commits_deployment_is_waited_for() {
    let (server, hub) = (Server::answering(200, "{}"), Arc::new(Hub::start()));
    deployed(&hub, 1, BASE, "Preview", &[("success", "https://other.example")]);
    deployed(&hub, 2, HEAD, "Preview", &[("pending", "")]);
    let (later, url) = (Arc::clone(&hub), server.url());
    let host = thread::spawn(move || {
        // The run has seen the pending deployment.
        while later.state().seen.iter().filter(|line| line.contains("/deployments/2/statuses")).count() < 1 {
            thread::sleep(Duration::from_millis(5));
        }
        later.state().deployments[0].statuses.insert(0, ("success".into(), format!("{url}/path")));
    });
    let ended = gate(&hub, "");
    host.join().expect("the host deploys");
    ended.expect(
        0,
        &[
            "waiting for a deployment of 0123456: pending in Preview",
            "found the deployment of 0123456 to Preview: http://127.0.0.1",
            "pass: ",
        ],
    );
    assert!(server.requests() > 0);
}

#[test]
fn a_deployment_that_never_comes_or_is_no_use_is_not_measured() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static [(&'static str, &'static str)])],
        i32,
        &'static [&'static str],
    );
    const A: &str = "https://a.example";
    let table: &[Case] = &[
        ("within: 50ms", &[], 4, &["knows of no deployment of 0123456 within 50ms", "target.url with `${pr}`"]),
        (
            "within: 50ms",
            &[("Preview", &[("queued", "")])],
            4,
            &["was not there within 50ms: queued in Preview", "within"],
        ),
        (
            "within: 1s",
            &[("Preview", &[("failure", "")])],
            4,
            &["came to nothing, its state is `failure`", "deploy again"],
        ),
        (
            "within: 1s",
            &[("web", &[("success", A)]), ("api", &[("success", A)])],
            2,
            &["several environments: `api`, `web`", "environment: \"api\""],
        ),
        ("environment: web*", &[("web", &[("success", "")])], 4, &["to `web` has no URL", "environment_url"]),
        ("within: 1s", &[("Production – shop", &[("success", A)])], 2, &["is production", "allowProduction: true"]),
        (
            "environment: production",
            &[("Production", &[("success", A)])],
            2,
            &["is production", "allowProduction: true"],
        ),
    ];
    for (keys, deployments, code, texts) in table {
        println!("{keys} {deployments:?}");
        let hub = Hub::start();
        for ((environment, statuses), id) in deployments.iter().zip(1..) {
            deployed(&hub, id, HEAD, environment, statuses);
        }
        gate(&hub, &format!("target: {{ deployment: {{ {keys} }} }}")).expect(*code, texts);
    }
}

#[test]
fn a_deployment_that_is_marked_as_production_is_loaded_only_if_the_plan_says_so() {
    let (server, hub) = (Server::answering(200, "{}"), Hub::start());
    deployed(&hub, 1, HEAD, "live", &[("success", &server.url())]);
    hub.state().deployments[0].production = true;
    gate(&hub, "").expect(2, &["is production (environment `live`)", "allowProduction"]);
    let refresh = ["baseline", "refresh"];
    job(&hub, &plan(""), "schedule", &json!({}), TOKEN, &refresh).expect(2, &["is production (environment `live`)"]);
    assert_eq!(server.requests(), 0);
    gate(&hub, "target: { allowProduction: true }").expect(0, &["pass: "]);
}

#[test]
fn a_named_target_that_github_knows_as_production_is_refused() {
    let hub = Hub::start();
    deployed(&hub, 1, BASE, "Production", &[("success", "https://shop.invalid")]);
    deployed(&hub, 2, HEAD, "Preview", &[("success", "https://preview.invalid")]);
    let named = |arguments: &[&str]| {
        let arguments = [RUN, arguments].concat();
        job(&hub, &plan(""), "pull_request", &pull_request(), TOKEN, &arguments)
    };
    named(&["--target", "https://shop.invalid/path"])
        .expect(2, &["the target https://shop.invalid is production (environment `Production`)"]);
    named(&["--target", "https://preview.invalid", "--reference", "https://shop.invalid"])
        .expect(2, &["the reference https://shop.invalid is production"]);
    named(&["--target", "https://preview.invalid"]).expect(4, &["preview.invalid", "dns"]);
    gate(&hub, "target: { url: 'https://shop.invalid' }").expect(2, &["is production"]);
    let answer = Answer::refusal(403, "Resource not accessible by integration");
    hub.force(Forced { line: "GET /repos/acme/shop/deployments".into(), answer, times: 9, carried_out: false });
    let ended = named(&["--target", "https://shop.invalid"]);
    ended.expect(4, &["warning: whether the target is production could not be told", "deployments: read", "dns"]);
    assert!(hub.state().seen.len() < 20, "{:?}", hub.state().seen);
}

#[test]
fn an_event_tells_its_deployment() {
    let (server, hub) = (Server::answering(200, "{}"), Hub::start());
    let status = |state: &str, environment: &str| {
        json!({ "deployment_status": { "state": state, "environment_url": server.url() },
                "deployment": { "sha": HEAD, "environment": environment } })
    };
    let run = |event: &str, payload: &Value| job(&hub, &plan(""), event, payload, TOKEN, RUN);
    run("deployment_status", &status("success", "Preview")).expect(0, &["pass: "]);
    run("deployment_status", &status("pending", "Preview"))
        .expect(4, &["nothing to measure", "`pending`", "github.event.deployment_status.state == 'success'"]);
    run("deployment_status", &status("success", "Production")).expect(2, &["is production", "allowProduction"]);
    let vercel = |environment: &str| {
        json!({ "action": "vercel.deployment.success", "client_payload": {
            "url": server.url(), "environment": environment, "git": { "sha": HEAD, "ref": "faster" } } })
    };
    run("repository_dispatch", &vercel("preview")).expect(0, &["pass: "]);
    run("repository_dispatch", &vercel("production")).expect(2, &["is production"]);
    let asked = hub.state().seen.iter().any(|line| line.contains("/deployments"));
    assert!(!asked, "the event is enough");
}

#[test]
fn a_template_stands_in_where_there_is_no_deployment() {
    let (server, hub) = (Server::answering(200, "{}"), Hub::start());
    let port = server.url().rsplit(':').next().expect("a port").to_owned();
    let by_branch = format!(
        "target: {{ url: 'http://${{branch}}.pr-${{pr}}.localhost:{port}', hosts: {{ '*.localhost': 127.0.0.1 }} }}"
    );
    gate(&hub, &by_branch).expect(0, &["the target is http://feat-faster.pr-7.localhost", "pass: "]);
    // A deployment that is there wins.
    deployed(&hub, 1, HEAD, "Preview", &[("success", &server.url())]);
    gate(&hub, &by_branch).expect(0, &["found the deployment of 0123456 to Preview", "pass: "]);
    let run = |plan: &str| job(&hub, plan, "schedule", &json!({}), "", RUN);
    run(&plan("target: { url: 'https://${pr}.example' }")).expect(4, &["`${pr}` stands for nothing here", "--target"]);
    run(&plan("target: { url: 'https://${number}.example' }"))
        .expect(2, &["target.url", "`number` is no placeholder", "`${branch}`"]);
}

#[test]
fn without_a_token_the_cure_is_named() {
    let hub = Hub::start();
    let ended = job(&hub, &plan(""), "pull_request", &pull_request(), "", RUN);
    ended.expect(4, &["there is no target to load", "deployments: read", "token"]);
    let ended = job(&hub, &plan(""), "pull_request", &pull_request(), "ghs_other", RUN);
    ended.expect(4, &["the deployment of 0123456 can't be looked for", "doesn't accept the token"]);
}

#[test]
fn an_address_that_a_newer_commit_has_taken_is_not_measured() {
    let (server, hub) = (Server::answering(200, "{}"), Hub::start());
    deployed(&hub, 1, HEAD, "staging", &[("inactive", ""), ("success", &server.url())]);
    gate(&hub, "").expect(0, &["pass: "]);
    deployed(&hub, 2, "abcdef0123", "staging", &[("success", &server.url())]);
    gate(&hub, "").expect(4, &["no longer shows 0123456: abcdef0 was deployed to `staging`"]);
}

#[test]
fn the_reference_is_a_deployment_of_the_merge_base() {
    let (server, base, hub) = (Server::answering(200, "{}"), Server::answering(200, "{}"), Hub::start());
    hub.state().merge_bases.insert(format!("{BASE}...{HEAD}"), "ba5e000000".into());
    deployed(&hub, 1, "ba5e000000", "Production", &[("success", "https://shop.invalid")]);
    deployed(&hub, 3, HEAD, "Preview", &[("success", &server.url())]);
    // A paired load too short to be judged; what matters is whom it went to.
    let auto = "reference: auto";
    let alone = gate(&hub, auto);
    alone.expect(
        0,
        &[
            "warning: there is no deployment of the merge base ba5e000 in `Preview` with a URL",
            "compared with its history",
            "let every push to main be deployed to `Preview`",
        ],
    );
    assert_eq!(base.requests(), 0);
    deployed(&hub, 2, "ba5e000000", "Preview", &[("success", &base.url())]);
    let paired = gate(&hub, auto);
    assert!(
        paired.all().contains(&format!(
            "the reference is the deployment of the merge base ba5e000 in `Preview`: {}",
            base.url()
        )),
        "{}",
        paired.all()
    );
    assert!(base.requests() > 0, "{}", paired.all());
    let before = base.requests();
    // By its address a named target is known to be in the same environment.
    let target = server.url();
    let named = [RUN, &["--target", &target]].concat();
    job(&hub, &plan(auto), "pull_request", &pull_request(), TOKEN, &named);
    assert!(base.requests() > before);
    let before = base.requests();
    hub.state().merge_bases.clear();
    gate(&hub, auto).expect(0, &["warning: reference: auto found nothing", "compare two commits"]);
    job(&hub, &plan(auto), "push", &json!({ "ref": "refs/heads/main", "after": HEAD }), TOKEN, RUN)
        .expect(0, &["warning: reference: auto is for pull requests"]);
    assert_eq!(base.requests(), before);
}
