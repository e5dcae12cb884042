//! `loadgate judge` of what k6 itself measured, with the real binary: verdicts, notes and exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/k6").join(name)
}

/// What `loadgate judge` printed in a folder, and its exit code.
fn judge(folder: &Path, file: &Path, more: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_loadgate"))
        .current_dir(folder)
        .args(["judge".as_ref(), file.as_os_str()])
        .args(more)
        .output()
        .expect("the binary runs");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(!text.contains("not-to-be-read"), "what setup() returned is shown: {text}");
    (text, output.status.code())
}

/// A plan with these thresholds on the figures of the recorded run.
fn plan(folder: &Path, thresholds: &str) {
    let plan = format!(
        "version: 1\nname: shop\ntarget: {{ url: http://127.0.0.1:1 }}\nscenarios:\n  browse:\n    executor: per-vu-iterations\n    vus: 1\n    \
         iterations: 1\n    steps:\n      - get: /items\n        name: list items\nthresholds:\n{thresholds}"
    );
    fs::write(folder.join("loadgate.yml"), plan).expect("a plan can be written");
}

#[test]
fn a_summary_is_judged_by_the_thresholds_of_its_script() {
    let folder = TempDir::new().expect("a folder");
    for name in ["data.json", "summary-export.json"] {
        let (text, code) = judge(folder.path(), &fixture(name), &[]);
        assert_eq!(code, Some(1), "{name}: {text}");
        for part in [
            "avg < 1ms",
            "rate < 0.01",
            "judged by the script's own thresholds",
            "does not report its own saturation",
            "k6 takes rate>0.9 on checks{check:nowhere} for met",
        ] {
            assert!(text.contains(part), "{name}: no {part:?} in {text}");
        }
        assert!(!text.contains("measure again"), "k6's run can't be repeated: {text}");
    }
}

#[test]
fn what_a_file_does_not_tell_needs_a_plan() {
    let folder = TempDir::new().expect("a folder");
    for (name, part) in [
        ("stream.json.gz", "thresholds on checks{check:nowhere} and http_req_duration{name:list items}"),
        ("machine-readable.json", "doesn't hold the script's thresholds"),
    ] {
        let (text, code) = judge(folder.path(), &fixture(name), &[]);
        assert!(code == Some(2) && text.contains(part) && text.contains("--plan"), "{name}: {code:?} {text}");
    }
}

#[test]
fn a_plan_judges_every_format() {
    let folder = TempDir::new().expect("a folder");
    let report = folder.path().join("report.json");
    let asked = format!("json={}", report.display());
    for (name, thresholds, code) in [
        ("stream.json.gz", "  http_req_duration{name:list items}: p(99.5)<5000\n", 0),
        ("stream.json.gz", "  http_req_duration{name:list items}: p(99.5)<1\n", 1),
        ("data.json", "  http_req_duration: p(95)<5000\n", 0),
        ("data.json", "  http_req_duration: p(99.9)<5000\n", 1),
        ("summary-export.json", "  http_req_failed: rate<0.5\n", 1),
        ("machine-readable.json", "  http_req_duration: p(95)<5000\n", 0),
        ("machine-readable.json", "  http_req_duration: p(99)<5000\n", 1),
    ] {
        plan(folder.path(), thresholds);
        let (text, found) = judge(folder.path(), &fixture(name), &["--report", &asked]);
        // Requests to a dead port and a name that is none: the stream tells, a summary can't.
        let code = if name == "stream.json.gz" { 1 } else { code };
        assert_eq!(found, Some(code), "{name} {thresholds}: {text}");
        assert!(fs::read_to_string(&report).is_ok_and(|json| json.contains("\"thresholds\"")), "{name}");
    }
    let (text, _) = judge(folder.path(), &fixture("stream.json.gz"), &[]);
    assert!(text.contains("none of 6 requests was answered (connect: 6)"), "{text}");
    let (text, code) = judge(folder.path(), &fixture("data.json"), &["--reference", "other.json"]);
    assert!(code == Some(2) && text.contains("--reference is for measurements of loadgate's own"), "{text}");
}
