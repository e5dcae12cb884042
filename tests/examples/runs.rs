//! Every example that stands for somebody's load test, run small by the real binary against the demo API: each check passes,
//! each metric has samples, each threshold is judged with its limit and the figure that was measured.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use loadgate::demo::{Server, Settings};
use serde_json::Value;

/// A plan and what its test asked for; the figures are those of the users' scripts and reports.
struct Example {
    plan: &'static str,
    scale_load: &'static str,
    scale_time: &'static str,
    requests: &'static [&'static str],
    checks: &'static [&'static str],
    /// The metrics that the plan declares.
    metrics: &'static [&'static str],
    thresholds: &'static [(&'static str, &'static str)],
    /// Whether iterations are left over when the time is up, as in the report.
    drops: bool,
}

/// Five minutes in six seconds, 5,000 users as ten.
const STAGED: Example = Example {
    plan: "",
    scale_load: "0.002",
    scale_time: "0.02",
    requests: &[],
    checks: &[],
    metrics: &["failed_requests"],
    thresholds: &[],
    drops: false,
};

/// Ten minutes in two seconds, 100 users as five with a think time of 3 ms.
const ITERATED: Example = Example {
    plan: "",
    scale_load: "0.05",
    scale_time: "0.0033",
    requests: &[],
    checks: &["status is 200"],
    metrics: &["waiting_time"],
    thresholds: &[("http_req_duration", "p(95)<200"), ("http_req_failed", "rate<0.01")],
    drops: true,
};

/// The longest first, since they run side by side.
const EXAMPLES: [Example; 11] = [
    Example {
        plan: "seat-reservation",
        requests: &["queue-status", "available-seats", "occupy", "reserve"],
        checks: &["reserve status is 200", "seat reserved successfully"],
        metrics: &["failed_requests", "data_integrity"],
        thresholds: &[
            ("http_req_duration", "p(90)<2000"),
            ("http_req_failed", "rate<0.001"),
            ("http_reqs", "rate>100"),
            ("checks", "rate>0.9999"),
            ("data_integrity", "rate==1.0"),
        ],
        ..STAGED
    },
    Example {
        plan: "queue-status",
        requests: &["queue-status"],
        checks: &["status is 200", "has queuePosition", "has estimatedWaitingTime"],
        thresholds: &[
            ("http_req_duration", "p(99)<500"),
            ("http_req_failed", "rate<0.005"),
            ("http_reqs", "rate>1000"),
            ("checks", "rate>0.9999"),
        ],
        ..STAGED
    },
    Example {
        plan: "queue-token",
        requests: &["queue-token"],
        checks: &["status is 200", "has token", "has estimatedWaitingTime"],
        thresholds: &[
            ("http_req_duration", "p(95)<1000"),
            ("http_req_failed", "rate<0.01"),
            ("http_reqs", "rate>500"),
            ("checks", "rate>0.999"),
        ],
        ..STAGED
    },
    Example {
        plan: "six-apis",
        scale_load: "0.04",
        scale_time: "0.004",
        requests: &["browse", "header", "intro", "reviews", "update_mentee", "update_mentor"],
        checks: &[
            "browse is 200",
            "header is 200",
            "intro is 200",
            "reviews is 200",
            "update_mentee is 200",
            "update_mentor is 200",
        ],
        metrics: &[
            "browse_latency",
            "header_latency",
            "intro_latency",
            "reviews_latency",
            "update_mentee_latency",
            "update_mentor_latency",
        ],
        thresholds: &[
            ("http_req_failed", "rate<0.01"),
            ("checks", "rate>0.99"),
            ("browse_latency", "p(95)<1000"),
            ("header_latency", "p(95)<1000"),
            ("intro_latency", "p(95)<1000"),
            ("reviews_latency", "p(95)<1000"),
            ("update_mentee_latency", "p(95)<2000"),
            ("update_mentor_latency", "p(95)<2000"),
        ],
        drops: false,
    },
    Example {
        plan: "boards-ramp",
        scale_load: "0.002",
        scale_time: "0.004",
        requests: &["boards"],
        checks: &[],
        metrics: &[],
        thresholds: &[("http_req_duration", "p(95)<1000"), ("http_req_failed", "rate<0.01")],
        drops: false,
    },
    Example { plan: "concerts-100-vus", requests: &["concerts"], ..ITERATED },
    Example { plan: "schedule-100-vus", requests: &["dates"], ..ITERATED },
    Example { plan: "schedule-200-vus", requests: &["dates"], ..ITERATED },
    Example { plan: "seats-100-vus", requests: &["seats"], ..ITERATED },
    Example { plan: "token-and-status-100-vus", requests: &["issue-token", "token-status"], ..ITERATED },
    Example { plan: "smoke", scale_load: "1", scale_time: "1", requests: &["concerts"], drops: false, ..ITERATED },
];

