//! Measurements that are none, and one that only its author knows to be none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};
use std::io::Write;

use super::{Case, Expected, changed, file, measured};
use crate::forks::OTHER;

const UNKNOWN: Expected = Expected::Refused("unknown field");

pub fn cases() -> Vec<Case> {
    [forged(), syntax(), fields(), counts(), sizes()].into_iter().flatten().collect()
}

/// What the checks can't tell from the truth: it is told as a claim.
fn forged() -> Vec<Case> {
    vec![
        changed("a plausible forged pass", Expected::Claimed, |file| {
            file["candidate"]["seed"] = 4711.into();
            file["candidate"]["target"] = "https://fast.example".into();
            file["candidate"]["contract"]["machine"]["cores"] = 64.into();
        }),
        changed("the honest measurement", Expected::Claimed, |_| {}),
        changed("another author's job", Expected::Claimed, |file| file["candidate"]["job"] = "1/1/required".into()),
    ]
}

fn syntax() -> Vec<Case> {
    let text = measured().trim_end();
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let version = "\"schema_version\":1";
    vec![
        file("truncated JSON", "EOF while parsing", &text[..text.len() / 2]),
        file("two documents", "trailing characters", format!("{text}{text}")),
        file("bytes behind the end", "trailing characters", format!("{text}\n::error::x")),
        file("a byte-order mark", "expected value", format!("\u{feff}{text}")),
        file("no UTF-8", "no text in UTF-8", [text.as_bytes(), b"\xff\xfe"].concat()),
        file(
            "UTF-16",
            "no text in UTF-8",
            text.encode_utf16().flat_map(u16::to_le_bytes).chain([0xff]).collect::<Vec<u8>>(),
        ),
        file("nested 100,000 deep", "nested too deeply", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))),
        file(
            "nested in a field",
            "nested too deeply",
            with(version, &format!("\"x\":{}{},{version}", "[".repeat(60), "]".repeat(60))),
        ),
        file("NaN", "expected", with(version, "\"x\":NaN,\"schema_version\":1")),
        file("Infinity", "expected value", with("\"elapsed_ns\":", "\"elapsed_ns\":Infinity,\"x\":")),
        file("1e999", "number out of range", with("\"elapsed_ns\":", "\"elapsed_ns\":1e999,\"x\":")),
        file("a key twice", "the key `seed` is there twice", with("\"seed\":", "\"seed\":1,\"seed\":")),
        file(
            "a key twice, once escaped",
            "the key `seed` is there twice",
            with("\"seed\":", "\"s\\u0065ed\":1,\"seed\":"),
        ),
        file("a status twice", "there twice", with("\"statuses\":{", "\"statuses\":{\"200\":1,")),
        file("a YAML file", "expected value", "schema_version: 1\n"),
        file("a page of HTML", "expected value", "<html>@octocat</html>"),
        file(
            "a key that is a command",
            "unknown field",
            with(version, "\"\\n::set-output name=verdict::pass\":1,\"schema_version\":1"),
        ),
        file(
            "a key that is an old command",
            "unknown field",
            with(version, "\"##[add-path]/tmp\":1,\"schema_version\":1"),
        ),
    ]
}

