//! Claims that chance has changed: whatever is taken for a measurement is judged and rendered without a panic, and does
//! nothing that its author may not.

use jiff::Timestamp;
use loadgate::gate::{Grounds, judge};
use loadgate::measurement::claim;
use loadgate::plan::{self, ReadOptions, Source};
use loadgate::report::{Report, ReportContext, markdown};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::forks::rules::escape_in;
use crate::forks::{PLAN, measured};

const ROUNDS: u64 = 1_500;

#[test]
fn no_accepted_claim_is_too_strange_to_judge() {
    let source = Source { text: PLAN.into(), path: "loadgate.yml".into() };
    let plan = plan::read(&source, &ReadOptions::default()).expect("a plan");
    let now = Timestamp::now();
    let mut accepted = 0;
    for seed in 0..ROUNDS {
        let mut random = StdRng::seed_from_u64(seed);
        let mut value = paired();
        for _ in 0..random.random_range(1..=3) {
            change(&mut value, &mut random);
        }
        let Ok(file) = claim::read(value.to_string().as_bytes(), now) else { continue };
        accepted += 1;
        let grounds = Grounds { reference: file.reference.as_ref(), ..Grounds::new(&plan.thresholds, &plan.policy) };
        let judgement = judge(&file.candidate, &grounds);
        let (measurement, reference) = (&file.candidate, file.reference.as_ref());
        let context = ReportContext::default();
        let report = Report { measurement, reference, judgement: &judgement, context: &context };
        let mut text = Vec::new();
        markdown::write(&report, markdown::COMMENT_BYTES, &mut text).expect("a vector takes every byte");
        let text = String::from_utf8(text).expect("Markdown");
        assert_eq!(escape_in(&text), None, "seed {seed}");
    }
    println!("{accepted} of {ROUNDS} were accepted");
    assert!(accepted > ROUNDS / 50, "chance is too wild: {accepted}");
}

/// The measurement with itself as its reference.
fn paired() -> Value {
    let mut value: Value = serde_json::from_str(measured()).expect("a measurement");
    // As the command shows it: a claim's target is no link.
    value["candidate"]["target"] = "preview.example".into();
    value["reference"] = value["candidate"].clone();
    value["pairing"] = json!({ "mode": "parallel", "looks": { "planned": 2, "taken": 1 }, "shares": [] });
    value
}

/// Puts something else in the place of one value.
fn change(value: &mut Value, random: &mut StdRng) {
    let leaves = places(value, String::new());
    let place = &leaves[random.random_range(0..leaves.len())];
    let leaf = value.pointer_mut(place).expect("a place of the file");
    let numbers = [0, 1, 2, 1 << 20, 1 << 32, (1 << 53) - 1, 1 << 53, u64::MAX].map(Value::from);
    let reals = [0.0, -0.0, 0.5, 1e-300, 1e300, -1e300, f64::MAX, f64::MIN_POSITIVE].map(Value::from);
    let texts = ["", "@octocat", "a|b\\", "<b>", "products", "none", "alternating", "interrupted"].map(Value::from);
    let others = [Value::Null, true.into(), false.into(), json!([]), json!({})];
    let all = match leaf {
        Value::Number(_) => [&numbers[..], &reals[..]].concat(),
        Value::String(_) => texts.to_vec(),
        Value::Bool(_) => others[1..3].to_vec(),
        _ => [&numbers[..], &reals[..], &texts[..], &others[..]].concat(),
    };
    *leaf = all[random.random_range(0..all.len())].clone();
}

/// Every value that has none in it, as a JSON pointer.
fn places(value: &Value, place: String) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    if below.is_empty() {
        return vec![place];
    }
    below.into_iter().flat_map(|(name, value)| places(value, format!("{place}/{name}"))).collect()
}