/// Runs at a time.
const SIDE_BY_SIDE: usize = 4;

/// A threshold, compared by its meaning: `rate==1.0` is `rate==1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    selector: String,
    /// `p(95)`
    statistic: String,
    operator: String,
    limit: f64,
}

impl Limit {
    pub fn read(selector: &str, condition: &str) -> Limit {
        let is_operator = |c: char| "<>=!".contains(c);
        let start = condition.find(is_operator).unwrap_or_else(|| panic!("no operator in {condition}"));
        let (statistic, rest) = condition.split_at(start);
        let limit = rest.trim_start_matches(is_operator);
        Limit {
            selector: selector.into(),
            statistic: statistic.trim().into(),
            operator: rest[..rest.len() - limit.len()].into(),
            limit: limit.trim().parse().unwrap_or_else(|e| panic!("{condition}: {e}")),
        }
    }

    fn holds(&self, figure: f64) -> bool {
        match &*self.operator {
            "<" => figure < self.limit,
            ">" => figure > self.limit,
            "==" => figure == self.limit,
            other => panic!("no example uses {other}"),
        }
    }
}

/// What a run left behind.
struct Ran {
    code: Option<i32>,
    output: String,
    report: Value,
    server: Server,
    took: Duration,
}

fn run(example: &Example) -> Ran {
    // 10,000 tokens are issued at once; the queue is not what these tests wait for.
    let server = Server::spawn_thread(Settings { admissions_per_second: 50_000.0, ..Settings::default() });
    let server = server.expect("a free port");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{}.yml", example.plan));
    let plan = std::fs::read_to_string(&plan).unwrap_or_else(|e| panic!("{}: {e}", plan.display()));
    // Several runs share this machine: a busy generator must not keep them from their verdicts.
    assert!(!plan.contains("\ngate:"), "{}: add the guards to its gate", example.plan);
    let plan = format!("{plan}\ngate: {{ guards: {{ cpu: 100%, loopLag: 1m }} }}\n");
    std::fs::write(folder.path().join("loadgate.yml"), plan).expect("a plan");
    let report = folder.path().join("report.json");
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_loadgate"))
        .env_clear()
        .current_dir(folder.path())
        .arg("run")
        .args(["--target", &server.url(), "--scale-load", example.scale_load, "--scale-time", example.scale_time])
        .args(["--workers", "1", "--report", &format!("json={}", report.display())])
        .output()
        .expect("the binary starts");
    let took = started.elapsed();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    let json = std::fs::read(&report).unwrap_or_else(|e| panic!("{}: no report: {e}\n{printed}", example.plan));
    let report = serde_json::from_slice(&json).expect("JSON");
    Ran { code: output.status.code(), output: printed, report, server, took }
}

/// The item of a list with this value in a field.
#[track_caller]
fn item<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let found = list.as_array().and_then(|items| items.iter().find(|item| item[field] == value));
    found.unwrap_or_else(|| panic!("no {field} {value} in {list:#}"))
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

fn names<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().filter_map(|item| item[field].as_str()).collect()
}

