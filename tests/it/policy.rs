//! A pull request's plan beside its base's: whose limits judge, and whose target is loaded.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::gate::{Ended, Folder};
use crate::github::on_pull_request;
use crate::hub::{Answer, Forced, Hub, Pull, TOKEN};
use crate::servers::{Server, answer, closed_port};

/// Base's plan. No answer comes within a tenth of a microsecond: each test changes the limit that matters to it.
const BASE: &str = "\
version: 1
name: shop
scenarios:
  browse:
    executor: constant-vus
    vus: 2
    duration: 300ms
    steps: [{ get: /products, name: products }, { get: /cart, name: cart }]
thresholds:
  http_req_failed: rate<0.01
  http_req_duration{name:cart}: p(95)<30000
gate: { guards: { cpu: 100%, loopLag: 1m, dropped: 50% } }
";
const TIGHT: &str = "p(95)<0.0001";
const BASE_SHA: &str = "fedcba9876543210";

/// A pull request of this plan onto that one.
struct Case {
    hub: Hub,
    folder: Folder,
    server: Server,
}

impl Case {
    fn new(own: &str, base: &str) -> Case {
        let (hub, folder) = (Hub::start(), Folder::with_plan(own));
        fs::create_dir(folder.path(".git")).expect("a folder");
        hub.state().files.insert((BASE_SHA.into(), "loadgate.yml".into()), base.into());
        hub.state().pulls.push(Pull::new(7, "0123456789abcdef", BASE_SHA));
        Case { hub, folder, server: Server::answering(200, "{}") }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.folder.command(arguments);
        on_pull_request(&mut command, &self.folder, &self.hub.url(), TOKEN);
        command
    }

    fn run(&self) -> Ended {
        let reports = ["--report", "json=report.json", "--report", "junit=report.xml"];
        Ended::of(self.command(&[&["run", "--target", &self.server.url()], &reports[..]].concat()))
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.folder.read("report.json")).expect("a report")
    }

    fn comment(&self) -> String {
        self.hub.comments().first().expect("a comment").clone()
    }
}

/// The plan with base's limit on `cart` replaced.
fn with_limit(limit: &str) -> String {
    BASE.replace("p(95)<30000", limit)
}

#[test]
fn a_limit_that_a_pull_request_loosens_fails_by_base() {
    let case = Case::new(BASE, &with_limit(TIGHT));
    case.run().expect(
        1,
        &["fail: passes this pull request's loosened limit, not base's: http_req_duration{name:cart} p(95)"],
    );
    let report = case.report();
    let base = &report["base"];
    assert_eq!((&report["verdict"], &base["own_verdict"]), (&json!("fail"), &json!("pass")));
    assert_eq!(
        (&base["standing"], &base["commit"], &base["verdict"]),
        (&json!("base"), &json!("fedcba9"), &json!("fail"))
    );
    assert_eq!(base["loosened"][0]["own_limit"], "< 30s");
    assert!(report["thresholds"].as_array().unwrap().iter().all(|threshold| threshold["passed"] == true));
    let junit = case.folder.read("report.xml");
    assert!(junit.contains("base&apos;s rules") || junit.contains("base's rules"), "{junit}");
    assert!(junit.contains("failures=\"1\""), "{junit}");
    let comment = case.comment();
    for text in ["passes this pull request's loosened limit, not base's", "30s here", "loadgate-policy", "Base's rules"]
    {
        assert!(comment.contains(text), "`{text}` is missing in:\n{comment}");
    }
    assert!(case.folder.read("output").contains("fail"));
}

#[test]
fn a_threshold_that_a_pull_request_removes_judges_still() {
    let own = BASE.replace("  http_req_duration{name:cart}: p(95)<30000\n", "");
    let case = Case::new(&own, &with_limit(TIGHT));
    case.run().expect(1, &["loosened limit, not base's: http_req_duration{name:cart} p(95)", "at base, none here"]);
}

/// The label is asked for when it matters: it may have been set after the event.
#[test]
fn the_label_lets_a_pull_requests_own_limits_stand() {
    let case = Case::new(BASE, &with_limit(TIGHT));
    case.hub.state().pulls[0].labels = vec!["perf".into(), "loadgate-policy".into()];
    case.run().expect(0, &["pass: ", "the label loadgate-policy lets this pull request's own stand"]);
    assert_eq!(case.report()["base"]["standing"], "waived");
    assert!(case.comment().contains("by base's rules this is fail"), "{}", case.comment());
    assert!(case.folder.read("report.xml").contains("failures=\"0\""));
}

/// Where it can't be asked for, the event's labels count: this one has none.
#[test]
fn a_label_that_can_not_be_read_waives_nothing() {
    let case = Case::new(BASE, &with_limit(TIGHT));
    case.hub.state().pulls[0].labels = vec!["loadgate-policy".into()];
    let answer = Answer::refusal(403, "Resource not accessible by integration");
    case.hub.force(Forced { line: "GET /repos/acme/shop/pulls/7".into(), answer, times: 9, carried_out: false });
    case.run().expect(1, &["labels are those of the event", "pull-requests: read"]);
}

