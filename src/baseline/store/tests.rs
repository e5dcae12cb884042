use std::time::Duration;

use crate::measurement::Evidence;
use crate::measurement::simulated::{Simulated, SimulatedRequest};

use super::*;
use crate::baseline::Figure;

fn run(seed: u64) -> Measurement {
    let request = SimulatedRequest { count: 50, ..SimulatedRequest::new("reserve", 10.0) };
    let mut run = Simulated { seed, ..Simulated::new(vec![request]) }.measure();
    run.started_at += Duration::from_secs(3600 * seed);
    run
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "concert");
    (folder, store)
}

fn names(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn names_of_plans_stay_in_the_folder() {
    let table = [
        ("concert-reservation", "concert-reservation"),
        ("../../etc", "-..-etc-"),
        ("/etc/passwd", "etc-passwd-"),
        ("..", ""),
        ("", ""),
        ("예약", "-"),
        ("a\\b:c", "a-b-c-"),
    ];
    for (plan, start) in table {
        let name = folder_name(plan);
        let folder = Path::new("baselines").join(&name);
        assert_eq!(folder.components().count(), 2, "{plan}: {name}");
        assert!(!name.is_empty() && name != ".." && name != ".", "{plan}: {name}");
        assert!(name.starts_with(start.trim_start_matches('-')), "{plan}: {name}");
    }
    assert_ne!(folder_name("a/b"), folder_name("a:b"));
    assert!(folder_name(&"x".repeat(500)).len() < 100);
}

#[test]
fn a_stored_run_is_read_back_slim() {
    let (_folder, store) = store();
    assert!(store.runs().unwrap().entries.is_empty());
    let mut run = run(1);
    run.evidence.push(Evidence {
        request: "reserve".into(),
        class: "500".into(),
        method: "GET".into(),
        url: "http://127.0.0.1/".into(),
        request_headers: vec![],
        request_body: None,
        status: None,
        response_headers: vec![],
        response_body: None,
        message: String::new(),
        at_ms: 0,
    });
    let path = store.append(&run, BaselineStatus::TooNoisy, "too noisy: …").unwrap();
    assert_eq!(names(&[path]), ["2026-11-18T12-06-40Z-0123456.json"]);
    let runs = store.runs().unwrap();
    let entry = &runs.entries[0];
    assert_eq!((entry.status, entry.reason.as_str()), (BaselineStatus::TooNoisy, "too noisy: …"));
    assert_eq!(entry.measurement.judged.requests[0].comparable, run.judged.requests[0].comparable);
    assert!(entry.measurement.judged.requests[0].blocks.is_empty() && entry.measurement.evidence.is_empty());
    assert_eq!(entry.measurement.unjudged.requests[0].attempts, 0);
    let life = &runs.lives()[0];
    let p50 = life.series.iter().find(|series| series.figure == Figure::P50).unwrap();
    assert_eq!(p50.points, [(0, run.judged.requests[0].comparable.quantile(0.5).unwrap())]);
}

#[test]
fn damaged_files_are_named_and_cost_nothing_else() {
    let (_folder, store) = store();
    store.append(&run(1), BaselineStatus::Pass, "pass").unwrap();
    store.append(&run(2), BaselineStatus::Pass, "pass").unwrap();
    let write = |name: &str, content: &[u8]| fs::write(store.folder().join(name), content).unwrap();
    write("cut.json", b"{\"schema_version\":1,\"cand");
    write("old.json", b"{\"schema_version\":0}");
    write("run.json", &MeasurementFile::new(run(3)).to_json().unwrap());
    write("notes.txt", b"not a run");
    write(".loadgate-x7.tmp", b"{");
    let runs = store.runs().unwrap();
    assert_eq!(runs.entries.len(), 2);
    let reasons: Vec<&str> = runs.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    assert_eq!(reasons.len(), 3);
    assert!(reasons[0].contains("cut.json: no measurement, or a damaged one"), "{}", reasons[0]);
    assert!(reasons[1].contains("old.json: schema version 0"), "{}", reasons[1]);
    assert!(reasons[2].contains("run.json: a run's output, not an entry of a baseline"), "{}", reasons[2]);
}

#[test]
fn concurrent_appends_lose_nothing() {
    let (_folder, store) = store();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..4).for_each(|_| drop(store.append(&run(1), BaselineStatus::Pass, "pass").unwrap())));
        }
    });
    assert_eq!(store.runs().unwrap().entries.len(), 32);
    assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 32, "temporary files are left");
}

#[test]
fn accepting_a_run_changes_nothing_else_in_its_file() {
    let (_folder, store) = store();
    let path = store.append(&run(1), BaselineStatus::Suspect, "fail: …").unwrap();
    let before = fs::read_to_string(&path).unwrap();
    let acceptance = Acceptance { by: "Ann".into(), why: "we encrypt".into(), at: Timestamp::UNIX_EPOCH };
    store.accept(&path, &acceptance).unwrap();
    let after = fs::read_to_string(&path).unwrap();
    let added = r#","accepted":{"by":"Ann","why":"we encrypt","at":"1970-01-01T00:00:00Z"}"#;
    assert_eq!(after.replace(added, ""), before);
    assert_ne!(after, before);
    assert_eq!(store.runs().unwrap().entries[0].accepted, Some(acceptance.clone()));
    let again = store.accept(&path, &acceptance).unwrap_err().to_string();
    assert!(again.ends_with(".json: Ann has accepted it already: we encrypt"), "{again}");
    let gone = store.accept(&store.folder().join("gone.json"), &acceptance).unwrap_err().to_string();
    assert!(gone.contains("gone.json: can't read this measurement"), "{gone}");
}

/// Who accepts, who adds runs and who prunes at the same time lose nothing of each other.
#[test]
fn an_accept_beside_refreshes_and_a_prune_loses_nothing() {
    let (_folder, store) = store();
    let stored: Vec<PathBuf> =
        (0..6).map(|seed| store.append(&run(seed), BaselineStatus::Pass, "pass").unwrap()).collect();
    let acceptance = Acceptance { by: "Ann".into(), why: "w".into(), at: Timestamp::UNIX_EPOCH };
    let (store, acceptance) = (&store, &acceptance);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..8).for_each(|seed| drop(store.append(&run(100 + seed), BaselineStatus::Pass, "").unwrap())));
        scope.spawn(|| (0..4).for_each(|_| drop(store.prune(60, 5).unwrap())));
        for path in &stored {
            scope.spawn(move || store.accept(path, acceptance).unwrap());
        }
    });
    let runs = store.runs().unwrap();
    assert_eq!((runs.entries.len(), runs.skipped.len()), (14, 0));
    assert_eq!(runs.entries.iter().filter(|entry| entry.accepted.is_some()).count(), 6);
}

#[test]
fn what_a_killed_process_left_is_removed_once_it_is_old() {
    let (_folder, store) = store();
    store.append(&run(1), BaselineStatus::Pass, "pass").unwrap();
    let leftover = |name: &str, age: u64| {
        let path = store.folder().join(name);
        let file = File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        path
    };
    let young = leftover(".loadgate-young.tmp", 60);
    let old = leftover(".loadgate-old.tmp", 2 * 3600);
    let foreign = leftover(".other.tmp", 2 * 3600);
    store.append(&run(2), BaselineStatus::Pass, "pass").unwrap();
    assert_eq!((young.exists(), old.exists(), foreign.exists()), (true, false, true));
    assert_eq!(store.runs().unwrap().entries.len(), 2);
}
