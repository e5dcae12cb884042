//! Checks, captures, records and submetrics.

use crate::measurement::IterationEnd;
use crate::measurement::{Ratio, Series};

use super::{World, plan};

#[tokio::test]
async fn a_failed_check_counts_and_the_iteration_goes_on() {
    let world = World::of(
        r#"
- get: /seats
  name: seats
  check:
    is 200: "status == 200"
    has ten seats: "body.seats|length == 10"
    nothing missing is small: "body.failures < 5"
    no error in it: "body.x|int == 0"
- get: /next
"#,
    )
    .await
    .complete()
    .await;
    let counts: Vec<_> = world.judged().checks.iter().map(|check| (check.trues, check.total)).collect();
    assert_eq!(counts, [(1, 1), (0, 1), (0, 1), (0, 1)]);
    assert_eq!(world.lines().len(), 2);
    insta::assert_snapshot!(world.failures().join("\n"), @r#"
    seats | check has ten seats | `body.seats|length == 10` does not hold
    seats | check nothing missing is small | `body.failures < 5` does not hold
    seats | check no error in it | `body.x|int == 0`: `body.x` is missing
    "#);
}

#[tokio::test]
async fn checks_passed_is_that_of_the_last_request() {
    let sections = "metrics: { bad: rate }";
    let steps = r#"
- get: /a
  check: { fails: "status == 1" }
  record: { bad: "not checks_passed" }
- get: /b
  check: { holds: "status == 200" }
  record: { bad: "not checks_passed" }
"#;
    let world = World::new(&plan(sections, steps)).await.complete().await;
    assert_eq!(world.judged().custom, [Series::Rate(Ratio { trues: 1, total: 2 })]);
}

#[tokio::test]
async fn captures_are_there_for_what_follows() {
    let world = World::of(
        r#"
- get: /seats
  capture: { seat: "body.seats[0]", via: "headers['X-Served-By']", type: headers.content_type }
- get: /seats/${seat.id}/${via}/${type|length}
"#,
    )
    .await
    .complete()
    .await;
    assert_eq!(world.lines()[1], "GET /seats/7/one/16");
}

#[tokio::test]
async fn a_capture_that_finds_nothing_fails_the_iteration() {
    for (path, from) in
        [("/seats", "body.token"), ("/status/200", "body.data"), ("/text", "body.token"), ("/x", "body|int")]
    {
        let steps = format!("- get: {path}\n  name: reserve\n  capture: {{ token: \"{from}\" }}\n- get: /after");
        let mut world = World::of(&steps).await;
        let reason = "reserve: capture token found nothing";
        assert_eq!(world.iterate().await, IterationEnd::Failed(reason.into()), "{path}");
        assert_eq!(world.lines().len(), 1);
        assert_eq!(world.evidence.entries()[0].class, "capture token");
    }
}

#[tokio::test]
async fn an_optional_capture_that_finds_nothing_leaves_no_earlier_value() {
    let world = World::of(
        r#"
- get: /seats
  capture: { seat: { from: "body.seats[0]", optional: true } }
- get: /status/200
  capture: { seat: { from: "body.data", optional: true } }
- if: seat is defined
  then: [{ get: /wrong }]
  else: [{ get: /right }]
"#,
    )
    .await
    .complete()
    .await;
    assert_eq!(world.lines()[2], "GET /right");
}

#[tokio::test]
async fn text_and_bodies_that_are_no_json() {
    let world = World::of(
        r#"
- get: /text
  check:
    text: "text == 'plain, no JSON'"
    no body: "body is undefined"
    timings: "timings.duration >= timings.waiting and timings.waiting > 0"
- get: /status/404
  expect: [404]
  check: { body: "body.code == '404'", status: "status == 404" }
"#,
    )
    .await
    .complete()
    .await;
    assert!(world.judged().checks.iter().all(|check| check.trues == 1), "{:?}", world.failures());
}

#[tokio::test]
async fn samples_of_the_plans_own_metrics() {
    let sections = "metrics: { integrity: rate, seats: gauge, price: trend, sold: counter }";
    let steps = r#"
- get: /seats
  name: seats
  record:
    integrity: { when: "status == 200", value: "body.seats|length == 1 and (body.missing or true)" }
    sold: { when: "status == 500", value: "1" }
    seats: "body.seats|length"
    price: "timings.duration"
- record: { integrity: "body.missing.x == 1", sold: "2", price: "body.missing" }
- record: { sold: "3.5", price: "-1", seats: "'many'" }
"#;
    let world = World::new(&plan(sections, steps)).await.complete().await;
    let tally = world.judged();
    assert_eq!(tally.custom[0], Series::Rate(Ratio { trues: 1, total: 2 }));
    assert!(matches!(&tally.custom[1], Series::Gauge(gauge) if gauge.last == Some(1.0)));
    assert!(matches!(&tally.custom[2], Series::Trend(trend) if trend.count() == 1));
    assert_eq!(tally.custom[3], Series::Counter { sum: 5.5, samples: 2 });
    insta::assert_snapshot!(world.failures().join("\n"), @r#"
    record | record price | `body.missing` found nothing
    record | record price | -1 can't be recorded: a metric takes finite numbers, and a trend takes those from 0 to 10^12
    record | record seats | `'many'` is a string, no number
    "#);
}

#[tokio::test]
async fn submetrics_get_the_samples_with_their_tags() {
    let sections = r#"
thresholds:
  "http_reqs{status:200}": ["count>0"]
  "http_reqs{status:404}": ["count>0"]
  "http_reqs{name:a}": ["count>0"]
  "http_reqs{name:a,status:404}": ["count>0"]
  "http_req_failed{expected_response:false}": ["rate>0"]
  "http_reqs{error:timeout}": ["count>0"]
  "http_reqs{seat:7}": ["count>0"]
  "checks{seat:8}": ["rate>0"]
  "group_duration{group:::shop}": ["max>0"]
"#;
    let steps = r#"
- let: { seat: 7 }
- group: shop
  steps:
    - get: /x
      name: a
      tags: { seat: "${seat}" }
      check: { ok: "status == 200" }
    - get: /status/404
      name: b
      tags: { seat: "${body.seats[0].id + 1}" }
      check: { ok: "status == 200" }
    - get: /never
      name: c
      timeout: 50ms
"#;
    let world = World::new(&plan(sections, steps)).await.complete().await;
    let tally = world.judged();
    let count = |selector: &str| {
        let index = world.plan.submetrics.iter().position(|known| known.to_string() == selector).expect(selector);
        match &tally.submetrics[index] {
            Series::Counter { samples, .. } => *samples,
            Series::Rate(ratio) => ratio.total,
            Series::Trend(trend) => trend.count(),
            Series::Gauge(_) => unreachable!(),
        }
    };
    for (selector, expected) in [
        ("http_reqs{status:200}", 1),
        ("http_reqs{status:404}", 1),
        ("http_reqs{name:a}", 1),
        ("http_reqs{name:a,status:404}", 0),
        ("http_req_failed{expected_response:false}", 2),
        ("http_reqs{error:timeout}", 1),
        ("http_reqs{seat:7}", 1),
        ("checks{seat:8}", 1),
        ("group_duration{group:::shop}", 1),
    ] {
        assert_eq!(count(selector), expected, "{selector}");
    }
    assert_eq!(tally.groups[0].count(), 1);
}