#[test]
fn a_tighter_limit_of_a_pull_request_judges_alone() {
    let case = Case::new(&with_limit(TIGHT), BASE);
    let ended = case.run();
    ended.expect(1, &["fail: http_req_duration{name:cart} p(95)"]);
    assert!(!ended.all().contains("loosened"), "{}", ended.all());
    assert!(!case.hub.state().seen.iter().any(|line| line.contains("/pulls/")), "no label matters");
}

#[test]
fn a_request_that_a_pull_request_renames_is_named_and_fails_nothing() {
    let own = BASE.replace("name: cart }", "name: basket }").replace("{name:cart}", "{name:basket}");
    let case = Case::new(&own, &with_limit(TIGHT));
    let named = "base's threshold on `http_req_duration{name:cart}` judges nothing";
    case.run().expect(0, &["pass: ", named, "renames or removes are judged by no rule of base's: `cart`"]);
}

#[test]
fn the_target_is_bases() {
    let elsewhere = Server::answering(200, "{}");
    let case = Case::new(&format!("{BASE}target: {{ url: '{}' }}\n", elsewhere.url()), "");
    let base = format!("{BASE}target: {{ url: '{}' }}\n", case.server.url());
    case.hub.state().files.insert((BASE_SHA.into(), "loadgate.yml".into()), base.into());
    Ended::of(case.command(&["run"])).expect(0, &["pass: ", "`target.url` of this pull request takes effect after"]);
    assert_eq!(elsewhere.requests(), 0);
    assert!(case.server.requests() > 0);
}

#[test]
fn a_secret_that_only_the_pull_request_declares_is_not_sent() {
    let own =
        format!("{BASE}secrets: [KEY]\n").replace("name: cart }", "name: cart, headers: { X-Key: '${secret.KEY}' } }");
    let case = Case::new(&own, BASE);
    let mut command = case.command(&["run", "--target", &case.server.url()]);
    command.env("KEY", "hunter2");
    Ended::of(command).expect(2, &["base's plan does not declare `secret.KEY`", "merge `KEY` under `secrets` first"]);
    assert_eq!(case.server.requests(), 0);
}

/// What can't be known of base changes no exit code; the comment says that it was not checked.
#[test]
fn a_base_that_can_not_be_read_changes_nothing() {
    type Change = fn(&Case);
    let forced = |status, message| Forced {
        line: "GET /repos/acme/shop/contents".into(),
        answer: Answer::refusal(status, message),
        times: 9,
        carried_out: false,
    };
    let cases: [(&str, Change, &str); 4] = [
        ("new", |case| case.hub.state().files.clear(), "there is no loadgate.yml at base fedcba9: the plan is new"),
        (
            "broken",
            |case| {
                let files = &mut case.hub.state().files;
                files.insert((BASE_SHA.into(), "loadgate.yml".into()), "version: [".into());
            },
            "base's plan can't be read",
        ),
        (
            "binary",
            |case| {
                let files = &mut case.hub.state().files;
                files.insert((BASE_SHA.into(), "loadgate.yml".into()), vec![0xff, 0xfe]);
            },
            "not in UTF-8",
        ),
        ("nowhere", |case| fs::remove_dir(case.folder.path(".git")).unwrap(), "can't be told"),
    ];
    for (name, change, said) in cases {
        println!("{name}");
        let case = Case::new(BASE, &with_limit(TIGHT));
        change(&case);
        case.run().expect(0, &["pass: ", said]);
        assert!(case.comment().contains("Note: "), "{}", case.comment());
    }
    for (status, message) in [(403, "Resource not accessible by integration"), (500, "oops")] {
        let case = Case::new(BASE, &with_limit(TIGHT));
        case.hub.force(forced(status, message));
        case.run().expect(0, &["pass: ", "the rules of base fedcba9 could not be checked"]);
    }
    let case = Case::new(BASE, &with_limit(TIGHT));
    let mut command = case.command(&["run", "--target", &case.server.url()]);
    command.env("GITHUB_API_URL", closed_port());
    Ended::of(command).expect(0, &["pass: ", "could not be checked", "could not be reached"]);
}

/// A plan in a folder, in a job that works in another one, without a `.git`.
#[test]
fn a_plan_is_found_at_base_by_its_path_in_the_repository() {
    let case = Case::new(BASE, BASE);
    fs::remove_dir(case.folder.path(".git")).expect("a folder");
    case.folder.write("gates/shop.yml", BASE);
    case.folder.write("work/here", "");
    case.hub.state().files.insert((BASE_SHA.into(), "gates/shop.yml".into()), with_limit(TIGHT).into());
    let mut command = case.command(&["run", "../gates/shop.yml", "--target", &case.server.url()]);
    command.current_dir(case.folder.path("work")).env("GITHUB_WORKSPACE", case.folder.path("."));
    Ended::of(command).expect(1, &["loosened limit, not base's"]);
}

