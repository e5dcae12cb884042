use std::collections::BTreeMap;
use std::fs;

use crate::baseline::Store;
use crate::measurement::Contract;

use super::*;

fn contract() -> Contract {
    let requests = [("reserve", "a"), ("occupy", "b")].map(|(name, hash)| (name.to_owned(), hash.to_owned()));
    Contract { requests: requests.into(), load: "load".into(), ..Contract::default() }
}

fn rules() -> Rules {
    Rules {
        tolerance: 0.1,
        floor_ms: 1.0,
        failure_tolerance: 0.001,
        metrics: vec!["p50".into()],
        requests: vec!["occupy".into(), "reserve".into()],
    }
}

fn figure(request: &str, mean: f64, error: f64) -> GateFigure {
    GateFigure {
        request: request.into(),
        metric: "p50".into(),
        outcome: FigureOutcome::Pass,
        base: 12.5,
        candidate: 12.5 * mean.exp(),
        difference: Some(Difference { mean, error }),
        detectable: Some(0.04),
    }
}

fn slow(share: f64) -> Option<SlowDown> {
    Some(SlowDown::Share(share))
}

fn gate(slow: Option<SlowDown>, outcome: GateOutcome) -> GateRecord {
    GateRecord {
        slow,
        added: slow.and_then(SlowDown::share),
        started_at: "2026-11-20T12:00:00Z".parse().unwrap(),
        seed: 7,
        outcome,
        finding: "pass".into(),
        figures: vec![figure("reserve", 0.02, 0.01)],
    }
}

/// A calibration at this hour.
fn record(hour: u8, reference: Option<&str>, gates: Vec<GateRecord>) -> Record {
    Record {
        plan: "concert".into(),
        started_at: format!("2026-11-20T{hour:02}:00:00Z").parse().unwrap(),
        seed: 42,
        target: "https://a.example".into(),
        reference: reference.map(Into::into),
        commit: Some("0123456789".into()),
        arms: Arms::Parallel,
        contract: contract(),
        rules: rules(),
        gates,
        alone: vec![Alone {
            started_at: "2026-11-20T12:30:00Z".parse().unwrap(),
            seed: 8,
            figures: BTreeMap::from([("reserve".into(), BTreeMap::from([("p50".into(), 12.125)]))]),
        }],
    }
}

use GateOutcome::{Fail, NotMeasured, Pass, TooNoisy};

#[test]
fn a_calibration_is_read_back_as_it_was_and_grows_gate_by_gate() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "concert");
    let mut written = record(9, Some("https://b.example"), vec![gate(None, Pass)]);
    let file = RecordFile::create(store.folder(), &written).unwrap();
    assert_eq!(file.path(), store.folder().join("calibration/2026-11-20T09-00-00Z-42.json"));
    written.gates.push(gate(slow(0.1), Fail));
    file.save(&written).unwrap();
    let second = RecordFile::create(store.folder(), &written).unwrap();
    assert!(second.path().ends_with("2026-11-20T09-00-00Z-42-2.json"), "no file is overwritten");
    let (read, skipped) = file::read_all(store.folder()).unwrap();
    assert_eq!((read, skipped), (vec![written.clone(), written], vec![]));
    let runs = store.runs().unwrap();
    assert!(runs.entries.is_empty() && runs.skipped.is_empty(), "a calibration is no run");
}

#[test]
fn damaged_files_are_named_and_cost_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let good = RecordFile::create(folder.path(), &record(9, None, vec![gate(None, Fail)])).unwrap();
    let whole = fs::read_to_string(good.path()).unwrap();
    let beside = |name: &str, text: &str| fs::write(good.path().with_file_name(name), text).unwrap();
    beside("cut.json", &whole[..whole.len() / 2]);
    beside("empty.json", "");
    beside("later.json", &whole.replace("\"schema_version\":1", "\"schema_version\":2"));
    beside("more.json", &whole.replace("\"seed\":42", "\"seed\":42,\"mood\":1"));
    beside("none.json", "[]");
    beside("notes.txt", "not read");
    beside(".loadgate-x7.json", "{");
    let read = Calibration::read(folder.path(), &contract(), &rules()).unwrap();
    assert_eq!(read.calibration.false_alarms, Outcomes { failed: 1, gates: 1 });
    let reasons: Vec<String> = read
        .skipped
        .iter()
        .map(|skipped| skipped.reason.replace(&folder.path().display().to_string(), "baselines"))
        .collect();
    insta::assert_snapshot!(reasons.join("\n"), @r"
    baselines/calibration/cut.json: no calibration, or a damaged one: EOF while parsing a string at line 1 column 397; fetch the file anew, or remove it
    baselines/calibration/empty.json: no calibration, or a damaged one: EOF while parsing a value at line 1 column 0; fetch the file anew, or remove it
    baselines/calibration/later.json: schema version 2, but this loadgate reads version 1: calibrate again
    baselines/calibration/more.json: no calibration, or a damaged one: unknown field `mood`, expected one of `plan`, `started_at`, `seed`, `target`, `reference`, `commit`, `arms`, `contract`, `rules`, `gates`, `alone`; fetch the file anew, or remove it
    baselines/calibration/none.json: no calibration, or a damaged one: invalid length 0, expected struct Version with 1 element; fetch the file anew, or remove it
    ");
    assert_eq!(read.others, None);
}

