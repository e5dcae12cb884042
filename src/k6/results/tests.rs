use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::NamedTempFile;

use crate::measurement::{ErrorClass, Measurement, MeasurementFile, RequestTally, claim};
use crate::metric::{Metric, Selector, Statistic};

use super::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/k6").join(name)
}

fn read(name: &str, selectors: &[&str]) -> Results {
    let selectors: Vec<Selector> = selectors.iter().map(|text| Selector::parse(text).unwrap()).collect();
    open(&fixture(name)).unwrap().expect("a file of k6's").read(&selectors).unwrap()
}

fn read_text(content: impl AsRef<[u8]>) -> Result<Option<Results>, String> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_ref()).unwrap();
    let read = |opened: Option<Opened>| opened.map(|opened| opened.read(&[])).transpose();
    open(file.path()).and_then(read).map_err(|error| {
        let place = file.path().display().to_string();
        error.to_string().strip_prefix(&place).expect("an error names its file").to_owned()
    })
}

fn row<'a>(run: &'a Measurement, name: &str) -> &'a RequestTally {
    let index = run.layout.requests.iter().position(|label| &*label.name == name);
    &run.judged.requests[index.unwrap_or_else(|| panic!("no row {name}"))]
}

/// A figure as a threshold gets it.
fn figure(run: &Measurement, selector: &str, statistic: Statistic) -> Option<f64> {
    let selector = Selector::parse(selector).unwrap();
    match &run.judged.stated {
        Some(stated) => stated.figure(&selector, statistic),
        None => run.view().figure(&selector.metric, statistic),
    }
}

#[test]
fn a_stream_is_counted_as_a_run_of_our_own() {
    let Results { file, conditions, notes } = read("stream.json.gz", &[]);
    let run = &file.candidate;
    for (name, attempts, failed, timed) in [
        ("list items", 6, 0, 6),
        ("GET /items/{id}", 6, 0, 6),
        ("GET /missing", 6, 6, 6),
        ("POST /orders", 6, 0, 6),
        ("GET /slow", 6, 6, 6),
        ("GET /drop", 6, 6, 0),
        ("GET /refused", 6, 6, 0),
        ("GET /", 6, 6, 0),
    ] {
        let row = row(run, name);
        assert_eq!((row.attempts, row.failed, row.duration.count()), (attempts, failed, timed), "{name}");
    }
    for (name, class) in [
        ("GET /slow", ErrorClass::Timeout),
        ("GET /drop", ErrorClass::Reset),
        ("GET /refused", ErrorClass::Connect),
        ("GET /", ErrorClass::Dns),
    ] {
        assert_eq!(row(run, name).errors_of(class), 6, "{name}");
    }
    assert_eq!(row(run, "GET /missing").unexpected, BTreeMap::from([(404, 6)]));
    assert!(row(run, "GET /slow").duration.min().unwrap() >= 100.0, "a time-out counts as its limit");
    for (metric, statistic, expected) in [
        ("http_reqs", Statistic::Count, 48.0),
        ("http_req_failed", Statistic::Rate, 30.0 / 48.0),
        ("checks", Statistic::Rate, 12.0 / 18.0),
        ("iterations", Statistic::Count, 12.0),
        ("group_duration", Statistic::Count, 12.0),
        ("iteration_duration", Statistic::Max, 152.211),
        ("data_sent", Statistic::Count, 3335.0 - 76.0 - 79.0),
        ("vus_max", Statistic::Value, 3.0),
        ("orders", Statistic::Count, 6.0),
        ("order_wait", Statistic::Med, 12.5),
        ("stock", Statistic::Value, 7.0),
        ("good_orders", Statistic::Rate, 1.0),
    ] {
        assert_eq!(figure(run, metric, statistic), Some(expected), "{metric} {statistic}");
    }
    assert_eq!(figure(run, "http_req_duration", Statistic::Count), Some(30.0));
    assert!(figure(run, "http_req_duration", Statistic::Min).unwrap() > 0.1, "no request takes 0 ms");
    let names = |names: &[std::sync::Arc<str>]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&run.layout.groups), ["shop::detail", "shop"]);
    assert_eq!(names(&run.layout.checks), ["is listed", "is fast", "is shown"]);
    assert_eq!(run.unjudged.requests.iter().map(|row| row.attempts).sum::<u64>(), 2, "setup and teardown");
    assert_eq!(run.target, "http://127.0.0.1:34283");
    assert_eq!(run.evidence.len(), 4);
    assert!(notes.iter().any(|note| note.contains("its own saturation")), "{notes:?}");
    let own: Vec<String> = conditions.thresholds.iter().map(|t| format!("{} {}", t.selector, t.condition)).collect();
    assert_eq!(own[..2], ["http_req_duration p(95)<5000", "http_req_duration avg<1"]);
    assert_eq!(own.len(), 7);
    let unknown: Vec<&str> = conditions.unknown.iter().map(String::as_str).collect();
    assert_eq!(unknown, ["checks{check:nowhere}", "http_req_duration{name:list items}"]);
}

