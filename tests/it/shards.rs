//! A run that four processes share: together they do exactly what one does, and what is not all of one run is not judged.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use loadgate::measurement::{Measurement, MeasurementFile, Trend};

use crate::gate::{Ended, Folder};
use crate::github::on_pull_request;
use crate::hub::{Hub, TOKEN};
use crate::servers::{Server, answer};

/// All six executors. Of `tickets` there are as many as iterations that want one; `tokens` are made by the setup.
const PLAN: &str = r#"
version: 1
name: shared
data:
  tickets: { csv: tickets.csv, pick: unique }
  seats: { inline: [a, b, c, d, e], pick: by_vu }
setup:
  steps:
    - repeat: { count: 10, parallel: 2 }
      atLeast: 10
      steps:
        - post: /token?index=${index}&id=${uuid()}
          name: token
          collect: { tokens: "body.token" }
teardown:
  steps:
    - repeat: { count: 10 }
      steps: [{ delete: "/token?index=${index}", name: cleanup }]
scenarios:
  each:
    executor: per-vu-iterations
    vus: 6
    iterations: 3
    steps: [{ get: "/each?vu=${vu}&seat=${seats}&dice=${random_int(1, 1000000)}&token=${pick(tokens)}", name: each }]
  pool:
    executor: shared-iterations
    vus: 3
    iterations: 50
    steps: [{ get: "/pool?iteration=${iteration}&ticket=${tickets.id}", name: pool, check: { found: "status == 200" } }]
  single:
    executor: per-vu-iterations
    vus: 1
    iterations: 7
    steps: [{ get: "/single?iteration=${iteration}", name: single }]
  paced:
    executor: constant-arrival-rate
    rate: 40
    duration: 1s
    preAllocatedVUs: 40
    maxVUs: 40
    steps: [{ get: "/paced?iteration=${iteration}", name: paced }]
  rising:
    executor: ramping-arrival-rate
    stages: [{ duration: 1s, target: 40 }]
    preAllocatedVUs: 40
    maxVUs: 40
    steps: [{ get: "/rising?iteration=${iteration}", name: rising }]
  constant:
    executor: constant-vus
    vus: 5
    duration: 600ms
    steps: [{ get: "/constant?vu=${vu}&iteration=${iteration}", name: constant }, { think: 100ms }]
  ramped:
    executor: ramping-vus
    startVUs: 1
    stages: [{ duration: 300ms, target: 6 }, { duration: 300ms, target: 6 }]
    steps: [{ get: "/ramped?vu=${vu}&iteration=${iteration}", name: ramped }, { think: 100ms }]
thresholds:
  http_req_failed: ["rate<0.01"]
  checks: ["rate==1"]
  "http_reqs{name:pool}": ["count==50"]
"#;

/// A server's log: the request lines, and when they came.
type Log = Arc<Mutex<Vec<(Timestamp, String)>>>;

fn logging_server() -> (Server, Log) {
    let log = Log::default();
    let seen = Arc::clone(&log);
    let server = Server::start(move |number, request, stream| {
        let line = (Timestamp::now(), request.line().to_owned());
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        answer(stream, 200, "application/json", &format!("{{\"token\":\"t{number}\"}}"));
    });
    (server, log)
}

fn shared_plan() -> Folder {
    let folder = Folder::with_plan(PLAN);
    let rows: String = (0..50).map(|number| format!("T{number}\n")).collect();
    folder.write("tickets.csv", &format!("id\n{rows}"));
    folder
}

/// A start that leaves a busy machine the time to start its processes.
fn soon() -> Timestamp {
    Timestamp::now() + Duration::from_millis(1500)
}