fn fields() -> Vec<Case> {
    let refused = Expected::Refused;
    vec![
        changed("a foreign version", refused("schema version 2"), |file| file["schema_version"] = 2.into()),
        changed("a version that is text", refused("invalid type"), |file| file["schema_version"] = "1".into()),
        changed("no version", refused("missing field"), |file| {
            drop(file.as_object_mut().unwrap().remove("schema_version"))
        }),
        changed("the number of another pull request", UNKNOWN, |file| file["pull_request"] = 8.into()),
        changed("a verdict of its own", UNKNOWN, |file| file["candidate"]["verdict"] = "pass".into()),
        changed("a comment of its own", UNKNOWN, |file| file["candidate"]["comment"] = "@octocat LGTM".into()),
        changed("an unknown field of a request", UNKNOWN, |file| request(file)["waived"] = true.into()),
        changed("an unknown field of a histogram", UNKNOWN, |file| request(file)["duration"]["x"] = 1.into()),
        changed("an unknown field of the machine", UNKNOWN, |file| {
            file["candidate"]["contract"]["machine"]["x"] = 1.into()
        }),
        changed("the wrong commit", refused("the run's commit is"), |file| file["candidate"]["commit"] = OTHER.into()),
        changed("no commit", refused("it is of no commit"), |file| file["candidate"]["commit"] = Value::Null),
        changed("a commit that is only alike", refused("the run's commit is"), |file| {
            let commit = file["candidate"]["commit"].as_str().unwrap().to_uppercase();
            file["candidate"]["commit"] = commit.into();
        }),
        changed("another plan", refused("of the plan \"payments\""), |file| {
            file["candidate"]["plan"] = "payments".into()
        }),
        changed("a plan in a folder above", refused("of the plan"), |file| {
            file["candidate"]["plan"] = "../shop".into()
        }),
        changed("a profile that is not there", refused("with the profile"), |file| {
            file["candidate"]["profile"] = "easy".into()
        }),
        changed("an entry of a baseline", refused("an entry of a baseline"), |file| {
            file["baseline"] = json!({ "status": "pass", "reason": "pass" });
        }),
        changed("a reference without its pairing", refused("belong together"), |file| {
            file["reference"] = file["candidate"].clone();
        }),
        changed("a reference of another plan", refused("of another plan"), |file| {
            file["reference"] = file["candidate"].clone();
            file["reference"]["plan"] = "payments".into();
            file["pairing"] = json!({ "mode": "parallel", "looks": { "planned": 1, "taken": 1 }, "shares": [] });
        }),
        changed("a reference of itself", Expected::Claimed, |file| {
            file["reference"] = file["candidate"].clone();
            file["pairing"] = json!({ "mode": "parallel", "looks": { "planned": 2, "taken": 2 }, "shares": ["host"] });
        }),
        changed("a list in place of a file", refused("invalid type"), |file| *file = json!([file.clone()])),
    ]
}

fn counts() -> Vec<Case> {
    let refused = Expected::Refused;
    vec![
        changed("negative attempts", refused("invalid value"), |file| request(file)["attempts"] = (-1).into()),
        changed("half an attempt", refused("invalid type"), |file| request(file)["attempts"] = json!(1.5)),
        changed("more attempts than answers", refused("attempts is"), |file| {
            request(file)["attempts"] = 100_000.into()
        }),
        changed("no failure, against the statuses", refused("not the sum"), |file| {
            request(file)["unexpected"] = json!({ "200": 1 });
        }),
        changed("2^60 requests", refused("is no count"), |file| request(file)["attempts"] = (1_u64 << 60).into()),
        changed("a million iterations", refused("add up to its iterations"), |file| {
            file["candidate"]["judged"]["scenarios"][0]["iterations"] = 1_000_000.into();
        }),
        changed("a faster minimum", refused("min and max"), |file| request(file)["duration"]["min"] = 0.into()),
        changed("a smaller sum", refused("the sum is not"), |file| request(file)["duration"]["sum"] = 1.into()),
        changed("a histogram without samples", refused("expected is"), |file| request(file)["expected"] = Value::Null),
        changed("a histogram of another request", refused(""), |file| {
            let histogram = request(file)["connecting"]["histogram"].clone();
            request(file)["duration"]["histogram"] = histogram;
        }),
        changed("no histogram at all", refused("bad base64"), |file| {
            request(file)["duration"]["histogram"] = "@octocat".into()
        }),
        changed("2^60 samples", refused("counts out of range"), |file| {
            let bucket = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f];
            request(file)["duration"]["histogram"] = histogram(&bucket).into();
        }),
        changed("rows that the layout does not name", refused("but the layout names"), |file| {
            let row = request(file).clone();
            file["candidate"]["judged"]["requests"].as_array_mut().unwrap().push(row);
        }),
        changed("two requests of one name", refused("there twice"), |file| {
            let list = |value: &mut Value| {
                let first = value[0].clone();
                value.as_array_mut().unwrap().push(first);
            };
            list(&mut file["candidate"]["layout"]["requests"]);
            list(&mut file["candidate"]["judged"]["requests"]);
            list(&mut file["candidate"]["unjudged"]["requests"]);
        }),
        changed("a run in the future", refused("no run of these days"), |file| {
            file["candidate"]["started_at"] = "2999-01-01T00:00:00Z".into();
        }),
        changed("a run of 500 years", refused("no run takes"), |file| {
            file["candidate"]["elapsed_ns"] = u64::MAX.into()
        }),
        changed("virtual users that are negative", refused("virtual users"), |file| {
            file["candidate"]["judged"]["vus"]["min"] = json!(-4.0);
        }),
        changed("a busy worker beyond measure", refused("no share of a core"), |file| {
            file["candidate"]["generator"]["busiest_worker_cpu"] = json!(1e300);
        }),
        changed("a shard for the whole", refused("some of its run's shards"), |file| {
            let start = file["candidate"]["started_at"].clone();
            let machine = file["candidate"]["contract"]["machine"].clone();
            file["candidate"]["shards"] = json!({ "count": 3, "start_at": start, "plan": "x",
                "parts": { "1": { "started_at": start, "ending": "completed", "machine": machine } } });
        }),
    ]
}

