//! A baseline's folder as people meet it: steps to accept, and everything that can be wrong with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use loadgate::baseline::Store;
use loadgate::measurement::{BaselineStatus, Measurement, MeasurementFile, Trend};
use serde_json::Value;

use crate::gate::{Ended, Folder};
use crate::servers::{Server, answer};

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: per-vu-iterations, vus: 5, iterations: 10, steps: [{ get: /products, name: products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
gate: { guards: { cpu: 100%, loopLag: 1m }, baseline: { min: 5, window: 20 }, regression: { metrics: [p50] } }
";

/// Slow enough for its load to be none for this machine.
fn shop() -> Server {
    Server::start(|_, _, stream| {
        thread::sleep(Duration::from_millis(10));
        answer(stream, 200, "application/json", "{}");
    })
}

/// A folder with a plan and a run of it, whose median is said to be 20 ms.
fn measured() -> (Folder, Measurement) {
    let folder = Folder::with_plan(PLAN);
    let server = shop();
    folder.measure(&server.url(), &[]).expect(0, &["no baseline: 0 of 5 runs"]);
    let run = MeasurementFile::read(&folder.path("loadgate-measurement.json")).expect("a measurement").candidate;
    let run = with_latency(&run, 20.0);
    write_candidate(&folder, &run);
    (folder, run)
}

fn write_candidate(folder: &Folder, run: &Measurement) {
    MeasurementFile::new(run.clone())
        .write(&folder.path("loadgate-measurement.json"))
        .expect("a measurement is written");
}

/// The run, as if all its requests had taken so many milliseconds.
fn with_latency(run: &Measurement, latency: f64) -> Measurement {
    let mut run = run.clone();
    let mut trend = Trend::default();
    (0..50).for_each(|_| trend.record(Duration::from_secs_f64(latency / 1000.0)));
    run.judged.requests.iter_mut().for_each(|request| request.comparable = trend.clone());
    run
}

/// Keeps a run as that of a night before today.
fn keep(folder: &Folder, run: &Measurement, nights_ago: i64, status: BaselineStatus, latency: f64) -> PathBuf {
    let mut run = with_latency(run, latency);
    run.started_at = Timestamp::now() - SignedDuration::from_hours(24 * nights_ago);
    run.commit = Some(format!("{:07}ffff", 1_000_000 + nights_ago));
    Store::open(&folder.path("baselines"), "shop").append(&run, status, "fail: products p50").expect("a stored run")
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn wobble(night: i64) -> f64 {
    1.0 + 0.01 * [0.3, -1.1, 0.8, 1.6, -0.4, -1.5, 0.1][night as usize % 7]
}

fn judge(folder: &Folder) -> Ended {
    folder.run(&["judge", "loadgate-measurement.json"])
}

fn show(folder: &Folder) -> Ended {
    folder.run(&["baseline", "show"])
}

/// Twelve quiet nights, then a step that comes with a suspect.
fn stepped() -> (Folder, Vec<PathBuf>) {
    let (folder, run) = measured();
    let mut files: Vec<PathBuf> =
        (6..18).rev().map(|night| keep(&folder, &run, night, BaselineStatus::Pass, 20.0 * wobble(night))).collect();
    files.push(keep(&folder, &run, 5, BaselineStatus::Suspect, 26.0));
    let slow = (0..5).rev().map(|night| keep(&folder, &run, night, BaselineStatus::TooNoisy, 26.0 * wobble(night)));
    files.extend(slow);
    write_candidate(&folder, &with_latency(&run, 26.0));
    (folder, files)
}

#[test]
fn a_step_waits_until_somebody_accepts_it() {
    let (folder, files) = stepped();
    let suspect = name(&files[12]);
    judge(&folder).expect(1, &["fail: products p50", "compared with 12 of 5 runs"]);
    let told = ["products p50 +30.", "since this run", "the window waits, and holds the 12 runs before it", &suspect];
    show(&folder).expect(0, &[&told[..], &["waits for `loadgate baseline accept`", "step +30."]].concat());

    let before: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).expect("a run")).collect();
    let accepted = folder.run(&["baseline", "accept", "--why", "we encrypt seats", "--by", "Ann"]);
    accepted.expect(
        0,
        &[
            "accepted by Ann: we encrypt seats",
            "holds 6 runs; a comparison can block",
            "12 runs before it no longer count",
            &suspect,
            "commit it",
        ],
    );
    for (file, before) in files.iter().zip(&before) {
        assert_eq!(fs::read(file).expect("a run") != *before, *file == files[12], "{}", file.display());
    }
    judge(&folder).expect(0, &["pass: ", "compared with 6 of 5 runs"]);
    let shown = show(&folder);
    shown.expect(0, &["accepted by Ann on ", ": we encrypt seats", "no: before the accepted run"]);
    assert!(!shown.stderr.contains("warning"), "{}", shown.stderr);

    let again = ["baseline", "accept", "--why", "again", "--by", "Bob", "--run", &suspect];
    folder.run(&again).expect(4, &[&suspect, "Ann has accepted it already: we encrypt seats"]);
    folder
        .run(&["baseline", "accept", "--why", "again", "--by", "Bob"])
        .expect(2, &["nothing waits to be accepted", "--run FILE"]);
}

#[test]
fn an_accept_that_cannot_be_is_refused_and_changes_nothing() {
    let (folder, files) = stepped();
    let before = folder.files("baselines").iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>();
    let table: &[(&[&str], &str)] = &[
        (&["--why", " "], "it must not be empty"),
        (&[], "--why"),
        (&["--why", "x", "--by", "Ann", "--run", "nothing.json"], "neither the file nor the commit of a stored run"),
        (&["--why", "x", "--by", "Ann", "--run", "10000"], "fits several runs; give the file of one of them"),
        // Neither git nor the environment knows a name.
        (&["--why", "x"], "name yourself with --by"),
        (&["--why", "x", "--by", "Ann", "nowhere.yml"], "there is no plan nowhere.yml"),
    ];
    for (arguments, expected) in table {
        folder.run(&[&["baseline", "accept"], *arguments].concat()).expect(2, &[expected]);
    }
    let after = folder.files("baselines").iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>();
    assert!(before == after, "a refused accept has changed a file");

    let commit = format!("{:07}", 1_000_008);
    let mut command = folder.command(&["baseline", "accept", "--why", "x", "--run", &commit]);
    command.env("GITHUB_ACTOR", "octo").env("USER", "runner");
    Ended::of(command).expect(0, &["accepted by octo: x", &name(&files[9]), "9 runs before it no longer count"]);
    let older = ["baseline", "accept", "--why", "x", "--by", "Ann", "--run", &name(&files[3])];
    folder.run(&older).expect(2, &["the window starts later already"]);
}

#[test]
fn a_run_that_never_counts_cannot_be_accepted() {
    let (folder, run) = measured();
    let file = keep(&folder, &run, 1, BaselineStatus::ThresholdsFailed, 20.0);
    let accept = ["baseline", "accept", "--why", "x", "--by", "Ann", "--run", &name(&file)];
    folder.run(&accept).expect(2, &["stored as thresholds failed and never counts"]);
}

#[test]
fn the_history_is_shown_as_json() {
    let (folder, files) = stepped();
    let shown = folder.run(&["baseline", "show", "--json"]);
    let document: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(document["schema_version"], 1);
    let contract = &document["contracts"][0];
    let ends_with = |value: &Value, file: &Path| value.as_str().is_some_and(|text| text.ends_with(&name(file)));
    assert!(ends_with(&contract["waits_for"], &files[12]), "{contract:#}");
    assert_eq!(contract["runs"].as_array().map(Vec::len), Some(18));
    assert_eq!(
        (&contract["runs"][0]["counts"], &contract["runs"][12]["status"]),
        (&"counts".into(), &"suspect".into())
    );
    let p50 = &contract["series"][0];
    assert_eq!((&p50["request"], &p50["figure"]), (&"products".into(), &"p50".into()));
    assert!(ends_with(&p50["steps"][0]["file"], &files[12]) && p50["points"].as_array().map(Vec::len) == Some(18));
    assert_eq!(document["findings"][0]["kind"], "waits");
}

/// What is wrong with the folder, how the run is judged, and what `show` says.
type Row = (&'static str, fn(&Folder, &Measurement), i32, &'static [&'static str], &'static [&'static str]);

fn nights(folder: &Folder, run: &Measurement, count: i64, latency: fn(i64) -> f64) {
    (1..=count).for_each(|night| drop(keep(folder, run, night, BaselineStatus::Pass, latency(night))));
}

#[test]
fn a_poor_baseline_never_gives_a_silent_pass() {
    let table: &[Row] = &[
        ("none", |_, _| {}, 0, &["no baseline: 0 of 5 runs"], &["no runs in baselines/shop"]),
        (
            "one run",
            |f, r| nights(f, r, 1, |_| 20.0),
            0,
            &["no baseline: 1 of 5 runs"],
            &["1 in the window; a comparison can block from 5 on"],
        ),
        ("all zeros", |f, r| nights(f, r, 8, |_| 0.0), 1, &["fail: products p50"], &["8 in the window", "0s"]),
        ("all equal, and faster", |f, r| nights(f, r, 8, |_| 15.0), 1, &["fail: products p50"], &["15ms"]),
        (
            "mixed contracts",
            |f, r| {
                nights(f, r, 3, |_| 20.0);
                let mut other = r.clone();
                other.contract.load = "another".into();
                (4..12).for_each(|night| drop(keep(f, &other, night, BaselineStatus::Pass, 20.0)));
            },
            0,
            &["no baseline: 3 of 5 runs"],
            &["3 runs: 3 in the window", "8 runs: 8 in the window"],
        ),
        (
            "other contracts alone",
            |f, r| {
                let mut other = r.clone();
                other.contract.load = "another".into();
                (4..12).for_each(|night| drop(keep(f, &other, night, BaselineStatus::Pass, 20.0)));
            },
            0,
            &["no comparable baseline: 8 runs differ by the load"],
            &["8 in the window"],
        ),
        (
            "runs of the future",
            |f, r| (1..8).for_each(|night| drop(keep(f, r, -night, BaselineStatus::Pass, 20.0))),
            0,
            &["no baseline: 0 of 5 runs"],
            &["yet to come; it does not count", "no: it began in the future"],
        ),
        (
            "one run, stored seven times",
            |f, r| {
                let file = keep(f, r, 1, BaselineStatus::Pass, 20.0);
                (0..6).for_each(|n| assert!(fs::copy(&file, file.with_file_name(format!("copy{n}.json"))).is_ok()));
            },
            0,
            &["no baseline: 1 of 5 runs"],
            &["the same run as", "it counts once", "1 in the window"],
        ),
        (
            "a damaged file among good ones",
            |f, r| {
                nights(f, r, 8, |_| 15.0);
                f.write("baselines/shop/torn.json", "{\"schema_version\":1,\"cand");
                f.write("baselines/shop/strange.json", "[]");
            },
            1,
            &["fail: products p50", "left out of the baseline", "torn.json", "strange.json"],
            &["warning: baselines/shop/torn.json: no measurement", "strange.json", "8 in the window"],
        ),
        (
            "only damaged files",
            |f, _| f.write("baselines/shop/torn.json", "{"),
            0,
            &["no baseline: 0 of 5 runs", "torn.json"],
            &["torn.json", "no runs in"],
        ),
    ];
    let (_, run) = measured();
    for (what, spoil, code, judged, shown) in table {
        let folder = Folder::with_plan(PLAN);
        write_candidate(&folder, &run);
        spoil(&folder, &run);
        println!("{what}");
        judge(&folder).expect(*code, judged);
        show(&folder).expect(0, shown);
    }
}

/// The clock of a runner goes wrong after a run was accepted: the run that it measures is older, and that is said.
#[test]
fn a_run_from_before_the_accepted_one_is_named() {
    let (folder, _) = stepped();
    folder.run(&["baseline", "accept", "--why", "x", "--by", "Ann"]).expect(0, &["accepted by Ann"]);
    let server = shop();
    let start = (Timestamp::now() + SignedDuration::from_millis(1500)).to_string();
    folder.measure(&server.url(), &["--shard", "1/1", "--start-at", &start, "--out", "shard.json"]).expect(0, &[]);
    let mut shard = MeasurementFile::read(&folder.path("shard.json")).expect("a shard");
    shard.candidate.started_at -= SignedDuration::from_hours(24 * 100);
    shard.write(&folder.path("shard.json")).expect("a shard is written");
    let merged = folder.run(&["merge", "shard.json", "--plan", "loadgate.yml", "--refresh"]);
    assert!(merged.stderr.contains("before the run that was accepted last, and does not count"), "{}", merged.all());
}
