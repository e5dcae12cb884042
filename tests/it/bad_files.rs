//! Files that are damaged, of another version, or have no place: named with their cure, and nothing measured is lost.

use std::fs;
use std::process::Stdio;

use crate::gate::{Ended, Folder};
use crate::servers::Server;

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse:
    executor: constant-vus
    vus: 4
    duration: 300ms
    steps: [{ get: /products }]
thresholds:
  http_req_failed: [\"rate<0.01\"]
";

#[test]
fn a_damaged_measurement_is_refused_with_place_and_cure() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    folder.measure(&server.url(), &["--out", "run.json"]).expect(0, &[]);
    let whole = folder.read("run.json");
    let histogram = whole.find("HISTFAAA").expect("a histogram");
    let cases: &[(&str, String, &[&str])] = &[
        ("empty.json", String::new(), &["line 1 column 0", "measure again"]),
        ("text.json", "hello".into(), &["line 1 column 1", "measure again"]),
        ("cut.json", whole[..whole.len() / 2].into(), &["line 1 column", "measure again"]),
        (
            "histogram.json",
            format!("{}AAAA{}", &whole[..histogram + 4], &whole[histogram + 8..]),
            &["candidate.judged.requests[0]", "histogram", "measure again"],
        ),
        ("count.json", whole.replacen("\"attempts\":", "\"attempts\":-", 1), &["line 1 column", "measure again"]),
        ("key.json", whole.replacen("\"seed\":", "\"sed\":", 1), &["sed", "measure again"]),
        (
            "version.json",
            whole.replacen("\"schema_version\":1", "\"schema_version\":9", 1),
            &["schema version 9", "reads version 1", "measure again"],
        ),
    ];
    for (name, content, texts) in cases {
        folder.write(name, content);
        folder.run(&["judge", name]).expect(4, &[&[*name], *texts].concat());
    }
    let missing = folder.run(&["judge", "missing.json"]);
    missing.expect(4, &["missing.json", "No such file", "check the path"]);
    assert_eq!(missing.stderr.matches("No such file").count(), 1, "said once: {}", missing.stderr);
    folder.run(&["judge", "."]).expect(4, &["give a file, not a folder"]);
}

#[test]
fn baseline_files_that_cant_be_read_are_left_out_by_name_and_the_run_is_judged() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    folder.write("baselines/shop/old.json", "{\"schema_version\":0,\"runs\":[]}");
    folder.write("baselines/shop/torn.json", "{\"schema_version\":1,\"candi");
    let ended = folder.measure(&server.url(), &["--out", "run.json"]);
    ended.expect(0, &["pass: ", "old.json: schema version 0", "torn.json", "left out of the baseline"]);
    folder.run(&["baseline", "show"]).expect(0, &["old.json: schema version 0", "loadgate baseline refresh"]);
    fs::copy(folder.path("run.json"), folder.path("baselines/shop/run.json")).expect("a copy");
    folder.run(&["judge", "run.json"]).expect(0, &["run.json: a run's output", "only `loadgate baseline refresh`"]);
}

#[test]
fn a_baseline_folder_that_is_none_is_named_and_thresholds_decide() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    folder.write("baselines", "a file");
    folder.measure(&server.url(), &[]).expect(0, &["pass: 1 threshold holds", "can't read the baseline"]);
}