#[test]
fn a_stream_adds_up_as_our_own_measurements_do() {
    let mut file = read("stream.json.gz", &["http_reqs{scenario:buy}"]).file;
    file.candidate.plan = "shop".into();
    let json = file.to_json().unwrap();
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    assert_eq!(claim::read(&json, now).unwrap(), MeasurementFile::parse(&json).unwrap());
}

#[test]
fn thresholds_of_a_plan_find_their_samples_by_tags() {
    let table = [
        ("http_req_duration{name:list items}", Statistic::Count, 6.0),
        ("http_req_duration{name:GET /items/{id}}", Statistic::Count, 6.0),
        ("http_req_duration{name:http://127.0.0.1:34283/items/17}", Statistic::Count, 2.0),
        ("http_req_duration{expected_response:true}", Statistic::Count, 18.0),
        ("http_req_duration{scenario:browse,status:404}", Statistic::Count, 6.0),
        ("http_req_failed{scenario:buy}", Statistic::Rate, 0.8),
        ("http_reqs{error:timeout}", Statistic::Count, 6.0),
        ("http_reqs{error_code:1212}", Statistic::Count, 6.0),
        ("checks{group:shop}", Statistic::Rate, 0.5),
        ("checks{check:is shown}", Statistic::Rate, 1.0),
        ("group_duration{group:::shop::detail}", Statistic::Count, 6.0),
        ("iterations{scenario:buy}", Statistic::Count, 6.0),
        ("iteration_duration{scenario:buy}", Statistic::Count, 6.0),
        ("orders{scenario:buy}", Statistic::Count, 6.0),
        ("order_wait{scenario:browse}", Statistic::Count, 0.0),
    ];
    let selectors: Vec<&str> = table.iter().map(|(selector, ..)| *selector).collect();
    let run = read("stream.json.gz", &selectors).file.candidate;
    for (text, statistic, expected) in table {
        let selector = Selector::parse(text).unwrap().to_string();
        let index = run.layout.submetrics.iter().position(|label| label.selector == selector).unwrap();
        assert_eq!(run.view().submetric(index, statistic), Some(expected), "{text}");
    }
}

