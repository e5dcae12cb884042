use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{ErrorClass, ReferenceArm};
use crate::pairing::{ArmMode, Looks, Pairing};

fn simulated(seed: u64) -> Simulated {
    let request = SimulatedRequest { count: 200, failures: 0.05, ..SimulatedRequest::new("seats", 18.0) };
    Simulated { seed, ..Simulated::new(vec![request]) }
}

/// A paired run as loadgate records one.
fn file() -> MeasurementFile {
    let pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: vec!["database".into()] };
    let reference = Some(ReferenceArm { measurement: simulated(2).measure(), pairing });
    MeasurementFile { baseline: None, candidate: simulated(1).measure(), reference }
}

fn now() -> Timestamp {
    file().candidate.started_at + Duration::from_secs(300)
}

fn read_value(value: &Value) -> Result<MeasurementFile, Refused> {
    read(value.to_string().as_bytes(), now())
}

fn value() -> Value {
    serde_json::from_slice(&file().to_json().unwrap()).unwrap()
}

#[test]
fn what_loadgate_writes_is_read_as_it_was_written() {
    assert_eq!(read(&file().to_json().unwrap(), now()), Ok(file()));
}

/// Each breaks one rule of the recorder that the file's own checks don't know.
#[test]
fn counts_that_no_recorder_counted_are_refused() {
    type Break = fn(&mut MeasurementFile);
    let cases: &[(Break, &str)] = &[
        (|file| file.candidate.judged.requests[0].attempts += 1, "attempts is"),
        (|file| file.candidate.judged.requests[0].responses -= 1, "attempts is"),
        (|file| *file.candidate.judged.requests[0].statuses.entry(200).or_default() += 1, "the sum of statuses is"),
        (|file| file.candidate.judged.requests[0].waiting.record(Duration::from_millis(5)), "waiting is"),
        (|file| file.candidate.judged.requests[0].duration.record(Duration::from_millis(5)), "duration is"),
        (|file| file.candidate.judged.requests[0].expected.clear(), "expected is"),
        (|file| file.candidate.judged.requests[0].comparable.record(Duration::from_millis(1)), "comparable is"),
        (|file| drop(file.candidate.judged.requests[0].blocks.pop_first()), "the attempts of the blocks is"),
        (|file| file.candidate.judged.requests[0].errors[ErrorClass::Timeout as usize] += 1, "not the sum"),
        (|file| file.candidate.judged.scenarios[0].iterations += 1, "iterations"),
        (|file| file.candidate.judged.vus.max = Some(-1.0), "virtual users"),
        (|file| file.candidate.generator.workers = 100_000, "workers"),
        (|file| file.candidate.elapsed = Duration::from_hours(10_000), "elapsed_ns"),
        (|file| file.candidate.started_at = "2199-01-01T00:00:00Z".parse().unwrap(), "started_at"),
        (|file| file.candidate.started_at = "1970-01-01T00:00:00Z".parse().unwrap(), "started_at"),
        (|file| file.candidate.target = "https://a.example\n::error::x".into(), "target: a name"),
        (|file| file.candidate.profile = Some("\u{202e}rp".into()), "profile: a name"),
        (|file| file.candidate.plan = "p".repeat(501), "plan: a name"),
        (|file| file.reference.as_mut().unwrap().measurement.plan = "other".into(), "of another plan"),
        (|file| file.reference.as_mut().unwrap().pairing.looks.taken = 9, "9 looks of 1"),
        (|file| file.reference.as_mut().unwrap().measurement.judged.requests[0].failed = 0, "failed"),
    ];
    for (break_it, expected) in cases {
        let mut file = file();
        break_it(&mut file);
        let error = read(&file.to_json().unwrap(), now()).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error:?} lacks {expected:?}");
    }
}

#[test]
fn what_is_too_much_is_refused_before_it_is_unfolded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = "{\"a\":".repeat(17);
    let wide = format!("[{}1]", "1,".repeat(1_000_001));
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(65 << 10));
    let large = " ".repeat(LARGEST + 1);
    let twice = r#"{"schema_version":1,"candidate":{"a":1,"\u0061":2}}"#;
    for (json, expected) in [
        (deep.as_str(), "nested too deeply"),
        (&deep_object, "nested too deeply"),
        (&wide, "too many values"),
        (&long, "a text is too long"),
        (&large, "over 16 MB"),
        (twice, "the key `a` is there twice"),
        ("\u{feff}{}", "expected value"),
        ("{} {}", "trailing characters"),
        ("{\"a\":NaN}", "expected value"),
        ("{\"a\":1e999}", "number out of range"),
        ("", "EOF"),
    ] {
        let error = read(json.as_bytes(), now()).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error:?} lacks {expected:?}");
    }
    assert!(read(b"{\"a\":\"\xff\"}", now()).unwrap_err().to_string().starts_with("no text in UTF-8"));
}

#[test]
fn many_histograms_and_blocks_are_counted_before_they_are_unfolded() {
    use std::io::Write;
    let zeros = |bytes: usize| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; bytes]).unwrap();
        encoder.finish().unwrap()
    };
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let mut bomb = value();
    bomb["candidate"]["judged"]["requests"][0]["blocks"] = base64(&zeros(40 << 20)).into();
    assert!(read_value(&bomb).unwrap_err().to_string().contains("blocks hold more"));
    let histogram = base64(&[vec![0; 8], zeros(1 << 20)].concat());
    let many = |number: usize, max: u64| json!(vec![json!({ "max": max, "histogram": histogram }); number]).to_string();
    assert!(read(many(70, 1).as_bytes(), now()).unwrap_err().to_string().contains("histogram hold more"));
    let empty = json!(vec![json!({ "max": 1_u64 << 53, "histogram": "" }); 3000]).to_string();
    assert!(read(empty.as_bytes(), now()).unwrap_err().to_string().contains("more histograms than a run has"));
}

#[test]
fn no_reason_is_a_command_in_a_log() {
    for (text, expected) in [
        ("unknown field `x`", "unknown field `x`"),
        ("::error::x", "\\::error::x"),
        ("  ::add-mask::x", "\\::add-mask::x"),
        ("x\n::set-output name=verdict::pass", "x\\n::set-output name=verdict::pass"),
        ("x\r::error::y", "x\\r::error::y"),
        ("x\u{2028}::error::y", "x\\u{2028}::error::y"),
        ("a ##[add-path]/tmp", "a ##\\[add-path]/tmp"),
        ("\u{202e}evil", "\\u{202e}evil"),
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
    ] {
        assert_eq!(printable(text), expected, "{text:?}");
    }
    assert!(printable(&"x".repeat(10_000)).chars().count() <= LONGEST + 1);
}