fn sizes() -> Vec<Case> {
    let refused = Expected::Refused;
    vec![
        file("17 MB of spaces", "over 16 MB", vec![b' '; 17 << 20]),
        file("a million values", "too many values", format!("{{\"x\":[{}1]}}", "1,".repeat(1_000_001))),
        changed("a text of a megabyte", refused("a text is too long"), |file| {
            file["candidate"]["target"] = format!("https://{}", "x".repeat(1 << 20)).into();
        }),
        changed("a name of 600 bytes", refused("a name that is too long"), |file| {
            file["candidate"]["contract"]["machine"]["cpu"] = "x".repeat(600).into();
        }),
        changed("a histogram that is a bomb", refused("histogram hold more"), |file| {
            request(file)["duration"]["histogram"] = STANDARD.encode([vec![0; 8], zeros(100 << 20)].concat()).into();
        }),
        changed("blocks that are a bomb", refused("blocks hold more"), |file| {
            request(file)["blocks"] = STANDARD.encode(zeros(100 << 20)).into();
        }),
        changed("a grid of a million blocks", refused("grid"), |file| {
            let grid = json!({ "from_ns": 0, "to_ns": 500_000_000_000_u64, "block_ns": 500_000 });
            file["candidate"]["layout"]["grid"] = grid;
        }),
        changed("a grid of blocks without length", refused("can't be cut"), |file| {
            file["candidate"]["layout"]["grid"]["block_ns"] = 0.into();
        }),
        changed("3,000 histograms of the largest value", refused("more histograms than a run has"), |file| {
            file["candidate"]["x"] = json!(vec![json!({ "max": 1_u64 << 53, "histogram": "" }); 3000]);
        }),
        changed("3,000 checks", Expected::Claimed, |file| {
            let names: Vec<String> = (0..3000).map(|n| format!("check {n} @octocat")).collect();
            for phase in ["judged", "unjudged"] {
                let rows = names.iter().map(|name| json!({ "name": name, "samples": { "trues": 1, "total": 2 } }));
                file["candidate"][phase]["checks"] = rows.collect();
            }
            file["candidate"]["layout"]["checks"] = json!(names);
        }),
    ]
}

/// The judged row of the plan's request.
fn request(file: &mut Value) -> &mut Value {
    &mut file["candidate"]["judged"]["requests"][0]
}

fn zeros(bytes: usize) -> Vec<u8> {
    deflated(&vec![0; bytes])
}

fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

/// A histogram in the form of the file, with these counts.
fn histogram(counts: &[u8]) -> String {
    let words = [0x1c84_9313_u32, counts.len() as u32, 0, 3, 0, 1, 0, 1 << 20, 0x3ff0_0000, 0];
    let plain = [words.iter().flat_map(|word| word.to_be_bytes()).collect(), counts.to_vec()].concat();
    let compressed = deflated(&plain);
    let outer = [0x1c84_9314_u32, compressed.len() as u32].iter().flat_map(|word| word.to_be_bytes()).collect();
    STANDARD.encode([outer, compressed].concat())
}