fn start(folder: &Folder, target: &str, shard: &str, start_at: Timestamp, more: &[&str]) -> Child {
    let at = start_at.to_string();
    let arguments = ["run", "--target", target, "--shard", shard, "--start-at", &at];
    let mut command = folder.command(&[&arguments[..], more].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn end(child: Child) -> Ended {
    Ended::after(child.wait_with_output().expect("it ends"))
}

/// Runs all shards of a plan at once.
fn run_all(folder: &Folder, target: &str, count: u64, start_at: Timestamp) {
    let shards: Vec<Child> =
        (1..=count).map(|number| start(folder, target, &format!("{number}/{count}"), start_at, &[])).collect();
    for (number, shard) in (1..).zip(shards) {
        end(shard).expect(0, &[&format!("shard {number} of {count}: no verdict: merge all shards to judge")]);
    }
}

fn file(number: u64, count: u64) -> String {
    format!("loadgate-shard-{number}-of-{count}.json")
}

fn read(path: PathBuf) -> Measurement {
    MeasurementFile::read(&path).expect("a measurement").candidate
}

/// How often each value of a parameter came, of the requests to a path.
fn values(lines: &[String], path: &str, parameter: &str) -> BTreeMap<String, usize> {
    let mut values = BTreeMap::new();
    for line in lines {
        let Some(query) = line.split_once(&format!(" {path}?")).map(|(_, query)| query) else { continue };
        let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{parameter}=")));
        *values.entry(value.expect("the parameter").to_owned()).or_default() += 1;
    }
    values
}

/// Each of these once.
fn each_once(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    names.map(|name| (name, 1)).collect()
}

fn numbers(range: std::ops::Range<u64>) -> BTreeMap<String, usize> {
    each_once(range.map(|number| number.to_string()))
}

#[test]
fn four_processes_do_exactly_what_one_does() {
    let (server, log) = logging_server();
    let folder = shared_plan();
    let start_at = soon();
    run_all(&folder, &server.url(), 4, start_at);
    let ended = folder.run(&["merge", ".", "--plan", "loadgate.yml", "--out", "merged.json"]);
    ended.expect(0, &["pass: 3 thresholds hold"]);

    let log = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (before, load): (Vec<_>, Vec<_>) = log.into_iter().partition(|(at, _)| *at < start_at);
    let [before, load] = [before, load].map(|part| part.into_iter().map(|(_, line)| line).collect::<Vec<_>>());
    assert_eq!(values(&before, "/token", "index"), numbers(0..10), "the setup's passes");
    assert_eq!(values(&load, "/token", "index"), numbers(0..10), "the teardown's");
    assert_eq!(values(&before, "/token", "id").len(), 10, "no two setups draw the same");
    let vus = values(&load, "/each", "vu");
    assert_eq!(vus, (1..=6).map(|vu: u64| (vu.to_string(), 3)).collect::<BTreeMap<_, _>>());
    let seats = values(&load, "/each", "seat");
    assert_eq!(seats, [("a", 6), ("b", 3), ("c", 3), ("d", 3), ("e", 3)].map(|(seat, n)| (seat.into(), n)).into());
    assert_eq!(values(&load, "/pool", "iteration"), numbers(0..50));
    assert_eq!(values(&load, "/pool", "ticket"), each_once((0..50).map(|number| format!("T{number}"))));
    assert_eq!(values(&load, "/single", "iteration"), numbers(0..7));
    assert_eq!(values(&load, "/paced", "iteration"), numbers(0..40));
    assert_eq!(values(&load, "/rising", "iteration"), numbers(0..20));
    for (path, first, count) in [("/constant", 91, 5), ("/ramped", 96, 6)] {
        let vus: Vec<u64> = values(&load, path, "vu").keys().map(|vu| vu.parse().expect("a number")).collect();
        let mut expected: Vec<u64> = (first..first + count).collect();
        expected.sort_by_key(u64::to_string);
        assert_eq!(vus, expected, "the VUs of {path}, whose numbers go on from those of the scenarios before");
        let repeated: Vec<_> = values(&load, path, "iteration").into_iter().filter(|(_, times)| *times > 1).collect();
        assert_eq!(repeated, [], "iterations of {path} that have one number");
    }

    let merged = read(folder.path("merged.json"));
    let shards: Vec<Measurement> = (1..=4).map(|number| read(folder.path(&file(number, 4)))).collect();
    assert_eq!(merged.seed, start_at.as_second().unsigned_abs(), "what all shards know");
    for (index, label) in merged.layout.requests.iter().enumerate() {
        let row = &merged.judged.requests[index];
        let asked = load.iter().filter(|line| line.contains(&format!(" /{}?", label.name))).count();
        let outside = matches!(&*label.name, "token" | "cleanup");
        assert!(outside || row.attempts == asked as u64, "{}: {} of {asked}", label.name, row.attempts);
        let mut union = Trend::default();
        shards.iter().for_each(|shard| union.merge(&shard.judged.requests[index].duration));
        assert_eq!(row.duration, union, "{}", label.name);
        assert_eq!(row.duration.count(), row.attempts, "{}", label.name);
    }

    // One process, for comparison.
    let (server, log) = logging_server();
    let seed = merged.seed.to_string();
    folder.measure(&server.url(), &["--seed", &seed, "--out", "whole.json"]).expect(0, &["pass: "]);
    let whole = read(folder.path("whole.json"));
    let fixed = ["each", "pool", "single", "paced", "rising"];
    for (index, label) in whole.layout.scenarios.iter().enumerate().filter(|(_, label)| fixed.contains(&&*label.name)) {
        let counts = [&merged, &whole].map(|run| {
            let row = &run.judged.scenarios[index];
            (row.iterations, row.interrupted, row.dropped)
        });
        assert_eq!(counts[0], counts[1], "{}", label.name);
    }
    assert_eq!(merged.judged.checks, whole.judged.checks);
    // Without its trial, which draws numbers of its own.
    let log = log.lock().unwrap_or_else(PoisonError::into_inner);
    let lines: Vec<String> =
        log.iter().filter(|(at, _)| *at >= whole.started_at).map(|(_, line)| line.clone()).collect();
    let dice = |lines: &[String]| values(lines, "/each", "dice").into_keys().collect::<Vec<_>>();
    assert_eq!(dice(&load), dice(&lines), "a virtual user draws the same numbers wherever it runs");
}

const QUICK: &str = "\
version: 1
name: quick
scenarios:
  load: { executor: constant-vus, vus: 8, duration: 300ms, steps: [{ get: /thing }, { think: 20ms }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";

#[test]
fn what_is_not_all_of_one_run_is_refused_or_named() {
    let server = Server::answering(200, "{}");
    let target = server.url();
    let folder = Folder::with_plan(QUICK);
    folder.write("changed.yml", &QUICK.replace("/thing", "/other"));
    folder.write("judged.yml", &QUICK.replace("0.01", "0.5"));
    let start_at = soon();
    let other = |name: &str, shard: &str, more: &[&str]| {
        let arguments = [&["--out", name], more].concat();
        start(&folder, &target, shard, start_at, &arguments)
    };
    let others = [
        other("plan.json", "2/4", &["changed.yml"]),
        other("seed.json", "2/4", &["--seed", "8"]),
        other("count.json", "2/5", &[]),
        other("scale.json", "2/4", &["--scale-time", "0.5"]),
        other("judged.json", "2/4", &["judged.yml"]),
    ];
    run_all(&folder, &target, 4, start_at);
    for child in others {
        end(child).expect(0, &["merge all shards to judge"]);
    }
    folder.measure(&target, &["--out", "whole.json"]).expect(0, &["pass"]);

    let [one, two, three, four] = [1, 2, 3, 4].map(|number| file(number, 4));
    let merge =
        |files: &[&str]| folder.run(&[&["merge", "--plan", "loadgate.yml", "--out", "merged.json"], files].concat());
    merge(&[&four, &two, &three, &one]).expect(0, &["pass: 1 threshold holds"]);
    merge(&[&one, "judged.json", &three, &four]).expect(0, &["pass: "]);
    std::fs::remove_file(folder.path("merged.json")).expect("it was written");
    for (other, problem) in [
        ("plan.json", "its version of the plan, of its data or of its scale is "),
        ("seed.json", "its seed is 8, not "),
        ("count.json", "its number of shards is 5, not 4"),
        ("scale.json", "its version of the plan, of its data or of its scale is "),
        ("whole.json", "it is a run of one process, no shard"),
        (&*one, "shard 1 of 4 is there already"),
    ] {
        merge(&[&one, other, &three, &four]).expect(2, &["nothing was merged", &format!("{other}: "), problem]);
        assert!(!folder.path("merged.json").exists(), "{other}");
    }
    merge(&[&one, &two, "no.json"]).expect(4, &["no.json: can't read"]);

    merge(&[&one, &four]).expect(3, &["not measured: shards 2 and 3 of 4 are missing"]);
    folder.run(&["merge", &one, &three, &four, "--out", "three.json"]).expect(3, &["shard 2 of 4 is missing"]);
    merge(&["three.json", &two]).expect(0, &["pass: "]);
    folder.run(&["judge", &two]).expect(3, &["not measured: shards 1, 3 and 4 of 4 are missing"]);

    let ahead = Duration::try_from((start_at + Duration::from_millis(1100)).duration_since(Timestamp::now()));
    thread::sleep(ahead.unwrap_or_default());
    let before = server.requests();
    let late = end(start(&folder, &target, "3/4", start_at, &["--out", "late.json"]));
    late.expect(3, &["shard 3 of 4: not measured: it was ", "late: it sends no load"]);
    assert_eq!(server.requests(), before, "nothing was sent");
    merge(&[&one, &two, "late.json", &four]).expect(3, &["not measured: shard 3 of 4 was ", "a later --start-at"]);
    folder.run(&["merge", "late.json", &one, &two, &four]).expect(3, &["shard 3 of 4 was "]);
}

#[test]
fn a_shard_is_aborted_by_shares_alone_and_is_named() {
    let server = Server::start(|_, request, stream| {
        let vu: u64 = request.line().rsplit('=').next().and_then(|vu| vu.parse().ok()).expect("a virtual user");
        // Odd virtual users are the first shard's; its trial must succeed.
        let failing = vu % 2 == 1 && request.line().contains("load");
        answer(stream, if failing { 500 } else { 200 }, "application/json", "{}");
    });
    let folder = Folder::with_plan(
        r#"
version: 1
name: aborted
scenarios:
  load:
    executor: constant-vus
    vus: 4
    duration: 1600ms
    steps: [{ get: "/${'trial' if iteration < 2 else 'load'}?vu=${vu}", name: thing }, { think: 20ms }]
thresholds:
  http_reqs: [{ threshold: "count<1", abortOnFail: true }, { threshold: "rate>100000", abortOnFail: true }]
  http_req_failed: [{ threshold: "rate<0.8", abortOnFail: true }]
"#,
    );
    let start_at = soon();
    let shards = ["1/2", "2/2"].map(|shard| start(&folder, &server.url(), shard, start_at, &["--report=text=-"]));
    let [first, second] = shards.map(end);
    first.expect(
        0,
        &["shard 1 of 2: no verdict, ended early by http_req_failed: rate<0.8", "not measured: shard 2 of 2"],
    );
    second.expect(0, &["shard 2 of 2: no verdict: merge all shards to judge"]);
    let names = [file(1, 2), file(2, 2)];
    let merged = folder.run(&["merge", &names[0], &names[1], "--plan", "loadgate.yml"]);
    merged.expect(1, &["fail: ", "shard 1 was ended early by http_req_failed: rate<0.8; the other shards went on"]);
}

#[test]
fn a_start_that_can_t_be_meant_is_refused_before_anything_is_sent() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(QUICK);
    let (now, target) = (Timestamp::now(), server.url());
    let hours = now + Duration::from_secs(2 * 3600);
    end(start(&folder, &target, "1/2", hours, &[])).expect(2, &["is more than an hour ahead"]);
    let milliseconds = now.as_millisecond().to_string();
    let run = |more: &[&str]| folder.run(&[&["run", "--target", &target], more].concat());
    run(&["--shard", "1/2", "--start-at", &milliseconds]).expect(2, &["seconds since 1970"]);
    run(&["--shard", "1/2"]).expect(2, &["--start-at"]);
    run(&["--start-at", "1790000000"]).expect(2, &["--shard"]);
    run(&["--shard", "20001/20001", "--start-at", "1790000000"]).expect(2, &["at most 10000 shards"]);
    let always = ["--shard", "1/2", "--start-at", "1790000000", "--comment", "always"];
    run(&always).expect(2, &["a shard has no verdict to comment on", "loadgate merge"]);
    folder.run(&["merge", "tmp"]).expect(2, &["tmp holds no .json file"]);
    folder.run(&["merge", "x.json", "--comment", "always"]).expect(2, &["--plan"]);
    assert_eq!(server.requests(), 0);
}

/// It takes three seconds at least to settle.
#[test]
fn a_warm_up_makes_no_shard_late() {
    let server = Server::answering(200, "{}");
    let gate = "gate: { warmup: { max: 60s }, guards: { cpu: 100%, loopLag: 1m, dropped: 50% } }";
    let folder = Folder::with_plan(&format!("{QUICK}{gate}\n"));
    let ended = end(start(&folder, &server.url(), "1/1", soon(), &[]));
    ended.expect(0, &["warm-up, at most ", "had not settled", "shard 1 of 1: no verdict"]);
    folder.run(&["merge", &file(1, 1), "--plan", "loadgate.yml"]).expect(0, &["pass: "]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_shard_that_waits_can_be_interrupted() {
    use std::io::{BufRead, BufReader};

    use rustix::process::{Pid, Signal, kill_process};

    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(QUICK);
    let mut child = start(&folder, &server.url(), "1/1", Timestamp::now() + Duration::from_secs(600), &[]);
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("ready; the load begins at ")), "it waits");
    kill_process(Pid::from_child(&child), Signal::TERM).expect("a signal to a child of ours");
    end(child).expect(130, &["shard 1 of 1: interrupted: no verdict"]);
    assert_eq!(server.requests(), 1, "the trial alone");
    let merged = folder.run(&["merge", &file(1, 1)]);
    merged.expect(3, &["not measured: shard 1 of 1 was interrupted; run all shards again"]);
}

/// The shards' jobs tell where their files are; the last job comments, and a nightly one keeps the history.
#[test]
fn the_job_that_merges_comments_and_refreshes() {
    let (server, hub) = (Server::answering(200, "{}"), Hub::start());
    let folder = Folder::with_plan(QUICK);
    let start_at = soon().to_string();
    let shards = ["index:0/2", "index:1/2"].map(|shard| {
        let arguments = ["run", "--target", &server.url(), "--shard", shard, "--start-at", &start_at];
        let mut command = folder.command(&arguments);
        on_pull_request(&mut command, &folder, &hub.url(), TOKEN);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
    });
    for child in shards {
        end(child).expect(0, &["no verdict"]);
    }
    assert_eq!(hub.comments(), Vec::<String>::new());
    assert!(!folder.path("summary.md").exists(), "a shard has no verdict to tell");
    assert!(folder.read("output").contains("loadgate-shard-1-of-2.json"), "{}", folder.read("output"));

    let merge = |files: &[&str], more: &[&str]| {
        let mut command = folder.command(&[&["merge", "--plan", "loadgate.yml"], files, more].concat());
        on_pull_request(&mut command, &folder, &hub.url(), TOKEN);
        Ended::of(command)
    };
    let (one, two) = (file(1, 2), file(2, 2));
    merge(&[&one], &[]).expect(3, &["not measured: shard 2 of 2 is missing", "comments/0"]);
    assert!(hub.comments()[0].contains("shard 2 of 2 is missing"), "{}", hub.comments()[0]);
    merge(&[&one, &two], &[]).expect(0, &["comment updated"]);
    assert!(hub.comments()[0].contains("pass"), "{}", hub.comments()[0]);
    merge(&[&one, &two], &["--refresh"]).expect(0, &["stored as pass"]);
    assert_eq!((folder.files("baselines").len(), hub.comments().len()), (1, 1));
}
