use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::measurement::contract::Machine;
use crate::measurement::layout::ControlRows;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Ending, Evidence, Exhausted, RequestTally, ShardPart, Shards, Trend};
use crate::pairing::{ArmMode, Looks};

fn requests(count: u32) -> Vec<SimulatedRequest> {
    [("token", 4.0), ("queue-status", 2.0), ("seats", 18.0), ("occupy", 35.0), ("reserve", 60.0)]
        .map(|(name, median)| SimulatedRequest {
            count,
            failures: 0.02,
            sigma: 0.5,
            ..SimulatedRequest::new(name, median)
        })
        .to_vec()
}

fn file() -> MeasurementFile {
    let mut candidate = Simulated::new(requests(300)).measure();
    candidate.generator.loop_lag.record(Duration::from_micros(70));
    candidate.generator.stalls.record(Duration::from_micros(70));
    candidate.generator.exhausted = Exhausted { ports: 3, open_files: Some(1024), ..Exhausted::default() };
    candidate.generator.blocked_workers = 1;
    candidate.ending = Ending::Aborted { threshold: "checks: rate>0.9".into() };
    candidate.evidence.push(Evidence {
        request: "reserve".into(),
        class: "500".into(),
        method: "POST".into(),
        url: "http://127.0.0.1:8080/reserve".into(),
        request_headers: vec![("authorization".into(), "***".into())],
        request_body: None,
        status: Some(500),
        response_headers: vec![],
        response_body: Some("kaputt \u{1f3ab}".into()),
        message: "status 500 was not expected".into(),
        at_ms: 1234,
    });
    let reference = Simulated { seed: 2, ..Simulated::new(requests(200)) }.measure();
    let looks = Looks { planned: 2, taken: 1 };
    let pairing = Pairing { mode: ArmMode::Alternating, looks, shares: vec!["database".into()] };
    let baseline = Some(BaselineEntry::new(BaselineStatus::TooNoisy, "too noisy: …"));
    MeasurementFile { baseline, candidate, reference: Some(ReferenceArm { measurement: reference, pairing }) }
}

fn value() -> Value {
    serde_json::from_slice(&file().to_json().unwrap()).unwrap()
}

fn refusal(value: &Value) -> String {
    match MeasurementFile::parse(value.to_string().as_bytes()) {
        Ok(_) => panic!("was read"),
        Err(error) => error.to_string(),
    }
}

/// What was added to the format since its first version may be missing.
#[test]
fn a_file_of_an_earlier_loadgate_is_read() {
    let mut old = value();
    let generator = old["candidate"]["generator"].as_object_mut().unwrap();
    for added in ["stalls", "exhausted", "blocked_workers"] {
        assert!(generator.remove(added).is_some(), "{added}");
    }
    let read = MeasurementFile::parse(old.to_string().as_bytes()).unwrap().candidate.generator;
    assert_eq!((read.stalls.count(), read.exhausted, read.blocked_workers), (0, Exhausted::default(), 0));
}

#[test]
fn a_file_is_read_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    file().write(&path).unwrap();
    assert_eq!(MeasurementFile::read(&path).unwrap(), file());
    let again = MeasurementFile::read(&path).unwrap().to_json().unwrap();
    assert!(again == std::fs::read(&path).unwrap(), "another text for the same measurement");
}

#[test]
fn five_minutes_of_five_requests_take_at_most_a_megabyte() {
    let run = Simulated { length: Duration::from_secs(300), ..Simulated::new(requests(60_000)) }.measure();
    assert_eq!(run.judged.requests[0].blocks.len(), 60);
    let size = MeasurementFile::new(run).to_json().unwrap().len();
    println!("{size} bytes");
    assert!(size <= 1_000_000, "{size} bytes");
}

#[test]
fn another_schema_version_is_refused() {
    let mut future = value();
    future["schema_version"] = json!(3);
    future["new_field"] = json!({});
    insta::assert_snapshot!(refusal(&future), @"schema version 3, but this loadgate reads version 1: use the version of loadgate that wrote it, or measure again");
}