fn judge(example: &Example, ran: &Ran) {
    let Example { plan, .. } = example;
    let report = &ran.report;
    assert_eq!(names(&report["requests"], "name"), example.requests, "{plan}: requests");
    for request in report["requests"].as_array().expect("a list") {
        assert!(count(&request["responses"]) > 0 && request["failed"] == 0, "{plan}: {request:#}");
    }
    assert_eq!(names(&report["checks"], "name"), example.checks, "{plan}: checks");
    for check in report["checks"].as_array().expect("a list") {
        assert!(count(&check["passed"]) > 0 && check["failed"] == 0, "{plan}: {check:#}");
    }
    for metric in example.metrics {
        has_good_samples(plan, item(&report["metrics"], "name", metric));
    }
    let dropped: u64 = report["scenarios"].as_array().expect("a list").iter().map(|s| count(&s["dropped"])).sum();
    assert_eq!(dropped > 0, example.drops, "{plan}: {dropped} iterations dropped");
    assert_verdict(example, ran);
}

/// `failed_requests` counts none, `data_integrity` all, and a trend has values.
fn has_good_samples(plan: &str, metric: &Value) {
    let name = metric["name"].as_str().expect("a name");
    match metric["kind"].as_str() {
        Some("rate") => {
            assert!(count(&metric["trues"]) + count(&metric["falses"]) > 0, "{plan}: {metric:#}");
            let good = if name == "data_integrity" { 1.0 } else { 0.0 };
            assert_eq!(metric["rate"].as_f64(), Some(good), "{plan}: {metric:#}");
        }
        Some("trend") => {
            assert!(metric["count"].as_u64().is_some_and(|count| count > 0), "{plan}: {metric:#}");
            assert!(metric["med"].as_f64().is_some_and(|median| median > 0.5), "{plan}: {metric:#}");
        }
        _ => panic!("{plan}: {metric:#}"),
    }
}

/// Every threshold is there with its limit and says what its figure says; the verdict is the one that follows. A throughput
/// can't be reached by so few users: its threshold may fail, no other one may.
fn assert_verdict(example: &Example, ran: &Ran) {
    let Example { plan, .. } = example;
    let expected: Vec<Limit> =
        example.thresholds.iter().map(|(selector, condition)| Limit::read(selector, condition)).collect();
    let judged = ran.report["thresholds"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let limits: Vec<Limit> =
        judged.iter().map(|t| Limit::read(&text(&t["selector"]), &text(&t["condition"]))).collect();
    assert_eq!(limits, expected, "{plan}");
    let mut all_hold = true;
    for (limit, threshold) in limits.iter().zip(judged) {
        assert_eq!(threshold["limit"].as_f64(), Some(limit.limit), "{plan}: {threshold:#}");
        let figure = threshold["figure"].as_f64().unwrap_or_else(|| panic!("{plan}: not measured: {threshold:#}"));
        let holds = limit.holds(figure);
        assert_eq!(threshold["passed"], holds, "{plan}: {threshold:#}");
        assert!(holds || limit.selector == "http_reqs", "{plan}: {threshold:#}\n{}", ran.output);
        all_hold &= holds;
    }
    let (verdict, code) = if all_hold { ("pass", 0) } else { ("fail", 1) };
    assert_eq!((&ran.report["verdict"], ran.code), (&verdict.into(), Some(code)), "{plan}: {}", ran.output);
}

#[test]
fn every_example_runs_against_the_demo_api() {
    let next = AtomicUsize::new(0);
    let ran: Mutex<Vec<(usize, Ran)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((index, example)) = EXAMPLES.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed))
                {
                    let finished = run(example);
                    ran.lock().expect("no thread panics with it").push((index, finished));
                }
            });
        }
    });
    let ran = ran.into_inner().expect("no thread panicked with it");
    assert_eq!(ran.len(), EXAMPLES.len());
    for (index, ran) in &ran {
        let example = &EXAMPLES[*index];
        println!("{} in {:.1} s: {}", example.plan, ran.took.as_secs_f64(), ran.report["headline"]);
        judge(example, ran);
        let audit = ran.server.audit();
        assert!(audit.is_sound(), "{}: {audit:?}", example.plan);
        assert_eq!(audit.reservations > 0, example.plan == "seat-reservation", "{}: {audit:?}", example.plan);
    }
}
