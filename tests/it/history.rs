//! The whole gate: a history of runs, a run like them, a slower one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::gate::{Ended, Folder};
use crate::servers::{Server, answer};

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 8, duration: 300ms, steps: [{ get: /products, name: products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";
const RUNS: usize = 10;

/// A server whose latency and share of failures change while it runs.
struct Shop {
    server: Server,
    latency_ms: Arc<AtomicU64>,
    /// Every so many requests fail; 0 for none.
    fails: Arc<AtomicU64>,
}

impl Shop {
    fn open() -> Shop {
        let (latency_ms, fails) = (Arc::new(AtomicU64::new(60)), Arc::new(AtomicU64::new(0)));
        let (latency, failing) = (Arc::clone(&latency_ms), Arc::clone(&fails));
        let server = Server::start(move |number, _, stream| {
            thread::sleep(Duration::from_millis(latency.load(Ordering::SeqCst)));
            let every = failing.load(Ordering::SeqCst);
            let status = if every > 0 && number % every == every - 1 { 500 } else { 200 };
            answer(stream, status, "application/json", "{}");
        });
        Shop { server, latency_ms, fails }
    }
}

/// `loadgate baseline refresh` as the job with this number.
fn refresh(folder: &Folder, target: &str, job: usize) -> Ended {
    let mut command = folder.command(&["baseline", "refresh", "--target", target]);
    command.env("GITHUB_REPOSITORY", "acme/shop").env("GITHUB_EVENT_NAME", "schedule");
    command.env("GITHUB_RUN_ID", job.to_string()).env("GITHUB_JOB", "nightly").env("GITHUB_SHA", "0123456789");
    Ended::of(command)
}

#[test]
fn a_run_is_judged_against_ten_earlier_ones() {
    let shop = Shop::open();
    let (target, folder) = (shop.server.url(), Folder::with_plan(PLAN));
    for job in 1..=RUNS {
        refresh(&folder, &target, job).expect(0, &["stored as pass: baselines/shop/"]);
    }

    let same = folder.measure(&target, &["--report", "json=same.json"]);
    same.expect(0, &["10 runs"]);
    assert!(!same.all().contains("no baseline"), "{}", same.all());

    // A run that breaks its thresholds is kept, but never in the window.
    shop.fails.store(3, Ordering::SeqCst);
    // The trial before the load may meet a failing answer: that run is none.
    let mut broken = (1..=20).map(|job| refresh(&folder, &target, RUNS + job));
    let broken = broken.find(|ended| ended.code == Some(1)).expect("a run whose thresholds fail");
    broken.expect(1, &["fail: http_req_failed", "stored as thresholds failed"]);
    shop.fails.store(0, Ordering::SeqCst);

    shop.latency_ms.store(96, Ordering::SeqCst);
    let slower = folder.measure(&target, &["--report", "markdown=slower.md"]);
    slower.expect(1, &["fail: products p50", "10 runs"]);
    assert!(slower.headline().contains("products p50"), "{}", slower.headline());
    assert!(folder.read("slower.md").contains("products"));

    let shown = folder.run(&["baseline", "show"]);
    shown.expect(0, &["10 in the window", "started", "0123456", "thresholds failed", "never", "products", "over time"]);
    assert_eq!(shown.stdout.matches("nightly").count(), 0);
    // The ten runs are the anchor; what failed its thresholds is older than the latest one.
    let pruned = folder.run(&["baseline", "prune", "--keep", "1"]);
    pruned.expect(0, &["the latest 1 of each contract are kept", "9 older runs that drift is measured from"]);
    assert_eq!(folder.files("baselines").len(), RUNS + 1);
    folder.run(&["baseline", "prune", "--keep", "1"]).expect(0, &["0 removed"]);
}

#[test]
fn a_required_baseline_that_is_missing_is_no_pass() {
    let shop = Shop::open();
    let required = format!("{PLAN}gate: {{ baseline: {{ required: true }}, guards: {{ cpu: 100%, loopLag: 1m }} }}\n");
    let folder = Folder::with_plan(&required);
    let ended = folder.run(&["run", "--target", &shop.server.url()]);
    ended.expect(3, &["not measured: ", "required: true", "loadgate baseline refresh"]);
    folder.run(&["baseline", "show"]).expect(0, &["no runs in baselines/shop", "loadgate baseline refresh"]);
    // The runs that make the baseline can't require it.
    refresh(&folder, &shop.server.url(), 1).expect(0, &["stored as pass: baselines/shop/"]);
}

#[test]
fn a_measurement_is_judged_again_as_it_was() {
    let shop = Shop::open();
    let folder = Folder::with_plan(PLAN);
    let run = folder.measure(&shop.server.url(), &[]);
    run.expect(0, &["pass: ", "no baseline"]);
    let again = folder.run(&["judge", "loadgate-measurement.json", "--report", "json=again.json"]);
    assert_eq!((again.code, again.headline()), (run.code, run.headline()));
    folder.write("stricter.yml", &folder.read("loadgate.yml").replace("rate<0.01", "rate<0.01\", \"rate>0.5"));
    folder.run(&["judge", "loadgate-measurement.json", "--plan", "stricter.yml"]).expect(1, &["fail: http_req_failed"]);
    folder.write("other.yml", &PLAN.replace("name: shop", "name: stop"));
    let other = folder.run(&["judge", "loadgate-measurement.json", "--plan", "other.yml"]);
    other.expect(2, &["measured by the plan `shop`", "other.yml is `stop`", "--plan"]);
}

/// What fails in one job is confirmed by another job's run of the same commit, and by nothing else.
#[test]
fn a_regression_against_history_is_confirmed_by_another_job() {
    let shop = Shop::open();
    let (target, folder) = (shop.server.url(), Folder::with_plan(PLAN));
    for job in 1..=RUNS {
        refresh(&folder, &target, job).expect(0, &["stored as pass"]);
    }
    let measure = |job: &str, commit: &str, file: &str, latency: u64| {
        shop.latency_ms.store(latency, Ordering::SeqCst);
        let mut command = folder.command(&["run", "--target", &target, "--comment", "never", "--out", file]);
        command.env("GITHUB_REPOSITORY", "acme/shop").env("GITHUB_EVENT_NAME", "push");
        command.env("GITHUB_RUN_ID", job).env("GITHUB_JOB", "gate").env("GITHUB_SHA", commit);
        Ended::of(command)
    };
    let judge = |second: &str, first: &str| folder.run(&["judge", second, "--confirms", first]);
    measure("100", "abcdef1", "slow.json", 96).expect(1, &["fail: products p50"]);
    measure("101", "abcdef1", "slow-again.json", 96).expect(1, &["fail: products p50"]);
    measure("102", "abcdef1", "quick.json", 60).expect(0, &["pass: "]);
    measure("103", "abcdef2", "other.json", 96).expect(1, &["fail: products p50"]);

    judge("slow-again.json", "slow.json").expect(1, &["fail: products p50", "confirmed by job"]);
    judge("quick.json", "slow.json").expect(0, &["pass: ", "alone, not confirmed here"]);
    judge("slow.json", "quick.json").expect(1, &["not confirmed: the first run has no proven regression to confirm"]);
    judge("slow.json", "slow.json").expect(1, &["not confirmed: both runs are of job"]);
    judge("other.json", "slow.json").expect(1, &["not confirmed: the first run is of commit abcdef1"]);
}

/// Two runs apart are one data point each: blocks of one can't be compared with those of the other.
#[test]
fn two_runs_at_different_times_are_no_pair() {
    let shop = Shop::open();
    let (target, folder) = (shop.server.url(), Folder::with_plan(PLAN));
    for file in ["base.json", "candidate.json"] {
        folder.measure(&target, &["--out", file]).expect(0, &["pass: "]);
        thread::sleep(Duration::from_millis(700));
    }
    folder
        .run(&["judge", "candidate.json", "--reference", "base.json"])
        .expect(2, &["base.json: no reference for this run, it began", "loadgate compare"]);
}