#[test]
fn what_no_run_can_have_measured_is_refused_with_its_place() {
    let other_histogram = value()["candidate"]["judged"]["requests"][1]["duration"]["histogram"].clone();
    let table: [(&str, Value, &str); 18] = [
        ("/candidate/judged/requests/0/duration/histogram", json!("%%%"), "bad base64"),
        (
            "/candidate/judged/requests/0/duration/histogram",
            json!("AAAA"),
            "no HdrHistogram in V2-deflate form: too short",
        ),
        ("/candidate/judged/requests/0/duration/histogram", json!("AAAAAAAAAAAAAAAA"), "wrong cookie or length"),
        (
            "/candidate/judged/requests/0/duration/histogram",
            other_histogram,
            "min and max are not those of the histogram",
        ),
        ("/candidate/judged/requests/0/duration/sum", json!(1), "the sum is not that of the histogram"),
        ("/candidate/judged/requests/0/duration/max", json!(u64::MAX), "min and max"),
        ("/candidate/judged/requests/0/blocks", json!("AAAA"), "bad compression"),
        ("/candidate/judged/requests/0/failed", json!(1_000_000), "more failures"),
        (
            "/candidate/judged/requests/0/failed",
            json!(0),
            "failed: not the sum of the errors and the unexpected answers",
        ),
        (
            "/candidate/judged/requests/0/unexpected",
            json!({"404": 1}),
            "unexpected: more answers of a status than answers",
        ),
        ("/candidate/judged/requests/0/name", json!("other"), "candidate.judged.requests[0].name: \"other\""),
        ("/candidate/judged/requests", json!([]), "candidate.judged.requests: 0 rows, but the layout names 5"),
        ("/candidate/judged/checks/0/samples/trues", json!(u64::MAX), "candidate.judged.checks[0]: more true samples"),
        ("/candidate/judged/custom/0/samples", json!({"rate": {"trues": 0, "total": 1}}), "layout says Counter"),
        ("/candidate/judged/vus/last", json!("NaN"), "invalid type"),
        ("/candidate/layout/grid/block_ns", json!(0), "candidate.layout.grid: 0ns to 60s can't be cut"),
        ("/candidate/elapsed_ns", json!(-1), "invalid value"),
        ("/reference/layout/grid/to_ns", json!(60_500_000_000_u64), "reference.layout.grid: another grid"),
    ];
    for (place, replacement, expected) in table {
        let mut damaged = value();
        *damaged.pointer_mut(place).unwrap() = replacement;
        let error = refusal(&damaged);
        assert!(error.contains(expected), "{place}: {error}");
    }
}

#[test]
fn a_control_is_read_back_and_its_rows_must_be_there() {
    let mut file = file();
    let mut layout = (*file.candidate.layout).clone();
    layout.control = Some(ControlRows { request: 4, scenario: 0 });
    file.candidate.layout = Arc::new(layout);
    let json = file.to_json().unwrap();
    assert_eq!(MeasurementFile::parse(&json).unwrap(), file);
    for (row, expected) in [
        ("request", "candidate.layout.control.request: there is no row \"other\""),
        ("scenario", "candidate.layout.control.scenario: there is no row \"other\""),
    ] {
        let mut damaged: Value = serde_json::from_slice(&json).unwrap();
        damaged["candidate"]["layout"]["control"][row] = json!("other");
        let error = refusal(&damaged);
        assert!(error.contains(expected), "{error}");
    }
}

/// A baseline's entry has no blocks, but what its samples are worth.
fn slim_value() -> Value {
    let mut file = file();
    file.candidate.judged.requests.iter_mut().for_each(RequestTally::drop_blocks);
    file.reference = None;
    let json = file.to_json().unwrap();
    assert_eq!(MeasurementFile::parse(&json).unwrap(), file);
    serde_json::from_slice(&json).unwrap()
}