#[test]
fn a_missing_folder_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let read = Calibration::read(&folder.path().join("none"), &contract(), &rules()).unwrap();
    assert_eq!(read, Calibrations::default());
    assert!(read.calibration.is_empty());
}

#[test]
fn gates_that_a_guard_kept_from_being_judged_do_not_count() {
    let gates = vec![
        gate(None, Pass),
        gate(None, Fail),
        gate(None, TooNoisy),
        gate(None, NotMeasured),
        gate(slow(0.25), Fail),
        gate(slow(0.1), TooNoisy),
        gate(slow(0.1), Fail),
        gate(slow(0.5), NotMeasured),
        gate(Some(SlowDown::DelayMs(5.0)), Fail),
    ];
    let (calibration, others) = Calibration::of(&[record(9, None, gates)], &contract(), &rules());
    assert_eq!(calibration.false_alarms, Outcomes { failed: 1, gates: 3 });
    assert_eq!(calibration.power, [(0.1, Outcomes { failed: 1, gates: 2 }), (0.25, Outcomes { failed: 1, gates: 1 })]);
    assert!(calibration.generator_only && others.is_none());
    assert_eq!(calibration.deployments, [], "one deployment differs by nothing from itself");
}

/// Which calibrations count, and what is said of those that don't.
#[test]
fn only_the_same_load_and_the_same_rules_count() {
    let equal = |hour| record(hour, None, vec![gate(None, Pass)]);
    let of_two = |hour| record(hour, Some("https://b.example"), vec![gate(None, Fail)]);
    let mut nightly = equal(11);
    nightly.contract.profile = Some("nightly".into());
    let mut strict = of_two(12);
    strict.rules.tolerance = 0.05;
    let mut heavier = equal(13);
    heavier.contract.load = "more".into();
    let table = [
        ("none", vec![], Outcomes::default(), 0, None),
        ("two alike", vec![equal(9), equal(10)], Outcomes { failed: 0, gates: 2 }, 0, None),
        ("two deployments tell more than one", vec![equal(9), of_two(10)], Outcomes { failed: 1, gates: 1 }, 1, None),
        (
            "another profile",
            vec![equal(9), nightly.clone()],
            Outcomes { failed: 0, gates: 1 },
            0,
            Some((1, "profile none, was nightly")),
        ),
        (
            "other rules tell how deployments differ, and nothing else",
            vec![equal(9), strict, nightly, heavier],
            Outcomes { failed: 0, gates: 1 },
            1,
            Some((3, "the load (executors, stages, scaling, judged phase or httpVersion)")),
        ),
    ];
    for (what, records, false_alarms, deployments, left_out) in table {
        let (calibration, others) = Calibration::of(&records, &contract(), &rules());
        assert_eq!((calibration.false_alarms, calibration.deployments.len()), (false_alarms, deployments), "{what}");
        let others = others.as_ref().map(|others| (others.runs, others.difference.as_str()));
        assert_eq!(others, left_out, "{what}");
    }
}

/// Three gates of one pair of deployments are one pair: the mean of their means, and an error that is not below what they
/// differ by among each other.
#[test]
fn the_gates_of_a_calibration_tell_of_one_pair_of_deployments() {
    let with = |mean, error| GateRecord { figures: vec![figure("reserve", mean, error)], ..gate(None, Pass) };
    let slowed = GateRecord { figures: vec![figure("reserve", 0.5, 0.01)], ..gate(slow(0.5), Fail) };
    let unmeasured = GateRecord { figures: vec![figure("reserve", 0.9, 0.01)], ..gate(None, NotMeasured) };
    let unknown = GateRecord { figures: vec![figure("gone", 0.9, 0.01)], ..gate(None, Pass) };
    let noise = [slowed, unmeasured, unknown];
    let pair = |gates: &[GateRecord]| {
        let record = record(9, Some("https://b.example"), [gates, &noise].concat());
        let (calibration, _) = Calibration::of(&[record], &contract(), &rules());
        let [pair] = &calibration.deployments[..] else { panic!("one pair") };
        assert_eq!(pair.len(), 1);
        pair[&("reserve".to_owned(), "p50".to_owned())]
    };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let steady = pair(&[with(0.05, 0.03), with(0.05, 0.04), with(0.05, 0.0)]);
    assert!(near(steady.mean, 0.05) && near(steady.error, 0.05 / 3.0), "{steady:?}");
    let restless = pair(&[with(0.0, 0.001), with(0.06, 0.001)]);
    assert!(near(restless.mean, 0.03) && near(restless.error, 0.03), "{restless:?}");
    let one = pair(&[with(0.02, 0.01)]);
    assert!(near(one.mean, 0.02) && near(one.error, 0.01), "{one:?}");
}
