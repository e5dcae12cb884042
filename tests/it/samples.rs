//! `--out json=FILE`: the samples of a script's run, one by one, tell what the run has measured.

use serde_json::Value;

use crate::gate::{Ended, Folder};
use crate::servers::{Server, answer};

const SCRIPT: &str = r#"
import http from 'k6/http';
import { check, group } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const [sold, stock, good, size] = [new Counter('sold'), new Gauge('stock'), new Rate('good'), new Trend('size')];

export const options = {
  scenarios: {
    browse: { executor: 'per-vu-iterations', vus: 2, iterations: 10, tags: { team: 'red' } },
    late: {
      executor: 'constant-arrival-rate', rate: 200, duration: '1s', preAllocatedVUs: 1, maxVUs: 1, exec: 'late', gracefulStop: '1s',
    },
  },
  thresholds: {
    checks: ['rate>0.5'],
    good: ['rate>0.4'],
    sold: ['count==40'],
    'http_req_duration{name:list}': ['p(95)<5000'],
    http_req_failed: ['rate<0.9'],
  },
};

export function setup() {
  http.get('http://api.example/setup');
}

export default function () {
  group('shop', () => {
    const res = http.get('http://api.example/items', { tags: { name: 'list' } });
    check(res, { 'is ok': (r) => r.status === 200, 'is even': () => __ITER % 2 === 0 });
    size.add(res.body.length);
  });
  http.get('http://api.example/missing');
  sold.add(2, { kind: 'bread' });
  stock.add(__ITER);
  good.add(__ITER % 2 === 0);
}

export function late() {
  http.get('http://api.example/slow');
}
"#;

fn server() -> Server {
    Server::start(|_, request, stream| match request.line() {
        "GET /missing" => answer(stream, 404, "text/plain", "no"),
        "GET /slow" => {
            std::thread::sleep(std::time::Duration::from_millis(20));
            answer(stream, 200, "text/plain", "late")
        }
        _ => answer(stream, 200, "application/json", "{\"name\":\"x\"}"),
    })
}

fn report(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&folder.read(name)).expect("JSON")
}

/// What a report says of thresholds, by what they are on: as figures that two ways of counting must agree on.
fn figures(report: &Value) -> Vec<(String, f64)> {
    let thresholds = report["thresholds"].as_array().expect("thresholds");
    let figure = |threshold: &Value| {
        let selector = threshold["selector"].as_str().expect("a selector").to_owned();
        (selector, threshold["figure"].as_f64().expect("a figure"))
    };
    let mut all: Vec<_> = thresholds.iter().map(figure).filter(|(name, _)| name != "iteration_errors").collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn run(folder: &Folder, out: &str) -> Ended {
    folder.write("shop.js", SCRIPT);
    let target = server().url();
    let out = format!("json={out}");
    let ended =
        folder.run(&["run", "shop.js", "--target", &target, "--no-repeat", "--out", &out, "--report", "json=run.json"]);
    assert!(ended.stdout.contains("complete"), "{ended:?}");
    ended
}

#[test]
fn the_samples_of_a_run_are_judged_as_the_run_was() {
    for out in ["points.json", "points.json.gz"] {
        let folder = Folder::new();
        run(&folder, out);
        let again = folder.run(&["judge", out, "--plan", "shop.js", "--report", "json=judge.json"]);
        assert!(again.stdout.contains("do not tell whether the generator kept up"), "{again:?}");
        assert!(!again.stdout.contains("measured by k6"), "{again:?}");
        let (ran, judged) = (report(&folder, "run.json"), report(&folder, "judge.json"));
        let (ours, theirs) = (figures(&ran), figures(&judged));
        assert_eq!(ours.len(), 5, "{ran:#}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours.0, theirs.0);
            assert!((ours.1 - theirs.1).abs() <= ours.1 * 2e-3, "{ours:?} {theirs:?}");
        }
    }
}

#[test]
fn every_line_is_one_of_k6s() {
    let folder = Folder::new();
    run(&folder, "points.json");
    let text = folder.read("points.json");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |metric: &str| lines.iter().filter(|line| line["metric"] == metric).collect::<Vec<_>>();
    let points = |metric: &str| of(metric).into_iter().filter(|line| line["type"] == "Point").collect::<Vec<_>>();
    for metric in [
        "http_reqs",
        "http_req_duration",
        "http_req_failed",
        "checks",
        "group_duration",
        "sold",
        "stock",
        "good",
        "size",
        "iterations",
        "iteration_duration",
        "data_sent",
        "data_received",
        "vus",
        "vus_max",
        "dropped_iterations",
    ] {
        assert_eq!(of(metric)[0]["type"], "Metric", "{metric}: it is declared first");
        assert_eq!(of(metric).iter().filter(|line| line["type"] == "Metric").count(), 1, "{metric}");
        assert!(!points(metric).is_empty(), "{metric}");
    }
    let tag = |line: &Value, name: &str| line["data"]["tags"][name].as_str().map(str::to_owned);
    assert_eq!(points("sold").len(), 20);
    for line in points("sold") {
        assert_eq!(
            [tag(line, "kind"), tag(line, "scenario"), tag(line, "team"), tag(line, "group")],
            [Some("bread".into()), Some("browse".into()), Some("red".into()), Some(String::new())]
        );
    }
    let setup: Vec<_> = points("http_reqs").into_iter().filter(|line| tag(line, "scenario").is_none()).collect();
    assert_eq!(setup.iter().map(|line| tag(line, "group")).collect::<Vec<_>>(), [Some("::setup".into())]);
}

#[test]
fn what_can_not_be_written_is_told_before_the_load() {
    let folder = Folder::new();
    folder.write("shop.js", SCRIPT);
    for (arguments, said) in [
        (&["--out", "json=no/such/points.json"][..], "no/such/points.json can't be written"),
        (&["--out", "json=a.json", "--out", "json=b.json"], "given twice"),
        (&["--out", "csv=a.csv"], "there is no output of samples in k6's format `csv`"),
        (&["--out", "json"], "name the file of the samples"),
        (&["--out", "json=a.json", "--reference", "http://127.0.0.1:1"], "two deployments"),
    ] {
        let target = server();
        let ended = folder.run(&[&["run", "shop.js", "--target", &target.url()], arguments].concat());
        assert!(ended.stderr.contains(said), "{arguments:?}: {ended:?}");
        assert_ne!(ended.code, Some(0));
        assert_eq!(target.requests(), 0, "{arguments:?}");
    }
}

/// A full disk: what was measured is judged and kept all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_stream_with_a_hole_is_told() {
    let folder = Folder::new();
    folder.write("shop.js", SCRIPT);
    let target = server().url();
    let ended = folder.run(&["run", "shop.js", "--target", &target, "--no-repeat", "--out", "json=/dev/full"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stderr.contains("not all samples are in /dev/full"), "{ended:?}");
    assert!(ended.stdout.contains("complete"), "the verdict comes before: {ended:?}");
    assert!(folder.read("loadgate-measurement.json").contains("\"list\""), "{ended:?}");
}