/// A merge queue puts the pull request on top of its base, and its branch names it.
#[test]
fn a_merge_queue_asks_for_base_and_label_as_well() {
    let queued = |case: &Case| {
        let event = json!({ "merge_group": { "head_sha": "aaaa", "base_sha": BASE_SHA } });
        let mut command = case.command(&["run", "--target", &case.server.url()]);
        case.folder.write("event.json", &event.to_string());
        command.env("GITHUB_EVENT_NAME", "merge_group");
        command.env("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7-aaaa");
        Ended::of(command)
    };
    let case = Case::new(BASE, &with_limit(TIGHT));
    queued(&case).expect(1, &["loosened limit, not base's"]);
    case.hub.state().pulls[0].labels = vec!["loadgate-policy".into()];
    queued(&case).expect(0, &["pass: ", "loadgate-policy"]);
}

/// The shards count what base's thresholds need, and who merges them judges by both.
#[test]
fn a_merged_run_is_judged_by_base_too() {
    let own = BASE.replace("  http_req_duration{name:cart}: p(95)<30000\n", "");
    let case = Case::new(&own, &with_limit(TIGHT));
    let start = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let shards: Vec<_> = ["1/2", "2/2"]
        .into_iter()
        .map(|shard| {
            let start = start.to_string();
            let target = case.server.url();
            let out = format!("shards/{}.json", &shard[..1]);
            fs::create_dir_all(case.folder.path("shards")).expect("a folder");
            let arguments = ["run", "--target", &target, "--shard", shard, "--start-at", &start, "--out", &out];
            let mut command = case.command(&arguments);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().expect("the binary starts")
        })
        .collect();
    for shard in shards {
        let ended = Ended::after(shard.wait_with_output().expect("it ends"));
        ended.expect(0, &[]);
    }
    let merged = || Ended::of(case.command(&["merge", "shards", "--plan", "loadgate.yml", "--out", "merged.json"]));
    merged().expect(1, &["loosened limit, not base's: http_req_duration{name:cart} p(95)"]);
    // A threshold that came to base since then has no samples here: it says nothing.
    let later = with_limit("p(95)<30000").replace("{name:cart}", "{name:products}");
    case.hub.state().files.insert((BASE_SHA.into(), "loadgate.yml".into()), later.into());
    merged().expect(0, &["pass: ", "the run has not counted its samples"]);
}

/// What base compares with history is compared by base's limits, whatever the pull request compares.
#[test]
fn a_regression_that_a_pull_request_would_tolerate_fails_by_base() {
    let latency = Arc::new(AtomicU64::new(40));
    let shared = Arc::clone(&latency);
    let shop = Server::start(move |_, request, stream| {
        let slow = request.line().contains("/cart");
        thread::sleep(Duration::from_millis(if slow { shared.load(Ordering::SeqCst) } else { 40 }));
        answer(stream, 200, "application/json", "{}");
    });
    let base = BASE.replace("vus: 2", "vus: 8").replace("gate: {", "gate: { regression: { metrics: [p50] },");
    let case = Case::new(&base, &base);
    for job in 1..=10 {
        let mut command = case.folder.command(&["baseline", "refresh", "--target", &shop.url()]);
        command.env("GITHUB_REPOSITORY", "acme/shop").env("GITHUB_EVENT_NAME", "schedule");
        command.env("GITHUB_RUN_ID", job.to_string()).env("GITHUB_JOB", "nightly");
        Ended::of(command).expect(0, &["stored as pass"]);
    }
    latency.store(70, Ordering::SeqCst);
    let run = |own: &str| {
        case.folder.write("loadgate.yml", own);
        Ended::of(case.command(&["run", "--target", &shop.url(), "--report", "json=report.json", "--out", "run.json"]))
    };
    run(&base.replace("metrics: [p50]", "metrics: [p50], tolerance: 90%")).expect(
        1,
        &["fail: passes this pull request's loosened limit, not base's: cart p50", "limit +10% at base, +90% here"],
    );
    let narrowed = base.replace("metrics: [p50]", "metrics: [p50], requests: [products]");
    run(&narrowed).expect(1, &["loosened limit, not base's: cart p50", "limit +10% at base, none here"]);
    let rows = |compared: &Value| -> Vec<String> {
        let rows = compared["rows"].as_array().expect("rows").iter();
        rows.map(|row| row["request"].as_str().expect("a request").to_owned()).collect()
    };
    let report = case.report();
    assert_eq!(rows(&report["comparison"]), ["products"]);
    assert_eq!(rows(&report["base"]["comparison"]), ["products", "cart"]);
    // Judged again by its own plan alone, the run is compared by what that plan names.
    case.folder.run(&["judge", "run.json"]).expect(0, &["pass: ", "no regression in 1 figure"]);
}