#[test]
fn an_inflation_that_no_samples_can_have_is_refused_with_its_place() {
    let place = "/candidate/judged/requests/0/variance_inflation";
    let mut old = slim_value();
    old["candidate"]["judged"]["requests"][0].as_object_mut().unwrap().remove("variance_inflation").unwrap();
    let read = MeasurementFile::parse(old.to_string().as_bytes()).unwrap();
    assert_eq!(read.candidate.judged.requests[0].variance_inflation(0.5), 1.0, "an older file has none");
    let table: [(&str, Value, &str); 7] = [
        ("p50", json!(0.99), "candidate.judged.requests[0].variance_inflation.p50: 0.99 is no inflation of"),
        ("p95", json!(-3), "variance_inflation.p95: -3 is no inflation of"),
        ("p99", json!(1e12), "variance_inflation.p99: 1000000000000 is no inflation of"),
        ("p999", json!(null), "invalid type: null"),
        ("failed", json!(301), "variance_inflation.failed: 301 is no inflation of 300 samples: 1 to 300 can be"),
        ("failed", json!("NaN"), "invalid type"),
        ("p90", json!(1), "unknown field `p90`"),
    ];
    for (name, inflation, expected) in table {
        let mut damaged = slim_value();
        damaged.pointer_mut(place).unwrap()[name] = inflation;
        let error = refusal(&damaged);
        assert!(error.contains(expected), "{name}: {error}");
    }
    let text = slim_value().to_string();
    let start = text.find("\"p50\":").unwrap();
    let infinite = text.replacen(&text[start..start + 6], "\"p50\":1e999,\"p50\":", 1);
    assert!(MeasurementFile::parse(infinite.as_bytes()).is_err(), "infinity was read");
    let mut both = value();
    both["candidate"]["judged"]["requests"][0]["variance_inflation"] = slim_value().pointer(place).unwrap().clone();
    let error = refusal(&both);
    assert!(error.contains("variance_inflation: belongs to a run without blocks"), "{error}");
}

#[test]
fn unknown_fields_are_refused_wherever_they_are() {
    for place in
        ["", "/candidate", "/candidate/layout/grid", "/candidate/judged/requests/0", "/candidate/contract/machine"]
    {
        let mut extended = value();
        extended.pointer_mut(place).unwrap()["surprise"] = json!(1);
        let error = refusal(&extended);
        assert!(error.contains("unknown field `surprise`"), "{place}: {error}");
    }
}

#[test]
fn figures_that_json_cannot_hold_are_not_written() {
    let mut file = file();
    file.candidate.generator.busiest_worker_cpu = Some(f64::NAN);
    let error = file.to_json().unwrap_err().to_string();
    assert!(error.contains("candidate.generator: NaN is no figure"), "{error}");
}

#[test]
fn errors_name_the_file_and_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/run.json");
    let error = file().write(&missing).unwrap_err().to_string();
    assert!(error.starts_with(&missing.display().to_string()) && error.ends_with("the folder must exist"), "{error}");
    let error = MeasurementFile::read(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("give a file, not a folder"), "{error}");
    let cut = folder.path().join("cut.json");
    std::fs::write(&cut, &file().to_json().unwrap()[..500]).unwrap();
    let error = MeasurementFile::read(&cut).unwrap_err().to_string();
    assert!(error.contains("cut.json: no measurement, or a damaged one: EOF while parsing"), "{error}");
    for (kind, cure) in [
        (io::ErrorKind::StorageFull, "free some space"),
        (io::ErrorKind::PermissionDenied, "choose a folder that this user may write to"),
    ] {
        let error = FileError::Io { action: "write", path: "run.json".into(), source: kind.into() }.to_string();
        assert!(error.starts_with("run.json: can't write this measurement: ") && error.contains(cure), "{error}");
    }
}