/// A stream of one request each `step` milliseconds.
fn steady(requests: u64, step: u64) -> String {
    let start: Timestamp = "2026-11-30T05:00:00Z".parse().unwrap();
    let mut text = String::new();
    for number in 0..requests {
        let at = start + Duration::from_millis(number * step);
        let tags =
            r#"{"expected_response":"true","method":"GET","name":"http://x/a","scenario":"default","status":"200"}"#;
        for (metric, value) in [("http_reqs", 1.0), ("http_req_duration", 5.0), ("http_req_failed", 0.0)] {
            writeln!(
                text,
                r#"{{"metric":"{metric}","type":"Point","data":{{"time":"{at}","value":{value},"tags":{tags}}}}}"#
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn time_is_cut_into_blocks_as_in_a_run() {
    for (requests, block, blocks) in [(1, 1, 1), (15, 1, 14), (61, 3, 20), (100, 4, 24), (131, 5, 26), (3601, 5, 720)] {
        let run = read_text(steady(requests, 1000)).unwrap().unwrap().file.candidate;
        assert_eq!((run.layout.grid.block.as_secs(), run.layout.grid.blocks()), (block, blocks), "{requests}");
        let counted = row(&run, "GET /a").blocks.values();
        assert_eq!(counted.clone().map(|block| u64::from(block.attempts)).sum::<u64>(), requests);
        assert_eq!(counted.len() as u32, blocks, "every block has its requests");
        assert_eq!(run.elapsed, Duration::from_millis((requests - 1) * 1000 + 5));
    }
}

#[test]
fn past_a_thousand_rows_the_rest_is_one() {
    let text: String = (0..1200).map(|number| steady(1, 1).replace("http://x/a", &format!("page {number}"))).collect();
    let Results { file, notes, .. } = read_text(text).unwrap().unwrap();
    assert_eq!(file.candidate.layout.requests.len(), 1001);
    assert_eq!(row(&file.candidate, "(other)").attempts, 200);
    assert!(notes.iter().any(|note| note.contains("(other)")), "{notes:?}");
}

#[test]
fn dropped_iterations_make_an_arrival_rate_of_a_scenario() {
    let dropped = r#"{"metric":"dropped_iterations","type":"Point","data":{"time":"2026-11-30T05:00:00Z","value":3,"tags":{"scenario":"default"}}}"#;
    let run = read_text(format!("{}{dropped}\n", steady(2, 10))).unwrap().unwrap().file.candidate;
    assert!(run.layout.scenarios[0].arrival_rate);
    assert_eq!((run.judged.scenarios[0].dropped, run.judged.scenarios[0].interrupted), (3, 1));
}

#[test]
fn a_summary_is_known_by_what_it_states_in_every_shape() {
    let p = Statistic::Percentile;
    let table = [
        ("data.json", "http_req_duration", p(99.0), Some(101.15406545)),
        ("data.json", "http_req_duration", p(99.9), None),
        ("data.json", "http_req_duration{name:list items}", Statistic::Max, Some(46.268189)),
        ("data.json", "http_req_failed", Statistic::Rate, Some(0.6)),
        ("data.json", "http_reqs", Statistic::Rate, Some(44.43634640417472)),
        ("data.json", "checks{check:nowhere}", Statistic::Rate, None),
        ("data.json", "stock", Statistic::Value, Some(7.0)),
        ("summary-export.json", "http_req_duration", p(99.0), Some(101.15406545)),
        ("summary-export.json", "http_req_failed", Statistic::Rate, Some(0.6)),
        ("summary-export.json", "checks{check:nowhere}", Statistic::Rate, None),
        ("summary-export.json", "orders", Statistic::Count, Some(6.0)),
        ("summary-export.json", "order_wait", Statistic::Med, Some(12.5)),
        ("machine-readable.json", "http_req_duration", p(95.0), Some(101.0237707)),
        ("machine-readable.json", "http_req_duration", p(99.0), None),
        ("machine-readable.json", "http_req_failed", Statistic::Rate, Some(0.6)),
        ("machine-readable.json", "http_reqs", Statistic::Rate, Some(50.0 / 1.119672684)),
    ];
    for (name, selector, statistic, expected) in table {
        let run = read(name, &[]).file.candidate;
        assert_eq!(figure(&run, selector, statistic), expected, "{name}: {selector} {statistic}");
    }
    for name in ["data.json", "summary-export.json", "machine-readable.json"] {
        let run = read(name, &[]).file.candidate;
        let checks: Vec<_> = run.layout.checks.iter().map(|name| &**name).zip(&run.judged.checks).collect();
        let told = |name: &str| checks.iter().find(|(of, _)| *of == name).map(|(_, ratio)| (ratio.trues, ratio.total));
        assert_eq!((told("is listed"), told("is fast"), told("is shown")), (Some((6, 6)), Some((0, 6)), Some((6, 6))));
        assert!((1.11..1.13).contains(&run.judged_for.as_secs_f64()), "{name}: {:?}", run.judged_for);
        let row = &run.judged.requests[0];
        assert_eq!((row.attempts, row.failed, run.judged.scenarios[0].iterations), (50, 30, 12), "{name}");
        assert_eq!(
            run.view().series(&Metric::named("vus_max")).unwrap().figure(Statistic::Value, run.elapsed),
            Some(3.0)
        );
        assert!(!format!("{run:?}").contains("not-to-be-read"), "{name}: what setup() returned was read");
    }
}

#[test]
fn the_thresholds_of_a_summary_are_read_in_both_shapes() {
    for name in ["data.json", "summary-export.json"] {
        let Results { file, conditions, notes } = read(name, &[]);
        let held: BTreeMap<String, Option<bool>> = conditions
            .thresholds
            .iter()
            .map(|t| {
                let figure = file.candidate.judged.stated.as_ref().unwrap().figure(&t.selector, t.condition.statistic);
                (format!("{}: {}", t.selector, t.condition), figure.map(|figure| t.condition.holds(figure)))
            })
            .collect();
        let expected = [
            ("checks: rate>0.5", Some(true)),
            ("checks{check:nowhere}: rate>0.9", None),
            ("http_req_duration: avg<1", Some(false)),
            ("http_req_duration: p(95)<5000", Some(true)),
            ("http_req_duration{expected_response:true}: p(99)<5000", Some(true)),
            ("http_req_duration{name:list items}: max<5000", Some(true)),
            ("http_req_failed: rate<0.01", Some(false)),
            ("http_req_failed: rate<0.9", Some(true)),
            ("order_wait: med>0", Some(true)),
            ("orders: count>1", Some(true)),
        ];
        assert_eq!(held, BTreeMap::from(expected.map(|(name, held)| (name.to_owned(), held))), "{name}");
        let taken = "k6 takes rate>0.9 on checks{check:nowhere} for met, of which there is no sample";
        assert!(notes.iter().any(|note| note == taken), "{name}: {notes:?}");
        assert!(notes.iter().any(|note| note.contains("30 of 50 requests failed")), "{name}: {notes:?}");
    }
    assert!(read("machine-readable.json", &[]).conditions.untold);
}

/// The legacy shape: `true` says that the threshold was broken.
#[test]
fn true_is_bad_in_the_legacy_shape() {
    for (broken, noted) in [(true, false), (false, true)] {
        let text = format!(
            r#"{{"metrics":{{"checks{{a:b}}":{{"passes":0,"fails":0,"value":0,"thresholds":{{"rate>0.9":{broken}}}}}}},"root_group":{{}}}}"#
        );
        let notes = read_text(text).unwrap().unwrap().notes;
        assert_eq!(notes.iter().any(|note| note.contains("for met")), noted, "{notes:?}");
    }
}

#[test]
fn a_dead_server_has_no_response_times() {
    let summary = r#"{"metrics":{
        "http_reqs":{"type":"counter","contains":"default","values":{"count":9,"rate":3}},
        "http_req_failed":{"type":"rate","contains":"default","values":{"rate":1,"passes":9,"fails":0}},
        "http_req_connecting":{"type":"trend","contains":"time","values":{"avg":0,"p(95)":0}},
        "http_req_duration":{"type":"trend","contains":"time","values":{"avg":0,"p(95)":0,"count":9},
                             "thresholds":{"p(95)<500":{"ok":true}}}},"root_group":{}}"#;
    let Results { file, notes, .. } = read_text(summary).unwrap().unwrap();
    assert_eq!(figure(&file.candidate, "http_req_duration", Statistic::Percentile(95.0)), None);
    assert_eq!(figure(&file.candidate, "http_req_connecting", Statistic::Percentile(95.0)), Some(0.0));
    assert_eq!(file.candidate.judged.requests[0].responses, 0);
    assert!(notes.iter().any(|note| note.contains("for met")), "{notes:?}");
}

#[test]
fn what_k6_did_not_write_is_named_with_its_line() {
    let good = steady(1, 1);
    let point = |data: &str| format!("{good}{{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{data}}}\n");
    let long = format!("{good}{{\"metric\":\"{}\"", "x".repeat(2 << 20));
    for (text, line, problem) in [
        (format!("{good}{{\"metric\":\"http_r"), ":4:", "no line of k6's JSON output"),
        (format!("{good}[]\n"), ":4:", "no line of k6's JSON output"),
        (format!("{good}nonsense\n{good}"), ":4:", "no line of k6's JSON output"),
        (point("{}"), ":4:", "without a value"),
        (point(r#"{"value":1}"#), ":4:", "without a time"),
        (point(r#"{"value":1,"time":"yesterday"}"#), ":4:", "is no time"),
        (point(r#"{"value":1,"time":"2026-11-30T05:00:00Z"}"#), ":4:", "no http_req_duration"),
        (point(r#"{"value":1e999,"time":"2026-11-30T05:00:00Z"}"#), ":4:", "no line"),
        (good.replace("\"value\":5", "\"value\":-5"), ":1:", "-5 ms is no time"),
        (good.replace("\"200\"", "\"-1\""), ":1:", "no number of a status"),
        (format!("{good}{}", good.replace("2026", "2020")), ":4:", "days apart"),
        (good.replace("http_req", "unheard_of"), ":1:", "which no line before it declares"),
        (long, ":4:", "a line of over 1 MB"),
        (format!("{good}{}", "\n".repeat(2000)), ":1004:", "empty lines"),
        (
            "{\"type\":\"Metric\",\"data\":{\"type\":\"trend\"},\"metric\":\"checks\"}\n".into(),
            ":1:",
            "another type than k6 gives it",
        ),
        (
            "{\"type\":\"Metric\",\"data\":{\"type\":\"rate\",\"thresholds\":[\"rate>\"]},\"metric\":\"checks\"}\n"
                .into(),
            ":1:",
            "the threshold \"rate>\" on \"checks\" can't be read",
        ),
        (
            "{\"type\":\"Metric\",\"data\":{\"type\":\"rate\"},\"metric\":\"checks\"}\n".into(),
            ":",
            "no sample of a scenario",
        ),
    ] {
        let error = read_text(&text).expect_err(problem);
        assert!(error.starts_with(line) && error.contains(problem), "{line} {problem}: {error}");
    }
}

#[test]
fn what_is_not_k6s_is_left_to_others() {
    for text in
        ["", "{}", "[]", "null", "{\"schema_version\":1}", "{\"metrics\":{}}", "name: plan\n", "{\"metrics\":{\"a\""]
    {
        assert!(matches!(read_text(text), Ok(None)), "{text}");
    }
    assert!(open(Path::new("/no/such/file")).unwrap().is_none());
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_packed_is_bounded() {
    let lines = steady(3, 10);
    assert_eq!(read_text(packed(lines.as_bytes())).unwrap().unwrap().file.candidate.judged.requests[0].attempts, 3);
    let bomb = [lines.as_bytes(), &vec![b' '; 64 << 20]].concat();
    assert!(read_text(packed(&bomb)).unwrap_err().contains("a line of over 1 MB"));
    assert!(read_text(packed(&vec![b' '; 128 << 20])).unwrap_err().contains("neither samples nor a summary"));
    let whole = packed(lines.as_bytes());
    assert!(read_text(&whole[..whole.len() - 20]).unwrap_err().contains("can't read k6's results"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_file_makes_it_panic(
        place in any::<prop::sample::Index>(),
        length in 0..40_usize,
        other in prop_oneof![Just("".to_owned()), "[-0-9.e\"{}:,a-z]{1,8}"],
        which in 0..4_usize,
    ) {
        let names = ["data.json", "summary-export.json", "machine-readable.json"];
        let mut content = match names.get(which) {
            Some(name) => std::fs::read(fixture(name)).unwrap(),
            None => steady(4, 500).into_bytes(),
        };
        let start = place.index(content.len());
        let end = (start + length).min(content.len());
        content.splice(start..end, other.bytes());
        let _ = read_text(&content);
    }
}