/// The measurement goes to the folder for temporary files instead; the verdict and its exit code stand.
#[cfg(unix)]
#[test]
fn a_measurement_without_a_place_is_kept_elsewhere() {
    let cases: &[(&str, &[&str])] = &[
        ("missing/run.json", &["No such file", "the folder must exist"]),
        ("loadgate.yml/run.json", &["Not a directory", "is a file, not a folder"]),
        (".", &["give a file, not a folder"]),
        #[cfg(target_os = "linux")]
        ("/dev/full", &["No space left on device", "free some space"]),
        #[cfg(target_os = "linux")]
        ("/proc/run.json", &["/proc/run.json: can't write this measurement"]),
    ];
    let server = Server::answering(200, "{}");
    for (out, texts) in cases {
        let folder = Folder::with_plan(PLAN);
        let ended = folder.measure(&server.url(), &["--out", out]);
        ended.expect(0, &[&["warning: ", *out, "the measurement is in "], *texts].concat());
        let mut kept = folder.files("tmp").into_iter().map(|path| path.display().to_string());
        let kept = kept.rfind(|path| ended.stderr.contains(path)).expect("a measurement that is named");
        folder.run(&["judge", &kept]).expect(0, &["pass: "]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_into_and_never_replaced() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    folder.measure(&server.url(), &["--out", "/dev/null"]).expect(0, &[]);
    folder.measure(&server.url(), &["--out", "/dev/full"]).expect(0, &[]);
    for device in ["/dev/null", "/dev/full"] {
        assert!(!fs::metadata(device).expect("a device").is_file(), "{device} is no device any more");
    }
    let piped = folder.measure(&server.url(), &["--out", "/dev/stdout"]);
    piped.expect(0, &["{\"schema_version\":1"]);
}

#[cfg(unix)]
#[test]
fn with_no_place_at_all_the_verdict_still_comes() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let target = server.url();
    let mut command = folder.command(&["run", "--target", &target, "--out", "missing/run.json"]);
    command.env("TMPDIR", "/nowhere");
    Ended::of(command).expect(0, &["pass: ", "missing/run.json", "/nowhere", "the measurement is not kept"]);
}

/// The other reports and the measurement are there, and the command that writes the missing one.
#[cfg(target_os = "linux")]
#[test]
fn a_report_without_a_place_is_an_error_that_costs_nothing_else() {
    let server = Server::answering(200, "{}");
    for (place, problem) in [("/dev/full", "No space left"), ("missing/r.json", "No such file"), (".", "directory")] {
        let folder = Folder::with_plan(PLAN);
        let (json, markdown) = (format!("json={place}"), "markdown=report.md");
        let ended =
            folder.measure(&server.url(), &["--report", &json, "--report", markdown, "--report", "junit=r.xml"]);
        let cure = "`loadgate judge loadgate-measurement.json --report json=PATH`";
        ended.expect(4, &["pass: ", "the json report can't be written to", place, problem, cure]);
        assert_eq!(ended.stderr.matches(problem).count(), 1, "said once: {}", ended.stderr);
        assert!(folder.read("report.md").contains("pass"));
        assert!(folder.read("r.xml").contains("<testsuites"));
        folder.run(&["judge", "loadgate-measurement.json", "--report", "json=r.json"]).expect(0, &[]);
        assert!(folder.read("r.json").contains("schema_version"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_and_a_closed_one_is_not() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let target = server.url();
    let run = || folder.command(&["run", "--target", &target]);
    let mut full = run();
    full.stdout(fs::File::options().write(true).open("/dev/full").expect("a full device"));
    Ended::of(full).expect(4, &["the summary can't be written", "No space left on device"]);
    let mut closed = run().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    drop(closed.stdout.take());
    let closed = Ended::after(closed.wait_with_output().expect("it ends"));
    // 3 if the machine was too busy for a verdict.
    assert!(matches!(closed.code, Some(0 | 3)) && !closed.stderr.contains("can't"), "{}", closed.all());
}

/// An unfinished refresh is no entry: a baseline that can't be written is an error after the verdict.
#[test]
fn a_baseline_that_cant_be_written_is_an_error() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    folder.write("taken", "a file");
    let ended = folder.run(&["baseline", "refresh", "--target", &server.url(), "--baseline", "taken"]);
    ended.expect(4, &["taken", "can't write the baseline", "check the folder"]);
    assert!(folder.read("loadgate-measurement.json").contains("schema_version"), "the measurement is kept");
}