#[test]
fn writing_replaces_a_file_whole_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    file().write(&path).unwrap();
    let other = MeasurementFile { baseline: None, ..file() };
    other.write(&path).unwrap();
    assert_eq!(MeasurementFile::read(&path).unwrap(), other);
    assert!(!file().write_new(&path).unwrap(), "overwrote a file");
    assert_eq!(MeasurementFile::read(&path).unwrap(), other);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_run_survives_the_file(seed in any::<u64>(), count in 0..400u32, failures in 0.0..1.0f64, gauge in any::<f64>()) {
        let mut requests = requests(count);
        requests.iter_mut().for_each(|request| request.failures = failures);
        let mut run = Simulated { seed, ..Simulated::new(requests) }.measure();
        if gauge.is_finite() {
            run.judged.vus.record(gauge);
        }
        let file = MeasurementFile::new(run);
        prop_assert_eq!(MeasurementFile::parse(&file.to_json().unwrap()).unwrap(), file);
    }
}

/// Text of a small run, the same for all cases.
fn small_text() -> Vec<u8> {
    let run = Simulated::new(vec![SimulatedRequest { count: 60, ..SimulatedRequest::new("a", 3.0) }]).measure();
    MeasurementFile::new(run).to_json().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_bytes_are_read_or_refused_but_never_panic(
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut text = small_text();
        for (at, byte) in damage {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()));
        }
        let _ = MeasurementFile::parse(&text);
    }

    /// Damage below the base64 and the compression, where only the checks of the counts can notice.
    #[test]
    fn damaged_histograms_and_blocks_never_panic(
        place in prop::sample::select(vec!["duration", "blocks"]),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut value: Value = serde_json::from_slice(&small_text()).unwrap();
        let request = &mut value["candidate"]["judged"]["requests"][0];
        let field = if place == "blocks" { &mut request["blocks"] } else { &mut request["duration"]["histogram"] };
        *field = json!(damage_inside(field.as_str().unwrap(), if place == "blocks" { 0 } else { 8 }, &damage));
        let _ = MeasurementFile::parse(value.to_string().as_bytes());
    }
}

/// Changes bytes of the inflated content; `outer` bytes come before the compression, the last 4 of them its length.
fn damage_inside(text: &str, outer: usize, damage: &[(prop::sample::Index, u8)]) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let bytes = STANDARD.decode(text).unwrap();
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(&bytes[outer..]).read_to_end(&mut plain).unwrap();
    for (at, byte) in damage {
        let at = at.index(plain.len());
        plain[at] = *byte;
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&plain).unwrap();
    let compressed = encoder.finish().unwrap();
    let mut damaged = bytes[..outer].to_vec();
    if outer > 0 {
        damaged[4..8].copy_from_slice(&(compressed.len() as u32).to_be_bytes());
    }
    damaged.extend(compressed);
    STANDARD.encode(damaged)
}

#[test]
fn a_shard_is_read_back_and_its_numbers_are_checked() {
    let mut file = file();
    let start_at = file.candidate.started_at;
    let part = ShardPart {
        started_at: start_at + Duration::from_millis(3),
        ending: Ending::Aborted { threshold: "checks: rate>0.9".into() },
        machine: Machine { cores: Some(4), ..Machine::default() },
        loop_lag: file.candidate.generator.loop_lag.clone(),
        stalls: Trend::default(),
    };
    let parts = [(2, part.clone()), (4, ShardPart { ending: Ending::Interrupted, ..part })].into();
    file.candidate.shards = Some(Shards { count: 4, start_at, plan: "0123".into(), parts });
    let json = file.to_json().unwrap();
    assert_eq!(MeasurementFile::parse(&json).unwrap(), file);
    for (field, value, problem) in [
        ("count", json!(0), "candidate.shards.count: 0 is no number of shards"),
        ("count", json!(1_u64 << 53), "candidate.shards.count: 9007199254740992 is no number of shards"),
        ("count", json!(3), "candidate.shards.parts: there is no shard 4 of 3"),
        ("parts", json!({}), "candidate.shards.parts: no shard is here"),
    ] {
        let mut damaged: Value = serde_json::from_slice(&json).unwrap();
        damaged["candidate"]["shards"][field] = value;
        let said = refusal(&damaged);
        assert!(said.contains(problem), "{said}");
    }
}
