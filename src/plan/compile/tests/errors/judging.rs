//! Loads that can't be run, and judgements that can't be made.

use super::super::{BASE, errors, with_load};

#[test]
fn impossible_loads() {
    for (load, problem) in [
        ("executor: constant-vus, vus: 0, duration: 1m", "0 virtual users make no load"),
        ("executor: constant-vus, vus: -1, duration: 1m", "`-1` is not a whole number of at least 0"),
        ("executor: constant-vus, vus: 1.5, duration: 1m", "`1.5` is not a whole number of at least 0"),
        ("executor: constant-vus, vus: 99999999, duration: 1m", "99999999 virtual users are too many"),
        ("executor: constant-vus", "`duration` is missing"),
        ("executor: constant-vus, duration: 0s", "a load of no duration begins nothing"),
        ("executor: ramping-vus", "`stages` is missing"),
        ("executor: ramping-vus, stages: []", "these stages take no time"),
        ("executor: ramping-vus, stages: [{ duration: 0s, target: 5 }]", "these stages take no time"),
        ("executor: ramping-vus, startVUs: 0, stages: [{ duration: 1m, target: 0 }]", "0 virtual users make no load"),
        ("executor: ramping-vus, stages: [{ duration: 1m }]", "`target` is missing"),
        ("executor: per-vu-iterations, iterations: 0", "0 iterations make no load"),
        ("executor: per-vu-iterations, maxDuration: 0s", "a load of no duration begins nothing"),
        ("executor: per-vu-iterations, rate: 5", "per-vu-iterations has no `rate`"),
        ("executor: shared-iterations, vus: 9, iterations: 8", "8 iterations are too few for 9 virtual users"),
        ("executor: constant-arrival-rate, duration: 1m, preAllocatedVUs: 1", "`rate` is missing"),
        ("executor: constant-arrival-rate, rate: 1, duration: 1m", "`preAllocatedVUs` is missing"),
        ("executor: constant-arrival-rate, rate: 0, duration: 1m, preAllocatedVUs: 1", "a rate of 0 or less"),
        ("executor: constant-arrival-rate, rate: -3, duration: 1m, preAllocatedVUs: 1", "a rate of 0 or less"),
        ("executor: constant-arrival-rate, rate: .inf, duration: 1m, preAllocatedVUs: 1", "`.inf` is not a number"),
        (
            "executor: constant-arrival-rate, rate: 1, timeUnit: 0s, duration: 1m, preAllocatedVUs: 1",
            "a rate can't be per no time",
        ),
        (
            "executor: constant-arrival-rate, rate: 1, duration: 1m, preAllocatedVUs: 5, maxVUs: 4",
            "preAllocatedVUs (5) is more than maxVUs (4)",
        ),
        ("executor: constant-arrival-rate, rate: 1, duration: 1m, preAllocatedVUs: 0", "0 virtual users make no load"),
        (
            "executor: ramping-arrival-rate, startRate: -1, stages: [{ duration: 1m, target: 1 }], preAllocatedVUs: 1",
            "a rate can't be negative",
        ),
        (
            "executor: ramping-arrival-rate, stages: [{ duration: 1m, target: 0 }], preAllocatedVUs: 1",
            "a rate of 0 begins nothing",
        ),
        ("vus: 1", "`executor` is missing"),
        ("executor: constant-vus, duration: 1m, steps: [{ get: / }]", "`flow` and `steps` are both there"),
        ("executor: constant-vus, duration: 1m, startTime: -1s", "`-1s` is not a duration"),
    ] {
        let shown = errors(&with_load(load));
        assert!(shown.contains(problem), "{load}: {shown}");
        assert!(shown.ends_with("1 error"), "{load}: {shown}");
        assert!(shown.starts_with("loadgate.yml:7:"), "{load}: {shown}");
    }
}

#[test]
fn thresholds_are_on_what_can_be_measured() {
    let text = "\
version: 1
name: shop
metrics: { seats: trend, sold: { type: counter } }
scenarios:
  main:
    executor: constant-vus
    duration: 1m
    tags: { team: red }
    steps:
      - group: buy
        steps:
          - get: /seats
            name: available-seats
            tags: { tenant: '${vu}' }
            check: { ok: status == 200 }
            record: { seats: body.count, sold: '1' }
thresholds:
  http_req_durations: ['p(95)<300']
  'http_req_duration{name:availible-seats}': ['p(95)<300']
  'http_req_duration{nam:available-seats}': ['p(95)<300']
  'http_req_duration{url:/seats}': ['p(95)<300']
  'http_req_duration{name:available-seats': ['p(95)<300']
  'http_reqs{name:available-seats,status:200,tenant:7,team:red,scenario:main,method:GET,group:::buy}': count>5
  'checks{check:ok,group:buy}': ['rate>0.9']
  'checks{check:no}': ['rate>0.9']
  'vus{scenario:main}': ['value<9']
  'seats{name:available-seats}': ['avg<1', 'count<1']
  sold: ['rate>1', 'p95<1']
  http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
  iterations: ['p(95)<1']
  'group_duration{group:::buy}': ['p(95)<1', 'avg<']
";
    insta::assert_snapshot!(errors(text), @r#"
    loadgate.yml:18:3: thresholds.http_req_durations: there is no metric `http_req_durations`
     18 |   http_req_durations: ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^
      help: did you mean `http_req_duration`?

    loadgate.yml:19:3: thresholds["http_req_duration{name:availible-seats}"]: no sample of http_req_duration carries `name:availible-seats`
     19 |   'http_req_duration{name:availible-seats}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `available-seats`?

    loadgate.yml:20:3: thresholds["http_req_duration{nam:available-seats}"]: no sample of http_req_duration carries the tag `nam`
     20 |   'http_req_duration{nam:available-seats}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `name`?

    loadgate.yml:21:3: thresholds["http_req_duration{url:/seats}"]: no sample of http_req_duration carries the tag `url`
     21 |   'http_req_duration{url:/seats}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: a URL is no tag: name the request and write {name:…}

    loadgate.yml:22:22: thresholds["http_req_duration{name:available-seats"]: the brace of the tags is not closed
     22 |   'http_req_duration{name:available-seats': ['p(95)<300']
        |                      ^
      help: write `}` after the last

    loadgate.yml:25:3: thresholds["checks{check:no}"]: no sample of checks carries `check:no`
     25 |   'checks{check:no}': ['rate>0.9']
        |   ^^^^^^^^^^^^^^^^^^
      help: known here: `ok`

    loadgate.yml:26:3: thresholds["vus{scenario:main}"]: samples of vus carry no tags
     26 |   'vus{scenario:main}': ['value<9']
        |   ^^^^^^^^^^^^^^^^^^^^
      help: write `vus` alone

    loadgate.yml:27:44: thresholds["seats{name:available-seats}"][1]: seats is a trend and has no count
     27 |   'seats{name:available-seats}': ['avg<1', 'count<1']
        |                                            ^^^^^^^^^
      help: it has `avg`, `min`, `max`, `med`, `p(95)`

    loadgate.yml:28:21: thresholds.sold[1]: unknown aggregation `p95`
     28 |   sold: ['rate>1', 'p95<1']
        |                     ^
      help: write p(95)

    loadgate.yml:29:40: thresholds.http_req_failed[0].threshold: `1%` is no plain number
     29 |   http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
        |                                        ^
      help: a share is 0 to 1: write 0.01

    loadgate.yml:29:45: thresholds.http_req_failed[0].delayAbortEval: `delayAbortEval` delays nothing here
     29 |   http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
        |                                             ^^^^^^^^^^^^^^
      help: write `abortOnFail: true`, or leave it out

    loadgate.yml:29:67: thresholds.http_req_failed[1]: `threshold` is missing
     29 |   http_req_failed: [{ threshold: 'rate<1%', delayAbortEval: 1s }, { abortOnFail: true }]
        |                                                                   ^
      help: write a condition such as `threshold: "p(95)<300"`

    loadgate.yml:30:16: thresholds.iterations[0]: iterations is a counter and has no p(95)
     30 |   iterations: ['p(95)<1']
        |                ^^^^^^^^^
      help: it has `count`, `rate`

    loadgate.yml:31:46: thresholds["group_duration{group:::buy}"][1]: the number to compare with is missing here
     31 |   'group_duration{group:::buy}': ['p(95)<1', 'avg<']
        |                                              ^^^^^^
      help: write p(95)<300, say

    loadgate.yml: 14 errors
    "#);
}

#[test]
fn tags_that_nothing_carries_are_found_when_all_else_is_right() {
    let text = format!(
        "{BASE}\
metrics: {{ seats: trend }}
thresholds:
  'http_req_duration{{name:GET /board}}': ['p(95)<300']
  'http_req_duration{{nam:x}}': ['p(95)<300']
  'http_req_duration{{url:/boards}}': ['p(95)<300']
  'http_req_duration{{method:GET,status:200}}': ['p(95)<300']
  'checks{{check:ok}}': ['rate>0.9']
  'vus{{scenario:main}}': ['value<9']
  'seats{{name:x}}': ['avg<9']
"
    );
    insta::assert_snapshot!(errors(&text), @r#"
    loadgate.yml:10:3: thresholds["http_req_duration{name:GET /board}"]: no sample of http_req_duration carries `name:GET /board`
     10 |   'http_req_duration{name:GET /board}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `GET /boards`?

    loadgate.yml:11:3: thresholds["http_req_duration{nam:x}"]: no sample of http_req_duration carries the tag `nam`
     11 |   'http_req_duration{nam:x}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: did you mean `name`?

    loadgate.yml:12:3: thresholds["http_req_duration{url:/boards}"]: no sample of http_req_duration carries the tag `url`
     12 |   'http_req_duration{url:/boards}': ['p(95)<300']
        |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: a URL is no tag: name the request and write {name:…}

    loadgate.yml:14:3: thresholds["checks{check:ok}"]: no scenario makes a sample of checks
     14 |   'checks{check:ok}': ['rate>0.9']
        |   ^^^^^^^^^^^^^^^^^^
      help: setup and teardown are judged by nothing

    loadgate.yml:15:3: thresholds["vus{scenario:main}"]: samples of vus carry no tags
     15 |   'vus{scenario:main}': ['value<9']
        |   ^^^^^^^^^^^^^^^^^^^^
      help: write `vus` alone

    loadgate.yml:16:3: thresholds["seats{name:x}"]: no scenario makes a sample of seats
     16 |   'seats{name:x}': ['avg<9']
        |   ^^^^^^^^^^^^^^^
      help: setup and teardown are judged by nothing

    loadgate.yml: 6 errors
    "#);
}

#[test]
fn the_gate() {
    let text = format!(
        "{BASE}\
gate:
  judge: {{ from: 8s, to: 20s }}
  warmup: {{ max: 60 }}
  regression: {{ requests: [GET /board], tolerance: 5%, floor: 1ms, failureTolerance: 200% }}
  baseline: {{ min: 2 }}
  inconclusive: ignore
"
    );
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:9:26: gate.judge.to: the schedule ends after 10s, before the judged phase does
     9 |   judge: { from: 8s, to: 20s }
       |                          ^^^
      help: write at most `to: 10s`

    loadgate.yml:10:18: gate.warmup.max: `60` is not a duration
     10 |   warmup: { max: 60 }
        |                  ^^
      help: a duration has a unit: 60s or 60ms

    loadgate.yml:11:28: gate.regression.requests[0]: no scenario has a request `GET /board`
     11 |   regression: { requests: [GET /board], tolerance: 5%, floor: 1ms, failureTolerance: 200% }
        |                            ^^^^^^^^^^
      help: did you mean `GET /boards`?

    loadgate.yml:11:86: gate.regression.failureTolerance: `200%` is not a share
     11 |   regression: { requests: [GET /board], tolerance: 5%, floor: 1ms, failureTolerance: 200% }
        |                                                                                      ^^^^
      help: write a share such as 10% or 0.1

    loadgate.yml:12:20: gate.baseline.min: 2 runs are too few to compare with
     12 |   baseline: { min: 2 }
        |                    ^
      help: write at least 5: the noise between runs can't be known from fewer

    loadgate.yml:13:17: gate.inconclusive: `ignore` is not a word for inconclusive runs
     13 |   inconclusive: ignore
        |                 ^^^^^^
      help: write one of `warn`, `fail`

    loadgate.yml: 6 errors
    ");
}

/// A counter is 0 without a sample, so that `count<1` would hold whatever happens.
#[test]
fn a_threshold_on_what_no_step_measures() {
    let text = format!(
        "{BASE}metrics: {{ sold: counter }}\nthresholds: {{ checks: rate>0.9, sold: count<1, http_reqs: count>1 }}\n"
    );
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:9:15: thresholds.checks: no step of a scenario makes a sample of `checks`
     9 | thresholds: { checks: rate>0.9, sold: count<1, http_reqs: count>1 }
       |               ^^^^^^
      help: write a `check` at a request, or leave the threshold out; setup and teardown are judged by nothing

    loadgate.yml:9:33: thresholds.sold: no step of a scenario makes a sample of `sold`
     9 | thresholds: { checks: rate>0.9, sold: count<1, http_reqs: count>1 }
       |                                 ^^^^
      help: write a `record`, or leave the threshold out; setup and teardown are judged by nothing

    loadgate.yml: 2 errors
    ");
}

#[test]
fn a_reference_that_takes_turns_needs_a_clock() {
    let text = format!("{BASE}reference: {{ shares: [database], mode: alternating }}\n");
    insta::assert_snapshot!(errors(&text), @r"
    loadgate.yml:8:40: reference.mode: the scenario `main` is constant-vus, which can't alternate
     8 | reference: { shares: [database], mode: alternating }
       |                                        ^^^^^^^^^^^
      help: write `mode: parallel`, or use constant-arrival-rate or ramping-arrival-rate in every scenario

    loadgate.yml: 1 error
    ");
}

/// What the load touches can't show what is not the deployment's doing.
#[test]
fn a_control_that_is_none() {
    let target = "target: { url: 'https://shop.example', allowedHosts: ['auth.example:8443'] }\n";
    for (control, problem) in [
        ("every: 1s", "`get` is missing"),
        ("get: /ping", "`/ping` is no URL of http or https"),
        ("get: 'ftp://status.example/'", "is no URL of http or https"),
        ("get: 'status.example/ping'", "is no URL of http or https"),
        ("get: 'https://${env.HOST}/'", "the control's URL can't hold a template"),
        ("get: 'https://user:secret@status.example/'", "user name and password don't belong in this URL"),
        ("get: 'https://shop.example/ping'", "is on the target's own host, so it can't show"),
        ("get: 'http://SHOP.example:8080/ping'", "is on the target's own host, so it can't show"),
        ("get: 'https://auth.example/ping'", "is on a host of `target.allowedHosts`, so it can't show"),
        ("get: 'https://status.example/', every: 10ms", "10ms is too short for the control"),
        ("get: 'https://status.example/', timeout: 0s", "0s is too short for the control"),
        ("get: 'https://status.example/', rate: 5", "unknown key `rate`"),
    ] {
        let shown = errors(&format!("{BASE}{target}gate: {{ control: {{ {control} }} }}\n"));
        assert!(shown.contains(problem), "{control}: {shown}");
        assert!(shown.ends_with("1 error"), "{control}: {shown}");
    }
    let control = "gate: { control: { get: 'https://status.example/ping' } }\n";
    let shown = errors(&format!("{}{control}", BASE.replace("get: /boards", "{ get: /boards, name: control }")));
    assert!(shown.contains("a request of this plan has the name `control`"), "{shown}");
    let shown = errors(&format!("{}{control}", BASE.replace("  main:", "  control:")));
    assert!(shown.contains("a scenario of this plan has the name `control`"), "{shown}");
    let on_control = "thresholds: { 'http_req_duration{name:control}': ['p(95)<300'] }\n";
    let shown = errors(&format!("{BASE}{control}{on_control}"));
    assert!(shown.contains("no sample of http_req_duration carries `name:control`"), "{shown}");
}
